/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/err.h>

struct err {
	const char *name, *item, *text;
	enum xennet_err_kind kind;
};

static const struct err errs[XENNET_ERR_COUNT] = {
	{ "OK", "-", "no error", XENNET_KIND_CALL },
#define ERR_ENTRY(name, kind, item, text)                                      \
	{ #name, item, text, XENNET_KIND_##kind },
	XENNET_ERRORS(ERR_ENTRY)
#undef ERR_ENTRY
};

static const struct err unknown = { "UNKNOWN", "-", "unknown error",
				    XENNET_KIND_CALL };

static const struct err *lookup(int err)
{
	unsigned n = err < 0 ? 0u - (unsigned)err : (unsigned)err;

	return n < XENNET_ERR_COUNT ? &errs[n] : &unknown;
}

const char *xennet_err_name(int err)
{
	return lookup(err)->name;
}

const char *xennet_err_text(int err)
{
	return lookup(err)->text;
}

const char *xennet_err_item(int err)
{
	return lookup(err)->item;
}

enum xennet_err_kind xennet_err_kind(int err)
{
	return lookup(err)->kind;
}
