/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Every key of a vif, and what each value of it means to the end that reads it:
 * one table. A new key is a row more.
 */
#include <stdio.h>
#include <stdlib.h>

#include "back_rig.h"
#include "front_rig.h"
#include "link.h"

/* The columns of `means`; NULL: the key is absent. */
static const char *const values[] = {
	NULL, "0", "1", "garbage", "", "4294967295", "99999999999999999999"
};

#define VALUES (sizeof(values) / sizeof(values[0]))

/* What it comes to: 0 or 1, what the row looks at; R, the connection is refused
 * under the name of the key; a dash, nothing is different. */
struct row {
	enum xennet_end writer;
	const char *key;
	const char *means;
	uint32_t flag; /* of the writer's offer; 0: as `look` has it */
	bool (*front)(const struct xennet_front *f);
	bool (*back)(const struct xennet_back *b);
	bool live; /* is read at any time, not once */
};

static bool trusted(const struct xennet_front *f)
{
	return f->trusted;
}

static bool carrier(const struct xennet_front *f)
{
	return f->carrier;
}

static bool filters(const struct xennet_back *b)
{
	return b->mcast.filter;
}

#define F XENNET_FRONT
#define B XENNET_BACK

#define FLAG(end, key_, means_, flag_)                                         \
	{                                                                      \
		.writer = end, .key = key_, .means = means_, .flag = flag_     \
	}

