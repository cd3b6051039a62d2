/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "explain.h"

#include <stdio.h>
#include "program.h"

static const char *ways(const struct xennet_explained *e)
{
	switch (e->agreed) {
	case 0:
		return "off";
	case XENNET_FROM_GUEST:
		return "on from the guest alone";
	case XENNET_TO_GUEST:
		return "on to the guest alone";
	default:
		return "on";
	}
}

static void explain_line(void *arg, const struct xennet_explained *e)
{
	const char *vif = arg;

	if (e->counted)
		say("%s: %s: offered %u, asked %u, agreed %u (%s)", vif,
		    e->feature, e->offered, e->asked, e->agreed, e->instead);
	else
		say("%s: %s: offered %u, asked %u, %s%s%s%s%s", vif, e->feature,
		    e->offered, e->asked, ways(e), e->why ? ": " : "",
		    e->why ? e->why : "", e->instead ? "; " : "",
		    e->instead ? e->instead : "");
}

static void explain_by_cost(const char *vif, const char *ring,
			    uint32_t map_from)
{
	if (map_from >= XENNET_COST_NEVER)
		say("%s: strategy: %s by cost: every slot is copied, to map a "
		    "page costs more",
		    vif, ring);
	else
		say("%s: strategy: %s by cost: slots below %u bytes are "
		    "copied, pages of others mapped",
		    vif, ring, map_from);
}

static void explain_strategy(const char *vif, const struct xennet_back *b)
{
	static const char *const names[] = { "copy", "map", "persistent" };
	enum xennet_strategy wanted = b->config.tx;
	const struct xennet_back_queue *q = b->queue;

	if (q->tx.strategy == XENNET_BY_COST) {
		explain_by_cost(vif, "tx", q->tx.map_from);
		explain_by_cost(vif, "rx", q->rx.map_from);
		return;
	}
	if (wanted == XENNET_BY_COST) {
		say("%s: strategy: tx and rx persistent, which costs least at "
		    "every size",
		    vif);
		return;
	}
	say("%s: strategy: tx %s, rx %s%s", vif, names[q->tx.strategy],
	    names[q->rx.strategy],
	    q->tx.strategy == wanted ? ", as asked for"
				     : ", since grants are not persistent");
}

static void explain_break_even(const struct xennet_costs *c, const char *pages,
			       uint32_t map)
{
	uint32_t tx = xennet_cost_map_from(c, map, 0);
	uint32_t rx = xennet_cost_map_from(c, map, c->memcpy_page);

	if (tx >= XENNET_COST_NEVER)
		say("costs: to map pages %s pays at no size", pages);
	else if (rx >= XENNET_COST_NEVER)
		say("costs: to map pages %s pays from %u bytes on in tx, never "
		    "in rx",
		    pages, tx);
	else
		say("costs: to map pages %s pays from %u bytes on in tx, from "
		    "%u in rx",
		    pages, tx, rx);
}

void explain_costs(const struct xennet_costs *c)
{
	say("costs: ns each: copy of %u bytes %u, of a page %u; map, look and "
	    "unmap %u beside each other, %u scattered; memcpy of a page %u",
	    XENNET_COST_FEW, c->copy_few, c->copy_page, c->map, c->scattered,
	    c->memcpy_page);
	explain_break_even(c, "beside each other", c->map);
	explain_break_even(c, "that are scattered", c->scattered);
}

void explain_back(const char *vif, const struct xennet_back *b)
{
	xennet_back_explain(b, explain_line, (void *)(uintptr_t)vif);
	explain_strategy(vif, b);
	if (!b->rate.slice)
		say("%s: rate: unlimited", vif);
	else
		say("%s: rate: %u bytes in %u us for each queue", vif,
		    b->rate.bytes,
		    (unsigned)((uint64_t)b->rate.slice * 1024 / 1000));
	say("%s: mtu: %u", vif, b->mtu);
	say("%s: carrier: %s", vif, b->carrier ? "up" : "down");
}

void explain_front(const char *vif, const struct xennet_front *f)
{
	xennet_front_explain(f, explain_line, (void *)(uintptr_t)vif);
	say("%s: trusted: %d: the backend sees its own packets, and zeroes",
	    vif, f->trusted);
	say("%s: mtu: %u", vif, f->mtu);
	say("%s: carrier: %s", vif, f->carrier ? "up" : "down");
}
