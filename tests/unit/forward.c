/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From guest to guest: what one backend polls another sends, for every pair of
 * what the two vifs have agreed on. A checksum that the sender left blank
 * arrives blank where the receiver takes that, and whole where it does not;
 * in between nobody touches it.
 */
#include <stdlib.h>

#include <xennet/csum.h>

#include "frame.h"
#include "link.h"

#define SOME_FLAGS                                                             \
	(XENNET_F_SG | XENNET_F_GSO_TCPV4 | XENNET_F_GSO_TCPV6 |               \
	 XENNET_F_CSUM_V4 | XENNET_F_CSUM_V6)
#define SETS 32u

#define LONGEST 20000u

static struct link from, to;

/* A subset of SOME_FLAGS, which are the five lowest bits, with all others. */
static uint32_t flags_of(unsigned set)
{
	return (XENNET_F_ALL & ~(uint32_t)SOME_FLAGS) | set;
}

/* What lies between the Ethernet header and TCP or UDP. */
enum shape { PLAIN, VLAN, TWO_VLANS, OPTIONS, SHAPES };

struct kind {
	unsigned (*frame)(unsigned char *bytes, uint32_t len);
	uint8_t version;
	bool tcp;
};

static const struct kind kinds[] = {
	{ frame_tcp4, 4, true },
	{ frame_udp4, 4, false },
	{ frame_tcp6, 6, true },
};

