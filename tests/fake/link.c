/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdlib.h>

#include "frame.h"
#include "link.h"

const struct link_kind link_standard = { XENNET_STANDARD, false };
const struct link_kind link_split = { XENNET_SPLIT, false };
const struct link_kind link_sequenced = { XENNET_SEQUENCED, false };
const struct link_kind link_standard_polling = { XENNET_STANDARD, true };
const struct link_kind link_split_polling = { XENNET_SPLIT, true };
const struct link_kind link_sequenced_polling = { XENNET_SEQUENCED, true };

static const struct link_kind *kind = &link_standard;

int link_setup(void **state)
{
	kind = *state;
	return 0;
}

/* What one end has to leave out, so that this is agreed on. */
static uint32_t only(enum xennet_layout layout, uint32_t flags)
{
	flags = flags ? flags : XENNET_F_ALL;
	if (layout != XENNET_SEQUENCED)
		flags &= ~XENNET_F_SEQUENCED_RINGS;
	if (layout == XENNET_STANDARD)
		flags &= ~XENNET_F_SPLIT_RINGS;
	return flags;
}

void link_prepare(struct link *l, const struct link_setting *s)
{
	memset(l, 0, sizeof(*l));
	l->s = *s;
	if (!l->s.queues)
		l->s.queues = 1;
	l->s.back_flags = only(kind->layout, l->s.back_flags);
	fake_open(&l->f);
	peer_toolstack(&l->f);
}

int link_open_back(struct link *l)
{
	struct xennet_back_config c = { 0 };

	c.platform = l->s.pinning ? fake_pinning_platform(&l->f, BACK)
				  : fake_platform(&l->f, BACK);
	c.domid = BACK;
	c.peer = FRONT;
	c.handle = HANDLE;
	c.offer.flags = l->s.back_flags;
	c.offer.queues = l->s.queues;
	c.offer.ring_order = l->s.order;
	c.tx = c.rx = l->s.strategy;
	c.costs = fake_costs;
	c.statics = l->s.statics;
	return xennet_back_open(&l->back, &c);
}

int link_open_front(struct link *l)
{
	struct xennet_front_config c = { 0 };

	c.platform = l->s.sharing ? fake_sharing_platform(&l->f, FRONT)
				  : fake_platform(&l->f, FRONT);
	c.domid = FRONT;
	c.handle = HANDLE;
	c.offer.flags = l->s.front_flags;
	c.offer.queues = l->s.queues;
	c.offer.ring_order = l->s.order;
	c.offer.headroom = l->s.headroom;
	c.hash.types = l->s.hash;
	c.hash.key_len = l->s.hash ? 9 : 0;
	memcpy(c.hash.key, "nine long", 9);
	return xennet_front_open(&l->front, &c);
}

static void follow_back(struct link *l)
{
	int event = xennet_back_event(&l->back);

	if (event == XENNET_VIF_PAUSE) {
		xennet_back_ctrl(&l->back);
		event = xennet_back_event(&l->back);
	}
	if (event == XENNET_VIF_STOP) {
		xennet_back_disconnect(&l->back);
		event = xennet_back_event(&l->back);
	}
	if (event < 0)
		l->back_error = event;
}

static void follow_front(struct link *l)
{
	int event = xennet_front_event(&l->front);

	if (event == XENNET_VIF_STOP) {
		xennet_front_disconnect(&l->front);
		event = xennet_front_event(&l->front);
	}
	if (event < 0)
		l->front_error = event;
}

static void set_polling(struct link *l, unsigned queue, bool polling)
{
	const struct xennet_policy p = {
		.mode = polling ? XENNET_NOTIFY_POLL : XENNET_NOTIFY_EXACT,
	};

	if (l->front.queue[queue].notify.now == p.mode)
		return;
	xennet_front_set_policy(&l->front.queue[queue], &p);
	xennet_back_set_policy(&l->back.queue[queue], &p);
}

