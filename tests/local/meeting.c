/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The local platform's meeting socket: what comes over it, and how processes
 * come and die.
 */
#include "pair.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

static void the_toolstack_writes_both_ends(void **state)
{
	static const struct {
		const char *path, *key, *value;
	} want[] = {
		{ BACK, "frontend", "/local/domain/1/device/vif/0" },
		{ BACK, "frontend-id", "1" },
		{ BACK, "online", "1" },
		{ BACK, "state", "1" },
		{ BACK, "mac", "00:16:3e:00:01:00" },
		{ BACK, "handle", "0" },
		{ BACK, "type", "vif" },
		{ FRONT, "backend", "/local/domain/0/backend/vif/1/0" },
		{ FRONT, "backend-id", "0" },
		{ FRONT, "state", "1" },
		{ FRONT, "handle", "0" },
		{ FRONT, "mac", "00:16:3e:00:01:00" },
		{ FRONT, "mtu", "1500" },
		{ FRONT, "trusted", "1" },
	};
	struct pair *t = *state;
	char value[64];

	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const char *path = at(want[i].path, t->domid, want[i].key);

		assert_int_equal(read_key(t->front, path, value),
				 strlen(want[i].value));
		assert_string_equal(value, want[i].value);
	}
}

static void a_guest_chooses_its_mac_and_vifs(void **state)
{
	struct xennet_local_guest opts = { .pages = PAGES,
					   .vifs = 2,
					   .mac = "02:00:00:00:00:0f" };
	struct pair *t = *state;
	struct xennet_local *p;
	char value[64];

	assert_int_equal(xennet_local_join(&p, t->path, &opts), 0);
	assert_true(read_key(p, "/local/domain/2/device/vif/1/mac", value) > 0);
	assert_string_equal(value, "02:00:00:00:00:10");
	assert_int_equal(xennet_local_list(p, "/local/domain/2/device/vif",
					   value, sizeof(value)),
			 2);
	xennet_local_leave(p);

	opts.mac = "02:00:00:00:00";
	assert_int_equal(xennet_local_join(&p, t->path, &opts), -XENNET_EINVAL);
	opts.mac = NULL;
	opts.vifs = 17;
	assert_int_equal(xennet_local_join(&p, t->path, &opts), -XENNET_EINVAL);
	assert_true(domains_become(t, 1));
}

/* A guest that is not of this library. */
static int dial(struct pair *t)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", t->path);
	assert_int_equal(connect(sock, (struct sockaddr *)&addr, sizeof(addr)),
			 0);
	return sock;
}

static int32_t say(int sock, const struct message *rq, size_t len, int fd)
{
	struct fds fds = { fd >= 0, { fd } };
	struct message rp;
	int n;

	assert_int_equal(xennet_local_send(sock, rq, len, &fds, 0), 0);
	do
		n = xennet_local_recv(sock, &rp, &fds, 0);
	while (n > 0 && rp.op == MSG_EVENT);
	xennet_local_close_fds(&fds);
	return n > 0 ? rp.result : n;
}

static int memory(size_t size, int seals)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

#define SEALED (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static void memory_that_could_fail_us_is_refused(void **state)
{
	static const struct {
		size_t size;
		int seals, result;
	} of[] = {
		{ PAGES * XENNET_PAGE, 0, -XENNET_EACCESS },
		{ PAGES * XENNET_PAGE, F_SEAL_GROW | F_SEAL_SEAL,
		  -XENNET_EACCESS },
		{ PAGES * XENNET_PAGE, F_SEAL_SHRINK | F_SEAL_GROW,
		  -XENNET_EACCESS },
		{ PAGES * XENNET_PAGE, SEALED | F_SEAL_WRITE, -XENNET_EACCESS },
		{ PAGES * XENNET_PAGE + 1, SEALED, -XENNET_EINVAL },
		{ 0, SEALED, -XENNET_EINVAL },
		{ XENNET_PAGE, SEALED, -XENNET_EINVAL },
		{ (size_t)1 << 40, SEALED, -XENNET_EINVAL },
		{ PAGES * XENNET_PAGE, SEALED, 2 },
	};
	struct message rq = { .op = MSG_JOIN, .arg = 1, .txn = MSG_VERSION };
	struct pair *t = *state;
	int sock = dial(t), fd, null = open("/dev/null", O_RDWR);

	assert_int_equal(say(sock, &rq, MSG_HEAD, null), -XENNET_EACCESS);
	assert_int_equal(say(sock, &rq, MSG_HEAD, -1), -XENNET_EINVAL);
	for (unsigned i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		fd = memory(of[i].size, of[i].seals);
		assert_int_equal(say(sock, &rq, MSG_HEAD, fd), of[i].result);
		close(fd);
	}
	close(null);
	close(sock);
	assert_true(domains_become(t, 1));
}

