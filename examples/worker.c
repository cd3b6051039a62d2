/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <xennet/csum.h>
#include "announce.h"
#include "program.h"
#include "steer.h"

/* Looks at a quiet queue before it sleeps: a few microseconds. */
#define SPINS 4

/* Whether the TAP is up is looked at after each sleep, and so often. */
#define LOOK_EVERY 64u

/* A shorter burst is written frame by frame. */
#define WORTH_IT 8u

/* Bits of a command. */
enum { PRINT = 1, PAUSE = 2, STOP = 4 };

static const char *const names[WORKER_COUNTS] = {
	"tap_in",	    "tap_out",	       "tap_hashed",
	"tap_astray",	    "announced",       "drop_tap_write",
	"drop_port_down",   "drop_csum_place", "drop_ring_full",
	"drop_queue_ended",
};

static void line(const char *queue, const char *name, uint64_t value)
{
	if (value)
		printf("%s %s %llu\n", queue, name, (unsigned long long)value);
}

void worker_sum_print(const struct worker_sum *sum, const char *vif,
		      unsigned index)
{
	const struct xennet_stats *s = &sum->stats;
	char queue[64], reason[64];
	int i;

	snprintf(queue, sizeof(queue), "%s.q%u", vif, index);
	flockfile(stdout);
	for (i = 0; i < WORKER_COUNTS; i++)
		line(queue, names[i], sum->count[i]);
	line(queue, "tx_packets", s->tx_packets);
	line(queue, "tx_bytes", s->tx_bytes);
	line(queue, "tx_acked", s->tx_acked);
	line(queue, "rx_packets", s->rx_packets);
	line(queue, "rx_bytes", s->rx_bytes);
	line(queue, "mcast_okay", s->mcast_okay);
	line(queue, "copied", s->copied);
	line(queue, "copy_calls", s->copy_calls);
	line(queue, "copy_ops", s->copy_ops);
	line(queue, "map_calls", s->map_calls);
	line(queue, "map_ops", s->map_ops);
	line(queue, "unmap_calls", s->unmap_calls);
	line(queue, "unmap_ops", s->unmap_ops);
	line(queue, "grant_calls", s->grant_calls);
	line(queue, "ungrant_calls", s->ungrant_calls);
	line(queue, "notified", s->notified);
	line(queue, "notify_spared", s->notify_spared);
	line(queue, "notify_asked", s->notify_asked);
	line(queue, "woken", s->woken);
	line(queue, "woken_idle", s->woken_idle);
	for (i = 1; i < XENNET_ERR_COUNT; i++) {
		snprintf(reason, sizeof(reason), "refused_%s",
			 xennet_err_name(i));
		line(queue, reason, s->reason[i]);
	}
	fflush(stdout);
	funlockfile(stdout);
}

/* The library's counters are 64-bit numbers, and nothing else. */
static void add(struct worker_sum *sum, const struct worker *w)
{
	const uint64_t *from = (const uint64_t *)w->stats;
	uint64_t *to = (uint64_t *)&sum->stats;
	size_t i;

	for (i = 0; i < WORKER_COUNTS; i++)
		sum->count[i] += w->count[i];
	for (i = 0; i < sizeof(sum->stats) / sizeof(*to); i++)
		to[i] += from[i];
}

static void print(const struct worker *w)
{
	struct worker_sum sum = *w->sum;

	add(&sum, w);
	worker_sum_print(&sum, w->vif, w->index);
}

static void count_out(struct worker *w, const int *err, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (err[i] == -EPROTO)
			w->count[WORKER_DROP_CSUM_PLACE]++;
		else if (err[i])
			w->count[WORKER_DROP_TAP_WRITE]++;
		else
			w->count[WORKER_TAP_OUT]++;
}

static struct worker_flight *flight(struct worker *w, unsigned i)
{
	return &w->flight[(w->oldest + i) % WORKER_FLIGHTS];
}

/* Hands back what is in the TAP. */
static void land(struct worker *w)
{
	while (w->nflights && tap_vhost_has(w->vhost, flight(w, 0)->place)) {
		struct worker_flight *f = flight(w, 0);

		w->end->done(w->queue, f->in.pkt, f->n);
		w->oldest = (w->oldest + 1) % WORKER_FLIGHTS;
		w->nflights--;
	}
}

