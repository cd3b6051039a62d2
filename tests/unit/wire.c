/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Our messages against those of Xen's own headers, where they are installed. */
#include "test.h"

#include <xennet/wire.h>

#include <xennet/ops.h>

static void messages_have_the_layout_of_the_protocol(void **state)
{
	(void)state;

	assert_int_equal(sizeof(struct xennet_tx_req), 12);
	assert_int_equal(offsetof(struct xennet_tx_req, offset), 4);
	assert_int_equal(offsetof(struct xennet_tx_req, flags), 6);
	assert_int_equal(offsetof(struct xennet_tx_req, id), 8);
	assert_int_equal(offsetof(struct xennet_tx_req, size), 10);
	assert_int_equal(sizeof(struct xennet_tx_rsp), 4);
	assert_int_equal(offsetof(struct xennet_tx_rsp, status), 2);
	assert_int_equal(sizeof(struct xennet_rx_req), 8);
	assert_int_equal(offsetof(struct xennet_rx_req, gref), 4);
	assert_int_equal(sizeof(struct xennet_rx_rsp), 8);
	assert_int_equal(offsetof(struct xennet_rx_rsp, offset), 2);
	assert_int_equal(offsetof(struct xennet_rx_rsp, flags), 4);
	assert_int_equal(offsetof(struct xennet_rx_rsp, status), 6);
	assert_int_equal(sizeof(struct xennet_extra), 8);
	assert_int_equal(offsetof(struct xennet_extra, u.gso.size), 2);
	assert_int_equal(offsetof(struct xennet_extra, u.gso.type), 4);
	assert_int_equal(offsetof(struct xennet_extra, u.gso.features), 6);
	assert_int_equal(offsetof(struct xennet_extra, u.hash.value), 4);
	assert_int_equal(sizeof(struct xennet_sring), 64);
	assert_int_equal(sizeof(struct xennet_ctrl_req), 16);
	assert_int_equal(offsetof(struct xennet_ctrl_req, data), 4);
	assert_int_equal(sizeof(struct xennet_ctrl_rsp), 12);
	assert_int_equal(offsetof(struct xennet_ctrl_rsp, status), 4);
	assert_int_equal(sizeof(struct xennet_ctrl_gref), 8);
	assert_int_equal(offsetof(struct xennet_ctrl_gref, flags), 4);
	assert_int_equal(offsetof(struct xennet_ctrl_gref, status), 6);
	assert_int_equal(xennet_tx_slot_size, 12);
	assert_int_equal(xennet_rx_slot_size, 8);
	assert_int_equal(xennet_ctrl_slot_size, 16);
}

static void the_two_low_flags_are_swapped_between_directions(void **state)
{
	(void)state;

	assert_int_equal(XENNET_TXF_CSUM_BLANK, XENNET_RXF_DATA_VALIDATED);
	assert_int_equal(XENNET_TXF_DATA_VALIDATED, XENNET_RXF_CSUM_BLANK);
	assert_int_equal(XENNET_TXF_MORE_DATA, XENNET_RXF_MORE_DATA);
	assert_int_equal(XENNET_TXF_EXTRA_INFO, XENNET_RXF_EXTRA_INFO);
}

#if __has_include(<xen/io/netif.h>)

#define xen_mb() xennet_mb()
#define xen_rmb() xennet_mb()
#define xen_wmb() xennet_mb()
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/io/netif.h>
#include <xen/io/xenbus.h>

#define SAME_SIZE(ours, theirs)                                                \
	assert_int_equal(sizeof(struct ours), sizeof(struct theirs))
#define SAME_PLACE(ours, field, theirs, their_field)                           \
	do {                                                                   \
		assert_int_equal(offsetof(struct ours, field),                 \
				 offsetof(struct theirs, their_field));        \
		assert_int_equal(sizeof(((struct ours *)0)->field),            \
				 sizeof(((struct theirs *)0)->their_field));   \
	} while (0)

