/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <xennet/csum.h>

#define TCP XENNET_PROTO_TCP
#define UDP XENNET_PROTO_UDP
#define HOPOPTS 0
#define ROUTING 43
#define FRAGMENT 44
#define DSTOPTS 60
#define MAX_FRAGS 64

/* What a packet is made of. ext: header types of 8 bytes each, 255 ends. */
struct shape {
	unsigned tags, version, options, proto, payload, padding;
	unsigned char ext[10];
};

#define NO_EXT                                                                 \
	{                                                                      \
		255                                                            \
	}

static const struct shape shapes[] = {
	{ 0, 4, 0, TCP, 0, 0, NO_EXT },
	{ 0, 4, 0, TCP, 1, 0, NO_EXT },
	{ 0, 4, 0, TCP, 1460, 0, NO_EXT },
	{ 0, 4, 0, UDP, 0, 0, NO_EXT },
	{ 0, 4, 0, UDP, 333, 0, NO_EXT },
	{ 0, 4, 40, TCP, 101, 0, NO_EXT },
	{ 0, 4, 4, UDP, 7, 0, NO_EXT },
	{ 1, 4, 0, TCP, 64, 0, NO_EXT },
	{ 2, 4, 8, UDP, 65, 0, NO_EXT },
	{ 0, 4, 0, UDP, 4, 14, NO_EXT },
	{ 0, 6, 0, TCP, 0, 0, NO_EXT },
	{ 0, 6, 0, TCP, 1441, 0, NO_EXT },
	{ 0, 6, 0, UDP, 3, 0, NO_EXT },
	{ 2, 6, 0, UDP, 12, 0, NO_EXT },
	{ 0, 6, 0, TCP, 50, 0, { HOPOPTS, 255 } },
	{ 1, 6, 0, UDP, 51, 0, { HOPOPTS, DSTOPTS, ROUTING, DSTOPTS, 255 } },
	{ 0, 6, 0, TCP, 9, 0, { ROUTING, FRAGMENT, 255 } },
	{ 0, 6, 0, UDP, 2, 11, { DSTOPTS, 255 } },
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

struct made {
	unsigned char bytes[2048];
	struct xennet_frag frag[MAX_FRAGS];
	struct xennet_pkt pkt;
	uint32_t l3, l4, end, field, ext;
};

static void put16(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

static uint32_t get16(const unsigned char *p)
{
	return (uint32_t)(p[0] << 8 | p[1]);
}

/* The definition, two bytes at a time, the field counting as given. */
static uint32_t definition(const unsigned char *p, uint32_t n, uint32_t sum)
{
	uint32_t i;

	for (i = 0; i + 1 < n; i += 2)
		sum += get16(p + i);
	if (n & 1)
		sum += (uint32_t)p[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint32_t pseudo(const struct made *m, const struct shape *s)
{
	const unsigned char *ip = m->bytes + m->l3;
	uint32_t sum = s->proto + m->end - m->l4;

	return s->version == 4 ? definition(ip + 12, 8, sum)
			       : definition(ip + 8, 32, sum);
}

/* What stands in the field of the finished packet. */
static uint32_t checksum(const struct made *m, const struct shape *s)
{
	unsigned char copy[2048];
	uint32_t sum;

	memcpy(copy, m->bytes, sizeof(copy));
	put16(copy + m->field, 0);
	sum = definition(copy + m->l4, m->end - m->l4, pseudo(m, s)) ^ 0xffff;
	return sum == 0 && s->proto == UDP ? 0xffff : sum;
}

static uint32_t put_ipv4(struct made *m, const struct shape *s, uint32_t at)
{
	unsigned char *ip = m->bytes + at;
	uint32_t words = 5 + s->options / 4;
	uint32_t head = s->proto == TCP ? 20 : 8;

	memset(ip, 1, words * 4);
	ip[0] = (unsigned char)(0x40 | words);
	put16(ip + 2, words * 4 + head + s->payload);
	put16(ip + 6, 0x4000);
	ip[9] = (unsigned char)s->proto;
	put16(ip + 12, 0xc0a8);
	put16(ip + 16, 0xfffe);
	return at + words * 4;
}

static uint32_t put_ipv6(struct made *m, const struct shape *s, uint32_t at)
{
	unsigned char *ip = m->bytes + at, *next = ip + 6;
	uint32_t head = s->proto == TCP ? 20 : 8;
	unsigned i;

	memset(ip, 0xfd, 40);
	ip[0] = 0x60;
	at += 40;
	m->ext = at;
	for (i = 0; s->ext[i] != 255; i++, at += 8) {
		*next = s->ext[i];
		next = m->bytes + at;
		memset(next, 0, 8);
	}
	*next = (unsigned char)s->proto;
	put16(ip + 4, at - m->ext + head + s->payload);
	return at;
}

/* One fragment, the pseudo-header's sum in its field. */
static void make(struct made *m, const struct shape *s)
{
	uint32_t at = 12, i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < s->tags; i++, at += 4)
		put16(m->bytes + at, i + 1 < s->tags ? 0x88a8 : 0x8100);
	put16(m->bytes + at, s->version == 4 ? 0x0800 : 0x86dd);
	at += 2;
	m->l3 = at;
	at = s->version == 4 ? put_ipv4(m, s, at) : put_ipv6(m, s, at);
	m->l4 = at;
	m->field = at + (s->proto == TCP ? 16 : 6);
	m->end = at + (s->proto == TCP ? 20 : 8) + s->payload;
	for (i = at; i < m->end; i++)
		m->bytes[i] = (unsigned char)(i * 37 + 11);
	for (i = 0; i < s->padding; i++)
		m->bytes[m->end + i] = 0xee;
	put16(m->bytes + m->field, pseudo(m, s));
	m->frag[0].addr = m->bytes;
	m->frag[0].len = m->end + s->padding;
	m->pkt.frag = m->frag;
	m->pkt.nfrags = 1;
	m->pkt.len = m->frag[0].len;
	m->pkt.flags = XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
}

/* The first `first` bytes in one fragment, then `each` in every one. */
static void cut(struct made *m, uint32_t first, uint32_t each)
{
	uint32_t at = 0, n = 0, len = first;

	for (; at < m->pkt.len && n < MAX_FRAGS; at += len, len = each) {
		if (n + 1 == MAX_FRAGS || len > m->pkt.len - at)
			len = m->pkt.len - at;
		m->frag[n].addr = m->bytes + at;
		m->frag[n++].len = len;
	}
	m->pkt.nfrags = (uint16_t)n;
}

static void refused(struct made *m)
{
	struct made before = *m;
	uint16_t start, offset;

	assert_int_equal(xennet_csum_locate(&m->pkt, &start, &offset),
			 -XENNET_EINVAL);
	assert_int_equal(xennet_csum_complete(&m->pkt), -XENNET_EINVAL);
	assert_int_equal(xennet_csum_blank(&m->pkt), -XENNET_EINVAL);
	assert_memory_equal(m->bytes, before.bytes, sizeof(m->bytes));
	assert_int_equal(m->pkt.flags, before.pkt.flags);
}

static void T14_checksum_field_is_found_behind_any_headers(void **state)
{
	uint16_t start, offset;
	struct made m;
	unsigned i;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i]);
		assert_int_equal(xennet_csum_locate(&m.pkt, &start, &offset),
				 0);
		assert_int_equal(start, m.l4);
		assert_int_equal(start + offset, m.field);
	}
}

