/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Both ends of the library in two processes over the local platform. Every
 * packet is made from its direction, queue and number alone, so that the
 * receiver makes it again and compares all of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <xennet/platform/local.h>
#include <xennet/xennet.h>

#define VIFS "/local/domain/0/backend/vif"
#define NOBODY 65534
#define LONGEST 65535u
#define SENDS 16u
#define STALLED_MS 5000
#define FOREVER 0xffffffffu

enum way { TO_BACK, TO_FRONT };

/* What the two processes of a test are to do. */
struct plan {
	enum xennet_strategy strategy;
	uint32_t back_flags, front_flags; /* 0: all */
	unsigned back_queues, front_queues, order;
	uint32_t packets;  /* each way on each queue */
	unsigned connects; /* one after another; queues: 1, 2, ... again */
	bool as_nobody, undumpable, truncate;
	int report; /* pipe: 'r' the first packets came, 'd' the peer died */
};

struct side {
	const struct plan *plan;
	bool is_back;
	struct xennet_local *local;
	struct xennet_back back;
	struct xennet_front front;
	unsigned nqueues, connection;
	uint32_t sent[XENNET_QUEUES_MAX], got[XENNET_QUEUES_MAX];
	uint64_t random;
	bool told;
};

static char dir[64], path[80];

#define must(x)                                                                \
	do {                                                                   \
		if (!(x)) {                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,     \
				#x);                                           \
			_exit(1);                                              \
		}                                                              \
	} while (0)

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint32_t random_length(uint64_t *r)
{
	uint64_t kind = next_random(r) % 16;

	if (kind < 8)
		return 14 + (uint32_t)(next_random(r) % 200);
	if (kind < 13)
		return 14 + (uint32_t)(next_random(r) % 1500);
	if (kind < 15)
		return 14 + (uint32_t)(next_random(r) % 9000);
	return LONGEST - (uint32_t)(next_random(r) % 9000) *
				   (uint32_t)(next_random(r) % 2);
}

