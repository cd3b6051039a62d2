#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# minios.sh BUILD CC CXX: a Makefile as Mini-OS has one, with the two lines that
# xennet.mk and guest.mk ask for, makes objects that lack nothing but what
# stubs/mini-os declares; from the tree, and from an installed copy.
set -euo pipefail
build=$1 cc=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

cmake --install "$build" --prefix "$top/prefix" >"$top/log"

# try NAME LINE LINE: as minios.mk and Mini-OS's Makefile have it
try() {
	mkdir "$top/$1"
	cat >"$top/$1/Makefile" <<end
CFLAGS := -fno-builtin -Wall -Werror -Wredundant-decls \\
	-Wno-format -fno-stack-protector -fgnu89-inline \\
	-Wstrict-prototypes -Wnested-externs -Wpointer-arith \\
	-Winline -mno-red-zone -D__INSIDE_MINIOS__
CPPFLAGS := -D__MINIOS__ -D__XEN_INTERFACE_VERSION__=0x00030205
override CPPFLAGS := \$(CPPFLAGS) -isystem $root/tests/stubs
APP_OBJS :=
$2
$3
app.o: \$(APP_OBJS)
	\$(LD) -r -o \$@ \$^
%.o: %.c
	\$(CC) \$(CFLAGS) \$(CPPFLAGS) -c \$< -o \$@
end
	printf '%s\n' '#include <xennet/platform/minios.h>' \
		'#include <xennet/xennet.h>' \
		'struct xennet_platform platform;' 'void run(void);' \
		'void run(void) { platform = xennet_minios_platform(); }' \
		>"$top/$1/own.c"
	make -s -C "$top/$1" CC="$cc" app.o
	nm -u "$top/$1/app.o" | awk '{ print $2 }' >"$top/needs"
	[ -s "$top/needs" ] || { echo "$1: needs nothing: no proof"; exit 1; }
	for name in $(cat "$top/needs"); do
		grep -qrw "$name" "$root"/tests/stubs/mini-os ||
			grep -qxE "str(n?cmp|len|toul)|memcmp|snprintf|free" \
				<<<"$name" || { echo "$1: undefined: $name"; exit 1; }
	done
	(cd "$top/$1/xennet" && find . -name '*.o' ! -path './examples/*' |
		sed 's/^..//; s/o$/c/' | sort) >"$top/has"
	diff "$top/should" "$top/has" || { echo "$1: other objects"; exit 1; }
	echo "$1: $(wc -l <"$top/has") objects of the library"
}

(cd "$root" && ls libxennet/*.c libxennet/platform/minios/*.c | sort) \
	>"$top/should"
mk=libxennet/platform/minios/xennet.mk
try tree "include $root/$mk" 'APP_OBJS += $(XENNET_OBJS) own.o'
try installed "include $top/prefix/share/xennet/$mk" \
	'APP_OBJS += $(XENNET_OBJS) own.o'
try example "include $root/examples/minios/guest.mk" 'APP_OBJS += $(GUEST_OBJS)'
