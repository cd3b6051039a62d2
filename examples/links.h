/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* News of network interfaces, from the kernel. */
#ifndef LINKS_H
#define LINKS_H

#include <net/if.h>

/* A descriptor to wait for, or -errno. */
int links_open(void);

/* 1: something about the interface of this name is new, or, where it is empty,
 * about any. 0: no more news. */
int links_next(int fd, char name[IFNAMSIZ]);

#endif