static void be16(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

/* The headers that a GSO packet has to have. */
static void make_tcp(unsigned char *p, struct xennet_pkt *pkt, uint8_t type)
{
	unsigned char *ip = p + 14;

	pkt->gso_type = type;
	pkt->gso_size = 1448;
	pkt->flags = XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
	be16(p + 12, type == XENNET_GSO_TCPV4 ? 0x0800 : 0x86dd);
	if (type == XENNET_GSO_TCPV4) {
		ip[0] = 0x45;
		be16(ip + 2, pkt->len - 14);
		be16(ip + 6, 0x4000);
		ip[9] = 6;
	} else {
		ip[0] = 0x60;
		be16(ip + 4, pkt->len - 54);
		ip[6] = 6;
	}
}

/* Packet number n of a queue in one direction, of this connection. */
static void make(enum way way, unsigned connection, unsigned queue, uint32_t n,
		 unsigned char *p, struct xennet_pkt *pkt)
{
	uint64_t r = (uint64_t)way << 62 ^ (uint64_t)connection << 48 ^
		     (uint64_t)queue << 40 ^ n, v;
	uint32_t i;

	memset(pkt, 0, sizeof(*pkt));
	pkt->len = random_length(&r);
	for (i = 0; i < pkt->len; i += 8) {
		v = next_random(&r);
		memcpy(p + i, &v, pkt->len - i < 8 ? pkt->len - i : 8);
	}
	be16(p + 12, 0x88b5);
	switch (next_random(&r) % 8) {
	case 0:
		if (pkt->len > 1500)
			make_tcp(p, pkt, XENNET_GSO_TCPV4);
		break;
	case 1:
		if (pkt->len > 1500)
			make_tcp(p, pkt, XENNET_GSO_TCPV6);
		break;
	case 2:
		pkt->flags = XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
		break;
	case 3:
		pkt->flags = XENNET_PKT_DATA_VALIDATED;
		break;
	}
}

/* Up to 20 fragments, some of them empty. */
static void cut(uint64_t *r, unsigned char *p, struct xennet_pkt *pkt,
		struct xennet_frag frag[20])
{
	uint32_t left = pkt->len, part;
	unsigned n = 0, want = 1 + (unsigned)(next_random(r) % 20);

	pkt->frag = frag;
	while (left) {
		part = (uint32_t)(next_random(r) % (left + 1));
		if (n + 1 >= want)
			part = left;
		frag[n].addr = p;
		frag[n++].len = part;
		p += part;
		left -= part;
	}
	pkt->nfrags = (uint16_t)n;
}

/* The two ends, as one. */

static const char *name_of(const struct side *s)
{
	return s->is_back ? "back" : "front";
}

static void *queue_of(struct side *s, unsigned i)
{
	return s->is_back ? (void *)&s->back.queue[i]
			  : (void *)&s->front.queue[i];
}

static int poll_end(struct side *s, unsigned i, struct xennet_burst *b,
		    unsigned n)
{
	return s->is_back ? xennet_back_poll(queue_of(s, i), b, n)
			  : xennet_front_poll(queue_of(s, i), b, n);
}

static void done_end(struct side *s, unsigned i, const struct xennet_pkt *pkt,
		     unsigned n)
{
	if (s->is_back)
		xennet_back_done(queue_of(s, i), pkt, n);
	else
		xennet_front_done(queue_of(s, i), pkt, n);
}

static int send_end(struct side *s, unsigned i, const struct xennet_pkt *pkt,
		    unsigned n)
{
	return s->is_back ? xennet_back_send(queue_of(s, i), pkt, n)
			  : xennet_front_send(queue_of(s, i), pkt, n);
}

static int arm_end(struct side *s, unsigned i)
{
	return s->is_back ? xennet_back_arm(queue_of(s, i))
			  : xennet_front_arm(queue_of(s, i));
}

static void wake_end(struct side *s, unsigned i)
{
	if (s->is_back)
		xennet_back_wake(queue_of(s, i));
	else
		xennet_front_wake(queue_of(s, i));
}

static int event_end(struct side *s)
{
	return s->is_back ? xennet_back_event(&s->back)
			  : xennet_front_event(&s->front);
}

static const struct xennet_stats *stats_of(struct side *s, unsigned i)
{
	return s->is_back ? &s->back.queue[i].stats : &s->front.queue[i].stats;
}

static void report(struct side *s, char what)
{
	if (s->plan->report)
		must(write(s->plan->report, &what, 1) == 1);
}

static unsigned print_reasons(struct side *s, unsigned i)
{
	const uint64_t *reason = stats_of(s, i)->reason;
	unsigned r, n = 0;

	for (r = 0; r < XENNET_ERR_COUNT; r++) {
		if (!reason[r])
			continue;
		fprintf(stderr, "%s queue %u: %s %u\n",
			name_of(s), i,
			xennet_err_name((int)r), (unsigned)reason[r]);
		n++;
	}
	return n;
}

static void compare(struct side *s, unsigned i, const struct xennet_pkt *pkt)
{
	static unsigned char expected[LONGEST + 8];
	struct xennet_pkt want;
	uint32_t at = 0, n = s->got[i]++;
	unsigned f;

	make(s->is_back ? TO_BACK : TO_FRONT, s->connection, i, n, expected,
	     &want);
	/* of a peer that was killed the grants are gone as well */
	if (s->plan->report && stats_of(s, i)->reason[XENNET_EPKT_GREF])
		return;
	if (pkt->len != want.len) {
		fprintf(stderr, "%s queue %u packet %u: %u bytes, not %u\n",
			name_of(s), i, n, pkt->len,
			want.len);
		print_reasons(s, i);
		_exit(1);
	}
	must(pkt->gso_type == want.gso_type);
	must(pkt->gso_size == want.gso_size);
	must((pkt->flags & ~XENNET_PKT_SHARED) == want.flags);
	must(pkt->frag[0].len >= (want.len < XENNET_HEAD ? want.len :
							   XENNET_HEAD));
	for (f = 0; f < pkt->nfrags; f++) {
		must(pkt->frag[f].len && pkt->frag[f].len <= want.len - at);
		must(memcmp(pkt->frag[f].addr, expected + at,
			    pkt->frag[f].len) == 0);
		at += pkt->frag[f].len;
	}
	must(at == want.len);
}

static int receive(struct side *s, unsigned i)
{
	static struct xennet_burst in;
	unsigned budget = 1 + (unsigned)(next_random(&s->random) % 64), half;
	int k, n = poll_end(s, i, &in, budget);

	must(n >= 0 && n <= (int)budget);
	for (k = 0; k < n; k++)
		compare(s, i, &in.pkt[k]);
	half = (unsigned)n / 2;
	if ((unsigned)n > half)
		done_end(s, i, in.pkt + half, (unsigned)n - half);
	if (half)
		done_end(s, i, in.pkt, half);
	if (!s->told && s->got[i] > 30) {
		report(s, 'r');
		s->told = true;
	}
	return n;
}

static int transmit(struct side *s, unsigned i)
{
	static unsigned char bytes[SENDS][LONGEST + 64 + 8];
	static struct xennet_frag frag[SENDS][20];
	struct xennet_pkt pkt[SENDS];
	uint32_t left = s->plan->packets - s->sent[i];
	unsigned k, n = 1 + (unsigned)(next_random(&s->random) % SENDS);
	unsigned char *p;
	int sent;

	if (n > left)
		n = left;
	if (n == 0)
		return 0;
	for (k = 0; k < n; k++) {
		p = bytes[k] + next_random(&s->random) % 64;
		make(s->is_back ? TO_FRONT : TO_BACK, s->connection, i,
		     s->sent[i] + k, p, &pkt[k]);
		cut(&s->random, p, &pkt[k], frag[k]);
	}
	sent = send_end(s, i, pkt, n);
	must(sent >= 0 && sent <= (int)n);
	s->sent[i] += (uint32_t)sent;
	return sent;
}

static bool all_there(struct side *s)
{
	unsigned i;

	for (i = 0; i < s->nqueues; i++)
		if (s->sent[i] < s->plan->packets ||
		    s->got[i] < s->plan->packets)
			return false;
	return true;
}

/* The frontend ends first, so it waits until all of its own was taken. */
static bool finished(struct side *s)
{
	unsigned i;

	for (i = 0; i < s->nqueues && !s->is_back; i++)
		if (stats_of(s, i)->tx_acked < s->sent[i])
			return false;
	return all_there(s);
}

static int store_events(struct side *s)
{
	char changed[XENNET_LOCAL_PATH];
	int n;

	do
		n = xennet_local_event(s->local, changed, sizeof(changed));
	while (n == 1);
	return n;
}

static void stalled(struct side *s)
{
	unsigned i;

	for (i = 0; i < s->nqueues; i++)
		fprintf(stderr, "%s queue %u stalled: sent %u, got %u, %u\n",
			name_of(s), i, s->sent[i], s->got[i],
			(unsigned)stats_of(s, i)->tx_acked);
	for (i = 0; i < s->nqueues; i++)
		print_reasons(s, i);
	_exit(1);
}

static void doze(struct side *s)
{
	uint32_t ports[2 * XENNET_QUEUES_MAX];
	unsigned i, n = 0;

	for (i = 0; i < s->nqueues; i++) {
		int armed = arm_end(s, i);

		must(armed >= 0);
		if (armed)
			return;
		ports[n++] = s->is_back ? s->back.queue[i].tx.port
					: s->front.queue[i].tx.port;
		ports[n++] = s->is_back ? s->back.queue[i].rx.port
					: s->front.queue[i].rx.port;
	}
	/* nobody is told of answers that it does not wait for in order to send */
	if (!s->is_back && all_there(s))
		usleep(200);
	else if (xennet_local_wait(s->local, ports, n, STALLED_MS) != 1)
		stalled(s);
	for (i = 0; i < s->nqueues; i++)
		wake_end(s, i);
}

/* Carries packets until all are there, or the peer is not. */
static int exchange(struct side *s)
{
	int event = XENNET_VIF_IDLE, did;
	unsigned i;

	memset(s->sent, 0, sizeof(s->sent));
	memset(s->got, 0, sizeof(s->got));
	while (s->is_back || !finished(s)) {
		for (did = 0, i = 0; i < s->nqueues; i++)
			did += receive(s, i) + transmit(s, i);
		if (did && next_random(&s->random) % 16)
			continue;
		if (store_events(s) < 0)
			return -XENNET_EGONE;
		event = event_end(s);
		if (event != XENNET_VIF_IDLE)
			return event;
		if (!did)
			doze(s);
	}
	return event;
}

static void check_counters(struct side *s)
{
	const struct xennet_stats *st;
	unsigned i;

	for (i = 0; i < s->nqueues; i++) {
		st = stats_of(s, i);
		must(st->tx_packets == s->plan->packets);
		must(st->rx_packets == s->plan->packets);
		must(print_reasons(s, i) == 0);
	}
}

static void nothing_left(struct side *s)
{
	struct xennet_local_stats st;
	uint64_t until = now_ms() + 2000;

	do {
		xennet_local_stats(s->local, &st);
		if (!st.grants && !st.mapped && !st.quarantined && !st.ports)
			return;
		usleep(1000);
		store_events(s);
	} while (now_ms() < until);
	fprintf(stderr, "%s: %u grants, %u mapped, %u quarantined, %u ports\n",
		name_of(s), (unsigned)st.grants,
		(unsigned)st.mapped, (unsigned)st.quarantined,
		(unsigned)st.ports);
	_exit(1);
}

/* Until the event comes. */
static int wait_event(struct side *s, int wanted)
{
	uint64_t until = now_ms() + STALLED_MS;
	int event;

	for (;;) {
		if (store_events(s) < 0)
			return -XENNET_EGONE;
		event = event_end(s);
		if (event == wanted || event == XENNET_VIF_GONE)
			return event;
		if (event != XENNET_VIF_IDLE || now_ms() > until) {
			fprintf(stderr, "%s: event %d, wanted %d; states %u and %u\n",
				name_of(s), event, wanted,
				s->is_back ? s->back.state : s->front.state,
				s->is_back ? s->back.peer_state
					   : s->front.peer_state);
			_exit(1);
		}
		xennet_local_wait(s->local, NULL, 0, 100);
	}
}

static void be_nobody(const struct plan *p)
{
	if (p->as_nobody && getuid() == 0)
		must(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
	/* after setuid nobody may trace us, unless we say so */
	must(prctl(PR_SET_DUMPABLE, !p->undumpable, 0, 0, 0) == 0);
}

/* The domain of the first vif there that is online, waiting for one. */
static uint16_t wait_vif(struct side *s)
{
	struct xennet_platform p = xennet_local_platform(s->local);
	char names[XENNET_LOCAL_VALUE], key[80], value[8], *d;
	int i, n;

	for (;; usleep(2000)) {
		store_events(s);
		n = xennet_local_list(s->local, VIFS, names, sizeof(names));
		for (d = names, i = 0; i < n; i++, d += strlen(d) + 1) {
			snprintf(key, sizeof(key), VIFS "/%.8s/0/online", d);
			if (p.ops->store_read(p.ctx, 0, key, value,
					      sizeof(value)) == 1 &&
			    value[0] == '1')
				return (uint16_t)atoi(d);
		}
	}
}

/* The backend's process: guest after guest, until one ended well. */
static void run_back(const struct plan *plan)
{
	static struct side s = { .is_back = true, .random = 1 };
	struct xennet_back_config c = {
		.tx = plan->strategy,
		.rx = plan->strategy,
		.offer = { plan->back_flags, plan->back_queues, plan->order,
			   0 },
	};
	bool ended_well = false;
	int event;

	be_nobody(plan);
	s.plan = plan;
	must(xennet_local_serve(&s.local, path) == 0);
	while (!ended_well) {
		s.told = false;
		c.platform = xennet_local_platform(s.local);
		c.peer = wait_vif(&s);
		must(xennet_back_open(&s.back, &c) == 0);
		s.connection = 0;
		for (;;) {
			event = wait_event(&s, XENNET_VIF_CONNECTED);
			if (event == XENNET_VIF_GONE)
				break;
			s.nqueues = s.back.nqueues;
			event = exchange(&s);
			must(event == XENNET_VIF_STOP);
			ended_well = finished(&s);
			if (ended_well)
				check_counters(&s);
			s.connection++;
			xennet_back_disconnect(&s.back);
		}
		xennet_back_close(&s.back);
		nothing_left(&s);
		if (!ended_well)
			report(&s, 'd');
	}
	xennet_local_leave(s.local);
	_exit(0);
}

/* Every memfd of ours, as a guest that wishes harm has it. */
static void try_to_shrink_memory(void)
{
	char link[64], name[128];
	unsigned found = 0;
	ssize_t n;
	int fd;

	for (fd = 3; fd < 64; fd++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, name, sizeof(name) - 1);
		if (n < 0)
			continue;
		name[n] = '\0';
		if (!strstr(name, "memfd:"))
			continue;
		found++;
		must(ftruncate(fd, 0) == -1 && errno == EPERM);
		must(ftruncate(fd, 4096) == -1 && errno == EPERM);
	}
	must(found > 0);
}

/* One guest's life. True: it ended well; false: the backend died. */
static bool run_guest(struct side *s)
{
	const struct plan *plan = s->plan;
	struct xennet_front_config c = {
		.offer = { plan->front_flags, plan->front_queues, plan->order,
			   0 },
	};
	const struct xennet_local_guest guest = { .pages = 65536 };
	uint64_t until = now_ms() + STALLED_MS;
	int event = XENNET_VIF_IDLE;

	while (xennet_local_join(&s->local, path, &guest)) {
		must(now_ms() < until);
		usleep(2000);
	}
	c.platform = xennet_local_platform(s->local);
	c.domid = xennet_local_domid(s->local);
	s->told = false;
	for (s->connection = 0; s->connection < plan->connects;
	     s->connection++) {
		if (plan->connects > 1)
			c.offer.queues = 1 + s->connection % 4;
		must(xennet_front_open(&s->front, &c) == 0);
		event = wait_event(s, XENNET_VIF_CONNECTED);
		must(event == XENNET_VIF_CONNECTED);
		s->nqueues = s->front.nqueues;
		must(plan->connects == 1 || s->nqueues == c.offer.queues);
		if (plan->truncate)
			try_to_shrink_memory();
		event = exchange(s);
		if (event != XENNET_VIF_IDLE)
			break;
		check_counters(s);
		xennet_front_close(&s->front);
		nothing_left(s);
	}
	if (event == XENNET_VIF_IDLE) {
		xennet_local_leave(s->local);
		return true;
	}
	must(event == -XENNET_EGONE || event == XENNET_VIF_STOP ||
	     event == XENNET_VIF_GONE);
	report(s, 'd');
	xennet_front_close(&s->front);
	xennet_local_leave(s->local);
	return false;
}

static void run_front(const struct plan *plan)
{
	static struct side s = { .random = 2 };

	be_nobody(plan);
	s.plan = plan;
	while (!run_guest(&s))
		;
	_exit(0);
}

static pid_t start(void (*run)(const struct plan *), const struct plan *plan)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		alarm(60);
		run(plan);
	}
	return pid;
}

