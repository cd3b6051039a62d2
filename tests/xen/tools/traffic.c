/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * traffic serve PORT: sends back what it gets, TCP and UDP, until it is killed.
 * traffic ask ADDRESS PORT [KIB]: TCP writes and UDP datagrams of 1 byte to
 * what one may have at most, KIB of TCP; compares every byte that comes back.
 * Status 0: all of TCP came, and no more than 1 of 50 datagrams was lost.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define ECHO_MS 4000
#define ROUNDS 2u
#define WINDOW 8u
#define CONNECTIONS 32u
#define TCP_WRITE_MAX 65536u
#define UDP_MAX 65507u
#define RECEIVE_BUFFER (1 << 20)

static unsigned char out[TCP_WRITE_MAX], in[TCP_WRITE_MAX];

/* Around where a header, a slot, a packet, a page and an aggregate end. */
static const unsigned sizes[] = {
	1,    2,     17,    18,	   19,	  63,	 64,	65,    100,	127,
	128,  129,   255,   256,   257,	  511,	 512,	1000,  1447,	1448,
	1449, 1471,  1472,  1473,  2000,  3000,	 4095,	4096,  4097,	8000,
	9000, 16000, 30000, 48000, 60000, 65000, 65483, 65506, UDP_MAX,
};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void fatal(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned char pattern(uint64_t at)
{
	return (unsigned char)((at * 2654435761u) >> 13 ^ at >> 32);
}

static void fill(unsigned char *b, uint64_t at, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		b[i] = pattern(at + i);
}

/* The first byte of the n that is not as it was sent, or n. */
static size_t differs(const unsigned char *b, uint64_t at, size_t n)
{
	size_t i;

	for (i = 0; i < n && b[i] == pattern(at + i); i++)
		;
	return i;
}

static void wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (poll(&p, 1, PATIENCE_MS) == 1)
		return;
	fprintf(stderr, "tcp: nothing moves\n");
	exit(1);
}

/* As much of the next write as the socket takes; sizes take turns. */
static uint64_t tcp_send(int fd, uint64_t at, uint64_t end)
{
	static unsigned turn;
	size_t n = sizes[turn % SIZES];
	ssize_t sent;

	if (turn % 3 == 0)
		n = sizeof(out);
	if (n > end - at)
		n = (size_t)(end - at);
	fill(out, at, n);
	sent = send(fd, out, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN)
		fatal("tcp: send");
	if (sent < 0)
		return 0;
	turn++;
	return (uint64_t)sent;
}

static uint64_t tcp_receive(int fd, uint64_t at)
{
	ssize_t n = recv(fd, in, sizeof(in), MSG_DONTWAIT);
	size_t same;

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0)
		fatal("tcp: recv");
	same = n ? differs(in, at, (size_t)n) : 0;
	if (n == 0 || same < (size_t)n) {
		fprintf(stderr, "tcp: byte %llu is %s\n",
			(unsigned long long)(at + same),
			n ? "another" : "missing");
		exit(1);
	}
	return (uint64_t)n;
}

static void ask_tcp(int fd, uint64_t end)
{
	uint64_t sent = 0, received = 0;
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while (received < end) {
		wait_for(fd, (short)(sent < end ? POLLIN | POLLOUT : POLLIN));
		if (sent < end)
			sent += tcp_send(fd, sent, end);
		received += tcp_receive(fd, received);
	}
}

/* A datagram's pattern begins where its number and size say; it has as much
 * of its number in front as there is room for. */
static uint64_t udp_at(uint32_t number, size_t n)
{
	return ((uint64_t)number << 20) + n;
}

static void udp_send(int fd, uint32_t number, size_t n)
{
	fill(out, udp_at(number, n), n);
	memcpy(out, &number, n < sizeof(number) ? n : sizeof(number));
	if (send(fd, out, n, 0) < 0 && errno != ENOBUFS)
		fatal("udp: send");
}

/* Whether one of these came; what is not of them is late, and dropped. */
static bool udp_receive(int fd, uint32_t first, unsigned n, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint32_t number = first;
	size_t head = size < sizeof(number) ? size : sizeof(number);
	ssize_t got;

	if (poll(&p, 1, ECHO_MS) != 1)
		return false;
	got = recv(fd, in, sizeof(in), 0);
	if (got < 0)
		fatal("udp: recv");
	memcpy(&number, in, head);
	if ((size_t)got != size || number - first >= n)
		return udp_receive(fd, first, n, size);
	got = (ssize_t)differs(in + head, udp_at(number, size) + head,
			       size - head);
	if ((size_t)got == size - head)
		return true;
	fprintf(stderr, "udp: byte %zu of %zu is another\n", got + head, size);
	exit(1);
}

