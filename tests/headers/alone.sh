#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# alone.sh COMPILER INCLUDE_DIR: every public header compiles by itself, twice
# in a row, without a warning: C11 with a C compiler, C++17 with a C++ one.
set -uo pipefail
compiler=$1 include=$2

case $compiler in
*++*) language=(-x c++ -std=c++17) ;;
*) language=(-x c -std=c11) ;;
esac

count=0 failed=0
while read -r header; do
	printf '#include <%s>\n#include <%s>\n' "$header" "$header" |
		"$compiler" "${language[@]}" -Wall -Wextra -Wpedantic -Werror \
			-I"$include" -fsyntax-only - || {
		echo "$header does not stand alone"
		failed=$((failed + 1))
	}
	count=$((count + 1))
done < <(cd "$include" && find xennet -name '*.h' | sort)

echo "$count headers, $failed failed"
((count > 0 && failed == 0))