static const struct row rows[] = {
	/* absent, 0, 1, garbage, empty, huge, too large */
	FLAG(F, "feature-sg", "001RR1R", XENNET_F_SG),
	FLAG(F, "feature-gso-tcpv4", "001RR1R", XENNET_F_GSO_TCPV4),
	FLAG(F, "feature-gso-tcpv6", "001RR1R", XENNET_F_GSO_TCPV6),
	FLAG(F, "feature-no-csum-offload", "110RR0R", XENNET_F_CSUM_V4),
	FLAG(F, "feature-ipv6-csum-offload", "001RR1R", XENNET_F_CSUM_V6),
	FLAG(F, "feature-gso-tcpv4-prefix", "001RR1R",
	     XENNET_F_GSO_TCPV4_PREFIX),
	FLAG(F, "feature-gso-tcpv6-prefix", "001RR1R",
	     XENNET_F_GSO_TCPV6_PREFIX),
	FLAG(F, "request-rx-copy", "RR1RR1R", XENNET_F_RX_COPY),
	FLAG(F, "feature-rx-notify", "001RR1R", XENNET_F_RX_NOTIFY),
	FLAG(F, "feature-persistent", "001RR1R", XENNET_F_PERSISTENT),
	FLAG(F, "multi-queue-num-queues", "-R-RRRR", 0),
	FLAG(F, "ring-page-order", "--RRRRR", 0),
	FLAG(F, "xennet-max-slots", "-RRRR-R", 0),
	FLAG(F, "tx-ring-ref", "RRRRRRR", 0),
	FLAG(F, "rx-ring-ref", "RRRRRRR", 0),
	FLAG(F, "xennet-alive-ref", "-RRRR-R", 0),
	FLAG(F, "xdp-headroom", "---RRRR", 0),
	{ .writer = F,
	  .key = "request-multicast-control",
	  .means = "0010010",
	  .back = filters,
	  .live = true },
	/* without its event channel, and the other way round */
	FLAG(F, "ctrl-ring-ref", "-RRRRRR", 0),
	FLAG(F, "event-channel-ctrl", "-------", 0),
	/* split rings go by one channel if either is missing */
	FLAG(F, "event-channel-tx", "---RR-R", 0),
	FLAG(F, "event-channel-rx", "-------", 0),
	/* obsolete, or another's */
	FLAG(F, "feature-smart-poll", "-------", 0),
	FLAG(F, "feature-tx-writable", "-------", 0),
	FLAG(F, "feature-netmap-tx-desc", "-------", 0),
	FLAG(F, "feature-netmap-rx-desc", "-------", 0),
	FLAG(F, "tx-pool-ref", "-------", 0),
	FLAG(F, "tx-pool-size", "-------", 0),
	FLAG(F, "rx-pool-ref", "-------", 0),
	FLAG(F, "rx-pool-size", "-------", 0),
	FLAG(F, "speed", "-------", 0),
	FLAG(F, "disconnect", "-------", 0),
	FLAG(F, "mac", "-------", 0),
	FLAG(F, "handle", "-------", 0),
	FLAG(F, "backend-id", "-------", 0),
	FLAG(F, "multi-queue-max-queues", "-------", 0),
	FLAG(F, "feature-multicast-control", "-------", 0),
	FLAG(F, "feature-xdp-headroom", "-------", 0),
	FLAG(F, "mtu", "-------", 0),
	FLAG(F, "feature-split-event-channels", "-------", 0),

	FLAG(B, "feature-rx-copy", "RR1RR1R", XENNET_F_RX_COPY),
	FLAG(B, "feature-rx-flip", "-------", 0),
	FLAG(B, "feature-sg", "001RR1R", XENNET_F_SG),
	FLAG(B, "feature-gso-tcpv4", "001RR1R", XENNET_F_GSO_TCPV4),
	FLAG(B, "feature-gso-tcpv6", "001RR1R", XENNET_F_GSO_TCPV6),
	FLAG(B, "feature-no-csum-offload", "110RR0R", XENNET_F_CSUM_V4),
	FLAG(B, "feature-ipv6-csum-offload", "001RR1R", XENNET_F_CSUM_V6),
	FLAG(B, "feature-split-event-channels", "001RR1R",
	     XENNET_F_SPLIT_EVTCHN),
	FLAG(B, "feature-persistent", "001RR1R", XENNET_F_PERSISTENT),
	FLAG(B, "feature-ctrl-ring", "001RR1R", XENNET_F_CTRL_RING),
	FLAG(B, "feature-multicast-control", "001RR1R", XENNET_F_MCAST),
	FLAG(B, "feature-dynamic-multicast-control", "001RR1R",
	     XENNET_F_MCAST_DYNAMIC),
	FLAG(B, "feature-xdp-headroom", "001RR1R", XENNET_F_XDP_HEADROOM),
	FLAG(B, "xennet-split-rings", "001RR1R", XENNET_F_SPLIT_RINGS),
	FLAG(B, "xennet-sequenced-rings", "001RR1R", XENNET_F_SEQUENCED_RINGS),
	FLAG(B, "multi-queue-max-queues", "-R-RR-R", 0),
	FLAG(B, "max-ring-page-order", "---RR-R", 0),
	FLAG(B, "xennet-max-slots", "-RRRR-R", 0),
	{ .writer = B,
	  .key = "carrier",
	  .means = "1011111",
	  .front = carrier,
	  .live = true },
	/* the toolstack's, in the frontend's directory; see `dir_of` */
	{ .writer = B, .key = "trusted", .means = "1010010", .front = trusted },
	/* the backend's own business */
	FLAG(B, "rate", "-------", 0),
	FLAG(B, "hotplug-status", "-------", 0),
	FLAG(B, "hotplug-error", "-------", 0),
	FLAG(B, "online", "-------", 0),
	FLAG(B, "script", "-------", 0),
	FLAG(B, "vifname", "-------", 0),
	FLAG(B, "bridge", "-------", 0),
	FLAG(B, "type", "-------", 0),
	FLAG(B, "ip", "-------", 0),
	FLAG(B, "gatewaydev", "-------", 0),
	FLAG(B, "vlan", "-------", 0),
	FLAG(B, "handle", "-------", 0),
	FLAG(B, "frontend-id", "-------", 0),
	FLAG(B, "request-rx-copy", "-------", 0),
	FLAG(B, "feature-gso-tcpv4-prefix", "-------", 0),
	FLAG(B, "request-multicast-control", "-------", 0),
	FLAG(B, "xdp-headroom", "-------", 0),
	FLAG(B, "mtu", "-------", 0),
	FLAG(B, "feature-rx-notify", "-------", 0),
};

static const char *dir_of(const struct row *row)
{
	if (strcmp(row->key, "trusted") == 0)
		return FRONT_DIR;
	return row->writer == F ? FRONT_DIR : BACK_DIR;
}

static bool refuses(const char *means)
{
	return *means == 'R';
}

/* A backend reads what a frontend wrote. */
static const struct back_setting plain = { .strategy = XENNET_COPY };

