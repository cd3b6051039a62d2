/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * One end of a pair over a DPDK device: the same packets made and used as by
 * every other contender. xennet-bench pins and starts it:
 *
 *   xennet-bench-dpdk SHARED DEVICE front|back EAL-OPTIONS
 *
 * SHARED: the descriptor of a struct pair.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <rte_dev.h>
#include <rte_eal.h>

#include "../pair.h"
#include "../sink.h"
#include "../source.h"
#include "port.h"

static int complain(const char *what)
{
	fprintf(stderr, "xennet-bench-dpdk: %s\n", what);
	return 1;
}

static struct pair *shared(const char *descriptor)
{
	struct stat st;
	void *p;
	int fd = atoi(descriptor);

	/* another size: built from another tree */
	if (fstat(fd, &st) || st.st_size != sizeof(struct pair))
		return NULL;
	p = mmap(NULL, sizeof(struct pair), PROT_READ | PROT_WRITE, MAP_SHARED,
		 fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

/* Room for packets of the size: one buffer each, or a chain. */
static int alloc(struct rte_mempool *pool, struct rte_mbuf **m, unsigned n,
		 unsigned size)
{
	unsigned room = port_room(size), i, left;

	if (rte_pktmbuf_alloc_bulk(pool, m, n))
		return -1;
	for (i = 0; i < n && size > room; i++) {
		for (left = size - room; left; left -= RTE_MIN(left, room)) {
			struct rte_mbuf *next = rte_pktmbuf_alloc(pool);

			if (!next || rte_pktmbuf_chain(m[i], next))
				return -1;
		}
	}
	return 0;
}

static void fill(struct rte_mbuf *m, const struct source *src, unsigned i,
		 unsigned size)
{
	unsigned room = port_room(size), at = 0;

	m->pkt_len = size;
	for (; m; m = m->next) {
		m->data_len = (uint16_t)RTE_MIN(size - at, room);
		source_copy(src, i, at, rte_pktmbuf_mtod(m, void *),
			    m->data_len);
		at += m->data_len;
	}
}

static void transmit(struct rte_mbuf **m, unsigned n)
{
	while (n) {
		uint16_t sent = rte_eth_tx_burst(PORT, QUEUE, m, (uint16_t)n);

		m += sent;
		n -= sent;
	}
}

static int front(struct pair *p, struct rte_mempool *pool)
{
	struct rte_mbuf *m[XENNET_BURST];
	struct source src;
	unsigned i;

	if (source_init(&src, p->size, p->batch))
		return complain("no memory");
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		if (alloc(pool, m, p->batch, p->size))
			return complain("out of buffers");
		source_stamp(&src, 0);
		for (i = 0; i < p->batch; i++)
			fill(m[i], &src, i, p->size);
		transmit(m, p->batch);
		source_sent(&src, p->batch);
	}
	source_end(&src, p);
	/* the packets are in our memory */
	while (xennet_load_acquire(&p->open))
		clock_sleep_ms(1);
	return 0;
}

static void use(struct sink *sink, struct rte_mbuf *m)
{
	sink_begin(sink, rte_pktmbuf_mtod(m, unsigned char *), m->data_len);
	while ((m = m->next))
		sink_more(sink, rte_pktmbuf_mtod(m, unsigned char *),
			  m->data_len);
}

static int back(struct pair *p)
{
	struct sink sink = { .received = 0 };
	struct rte_mbuf *m[XENNET_BURST];

	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);
		uint16_t n = rte_eth_rx_burst(PORT, QUEUE, m,
					      (uint16_t)p->batch),
			 i;

		for (i = 0; i < n; i++)
			use(&sink, m[i]);
		rte_pktmbuf_free_bulk(m, n);
		meter_look(&sink.meter, &p->stage, sink.received);
		if (n == 0 && last)
			break;
		if (n == 0)
			xennet_relax();
	}
	sink_end(&sink, p);
	xennet_store_release(&p->open, 0);
	return 0;
}

/* The back has a socket, which the front's device looks for at once. */
static int run(struct pair *p, bool is_front, const char *device, int argc,
	       char **argv)
{
	struct rte_mempool *pool;
	const char *wrong;

	if (rte_eal_init(argc, argv) < 0)
		return complain("DPDK does not start");
	while (is_front && !xennet_load_acquire(&p->open))
		clock_sleep_ms(1);
	if (rte_dev_probe(device))
		return complain("no device");
	wrong = port_start(p->how, p->size, &pool);
	if (wrong)
		return complain(wrong);
	if (!is_front)
		xennet_store_release(&p->open, 1);
	if (!port_linked())
		return complain("there is no link");
	return is_front ? front(p, pool) : back(p);
}

int main(int argc, char **argv)
{
	struct pair *p = argc > 3 ? shared(argv[1]) : NULL;

	if (!p)
		return complain("xennet-bench peers starts this");
	return run(p, strcmp(argv[3], "front") == 0, argv[2], argc - 3,
		   argv + 3);
}
