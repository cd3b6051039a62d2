#!/bin/sh
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The program in README.md is examples/echo.c to the letter.
cd "$(dirname "$0")/.." || exit 1
sed -n '/^<!-- examples\/echo.c -->$/,/^<!-- end -->$/p' README.md |
	sed -e '1d' -e '$d' -e 's/^    //' | diff - examples/echo.c
