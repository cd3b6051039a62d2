/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "notify.h"

#include "internal.h"

XENNET_COLD int xennet_peek(struct xennet_ring *r)
{
	return xennet_ring_peek(r);
}

XENNET_COLD int xennet_arm(struct xennet_ring *r, uint32_t ahead)
{
	return xennet_ring_arm(r, ahead);
}

XENNET_COLD void xennet_attach_front(struct xennet_ring *r, void *pages,
				     const struct xennet_ring_shape *shape)
{
	xennet_ring_front(r, pages, shape);
}

XENNET_COLD int xennet_attach_back(struct xennet_ring *r, void *pages,
				   const struct xennet_ring_shape *shape)
{
	return xennet_ring_back(r, pages, shape);
}

/* What it takes to sleep and be woken, about, on whatever platform. */
#define WAKE_NS 5000u

/* Without a message for so long, polling ends. */
#define SPIN_NS 20000u

/* The load is judged after so many messages, or so many of the policy's
 * sleeps. */
#define PERIOD_MESSAGES 64u
#define PERIOD_SLEEPS 8u

/* More is done when so many periods in turn ask for it; and after polling for
 * nothing, so many. */
#define PATIENCE 2u
#define PATIENCE_LONG 16u

static void disarm(const struct xennet_awaited *a)
{
	xennet_ring_disarm(a->ring);
	if (a->wanting)
		xennet_ring_disarm(a->room);
}

void xennet_notify_set(struct xennet_notifier *n,
		       const struct xennet_awaited *a,
		       const struct xennet_policy *policy,
		       const struct xennet_platform *p)
{
	memset(n, 0, sizeof(*n));
	n->policy = *policy;
	if (!n->policy.ahead)
		n->policy.ahead = XENNET_POLICY_AHEAD;
	if (!n->policy.usec)
		n->policy.usec = XENNET_POLICY_USEC;
	if (policy->mode == XENNET_NOTIFY_ADAPT && !p->ops->clock)
		n->policy.mode = XENNET_NOTIFY_EXACT;
	if (n->policy.mode != XENNET_NOTIFY_ADAPT)
		n->now = n->policy.mode;
	n->patience = PATIENCE;
	xennet_ring_disarm(a->ring);
	xennet_ring_disarm(a->room);
}

/*
 * What suits messages that come so often. One that comes before we would have
 * slept is best waited for; if several come in the time that the policy allows
 * to sleep, one wake-up does for all. The limits are twice as wide for what is
 * done already, or a load near one of them would go back and forth.
 */
static enum xennet_notify_mode suits(const struct xennet_notifier *n,
				     uint64_t ns, uint32_t messages)
{
	uint64_t wake = (uint64_t)messages * WAKE_NS;
	uint64_t sleep = (uint64_t)messages * n->policy.usec * 500;

	if (ns < (n->now == XENNET_NOTIFY_POLL ? 2 * wake : wake))
		return XENNET_NOTIFY_POLL;
	if (ns < (n->now == XENNET_NOTIFY_EXACT ? sleep : 2 * sleep))
		return XENNET_NOTIFY_MODERATE;
	return XENNET_NOTIFY_EXACT;
}

/* Less is done at once, more when it is asked for repeatedly. */
static void follow(struct xennet_notifier *n, enum xennet_notify_mode to)
{
	if (to <= n->now) {
		if (to < n->now || n->patience < PATIENCE)
			n->patience = PATIENCE;
		n->now = to;
	} else if (--n->patience == 0) {
		n->patience = PATIENCE;
		n->now = to;
	}
}

static void adapt(struct xennet_notifier *n, uint32_t seen, uint64_t now)
{
	uint32_t messages = seen - n->counted;
	uint64_t ns = now - n->since;

	if (seen != n->at)
		n->last = now;
	if (n->now == XENNET_NOTIFY_POLL && now - n->last > SPIN_NS) {
		n->now = XENNET_NOTIFY_MODERATE;
		n->patience = PATIENCE_LONG;
	} else if (messages >= PERIOD_MESSAGES ||
		   ns >= (uint64_t)n->policy.usec * 1000 * PERIOD_SLEEPS) {
		follow(n, suits(n, ns, messages));
	} else {
		return;
	}
	n->counted = seen;
	n->since = now;
}

