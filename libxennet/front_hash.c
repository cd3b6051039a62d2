/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "front_hash.h"

#include "front_ctrl.h"
#include "internal.h"

/* Nothing is hashed before all is said, nor by half of what was said before. */
enum step {
	CLEAR,
	KEY,
	SIZE,
	MAPPING,
	CHOOSE,
	GET_TYPES,
	SET_TYPES,
	UNDO,
	END
};

static const uint16_t type_of[] = {
	[CLEAR] = XENNET_CTRL_SET_HASH_ALGORITHM,
	[KEY] = XENNET_CTRL_SET_HASH_KEY,
	[SIZE] = XENNET_CTRL_SET_HASH_MAPPING_SIZE,
	[MAPPING] = XENNET_CTRL_SET_HASH_MAPPING,
	[CHOOSE] = XENNET_CTRL_SET_HASH_ALGORITHM,
	[GET_TYPES] = XENNET_CTRL_GET_HASH_FLAGS,
	[SET_TYPES] = XENNET_CTRL_SET_HASH_FLAGS,
	[UNDO] = XENNET_CTRL_SET_HASH_ALGORITHM,
};

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
static void ask(struct xennet_front *f, enum step step)
{
	const struct xennet_hash_config *c = &f->config.hash;
	struct xennet_front_hash *h = &f->hash;
	uint32_t d0 = 0, d1 = 0;

	switch (step) {
	case KEY:
		memcpy(h->page, c->key, c->key_len);
		d0 = h->gref;
		d1 = c->key_len;
		break;
	case SIZE:
		d0 = c->mapping_size;
		break;
	case MAPPING:
		put_mapping(f);
		d0 = h->gref;
		d1 = c->mapping_size;
		break;
	case CHOOSE:
		accept_hashes(f);
		d0 = XENNET_HASH_TOEPLITZ;
		break;
	case SET_TYPES:
		d0 = h->types;
		break;
	default:
		break;
	}
	h->step = step;
	h->state = xennet_front_ctrl_send(f, type_of[step], d0, d1, 0)
			   ? XENNET_HASH_REFUSED
			   : XENNET_HASH_ASKING;
}

static enum xennet_hash_state ended(const struct xennet_front *f)
{
	if (!f->config.hash.types)
		return XENNET_HASH_OFF;
	return f->hash.types ? XENNET_HASH_ON : XENNET_HASH_REFUSED;
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
	h->types = 0;
	h->status = XENNET_CTRL_SUCCESS;
	h->state = ended(f);
	if (!f->ctrl.page)
		return;
	if (!h->page) {
		if (p->ops->share(p->ctx, f->peer, 1, true, &page, &h->gref))
			return;
		h->page = page;
	}
	ask(f, CLEAR);
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

/* What is to be asked now that this was answered. */
static enum step after(struct xennet_front *f,
		       const struct xennet_ctrl_rsp *rsp)
{
	const struct xennet_hash_config *c = &f->config.hash;
	struct xennet_front_hash *h = &f->hash;
	bool yes = rsp->status == XENNET_CTRL_SUCCESS;

	if (h->step == GET_TYPES)
		h->types = rsp->data & c->types;
	if (!yes)
		h->types = 0;
	switch (h->step) {
	case CLEAR:
		return yes && c->types ? KEY : END;
	case SIZE:
		return !yes ? END : c->mapping_size ? MAPPING : CHOOSE;
	case CHOOSE:
		if (yes)
			send_hashes(f);
		return yes ? GET_TYPES : END;
	case GET_TYPES:
		return h->types ? SET_TYPES : UNDO;
	case SET_TYPES:
		return yes ? END : UNDO;
	default:
		return yes ? (enum step)(h->step + 1) : END;
	}
}

XENNET_COLD void xennet_front_hash_answered(struct xennet_front *f,
					    const struct xennet_ctrl_rsp *rsp)
{
	struct xennet_front_hash *h = &f->hash;
	enum step step;

	h->state = XENNET_HASH_OFF;
	if (h->again) {
		h->again = false;
		xennet_front_hash_start(f);
		return;
	}
	if (h->step != UNDO)
		h->status = rsp->status;
	step = after(f, rsp);
	if (step == END)
		h->state = ended(f);
	else
		ask(f, step);
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