/* A few at once if they are small, and have room for their number. Returns
 * how many were lost. */
static unsigned udp_burst(int fd, uint32_t first, size_t size, unsigned *sent)
{
	unsigned i, n = size >= sizeof(first) && size < 3000 ? WINDOW : 1;
	unsigned echoed = 0;

	for (i = 0; i < n; i++)
		udp_send(fd, first + i, size);
	while (echoed < n && udp_receive(fd, first, n, size))
		echoed++;
	*sent += n;
	return n - echoed;
}

/* IPv6's form of either kind, so that there is one kind of socket. */
static struct sockaddr_in6 address_of(const char *text, unsigned port)
{
	struct sockaddr_in6 a = {
		.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port),
	};
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s",
		 strchr(text, ':') ? "" : "::ffff:", text);
	if (inet_pton(AF_INET6, mapped, &a.sin6_addr) == 1)
		return a;
	fprintf(stderr, "'%s' is no address\n", text);
	exit(2);
}

static int opened(int type)
{
	int fd = socket(AF_INET6, type, 0), bytes = RECEIVE_BUFFER;

	if (fd < 0)
		fatal("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return fd;
}

static int connected(const char *address, unsigned port, int type)
{
	struct sockaddr_in6 to = address_of(address, port);
	int fd = opened(type);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fatal(address);
	return fd;
}

/* From a port for each size, so that every queue has some of it. */
static unsigned ask_udp(const char *address, unsigned port, unsigned *sent)
{
	unsigned i, round, lost = 0;
	uint32_t number = 0;

	for (i = 0; i < SIZES; i++) {
		int fd = connected(address, port, SOCK_DGRAM);

		for (round = 0; round < ROUNDS; round++, number += WINDOW)
			lost += udp_burst(fd, number, sizes[i], sent);
		close(fd);
	}
	return lost;
}

static int ask(const char *address, unsigned port, unsigned kib)
{
	unsigned sent = 0, lost;

	ask_tcp(connected(address, port, SOCK_STREAM), (uint64_t)kib << 10);
	lost = ask_udp(address, port, &sent);
	printf("traffic: %u KiB of TCP, %u datagrams, %u lost\n", kib, sent,
	       lost);
	if (lost * 50 <= sent)
		return 0;
	fprintf(stderr, "udp: %u of %u datagrams lost\n", lost, sent);
	return 1;
}

static int listening(unsigned port, int type)
{
	struct sockaddr_in6 any = address_of("::", port);
	int fd = opened(type), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		fatal("bind");
	if (type == SOCK_STREAM && listen(fd, CONNECTIONS))
		fatal("listen");
	return fd;
}

static void echo_datagram(int fd)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	ssize_t n = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&from,
			     &length);

	if (n >= 0)
		sendto(fd, in, (size_t)n, 0, (struct sockaddr *)&from, length);
}

/* A child for each, which may block. */
static void echo_connection(int listener)
{
	int one = 1, fd = accept(listener, NULL, NULL);
	ssize_t n, sent, done;

	if (fd < 0 || fork()) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while ((n = recv(fd, in, sizeof(in), 0)) > 0)
		for (done = 0; done < n; done += sent) {
			sent = send(fd, in + done, (size_t)(n - done),
				    MSG_NOSIGNAL);
			if (sent < 0)
				exit(0);
		}
	exit(0);
}

__attribute__((noreturn)) static void serve(unsigned port)
{
	struct pollfd fds[2] = {
		{ .fd = listening(port, SOCK_STREAM), .events = POLLIN },
		{ .fd = listening(port, SOCK_DGRAM), .events = POLLIN },
	};

	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		poll(fds, 2, -1);
		if (fds[0].revents)
			echo_connection(fds[0].fd);
		if (fds[1].revents)
			echo_datagram(fds[1].fd);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve((unsigned)atoi(argv[2]));
	if (argc >= 4 && strcmp(argv[1], "ask") == 0)
		return ask(argv[2], (unsigned)atoi(argv[3]),
			   argc > 4 ? (unsigned)atoi(argv[4]) : 2048);
	fprintf(stderr, "usage: traffic serve PORT | ask ADDRESS PORT [KIB]\n");
	return 2;
}
