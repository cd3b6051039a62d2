#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# freestanding.sh NM LD OBJECT...: the core asks its surroundings for nothing
# but memcpy, memmove, memset and memcmp, and its own names begin with xennet_.
set -euo pipefail
nm=$1 ld=$2
shift 2

core=$(mktemp)
trap 'rm -f "$core"' EXIT
"$ld" -r -o "$core" "$@"

needs=$("$nm" -u "$core" | awk '{ print $2 }')
gives=$("$nm" -g --defined-only "$core" | awk '{ print $3 }')
echo "the core of ${#} objects needs: "${needs:-nothing}
size "$core"

bad=$(grep -vxE 'memcpy|memmove|memset|memcmp' <<<"$needs" || true)
foreign=$(grep -vE '^xennet_' <<<"$gives" || true)
[ -z "$bad" ] || { echo "not freestanding:" $bad; exit 1; }
[ -z "$foreign" ] || { echo "not our name space:" $foreign; exit 1; }
[ -n "$gives" ] || { echo "nothing defined: nothing proved"; exit 1; }