void link_follow(struct link *l)
{
	unsigned patience = 50, i;
	bool back, front;

	l->f.atomic = false;
	do {
		back = fake_changed(&l->f, BACK) ||
		       (l->back.ctrl.page &&
			fake_event(&l->f, BACK, l->back.ctrl.port));
		front = fake_changed(&l->f, FRONT) ||
			(l->front.ctrl.page &&
			 fake_event(&l->f, FRONT, l->front.ctrl.port));
		if (back)
			follow_back(l);
		if (front)
			follow_front(l);
		assert_true(--patience > 0);
	} while (back || front);
	l->connected = l->front.queue && l->back.queue &&
		       l->front.state == XENNET_STATE_CONNECTED &&
		       l->back.state == XENNET_STATE_CONNECTED;
	for (i = 0; l->connected && i < l->back.nqueues; i++)
		set_polling(l, i, kind->polling);
}

void link_open(struct link *l, const struct link_setting *s)
{
	link_prepare(l, s);
	assert_int_equal(link_open_back(l), 0);
	assert_int_equal(link_open_front(l), 0);
	link_follow(l);
	assert_true(l->connected);
}

void link_close(struct link *l)
{
	l->f.atomic = false;
	xennet_front_close(&l->front);
	xennet_back_close(&l->back);
	fake_check_clean(&l->f);
	fake_close(&l->f);
}

static uint32_t hash(uint32_t n)
{
	n = (n + 1) * 2654435761u;
	return n ^ n >> 15;
}

/* What packet `number` is; its bytes are in `bytes`. */
static struct xennet_pkt packet(const struct link *l, uint32_t number,
				unsigned char *bytes)
{
	struct xennet_pkt pkt = { 0 };
	uint32_t longest = l->s.longest ? l->s.longest : 0xffff;
	uint32_t h = hash(number), i;

	/* half of them small */
	pkt.len =
		60 + (h >> 8) % ((h & 1 && longest > 400 ? 400 : longest) - 59);
	for (i = 0; i < pkt.len; i++)
		bytes[i] = (unsigned char)(number + i * 7 + (i >> 8) * 3);
	if (h & 2)
		pkt.flags = XENNET_PKT_DATA_VALIDATED;
	if ((h & 12) == 12 && pkt.len > 200) {
		frame_tcp4(bytes, pkt.len);
		pkt.gso_type = XENNET_GSO_TCPV4;
		pkt.gso_size = (uint16_t)(100 + number % 1000);
		pkt.flags = XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
	}
	if (l->s.hashed && h & 16)
		xennet_pkt_set_hash(&pkt, h >> 5 & 3, h * 7);
	memcpy(bytes, &number, 4);
	return pkt;
}

/* In fragments of odd sizes, some of them empty. */
static void scatter(struct xennet_pkt *pkt, struct xennet_frag *frag,
		    unsigned char *bytes, uint32_t number)
{
	uint32_t h = hash(number ^ 0x55), done = 0, part;

	pkt->frag = frag;
	for (pkt->nfrags = 0; done < pkt->len; pkt->nfrags++, done += part) {
		part = pkt->nfrags == 5 ? 0 : 14 + h % (pkt->len / 2 + 1);
		if (part > pkt->len - done || pkt->nfrags == 9)
			part = pkt->len - done;
		frag[pkt->nfrags].addr = bytes + done;
		frag[pkt->nfrags].len = part;
	}
}

#define BURST 16u

int link_send(struct link *l, unsigned queue, enum link_direction d, unsigned n)
{
	static unsigned char bytes[BURST][0x10000];
	static struct xennet_frag frag[BURST][10];
	struct link_flow *flow = &l->flow[queue][d];
	struct xennet_pkt pkt[BURST];
	unsigned i;
	int taken;

	if (n > BURST)
		n = BURST;
	for (i = 0; i < n; i++) {
		pkt[i] = packet(l, flow->sent + i, bytes[i]);
		scatter(&pkt[i], frag[i], bytes[i], flow->sent + i);
	}
	l->f.atomic = true;
	taken = d == LINK_TX ? xennet_front_send(&l->front.queue[queue], pkt, n)
			     : xennet_back_send(&l->back.queue[queue], pkt, n);
	l->f.atomic = false;
	if (taken > 0)
		flow->sent += (uint32_t)taken;
	return taken;
}