static int join_raw(struct pair *t)
{
	struct message rq = { .op = MSG_JOIN, .arg = 1, .txn = MSG_VERSION };
	int fd = memory(PAGES * XENNET_PAGE, SEALED), sock = dial(t);

	assert_true(say(sock, &rq, MSG_HEAD, fd) > 0);
	close(fd);
	return sock;
}

static void garbage_ends_the_connection_that_it_came_by(void **state)
{
	static const struct {
		struct message m;
		size_t len;
		bool joined;
	} bad[] = {
		{ { .op = MSG_READ, .data = "/a" }, MSG_HEAD + 3, false },
		{ { .op = 0 }, MSG_HEAD, false },
		{ { .op = MSG_READ }, 1, true },
		{ { .op = MSG_READ }, MSG_HEAD - 1, true },
		{ { .op = MSG_READ, .data = "/abc" }, MSG_HEAD + 4, true },
		{ { .op = MSG_READ, .data = "/a" }, MSG_HEAD + 4, true },
		{ { .op = MSG_READ }, MSG_HEAD, true },
		{ { .op = MSG_WRITE }, MSG_HEAD, true },
		{ { .op = MSG_TXN_BEGIN }, MSG_HEAD + 1, true },
		{ { .op = MSG_JOIN }, MSG_HEAD, true },
		{ { .op = MSG_REPLY }, MSG_HEAD, true },
		{ { .op = MSG_EVENT }, MSG_HEAD, true },
		{ { .op = MSG_EVTCHN_ALLOC }, MSG_HEAD + 1, true },
		{ { .op = MSG_EVTCHN_CLOSE }, MSG_HEAD + 1, true },
		{ { .op = 0xffffffff }, MSG_HEAD, true },
	};
	struct pair *t = *state;
	char value[64];
	unsigned i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int sock = bad[i].joined ? join_raw(t) : dial(t);

		assert_int_equal(say(sock, &bad[i].m, bad[i].len, -1),
				 -XENNET_EGONE);
		close(sock);
		assert_int_equal(stats(t->back).refused, i + 1);
		assert_int_equal(read_key(t->front, at(FRONT, 1, "mtu"), value),
				 4);
	}
	assert_true(domains_become(t, 1));
}

static void random_messages_touch_nobody_else(void **state)
{
	struct pair *t = *state;
	unsigned seed = 1;
	int sock = join_raw(t);
	char value[64];

	for (unsigned i = 0; i < 3000; i++) {
		struct message m;
		size_t len = (unsigned)rand_r(&seed) % 64 + 1;

		for (size_t k = 0; k < sizeof(m); k++)
			((unsigned char *)&m)[k] = (unsigned char)rand_r(&seed);
		m.op = (uint32_t)rand_r(&seed) % 16;
		if (rand_r(&seed) % 8 == 0)
			len = (unsigned)rand_r(&seed) % sizeof(m) + 1;
		if (rand_r(&seed) % 2 && len > MSG_HEAD)
			snprintf(m.data, 32, "/local/domain/%u/a",
				 (unsigned)rand_r(&seed) % 4);
		if (say(sock, &m, len, -1) != -XENNET_EGONE)
			continue;
		close(sock);
		sock = join_raw(t);
	}
	close(sock);
	assert_true(read_key(t->front, at(FRONT, 1, "mtu"), value) == 4);
	assert_true(domains_become(t, 1));
}

