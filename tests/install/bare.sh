#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# bare.sh BUILD CC CXX: where no library is installed but libc, the release
# preset configures, and says what it leaves out; with XENNET_COMPLETE it stops.
set -euo pipefail
cc=$2
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
cd "$(dirname "$0")/../.."
export PKG_CONFIG_LIBDIR=$top PKG_CONFIG_PATH=

configure() {
	cmake --preset release -B "$top/build" -DCMAKE_C_COMPILER="$cc" "$@" \
		>"$top/log" 2>&1
}

configure || { cat "$top/log"; exit 1; }
grep "xennet-bench: left out" "$top/log"
grep "tests: left out" "$top/log"
if configure -DXENNET_COMPLETE=ON; then
	echo "configured, though libraries are missing"
	exit 1
fi
