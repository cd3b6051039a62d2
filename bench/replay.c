/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A capture, sent through the link both ways at once on two queues, with each
 * strategy. Both processes have it in memory, so each compares what comes out
 * with what went in: length, bytes, and the order on each queue.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture.h"
#include "link_rows.h"

#define QUEUES 2u
#define BURST 32u
#define PATIENCE_NS 5000000000u /* without any progress */

/* What comes out at an end (0: front, 1: back). */
struct outcome {
	uint64_t same, different;
	uint32_t complete;
};

static struct {
	struct capture capture;
	struct outcome *outcome; /* shared */
} replay;

struct player {
	struct link_end *end;
	struct outcome *mine;
	size_t sent[QUEUES], got[QUEUES]; /* of this queue's */
	struct xennet_burst in;
};

/* The k-th packet of a queue; n or more: there is none. */
static size_t packet_number(unsigned queue, size_t k)
{
	return k * QUEUES + queue;
}

static bool same(const struct capture_packet *p, const struct xennet_pkt *pkt)
{
	const unsigned char *bytes = replay.capture.bytes + p->at;
	uint32_t at = 0;
	unsigned i;

	if (pkt->len != p->len)
		return false;
	for (i = 0; i < pkt->nfrags; i++) {
		uint32_t len = pkt->frag[i].len;

		if (len > p->len - at ||
		    memcmp(pkt->frag[i].addr, bytes + at, len) != 0)
			return false;
		at += len;
	}
	return at == p->len;
}

static int receive(struct player *p, unsigned queue)
{
	int n = link_poll(&p->end->queue[queue], &p->in, BURST), i;

	for (i = 0; i < n; i++) {
		size_t k = packet_number(queue, p->got[queue]++);

		if (k < replay.capture.n &&
		    same(&replay.capture.packet[k], &p->in.pkt[i]))
			p->mine->same++;
		else
			p->mine->different++;
	}
	if (n > 0)
		link_done(&p->end->queue[queue], p->in.pkt, (unsigned)n);
	return n;
}

static int transmit(struct player *p, unsigned queue)
{
	const struct capture *c = &replay.capture;
	struct xennet_frag frag[BURST];
	struct xennet_pkt pkt[BURST];
	unsigned n;
	int sent;

	for (n = 0; n < BURST; n++) {
		size_t k = packet_number(queue, p->sent[queue] + n);

		if (k >= c->n)
			break;
		frag[n].addr = c->bytes + c->packet[k].at;
		frag[n].len = c->packet[k].len;
		memset(&pkt[n], 0, sizeof(pkt[n]));
		pkt[n].frag = &frag[n];
		pkt[n].nfrags = 1;
		pkt[n].len = frag[n].len;
	}
	sent = n ? link_send(&p->end->queue[queue], pkt, n) : 0;
	if (sent > 0)
		p->sent[queue] += (unsigned)sent;
	return sent;
}

/* A frontend also waits for the answers to what it sent. */
static bool over(const struct player *p)
{
	unsigned i;

	if (!xennet_load_acquire(&replay.outcome[0].complete) ||
	    !xennet_load_acquire(&replay.outcome[1].complete))
		return false;
	for (i = 0; i < QUEUES; i++) {
		const struct xennet_front_queue *q = p->end->queue[i].front;

		if (q && q->stats.tx_acked < q->stats.tx_packets)
			return false;
	}
	return true;
}

static int play(struct player *p)
{
	uint64_t since = clock_ns();
	unsigned i;

	while (!over(p)) {
		bool progress = false;

		for (i = 0; i < QUEUES; i++) {
			int out = transmit(p, i), in = receive(p, i);

			if (out < 0 || in < 0)
				return out < 0 ? out : in;
			progress |= out || in;
		}
		if (p->mine->same + p->mine->different == replay.capture.n)
			xennet_store_release(&p->mine->complete, 1);
		if (progress)
			since = clock_ns();
		else if (clock_ns() - since > PATIENCE_NS)
			return 0; /* what is missing will be counted */
		else
			link_doze(p->end);
	}
	return 0;
}

static int work(struct link_shared *s, struct link_end *e)
{
	static struct player player;
	int err;

	(void)s;
	player.end = e;
	player.mine = &replay.outcome[e->queue[0].back != NULL];
	err = play(&player);
	if (err)
		fprintf(stderr, "xennet-bench link: a queue stopped: %s\n",
			xennet_err_text(err));
	return err ? BENCH_FAILED : 0;
}

static int front(void *arg)
{
	return link_front(arg, work);
}

static int back(void *arg)
{
	return link_back(arg, work);
}

static int report(const struct link_strategy *strategy, unsigned at_back)
{
	const struct outcome *o = &replay.outcome[at_back];
	size_t n = replay.capture.n, missing;

	missing = n > o->same + o->different ? n - o->same - o->different : 0;
	printf("%-10s  %s  %zu packets: %llu the same, %llu different, "
	       "%zu missing\n",
	       strategy->name, at_back ? "front to back" : "back to front", n,
	       (unsigned long long)o->same, (unsigned long long)o->different,
	       missing);
	return o->same == n && !o->different ? 0 : BENCH_FAILED;
}

static int replay_with(const struct link_strategy *strategy,
		       const struct site *site)
{
	struct link_shared *s = cores_shared(sizeof(*s));
	int err;

	memset(replay.outcome, 0, 2 * sizeof(*replay.outcome));
	s->site = *site;
	s->cell = (struct link_cell){
		.direction = LINK_TX,
		.strategy = strategy,
		.queues = QUEUES,
		.burst = BURST,
	};
	err = site_plug(site, 1);
	if (!err)
		err = cores_both(front, back, s) ? BENCH_FAILED : 0;
	err |= report(strategy, 1);
	err |= report(strategy, 0);
	site_unplug(site, 1);
	cores_unshared(s, sizeof(*s));
	return err;
}

int link_replay(const struct bench_opts *o)
{
	struct site site;
	struct capture *c = &replay.capture;
	unsigned i;
	int err = capture_read(c, o->pcap);

	if (err)
		return err;
	printf("%s: %zu packets to replay; skipped: %zu too short (below 14 "
	       "bytes), %zu too long (above 65535)\n",
	       o->pcap, c->n, c->too_short, c->too_long);
	if (c->cut)
		printf("%zu were recorded in part and are replayed so\n",
		       c->cut);
	fflush(stdout);
	err = site_begin(&site, o,
			 QUEUES * LINK_QUEUE_PAGES + LINK_GUEST_PAGES);
	if (err)
		goto free;
	replay.outcome = cores_shared(2 * sizeof(*replay.outcome));
	for (i = LINK_COPY; i <= LINK_PERSISTENT; i++)
		err |= replay_with(&link_strategies[i], &site);
	cores_unshared(replay.outcome, 2 * sizeof(*replay.outcome));
	site_end(&site);
free:
	capture_free(c);
	return err;
}
