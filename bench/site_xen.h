/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Site's functions on Xen; where it is not built in, each is a failure. */
#ifndef SITE_XEN_H
#define SITE_XEN_H

#include "site.h"

int site_xen_begin(struct site *s, const struct bench_opts *o, unsigned pages);
int site_xen_plug(const struct site *s, unsigned n);
void site_xen_unplug(const struct site *s, unsigned n);
int site_xen_back(struct xennet_host *h);
int site_xen_front(struct xennet_host *h);
void site_xen_calls(const struct xennet_host *h, struct site_calls *c);

#endif
