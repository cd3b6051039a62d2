#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# freestanding.sh NM LD SIZE LIMIT OBJECT...: the core asks its surroundings for
# nothing but memcpy, memmove, memset and memcmp, its own names begin with
# xennet_, and its code takes no more than LIMIT bytes, unless that is 0.
set -euo pipefail
nm=$1 ld=$2 size=$3 limit=$4
shift 4

core=$(mktemp)
trap 'rm -f "$core"' EXIT
"$ld" -r -o "$core" "$@"

needs=$("$nm" -u "$core" | awk '{ print $2 }')
gives=$("$nm" -g --defined-only "$core" | awk '{ print $3 }')
echo "the core of ${#} objects needs: "${needs:-nothing}
text=$("$size" -A "$core" | awk '/^\.text/ { n += $2 } END { print n + 0 }')
echo "and has $text bytes of code"

bad=$(grep -vxE 'memcpy|memmove|memset|memcmp' <<<"$needs" || true)
foreign=$(grep -vE '^xennet_' <<<"$gives" || true)
[ -z "$bad" ] || { echo "not freestanding:" $bad; exit 1; }
[ -z "$foreign" ] || { echo "not our name space:" $foreign; exit 1; }
[ "$text" -gt 0 ] || { echo "no code: nothing proved"; exit 1; }
[ "$limit" = 0 ] || [ "$text" -lt "$limit" ] ||
	{ echo "more code than $limit bytes"; exit 1; }
[ -n "$gives" ] || { echo "nothing defined: nothing proved"; exit 1; }
