/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "explain.h"

#include <stdio.h>
#include "program.h"

/* An end offers what it can receive. */
static const struct {
	uint32_t flag;
	const char *name;
	const char *without; /* what the sender does then */
} received[] = {
	{ XENNET_F_SG, "sg", "no packet is longer than a page" },
	{ XENNET_F_GSO_TCPV4, "gso4", "TCP over IPv4 is cut before" },
	{ XENNET_F_GSO_TCPV6, "gso6", "TCP over IPv6 is cut before" },
	{ XENNET_F_CSUM_V4, "csum4", "IPv4's checksums are computed before" },
	{ XENNET_F_CSUM_V6, "csum6", "IPv6's checksums are computed before" },
};

static const char *peer_of(const struct agreement *a)
{
	return a->end == XENNET_BACK ? "guest" : "backend";
}

static void explain_received(const struct agreement *a, unsigned i)
{
	bool in = a->ours->flags & received[i].flag;
	bool out = a->theirs->flags & received[i].flag;
	const char *peer = peer_of(a), *name = received[i].name;

	if (in && out)
		say("%s: %s: on, both ways", a->vif, name);
	else if (in)
		say("%s: %s: off to the %s, which does not offer it: %s",
		    a->vif, name, peer, received[i].without);
	else if (out)
		say("%s: %s: off from the %s, we do not offer it: %s", a->vif,
		    name, peer, received[i].without);
	else
		say("%s: %s: off, neither end offers it: %s", a->vif, name,
		    received[i].without);
}

static void explain_persistent(const struct agreement *a)
{
	bool ours = a->ours->flags & XENNET_F_PERSISTENT;
	bool theirs = a->theirs->flags & XENNET_F_PERSISTENT;

	if (ours && theirs)
		say("%s: persistent: on", a->vif);
	else
		say("%s: persistent: off, %s: grants last for a packet", a->vif,
		    theirs ? "we do not offer it"
		    : ours ? "the other end does not offer it"
			   : "neither end offers it");
}

static void explain_events(const struct agreement *a)
{
	const struct xennet_offer *back =
		a->end == XENNET_BACK ? a->ours : a->theirs;
	const struct xennet_offer *front =
		a->end == XENNET_BACK ? a->theirs : a->ours;

	if (a->split)
		say("%s: split event channels: on", a->vif);
	else
		say("%s: split event channels: off, the %s: one for both rings",
		    a->vif,
		    back->flags & XENNET_F_SPLIT_EVTCHN
			    ? "frontend uses one"
			    : "backend does not offer them");
	if (front->flags & XENNET_F_RX_NOTIFY)
		say("%s: rx-notify: on", a->vif);
	else
		say("%s: rx-notify: off, the frontend does not tell of new "
		    "buffers: the backend looks again after a while",
		    a->vif);
}

static void explain_numbers(const struct agreement *a)
{
	say("%s: queues: %u; we offer %u, the %s %u", a->vif, a->queues,
	    a->ours->queues, peer_of(a), a->theirs->queues);
	say("%s: ring pages: %u; we offer %u, the %s %u", a->vif,
	    1u << a->ring_order, 1u << a->ours->ring_order, peer_of(a),
	    1u << a->theirs->ring_order);
	say("%s: slots per packet: %u from the %s, %u to it", a->vif,
	    a->ours->slots, peer_of(a), a->theirs->slots);
}

static void explain_by_cost(const struct agreement *a, const char *ring,
			    uint32_t map_from)
{
	if (map_from >= XENNET_COST_NEVER)
		say("%s: strategy: %s by cost: every slot is copied, to map a "
		    "page costs more",
		    a->vif, ring);
	else
		say("%s: strategy: %s by cost: slots below %u bytes are "
		    "copied, pages of others mapped",
		    a->vif, ring, map_from);
}

static void explain_strategy(const struct agreement *a)
{
	static const char *const names[] = { "copy", "map", "persistent" };

	if (a->tx == XENNET_BY_COST) {
		explain_by_cost(a, "tx", a->tx_map_from);
		explain_by_cost(a, "rx", a->rx_map_from);
		return;
	}
	if (a->wanted == XENNET_BY_COST) {
		say("%s: strategy: tx and rx persistent, which costs least at "
		    "every size",
		    a->vif);
		return;
	}
	say("%s: strategy: tx %s, rx %s%s", a->vif, names[a->tx], names[a->rx],
	    a->tx == a->wanted ? ", as asked for"
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

void explain(const struct agreement *a)
{
	unsigned i;

	for (i = 0; i < sizeof(received) / sizeof(received[0]); i++)
		explain_received(a, i);
	explain_persistent(a);
	explain_events(a);
	explain_numbers(a);
	if (a->end == XENNET_BACK)
		explain_strategy(a);
	else
		say("%s: trusted: %s: the backend sees its own packets, and "
		    "zeroes",
		    a->vif, a->trusted ? "1" : "0");
}