/* Whether nothing can be taken from the peer before vhost has taken more. */
static bool jammed(struct worker *w)
{
	return w->vhost &&
	       (w->nflights == WORKER_FLIGHTS || !tap_vhost_room(w->vhost));
}

/* A thread, and memory of the kernel's, for who has use for it. */
static bool by_vhost(struct worker *w, unsigned n)
{
	if (w->hashes) /* it has one queue */
		return false;
	if (n >= WORTH_IT && !w->asked) {
		w->asked = true;
		w->vhost = tap_vhost_open(w->tap);
	}
	return w->vhost && (n >= WORTH_IT || !tap_vhost_idle(w->vhost));
}

static void report(struct worker *w)
{
	uint64_t one = 1;

	if (write(w->report, &one, sizeof(one)) != sizeof(one))
		perror("eventfd");
}

/* A TAP that is down takes nothing. When it comes up it tells those who have
 * waited to write. */
static void look_at_port(struct worker *w)
{
	struct pollfd tap = { .fd = w->tap, .events = POLLOUT };

	bool down = w->end->drop && poll(&tap, 1, 0) == 0;

	w->until_look = LOOK_EVERY;
	if (down == w->down)
		return;
	w->down = down;
	atomic_store(&w->port_down, down);
	report(w);
}

/* As a switch at a port that is down: before anything is done for them. */
static int drop(struct worker *w)
{
	int n = w->end->drop(w->queue, XENNET_BURST);

	if (n > 0)
		w->count[WORKER_DROP_PORT_DOWN] += (unsigned)n;
	return n;
}

static int tap_for(const struct worker *w, const struct xennet_pkt *pkt)
{
	return w->hashes ? w->taps[steer_answer(w->back, pkt)] : w->tap;
}

static int from_peer(struct worker *w)
{
	struct worker_flight *f;
	int n, i, err[XENNET_BURST];

	land(w);
	if (jammed(w) || (w->hashes && w->nflights))
		return 0;
	if (w->until_look-- == 0)
		look_at_port(w);
	if (w->down && !w->nflights)
		return drop(w);
	f = flight(w, w->nflights);
	n = w->end->poll(w->queue, &f->in, XENNET_BURST);
	if (n <= 0)
		return n;
	f->n = (unsigned)n;
	if (by_vhost(w, f->n)) {
		f->place = tap_vhost_put(w->vhost, f->in.pkt, f->n, err);
		w->nflights++;
		land(w);
	} else {
		for (i = 0; i < n; i++)
			err[i] = tap_write(tap_for(w, &f->in.pkt[i]),
					   &f->in.pkt[i]);
		w->end->done(w->queue, f->in.pkt, f->n);
	}
	count_out(w, err, f->n);
	return n;
}

/* One switch of the TAP leaves both protocols' checksums blank; a peer may
 * take only one of them. */
static void suit_peer(struct worker *w, struct xennet_pkt *pkt)
{
	struct xennet_l4 l4;
	uint32_t need;

	if (!(pkt->flags & XENNET_PKT_CSUM_BLANK) || xennet_csum_l4(pkt, &l4))
		return;
	need = l4.version == 4 ? XENNET_F_CSUM_V4 : XENNET_F_CSUM_V6;
	if (!(w->peer_flags & need))
		xennet_csum_complete(pkt);
}

/* The hash that the guest asked for. */
static void hash(struct worker *w, struct xennet_pkt *pkt)
{
	unsigned queue = xennet_back_select_queue(w->back, pkt);

	if (!(pkt->flags & XENNET_PKT_HASH))
		return;
	w->count[WORKER_TAP_HASHED]++;
	w->count[WORKER_TAP_ASTRAY] += queue != w->index;
}

/* Each frame begins on a page, since a copy crosses none: from there it takes
 * half as many. */