static void T14_headers_are_told_apart(void **state)
{
	struct xennet_l4 l4;
	struct made m;
	unsigned i;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i]);
		assert_int_equal(xennet_csum_l4(&m.pkt, &l4), 0);
		assert_int_equal(l4.version, shapes[i].version);
		assert_int_equal(l4.proto, shapes[i].proto);
		assert_int_equal(l4.l3, m.l3);
		assert_int_equal(l4.l4, m.l4);
		assert_int_equal(l4.end, m.end);
		assert_int_equal(l4.fragment, 0);
	}
}

static void T14_blank_checksum_is_completed(void **state)
{
	struct made m;
	unsigned i;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i]);
		assert_int_equal(xennet_csum_complete(&m.pkt), 0);
		assert_int_equal(get16(m.bytes + m.field),
				 checksum(&m, &shapes[i]));
		assert_int_equal(m.pkt.flags, XENNET_PKT_DATA_VALIDATED);
	}
}

static void T14_completing_touches_only_the_field(void **state)
{
	struct made m, before;
	unsigned i;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i]);
		before = m;
		assert_int_equal(xennet_csum_complete(&m.pkt), 0);
		memcpy(before.bytes + m.field, m.bytes + m.field, 2);
		assert_memory_equal(m.bytes, before.bytes, sizeof(m.bytes));
	}
}

