/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Random slots, hostile and good, against the plainest model of what a backend
 * does with them. The model knows a stream of slots, cut into chains by their
 * flags alone; each chain is delivered or refused as a whole, and each of its
 * slots is answered once. Where the ring's order alone says what is answered,
 * each fault is in its slot, and no other slot is touched.
 */
#include <stdlib.h>

#include "back_rig.h"

#define MORE XENNET_TXF_MORE_DATA
#define EXTRA XENNET_TXF_EXTRA_INFO
#define STREAM 4000u
#define IDS 0x4000u

struct model {
	struct xennet_tx_req slot[STREAM]; /* or an extra's first 8 bytes */
	unsigned n;
	uint32_t index; /* of the first of them in the ring */
	/* what it expects */
	int16_t status[STREAM];
	uint32_t len[STREAM];
	unsigned first[STREAM]; /* slot of each packet delivered */
	unsigned delivered, refused;
	unsigned okay[IDS], error[IDS], null;
	/* what happened */
	unsigned seen, got_okay[IDS], got_error[IDS], got_null;
};

static struct model m;

static const struct xennet_extra *as_extra(unsigned i)
{
	return (const struct xennet_extra *)(const void *)&m.slot[i];
}

/* One past the last slot of the chain at `at`; where its extras end. */
static unsigned chain_end(unsigned at, unsigned *data)
{
	unsigned i = at + 1;
	bool more = m.slot[at].flags & EXTRA;

	for (; more; i++)
		more = as_extra(i)->flags & XENNET_EXTRAF_MORE;
	*data = i;
	more = m.slot[at].flags & MORE;
	for (; more; i++)
		more = m.slot[i].flags & MORE;
	return i;
}

static bool slot_is_good(const struct back_rig *r, unsigned i, uint32_t size)
{
	if (m.slot[i].offset + size > XENNET_PAGE)
		return false;
	return size == 0 || fake_grant(&r->f, FRONT, m.slot[i].gref);
}

/* No page holds TCP, so whatever comes with an extra is refused. */
static bool chain_is_good(const struct back_rig *r, unsigned at, unsigned data,
			  unsigned end)
{
	uint32_t sum = 0;
	unsigned i;

	if (data != at + 1 || 1 + end - data > XENNET_SLOTS_MIN)
		return false;
	for (i = data; i < end; i++) {
		sum += m.slot[i].size;
		if (!slot_is_good(r, i, m.slot[i].size))
			return false;
	}
	if (m.slot[at].size < 14 || (sum && sum >= m.slot[at].size))
		return false;
	return slot_is_good(r, at, m.slot[at].size - sum);
}

static void expect(const struct back_rig *r)
{
	unsigned at, end, data, i;

	for (at = 0; at < m.n; at = end) {
		bool good;

		end = chain_end(at, &data);
		good = chain_is_good(r, at, data, end);
		if (good) {
			m.first[m.delivered] = at;
			m.len[m.delivered++] = m.slot[at].size;
		} else {
			m.refused++;
		}
		(good ? m.okay : m.error)[m.slot[at].id]++;
		for (i = data; i < end; i++)
			(good ? m.okay : m.error)[m.slot[i].id]++;
		for (i = at; i < end; i++)
			m.status[i] = good ? XENNET_RSP_OKAY : XENNET_RSP_ERROR;
		for (i = at + 1; i < data; i++)
			m.status[i] = XENNET_RSP_NULL;
		m.null += data - at - 1;
	}
}

/* Mostly good, so that most chains get past the first checks. */
static struct xennet_tx_req random_slot(struct back_rig *r, uint32_t *seed)
{
	static const uint16_t sizes[] = { 0,	1,     13,   14,   60,
					  100,	1500,  4095, 4096, 4097,
					  8000, 30000, 65535 };
	struct xennet_tx_req req;

