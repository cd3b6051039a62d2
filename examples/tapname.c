/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "tapname.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tap_name(char *name, size_t cap, const char *pattern, unsigned domid,
	      uint32_t handle)
{
	const char *first = strstr(pattern, "%d");
	const char *second = first ? strstr(first + 2, "%d") : NULL;

	if (!first)
		snprintf(name, cap, "%s", pattern);
	else if (!second)
		snprintf(name, cap, "%.*s%u%s", (int)(first - pattern), pattern,
			 domid, first + 2);
	else
		snprintf(name, cap, "%.*s%u%.*s%u%s", (int)(first - pattern),
			 pattern, domid, (int)(second - first - 2), first + 2,
			 handle, second + 2);
}

bool tap_name_tells(const char *pattern)
{
	const char *first = strstr(pattern, "%d");

	return first && first[2] && first[2] != '%' &&
	       !isdigit((unsigned char)first[2]) && strstr(first + 3, "%d");
}

bool tap_name_read(const char *name, const char *pattern, unsigned *domid,
		   uint32_t *handle)
{
	size_t before = (size_t)(strstr(pattern, "%d") - pattern);
	const char *second = strstr(pattern + before + 2, "%d");
	char again[64], *end;

	if (strlen(name) <= before)
		return false;
	*domid = (unsigned)strtoul(name + before, &end, 10);
	end += strnlen(end, (size_t)(second - pattern) - before - 2);
	*handle = (uint32_t)strtoul(end, NULL, 10);
	tap_name(again, sizeof(again), pattern, *domid, *handle);
	return strcmp(name, again) == 0;
}
