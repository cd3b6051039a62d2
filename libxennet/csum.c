/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/csum.h>

#define ETH_LEN 14u
#define VLAN_LEN 4u
#define IPV4_LEN 20u
#define IPV6_LEN 40u
#define TCP_LEN 20u
#define UDP_LEN 8u

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8
};

enum {
	PROTO_HOPOPTS = 0,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_DSTOPTS = 60
};

/* More than any sender chains; each costs a look. */
#define EXTENSIONS_MAX 8

/* Of the head of a packet, len bytes may be read. */
struct head {
	const unsigned char *p;
	uint32_t len;
};

static unsigned get16(const unsigned char *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

static int ipv4(const struct head *h, struct xennet_l4 *l4)
{
	const unsigned char *ip = h->p + l4->l3;
	unsigned words, total;

	if (l4->l3 + IPV4_LEN > h->len || ip[0] >> 4 != 4)
		return -XENNET_EINVAL;
	words = ip[0] & 15u;
	total = get16(ip + 2);
	if (words < 5 || total < words * 4 || l4->l3 + total > 0xffff)
		return -XENNET_EINVAL;

	l4->version = 4;
	l4->proto = ip[9];
	l4->fragment = (get16(ip + 6) & 0x3fff) != 0;
	l4->l4 = (uint16_t)(l4->l3 + words * 4);
	l4->end = (uint16_t)(l4->l3 + total);
	return 0;
}

static bool is_extension(unsigned proto)
{
	return proto == PROTO_HOPOPTS || proto == PROTO_ROUTING ||
	       proto == PROTO_FRAGMENT || proto == PROTO_DSTOPTS;
}

/* Moves l4 past one extension header. */
XENNET_COLD static int extension(const struct head *h, struct xennet_l4 *l4)
{
	const unsigned char *x = h->p + l4->l4;
	unsigned len;

	if (l4->l4 + 8u > h->len)
		return -XENNET_EINVAL;
	len = l4->proto == PROTO_FRAGMENT ? 8 : (x[1] + 1u) * 8;
	if (l4->l4 + len > l4->end)
		return -XENNET_EINVAL;
	if (l4->proto == PROTO_ROUTING && x[3] != 0)
		l4->routed = 1;
	/* offset 0 and no more to come: a whole packet all the same */
	if (l4->proto == PROTO_FRAGMENT && (get16(x + 2) & 0xfff9))
		l4->fragment = 1;
	l4->proto = x[0];
	l4->l4 = (uint16_t)(l4->l4 + len);
	return 0;
}

static int ipv6(const struct head *h, struct xennet_l4 *l4)
{
	const unsigned char *ip = h->p + l4->l3;
	unsigned payload;
	int n, err;

	if (l4->l3 + IPV6_LEN > h->len || ip[0] >> 4 != 6)
		return -XENNET_EINVAL;
	payload = get16(ip + 4);
	if (l4->l3 + IPV6_LEN + payload > 0xffff)
		return -XENNET_EINVAL;

	l4->version = 6;
	l4->proto = ip[6];
	l4->l4 = (uint16_t)(l4->l3 + IPV6_LEN);
	l4->end = (uint16_t)(l4->l4 + payload);
	for (n = 0; n < EXTENSIONS_MAX && !l4->fragment; n++) {
		if (!is_extension(l4->proto))
			return 0;
		err = extension(h, l4);
		if (err)
			return err;
	}
	return l4->fragment ? 0 : -XENNET_EINVAL;
}

int xennet_csum_l4(const struct xennet_pkt *pkt, struct xennet_l4 *l4)
{
	struct head h = { (const unsigned char *)pkt->frag[0].addr,
			  pkt->frag[0].len };
	unsigned type, at = ETH_LEN, tags;
	int err;

	if (h.len < ETH_LEN)
		return -XENNET_EINVAL;
	type = get16(h.p + at - 2);
	for (tags = 0; tags < 2; tags++) {
		if (type != TYPE_VLAN && type != TYPE_QINQ)
			break;
		at += VLAN_LEN;
		if (at > h.len)
			return -XENNET_EINVAL;
		type = get16(h.p + at - 2);
	}

	memset(l4, 0, sizeof(*l4));
	l4->l3 = (uint16_t)at;
	if (type != TYPE_IPV4 && type != TYPE_IPV6)
		return -XENNET_EINVAL;
	err = type == TYPE_IPV4 ? ipv4(&h, l4) : ipv6(&h, l4);
	if (err || l4->end > pkt->len)
		return -XENNET_EINVAL;
	return 0;
}

/* As xennet_csum_l4, and the checksum field's place in the L4 header. */
static int field(const struct xennet_pkt *pkt, struct xennet_l4 *l4,
		 uint16_t *offset)
{
	unsigned need;
	int err = xennet_csum_l4(pkt, l4);

	if (err)
		return err;
	if (l4->fragment)
		return -XENNET_EINVAL;
	if (l4->proto != XENNET_PROTO_TCP && l4->proto != XENNET_PROTO_UDP)
		return -XENNET_EINVAL;
	need = l4->proto == XENNET_PROTO_TCP ? TCP_LEN : UDP_LEN;
	*offset = l4->proto == XENNET_PROTO_TCP ? 16 : 6;
	if (l4->l4 + need > l4->end || l4->l4 + need > pkt->frag[0].len)
		return -XENNET_EINVAL;
	return 0;
}

/* What nearly every packet is: IPv4 without options, no tag, no fragment. */
static bool locate_plain(const struct xennet_pkt *pkt, uint16_t *offset)
{
	const unsigned char *p = (const unsigned char *)pkt->frag[0].addr;
	uint32_t len = pkt->frag[0].len, l4 = ETH_LEN + IPV4_LEN, end;
	uint32_t need = TCP_LEN;

	if (len < l4 + UDP_LEN || get16(p + 12) != TYPE_IPV4 || p[14] != 0x45 ||
	    get16(p + 20) & 0x3fff)
		return false;
	*offset = 16;
	if (p[23] != XENNET_PROTO_TCP) {
		if (p[23] != XENNET_PROTO_UDP)
			return false;
		need = UDP_LEN;
		*offset = 6;
	}
	end = ETH_LEN + get16(p + 16);
	return l4 + need <= len && l4 + need <= end && end <= pkt->len &&
	       end <= 0xffff;
}

int xennet_csum_locate(const struct xennet_pkt *pkt, uint16_t *start,
		       uint16_t *offset)
{
	struct xennet_l4 l4;
	int err;

	if (XENNET_LIKELY(locate_plain(pkt, offset))) {
		*start = ETH_LEN + IPV4_LEN;
		return 0;
	}
	err = field(pkt, &l4, offset);
	if (err)
		return err;
	*start = l4.l4;
	return 0;
}

/*
 * Adds n bytes to a sum of 16-bit words in this machine's byte order: a sum
 * with carries is the same in either order but for the swap of its bytes, and
 * is stored as it was loaded.
 */
static uint64_t add(uint64_t sum, const unsigned char *p, uint32_t n)
{
	uint32_t word;

	for (; n >= 4; n -= 4, p += 4) {
		memcpy(&word, p, 4);
		sum += word;
	}
	if (n > 0) {
		word = 0;
		memcpy(&word, p, n);
		sum += word;
	}
	return sum;
}

static uint32_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)sum;
}