/* The one that ends badly first is at fault; the other is not waited for. */
static void both_end(pid_t a, pid_t b)
{
	int status, failed = 0, left;
	pid_t pid;

	for (left = 2; left > 0; left--) {
		pid = waitpid(0, &status, 0);
		assert_true(pid == a || pid == b);
		if (status == 0 || failed)
			continue;
		failed = status;
		kill(pid == a ? b : a, SIGKILL);
	}
	assert_int_equal(failed, 0);
}

static void both_end_well(const struct plan *plan)
{
	pid_t back = start(run_back, plan);

	both_end(back, start(run_front, plan));
}

static const struct plan standard = {
	.strategy = XENNET_PERSISTENT,
	.back_queues = 4,
	.front_queues = 1,
	.packets = 150,
	.connects = 1,
};

static void every_way(enum xennet_strategy strategy, unsigned queues)
{
	struct plan p = standard;

	p.strategy = strategy;
	p.front_queues = queues;
	for (p.order = 0; p.order <= XENNET_RING_ORDER_MAX; p.order++) {
		p.front_flags = 0;
		both_end_well(&p);
		p.front_flags = XENNET_F_ALL & ~XENNET_F_SPLIT_EVTCHN;
		both_end_well(&p);
	}
}

static void V2_copy_1_queue(void **state)
{
	(void)state;
	every_way(XENNET_COPY, 1);
}

