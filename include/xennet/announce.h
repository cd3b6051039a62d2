/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a guest says where it has come to be: after a restore, a migration, or
 * with another backend, so that switches and neighbours look for it there and
 * not where it was. Sent as any packet, once it is connected.
 */
#ifndef XENNET_ANNOUNCE_H
#define XENNET_ANNOUNCE_H

#include <xennet/env.h>

#define XENNET_ANNOUNCE_LEN 42u

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A broadcast from mac: with ip, an ARP announcement of that IPv4 address
 * (RFC 5227), which neighbours learn from; without, a RARP request, which says
 * nothing but where the MAC is. Sleeps not; from any thread.
 */
void xennet_announce(unsigned char frame[XENNET_ANNOUNCE_LEN],
		     const unsigned char mac[6], const unsigned char *ip);

#ifdef __cplusplus
}
#endif
#endif
