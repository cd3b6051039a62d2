/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "capture.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define SHORTEST 14u
#define LONGEST 65535u

/* Room for one more of size, in an array that doubles. */
static void *grow(void *array, size_t used, size_t more, size_t size)
{
	size_t room = 1024;

	while (room < used)
		room *= 2;
	if (array && used + more <= room)
		return array;
	while (room < used + more)
		room *= 2;
	array = realloc(array, room * size);
	if (!array) {
		fprintf(stderr, "xennet-bench: no memory\n");
		exit(BENCH_FAILED);
	}
	return array;
}

static void add(struct capture *c, const struct pcap_pkthdr *h,
		const unsigned char *data)
{
	if (h->caplen < SHORTEST) {
		c->too_short++;
		return;
	}
	if (h->caplen > LONGEST) {
		c->too_long++;
		return;
	}
	c->packet = grow(c->packet, c->n, 1, sizeof(*c->packet));
	c->bytes = grow(c->bytes, c->nbytes, h->caplen, 1);
	c->packet[c->n].at = c->nbytes;
	c->packet[c->n++].len = h->caplen;
	memcpy(c->bytes + c->nbytes, data, h->caplen);
	c->nbytes += h->caplen;
	c->cut += h->caplen < h->len;
}

int capture_read(struct capture *c, const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	const unsigned char *data;
	struct pcap_pkthdr *h;
	pcap_t *file;
	int got;

	memset(c, 0, sizeof(*c));
	file = pcap_open_offline(path, why);
	if (!file) {
		fprintf(stderr, "xennet-bench link: '%s': %s\n", path, why);
		return BENCH_USAGE;
	}
	while ((got = pcap_next_ex(file, &h, &data)) == 1)
		add(c, h, data);
	if (got == PCAP_ERROR)
		fprintf(stderr, "xennet-bench link: '%s': %s\n", path,
			pcap_geterr(file));
	pcap_close(file);
	if (got != PCAP_ERROR)
		return 0;
	capture_free(c);
	return BENCH_USAGE;
}

void capture_free(struct capture *c)
{
	free(c->packet);
	free(c->bytes);
}