static void T14_data_may_be_split_at_odd_places(void **state)
{
	static const uint32_t each[] = { 1, 2, 3, 7, 64, 101, 4096 };
	struct made m;
	uint32_t first;
	unsigned i, j;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i]);
		for (first = m.field + 14; first < m.field + 20; first++)
			for (j = 0; j < sizeof(each) / sizeof(each[0]); j++) {
				make(&m, &shapes[i]);
				cut(&m, first, each[j]);
				assert_int_equal(xennet_csum_complete(&m.pkt),
						 0);
				assert_int_equal(get16(m.bytes + m.field),
						 checksum(&m, &shapes[i]));
			}
	}
}

static void T14_empty_fragments_count_nothing(void **state)
{
	const struct shape *s = &shapes[2];
	struct made m;
	unsigned i;

	(void)state;
	make(&m, s);
	cut(&m, 99, 100);
	for (i = m.pkt.nfrags; i > 1; i--)
		m.frag[i] = m.frag[i - 1];
	m.frag[1].len = 0;
	m.pkt.nfrags++;

	assert_int_equal(xennet_csum_complete(&m.pkt), 0);
	assert_int_equal(get16(m.bytes + m.field), checksum(&m, s));
}

static void T14_zero_of_udp_becomes_all_ones_of_tcp_stays(void **state)
{
	static const struct shape pair[] = { { 0, 4, 0, UDP, 2, 0, NO_EXT },
					     { 0, 4, 0, TCP, 2, 0, NO_EXT } };
	struct made m;
	unsigned i;
	uint32_t sum;

	(void)state;
	for (i = 0; i < 2; i++) {
		make(&m, &pair[i]);
		put16(m.bytes + m.end - 2, 0);
		put16(m.bytes + m.field, pseudo(&m, &pair[i]));
		sum = definition(m.bytes + m.l4, m.end - m.l4, 0);
		put16(m.bytes + m.end - 2, sum ^ 0xffff);

		assert_int_equal(xennet_csum_complete(&m.pkt), 0);

		assert_int_equal(get16(m.bytes + m.field), i ? 0 : 0xffff);
	}
}

/* A SYN as a machine sent it; its checksum is 0xb22e. */
static void T14_checksum_worked_out_elsewhere(void **state)
{
	static const unsigned char wire[] = {
		0x52, 0x54, 0x00, 0x12, 0x35, 0x02, 0x52, 0x54, 0x00, 0x12,
		0x34, 0x56, 0x08, 0x00, 0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46,
		0x40, 0x00, 0x40, 0x06, 0xb1, 0xe6, 0xac, 0x10, 0x0a, 0x63,
		0xac, 0x10, 0x0a, 0x0c, 0xc3, 0x50, 0x00, 0x50, 0x12, 0x34,
		0x56, 0x78, 0x00, 0x00, 0x00, 0x00, 0xa0, 0x02, 0xfa, 0xf0,
		0xb2, 0x2e, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x04, 0x02,
		0x08, 0x0a, 0x00, 0x01, 0x02, 0x03, 0x00, 0x00, 0x00, 0x00,
		0x01, 0x03, 0x03, 0x07
	};
	struct made m = {
		.pkt = { .frag = m.frag, .len = sizeof(wire), .nfrags = 1 },
		.frag = { { m.bytes, sizeof(wire) } }
	};

	(void)state;
	memcpy(m.bytes, wire, sizeof(wire));
	put16(m.bytes + 50, 0);
	assert_int_equal(xennet_csum_blank(&m.pkt), 0);
	assert_int_equal(xennet_csum_complete(&m.pkt), 0);
	assert_memory_equal(m.bytes, wire, sizeof(wire));
}

