/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Names of TAPs: in a pattern the first %d is the domain, the second the vif. */
#ifndef TAPNAME_H
#define TAPNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void tap_name(char *name, size_t cap, const char *pattern, unsigned domid,
	      uint32_t handle);

/* Whether no two vifs have the same name by this pattern. */
bool tap_name_tells(const char *pattern);

/* Of which vif this is the name, if it is one of such a pattern's. */
bool tap_name_read(const char *name, const char *pattern, unsigned *domid,
		   uint32_t *handle);

#endif
