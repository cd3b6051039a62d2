/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/un.h>
#include "tap.h"
#include "tapname.h"

#define BACK_ONLY 256
#define FRONT_ONLY 512
#define WITHOUT 'w'

#define SEGMENTS (XENNET_F_GSO_TCPV4 | XENNET_F_GSO_TCPV6)
#define CHECKSUMS (XENNET_F_CSUM_V4 | XENNET_F_CSUM_V6)

static const struct {
	const char *name, *value, *help;
	int key;
	uint32_t without;
} table[] = {
	{ "platform", "NAME", "local (the default) or xen", 'p', 0 },
	{ "socket", "PATH", "local: where the two meet", 's', 0 },
	{ "vif", "N", "xen: which of the domain's interfaces; 0",
	  'v' | FRONT_ONLY, 0 },
	{ "tap", "NAME",
	  "the TAP; in netback the first %d is the domain, the second the vif",
	  't', 0 },
	{ "bridge", "NAME", "put each TAP into this bridge", 'b' | BACK_ONLY,
	  0 },
	{ "wait-script", NULL,
	  "xen: the toolstack's script sets the TAP up, and says when it has",
	  'a' | BACK_ONLY, 0 },
	{ "explain", NULL, "say of each connection what is on, and why not",
	  'e', 0 },
	{ "mac", "XX:XX:XX:XX:XX:XX", "of the interface", 'm' | FRONT_ONLY, 0 },
	{ "queues", "N", "1 to 64; in netback at most", 'q', 0 },
	{ "ring-order", "N", "2^N ring pages, 0 to 4; in netback at most", 'r',
	  0 },
	{ "strategy", "NAME", "copy, map, persistent or cost", 'y' | BACK_ONLY,
	  0 },
	{ "rate", "BYTES,USEC", "local: what each guest may send in a time",
	  'i' | BACK_ONLY, 0 },
	{ "notify", "NAME", "when to be woken: exact, moderate, poll, adapt",
	  'n', 0 },
	{ "hash", NULL,
	  "have the backend choose queues by a hash of addresses and ports",
	  'x' | FRONT_ONLY, 0 },
	{ "multicast", NULL,
	  "have the backend send only groups that the TAP has joined",
	  'g' | FRONT_ONLY, 0 },
	{ "headroom", "N", "bytes to be left free before each packet received",
	  'd' | FRONT_ONLY, 0 },
	{ "no-persistent", NULL, "grants last for a packet", WITHOUT,
	  XENNET_F_PERSISTENT },
	{ "static", NULL,
	  "pages are listed to the backend once, by static grants",
	  'l' | FRONT_ONLY, 0 },
	{ "no-static", NULL, "no page is kept by static grants",
	  'k' | BACK_ONLY, 0 },
	{ "no-split", NULL, "one event channel per queue", WITHOUT,
	  XENNET_F_SPLIT_EVTCHN },
	{ "no-sg", NULL, "one slot per packet, and no segmentation", WITHOUT,
	  XENNET_F_SG | SEGMENTS },
	{ "no-gso", NULL, "no segmentation by the receiver", WITHOUT,
	  SEGMENTS },
	{ "no-gso4", NULL, "the same, of IPv4 alone", WITHOUT,
	  XENNET_F_GSO_TCPV4 },
	{ "no-gso6", NULL, "and of IPv6 alone", WITHOUT, XENNET_F_GSO_TCPV6 },
	{ "no-csum", NULL, "every checksum is computed", WITHOUT,
	  CHECKSUMS | SEGMENTS },
	{ "no-csum4", NULL, "the same, of IPv4 alone", WITHOUT,
	  XENNET_F_CSUM_V4 | XENNET_F_GSO_TCPV4 },
	{ "no-csum6", NULL, "and of IPv6 alone", WITHOUT,
	  XENNET_F_CSUM_V6 | XENNET_F_GSO_TCPV6 },
	{ "no-rx-notify", NULL, "the backend is not told of new buffers",
	  WITHOUT | FRONT_ONLY, XENNET_F_RX_NOTIFY },
	{ "help", NULL, "this", 'h', 0 },
};

#define TABLE (sizeof(table) / sizeof(table[0]))

static const char *program;

__attribute__((format(printf, 1, 2), noreturn)) static void
refuse(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "%s: %s\n", program, text);
	exit(2);
}

static bool applies(unsigned i, enum xennet_end end)
{
	return !(table[i].key & (end == XENNET_FRONT ? BACK_ONLY : FRONT_ONLY));
}

__attribute__((noreturn)) static void help(enum xennet_end end)
{
	char left[64];
	unsigned i;

	printf("usage: %s [OPTION]...\n", program);
	for (i = 0; i < TABLE; i++) {
		if (!applies(i, end))
			continue;
		snprintf(left, sizeof(left), "--%s %s", table[i].name,
			 table[i].value ? table[i].value : "");
		printf("  %-26s %s\n", left, table[i].help);
	}
	exit(0);
}

static uint32_t number(const char *name, const char *text, uint32_t low,
		       uint32_t high)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || n < low || n > high)
		refuse("--%s: '%s' is not a number from %u to %u", name, text,
		       low, high);
	return (uint32_t)n;
}

static const char *interface(const char *name, const char *text)
{
	if (!*text || strlen(text) >= IFNAMSIZ || strpbrk(text, "/: \t"))
		refuse("--%s: '%s' cannot name an interface", name, text);
	return text;
}

static enum xennet_strategy strategy(const char *text)
{
	static const char *const names[] = { "copy", "map", "persistent",
					     "cost" };
	int i;

