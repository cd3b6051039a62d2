/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What of Mini-OS the platform uses, played by minios.c over the fake. */
#ifndef STUB_MINI_OS_OS_H
#define STUB_MINI_OS_OS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>

#include <mini-os/hypervisor.h>

#endif