	req.gref = r->front.tx_grant[test_below(seed, PAGES)].gref;
	if (test_below(seed, 40) == 0)
		req.gref = test_random(seed);
	req.offset = (uint16_t)test_below(seed, 100);
	if (test_below(seed, 20) == 0)
		req.offset = (uint16_t)test_random(seed);
	req.size = sizes[test_below(seed, COUNT(sizes))];
	req.flags = (uint16_t)(test_random(seed) & 3);
	if (test_below(seed, 3))
		req.flags |= MORE;
	if (test_below(seed, 8) == 0)
		req.flags |= EXTRA;
	if (test_below(seed, 30) == 0)
		req.flags = (uint16_t)test_random(seed);
	req.id = (uint16_t)test_below(seed, IDS);
	return req;
}

/* A chain that ought to be taken: its length is right. */
static void put_good(struct back_rig *r, uint32_t *seed)
{
	unsigned n = 1 + test_below(seed, 18), i;
	struct xennet_tx_req *first = &m.slot[m.n];

	for (i = 0; i < n; i++) {
		struct xennet_tx_req *req = &m.slot[m.n++];

		*req = random_slot(r, seed);
		req->offset = (uint16_t)test_below(seed, 500);
		req->size = (uint16_t)test_below(seed, i ? 3000 : 4000);
		req->flags = i + 1 < n ? MORE : 0;
		if (i)
			first->size = (uint16_t)(first->size + req->size);
	}
}

static void make_stream(struct back_rig *r, uint32_t *seed)
{
	memset(&m, 0, sizeof(m));
	m.index = r->front.q[0].tx.prod;
	while (m.n < STREAM - 40) {
		/* good chains only follow what has ended */
		if (test_below(seed, 3) == 0)
			put_good(r, seed);
		else
			m.slot[m.n++] = random_slot(r, seed);
	}
	m.n += 3; /* zeroes end whatever was begun */
	expect(r);
}

/* The answers that are only a number. */
static void collect_in_order(struct xennet_ring *ring, int n)
{
	uint32_t mark = *xennet_ring_mark(ring);

	for (; n > 0; n--, ring->cons++) {
		unsigned i = ring->cons - m.index;
		struct xennet_tx_req fault = { 0 }, now;

		fault.gref = (ring->cons & (ring->size - 1)) |
			     (uint32_t)XENNET_RSP_ERROR << 16;
		xennet_tx_look_req(ring, ring->cons, &now);
		m.got_null += m.status[i] == XENNET_RSP_NULL;
		if (m.status[i] == XENNET_RSP_ERROR) {
			assert_true(mark - ring->cons - 1 < ring->size);
			assert_memory_equal(&now, &fault, sizeof(now));
			m.got_error[m.slot[i].id]++;
		} else {
			assert_memory_equal(&now, &m.slot[i], sizeof(now));
			if (m.status[i] == XENNET_RSP_OKAY)
				m.got_okay[m.slot[i].id]++;
		}
	}
}

static void collect(struct back_rig *r)
{
	struct xennet_ring *ring = &r->front.q[0].tx;
	int n = xennet_ring_peek(ring);
	struct xennet_tx_rsp rsp;

	assert_true(n >= 0);
	if (ring->put_stamps) {
		collect_in_order(ring, n);
		return;
	}
	while (n-- > 0) {
		xennet_tx_get_rsp(ring, &rsp);
		if (rsp.status == XENNET_RSP_NULL) {
			m.got_null++;
			continue;
		}
		assert_true(rsp.status == XENNET_RSP_OKAY ||
			    rsp.status == XENNET_RSP_ERROR);
		assert_true(rsp.id < IDS);
		(rsp.status ? m.got_error : m.got_okay)[rsp.id]++;
	}
}