static void V2_copy_2_queues(void **state)
{
	(void)state;
	every_way(XENNET_COPY, 2);
}

static void V2_copy_4_queues(void **state)
{
	(void)state;
	every_way(XENNET_COPY, 4);
}

static void V2_map_1_queue(void **state)
{
	(void)state;
	every_way(XENNET_MAP, 1);
}

static void V2_map_2_queues(void **state)
{
	(void)state;
	every_way(XENNET_MAP, 2);
}

static void V2_map_4_queues(void **state)
{
	(void)state;
	every_way(XENNET_MAP, 4);
}

static void V2_persistent_1_queue(void **state)
{
	(void)state;
	every_way(XENNET_PERSISTENT, 1);
}

static void V2_persistent_2_queues(void **state)
{
	(void)state;
	every_way(XENNET_PERSISTENT, 2);
}

static void V2_persistent_4_queues(void **state)
{
	(void)state;
	every_way(XENNET_PERSISTENT, 4);
}

/* Each page granted for a packet and revoked after it. */
static void G6_pages_are_revoked_after_each_packet(void **state)
{
	struct plan p = standard;

	(void)state;
	p.front_flags = XENNET_F_ALL & ~XENNET_F_PERSISTENT;
	p.packets = 1000;
	for (p.strategy = XENNET_COPY; p.strategy <= XENNET_PERSISTENT;
	     p.strategy++)
		both_end_well(&p);
}

