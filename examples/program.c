/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "program.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include <xennet/feature.h>

static const char *program = "?";

int program_start(const char *name)
{
	sigset_t set;

	program = name;
	/* if we may: above the workers, which inherit it and step down */
	setpriority(PRIO_PROCESS, 0, PROGRAM_NICE);
	setvbuf(stderr, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int program_signal(int fd)
{
	struct signalfd_siginfo s;

	return read(fd, &s, sizeof(s)) == sizeof(s) ? (int)s.ssi_signo : 0;
}

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

void say(const char *format, ...)
{
	struct timespec now;
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clock_gettime(CLOCK_REALTIME, &now);
	fprintf(stderr, "%lld.%03ld %s: %s\n", (long long)now.tv_sec,
		now.tv_nsec / 1000000, program, text);
}

const char *refused_text(int err, const char *key, char text[REFUSED_TEXT])
{
	snprintf(text, REFUSED_TEXT, "%s, %s%s%s%s", xennet_err_name(err),
		 xennet_err_text(err), key ? " (" : "", key ? key : "",
		 key ? ")" : "");
	return text;
}

const char *feature_text(uint32_t flags, char text[FEATURE_TEXT])
{
	static const struct {
		uint32_t flag;
		const char *name;
	} table[] = {
		{ XENNET_F_SG, "sg" },
		{ XENNET_F_GSO_TCPV4, "gso4" },
		{ XENNET_F_GSO_TCPV6, "gso6" },
		{ XENNET_F_CSUM_V4, "csum4" },
		{ XENNET_F_CSUM_V6, "csum6" },
		{ XENNET_F_PERSISTENT, "persistent" },
	};
	size_t used = 0;
	unsigned i;

	text[0] = '\0';
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (flags & table[i].flag)
			used += (size_t)snprintf(text + used,
						 FEATURE_TEXT - used, " %s",
						 table[i].name);
	return used ? text + 1 : "no features";
}

void print_held(const struct xennet_host *host)
{
	struct xennet_held h;

	xennet_host_held(host, &h);
	printf("%s grants %llu\n%s mapped %llu\n%s quarantined %llu\n"
	       "%s ports %llu\n",
	       program, (unsigned long long)h.shared, program,
	       (unsigned long long)h.mapped, program,
	       (unsigned long long)h.kept, program,
	       (unsigned long long)h.ports);
	fflush(stdout);
}
