/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/explain.h>

/* No key, and no flag besides: the backend chooses queues by a hash. */
#define HASH (1u << 31)

/* A feature costs a row. Whether an end offers or asks for what it has no flag
 * for is said by the two functions below. */
static const struct row {
	const char *feature;
	uint32_t flag;
	bool each_way; /* every end offers what it can receive */
	const char *instead;
} rows[] = {
	{ "sg", XENNET_F_SG, true, "packets are a page at most" },
	{ "gso-tcpv4", XENNET_F_GSO_TCPV4, true, "TCP/IPv4 comes in frames" },
	{ "gso-tcpv6", XENNET_F_GSO_TCPV6, true, "TCP/IPv6 comes in frames" },
	{ "csum-ipv4", XENNET_F_CSUM_V4, true, "checksums are computed" },
	{ "csum-ipv6", XENNET_F_CSUM_V6, true, "checksums are computed" },
	{ "rx-copy", XENNET_F_RX_COPY, false, "no connection" },
	{ "rx-notify", XENNET_F_RX_NOTIFY, false,
	  "the backend looks for buffers by itself" },
	{ "split-event-channels", XENNET_F_SPLIT_EVTCHN, false,
	  "one for both rings" },
	{ "persistent", XENNET_F_PERSISTENT, false,
	  "grants last for a packet" },
	{ "static-grants", XENNET_F_STATIC, false, NULL },
	{ "split-rings", XENNET_F_SPLIT_RINGS, false, NULL },
	{ "sequenced-rings", XENNET_F_SEQUENCED_RINGS, false, NULL },
	{ "ctrl-ring", XENNET_F_CTRL_RING, false, NULL },
	{ "hash", HASH, false, "queues are chosen by flow" },
	{ "multicast-control", XENNET_F_MCAST, false, "every group comes" },
	{ "xdp-headroom", XENNET_F_XDP_HEADROOM, false, NULL },
};

static const struct {
	const char *feature, *unit;
	size_t field;
} numbers[] = {
	{ "queues", "queues", offsetof(struct xennet_offer, queues) },
	{ "ring-page-order", "pages, log2",
	  offsetof(struct xennet_offer, ring_order) },
	{ "slots", "a packet", offsetof(struct xennet_offer, slots) },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const why[] = { "neither end has it",
				   "the frontend does not ask for it",
				   "the backend does not offer it", NULL };

static uint32_t number(const struct xennet_offer *o, size_t field)
{
	return *(const uint32_t *)(const void *)((const unsigned char *)o +
						 field);
}

XENNET_COLD static void explain(const struct xennet_offer *offered,
				uint32_t offered_flags,
				const struct xennet_offer *asked,
				uint32_t asked_flags, xennet_explain_fn *line,
				void *arg)
{
	struct xennet_explained e;
	unsigned i, said;

	e.counted = false;
	for (i = 0; i < COUNT(rows); i++) {
		e.feature = rows[i].feature;
		e.offered = (offered_flags & rows[i].flag) != 0;
		e.asked = (asked_flags & rows[i].flag) != 0;
		said = e.offered | e.asked << 1;
		e.agreed = rows[i].each_way || said == 3 ? said : 0;
		e.why = why[said];
		e.instead = said == 3 ? NULL : rows[i].instead;
		line(arg, &e);
	}
	e.counted = true;
	e.why = NULL;
	for (i = 0; i < COUNT(numbers); i++) {
		e.feature = numbers[i].feature;
		e.instead = numbers[i].unit;
		e.offered = number(offered, numbers[i].field);
		e.asked = number(asked, numbers[i].field);
		e.agreed = e.offered < e.asked ? e.offered : e.asked;
		line(arg, &e);
	}
}

XENNET_COLD void xennet_back_explain(const struct xennet_back *b,
				     xennet_explain_fn *line, void *arg)
{
	const struct xennet_back_queue *q = b->queue;
	uint32_t offered = b->config.offer.flags | XENNET_F_RX_NOTIFY;
	uint32_t asked = b->front.flags;

	if (b->config.statics != XENNET_NO_STATICS)
		offered |= XENNET_F_STATIC;
	/* over the control ring */
	if (b->config.offer.flags & XENNET_F_CTRL_RING)
		offered |= HASH;
	else
		offered &= ~XENNET_F_STATIC;
	if (q) {
		if (q->tx.port != q->rx.port)
			asked |= XENNET_F_SPLIT_EVTCHN;
		if (q->tx.keeps & XENNET_KEEPS_STATIC)
			asked |= XENNET_F_STATIC;
		if (q->rx.hash_types)
			asked |= HASH;
	}
	if (b->ctrl.page)
		asked |= XENNET_F_CTRL_RING;
	if (b->mcast.filter)
		asked |= XENNET_F_MCAST;
	if (b->front.headroom)
		asked |= XENNET_F_XDP_HEADROOM;
	explain(&b->config.offer, offered, &b->front, asked, line, arg);
}

XENNET_COLD void xennet_front_explain(const struct xennet_front *f,
				      xennet_explain_fn *line, void *arg)
{
	uint32_t offered = f->back.flags | XENNET_F_RX_NOTIFY;
	uint32_t asked = f->config.offer.flags;

	if (f->hash.state == XENNET_HASH_ON)
		offered |= HASH;
	if (f->queue && f->queue->statics)
		offered |= XENNET_F_STATIC;
	if (f->config.hash.types)
		asked |= HASH;
	if (!f->filter)
		asked &= ~XENNET_F_MCAST;
	if (!f->config.offer.headroom)
		asked &= ~XENNET_F_XDP_HEADROOM;
	explain(&f->back, offered, &f->config.offer, asked, line, arg);
}