/* Of n bytes of the packet from the given offset on. */
static uint32_t sum_packet(const struct xennet_pkt *pkt, uint32_t from,
			   uint32_t n)
{
	uint32_t sum = 0, done = 0, len, part;
	unsigned i;

	for (i = 0; i < pkt->nfrags && done < n; i++) {
		len = pkt->frag[i].len;
		if (from >= len) {
			from -= len;
			continue;
		}
		len = len - from < n - done ? len - from : n - done;
		part = fold(
			add(0, (unsigned char *)pkt->frag[i].addr + from, len));
		/* a fragment that begins at an odd byte counts swapped */
		if (done & 1)
			part = (part << 8 | part >> 8) & 0xffff;
		sum = fold((uint64_t)sum + part);
		done += len;
		from = 0;
	}
	return sum;
}

static void store(const struct xennet_pkt *pkt, uint32_t at, uint32_t sum)
{
	uint16_t value = (uint16_t)sum;

	memcpy((unsigned char *)pkt->frag[0].addr + at, &value, 2);
}

int xennet_csum_complete(struct xennet_pkt *pkt)
{
	struct xennet_l4 l4;
	uint16_t offset;
	uint32_t sum;
	int err = field(pkt, &l4, &offset);

	if (err)
		return err;
	sum = sum_packet(pkt, l4.l4, (uint32_t)l4.end - l4.l4);
	sum ^= 0xffff;
	/* in UDP 0 says that there is none */
	if (sum == 0 && l4.proto == XENNET_PROTO_UDP)
		sum = 0xffff;
	store(pkt, (uint32_t)l4.l4 + offset, sum);
	pkt->flags &= (uint8_t)~XENNET_PKT_CSUM_BLANK;
	return 0;
}

int xennet_csum_blank(struct xennet_pkt *pkt)
{
	const unsigned char *ip;
	struct xennet_l4 l4;
	unsigned char rest[4] = { 0 };
	uint16_t offset;
	uint32_t len;
	uint64_t sum;
	int err = field(pkt, &l4, &offset);

	if (err)
		return err;
	if (l4.routed)
		return -XENNET_EINVAL;
	ip = (const unsigned char *)pkt->frag[0].addr + l4.l3;
	len = (uint32_t)l4.end - l4.l4;
	rest[1] = l4.proto;
	rest[2] = (unsigned char)(len >> 8);
	rest[3] = (unsigned char)len;
	sum = add(0, rest, 4);
	sum = l4.version == 4 ? add(sum, ip + 12, 8) : add(sum, ip + 8, 32);
	store(pkt, (uint32_t)l4.l4 + offset, fold(sum));
	pkt->flags |= XENNET_PKT_CSUM_BLANK;
	return 0;
}