static void S14_reconnects_with_other_queue_counts(void **state)
{
	struct plan p = standard;

	(void)state;
	p.packets = 20;
	p.connects = 20;
	for (p.strategy = XENNET_COPY; p.strategy <= XENNET_PERSISTENT;
	     p.strategy++)
		both_end_well(&p);
}

/* Whether or not one may look into the memory of the other. */
static void unprivileged_processes_exchange_packets(void **state)
{
	struct plan p = standard;

	(void)state;
	p.as_nobody = true;
	p.packets = 500;
	for (p.strategy = XENNET_COPY; p.strategy <= XENNET_PERSISTENT;
	     p.strategy++) {
		p.undumpable = false;
		both_end_well(&p);
		p.undumpable = true;
		both_end_well(&p);
	}
}

static void guest_cannot_shrink_its_memory(void **state)
{
	struct plan p = standard;

	(void)state;
	p.truncate = true;
	for (p.strategy = XENNET_COPY; p.strategy <= XENNET_PERSISTENT;
	     p.strategy++)
		both_end_well(&p);
}

static void await(int fd, char wanted, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char what;

	do {
		assert_int_equal(poll(&p, 1, ms), 1);
		assert_int_equal(read(fd, &what, 1), 1);
	} while (what != wanted);
}

/* One end is killed in the middle of traffic; the other sees it in time, and
 * goes on with the next. */
