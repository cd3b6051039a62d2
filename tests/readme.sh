#!/bin/sh
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The programs in README.md and docs/XEN.md are those of examples/ to the letter.
cd "$(dirname "$0")/.." || exit 1

same() { # DOCUMENT PROGRAM
	sed -n "/^<!-- examples\/$2 -->\$/,/^<!-- end -->\$/p" "$1" |
		sed -e '1d' -e '$d' -e 's/^    //' | diff - "examples/$2"
}

same README.md echo.c && same docs/XEN.md drop.c