static void tx_messages_are_xens(void **state)
{
	(void)state;

	SAME_SIZE(xennet_tx_req, netif_tx_request);
	SAME_PLACE(xennet_tx_req, gref, netif_tx_request, gref);
	SAME_PLACE(xennet_tx_req, offset, netif_tx_request, offset);
	SAME_PLACE(xennet_tx_req, flags, netif_tx_request, flags);
	SAME_PLACE(xennet_tx_req, id, netif_tx_request, id);
	SAME_PLACE(xennet_tx_req, size, netif_tx_request, size);
	SAME_SIZE(xennet_tx_rsp, netif_tx_response);
	SAME_PLACE(xennet_tx_rsp, id, netif_tx_response, id);
	SAME_PLACE(xennet_tx_rsp, status, netif_tx_response, status);
	assert_int_equal(xennet_tx_slot_size,
			 sizeof(union netif_tx_sring_entry));
}

static void rx_messages_are_xens(void **state)
{
	(void)state;

	SAME_SIZE(xennet_rx_req, netif_rx_request);
	SAME_PLACE(xennet_rx_req, id, netif_rx_request, id);
	SAME_PLACE(xennet_rx_req, gref, netif_rx_request, gref);
	SAME_SIZE(xennet_rx_rsp, netif_rx_response);
	SAME_PLACE(xennet_rx_rsp, id, netif_rx_response, id);
	SAME_PLACE(xennet_rx_rsp, offset, netif_rx_response, offset);
	SAME_PLACE(xennet_rx_rsp, flags, netif_rx_response, flags);
	SAME_PLACE(xennet_rx_rsp, status, netif_rx_response, status);
	assert_int_equal(xennet_rx_slot_size,
			 sizeof(union netif_rx_sring_entry));
}

static void control_messages_are_xens(void **state)
{
	(void)state;

	SAME_SIZE(xennet_ctrl_req, xen_netif_ctrl_request);
	SAME_PLACE(xennet_ctrl_req, id, xen_netif_ctrl_request, id);
	SAME_PLACE(xennet_ctrl_req, type, xen_netif_ctrl_request, type);
	SAME_PLACE(xennet_ctrl_req, data, xen_netif_ctrl_request, data);
	SAME_SIZE(xennet_ctrl_rsp, xen_netif_ctrl_response);
	SAME_PLACE(xennet_ctrl_rsp, id, xen_netif_ctrl_response, id);
	SAME_PLACE(xennet_ctrl_rsp, type, xen_netif_ctrl_response, type);
	SAME_PLACE(xennet_ctrl_rsp, status, xen_netif_ctrl_response, status);
	SAME_PLACE(xennet_ctrl_rsp, data, xen_netif_ctrl_response, data);
	SAME_SIZE(xennet_ctrl_gref, xen_netif_gref);
	SAME_PLACE(xennet_ctrl_gref, gref, xen_netif_gref, ref);
	SAME_PLACE(xennet_ctrl_gref, flags, xen_netif_gref, flags);
	SAME_PLACE(xennet_ctrl_gref, status, xen_netif_gref, status);
	assert_int_equal(xennet_ctrl_slot_size,
			 sizeof(union xen_netif_ctrl_sring_entry));
}

static void extra_info_is_xens(void **state)
{
	(void)state;

	SAME_SIZE(xennet_extra, netif_extra_info);
	SAME_PLACE(xennet_extra, type, netif_extra_info, type);
	SAME_PLACE(xennet_extra, flags, netif_extra_info, flags);
	SAME_PLACE(xennet_extra, u.gso.size, netif_extra_info, u.gso.size);
	SAME_PLACE(xennet_extra, u.gso.type, netif_extra_info, u.gso.type);
	SAME_PLACE(xennet_extra, u.gso.features, netif_extra_info,
		   u.gso.features);
	SAME_PLACE(xennet_extra, u.mcast.addr, netif_extra_info, u.mcast.addr);
	SAME_PLACE(xennet_extra, u.hash.type, netif_extra_info, u.hash.type);
	SAME_PLACE(xennet_extra, u.hash.algorithm, netif_extra_info,
		   u.hash.algorithm);
	SAME_PLACE(xennet_extra, u.hash.value, netif_extra_info, u.hash.value);
}