static void T14_longest_packet_is_completed(void **state)
{
	static unsigned char bytes[65535];
	const struct shape s = { 0, 4, 0, TCP, 0, 0, NO_EXT };
	const uint32_t total = sizeof(bytes) - 14;
	struct xennet_frag frag[2];
	struct made m;
	uint32_t sum;

	(void)state;
	make(&m, &s);
	memset(bytes, 0xff, sizeof(bytes));
	memcpy(bytes, m.bytes, m.end);
	put16(bytes + 16, total);
	m.pkt = (struct xennet_pkt){ .frag = frag,
				     .len = sizeof(bytes),
				     .nfrags = 2 };
	frag[0] = (struct xennet_frag){ bytes, 127 };
	frag[1] = (struct xennet_frag){ bytes + 127, sizeof(bytes) - 127 };

	assert_int_equal(xennet_csum_blank(&m.pkt), 0);
	assert_int_equal(xennet_csum_complete(&m.pkt), 0);

	sum = definition(bytes + 26, 8, TCP + total - 20);
	sum += definition(bytes + 34, 30001, 0);
	sum += definition(bytes + 34 + 30001 - 1, 2, 0) & 0xff;
	sum += definition(bytes + 34 + 30002, total - 20 - 30002, 0);
	assert_int_equal(definition(bytes, 0, sum), 0xffff);
}

static void T14_fragments_have_no_checksum_to_complete(void **state)
{
	static const uint32_t v4[] = { 0x2000, 0x0001, 0x1fff, 0x6000 };
	static const uint32_t v6[] = { 0x0001, 0x0008, 0xfff8 };
	const struct shape f = { 0, 6, 0, UDP, 40, 0, { FRAGMENT, 255 } };
	struct xennet_l4 l4;
	struct made m;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(v4) / sizeof(v4[0]); i++) {
		make(&m, &shapes[4]);
		put16(m.bytes + m.l3 + 6, v4[i]);
		assert_int_equal(xennet_csum_l4(&m.pkt, &l4), 0);
		assert_int_equal(l4.fragment, 1);
		refused(&m);
	}
	for (i = 0; i < sizeof(v6) / sizeof(v6[0]); i++) {
		make(&m, &f);
		put16(m.bytes + m.ext + 2, v6[i]);
		assert_int_equal(xennet_csum_l4(&m.pkt, &l4), 0);
		assert_int_equal(l4.fragment, 1);
		refused(&m);
	}
}

/* Every packet cut after every byte of its headers, two ways; the head in
 * memory of its own, so that a sanitizer sees a look past it. */
static void T14_truncated_headers_are_refused(void **state)
{
	uint32_t header, n;
	struct made m;
	unsigned i;
	void *head;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i]);
		header = m.l4 + (shapes[i].proto == TCP ? 20 : 8);
		for (n = 1; n < header; n++) {
			make(&m, &shapes[i]);
			cut(&m, n, m.pkt.len);
			head = malloc(n);
			assert_non_null(head);
			m.frag[0].addr = memcpy(head, m.bytes, n);
			refused(&m);
			m.pkt.nfrags = 1;
			m.pkt.len = n;
			refused(&m);
			free(head);
		}
	}
}

static void T14_contradicting_lengths_are_refused(void **state)
{
	static const struct {
		unsigned shape, at, value; /* at: from the IP header */
	} table[] = {
		{ 2, 2, 0 },	   { 2, 2, 19 },     { 2, 2, 39 },
		{ 2, 2, 1501 },	   { 2, 2, 0xffff }, { 2, 0, 0x4400 },
		{ 2, 0, 0x6500 },  { 5, 2, 59 },     { 11, 4, 0 },
		{ 11, 4, 19 },	   { 11, 4, 1462 },  { 11, 4, 0xffff },
		{ 11, 0, 0x4000 },
	};
	struct made m;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		make(&m, &shapes[table[i].shape]);
		put16(m.bytes + m.l3 + table[i].at, table[i].value);
		refused(&m);
	}
}

static void T14_other_protocols_are_refused(void **state)
{
	static const unsigned protos[] = { 1, 2, 47, 50, 51, 58, 132, 59 };
	struct made m;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		make(&m, &shapes[2]);
		m.bytes[m.l3 + 9] = (unsigned char)protos[i];
		refused(&m);
		make(&m, &shapes[11]);
		m.bytes[m.l3 + 6] = (unsigned char)protos[i];
		refused(&m);
	}
	make(&m, &shapes[2]);
	put16(m.bytes + 12, 0x0806);
	refused(&m);
}

