/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * load udp ADDRESS PORT COUNT SIZE, load tcp ADDRESS PORT KIB: sends as fast as
 * it can and prints the nanoseconds that it took; of TCP, until all was read.
 * load sink PORT: reads both; at SIGUSR1 prints how many datagrams came since
 * the last time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BURST 64u
#define DATAGRAM 2048u
#define CHUNK 65536u
#define BUFFER (8 << 20)

static void fatal(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct sockaddr_in address(const char *host, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)atoi(port)) };

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1) {
		fprintf(stderr, "'%s' is no address\n", host);
		exit(2);
	}
	return a;
}

static int open_socket(int type)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		fatal("socket");
	return fd;
}

static void send_datagrams(int fd, long n, size_t size)
{
	static char data[DATAGRAM];

	if (size > sizeof(data)) {
		fprintf(stderr, "at most %u bytes\n", DATAGRAM);
		exit(2);
	}
	for (; n > 0; n--)
		if (send(fd, data, size, 0) < 0)
			fatal("send");
}

static void send_stream(int fd, long kib)
{
	static char data[CHUNK];
	size_t left = (size_t)kib * 1024;
	ssize_t n;

	for (; left > 0; left -= (size_t)n) {
		n = send(fd, data, left < CHUNK ? left : CHUNK, 0);
		if (n < 0)
			fatal("send");
	}
	/* the other end closes when it has read everything */
	shutdown(fd, SHUT_WR);
	if (recv(fd, data, 1, 0) != 0)
		fatal("recv");
}

static void load(int type, char **argv)
{
	struct sockaddr_in to = address(argv[2], argv[3]);
	int fd = open_socket(type);
	uint64_t begin;

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fatal("connect");
	begin = now();
	if (type == SOCK_DGRAM)
		send_datagrams(fd, atol(argv[4]), (size_t)atol(argv[5]));
	else
		send_stream(fd, atol(argv[4]));
	printf("%llu\n", (unsigned long long)(now() - begin));
}

static int bound(int type, const char *port)
{
	struct sockaddr_in a = address("0.0.0.0", port);
	int fd = open_socket(type), on = 1, size = BUFFER;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		fatal("bind");
	if (type == SOCK_STREAM && listen(fd, 4))
		fatal("listen");
	return fd;
}

static unsigned read_datagrams(int fd)
{
	static char data[BURST][DATAGRAM];
	struct mmsghdr m[BURST] = { 0 };
	struct iovec iov[BURST];
	unsigned i;
	int n;

	for (i = 0; i < BURST; i++) {
		iov[i] = (struct iovec){ data[i], DATAGRAM };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(fd, m, BURST, MSG_DONTWAIT, NULL);
	return n < 0 ? 0 : (unsigned)n;
}

static void read_stream(int listener)
{
	static char data[CHUNK];
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	while (recv(fd, data, sizeof(data), 0) > 0)
		;
	close(fd);
}

static int signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, 0);
}

__attribute__((noreturn)) static void sink(const char *port)
{
	struct pollfd fds[3] = {
		{ .fd = bound(SOCK_DGRAM, port), .events = POLLIN },
		{ .fd = bound(SOCK_STREAM, port), .events = POLLIN },
		{ .fd = signals(), .events = POLLIN },
	};
	struct signalfd_siginfo s;
	unsigned long n = 0;

	for (;;) {
		poll(fds, 3, -1);
		if (fds[0].revents)
			n += read_datagrams(fds[0].fd);
		if (fds[1].revents)
			read_stream(fds[1].fd);
		if (fds[2].revents && read(fds[2].fd, &s, sizeof(s)) > 0) {
			printf("%lu\n", n);
			fflush(stdout);
			n = 0;
		}
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "sink") == 0)
		sink(argv[2]);
	if (argc == 6 && strcmp(argv[1], "udp") == 0)
		load(SOCK_DGRAM, argv);
	else if (argc == 5 && strcmp(argv[1], "tcp") == 0)
		load(SOCK_STREAM, argv);
	else
		return 2;
	return 0;
}