static void shared_page_is_xens(void **state)
{
	(void)state;

	SAME_PLACE(xennet_sring, req_prod, netif_tx_sring, req_prod);
	SAME_PLACE(xennet_sring, req_event, netif_tx_sring, req_event);
	SAME_PLACE(xennet_sring, rsp_prod, netif_tx_sring, rsp_prod);
	SAME_PLACE(xennet_sring, rsp_event, netif_tx_sring, rsp_event);
	assert_int_equal(sizeof(struct xennet_sring),
			 offsetof(struct netif_tx_sring, ring));
}

static void R2_ring_sizes_are_xens(void **state)
{
	struct xennet_ring_shape tx = xennet_tx_shape(1, XENNET_STANDARD);
	struct xennet_ring_shape rx = xennet_rx_shape(1, XENNET_STANDARD);
	struct xennet_ring_shape big = xennet_tx_shape(16, XENNET_STANDARD);

	(void)state;
	assert_int_equal(xennet_ring_slots(&tx),
			 __CONST_RING_SIZE(netif_tx, XENNET_RING_PAGE));
	assert_int_equal(xennet_ring_slots(&rx),
			 __CONST_RING_SIZE(netif_rx, XENNET_RING_PAGE));
	assert_int_equal(xennet_ring_slots(&big),
			 __CONST_RING_SIZE(netif_tx, 16 * XENNET_RING_PAGE));
}

static void R1_fresh_ring_is_xens(void **state)
{
	static unsigned char xens[XENNET_RING_PAGE], ours[XENNET_RING_PAGE];
	netif_tx_sring_t *sring = (void *)xens;

	struct xennet_ring_shape tx = xennet_tx_shape(1, XENNET_STANDARD);

	(void)state;
	SHARED_RING_INIT(sring);

	xennet_ring_format(ours, &tx);

	assert_memory_equal(ours, xens, sizeof(ours));
}

