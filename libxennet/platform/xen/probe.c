/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Does a xenstored answer? Where none runs, the kernel takes a request through
 * this device and keeps whoever asked waiting for ever, as libxenstore would.
 */
#include "internal.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#define DEVICE "/dev/xen/xenbus"
#define PATIENCE_MS 3000

static bool ask(int fd)
{
	static const char key[] = "domid";
	struct {
		struct xsd_sockmsg head;
		char key[sizeof(key)];
	} request = { .head = { .type = XS_READ, .len = sizeof(key) } };
	size_t len = sizeof(request.head) + sizeof(key);
	struct pollfd reply = { .fd = fd, .events = POLLIN };

	memcpy(request.key, key, sizeof(key));
	return write(fd, &request, len) == (ssize_t)len &&
	       poll(&reply, 1, PATIENCE_MS) == 1;
}

bool xennet_xen_store_answers(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	bool answers;

	/* a socket may do, and is tried first */
	if (fd < 0)
		return true;
	answers = ask(fd);
	close(fd);
	return answers;
}
