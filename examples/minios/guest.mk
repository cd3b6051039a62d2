# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Two lines in Mini-OS's Makefile, behind its "APP_OBJS :=", make its image this
# example; where DIR is this project's tree:
#
#	include DIR/examples/minios/guest.mk
#	APP_OBJS += $(GUEST_OBJS)
GUEST := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
include $(GUEST)/../../libxennet/platform/minios/xennet.mk
GUEST_OBJS := $(XENNET_OBJS) \
	$(patsubst $(XENNET)/%.c,$(XENNET_OUT)/%.o,$(wildcard $(GUEST)/*.c))