/* How many messages further on: no more than half of what can come, for the
 * peer may have reasons to pause, and half a ring keeps it busy. */
static uint32_t ahead(const struct xennet_ring *r, uint32_t wanted)
{
	uint32_t half = xennet_ring_reach(r) / 2;

	if (wanted > half)
		wanted = half;
	return wanted ? wanted : 1;
}

/* Asks on the rings that matter; what ring.h's arm says of both. */
static int ask(const struct xennet_awaited *a, uint32_t messages, uint32_t room,
	       struct xennet_stats *s)
{
	int n = xennet_arm(a->ring, ahead(a->ring, messages));
	int more = 0;

	s->notify_asked++;
	if (n >= 0 && a->wanting) {
		more = xennet_arm(a->room, ahead(a->room, room));
		s->notify_asked++;
	}
	if (n < 0 || more < 0)
		return n < 0 ? n : more;
	return n > 0 || more > 0;
}

void xennet_publish_now(const struct xennet_platform *p, struct xennet_ring *r,
			uint32_t port, struct xennet_stats *s, bool lazily)
{
	if (lazily ? xennet_ring_push_lazily(r) : xennet_ring_push(r))
		xennet_notify(p, port, s);
	else
		s->notify_spared++;
}

XENNET_COLD void xennet_settle(const struct xennet_platform *p,
			       struct xennet_ring *r, uint32_t port,
			       struct xennet_stats *s)
{
	if (xennet_ring_settle(r))
		xennet_notify(p, port, s);
}

XENNET_COLD int xennet_notify_arm(struct xennet_notifier *n,
				  const struct xennet_awaited *a,
				  const struct xennet_platform *p,
				  struct xennet_stats *s)
{
	uint32_t seen = a->ring->seen + a->room->seen;
	bool came = seen != n->at, several;
	int found;

	if (n->policy.mode == XENNET_NOTIFY_ADAPT)
		adapt(n, seen, p->ops->clock(p->ctx));
	n->at = seen;
	if (n->now == XENNET_NOTIFY_POLL)
		return 1;
	/* after a sleep in which nothing came, the next message wakes us, and
	 * until then nothing does */
	several = n->now == XENNET_NOTIFY_MODERATE && came;
	n->usec = several ? n->policy.usec : 0;
	found = several ? ask(a, n->policy.ahead, a->room->size, s)
			: ask(a, 1, 1, s);
	if (found > 0)
		disarm(a);
	return found;
}

/*
 * A port of two costs a system call to look at. So the one alone whose event
 * must have come; and both, if that has not: one of them woke us, or neither,
 * and none may stay masked.
 */
void xennet_notify_wake(const struct xennet_awaited *a,
			const struct xennet_platform *p, bool *progress,
			struct xennet_stats *s)
{
	bool due = xennet_ring_due(a->ring);
	bool room_due = a->wanting && xennet_ring_due(a->room);
	bool two = a->room_port != a->port, idle = !*progress, came = false;

	s->woken++;
	s->woken_idle += idle;
	/* something else woke us: what was asked for is needless now */
	if (!due)
		xennet_ring_disarm(a->ring);
	if (a->wanting && !room_due)
		xennet_ring_disarm(a->room);
	if (two && room_due)
		came = p->ops->evtchn_rearm(p->ctx, a->room_port, idle) == 1;
	if (due || !came)
		came |= p->ops->evtchn_rearm(p->ctx, a->port, idle) == 1;
	if (two && !room_due && !came)
		came = p->ops->evtchn_rearm(p->ctx, a->room_port, idle) == 1;
	*progress = !came;
}