static void see(struct back_rig *r, const struct xennet_pkt *pkt)
{
	static unsigned char data[0x10000];
	unsigned at = m.first[m.seen], end, first_rest, i;
	uint32_t size = pkt->len, done = 0;

	assert_true(m.seen < m.delivered);
	assert_int_equal(pkt->len, m.len[m.seen++]);
	assert_int_equal(peer_gather(pkt, data, sizeof(data)), pkt->len);
	end = chain_end(at, &first_rest);
	for (i = first_rest; i < end; i++)
		size -= m.slot[i].size;
	for (i = at; i < end; i++, size = m.slot[i].size) {
		const unsigned char *page =
			fake_granted(&r->f, FRONT, m.slot[i].gref);

		if (size)
			assert_memory_equal(data + done,
					    page + m.slot[i].offset, size);
		done += size;
	}
}

/* Pushes, polls and hands back in random steps until all is through. */
static void play(struct back_rig *r, uint32_t *seed)
{
	struct xennet_burst held[4];
	unsigned nheld[4] = { 0 }, put = 0, which, k, idle = 0;
	struct xennet_ring *ring = &r->front.q[0].tx;
	int n;

	while (put < m.n || m.seen < m.delivered || idle < 50) {
		for (k = test_below(seed, 60);
		     k > 0 && put < m.n && xennet_ring_free(ring); k--)
			xennet_tx_put_req(ring, &m.slot[put++]);
		peer_push_tx(&r->front);
		which = test_below(seed, 4);
		if (nheld[which])
			xennet_back_done(r->q, held[which].pkt, nheld[which]);
		n = xennet_back_poll(r->q, &held[which],
				     test_below(seed, XENNET_BURST + 1));
		assert_true(n >= 0);
		nheld[which] = (unsigned)n;
		for (k = 0; k < (unsigned)n; k++)
			see(r, &held[which].pkt[k]);
		collect(r);
		idle = put == m.n ? idle + 1 : 0;
		assert_true(idle < 10000);
	}
	for (which = 0; which < 4; which++)
		xennet_back_done(r->q, held[which].pkt, nheld[which]);
	collect(r);
}

static void
T1_T2_T3_T4_T5_T7_E1_E2_random_slots_agree_with_the_model(void **state)
{
	struct back_rig *r = *state;
	uint32_t seed = 20, round;
	uint64_t delivered = 0, refused = 0;

	for (round = 0; round < 12; round++) {
		make_stream(r, &seed);
		play(r, &seed);
		assert_int_equal(m.seen, m.delivered);
		assert_int_equal(m.got_null, m.null);
		assert_memory_equal(m.got_okay, m.okay, sizeof(m.okay));
		assert_memory_equal(m.got_error, m.error, sizeof(m.error));
		delivered += m.delivered;
		refused += m.refused;
		assert_int_equal(r->q->stats.tx_packets, delivered);
		assert_int_equal(back_rig_refused(r), refused);
	}
	assert_true(delivered > 500 && refused > 500);
}

static const struct back_setting layouts[] = {
	{ .strategy = XENNET_COPY, .layout = XENNET_SPLIT },
	{ .strategy = XENNET_PERSISTENT, .layout = XENNET_SPLIT, .order = 1 },
	{ .strategy = XENNET_COPY, .layout = XENNET_SEQUENCED },
	{ .strategy = XENNET_MAP, .layout = XENNET_SEQUENCED, .order = 2 },
	{ .strategy = XENNET_PERSISTENT, .layout = XENNET_SEQUENCED },
	{ .strategy = XENNET_COPY,
	  .layout = XENNET_SEQUENCED,
	  .order = 1,
	  .pinning = true },
};

#define LAYOUT_TEST(i)                                                         \
	BACK_TEST_WITH(                                                        \
		T1_T2_T3_T4_T5_T7_E1_E2_random_slots_agree_with_the_model,     \
		layouts[i])

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TESTS(
			T1_T2_T3_T4_T5_T7_E1_E2_random_slots_agree_with_the_model),
		LAYOUT_TEST(0),
		LAYOUT_TEST(1),
		LAYOUT_TEST(2),
		LAYOUT_TEST(3),
		LAYOUT_TEST(4),
		LAYOUT_TEST(5),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
