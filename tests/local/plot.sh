#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What --plot leaves behind: one well-formed SVG that names every series, and
# says what is measured; or, when that cannot be, the table, a line that says
# why, and no file.
set -u
cd "$(dirname "$0")" || exit 1
bench=$XENNET_BIN/xennet-bench
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
	echo "FAILED: $*"
	failed=1
}

command -v gnuplot >/dev/null || { echo "no gnuplot here"; exit 77; }

# draws SUBCOMMAND N TEXT...: as svg.py
draws() {
	local verb=$1 svg=$dir/$1/plot.svg
	shift
	mkdir "$dir/$verb"
	"$bench" "$verb" --reps 1 --plot "$svg" >"$dir/out" 2>"$dir/err" ||
		{ fail "$verb exits with $?"; cat "$dir/err"; }
	[ "$(ls "$dir/$verb")" = plot.svg ] || fail "$verb leaves $(ls "$dir/$verb")"
	! grep -i warning "$dir/err" || fail "gnuplot warns of $verb's"
	python3 svg.py "$svg" "$@" || fail "the picture of $verb"
}

draws link 80 copy map persistent study "map apart" static 1496 65535 limit "packets per second"
draws ring 22 xennet canonical "canonical driver" limit wanted
draws grants 95 copy map "page flip" memcpy 65536 "ns per packet"
draws tree 100 "the library's" red-black list 4096 wanted "ns per grant"
draws model 62 measured model "cost model" persistent

# fails_with WHAT: as it was run, but the table is there and the file is not
fails_with() {
	local status=$?
	[ $status -eq 1 ] || fail "$1: exits with $status"
	grep -q hinted "$dir/out" || fail "$1: no table"
	[ "$(grep -c 'no plot' "$dir/err")" -eq 1 ] || fail "$1: does not say so"
	grep -q "$1" "$dir/err" || fail "does not say: $1"
	[ ! -e "$dir/plot.svg" ] || fail "$1: leaves a file"
}

mkdir "$dir/bin"
PATH=$dir/bin "$bench" tree --reps 1 --plot "$dir/plot.svg" >"$dir/out" 2>"$dir/err"
fails_with gnuplot-nox

printf '#!/bin/sh\nexit 3\n' >"$dir/bin/gnuplot"
chmod +x "$dir/bin/gnuplot"
PATH=$dir/bin:$PATH "$bench" tree --reps 1 --plot "$dir/plot.svg" >"$dir/out" 2>"$dir/err"
fails_with "gnuplot failed"
exit $failed
