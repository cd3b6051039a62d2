/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The local platform's copies: every direction, every way, every failure. */
#include "pair.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* Random copies in every direction among these pages, one batch. */
static void random_batch(struct pair *t, struct xennet_copy_op *op,
			 const uint32_t *grefs, unsigned char *local,
			 unsigned *seed)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct xennet_copy_end *end[2] = { &op[i].src, &op[i].dst };

		memset(&op[i], 0, sizeof(op[i]));
		op[i].len = (uint16_t)(rand_r(seed) % 2000);
		for (unsigned e = 0; e < 2; e++) {
			/* sources from the first pages, targets beside */
			unsigned page = i + e * BATCH;
			unsigned off = (unsigned)rand_r(seed) % 2000;

			if (rand_r(seed) % 2) {
				end[e]->addr = local + page * XENNET_PAGE + off;
				continue;
			}
			end[e]->gref = grefs[page];
			end[e]->domid = t->domid;
			end[e]->offset = (uint16_t)off;
		}
	}
}

/* What a batch leaves in the pages, done `by` and `step` at a time. */
static void copies(struct pair *t, enum xennet_local_copy by, unsigned step,
		   unsigned char *pages, unsigned char *local,
		   const uint32_t *grefs)
{
	struct xennet_copy_op op[BATCH];
	unsigned seed = 1;

	for (unsigned i = 0; i < 2 * BATCH * XENNET_PAGE; i++) {
		pages[i] = (unsigned char)rand_r(&seed);
		local[i] = (unsigned char)rand_r(&seed);
	}
	random_batch(t, op, grefs, local, &seed);
	xennet_local_copy_by(t->back, by);
	for (unsigned i = 0; i < BATCH; i += step)
		t->bops->copy(t->back, op + i, step);
	for (unsigned i = 0; i < BATCH; i++)
		assert_int_equal(op[i].status, XENNET_GNTST_OKAY);
}

static void by_hand(struct pair *t, unsigned char *pages, unsigned char *local,
		    const uint32_t *grefs)
{
	struct xennet_copy_op op[BATCH];
	unsigned seed = 1;

	for (unsigned i = 0; i < 2 * BATCH * XENNET_PAGE; i++) {
		pages[i] = (unsigned char)rand_r(&seed);
		local[i] = (unsigned char)rand_r(&seed);
	}
	random_batch(t, op, grefs, local, &seed);
	for (unsigned i = 0; i < BATCH; i++) {
		unsigned char *src = op[i].src.addr, *dst = op[i].dst.addr;

		if (!src)
			src = pages + i * XENNET_PAGE + op[i].src.offset;
		if (!dst)
			dst = pages + (i + BATCH) * XENNET_PAGE +
			      op[i].dst.offset;
		memcpy(dst, src, op[i].len);
	}
}

static void G7_copies_of_every_direction_way_and_batch_are_equal(void **state)
{
	static const struct {
		enum xennet_local_copy by;
		unsigned step;
	} way[] = { { XENNET_LOCAL_COPY_VM, BATCH },
		    { XENNET_LOCAL_COPY_VM, 2 },
		    { XENNET_LOCAL_COPY_VM, 1 },
		    { XENNET_LOCAL_COPY_FILE, BATCH },
		    { XENNET_LOCAL_COPY_FILE, 1 } };
	size_t size = (size_t)2 * BATCH * XENNET_PAGE;
	struct pair *t = *state;
	unsigned char *local = t->bops->alloc(t->back, size), *want[2], *pages;
	uint32_t grefs[2 * BATCH];
	void *addr;

	assert_int_equal(
		t->fops->share(t->front, 0, 2 * BATCH, false, &addr, grefs), 0);
	pages = addr;
	want[0] = malloc(size);
	want[1] = malloc(size);
	by_hand(t, pages, local, grefs);
	memcpy(want[0], pages, size);
	memcpy(want[1], local, size);

	for (unsigned i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		copies(t, way[i].by, way[i].step, pages, local, grefs);
		assert_memory_equal(pages, want[0], size);
		assert_memory_equal(local, want[1], size);
	}

	free(want[0]);
	free(want[1]);
	t->bops->free(t->back, local, size);
	assert_int_equal(t->fops->unshare(t->front, pages, 2 * BATCH, grefs),
			 0);
}