static struct back_rig *back_reads(const struct row *row, const char *value)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, &plain);
	peer_front_publish(&r->front);
	peer_set(&r->f, dir_of(row), row->key, value);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	return r;
}

static struct xennet_offer back_baseline(void)
{
	static const struct row none = { .writer = F, .key = "none" };
	struct back_rig *r = back_reads(&none, NULL);
	struct xennet_offer o;

	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	o = r->back.front;
	back_rig_close(r);
	return o;
}

static void assert_back(const struct row *row, unsigned v,
			struct xennet_offer baseline)
{
	struct back_rig *r = back_reads(row, values[v]);
	const char *means = &row->means[v];
	int event = back_rig_event(r);

	if (refuses(means)) {
		assert_true(event < 0);
		assert_int_equal(xennet_err_kind(event), XENNET_KIND_STORE);
		assert_int_equal(r->back.refused, event);
		assert_null(r->back.queue);
		assert_int_equal(fake_maps(&r->f), 0);
	} else {
		assert_int_equal(event, XENNET_VIF_CONNECTED);
		if (*means == '1')
			baseline.flags |= row->flag;
		if (*means == '0')
			baseline.flags &= ~row->flag;
		if (strcmp(row->key, "xennet-max-slots") == 0)
			baseline.slots = r->back.front.slots;
		if (strcmp(row->key, "xdp-headroom") == 0)
			baseline.headroom = v == 2;
		if (row->back)
			assert_int_equal(row->back(&r->back), *means == '1');
		assert_memory_equal(&r->back.front, &baseline,
				    sizeof(baseline));
	}
	back_rig_close(r);
}

static void S1_backend_goes_by_the_table(void **state)
{
	struct xennet_offer baseline = back_baseline();
	unsigned i, v;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		for (v = 0; v < VALUES && rows[i].writer == F; v++) {
			assert_int_equal(strlen(rows[i].means), VALUES);
			assert_back(&rows[i], v, baseline);
		}
}

/* A frontend reads what a backend wrote. */
static struct front_rig *front_reads(const struct row *row, const char *value)
{
	static const struct front_setting setting = { .persistent = true };
	struct front_rig *r = calloc(1, sizeof(*r));

	front_rig_open(r, &setting);
	peer_set(&r->f, dir_of(row), row->key, value);
	return r;
}

static struct xennet_offer front_baseline(void)
{
	static const struct row none = { .writer = B, .key = "none" };
	struct front_rig *r = front_reads(&none, NULL);
	struct xennet_offer o;

	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	o = r->front.back;
	front_rig_close(r);
	return o;
}

static bool is_number(const struct row *row)
{
	return strncmp(row->key, "max", 3) == 0 ||
	       strncmp(row->key, "multi", 5) == 0 ||
	       strncmp(row->key, "xennet-max", 10) == 0;
}

static void assert_front(const struct row *row, unsigned v,
			 struct xennet_offer baseline)
{
	struct front_rig *r = front_reads(row, values[v]);
	const char *means = &row->means[v];
	int event = front_rig_event(r);

	if (refuses(means)) {
		assert_true(event < 0);
		assert_int_equal(xennet_err_kind(event), XENNET_KIND_STORE);
		assert_int_equal(r->front.refused, event);
		assert_string_equal(r->front.refused_key, row->key);
		assert_null(r->front.queue);
		assert_int_equal(fake_pages(&r->f), 0);
	} else {
		assert_int_equal(event, XENNET_VIF_IDLE);
		assert_int_equal(r->front.state, XENNET_STATE_CONNECTED);
		if (*means == '1')
			baseline.flags |= row->flag;
		if (*means == '0')
			baseline.flags &= ~row->flag;
		if (!is_number(row))
			assert_memory_equal(&r->front.back, &baseline,
					    sizeof(baseline));
		/* a number that is too large for us is cut, not believed */
		assert_in_range(r->front.nqueues, 1, PEER_QUEUES);
		assert_in_range(r->front.ring_order, 0, 4);
	}
	if (row->front && !refuses(means)) {
		peer_back_state(&r->back, XENNET_STATE_CONNECTED);
		assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
		assert_int_equal(row->front(&r->front), *means == '1');
		peer_back_state(&r->back, XENNET_STATE_INIT_WAIT);
	}
	front_rig_close(r);
}