/* The types of hash that go this way. */
static uint32_t hash_types(const struct link *l, unsigned queue,
			   enum link_direction d)
{
	if (d == LINK_RX)
		return l->back.queue[queue].rx.hash_types;
	return l->front.queue[queue].tx.hashes ? XENNET_HASH_ALL : 0;
}

static void compare(struct link *l, struct link_flow *flow, uint32_t hashes,
		    const struct xennet_pkt *got)
{
	static unsigned char want[0x10000], bytes[0x10000];
	struct xennet_pkt pkt;
	uint32_t number;

	assert_true(got->len >= 60 && got->len <= sizeof(bytes));
	assert_int_equal(peer_gather(got, bytes, sizeof(bytes)), got->len);
	memcpy(&number, bytes, 4);
	pkt = packet(l, number, want);
	if (pkt.flags & XENNET_PKT_HASH &&
	    !(hashes >> xennet_pkt_hash_type(&pkt) & 1))
		pkt.flags &= (uint8_t)~XENNET_PKT_HASH;
	assert_true(number >= flow->next && number < flow->sent);
	flow->next = number + 1;
	flow->received++;
	assert_int_equal(got->len, pkt.len);
	assert_int_equal(memcmp(bytes, want, pkt.len), 0);
	assert_int_equal(got->flags & ~XENNET_PKT_SHARED, pkt.flags);
	assert_int_equal(got->gso_type, pkt.gso_type);
	assert_int_equal(got->gso_size, pkt.gso_size);
	if (pkt.flags & XENNET_PKT_HASH)
		assert_int_equal(got->hash, pkt.hash);
}

int link_receive(struct link *l, unsigned queue, enum link_direction d)
{
	struct xennet_front_queue *front = &l->front.queue[queue];
	struct xennet_back_queue *back = &l->back.queue[queue];
	int n, i;

	l->f.atomic = true;
	n = d == LINK_TX ? xennet_back_poll(back, &l->in, XENNET_BURST)
			 : xennet_front_poll(front, &l->in, XENNET_BURST);
	for (i = 0; i < n; i++)
		compare(l, &l->flow[queue][d], hash_types(l, queue, d),
			&l->in.pkt[i]);
	if (n > 0 && d == LINK_TX)
		xennet_back_done(back, l->in.pkt, (unsigned)n);
	else if (n > 0)
		xennet_front_done(front, l->in.pkt, (unsigned)n);
	l->f.atomic = false;
	return n;
}

/* Nothing is on its way any more: both would sleep. */
static bool at_rest(struct link *l, unsigned queue)
{
	bool rest;

	l->f.atomic = true;
	set_polling(l, queue, false);
	rest = xennet_front_arm(&l->front.queue[queue]) <= 0 &&
	       xennet_back_arm(&l->back.queue[queue]) <= 0;
	set_polling(l, queue, kind->polling);
	l->f.atomic = false;
	return rest;
}

void link_run(struct link *l, unsigned queue, enum link_direction d, unsigned n)
{
	struct link_flow *flow = &l->flow[queue][d];
	uint32_t end = flow->sent + n;
	unsigned patience = LINK_PATIENCE;
	int taken = 1, got;

	do {
		if (flow->sent != end)
			taken = link_send(l, queue, d, end - flow->sent);
		got = link_receive(l, queue, d);
		/* the sender collects answers, or finds new buffers */
		if (d == LINK_TX)
			link_receive(l, queue, LINK_RX);
		assert_true(--patience > 0);
	} while (taken >= 0 && got >= 0 &&
		 (flow->sent != end || got > 0 || !at_rest(l, queue)));
}

uint64_t link_refused(const struct xennet_stats *s)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < XENNET_ERR_COUNT; i++)
		if (xennet_err_kind(i) == XENNET_KIND_PACKET)
			n += s->reason[i];
	return n;
}
