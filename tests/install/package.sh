#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# package.sh BUILD CC CXX: installs, moves what was installed elsewhere, then
# builds and runs the two-line program through find_package(xennet).
set -euo pipefail
build=$1 cc=$2 cxx=$3
here=$(cd "$(dirname "$0")" && pwd)
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

cmake --install "$build" --prefix "$top/first" >"$top/log"
mv "$top/first" "$top/moved"
cmake -G Ninja -S "$here" -B "$top/use" -DCMAKE_PREFIX_PATH="$top/moved" \
	-DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" >"$top/log"
cmake --build "$top/use"

for program in xennet.c xennet.cc xennet_static.c xennet_static.cc; do
	"$top/use/$program"
	echo "$program: ran"
done
