/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a path of the store may look like, and who may touch it. */
#include "internal.h"

#include <stdio.h>

static bool ok_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '@';
}

bool xennet_local_path_ok(const char *path)
{
	size_t i;

	if (path[0] != '/' || path[1] == 0)
		return false;
	for (i = 0; path[i]; i++) {
		if (i == XENNET_LOCAL_PATH - 1)
			return false;
		if (path[i] == '/' && path[i + 1] == '/')
			return false;
		if (path[i] != '/' && !ok_char(path[i]))
			return false;
	}
	return path[i - 1] != '/';
}

/* At top, or below it. */
bool xennet_local_path_under(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 && (path[n] == 0 || path[n] == '/');
}

bool xennet_local_may_write(uint16_t domid, const char *path)
{
	char own[32];

	if (domid == 0)
		return true;
	snprintf(own, sizeof(own), "/local/domain/%u", domid);
	return xennet_local_path_under(path, own) && path[strlen(own)] == '/';
}

bool xennet_local_may_read(uint16_t domid, const char *path)
{
	char top[48];

	if (domid == 0)
		return true;
	snprintf(top, sizeof(top), "/local/domain/%u", domid);
	if (xennet_local_path_under(path, top))
		return true;
	snprintf(top, sizeof(top), "/local/domain/0/backend/vif/%u", domid);
	return xennet_local_path_under(path, top);
}