static void S1_S15_frontend_goes_by_the_table(void **state)
{
	struct xennet_offer baseline = front_baseline();
	unsigned i, v;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		for (v = 0; v < VALUES && rows[i].writer == B; v++) {
			assert_int_equal(strlen(rows[i].means), VALUES);
			assert_front(&rows[i], v, baseline);
		}
}

/* Each end has its own; it says no more than what the interface may be set to. */
static void S1_S15_mtu_is_1500_unless_it_makes_sense(void **state)
{
	static const struct {
		const char *value;
		uint32_t mtu;
	} cases[] = {
		{ NULL, 1500 },		{ "", 1500 },
		{ "x", 1500 },		{ "0", 1500 },
		{ "67", 1500 },		{ "68", 68 },
		{ "1400", 1400 },	{ "9000", 9000 },
		{ "65521", 65521 },	{ "65522", 1500 },
		{ "65535", 1500 },	{ "-1500", 1500 },
		{ "4294967295", 1500 }, { "99999999999", 1500 },
	};
	static const struct row none = { .writer = F, .key = "none" };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct back_rig *b = back_reads(&none, NULL);
		struct front_rig *f = front_reads(&none, NULL);

		peer_set(&b->f, BACK_DIR, "mtu", cases[i].value);
		peer_set(&b->f, FRONT_DIR, "mtu", "9999");
		assert_int_equal(back_rig_event(b), XENNET_VIF_CONNECTED);
		assert_int_equal(b->back.mtu, cases[i].mtu);
		back_rig_close(b);

		peer_set(&f->f, FRONT_DIR, "mtu", cases[i].value);
		peer_set(&f->f, BACK_DIR, "mtu", "9999");
		assert_int_equal(front_rig_event(f), XENNET_VIF_IDLE);
		assert_int_equal(f->front.mtu, cases[i].mtu);
		front_rig_close(f);
	}
}

/* Rewritten after the connection was made, with anything at all. */
static void S9_backend_reads_static_keys_once(void **state)
{
	unsigned i, v;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct back_rig *r;
		struct xennet_offer offer;

		if (rows[i].writer != F || rows[i].live)
			continue;
		r = calloc(1, sizeof(*r));
		back_rig_open(r, &plain);
		peer_front_publish(&r->front);
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
		offer = r->back.front;
		r->q = &r->back.queue[0];
		for (v = 0; v < VALUES; v++) {
			peer_set(&r->f, FRONT_DIR, rows[i].key, values[v]);
			assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
			assert_memory_equal(&r->back.front, &offer,
					    sizeof(offer));
			peer_put_req(&r->front, 1, 1, 0, 100, 0);
			peer_push_tx(&r->front);
			assert_int_equal(back_rig_serve(r), 1);
		}
		assert_int_equal(r->back.refused, 0);
		back_rig_close(r);
	}
}

static void S9_frontend_reads_static_keys_once(void **state)
{
	static const struct front_setting setting = { .persistent = true };
	unsigned i, v;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct front_rig *r;
		struct xennet_front was;

		if (rows[i].writer != B || rows[i].live)
			continue;
		r = calloc(1, sizeof(*r));
		front_rig_open(r, &setting);
		assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
		peer_back_connect(&r->back);
		assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
		was = r->front;
		for (v = 0; v < VALUES; v++) {
			peer_set(&r->f, dir_of(&rows[i]), rows[i].key,
				 values[v]);
			assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
			assert_memory_equal(&r->front, &was, sizeof(was));
		}
		front_rig_close(r);
	}
}

