/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/platform/xen.h>

static int fd(void *p)
{
	return xennet_xen_fd(p);
}

static int event(void *p, char *path, size_t cap)
{
	return xennet_xen_event(p, path, cap);
}

static int evtchn_fd(void *p, uint32_t port)
{
	return xennet_xen_evtchn_fd(p, port);
}

static int list(void *p, const char *path, char *names, size_t cap)
{
	return xennet_xen_list(p, path, names, cap);
}

static void held(void *p, struct xennet_held *held)
{
	struct xennet_xen_stats s;

	xennet_xen_stats(p, &s);
	*held = (struct xennet_held){ .shared = s.shared,
				      .mapped = s.mapped,
				      .ports = s.ports };
}

static void end(void *p)
{
	xennet_xen_close(p);
}

static const struct xennet_host_ops ops = { fd,	  event, evtchn_fd,
					    list, held,	 end };

struct xennet_host xennet_xen_host(struct xennet_xen *p)
{
	return (struct xennet_host){ .ops = &ops,
				     .p = p,
				     .platform = xennet_xen_platform(p),
				     .domid = xennet_xen_domid(p) };
}
