#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What xennet-bench latency measures is all there, and what its policies of
# notification promise holds. No time is looked at.
set -u
cd "$(dirname "$0")" || exit 1
bench=$XENNET_BIN/xennet-bench
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

[ "$(nproc)" -gt 1 ] || { echo "one processor"; exit 77; }
plot=()
! command -v gnuplot >/dev/null || plot=(--plot "$dir/plot.svg")
"$bench" latency --reps 1 --json "$dir/rows.json" "${plot[@]}" >"$dir/out" 2>"$dir/err" ||
	{ echo "FAILED: latency exits with $?"; cat "$dir/err"; exit 1; }
[ "$(grep -c wanted "$dir/out")" -eq 6 ] || { echo "FAILED: no verdicts"; exit 1; }
[ ! -e "$dir/plot.svg" ] ||
	python3 svg.py "$dir/plot.svg" 62 adapt eventfds "two lines" "round trip" || exit 1
python3 - "$dir/rows.json" <<'END'
import json, sys
rows = json.load(open(sys.argv[1]))
trips = {(r["part"], r["name"]) for r in rows if r["part"] != "load"}
for layout in ("standard", "split", "sequenced"):
    for way in (("polling", layout), ("polling", layout + ", one ring"),
                ("woken", layout)):
        assert way in trips, way
load = {(r["name"], r["offered"]): r for r in rows if r["part"] == "load"}
for offered in ("1k", "10k", "100k", "1M", "all"):
    for policy in ("exact", "moderate", "poll", "adapt"):
        r = load[policy, offered]
        # counted at the two ends a moment apart
        assert r["sent"] <= 1.1 * r["asked"] + 0.1, r
        assert policy != "poll" or r["asked"] == r["sent"] == r["woken"] == 0, r
END