static void put16(unsigned char *p, unsigned v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

static unsigned get16(const unsigned char *p)
{
	return p[0] * 256u + p[1];
}

/* n bytes more from `at` on, in a frame of len. */
static void insert(unsigned char *bytes, uint32_t len, uint32_t at, uint32_t n)
{
	memmove(bytes + at + n, bytes + at, len - at);
	memset(bytes + at, 0, n);
}

static uint32_t add_options(unsigned char *bytes, uint32_t len, uint8_t version)
{
	unsigned char *ip = bytes + 14;

	if (version == 4) {
		insert(bytes, len, 34, 8);
		memset(ip + 20, 1, 8); /* no operation */
		ip[0] = 0x47;
		put16(ip + 2, get16(ip + 2) + 8);
	} else {
		insert(bytes, len, 54, 8);
		ip[40] = ip[6]; /* hop by hop, padded */
		ip[42] = 1;
		ip[43] = 4;
		ip[6] = 0;
		put16(ip + 4, get16(ip + 4) + 8);
	}
	return len + 8;
}

static uint32_t build(unsigned char *bytes, const struct kind *kind,
		      enum shape shape, uint32_t len)
{
	uint32_t i = kind->frame(bytes, len), tag;

	for (; i < len; i++)
		bytes[i] = (unsigned char)(i * 7 + (i >> 8) * 3 + shape);
	if (shape == OPTIONS)
		len = add_options(bytes, len, kind->version);
	for (tag = 0; tag < (shape == VLAN	  ? 1
			     : shape == TWO_VLANS ? 2
						  : 0);
	     tag++) {
		insert(bytes, len, 12, 4);
		put16(bytes + 12, tag ? 0x88a8 : 0x8100);
		put16(bytes + 14, 100 + tag);
		len += 4;
	}
	return len;
}

static uint32_t add16(uint32_t sum, const unsigned char *p, uint32_t len)
{
	uint32_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(p + i);
	return len & 1 ? sum + p[len - 1] * 256u : sum;
}

/* RFC 1071: with its checksum all that it covers adds up to all ones. */
static void assert_adds_up(const unsigned char *bytes,
			   const struct xennet_l4 *l4)
{
	uint32_t len = l4->end - l4->l4, sum;

	sum = l4->version == 4 ? add16(0, bytes + l4->l3 + 12, 8)
			       : add16(0, bytes + l4->l3 + 8, 32);
	sum = add16(sum + len + l4->proto, bytes + l4->l4, len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(sum, 0xffff);
}

/* One packet, as it is sent and as it has to arrive. */
struct item {
	const struct kind *kind;
	struct xennet_pkt pkt;
	struct xennet_frag frag;
	unsigned char sent[LONGEST], whole[LONGEST];
};

static void make(struct item *it, const struct kind *kind, enum shape shape,
		 uint32_t len, uint8_t flags, bool gso)
{
	struct xennet_pkt copy;
	struct xennet_frag frag = { it->whole, 0 };

	it->kind = kind;
	memset(&it->pkt, 0, sizeof(it->pkt));
	it->pkt.len = build(it->sent, kind, shape, len);
	it->frag.addr = it->sent;
	it->frag.len = it->pkt.len;
	it->pkt.frag = &it->frag;
	it->pkt.nfrags = 1;
	it->pkt.flags = flags;
	if (gso) {
		it->pkt.gso_type = kind->version == 4 ? XENNET_GSO_TCPV4
						      : XENNET_GSO_TCPV6;
		it->pkt.gso_size = 1400;
	}
	if (flags & XENNET_PKT_CSUM_BLANK)
		assert_int_equal(xennet_csum_blank(&it->pkt), 0);
	memcpy(it->whole, it->sent, it->pkt.len);
	copy = it->pkt;
	copy.frag = &frag;
	frag.len = it->pkt.len;
	if (flags & XENNET_PKT_CSUM_BLANK) {
		struct xennet_l4 l4;

		assert_int_equal(xennet_csum_complete(&copy), 0);
		assert_int_equal(xennet_csum_l4(&copy, &l4), 0);
		assert_int_equal(l4.proto, kind->tcp ? 6 : 17);
		assert_adds_up(it->whole, &l4);
	}
}

/* Whether a peer with these features takes it as it is; else: why not. */
static int refusal(const struct item *it, uint32_t flags)
{
	uint32_t gso = it->kind->version == 4 ? XENNET_F_GSO_TCPV4
					      : XENNET_F_GSO_TCPV6;
	uint32_t csum =
		it->kind->version == 4 ? XENNET_F_CSUM_V4 : XENNET_F_CSUM_V6;

	if (it->pkt.gso_type && !(flags & gso))
		return XENNET_EGSO_TYPE;
	if (it->pkt.len > XENNET_PAGE && !(flags & XENNET_F_SG))
		return XENNET_EPKT_NO_SG;
	if (it->pkt.flags & XENNET_PKT_CSUM_BLANK && !(flags & csum))
		return XENNET_EPKT_NO_CSUM;
	return 0;
}

/* What a switch does: nothing, unless the next one needs it. */
static void forward(struct xennet_pkt *pkt)
{
	struct xennet_back_queue *q = &to.back.queue[0];
	struct xennet_l4 l4;

	assert_int_equal(xennet_csum_l4(pkt, &l4), 0);
	if (pkt->flags & XENNET_PKT_CSUM_BLANK && !pkt->gso_type &&
	    !(q->rx.flags &
	      (l4.version == 4 ? XENNET_F_CSUM_V4 : XENNET_F_CSUM_V6)))
		assert_int_equal(xennet_csum_complete(pkt), 0);
	assert_int_equal(xennet_back_send(q, pkt, 1), 1);
}

static void assert_came(const struct item *it, uint32_t flags)
{
	static unsigned char got[LONGEST];
	const struct xennet_pkt *pkt = &to.in.pkt[0];
	bool whole = refusal(it, flags) == XENNET_EPKT_NO_CSUM;
	uint8_t want = it->pkt.flags;

	if (want & XENNET_PKT_CSUM_BLANK)
		want |= XENNET_PKT_DATA_VALIDATED;
	if (whole)
		want &= (uint8_t)~XENNET_PKT_CSUM_BLANK;
	assert_int_equal(pkt->len, it->pkt.len);
	assert_int_equal(peer_gather(pkt, got, sizeof(got)), pkt->len);
	assert_memory_equal(got, whole ? it->whole : it->sent, pkt->len);
	assert_int_equal(pkt->flags & ~XENNET_PKT_SHARED, want);
	assert_int_equal(pkt->gso_type, it->pkt.gso_type);
	assert_int_equal(pkt->gso_size, it->pkt.gso_size);
}

static uint64_t counted(const struct xennet_stats *s, int err)
{
	return s->reason[err];
}

/* From one guest to the other, or to where it is refused, by its name. */
static void pass(struct item *it)
{
	struct xennet_front_queue *a = &from.front.queue[0];
	struct xennet_front_queue *b = &to.front.queue[0];
	struct xennet_back_queue *out = &to.back.queue[0];
	int err = refusal(it, from.s.back_flags);
	uint64_t before = counted(&a->stats, err);
	int n;

	assert_int_equal(xennet_front_send(a, &it->pkt, 1), 1);
	n = xennet_back_poll(&from.back.queue[0], &from.in, XENNET_BURST);
	assert_int_equal(n, !err);
	if (err) {
		assert_int_equal(counted(&a->stats, err), before + 1);
		return;
	}

	err = refusal(it, to.s.front_flags);
	/* the switch has seen to that */
	if (err == XENNET_EPKT_NO_CSUM && !it->pkt.gso_type)
		err = 0;
	before = counted(&out->stats, err);
	forward(&from.in.pkt[0]);
	xennet_back_done(&from.back.queue[0], from.in.pkt, 1);
	n = xennet_front_poll(b, &to.in, XENNET_BURST);
	assert_int_equal(n, !err);
	if (err) {
		assert_int_equal(counted(&out->stats, err), before + 1);
		return;
	}
	assert_came(it, to.s.front_flags);
	xennet_front_done(b, to.in.pkt, 1);
	/* the answer to it */
	assert_int_equal(xennet_front_poll(a, &from.in, XENNET_BURST), 0);
}

static const uint32_t lengths[] = { 100, 2000, 4000, 9001 };
static const uint8_t csums[] = { 0, XENNET_PKT_DATA_VALIDATED,
				 XENNET_PKT_CSUM_BLANK };

static struct item *items;
static unsigned nitems;

static int setup(void **state)
{
	unsigned kind, shape, len, csum;

	(void)state;
	items = calloc(COUNT(kinds) * SHAPES * COUNT(lengths) *
			       (COUNT(csums) + 1),
		       sizeof(*items));
	for (kind = 0; kind < COUNT(kinds); kind++)
		for (shape = 0; shape < SHAPES; shape++)
			for (len = 0; len < COUNT(lengths); len++) {
				for (csum = 0; csum < COUNT(csums); csum++)
					make(&items[nitems++], &kinds[kind],
					     shape, lengths[len], csums[csum],
					     false);
				if (!kinds[kind].tcp || lengths[len] < 2000)
					continue;
				make(&items[nitems++], &kinds[kind], shape,
				     lengths[len], XENNET_PKT_CSUM_BLANK, true);
			}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(items);
	return 0;
}

static void
T14_E5_E6_X11_all_that_was_agreed_on_survives_forwarding(void **state)
{
	static const enum xennet_strategy ways[] = { XENNET_COPY, XENNET_MAP,
						     XENNET_PERSISTENT };
	unsigned a, b, i;

	(void)state;
	for (a = 0; a < SETS; a++) {
		const struct link_setting sender = {
			.strategy = ways[a % COUNT(ways)],
			.back_flags = flags_of(a),
		};

		link_open(&from, &sender);
		for (b = 0; b < SETS; b++) {
			const struct link_setting receiver = {
				.strategy = ways[(a + b) % COUNT(ways)],
				.front_flags = flags_of(b),
				.headroom = b % 5 == 4 ? 64 : 0,
			};

			link_open(&to, &receiver);
			for (i = 0; i < nitems; i++)
				pass(&items[i]);
			link_close(&to);
		}
		link_close(&from);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(T14_E5_E6_X11_all_that_was_agreed_on_survives_forwarding),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
