# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# For Mini-OS's Makefile, behind its "APP_OBJS :="; where DIR is this project's
# tree, or share/xennet where it is installed:
#
#	include DIR/libxennet/platform/minios/xennet.mk
#	APP_OBJS += $(XENNET_OBJS)
#
# The application's objects are compiled as before, and find the library's
# headers. The library's own go to $(XENNET_OUT).
#
# No vector registers: Mini-OS's handlers save none, and so may use none of ours.
XENNET_OUT ?= xennet
XENNET_MINIOS := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
XENNET := $(abspath $(XENNET_MINIOS)/../../..)
XENNET_CFLAGS := -std=gnu11 -O2 -fbuiltin -mgeneral-regs-only \
	-Wno-inline -Wno-unused-parameter -include $(XENNET_MINIOS)/mem.h
XENNET_SRCS := $(wildcard $(XENNET)/libxennet/*.c $(XENNET_MINIOS)/*.c)
XENNET_HDRS := $(wildcard $(XENNET)/libxennet/*.h $(XENNET_MINIOS)/*.h \
	$(XENNET)/include/xennet/*.h $(XENNET)/include/xennet/platform/*.h)
XENNET_OBJS := $(patsubst $(XENNET)/%.c,$(XENNET_OUT)/%.o,$(XENNET_SRCS))

override CPPFLAGS += -I$(XENNET)/include

$(XENNET_OUT)/%.o: $(XENNET)/%.c $(XENNET_HDRS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CPPFLAGS) $(XENNET_CFLAGS) -c $< -o $@