static void S9_S15_carrier_is_live(void **state)
{
	static const struct link_setting setting = { .strategy = XENNET_COPY };
	static struct link l;
	unsigned i;

	(void)state;
	link_open(&l, &setting);
	for (i = 0; i < 3; i++) {
		assert_true(l.front.carrier);
		assert_int_equal(xennet_back_set_carrier(&l.back, false), 0);
		assert_true(fake_changed(&l.f, FRONT));
		assert_int_equal(xennet_front_event(&l.front), XENNET_VIF_IDLE);
		assert_false(l.front.carrier);
		assert_int_equal(xennet_back_set_carrier(&l.back, true), 0);
		assert_int_equal(xennet_front_event(&l.front), XENNET_VIF_IDLE);
	}
	/* what a backend left behind is not its successor's word */
	assert_int_equal(xennet_back_set_carrier(&l.back, false), 0);
	xennet_back_close(&l.back);
	link_follow(&l);
	assert_int_equal(link_open_back(&l), 0);
	link_follow(&l);
	assert_true(l.connected);
	assert_true(l.front.carrier);
	/* said before there is a frontend */
	xennet_front_close(&l.front);
	link_follow(&l);
	assert_int_equal(xennet_back_set_carrier(&l.back, false), 0);
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	assert_true(l.connected);
	assert_false(l.front.carrier);
	/* who takes a connection over knows what was said in it */
	fake_crash(&l.f, BACK);
	memset(&l.back, 0, sizeof(l.back));
	assert_int_equal(link_open_back(&l), 0);
	link_follow(&l);
	assert_true(l.connected);
	assert_false(l.back.carrier);
	assert_false(l.front.carrier);
	fake_remove(&l.f, BACK_DIR);
	assert_int_equal(xennet_back_set_carrier(&l.back, true), 0);
	assert_null(fake_node(&l.f, BACK_DIR "/carrier"));
	link_close(&l);
}

/* What could not be written was not said, and is said by another call. */
static void S15_carrier_that_cannot_be_written_stays(void **state)
{
	static const struct link_setting setting = { .strategy = XENNET_COPY };
	static const enum fake_op ops[] = { FAKE_TXN_BEGIN, FAKE_READ,
					    FAKE_WRITE, FAKE_TXN_END };
	static struct link l;
	unsigned i;

	(void)state;
	link_open(&l, &setting);
	for (i = 0; i < COUNT(ops); i++) {
		fake_fail(&l.f, ops[i], 1, -XENNET_EIO);
		assert_int_equal(xennet_back_set_carrier(&l.back, false),
				 -XENNET_EIO);
		assert_true(fake_failed(&l.f));
		fake_fail_nothing(&l.f);
		assert_true(l.back.carrier);
		link_follow(&l);
		assert_true(l.front.carrier);
	}
	assert_int_equal(xennet_back_set_carrier(&l.back, false), 0);
	link_follow(&l);
	assert_false(l.front.carrier);
	link_close(&l);
}

/* Values that no sane end would write. */
static const struct {
	const char *bytes;
	size_t len; /* 0: 4 KiB of the first */
} wild[] = {
	{ "1", 0 },
	{ "\xff", 0 },
	{ "\0", 0 },
	{ "1\0", 2 },
	{ "1\0garbage", 9 },
	{ "\0001", 2 },
	{ "%n%n%n%n%s%s%s", 14 },
	{ "../../../0/x", 12 },
	{ "1\n", 2 },
};

