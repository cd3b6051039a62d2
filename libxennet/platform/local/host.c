/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/platform/local.h>

static int fd(void *p)
{
	return xennet_local_fd(p);
}

static int event(void *p, char *path, size_t cap)
{
	return xennet_local_event(p, path, cap);
}

static int evtchn_fd(void *p, uint32_t port)
{
	return xennet_local_evtchn_fd(p, port);
}

static int list(void *p, const char *path, char *names, size_t cap)
{
	return xennet_local_list(p, path, names, cap);
}

static void held(void *p, struct xennet_held *held)
{
	struct xennet_local_stats s;

	xennet_local_stats(p, &s);
	*held = (struct xennet_held){ .shared = s.grants,
				      .mapped = s.mapped,
				      .kept = s.quarantined,
				      .ports = s.ports };
}

static void end(void *p)
{
	xennet_local_leave(p);
}

static const struct xennet_host_ops ops = { fd,	  event, evtchn_fd,
					    list, held,	 end };

struct xennet_host xennet_local_host(struct xennet_local *p)
{
	return (struct xennet_host){ .ops = &ops,
				     .p = p,
				     .platform = xennet_local_platform(p),
				     .domid = xennet_local_domid(p) };
}