static void constants_are_xens(void **state)
{
	static const long same[][2] = {
		{ XENNET_TXF_CSUM_BLANK, NETTXF_csum_blank },
		{ XENNET_TXF_DATA_VALIDATED, NETTXF_data_validated },
		{ XENNET_TXF_MORE_DATA, NETTXF_more_data },
		{ XENNET_TXF_EXTRA_INFO, NETTXF_extra_info },
		{ XENNET_RXF_DATA_VALIDATED, NETRXF_data_validated },
		{ XENNET_RXF_CSUM_BLANK, NETRXF_csum_blank },
		{ XENNET_RXF_MORE_DATA, NETRXF_more_data },
		{ XENNET_RXF_EXTRA_INFO, NETRXF_extra_info },
		{ XENNET_RXF_GSO_PREFIX, NETRXF_gso_prefix },
		{ XENNET_RSP_DROPPED, NETIF_RSP_DROPPED },
		{ XENNET_RSP_ERROR, NETIF_RSP_ERROR },
		{ XENNET_RSP_OKAY, NETIF_RSP_OKAY },
		{ XENNET_RSP_NULL, NETIF_RSP_NULL },
		{ XENNET_EXTRA_NONE, XEN_NETIF_EXTRA_TYPE_NONE },
		{ XENNET_EXTRA_GSO, XEN_NETIF_EXTRA_TYPE_GSO },
		{ XENNET_EXTRA_MCAST_ADD, XEN_NETIF_EXTRA_TYPE_MCAST_ADD },
		{ XENNET_EXTRA_MCAST_DEL, XEN_NETIF_EXTRA_TYPE_MCAST_DEL },
		{ XENNET_EXTRA_HASH, XEN_NETIF_EXTRA_TYPE_HASH },
		{ XENNET_EXTRAF_MORE, XEN_NETIF_EXTRA_FLAG_MORE },
		{ XENNET_GSO_NONE, XEN_NETIF_GSO_TYPE_NONE },
		{ XENNET_GSO_TCPV4, XEN_NETIF_GSO_TYPE_TCPV4 },
		{ XENNET_GSO_TCPV6, XEN_NETIF_GSO_TYPE_TCPV6 },
		{ XENNET_CTRL_GET_HASH_FLAGS,
		  XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS },
		{ XENNET_CTRL_SET_HASH_FLAGS,
		  XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS },
		{ XENNET_CTRL_SET_HASH_KEY, XEN_NETIF_CTRL_TYPE_SET_HASH_KEY },
		{ XENNET_CTRL_GET_HASH_MAPPING_SIZE,
		  XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE },
		{ XENNET_CTRL_SET_HASH_MAPPING_SIZE,
		  XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE },
		{ XENNET_CTRL_SET_HASH_MAPPING,
		  XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING },
		{ XENNET_CTRL_SET_HASH_ALGORITHM,
		  XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM },
		{ XENNET_CTRL_GET_GREF_MAPPING_SIZE,
		  XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE },
		{ XENNET_CTRL_ADD_GREF_MAPPING,
		  XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING },
		{ XENNET_CTRL_DEL_GREF_MAPPING,
		  XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING },
		{ XENNET_HASH_NONE, XEN_NETIF_CTRL_HASH_ALGORITHM_NONE },
		{ XENNET_HASH_TOEPLITZ,
		  XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ },
		{ 1 << XENNET_HASH_IPV4, XEN_NETIF_CTRL_HASH_TYPE_IPV4 },
		{ 1 << XENNET_HASH_IPV4_TCP,
		  XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP },
		{ 1 << XENNET_HASH_IPV6, XEN_NETIF_CTRL_HASH_TYPE_IPV6 },
		{ 1 << XENNET_HASH_IPV6_TCP,
		  XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP },
		{ XENNET_CTRL_SUCCESS, XEN_NETIF_CTRL_STATUS_SUCCESS },
		{ XENNET_CTRL_NOT_SUPPORTED,
		  XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED },
		{ XENNET_CTRL_INVALID_PARAMETER,
		  XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER },
		{ XENNET_CTRL_BUFFER_OVERFLOW,
		  XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW },
		{ XENNET_CTRL_GREFF_READONLY, XEN_NETIF_CTRLF_GREF_readonly },
		{ XENNET_SLOTS_MIN, XEN_NETIF_NR_SLOTS_MIN },
		{ XENNET_STATE_UNKNOWN, XenbusStateUnknown },
		{ XENNET_STATE_INITIALISING, XenbusStateInitialising },
		{ XENNET_STATE_INIT_WAIT, XenbusStateInitWait },
		{ XENNET_STATE_INITIALISED, XenbusStateInitialised },
		{ XENNET_STATE_CONNECTED, XenbusStateConnected },
		{ XENNET_STATE_CLOSING, XenbusStateClosing },
		{ XENNET_STATE_CLOSED, XenbusStateClosed },
		{ XENNET_STATE_RECONFIGURING, XenbusStateReconfiguring },
		{ XENNET_STATE_RECONFIGURED, XenbusStateReconfigured },
		{ XENNET_GNTST_OKAY, GNTST_okay },
		{ XENNET_GNTST_GENERAL, GNTST_general_error },
		{ XENNET_GNTST_BAD_GREF, GNTST_bad_gntref },
		{ XENNET_GNTST_EAGAIN, GNTST_eagain },
		{ XENNET_GREF_FIRST, GNTTAB_NR_RESERVED_ENTRIES },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(same); i++)
		assert_int_equal(same[i][0], same[i][1]);
}

#endif

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(messages_have_the_layout_of_the_protocol),
		TEST(the_two_low_flags_are_swapped_between_directions),
#if __has_include(<xen/io/netif.h>)
		TEST(tx_messages_are_xens),
		TEST(rx_messages_are_xens),
		TEST(control_messages_are_xens),
		TEST(extra_info_is_xens),
		TEST(shared_page_is_xens),
		TEST(R2_ring_sizes_are_xens),
		TEST(R1_fresh_ring_is_xens),
		TEST(constants_are_xens),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
