/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* examples/echo.c, to the letter, with a guest that asks its control ring as fast
 * as it is answered. */
#include <xennet/platform/local.h>
#include <xennet/xennet.h>

#include "peer_ctrl.h"
#include "test.h"

/* Longer than that nobody asks. */
#define FOR_EVER 100000u

static struct fake f;
static struct peer_front guest;
static struct peer_ctrl ctrl;
static struct peer_answers answers;
static unsigned asked, asked_at; /* when its packet was answered */

/* In place of the local platform's. */
int xennet_local_serve(struct xennet_local **p, const char *socket_path)
{
	(void)socket_path;
	*p = NULL;
	return 0;
}

struct xennet_platform xennet_local_platform(struct xennet_local *p)
{
	(void)p;
	return fake_platform(&f, BACK);
}

int xennet_local_list(struct xennet_local *p, const char *path, char *names,
		      size_t cap)
{
	(void)p, (void)path, (void)names, (void)cap;
	return 1;
}

int xennet_local_event(struct xennet_local *p, char *path, size_t cap)
{
	(void)p, (void)path, (void)cap;
	return fake_changed(&f, BACK);
}

void xennet_local_leave(struct xennet_local *p)
{
	(void)p;
}

static void ask(void)
{
	peer_ctrl_put(&ctrl, 1, 99, 0, 0, 0);
	xennet_ring_push(&ctrl.ring);
	xennet_ring_arm(&ctrl.ring, 1);
	asked++;
}

static void ask_again(struct fake *fake, enum fake_op op, void *arg)
{
	struct xennet_ctrl_rsp rsp;

	(void)fake, (void)arg;
	if (op != FAKE_NOTIFY || asked_at || !peer_ctrl_take(&ctrl, &rsp))
		return;
	if (peer_take_answers(&guest, &answers) || asked == FOR_EVER)
		asked_at = asked;
	else
		ask();
}

/* With a packet on its ring, and buffers for it to come back. */
static void guest_connects(void)
{
	peer_front_publish(&guest);
	peer_ctrl_open(&ctrl, &guest);
	peer_post_many(&guest, 4);
	peer_put_req(&guest, 7, 0, 0, 100, 0);
	peer_push_tx(&guest);
	peer_front_state(&guest, XENNET_STATE_CONNECTED);
	ask();
	f.before = ask_again;
}

/* There is nothing else to do. */
int xennet_local_wait(struct xennet_local *p, const uint32_t *ports, unsigned n,
		      int timeout_ms)
{
	(void)p, (void)ports, (void)n, (void)timeout_ms;
	if (!asked) {
		guest_connects();
	} else {
		assert_true(asked_at);
		peer_front_state(&guest, XENNET_STATE_CLOSED);
		fake_set(&f, BACK_DIR "/online", "0");
	}
	return 0;
}

static int open_ours(struct xennet_back *b, struct xennet_back_config *c)
{
	c->handle = HANDLE;
	return xennet_back_open(b, c);
}

int echo(int argc, char **argv);

#define xennet_back_open open_ours
#define main echo
#include "../../examples/echo.c"
#undef main

static void V3_who_asks_without_end_stops_nothing_else(void **state)
{
	static char *args[] = { "echo", "socket", NULL };
	struct xennet_rx_rsp rsp;

	(void)state;
	fake_open(&f);
	peer_toolstack(&f);
	peer_front_open(&guest, &f, 1, 0, false, XENNET_STANDARD);

	assert_int_equal(echo(2, args), 0);

	assert_in_range(asked_at, 1, 3 * XENNET_CTRL_BUDGET);
	assert_int_equal(answers.okay, 1);
	assert_true(peer_take_rx(&guest, &rsp));
	assert_int_equal(rsp.status, 100);
	f.before = NULL;
	peer_ctrl_close(&ctrl);
	peer_front_close(&guest);
	fake_check_clean(&f);
	fake_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(V3_who_asks_without_end_stops_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
