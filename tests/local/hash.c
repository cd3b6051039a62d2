/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A frontend changes its mind about the hash as often as it can, while workers
 * of both ends send and receive: each hash is of the one key or of the other.
 */
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>
#include <xennet/back.h>
#include <xennet/front.h>

#define QUEUES 2u
#define CHANGES 60u

static struct xennet_local *back_at, *front_at;
static struct xennet_back back;
static struct xennet_front front;
static atomic_bool stop;
static atomic_ullong hashed, wrong;

/* The pause: workers wait in it as long as somebody wants that. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static atomic_bool pause_wanted;
static unsigned resting;

static struct xennet_hash_config keys[2];
static uint32_t of_key[2]; /* the hash of the packet, by each */

static const unsigned char frame[64] = {
	0,  0x16, 0x3e, 0, 0,  2, 0, 0x16, 0x3e, 0,    0, 1,  8,
	0,  0x45, 0,	0, 50, 0, 0, 0,	   0,	 64,   6, 0,  0,
	10, 0,	  0,	1, 10, 0, 0, 2,	   0x12, 0x34, 0, 80,
};

static void rest(void)
{
	pthread_mutex_lock(&lock);
	resting++;
	pthread_cond_broadcast(&change);
	while (atomic_load(&pause_wanted))
		pthread_cond_wait(&change, &lock);
	resting--;
	pthread_mutex_unlock(&lock);
}

static void serve_ctrl(void)
{
	pthread_mutex_lock(&lock);
	atomic_store(&pause_wanted, true);
	while (resting < QUEUES)
		pthread_cond_wait(&change, &lock);
	assert_true(xennet_back_ctrl(&back) >= 0);
	atomic_store(&pause_wanted, false);
	pthread_cond_broadcast(&change);
	pthread_mutex_unlock(&lock);
}

/* A hash is of either key, whole; before the first there is none. */
static void check(const struct xennet_pkt *pkt)
{
	if (!(pkt->flags & XENNET_PKT_HASH))
		return;
	atomic_fetch_add(&hashed, 1);
	if (pkt->hash != of_key[0] && pkt->hash != of_key[1])
		atomic_fetch_add(&wrong, 1);
}

static void *send(void *queue)
{
	struct xennet_back_queue *q = queue;
	unsigned char data[sizeof(frame)];
	struct xennet_frag frag = { data, sizeof(data) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(data),
				  .nfrags = 1 };

	memcpy(data, frame, sizeof(data));
	while (!atomic_load(&stop)) {
		if (atomic_load(&pause_wanted))
			rest();
		if (xennet_back_select_queue(&back, &pkt) >= QUEUES)
			atomic_fetch_add(&wrong, 1);
		check(&pkt);
		xennet_back_send(q, &pkt, 1);
		xennet_back_arm(q);
		xennet_back_wake(q);
	}
	return NULL;
}

static void *receive(void *queue)
{
	struct xennet_front_queue *q = queue;
	struct xennet_burst *in = calloc(1, sizeof(*in));
	int i, n;

	while (!atomic_load(&stop)) {
		n = xennet_front_poll(q, in, XENNET_BURST);
		for (i = 0; i < n; i++)
			check(&in->pkt[i]);
		if (n > 0)
			xennet_front_done(q, in->pkt, (unsigned)n);
		else
			usleep(50);
	}
	free(in);
	return NULL;
}

static void connect_both(void)
{
	struct xennet_back_config b = { .offer.queues = QUEUES,
					.tx = XENNET_COPY };
	struct xennet_front_config f = { .offer.queues = QUEUES };
	struct xennet_local_guest guest = { .pages = 4096 };
	char path[64];
	int i;

	snprintf(path, sizeof(path), "/tmp/xennet-hash-%d.sock", (int)getpid());
	assert_int_equal(xennet_local_serve(&back_at, path), 0);
	assert_int_equal(xennet_local_join(&front_at, path, &guest), 0);
	b.platform = xennet_local_platform(back_at);
	b.peer = xennet_local_domid(front_at);
	f.platform = xennet_local_platform(front_at);
	f.domid = b.peer;
	assert_int_equal(xennet_back_open(&back, &b), 0);
	assert_int_equal(xennet_front_open(&front, &f), 0);
	for (i = 0; i < 5000 && !front.live; i++) {
		drain(back_at);
		drain(front_at);
		assert_true(xennet_back_event(&back) >= 0);
		assert_true(xennet_front_event(&front) >= 0);
		usleep(1000);
	}
	assert_true(front.live);
}

static void make_keys(void)
{
	static struct xennet_hash h;
	uint8_t flow[12];
	unsigned i;

	memcpy(flow, frame + 26, sizeof(flow));
	for (i = 0; i < 2; i++) {
		keys[i].types = XENNET_HASH_ALL;
		keys[i].key_len = XENNET_HASH_KEY;
		memset(keys[i].key, i ? 0x5a : 0x37, XENNET_HASH_KEY);
		keys[i].key[3] = (uint8_t)(i + 1);
		keys[i].mapping_size = 64 * i;
		keys[i].mapping[7] = 1;
		xennet_hash_set_key(&h, keys[i].key, XENNET_HASH_KEY);
		of_key[i] = xennet_hash_bytes(&h, flow, sizeof(flow));
	}
	assert_int_not_equal(of_key[0], of_key[1]);
}

static void C11_a_hash_in_use_is_of_one_key_whole(void **state)
{
	pthread_t thread[2 * QUEUES];
	unsigned i, changes = 0, tries = 0;

	(void)state;
	make_keys();
	connect_both();
	for (i = 0; i < QUEUES; i++) {
		pthread_create(&thread[i], NULL, send, &back.queue[i]);
		pthread_create(&thread[QUEUES + i], NULL, receive,
			       &front.queue[i]);
	}
	while (changes < CHANGES && tries++ < 200000) {
		if (front.hash.state != XENNET_HASH_ASKING)
			xennet_front_set_hash(&front, &keys[changes++ % 2]);
		if (xennet_back_event(&back) == XENNET_VIF_PAUSE)
			serve_ctrl();
		assert_true(xennet_front_event(&front) >= 0);
		assert_int_not_equal(front.hash.state, XENNET_HASH_REFUSED);
		usleep(100);
	}
	atomic_store(&stop, true);
	for (i = 0; i < 2 * QUEUES; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(changes, CHANGES);
	assert_int_equal(atomic_load(&wrong), 0);
	assert_true(atomic_load(&hashed) > 100);
	xennet_front_close(&front);
	xennet_back_close(&back);
	xennet_local_leave(front_at);
	xennet_local_leave(back_at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(C11_a_hash_in_use_is_of_one_key_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