static void set_wild(struct fake *f, const char *dir, const char *key,
		     unsigned i)
{
	char path[160], long_one[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	memset(long_one, wild[i].bytes[0], sizeof(long_one));
	if (wild[i].len)
		fake_set_bytes(f, path, wild[i].bytes, wild[i].len);
	else
		fake_set_bytes(f, path, long_one, sizeof(long_one));
}

/* Each is refused, or has no effect; a value is never taken in part. */
static void S10_values_may_be_anything(void **state)
{
	unsigned i, w;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		for (w = 0; w < COUNT(wild); w++) {
			const char *garbage = &rows[i].means[3];
			struct back_rig *b;
			struct front_rig *r;
			int event;

			if (rows[i].writer == F) {
				b = back_reads(&rows[i], NULL);
				set_wild(&b->f, dir_of(&rows[i]), rows[i].key,
					 w);
				event = back_rig_event(b);
				assert_int_equal(event < 0, refuses(garbage));
				back_rig_close(b);
			} else {
				r = front_reads(&rows[i], NULL);
				set_wild(&r->f, dir_of(&rows[i]), rows[i].key,
					 w);
				event = front_rig_event(r);
				assert_int_equal(event < 0, refuses(garbage));
				front_rig_close(r);
			}
		}
}

static void S10_states_may_be_anything(void **state)
{
	unsigned w;

	(void)state;
	for (w = 0; w < COUNT(wild); w++) {
		struct back_rig *b = calloc(1, sizeof(*b));
		struct front_rig *r;

		back_rig_open(b, &plain);
		peer_front_publish(&b->front);
		peer_front_state(&b->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(b), XENNET_VIF_CONNECTED);
		set_wild(&b->f, FRONT_DIR, "state", w);
		assert_int_equal(back_rig_event(b), XENNET_VIF_STOP);
		xennet_back_disconnect(&b->back);
		assert_int_equal(back_rig_event(b), XENNET_VIF_IDLE);
		back_rig_close(b);

		r = calloc(1, sizeof(*r));
		front_rig_open(r, &front_granting);
		set_wild(&r->f, BACK_DIR, "state", w);
		assert_int_equal(front_rig_event(r), XENNET_VIF_GONE);
		front_rig_close(r);
	}
}

/* Whoever sees a state sees every key that goes with it. */
static void see_all_or_none(struct fake *f, enum fake_op op, void *arg)
{
	static const char *const front[] = { "tx-ring-ref", "rx-ring-ref",
					     "event-channel-tx",
					     "request-rx-copy" };
	static const char *const back[] = { "feature-rx-copy", "feature-sg",
					    "multi-queue-max-queues" };
	unsigned i;

	(void)op, (void)arg;
	for (i = 0; i < COUNT(front); i++)
		if (peer_get_uint(f, FRONT_DIR, "state") ==
		    XENNET_STATE_CONNECTED)
			assert_true(peer_get_uint(f, FRONT_DIR, front[i]) > 0);
		else
			assert_int_equal(peer_get_uint(f, FRONT_DIR, front[i]),
					 0);
	for (i = 0; i < COUNT(back); i++)
		if (peer_get_uint(f, BACK_DIR, "state") >=
		    XENNET_STATE_INIT_WAIT)
			assert_true(peer_get_uint(f, BACK_DIR, back[i]) > 0);
		else
			assert_int_equal(peer_get_uint(f, BACK_DIR, back[i]),
					 0);
}

static void S12_one_transaction_however_often_it_is_overtaken(void **state)
{
	static const struct link_setting setting = { .strategy = XENNET_COPY };
	static struct link l;
	unsigned first, later;

	(void)state;
	/* each of the three: the offer, the frontend's keys, Connected */
	for (first = 1; first <= 3; first++) {
		link_prepare(&l, &setting);
		l.f.before = see_all_or_none;
		fake_fail_times(&l.f, FAKE_TXN_END, first, 10, -XENNET_EAGAIN);
		assert_int_equal(link_open_back(&l), 0);
		assert_int_equal(link_open_front(&l), 0);
		link_follow(&l);
		/* who would map all anew each time is told, and tries later */
		for (later = 0; l.back_error == -XENNET_EAGAIN; later++) {
			l.back_error = 0;
			l.f.domain[BACK].changed = true;
			link_follow(&l);
		}
		assert_int_equal(later, first == 3 ? 5 : 0);
		assert_true(l.connected);
		assert_int_equal(l.front_error, 0);
		assert_int_equal(l.back_error, 0);
		assert_int_equal(l.f.ops[FAKE_TXN_END], 3 + 10);
		assert_int_equal(l.f.failure.hits, 10);
		l.f.before = NULL;
		link_run(&l, 0, LINK_TX, 20);
		link_close(&l);
	}
	/* not for ever: then it is told, and later tried again */
	link_prepare(&l, &setting);
	fake_fail_times(&l.f, FAKE_TXN_END, 1, 1000000, -XENNET_EAGAIN);
	assert_int_equal(link_open_back(&l), -XENNET_EAGAIN);
	assert_in_range(l.f.ops[FAKE_TXN_END], 11, 100);
	fake_fail_nothing(&l.f);
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	assert_true(l.connected);
	link_close(&l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(S1_backend_goes_by_the_table),
		TEST(S1_S15_frontend_goes_by_the_table),
		TEST(S1_S15_mtu_is_1500_unless_it_makes_sense),
		TEST(S9_backend_reads_static_keys_once),
		TEST(S9_frontend_reads_static_keys_once),
		TEST(S9_S15_carrier_is_live),
		TEST(S15_carrier_that_cannot_be_written_stays),
		TEST(S10_values_may_be_anything),
		TEST(S10_states_may_be_anything),
		TEST(S12_one_transaction_however_often_it_is_overtaken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