static int fill(struct worker *w)
{
	unsigned char *at = w->buffer;
	const unsigned char *end = at + WORKER_PAGES * XENNET_PAGE;
	struct xennet_pkt *pkt;
	int n;

	w->first = w->nout = 0;
	while (w->nout < WORKER_BATCH && end - at >= TAP_BUFFER) {
		pkt = &w->out[w->nout];
		n = tap_read(w->tap, at, pkt);
		if (n == 0)
			break;
		if (n < 0 && n != -EPROTO)
			return -XENNET_EIO;
		w->count[WORKER_TAP_IN]++;
		if (n == -EPROTO) {
			w->count[WORKER_DROP_CSUM_PLACE]++;
			continue;
		}
		suit_peer(w, pkt);
		if (w->hashes)
			hash(w, pkt);
		at += (pkt->len + XENNET_PAGE - 1) / XENNET_PAGE * XENNET_PAGE;
		w->nout++;
	}
	return 0;
}

static int from_tap(struct worker *w)
{
	int n = 0;

	if (w->first == w->nout)
		n = fill(w);
	if (n < 0 || w->first == w->nout)
		return n;
	n = w->end->send(w->queue, w->out + w->first, w->nout - w->first);
	if (n > 0) {
		w->first += (unsigned)n;
		w->stuck = 0;
	}
	return n;
}

/* What the ring did not take. */
static void give_up(struct worker *w, enum worker_count why)
{
	w->count[why] += w->nout - w->first;
	w->first = w->nout = 0;
	w->stuck = 0;
}

/* The ring is full, for as many sleeps as it may be. */
static void be_patient(struct worker *w)
{
	int64_t now = now_ms();

	if (!w->stuck)
		w->stuck = now;
	else if (now - w->stuck >= WORKER_PATIENCE)
		give_up(w, WORKER_DROP_RING_FULL);
}

static void doze(struct worker *w)
{
	bool full = w->first < w->nout;
	struct pollfd fds[5] = {
		{ .fd = full && !w->down ? -1 : w->tap,
		  .events = (short)((full ? 0 : POLLIN) |
				    (w->down ? POLLOUT : 0)) },
		{ .fd = w->kick, .events = POLLIN },
		{ .fd = w->port_fd[0], .events = POLLIN },
		{ .fd = w->port_fd[1], .events = POLLIN },
		{ .fd = w->vhost ? tap_vhost_fd(w->vhost) : -1,
		  .events = POLLIN },
	};
	struct timespec limit = { WORKER_PATIENCE / 1000, 0 };
	bool limited = *w->sleep_usec > 0;
	uint64_t ignored;

	if (full)
		be_patient(w);
	if (limited)
		limit = (struct timespec){ *w->sleep_usec / 1000000,
					   *w->sleep_usec % 1000000 * 1000L };
	ppoll(fds, 5, full || limited ? &limit : NULL, NULL);
	if (fds[1].revents && read(w->kick, &ignored, sizeof(ignored)) < 0)
		perror("eventfd");
	if (fds[4].revents)
		tap_vhost_wake(w->vhost);
	w->until_look = 0;
	w->end->wake(w->queue);
}

/* Until it may go on: meanwhile what the guest wants may change. */
static void rest(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->resting = true;
	pthread_cond_broadcast(&w->change);
	while (atomic_load(&w->command) & PAUSE)
		pthread_cond_wait(&w->change, &w->lock);
	w->resting = false;
	pthread_mutex_unlock(&w->lock);
	w->hashes = steer_asked(w->back);
}

static bool told_to_stop(struct worker *w)
{
	int what = atomic_load_explicit(&w->command, memory_order_relaxed);

	if (!what)
		return false;
	if (what & PRINT) {
		atomic_fetch_and(&w->command, ~PRINT);
		print(w);
	}
	if (what & PAUSE)
		rest(w);
	return what & STOP;
}

/* 0: it may sleep, something will wake it. 1: there is more to do. */
static int arm(struct worker *w)
{
	if (jammed(w))
		return !tap_vhost_arm(w->vhost, tap_vhost_half(w->vhost));
	if (w->nflights &&
	    !tap_vhost_arm(w->vhost, flight(w, w->nflights - 1)->place))
		return 1;
	return w->end->arm(w->queue);
}

static int carry(struct worker *w)
{
	int idle = 0, in, out, n;

	while (!told_to_stop(w)) {
		in = from_peer(w);
		out = in < 0 ? in : from_tap(w);
		if (out < 0)
			return out;
		idle = in + out > 0 ? 0 : idle + 1;
		if (idle < SPINS)
			continue;
		n = arm(w);
		if (n < 0)
			return n;
		if (n == 0)
			doze(w);
	}
	return 0;
}

