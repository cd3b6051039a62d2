/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The Toeplitz hash against Microsoft's published vectors, and over packets. */
#include "test.h"

#include <arpa/inet.h>
#include <xennet/hash.h>

#include "frame.h"

static const uint8_t microsofts_key[XENNET_HASH_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* "Verifying the RSS hash calculation", of the Windows driver kit. */
static const struct vector {
	int family;
	const char *src, *dst;
	uint16_t sport, dport;
	uint32_t ip, tcp;
} vectors[] = {
	{ AF_INET, "66.9.149.187", "161.142.100.80", 2794, 1766, 0x323e8fc2,
	  0x51ccc178 },
	{ AF_INET, "199.92.111.2", "65.69.140.83", 14230, 4739, 0xd718262a,
	  0xc626b0ea },
	{ AF_INET, "24.19.198.95", "12.22.207.184", 12898, 38024, 0xd2d0a5de,
	  0x5c2b394a },
	{ AF_INET, "38.27.205.30", "209.142.163.6", 48228, 2217, 0x82989176,
	  0xafc7327f },
	{ AF_INET, "153.39.163.191", "202.188.127.2", 44251, 1303, 0x5d1809c5,
	  0x10e828a2 },
	{ AF_INET6, "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766,
	  0x2cc18cd5, 0x40207d3d },
	{ AF_INET6, "3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739,
	  0x0f0c461c, 0xdde51bbf },
	{ AF_INET6, "3ffe:1900:4545:3:200:f8ff:fe21:67cf",
	  "fe80::200:f8ff:fe21:67cf", 44251, 38024, 0x4b61e985, 0x02d1feef },
};

#define LEN 200u

struct made {
	unsigned char bytes[LEN + 8];
	struct xennet_frag frag[40];
	struct xennet_pkt pkt;
};

static struct xennet_hash hash;

static int setup(void **state)
{
	(void)state;
	memset(&hash, 0, sizeof(hash));
	hash.algorithm = XENNET_HASH_TOEPLITZ;
	hash.types = XENNET_HASH_ALL;
	xennet_hash_set_key(&hash, microsofts_key, sizeof(microsofts_key));
	return 0;
}

/* A frame with this many VLAN tags. */
static void make(struct made *m, const struct vector *v, bool tcp,
		 unsigned tags)
{
	bool four = v->family == AF_INET;
	unsigned char frame[LEN], *ip = frame + 14;
	uint16_t port[2] = { htons(v->sport), htons(v->dport) };
	unsigned at;

	memset(frame, 0, sizeof(frame));
	at = four ? frame_tcp4(frame, LEN) : frame_tcp6(frame, LEN);
	ip[four ? 9 : 6] = tcp ? 6 : 17;
	inet_pton(v->family, v->src, ip + (four ? 12 : 8));
	inet_pton(v->family, v->dst, ip + (four ? 16 : 24));
	memcpy(frame + at - 20, port, 4);

	memset(m, 0, sizeof(*m));
	memcpy(m->bytes, frame, 12);
	for (at = 12; at < 12 + 4 * tags; at += 4)
		memcpy(m->bytes + at, "\x81\x00\x00\x07", 4);
	memcpy(m->bytes + at, frame + 12, LEN - 12);
	m->frag[0].addr = m->bytes;
	m->frag[0].len = m->pkt.len = LEN + 4 * tags;
	m->pkt.frag = m->frag;
	m->pkt.nfrags = 1;
}

static void check(struct made *m, int type, uint32_t value)
{
	bool any = xennet_hash_packet(&hash, &m->pkt);

	assert_int_equal(any, type >= 0);
	assert_int_equal(xennet_pkt_hash_type(&m->pkt), type);
	if (any)
		assert_int_equal(m->pkt.hash, value);
}

static void C10_the_published_vectors(void **state)
{
	struct made m;
	unsigned i, tags;

	(void)state;
	for (i = 0; i < COUNT(vectors); i++) {
		const struct vector *v = &vectors[i];
		int type = v->family == AF_INET ? XENNET_HASH_IPV4
						: XENNET_HASH_IPV6;

		for (tags = 0; tags < 3; tags++) {
			make(&m, v, true, tags);
			check(&m, type + 1, v->tcp);
			make(&m, v, false, tags);
			check(&m, type, v->ip);
		}
	}
}

static void C6_the_widest_type_asked_for(void **state)
{
	struct made m;
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(vectors); i++) {
		const struct vector *v = &vectors[i];
		int type = v->family == AF_INET ? XENNET_HASH_IPV4
						: XENNET_HASH_IPV6;

		make(&m, v, true, 0);
		hash.types = 1u << type;
		check(&m, type, v->ip);
		hash.types = 2u << type;
		check(&m, type + 1, v->tcp);
		hash.types = XENNET_HASH_ALL & ~(3u << type);
		check(&m, -1, 0);
		hash.types = 2u << type;
		make(&m, v, false, 0);
		check(&m, -1, 0);
		hash.types = XENNET_HASH_ALL;
		hash.algorithm = XENNET_HASH_NONE;
		check(&m, -1, 0);
		hash.algorithm = XENNET_HASH_TOEPLITZ;
	}
}

