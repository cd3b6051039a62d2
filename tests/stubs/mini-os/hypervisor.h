/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Hypercalls, and the masks of ports. */
#ifndef STUB_MINI_OS_HYPERVISOR_H
#define STUB_MINI_OS_HYPERVISOR_H

#include <stdint.h>

int HYPERVISOR_grant_table_op(unsigned cmd, void *op, unsigned count);
void mask_evtchn(uint32_t port);
void unmask_evtchn(uint32_t port);

#endif
