/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Uses of a grant, as Xen's act table has them. Version 1 entries have flags
 * but no counts, so domain 0 counts in memory of its own: the first use sets
 * reading (and writing) in the guest's entry, the last clears them. The lock
 * bit covers one reference for some ten instructions and no system call.
 *
 * The frame number is the guest's to change at any time: it is read once, on
 * the first use, checked, and kept while there are uses.
 */
#include "internal.h"

#include <sched.h>

#define PIN_LOCK 0x80000000u
#define PIN_WRITER 0x00010000u
#define PIN_READER 0x00000001u
#define PIN_WRITERS 0x7fff0000u
#define PIN_READERS 0x0000ffffu

/* As often as Xen tries before it calls an entry unstable. */
#define TRIES 5

static uint32_t lock(struct pin *pin)
{
	uint32_t w;

	for (unsigned spins = 1;; spins++) {
		w = atomic_load_explicit(&pin->word, memory_order_relaxed);
		if (!(w & PIN_LOCK) &&
		    atomic_compare_exchange_weak_explicit(
			    &pin->word, &w, w | PIN_LOCK, memory_order_acquire,
			    memory_order_relaxed))
			return w;
		xennet_relax();
		if (spins % 64 == 0)
			sched_yield();
	}
}

static void unlock(struct pin *pin, uint32_t w)
{
	atomic_store_explicit(&pin->word, w, memory_order_release);
}

static uint32_t flags_of(uint32_t w)
{
	if (w & PIN_WRITERS)
		return GTF_READING | GTF_WRITING;
	return w & PIN_READERS ? GTF_READING : 0;
}

static int16_t mark(struct grant_entry *entry, uint32_t flags)
{
	uint32_t w = atomic_load_explicit(&entry->word, memory_order_relaxed);

	for (unsigned i = 0; i < TRIES; i++) {
		if ((w & GTF_TYPE_MASK) != GTF_PERMIT_ACCESS || w >> 16 != 0)
			return XENNET_GNTST_GENERAL;
		if ((flags & GTF_WRITING) && (w & GTF_READONLY))
			return XENNET_GNTST_GENERAL;
		/* the mark /before/ the frame and all use of the page; pairs
		 * with the guest's compare-exchange in revoke */
		if (atomic_compare_exchange_strong(&entry->word, &w, w | flags))
			return XENNET_GNTST_OKAY;
	}
	return XENNET_GNTST_GENERAL;
}

/* Our accesses to the page /before/ the guest may take it back. */
static void unmark(struct grant_entry *entry, uint32_t flags)
{
	atomic_fetch_and(&entry->word, ~flags);
}

static struct grant_entry *entry_of(const struct domain *d, uint32_t gref)
{
	return (struct grant_entry *)(void *)d->window + gref;
}

static int16_t claim(struct domain *d, uint32_t gref, uint32_t w, bool write)
{
	uint32_t need = write ? GTF_READING | GTF_WRITING : GTF_READING;
	struct grant_entry *entry = entry_of(d, gref);
	struct pin *pin = &d->pins[gref];
	int16_t status;

	if ((w & PIN_WRITERS) == PIN_WRITERS ||
	    (w & PIN_READERS) == PIN_READERS)
		return XENNET_GNTST_GENERAL;
	if (!(need & ~flags_of(w)))
		return XENNET_GNTST_OKAY;
	status = mark(entry, need);
	if (status != XENNET_GNTST_OKAY || flags_of(w))
		return status;
	pin->frame = atomic_load_explicit(&entry->frame, memory_order_relaxed);
	if (pin->frame < d->npages)
		return XENNET_GNTST_OKAY;
	unmark(entry, need);
	return XENNET_GNTST_GENERAL;
}

int16_t xennet_local_pin(struct domain *d, uint32_t gref, bool write,
			 uint32_t *frame)
{
	struct pin *pin;
	int16_t status;
	uint32_t w;

	if (gref < XENNET_GREF_FIRST || gref >= d->ngrants)
		return XENNET_GNTST_BAD_GREF;
	pin = &d->pins[gref];
	w = lock(pin);
	status = claim(d, gref, w, write);
	if (status == XENNET_GNTST_OKAY) {
		*frame = pin->frame;
		w += write ? PIN_WRITER : PIN_READER;
	}
	unlock(pin, w);
	return status;
}

/* False: there was no such use. */
bool xennet_local_unpin(struct domain *d, uint32_t gref, bool write)
{
	uint32_t mask = write ? PIN_WRITERS : PIN_READERS;
	struct pin *pin;
	uint32_t w, left;

	if (gref < XENNET_GREF_FIRST || gref >= d->ngrants)
		return false;
	pin = &d->pins[gref];
	w = lock(pin);
	if (!(w & mask)) {
		unlock(pin, w);
		return false;
	}
	left = w - (write ? PIN_WRITER : PIN_READER);
	if (flags_of(w) != flags_of(left))
		unmark(entry_of(d, gref), flags_of(w) & ~flags_of(left));
	unlock(pin, left);
	return true;
}