static void T14_third_vlan_tag_is_refused(void **state)
{
	const struct shape three = { 3, 4, 0, TCP, 9, 0, NO_EXT };
	struct made m;

	(void)state;
	make(&m, &three);
	refused(&m);
}

static void T14_extension_headers_are_bounded(void **state)
{
	const struct shape seven = {
		0, 6, 0, UDP, 9, 0, { 60, 60, 60, 60, 60, 60, 60, 255 }
	};
	const struct shape nine = {
		0, 6, 0, UDP, 9, 0, { 60, 60, 60, 60, 60, 60, 60, 60, 60, 255 }
	};
	struct made m;

	(void)state;
	make(&m, &seven);
	assert_int_equal(xennet_csum_complete(&m.pkt), 0);
	make(&m, &nine);
	refused(&m);
}

static void T14_extension_header_past_the_packet_is_refused(void **state)
{
	struct made m;
	unsigned len;

	(void)state;
	for (len = 9; len < 256; len++) {
		make(&m, &shapes[14]);
		m.bytes[m.ext + 1] = (unsigned char)len;
		refused(&m);
	}
}

static void E6_missing_pseudo_header_sum_is_put_in(void **state)
{
	struct made m;
	uint32_t sum;
	unsigned i;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i]);
		sum = pseudo(&m, &shapes[i]);
		put16(m.bytes + m.field, 0x1234);
		m.pkt.flags = XENNET_PKT_DATA_VALIDATED;

		assert_int_equal(xennet_csum_blank(&m.pkt), 0);

		assert_int_equal(get16(m.bytes + m.field), sum);
		assert_int_equal(m.pkt.flags,
				 XENNET_PKT_CSUM_BLANK |
					 XENNET_PKT_DATA_VALIDATED);
	}
}

static void E6_blank_and_complete_are_each_others_inverse(void **state)
{
	struct made m, whole;
	unsigned i;

	(void)state;
	for (i = 0; i < SHAPES; i++) {
		make(&m, &shapes[i]);
		assert_int_equal(xennet_csum_complete(&m.pkt), 0);
		whole = m;
		assert_int_equal(xennet_csum_blank(&m.pkt), 0);
		assert_int_equal(xennet_csum_complete(&m.pkt), 0);
		assert_memory_equal(m.bytes, whole.bytes, sizeof(m.bytes));
	}
}

/* Its pseudo-header wants an address that the IP header does not hold; what
 * the sender put there is right, and can be completed. */
static void E6_packet_still_to_be_routed_cannot_be_blanked(void **state)
{
	const struct shape s = { 0, 6, 0, TCP, 9, 0, { ROUTING, 255 } };
	struct made m;

	(void)state;
	make(&m, &s);
	m.bytes[m.ext + 3] = 1;

	assert_int_equal(xennet_csum_blank(&m.pkt), -XENNET_EINVAL);
	assert_int_equal(xennet_csum_complete(&m.pkt), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			T14_checksum_field_is_found_behind_any_headers),
		cmocka_unit_test(T14_headers_are_told_apart),
		cmocka_unit_test(T14_blank_checksum_is_completed),
		cmocka_unit_test(T14_completing_touches_only_the_field),
		cmocka_unit_test(T14_data_may_be_split_at_odd_places),
		cmocka_unit_test(T14_empty_fragments_count_nothing),
		cmocka_unit_test(T14_zero_of_udp_becomes_all_ones_of_tcp_stays),
		cmocka_unit_test(T14_checksum_worked_out_elsewhere),
		cmocka_unit_test(T14_longest_packet_is_completed),
		cmocka_unit_test(T14_fragments_have_no_checksum_to_complete),
		cmocka_unit_test(T14_truncated_headers_are_refused),
		cmocka_unit_test(T14_contradicting_lengths_are_refused),
		cmocka_unit_test(T14_other_protocols_are_refused),
		cmocka_unit_test(T14_third_vlan_tag_is_refused),
		cmocka_unit_test(T14_extension_headers_are_bounded),
		cmocka_unit_test(
			T14_extension_header_past_the_packet_is_refused),
		cmocka_unit_test(E6_missing_pseudo_header_sum_is_put_in),
		cmocka_unit_test(E6_blank_and_complete_are_each_others_inverse),
		cmocka_unit_test(
			E6_packet_still_to_be_routed_cannot_be_blanked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