static void a_guest_that_does_not_read_blocks_nobody(void **state)
{
	struct pair *t = *state;
	struct message rq = { .op = MSG_WATCH };
	int sock = join_raw(t);
	char key[128];
	size_t len;

	len = (size_t)snprintf(rq.data, MSG_DATA, "/local/domain/2") + 1;
	assert_int_equal(say(sock, &rq, MSG_HEAD + len, -1), 0);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "/local/domain/2/key-number-%u", i);
		assert_int_equal(write_key(t->back, key, "x"), 0);
	}
	/* requests without end, no answer taken */
	rq.op = MSG_LIST;
	for (unsigned i = 0; i < 5000; i++)
		if (xennet_local_send(sock, &rq, MSG_HEAD + len, NULL,
				      MSG_DONTWAIT))
			break;
	assert_int_equal(write_key(t->front, at(FRONT, 1, "a"), "x"), 0);
	close(sock);
	assert_true(domains_become(t, 1));
}

/* What a child tells of the guest that it is. */
struct news {
	uint16_t domid;
	uint32_t gref, port;
};

/* A guest in a process of its own, which then waits to be killed. */
static pid_t guest_process(struct pair *t, struct news *news)
{
	const struct xennet_ops *ops;
	struct xennet_local *p;
	int pipes[2];
	void *page;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid) {
		close(pipes[1]);
		assert_int_equal(read(pipes[0], news, sizeof(*news)),
				 sizeof(*news));
		close(pipes[0]);
		return pid;
	}
	if (xennet_local_join(&p, t->path, NULL))
		_exit(1);
	ops = xennet_local_platform(p).ops;
	memset(news, 0, sizeof(*news));
	news->domid = xennet_local_domid(p);
	if (ops->share(p, 0, 1, false, &page, &news->gref) ||
	    ops->evtchn_alloc(p, 0, &news->port))
		_exit(2);
	memcpy(page, "from the guest", 15);
	ops->evtchn_rearm(p, news->port, false);
	if (write(pipes[1], news, sizeof(*news)) != sizeof(*news))
		_exit(3);
	for (;;) {
		if (xennet_local_wait(p, &news->port, 1, -1) != 1)
			_exit(4);
		ops->evtchn_rearm(p, news->port, false);
		memcpy(page, "it was notified", 16);
		ops->evtchn_notify(p, news->port);
	}
}