static void a_batch_of_copies_is_one_system_call(void **state)
{
	struct pair *t = *state;
	struct xennet_copy_op op[BATCH];
	struct xennet_map_op unused[1];
	uint32_t gref;
	char data[BATCH];
	void *page = map_batch(t, &gref, unused, 1);

	for (unsigned i = 0; i < BATCH; i++)
		op[i] = (struct xennet_copy_op){ .src = { .gref = gref,
							  .domid = t->domid },
						 .dst = { .addr = &data[i] },
						 .len = 1 };
	t->bops->copy(t->back, op, BATCH);
	assert_int_equal(stats(t->back).copies, BATCH);
	assert_int_equal(stats(t->back).copy_calls, 1);

	assert_int_equal(t->fops->unshare(t->front, page, 1, &gref), 0);
}

static void a_copy_that_faults_fails_alone(void **state)
{
	struct pair *t = *state;
	uint32_t gref;
	struct xennet_map_op unused[1];
	char data[3 * 8] = { 0 };
	char *page = (char *)map_batch(t, &gref, unused, 1);
	void *hole = mmap(NULL, XENNET_PAGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(page, "abcdefg", 8);
	for (int by = XENNET_LOCAL_COPY_VM; by <= XENNET_LOCAL_COPY_FILE;
	     by++) {
		struct xennet_copy_op op[3];

		memset(data, 0, sizeof(data));
		for (unsigned i = 0; i < 3; i++)
			op[i] = (struct xennet_copy_op){
				.src = { .gref = gref, .domid = t->domid },
				.dst = { .addr = i == 1 ? hole : data + 8 * i },
				.len = 8
			};
		xennet_local_copy_by(t->back, (enum xennet_local_copy)by);
		t->bops->copy(t->back, op, 3);
		assert_int_equal(op[0].status, XENNET_GNTST_OKAY);
		assert_int_equal(op[1].status, XENNET_GNTST_GENERAL);
		assert_int_equal(op[2].status, XENNET_GNTST_OKAY);
		assert_string_equal(data, "abcdefg");
		assert_string_equal(data + 16, "abcdefg");
	}

	munmap(hole, XENNET_PAGE);
	assert_int_equal(t->fops->unshare(t->front, page, 1, &gref), 0);
}

static void a_copy_over_the_end_of_a_page_is_refused(void **state)
{
	struct pair *t = *state;
	struct xennet_map_op unused[1];
	uint32_t gref;
	char *page = (char *)map_batch(t, &gref, unused, 1);
	char *local = t->bops->alloc(t->back, XENNET_PAGE);
	struct xennet_copy_op op[3] = {
		{ .src = { .gref = gref, .domid = t->domid, .offset = 4090 },
		  .dst = { .addr = local },
		  .len = 7 },
		{ .src = { .gref = gref, .domid = t->domid, .offset = 0xffff },
		  .dst = { .addr = local },
		  .len = 0xffff },
		{ .src = { .gref = gref, .domid = t->domid },
		  .dst = { .addr = local + 4090 },
		  .len = 7 },
	};

	t->bops->copy(t->back, op, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(op[i].status, XENNET_GNTST_GENERAL);
	assert_int_equal(entry(t, gref)->word, GTF_PERMIT_ACCESS);

	t->bops->free(t->back, local, XENNET_PAGE);
	assert_int_equal(t->fops->unshare(t->front, page, 1, &gref), 0);
}

static void forbid_process_vm_readv(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { 4, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		_exit(3);
}

/* In a process of its own: the filter stays for good. */
static int copy_under_seccomp(struct pair *t)
{
	struct xennet_copy_op op[2] = { { .len = 8 }, { .len = 8 } };
	struct xennet_map_op unused[1];
	char data[2][8] = { "" };
	uint32_t gref;
	char *page = (char *)map_batch(t, &gref, unused, 1);

	memcpy(page, "abcdefg", 8);
	for (unsigned i = 0; i < 2; i++) {
		op[i].src.gref = gref;
		op[i].src.domid = t->domid;
		op[i].dst.addr = data[i];
	}
	t->back->pid = getpid();
	forbid_process_vm_readv();
	t->bops->copy(t->back, op, 2);
	for (unsigned i = 0; i < 2; i++)
		if (op[i].status != XENNET_GNTST_OKAY ||
		    strcmp(data[i], "abcdefg") != 0)
			return 1;
	return t->back->copy_by == XENNET_LOCAL_COPY_FILE ? 0 : 2;
}

static void copies_go_on_where_process_vm_readv_is_forbidden(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(copy_under_seccomp(*state));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(G7_copies_of_every_direction_way_and_batch_are_equal),
		TEST(a_batch_of_copies_is_one_system_call),
		TEST(a_copy_that_faults_fails_alone),
		TEST(a_copy_over_the_end_of_a_page_is_refused),
		TEST(copies_go_on_where_process_vm_readv_is_forbidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