static void a_fragment_is_hashed_without_ports(void **state)
{
	struct made m;

	(void)state;
	make(&m, &vectors[0], true, 1);
	m.bytes[18 + 6] = 0x20; /* more fragments */
	check(&m, XENNET_HASH_IPV4, vectors[0].ip);
}

static void headers_in_many_pieces_are_found(void **state)
{
	struct made m;
	unsigned i;

	(void)state;
	make(&m, &vectors[5], true, 2);
	for (i = 0; i < 20; i++) {
		m.frag[i].addr = m.bytes + i * 10;
		m.frag[i].len = i == 7 ? 0 : 10;
	}
	m.frag[6].len = 20;
	m.frag[19].len = m.pkt.len - 190;
	m.pkt.nfrags = 20;
	check(&m, XENNET_HASH_IPV6_TCP, vectors[5].tcp);
}

static void what_is_no_whole_ip_has_no_hash(void **state)
{
	struct made m;
	uint32_t len;

	(void)state;
	make(&m, &vectors[0], true, 0);
	for (len = 14; len < 34; len++) {
		m.pkt.len = m.frag[0].len = len;
		check(&m, -1, 0);
	}
	make(&m, &vectors[0], true, 0);
	m.bytes[13] = 6; /* ARP */
	xennet_pkt_set_hash(&m.pkt, XENNET_HASH_IPV4, 1);
	check(&m, -1, 0); /* nor one of before */
}

#if __has_include(<xen/io/netif.h>)
#define xen_mb() xennet_mb()
#define xen_rmb() xennet_mb()
#define xen_wmb() xennet_mb()
#define XEN_NETIF_DEFINE_TOEPLITZ
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/netif.h>

static void C10_short_keys_hash_as_xens_own_function_says(void **state)
{
	uint8_t data[XENNET_HASH_BYTES], key[XENNET_HASH_KEY];
	uint32_t seed = 5;
	unsigned len, n, i;

	(void)state;
	for (len = 0; len <= XENNET_HASH_KEY; len++)
		for (n = 0; n <= XENNET_HASH_BYTES; n++) {
			for (i = 0; i < sizeof(key); i++)
				key[i] = (uint8_t)test_random(&seed);
			for (i = 0; i < n; i++)
				data[i] = (uint8_t)test_random(&seed);
			xennet_hash_set_key(&hash, key, len);
			assert_int_equal(
				xennet_hash_bytes(&hash, data, n),
				xen_netif_toeplitz_hash(key, len, data, n));
		}
}
#endif

static void C10_the_queue_is_the_hash_modulo_size(void **state)
{
	struct xennet_pkt pkt = { 0 };
	uint32_t seed = 3;
	unsigned i;

	(void)state;
	for (i = 0; i < XENNET_HASH_MAPPING; i++)
		hash.mapping[i] = (uint8_t)(i * 7 % 64);
	for (i = 0; i < 1000; i++) {
		uint32_t h = test_random(&seed);

		xennet_pkt_set_hash(&pkt, XENNET_HASH_IPV6_TCP, h);
		hash.size = 1 + test_below(&seed, XENNET_HASH_MAPPING);
		assert_int_equal(xennet_hash_queue(&hash, &pkt, 64),
				 h % hash.size * 7 % 64);
		hash.size = 0;
		assert_int_equal(xennet_hash_queue(&hash, &pkt, 5), h % 5);
	}
	pkt.flags = 0;
	hash.size = 4;
	hash.mapping[0] = 3;
	assert_int_equal(xennet_hash_queue(&hash, &pkt, 5), 3);
}

static void a_flow_has_its_queue_and_flows_are_spread(void **state)
{
	unsigned count[5] = { 0 }, i, q;
	struct vector v = vectors[0];
	struct made m;

	(void)state;
	for (i = 0; i < 5000; i++) {
		v.sport = (uint16_t)(1024 + i);
		make(&m, &v, i & 1, 0);
		q = xennet_flow_queue(&m.pkt, 5);
		assert_true(q < 5);
		m.bytes[100]++; /* the payload says nothing */
		assert_int_equal(xennet_flow_queue(&m.pkt, 5), q);
		count[q]++;
	}
	for (q = 0; q < 5; q++)
		assert_in_range(count[q], 850, 1150);
	assert_int_equal(xennet_flow_queue(&m.pkt, 1), 0);
}

/* A burst of them is read and written by both ends, packet by packet. */
static void a_packet_is_no_larger_for_its_hash(void **state)
{
	(void)state;
	if (sizeof(void *) == 8)
		assert_int_equal(sizeof(struct xennet_pkt), 24);
}

#define HASH_TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HASH_TEST(C10_the_published_vectors),
		HASH_TEST(C6_the_widest_type_asked_for),
		HASH_TEST(a_fragment_is_hashed_without_ports),
		HASH_TEST(headers_in_many_pieces_are_found),
		HASH_TEST(what_is_no_whole_ip_has_no_hash),
#if __has_include(<xen/io/netif.h>)
		HASH_TEST(C10_short_keys_hash_as_xens_own_function_says),
#endif
		HASH_TEST(C10_the_queue_is_the_hash_modulo_size),
		HASH_TEST(a_packet_is_no_larger_for_its_hash),
		HASH_TEST(a_flow_has_its_queue_and_flows_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
