/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Keys and numbers in XenStore, for the control plane of both ends. All of it
 * sleeps. Values below a frontend's directory are hostile: any length, any
 * bytes.
 */
#ifndef XENNET_STORE_H
#define XENNET_STORE_H

#include <xennet/ops.h>
#include <xennet/wire.h>

/* Longest: /local/domain/32751/backend/vif/32751/4294967295/queue-63/KEY */
#define XENNET_PATH 128

struct xennet_path {
	char text[XENNET_PATH];
	unsigned len;
};

/* Each appends; what does not fit leaves the path empty for good, and an
 * empty path exists nowhere. */
void xennet_path_set(struct xennet_path *p, const char *s);
void xennet_path_add(struct xennet_path *p, const char *s);
void xennet_path_add_uint(struct xennet_path *p, uint32_t n);

/* dir/key as a decimal number. -XENNET_ENOENT; -XENNET_EKEY_VALUE: anything
 * but digits, or too large. */
int xennet_store_get(const struct xennet_platform *p, const char *dir,
		     const char *key, uint32_t *value);
int xennet_store_get_in(const struct xennet_platform *p, xennet_txn txn,
			const char *dir, const char *key, uint32_t *value);

/* Nothing but decimal digits, up to 2^32 - 1; else -XENNET_EKEY_VALUE. */
int xennet_store_number(const char *s, unsigned len, uint32_t *value);

/* dir/key: the length of the whole value, of which text holds the beginning. */
int xennet_store_text(const struct xennet_platform *p, const char *dir,
		      const char *key, char *text, size_t cap);

int xennet_store_put(const struct xennet_platform *p, xennet_txn txn,
		     const char *dir, const char *key, uint32_t value);
int xennet_store_drop(const struct xennet_platform *p, xennet_txn txn,
		      const char *dir, const char *key);

/* How often: with keys alone in it; and with rings that are mapped in it, which
 * a peer that goes on writing would have us do over and over. */
enum { XENNET_TXN_TRIES = 16, XENNET_TXN_TRIES_DEAR = 2 };

/* Calls `run` in a transaction, again when others are faster (S12): what it
 * read is still so when what it wrote is seen. -XENNET_EAGAIN: they always
 * were. */
int xennet_store_transact(const struct xennet_platform *p, unsigned tries,
			  int (*run)(void *arg, xennet_txn txn), void *arg);

/* dir/state; UNKNOWN when it is missing or says nothing valid. */
int xennet_store_state(const struct xennet_platform *p, xennet_txn txn,
		       const char *dir, enum xennet_state *state);

/* dir/carrier of a backend: down only where it says 0. */
int xennet_store_carrier(const struct xennet_platform *p, const char *dir,
			 bool *carrier);

/* Writes dir/state, unless the toolstack has removed it: then nothing, and that
 * is a success. */
int xennet_store_set_state(const struct xennet_platform *p, xennet_txn txn,
			   const char *dir, enum xennet_state state);

/* dir/mtu, the toolstack's word; 1500 where it says nothing that can be. */
int xennet_store_mtu(const struct xennet_platform *p, xennet_txn txn,
		     const char *dir, uint32_t *mtu);

/* Watches dir/key, or no longer. */
int xennet_store_watch(const struct xennet_platform *p, const char *dir,
		       const char *key);
void xennet_store_unwatch(const struct xennet_platform *p, const char *dir,
			  const char *key);

#endif
