/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Every error and every reason, in one list.
 *
 * A function that fails returns -XENNET_E*. The same numbers index the
 * counters of a queue (xennet_stats.reason[]), so that whatever was refused
 * can be read under a name. Four kinds:
 *
 *   CALL    this call failed; nothing was changed
 *   PACKET  one packet was refused; it was answered and the queue goes on
 *   PEER    the other end broke the protocol; the queue stops for good
 *   STORE   a key is missing or says something impossible; no connection
 *
 * The fourth column names the rule (an item of docs/CONFORMANCE.md).
 */
#ifndef XENNET_ERR_H
#define XENNET_ERR_H

#define XENNET_ERRORS(X)                                                       \
	X(INVAL, CALL, "-", "an argument is outside its range")                \
	X(NOMEM, CALL, "-", "no memory")                                       \
	X(NOSPC, CALL, "-", "a table or buffer of fixed size is full")         \
	X(AGAIN, CALL, "S12", "somebody else was faster; try again")           \
	X(NOENT, CALL, "-", "no such key, grant or port")                      \
	X(BUSY, CALL, "G6", "the peer still uses this page")                   \
	X(NOSYS, CALL, "-", "this platform cannot do that")                    \
	X(IO, CALL, "-", "the platform failed")                                \
	X(ACCESS, CALL, "-", "not allowed")                                    \
	X(GONE, CALL, "-", "the other end or its domain does not exist")       \
	X(STATE, CALL, "S7", "not possible in this state")                     \
	X(MCAST, CALL, "E7", "a multicast group that could not be joined")     \
	X(PKT_SHORT, PACKET, "T5", "shorter than an Ethernet header")          \
	X(PKT_LONG, PACKET, "T17", "longer than the peer can take")            \
	X(PKT_SLOTS, PACKET, "T3", "more slots than this end accepts")         \
	X(PKT_SUM, PACKET, "T2", "fragments as long as the whole, or longer")  \
	X(PKT_RANGE, PACKET, "T4", "a slot reaches over its page")             \
	X(PKT_TRUNC, PACKET, "T16", "more slots promised than sent")           \
	X(PKT_GREF, PACKET, "G2", "a grant could not be copied or mapped")     \
	X(PKT_STATUS, PACKET, "T11", "the peer answered with an error")        \
	X(PKT_NULL, PACKET, "T10", "a real request was answered as an extra")  \
	X(PKT_PAGE_BUSY, PACKET, "X13", "the peer still uses the page")        \
	X(PKT_FULL, PACKET, "X15", "the peer has posted too few buffers")      \
	X(PKT_NO_SG, PACKET, "X11", "needs scatter-gather, not negotiated")    \
	X(PKT_NO_CSUM, PACKET, "T14", "checksum offload is not negotiated")    \
	X(EXTRA_TYPE, PACKET, "E2", "extra info of no type that is agreed on") \
	X(EXTRA_TWICE, PACKET, "E4", "the same extra info twice")              \
	X(GSO_SIZE, PACKET, "E5", "segment size zero, or none of TCP's")       \
	X(GSO_TYPE, PACKET, "E5", "GSO type not negotiated")                   \
	X(GSO_PROTO, PACKET, "E5", "not the protocol its GSO type says")       \
	X(PKT_MCAST, PACKET, "E7",                                             \
	  "of a group that the frontend did not join")                         \
	X(RING_AHEAD, PEER, "R11", "more in the ring than it can hold")        \
	X(RING_UNASKED, PEER, "R12", "responses to nothing that was asked")    \
	X(RING_BACK, PEER, "R13", "the producer index went backwards")         \
	X(RSP_ID, PEER, "T9", "a response with an id that is not outstanding") \
	X(KEY_MISSING, STORE, "S4", "a key is missing")                        \
	X(KEY_VALUE, STORE, "S1", "a key has no valid value")                  \
	X(KEY_QUEUES, STORE, "S3", "an impossible number of queues")           \
	X(KEY_RX_COPY, STORE, "S2", "the frontend asks for page flipping")     \
	X(KEY_RING, STORE, "G4", "a ring page could not be mapped")            \
	X(KEY_EVTCHN, STORE, "V1", "an event channel could not be bound")      \
	X(KEY_HOTPLUG, STORE, "S6", "the hotplug script failed")

enum xennet_err {
	XENNET_OK,
#define XENNET_ERR_NAME(name, kind, item, text) XENNET_E##name,
	XENNET_ERRORS(XENNET_ERR_NAME)
#undef XENNET_ERR_NAME
		XENNET_ERR_COUNT
};

enum xennet_err_kind {
	XENNET_KIND_CALL,
	XENNET_KIND_PACKET,
	XENNET_KIND_PEER,
	XENNET_KIND_STORE
};

#ifdef __cplusplus
extern "C" {
#endif

/* err: XENNET_E* or -XENNET_E*. Never NULL; callable from anywhere. */
const char *xennet_err_name(int err); /* "RING_AHEAD" */
const char *xennet_err_text(int err); /* "more in the ring than ..." */
const char *xennet_err_item(int err); /* "R11", or "-" */
enum xennet_err_kind xennet_err_kind(int err);

#ifdef __cplusplus
}
#endif
#endif
