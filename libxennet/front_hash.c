/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "front_hash.h"

#include "front_ctrl.h"
#include "internal.h"

/* In this order: nothing is hashed before all is said. */
static const uint16_t steps[] = {
	XENNET_CTRL_SET_HASH_ALGORITHM, XENNET_CTRL_GET_HASH_FLAGS,
	XENNET_CTRL_SET_HASH_KEY,	XENNET_CTRL_SET_HASH_MAPPING_SIZE,
	XENNET_CTRL_SET_HASH_MAPPING,	XENNET_CTRL_SET_HASH_FLAGS,
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* From now on a backend that hashes may say so. */
static void accept_hashes(struct xennet_front *f)
{
	unsigned i;

	for (i = 0; i < f->nqueues; i++) {
		uint32_t *extras = &f->queue[i].rx.extras;

		xennet_store(extras, *extras | 1u << XENNET_EXTRA_HASH);
	}
}

static void send_hashes(struct xennet_front *f)
{
	unsigned i;

	for (i = 0; i < f->nqueues; i++)
		xennet_store(&f->queue[i].tx.hashes, 1);
}

static void put_mapping(struct xennet_front *f)
{
	const struct xennet_hash_config *c = &f->config.hash;
	uint32_t *entry = (uint32_t *)f->hash.page;
	unsigned i;

	for (i = 0; i < c->mapping_size; i++)
		entry[i] = c->mapping[i] % f->nqueues;
}

/* The page is ours to write: no request that names it is on its way. */
static int ask(struct xennet_front *f)
{
	const struct xennet_hash_config *c = &f->config.hash;
	struct xennet_front_hash *h = &f->hash;
	uint16_t type = steps[h->step];

	switch (type) {
	case XENNET_CTRL_SET_HASH_ALGORITHM:
		if (!c->types)
			return xennet_front_ctrl_send(f, type, XENNET_HASH_NONE,
						      0, 0);
		accept_hashes(f);
		return xennet_front_ctrl_send(f, type, XENNET_HASH_TOEPLITZ, 0,
					      0);
	case XENNET_CTRL_SET_HASH_KEY:
		memcpy(h->page, c->key, c->key_len);
		return xennet_front_ctrl_send(f, type, h->gref, c->key_len, 0);
	case XENNET_CTRL_SET_HASH_MAPPING_SIZE:
		return xennet_front_ctrl_send(f, type, c->mapping_size, 0, 0);
	case XENNET_CTRL_SET_HASH_MAPPING:
		put_mapping(f);
		return xennet_front_ctrl_send(f, type, h->gref, c->mapping_size,
					      0);
	case XENNET_CTRL_SET_HASH_FLAGS:
		return xennet_front_ctrl_send(f, type, h->types, 0, 0);
	default:
		return xennet_front_ctrl_send(f, type, 0, 0, 0);
	}
}

static void go_on(struct xennet_front *f)
{
	struct xennet_front_hash *h = &f->hash;

	/* modulo the queues, without a table */
	if (steps[h->step] == XENNET_CTRL_SET_HASH_MAPPING &&
	    !f->config.hash.mapping_size)
		h->step++;
	h->state = ask(f) ? XENNET_HASH_REFUSED : XENNET_HASH_ASKING;
}

XENNET_COLD void xennet_front_hash_start(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	struct xennet_front_hash *h = &f->hash;
	void *page;

	if (h->state == XENNET_HASH_ASKING) {
		h->again = true;
		return;
	}
	h->step = 0;
	h->status = XENNET_CTRL_SUCCESS;
	h->state = XENNET_HASH_REFUSED;
	if (!f->ctrl.page)
		return;
	if (!h->page) {
		if (p->ops->share(p->ctx, f->peer, 1, true, &page, &h->gref))
			return;
		h->page = page;
	}
	go_on(f);
}

XENNET_COLD void xennet_front_hash_stop(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	struct xennet_front_hash *h = &f->hash;

	/* what the backend still has in use the platform keeps out of use */
	if (h->page)
		p->ops->unshare(p->ctx, h->page, 1, &h->gref);
	memset(h, 0, sizeof(*h));
}

/* A request was served. False: it was the last. */
static bool take(struct xennet_front *f, uint32_t data)
{
	struct xennet_front_hash *h = &f->hash;
	const struct xennet_hash_config *c = &f->config.hash;

	switch (steps[h->step]) {
	case XENNET_CTRL_SET_HASH_ALGORITHM:
		if (!c->types)
			return false;
		send_hashes(f);
		break;
	case XENNET_CTRL_GET_HASH_FLAGS:
		h->types = data & c->types;
		if (!h->types)
			return false;
		break;
	default:
		break;
	}
	return ++h->step < STEPS;
}

static enum xennet_hash_state ended(const struct xennet_front *f)
{
	if (!f->config.hash.types)
		return XENNET_HASH_OFF;
	return f->hash.types ? XENNET_HASH_ON : XENNET_HASH_REFUSED;
}

XENNET_COLD void xennet_front_hash_answered(struct xennet_front *f,
					    const struct xennet_ctrl_rsp *rsp)
{
	struct xennet_front_hash *h = &f->hash;

	h->status = rsp->status;
	if (rsp->status != XENNET_CTRL_SUCCESS)
		h->state = XENNET_HASH_REFUSED;
	else if (!h->again && take(f, rsp->data))
		go_on(f);
	else
		h->state = ended(f);
	if (!h->again || h->state == XENNET_HASH_ASKING)
		return;
	h->again = false;
	xennet_front_hash_start(f);
}

XENNET_COLD int xennet_front_set_hash(struct xennet_front *f,
				      const struct xennet_hash_config *config)
{
	if (!xennet_hash_config_valid(config))
		return -XENNET_EINVAL;
	f->config.hash = *config;
	if (f->live)
		xennet_front_hash_start(f);
	return 0;
}

unsigned xennet_front_select_queue(const struct xennet_front *f,
				   const struct xennet_pkt *pkt)
{
	return xennet_flow_queue(pkt, f->nqueues);
}
