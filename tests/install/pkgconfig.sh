#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# pkgconfig.sh BUILD CC CXX: installs, then builds and runs a two-line program
# against the installed copy through pkg-config, in C and C++, shared and
# static; and the shared library shows its soname and our names alone.
set -euo pipefail
build=$1 cc=$2 cxx=$3
source=$(dirname "$0")/use.c
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

cmake --install "$build" --prefix "$prefix" >"$prefix/log"
pc=$(find "$prefix" -name libxennet.pc)
lib=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=${pc%/*} LD_LIBRARY_PATH=$lib

try() { # NAME COMPILE...
	"${@:2}" -o "$prefix/use"
	"$prefix/use"
	echo "$1: built and ran"
}

flags() { pkg-config "$@" --cflags --libs libxennet; }

try "C, shared" "$cc" -std=c11 "$source" $(flags)
try "C++, shared" "$cxx" -std=c++17 -x c++ "$source" -x none $(flags)
readelf -d "$prefix/use" | grep -F 'Shared library: [libxennet.so.0]'
try "C, static" "$cc" -static "$source" $(flags --static)
try "C++, static" "$cxx" -static -x c++ "$source" -x none $(flags --static)

foreign=$(nm -D --defined-only "$lib/libxennet.so" | awk '{ print $3 }' |
	grep -vE '^(xennet_.*|XENNET_0)(@@XENNET_0)?$' || true)
[ -z "$foreign" ] || { echo "exported, but not ours:" $foreign; exit 1; }