	for (i = XENNET_COPY; i <= XENNET_BY_COST; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum xennet_strategy)i;
	refuse("--strategy: '%s' is not copy, map, persistent or cost", text);
}

static enum xennet_notify_mode notify(const char *text)
{
	static const char *const names[] = { "exact", "moderate", "poll",
					     "adapt" };
	int i;

	for (i = XENNET_NOTIFY_EXACT; i <= XENNET_NOTIFY_ADAPT; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum xennet_notify_mode)i;
	refuse("--notify: '%s' is not exact, moderate, poll or adapt", text);
}

static bool is_xen(const char *text)
{
	if (strcmp(text, "xen") != 0 && strcmp(text, "local") != 0)
		refuse("--platform: '%s' is not local or xen", text);
	return text[0] == 'x';
}

static const char *mac(const char *text)
{
	unsigned char bytes[6];

	if (!tap_mac_valid(text, bytes))
		refuse("--mac: '%s' is no unicast address", text);
	return text;
}

/* A key that nobody can guess, and the queues in turn. */
static void want_hash(struct xennet_hash_config *h)
{
	unsigned i;

	h->types = XENNET_HASH_ALL;
	h->key_len = XENNET_HASH_KEY;
	if (getrandom(h->key, XENNET_HASH_KEY, 0) != XENNET_HASH_KEY)
		refuse("--hash: no random numbers");
	h->mapping_size = XENNET_HASH_MAPPING;
	for (i = 0; i < XENNET_HASH_MAPPING; i++)
		h->mapping[i] = (uint8_t)i;
}

static const char *rate(const char *text)
{
	unsigned bytes, usec;
	int end = 0;

	if (*text < '0' || *text > '9' ||
	    sscanf(text, "%u,%u%n", &bytes, &usec, &end) != 2 || text[end])
		refuse("--rate: '%s' is not BYTES,USEC", text);
	return text;
}

static void take(struct options *o, int key, const char *text)
{
	switch (key) {
	case 'p':
		o->xen = is_xen(text);
		break;
	case 'v':
		o->vif = number("vif", text, 0, UINT32_MAX);
		break;
	case 'a':
		o->wait_script = true;
		break;
	case 'e':
		o->explain = true;
		break;
	case 's':
		if (strlen(text) >= sizeof(((struct sockaddr_un *)0)->sun_path))
			refuse("--socket: the path is too long");
		o->socket = text;
		break;
	case 't':
		o->tap = interface("tap", text);
		break;
	case 'b':
		o->bridge = interface("bridge", text);
		break;
	case 'm':
		o->mac = mac(text);
		break;
	case 'q':
		o->offer.queues = number("queues", text, 1, XENNET_QUEUES_MAX);
		break;
	case 'r':
		o->offer.ring_order =
			number("ring-order", text, 0, XENNET_RING_ORDER_MAX);
		break;
	case 'n':
		o->policy.mode = notify(text);
		break;
	case 'l':
		o->offer.flags &= ~(uint32_t)XENNET_F_PERSISTENT;
		o->offer.flags |= XENNET_F_STATIC;
		break;
	case 'k':
		o->statics = XENNET_NO_STATICS;
		break;
	case 'g':
		o->multicast = true;
		break;
	case 'd':
		o->offer.headroom = number("headroom", text, 0, 4000);
		break;
	case 'x':
		want_hash(&o->hash);
		break;
	case 'i':
		o->rate = rate(text);
		break;
	case 'y':
		o->strategy = strategy(text);
		break;
	}
}

/* What is of one platform alone. */
static void check(struct options *o, enum xennet_end end)
{
	if (o->xen && o->socket)
		refuse("--socket: there is none with --platform xen");
	if (!o->xen && o->vif)
		refuse("--vif: only with --platform xen");
	if (!o->xen && o->wait_script)
		refuse("--wait-script: only with --platform xen");
	if (o->xen && o->rate)
		refuse("--rate: with --platform xen that is the toolstack's");
	if (o->wait_script && o->bridge)
		refuse("--bridge: with --wait-script that is the script's");
	if (o->xen && end == XENNET_BACK && !tap_name_tells(o->tap))
		refuse("--tap: '%s' is not one name for each vif, as "
		       "vif%%d.%%d",
		       o->tap);
	if (!o->socket)
		o->socket = "/run/xennet.sock";
}

void options_read(struct options *o, int argc, char **argv, enum xennet_end end)
{
	struct option option[TABLE + 1] = { { NULL, 0, NULL, 0 } };
	uint32_t without[TABLE + 1];
	unsigned i, n = 0;
	int key, at;

	program = end == XENNET_FRONT ? "netfront" : "netback";
	for (i = 0; i < TABLE; i++) {
		if (!applies(i, end))
			continue;
		without[n] = table[i].without;
		option[n++] = (struct option){ table[i].name, !!table[i].value,
					       NULL, table[i].key & 255 };
	}
	opterr = 0;
	while ((key = getopt_long(argc, argv, ":", option, &at)) >= 0) {
		if (key == '?')
			refuse("no option '%s'; see --help", argv[optind - 1]);
		if (key == ':')
			refuse("'%s' needs a value", argv[optind - 1]);
		if (key == 'h')
			help(end);
		if (key == WITHOUT)
			o->offer.flags &= ~without[at];
		else
			take(o, key, optarg);
	}
	if (optind < argc)
		refuse("'%s' is no option; see --help", argv[optind]);
	check(o, end);
}
