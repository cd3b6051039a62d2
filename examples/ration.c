/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "ration.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "program.h"

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

void ration_end(struct ration *r)
{
	if (r->more)
		say("%s (and %u more in %d s)", r->last, r->more - 1,
		    (int)(now() - r->since));
	r->said = r->more = 0;
}

bool ration_settle(struct ration *r)
{
	if (r->said && now() - r->since < RATION_SECONDS)
		return r->more > 0;
	ration_end(r);
	return false;
}

bool ration_say(struct ration *r, const char *format, ...)
{
	char text[RATION_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ration_settle(r);
	if (r->said == 0)
		r->since = now();
	if (r->said < RATION_LINES) {
		r->said++;
		say("%s", text);
		return true;
	}
	r->more++;
	memcpy(r->last, text, sizeof(text));
	return false;
}
