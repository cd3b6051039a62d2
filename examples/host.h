/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The platform that the command line names. */
#ifndef HOST_H
#define HOST_H

#include <xennet/platform/host.h>
#include "options.h"

/* Each: 0 or -XENNET_E*; host_text then says why, for a line of the log. On
 * Xen nothing more will come of it; locally there may be a backend later. */
int host_open_back(struct xennet_host *h, const struct options *o);
int host_open_front(struct xennet_host *h, const struct options *o);

const char *host_text(const struct options *o, int err);

#endif