static void kill_one(void (*victim)(const struct plan *),
		     void (*witness)(const struct plan *),
		     enum xennet_strategy strategy)
{
	struct plan p = standard, busy;
	pid_t killed, other;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	p.strategy = strategy;
	p.front_queues = 2;
	p.packets = 3000;
	p.report = fd[1];
	busy = p;
	busy.packets = FOREVER;
	other = start(witness, &p);
	killed = start(victim, &busy);
	await(fd[0], 'r', STALLED_MS);
	await(fd[0], 'r', STALLED_MS);

	assert_int_equal(kill(killed, SIGKILL), 0);
	await(fd[0], 'd', 1000);

	assert_int_equal(waitpid(killed, NULL, 0), killed);
	both_end(other, start(victim, &p));
	close(fd[0]);
	close(fd[1]);
}

static void killed_frontend_is_seen_within_a_second(void **state)
{
	int s;

	(void)state;
	for (s = XENNET_COPY; s <= XENNET_PERSISTENT; s++)
		kill_one(run_front, run_back, (enum xennet_strategy)s);
}

static void killed_backend_is_seen_within_a_second(void **state)
{
	int s;

	(void)state;
	for (s = XENNET_COPY; s <= XENNET_PERSISTENT; s++)
		kill_one(run_back, run_front, (enum xennet_strategy)s);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/xennet-link.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/socket", dir);
	return getuid() == 0 ? chown(dir, NOBODY, NOBODY) : 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V2_copy_1_queue),
		cmocka_unit_test(V2_copy_2_queues),
		cmocka_unit_test(V2_copy_4_queues),
		cmocka_unit_test(V2_map_1_queue),
		cmocka_unit_test(V2_map_2_queues),
		cmocka_unit_test(V2_map_4_queues),
		cmocka_unit_test(V2_persistent_1_queue),
		cmocka_unit_test(V2_persistent_2_queues),
		cmocka_unit_test(V2_persistent_4_queues),
		cmocka_unit_test(G6_pages_are_revoked_after_each_packet),
		cmocka_unit_test(S14_reconnects_with_other_queue_counts),
		cmocka_unit_test(unprivileged_processes_exchange_packets),
		cmocka_unit_test(guest_cannot_shrink_its_memory),
		cmocka_unit_test(killed_frontend_is_seen_within_a_second),
		cmocka_unit_test(killed_backend_is_seen_within_a_second),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
