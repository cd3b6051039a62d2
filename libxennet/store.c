/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "store.h"

XENNET_COLD void xennet_path_set(struct xennet_path *p, const char *s)
{
	p->len = 0;
	p->text[0] = 0;
	xennet_path_add(p, s);
}

XENNET_COLD void xennet_path_add(struct xennet_path *p, const char *s)
{
	while (*s && p->len < XENNET_PATH - 1)
		p->text[p->len++] = *s++;
	p->text[p->len] = 0;
	if (*s) {
		p->len = XENNET_PATH - 1;
		p->text[0] = 0;
	}
}

XENNET_COLD void xennet_path_add_uint(struct xennet_path *p, uint32_t n)
{
	char digits[11];
	unsigned i = sizeof(digits) - 1;

	digits[i] = 0;
	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	xennet_path_add(p, &digits[i]);
}

static void key_path(struct xennet_path *path, const char *dir, const char *key)
{
	xennet_path_set(path, dir);
	xennet_path_add(path, "/");
	xennet_path_add(path, key);
}

XENNET_COLD int xennet_store_number(const char *s, unsigned len,
				    uint32_t *value)
{
	uint64_t n = 0;
	unsigned i;

	if (len == 0)
		return -XENNET_EKEY_VALUE;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -XENNET_EKEY_VALUE;
		n = n * 10 + (unsigned)(s[i] - '0');
		if (n > UINT32_MAX)
			return -XENNET_EKEY_VALUE;
	}
	*value = (uint32_t)n;
	return 0;
}

XENNET_COLD int xennet_store_text(const struct xennet_platform *p,
				  const char *dir, const char *key, char *text,
				  size_t cap)
{
	struct xennet_path path;

	key_path(&path, dir, key);
	return p->ops->store_read(p->ctx, 0, path.text, text, cap);
}

XENNET_COLD int xennet_store_get_in(const struct xennet_platform *p,
				    xennet_txn txn, const char *dir,
				    const char *key, uint32_t *value)
{
	struct xennet_path path;
	char text[16];
	int len;

	key_path(&path, dir, key);
	len = p->ops->store_read(p->ctx, txn, path.text, text, sizeof(text));
	if (len < 0)
		return len;
	if ((unsigned)len >= sizeof(text))
		return -XENNET_EKEY_VALUE;
	return xennet_store_number(text, (unsigned)len, value);
}

XENNET_COLD int xennet_store_get(const struct xennet_platform *p,
				 const char *dir, const char *key,
				 uint32_t *value)
{
	return xennet_store_get_in(p, 0, dir, key, value);
}

XENNET_COLD int xennet_store_put(const struct xennet_platform *p,
				 xennet_txn txn, const char *dir,
				 const char *key, uint32_t value)
{
	struct xennet_path path, text;

	key_path(&path, dir, key);
	xennet_path_set(&text, "");
	xennet_path_add_uint(&text, value);
	return p->ops->store_write(p->ctx, txn, path.text, text.text);
}

XENNET_COLD int xennet_store_drop(const struct xennet_platform *p,
				  xennet_txn txn, const char *dir,
				  const char *key)
{
	struct xennet_path path;

	key_path(&path, dir, key);
	return p->ops->store_remove(p->ctx, txn, path.text);
}

XENNET_COLD int xennet_store_transact(const struct xennet_platform *p,
				      unsigned tries,
				      int (*run)(void *arg, xennet_txn txn),
				      void *arg)
{
	xennet_txn txn;
	int err = 0;

	while (tries--) {
		err = p->ops->txn_begin(p->ctx, &txn);
		if (err)
			return err;
		err = run(arg, txn);
		if (err) {
			p->ops->txn_end(p->ctx, txn, true);
			return err;
		}
		err = p->ops->txn_end(p->ctx, txn, false);
		if (err != -XENNET_EAGAIN)
			break;
	}
	return err;
}

XENNET_COLD int xennet_store_state(const struct xennet_platform *p,
				   xennet_txn txn, const char *dir,
				   enum xennet_state *state)
{
	uint32_t value = XENNET_STATE_UNKNOWN;
	int err = xennet_store_get_in(p, txn, dir, "state", &value);

	if (err && err != -XENNET_ENOENT && err != -XENNET_EKEY_VALUE)
		return err;
	if (err || value > XENNET_STATE_RECONFIGURED)
		value = XENNET_STATE_UNKNOWN;
	*state = (enum xennet_state)value;
	return 0;
}

XENNET_COLD int xennet_store_carrier(const struct xennet_platform *p,
				     const char *dir, bool *carrier)
{
	uint32_t value = 1;
	int err = xennet_store_get(p, dir, "carrier", &value);

	if (err && err != -XENNET_ENOENT && err != -XENNET_EKEY_VALUE)
		return err;
	*carrier = err || value;
	return 0;
}

XENNET_COLD int xennet_store_set_state(const struct xennet_platform *p,
				       xennet_txn txn, const char *dir,
				       enum xennet_state state)
{
	uint32_t now;

	if (xennet_store_get_in(p, txn, dir, "state", &now) == -XENNET_ENOENT)
		return 0;
	return xennet_store_put(p, txn, dir, "state", state);
}

XENNET_COLD int xennet_store_watch(const struct xennet_platform *p,
				   const char *dir, const char *key)
{
	struct xennet_path path;

	key_path(&path, dir, key);
	return p->ops->store_watch(p->ctx, path.text);
}

XENNET_COLD void xennet_store_unwatch(const struct xennet_platform *p,
				      const char *dir, const char *key)
{
	struct xennet_path path;

	key_path(&path, dir, key);
	p->ops->store_unwatch(p->ctx, path.text);
}

XENNET_COLD int xennet_store_mtu(const struct xennet_platform *p,
				 xennet_txn txn, const char *dir, uint32_t *mtu)
{
	uint32_t value = 0;
	int err = xennet_store_get_in(p, txn, dir, "mtu", &value);

	if (err && err != -XENNET_ENOENT && err != -XENNET_EKEY_VALUE)
		return err;
	*mtu = value < XENNET_MTU_MIN || value > XENNET_MTU_MAX
		       ? XENNET_MTU_USUAL
		       : value;
	return 0;
}