/* As if they had come from the TAP before all else. */
static void announce_first(struct worker *w)
{
	unsigned i;

	w->nout = announce(w->announce, w->buffer, XENNET_PAGE, WORKER_BATCH);
	for (i = 0; i < w->nout; i++) {
		w->frag[i].addr = w->buffer + (size_t)i * XENNET_PAGE;
		w->frag[i].len = w->out[i].len = XENNET_ANNOUNCE_LEN;
		w->out[i].nfrags = 1;
		w->out[i].flags = 0;
		w->out[i].gso_type = XENNET_GSO_NONE;
	}
	w->count[WORKER_ANNOUNCED] += w->nout;
}

static void *run(void *arg)
{
	struct worker *w = arg;
	int err;

	/* if we may: or each packet delivered would be read before the next */
	setpriority(PRIO_PROCESS, (id_t)gettid(), WORKER_NICE);
	prctl(PR_SET_TIMERSLACK, 1000); /* 50 us otherwise: see doze */
	w->end->set_policy(w->queue, &w->policy);
	w->hashes = steer_asked(w->back);
	if (w->announce)
		announce_first(w);
	err = carry(w);
	tap_vhost_close(w->vhost);
	w->nflights = 0;
	give_up(w, WORKER_DROP_QUEUE_ENDED);
	if (err) {
		atomic_store(&w->ended, err);
		report(w);
	}
	pthread_mutex_lock(&w->lock);
	w->resting = true;
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static int make_buffer(struct worker *w)
{
	const struct xennet_platform *p = w->platform;

	w->buffer = p->ops->copy_alloc
			    ? p->ops->copy_alloc(p->ctx, WORKER_PAGES)
			    : NULL;
	w->near = w->buffer != NULL;
	if (!w->near)
		w->buffer =
			aligned_alloc(XENNET_PAGE, WORKER_PAGES * XENNET_PAGE);
	return w->buffer ? 0 : -ENOMEM;
}

static void free_buffer(struct worker *w)
{
	const struct xennet_platform *p = w->platform;

	if (w->near)
		p->ops->copy_free(p->ctx, w->buffer, WORKER_PAGES);
	else
		free(w->buffer);
}

int worker_start(struct worker *w)
{
	unsigned i;
	int err;

	memset(w->count, 0, sizeof(w->count));
	atomic_store(&w->command, 0);
	w->resting = false;
	atomic_store(&w->ended, 0);
	atomic_store(&w->port_down, false);
	w->first = w->nout = 0;
	w->nflights = w->oldest = 0;
	w->stuck = 0;
	w->vhost = NULL;
	w->down = false;
	w->until_look = 0;
	w->asked = false;
	for (i = 0; i < WORKER_BATCH; i++)
		w->out[i].frag = &w->frag[i];
	err = make_buffer(w);
	if (err)
		return err;
	w->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->kick < 0) {
		err = -errno;
		goto free_buffer;
	}
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->change, NULL);
	err = -pthread_create(&w->thread, NULL, run, w);
	if (err)
		goto close_kick;
	return 0;

close_kick:
	pthread_cond_destroy(&w->change);
	pthread_mutex_destroy(&w->lock);
	close(w->kick);
free_buffer:
	free_buffer(w);
	return err;
}

/* As it does whenever it wakes up. */
void worker_look(struct worker *w)
{
	uint64_t one = 1;

	if (write(w->kick, &one, sizeof(one)) != sizeof(one))
		perror("eventfd");
}

static void command(struct worker *w, int what)
{
	atomic_fetch_or(&w->command, what);
	worker_look(w);
}

void worker_stop(struct worker *w)
{
	command(w, STOP);
	pthread_join(w->thread, NULL);
	add(w->sum, w);
	pthread_cond_destroy(&w->change);
	pthread_mutex_destroy(&w->lock);
	close(w->kick);
	free_buffer(w);
}

void worker_pause(struct worker *w)
{
	command(w, PAUSE);
}

void worker_paused(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->resting)
		pthread_cond_wait(&w->change, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

void worker_go_on(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	atomic_fetch_and(&w->command, ~PAUSE);
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
}

void worker_print(struct worker *w)
{
	command(w, PRINT);
}
