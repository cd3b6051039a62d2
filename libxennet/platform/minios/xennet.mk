# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# For the Makefile of a Mini-OS application, after Mini-OS's own flags are in
# CFLAGS and CPPFLAGS; where DIR is this project's:
#
#	include DIR/libxennet/platform/minios/xennet.mk
#	APP_OBJS += $(XENNET_OBJS)
#
# The objects go to $(XENNET_OUT). What includes the library's headers needs
# $(XENNET_CPPFLAGS).
#
# No vector registers: Mini-OS's handlers save none, and so may use none of ours.
XENNET_OUT ?= xennet
XENNET_MINIOS := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
XENNET := $(abspath $(XENNET_MINIOS)/../../..)
XENNET_CPPFLAGS := -I$(XENNET)/include
XENNET_CFLAGS := -std=gnu11 -O2 -fbuiltin -mgeneral-regs-only \
	-include $(XENNET_MINIOS)/mem.h
XENNET_SRCS := $(wildcard $(XENNET)/libxennet/*.c $(XENNET_MINIOS)/*.c)
XENNET_OBJS := $(patsubst $(XENNET)/libxennet/%.c,$(XENNET_OUT)/core/%.o, \
	$(patsubst $(XENNET_MINIOS)/%.c,$(XENNET_OUT)/minios/%.o, \
	$(XENNET_SRCS)))

$(XENNET_OUT)/core/%.o: $(XENNET)/libxennet/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CPPFLAGS) $(XENNET_CPPFLAGS) $(XENNET_CFLAGS) -c $< -o $@

$(XENNET_OUT)/minios/%.o: $(XENNET_MINIOS)/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CPPFLAGS) $(XENNET_CPPFLAGS) $(XENNET_CFLAGS) -c $< -o $@
