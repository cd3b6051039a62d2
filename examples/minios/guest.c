/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A Mini-OS guest. Its kernel's command line says what it is:
 *
 *	role=pktgen [handle=0] [size=64] [burst=32] [seconds=2] [poll=1]
 *	role=echo [handle=0] [ip=10.9.0.2]
 *	role=back [strategy=2] [drop=0] [poll=0]
 */
#include "guest.h"

#include <mini-os/os.h>
#include <mini-os/kernel.h>
#include <mini-os/lib.h>
#include <mini-os/sched.h>
#include <mini-os/xenbus.h>
#include <mini-os/xmalloc.h>

static struct xennet_front front;
static unsigned char address[6];

const char *argument(const char *key, const char *otherwise)
{
	static char value[64];
	size_t len = strlen(key), n;

	for (const char *p = cmdline; *p; p += *p != 0) {
		if (strncmp(p, key, len) || p[len] != '=') {
			while (*p && *p != ' ')
				p++;
			continue;
		}
		p += len + 1;
		for (n = 0; p[n] && p[n] != ' ' && n < sizeof(value) - 1; n++)
			value[n] = p[n];
		value[n] = 0;
		return value;
	}
	return otherwise;
}

unsigned number(const char *key, unsigned otherwise)
{
	const char *value = argument(key, NULL);

	return value ? (unsigned)strtoul(value, NULL, 10) : otherwise;
}

struct xennet_policy policy_asked(bool polls)
{
	return (struct xennet_policy){
		.mode = number("poll", polls) ? XENNET_NOTIFY_POLL
					      : XENNET_NOTIFY_EXACT,
	};
}

const unsigned char *mac(void)
{
	return address;
}

static void read_mac(void)
{
	char path[80], *value, *error, *at;

	snprintf(path, sizeof(path), "%s/mac", front.dir);
	error = xenbus_read(XBT_NIL, path, &value);
	at = value;
	for (int i = 0; !error && i < 6; i++, at++)
		address[i] = (unsigned char)strtoul(at, &at, 16);
	free(error);
	free(value);
}

struct xennet_front_queue *follow(void)
{
	int event;

	do {
		event = xennet_front_event(&front);
		if (event == XENNET_VIF_STOP)
			xennet_front_disconnect(&front);
	} while (event > XENNET_VIF_IDLE && event != XENNET_VIF_GONE);
	if (front.refused)
		printk("vif: refused: %s\n", xennet_err_text(front.refused));
	return front.live ? front.queue : NULL;
}

struct xennet_front_queue *frontend(void)
{
	struct xennet_front_config config = {
		.platform = xennet_minios_platform(),
		.domid = xenbus_get_self_id(),
		.handle = number("handle", 0),
	};
	struct xennet_front_queue *q;
	int err;

	while ((err = xennet_front_open(&front, &config))) {
		printk("vif: %s\n", xennet_err_text(err));
		msleep(500);
	}
	read_mac();
	while (!(q = follow()))
		xennet_minios_wait(NULL, 0, 1000);
	printk("vif: connected, persistent %d\n", q->persistent);
	return q;
}

void print_stats(const char *role, const struct xennet_stats *s)
{
	const struct {
		const char *name;
		uint64_t value;
	} row[] = {
		{ "tx_packets", s->tx_packets },
		{ "tx_bytes", s->tx_bytes },
		{ "rx_packets", s->rx_packets },
		{ "rx_bytes", s->rx_bytes },
		{ "copy_calls", s->copy_calls },
		{ "copy_ops", s->copy_ops },
		{ "map_calls", s->map_calls },
		{ "map_ops", s->map_ops },
		{ "notified", s->notified },
		{ "notify_spared", s->notify_spared },
		{ "notify_asked", s->notify_asked },
		{ "woken", s->woken },
	};

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].value)
			printk("%s %s %lu\n", role, row[i].name,
			       (unsigned long)row[i].value);
	for (int i = 0; i < XENNET_ERR_COUNT; i++)
		if (s->reason[i])
			printk("%s %s %lu\n", role, xennet_err_name(-i),
			       (unsigned long)s->reason[i]);
}

static void guest(void *unused)
{
	const char *role = argument("role", "pktgen");

	(void)unused;
	if (strcmp(role, "echo") == 0)
		run_echo();
	else if (strcmp(role, "back") == 0)
		run_back();
	else
		run_pktgen();
}

int app_main(void *unused)
{
	create_thread("guest", guest, unused);
	return 0;
}
