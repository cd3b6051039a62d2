/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Grants of ours. */
#ifndef STUB_MINI_OS_GNTTAB_H
#define STUB_MINI_OS_GNTTAB_H

#include <xen/xen.h>
#include <xen/grant_table.h>

/* Waits for ever when there is none. */
grant_ref_t gnttab_grant_access(domid_t domid, unsigned long frame,
				int readonly);
/* 0: it is in use. */
int gnttab_end_access(grant_ref_t ref);

#endif