static void end_process(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void two_processes_share_a_page_and_a_channel(void **state)
{
	struct pair *t = *state;
	struct xennet_map_op m = { 0 };
	struct news news;
	pid_t pid = guest_process(t, &news);
	uint32_t port;

	m.domid = news.domid;
	m.gref = news.gref;
	t->bops->map(t->back, &m, 1);
	assert_int_equal(m.status, XENNET_GNTST_OKAY);
	assert_int_equal(
		t->bops->evtchn_bind(t->back, news.domid, news.port, &port), 0);
	assert_int_equal(t->bops->evtchn_notify(t->back, port), 0);
	for (int i = 0; i < 10 && strcmp(m.addr, "it was notified") != 0; i++) {
		t->bops->evtchn_rearm(t->back, port, false);
		assert_int_equal(xennet_local_wait(t->back, &port, 1, 1000), 1);
	}
	assert_string_equal(m.addr, "it was notified");

	t->bops->unmap(t->back, &m, 1);
	t->bops->evtchn_close(t->back, port);
	end_process(pid);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Everything that names the dead fails, and says so. */
static void nothing_reaches(struct pair *t, const struct news *news)
{
	struct xennet_map_op m = { .domid = news->domid, .gref = news->gref };
	struct xennet_copy_op c = {
		.src = { .domid = news->domid, .gref = news->gref }, .len = 1
	};
	uint32_t port;
	void *addr;
	char byte;

	c.dst.addr = &byte;
	t->bops->map(t->back, &m, 1);
	assert_int_equal(m.status, XENNET_GNTST_GENERAL);
	t->bops->copy(t->back, &c, 1);
	assert_int_equal(c.status, XENNET_GNTST_GENERAL);
	assert_int_equal(
		t->bops->map_ring(t->back, news->domid, &news->gref, 1, &addr),
		-XENNET_EGONE);
	assert_int_equal(
		t->bops->evtchn_bind(t->back, news->domid, news->port, &port),
		-XENNET_ENOENT);
}

static void a_killed_guest_is_seen_at_once_and_its_pages_stay(void **state)
{
	struct pair *t = *state;
	struct news news;
	pid_t pid = guest_process(t, &news);
	const char *online = at(BACK, news.domid, "online");
	struct xennet_map_op m = { .domid = news.domid, .gref = news.gref };
	char value[64];
	uint32_t port;
	uint64_t start;

	t->bops->map(t->back, &m, 1);
	assert_int_equal(m.status, XENNET_GNTST_OKAY);
	assert_int_equal(
		t->bops->evtchn_bind(t->back, news.domid, news.port, &port), 0);
	assert_int_equal(t->bops->store_watch(t->back, online), 0);
	drain(t->back);

	start = now_ms();
	end_process(pid);
	assert_true(event_comes(t->back, online));
	assert_true(now_ms() - start < 1000);
	assert_int_equal(read_key(t->back, online, value), 1);
	assert_string_equal(value, "0");
	assert_int_equal(
		read_key(t->back, at(FRONT, news.domid, "state"), value),
		-XENNET_ENOENT);
	nothing_reaches(t, &news);
	assert_int_equal(t->bops->evtchn_notify(t->back, port), -XENNET_EGONE);
	assert_string_equal(m.addr, "from the guest");
	assert_int_equal(stats(t->back).domains, 2);

	t->bops->unmap(t->back, &m, 1);
	assert_int_equal(m.status, XENNET_GNTST_OKAY);
	assert_int_equal(stats(t->back).domains, 1);
	t->bops->evtchn_close(t->back, port);
}

static void another_guest_may_come_after_a_death(void **state)
{
	struct pair *t = *state;
	struct xennet_map_op m = { 0 };
	struct news news, next;
	pid_t pid = guest_process(t, &news);

	end_process(pid);
	pid = guest_process(t, &next);
	assert_true(next.domid > news.domid);
	m.domid = next.domid;
	m.gref = next.gref;
	t->bops->map(t->back, &m, 1);
	assert_int_equal(m.status, XENNET_GNTST_OKAY);
	t->bops->unmap(t->back, &m, 1);
	end_process(pid);
}

static void a_dead_guests_nodes_go_when_the_backend_closes(void **state)
{
	struct pair *t = *state;
	struct xennet_local *other = join(t->path);
	unsigned domid = xennet_local_domid(other);
	const char *key = at(BACK, domid, "state");
	char value[64];
	uint64_t nodes;

	assert_int_equal(write_key(t->back, key, "4"), 0);
	xennet_local_leave(other);
	assert_true(domains_become(t, 1));
	nodes = stats(t->back).nodes;
	assert_int_equal(write_key(t->back, key, "5"), 0);
	assert_int_equal(read_key(t->back, key, value), 1);
	assert_int_equal(write_key(t->back, key, "6"), 0);
	assert_int_equal(read_key(t->back, key, value), -XENNET_ENOENT);
	/* 7 keys, the vif and the domain */
	assert_int_equal(stats(t->back).nodes, nodes - 9);
}

static void joins_without_end_leave_a_bounded_store(void **state)
{
	struct pair *t = *state;
	struct xennet_local *p;

	/* closed by the backend: nothing; never looked at: some */
	for (unsigned i = 0; i < 300; i++) {
		p = join(t->path);
		if (i == 0)
			write_key(t->back, at(BACK, 2, "state"), "6");
		xennet_local_leave(p);
	}
	assert_true(domains_become(t, 1));
	assert_int_equal(t->back->server->ndead, 256);
	assert_in_range(stats(t->back).nodes, 256 * 9, 257 * 9 + 30);
}

/* What main does in the process that the next test starts. */
static int serve_for_ever(const char *path)
{
	struct xennet_local *server;

	if (xennet_local_serve(&server, path))
		return 1;
	for (;;)
		pause();
}

static pid_t backend_process(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/proc/self/exe", "meeting", path, NULL);
		_exit(1);
	}
	return pid;
}

static struct xennet_local *join_soon(const char *path)
{
	struct xennet_local *p;

	for (int i = 0; i < 500; i++, usleep(10000))
		if (xennet_local_join(&p, path, NULL) == 0)
			return p;
	fail();
	return NULL;
}

static void a_killed_backend_is_seen_by_its_guest(void **state)
{
	struct pair *t = *state;
	struct xennet_local *p, *server;
	char path[80], got[64];
	uint32_t port;
	pid_t pid;

	snprintf(path, sizeof(path), "%s.other", t->path);
	pid = backend_process(path);
	p = join_soon(path);
	assert_int_equal(
		xennet_local_platform(p).ops->evtchn_alloc(p, 0, &port), 0);
	end_process(pid);

	assert_int_equal(xennet_local_wait(p, NULL, 0, 1000), 1);
	assert_int_equal(xennet_local_event(p, got, sizeof(got)),
			 -XENNET_EGONE);
	assert_int_equal(read_key(p, "/local/domain/1/device", got),
			 -XENNET_EGONE);
	assert_int_equal(xennet_local_platform(p).ops->evtchn_notify(p, port),
			 -XENNET_EGONE);
	xennet_local_leave(p);

	/* its socket is stale now: another takes its place */
	assert_int_equal(xennet_local_join(&p, path, NULL), -XENNET_EGONE);
	assert_int_equal(xennet_local_serve(&server, path), 0);
	p = join(path);
	xennet_local_leave(p);
	xennet_local_leave(server);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void a_socket_in_use_is_left_alone(void **state)
{
	struct pair *t = *state;
	struct xennet_local *p;
	char path[80];
	struct stat st;

	assert_int_equal(xennet_local_serve(&p, t->path), -XENNET_EBUSY);
	assert_int_equal(stat(t->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	snprintf(path, sizeof(path), "%s.file", t->path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(xennet_local_serve(&p, path), -XENNET_EIO);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(xennet_local_serve(&p, "/nowhere/at/all"),
			 -XENNET_EIO);
	memset(path, 'x', sizeof(path) - 1);
	assert_int_equal(xennet_local_join(&p, "/nowhere/at/all", NULL),
			 -XENNET_EGONE);
}

static void *serve_and_join(void *arg)
{
	struct pair *t = arg;

	for (unsigned i = 0; i < 20; i++) {
		struct xennet_local *p = join(t->path);
		unsigned domid = xennet_local_domid(p);

		write_key(p, at("/local/domain/%u/%s", domid, "x"), "y");
		xennet_local_leave(p);
	}
	return NULL;
}

static void guests_come_and_go_while_the_backend_works(void **state)
{
	struct pair *t = *state;
	pthread_t thread;

	assert_int_equal(t->bops->store_watch(t->back, "/local/domain"), 0);
	pthread_create(&thread, NULL, serve_and_join, t);
	for (unsigned i = 0; i < 200; i++) {
		struct xennet_map_op m = { .domid = (uint16_t)(i % 25),
					   .gref = 8 };
		char key[64];

		t->bops->map(t->back, &m, 1);
		assert_int_not_equal(m.status, XENNET_GNTST_OKAY);
		snprintf(key, sizeof(key), "/own/%u", i);
		assert_int_equal(write_key(t->back, key, "x"), 0);
		drain(t->back);
	}
	pthread_join(thread, NULL);
	assert_true(domains_become(t, 1));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_toolstack_writes_both_ends),
		TEST(a_guest_chooses_its_mac_and_vifs),
		TEST(memory_that_could_fail_us_is_refused),
		TEST(garbage_ends_the_connection_that_it_came_by),
		TEST(random_messages_touch_nobody_else),
		TEST(a_guest_that_does_not_read_blocks_nobody),
		TEST(two_processes_share_a_page_and_a_channel),
		TEST(a_killed_guest_is_seen_at_once_and_its_pages_stay),
		TEST(another_guest_may_come_after_a_death),
		TEST(a_dead_guests_nodes_go_when_the_backend_closes),
		TEST(joins_without_end_leave_a_bounded_store),
		TEST(a_killed_backend_is_seen_by_its_guest),
		TEST(a_socket_in_use_is_left_alone),
		TEST(guests_come_and_go_while_the_backend_works),
	};

	if (argc == 2)
		return serve_for_ever(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
