#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# xennet-bench fairness: it comes to an end, counts and names what it should;
# what its figures are is another matter on a busy machine.
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

[ "$(nproc)" -gt 1 ] || { echo "one processor"; exit 77; }

plot=()
! command -v gnuplot >/dev/null || plot=(--plot "$dir/plot.svg")
"$bench" fairness --reps 1 --json "$dir/rows.json" "${plot[@]}" >"$dir/out" 2>"$dir/err" ||
	{ fail "exits with $?"; cat "$dir/err"; }
for part in "all overloaded" "one light"; do
	for vifs in 4 16; do
		grep -q "  $part, $vifs vifs: Jain's index [01].*: \(reached\|missed\)$" "$dir/out" ||
			fail "no verdict on $vifs vifs, $part"
	done
done
[ "$(grep -cE 'of the work of a pool of [12] .*: (not )?lost' "$dir/out")" -eq 8 ] ||
	fail "the verdicts on what was lost"

python3 - "$dir/rows.json" <<'END' || fail "the JSON"
import json, sys
rows = json.load(open(sys.argv[1]))
seen = [(r["part"], r["vifs"], r["model"]) for r in rows]
assert seen == [(part, vifs, model) for part in ("all overloaded", "one light")
                for vifs in (4, 16)
                for model in ("1:1", "pool of 1", "pool of 2")], seen
for r in rows:
    light = r["part"] == "one light"
    assert 1 / r["vifs"] <= r["jain"] <= 1, r
    assert 0 <= r["least"] <= 1.001 and 0.999 <= r["most"] <= r["vifs"], r
    assert r["work"] > 0 and r["mpps"] > 0 and r["gbps"] > 0 and r["all_p99_us"] > 0, r
    assert 0 < r["busy"] < 1.1, r
    assert (r["light_p99_us"] or 0) >= (r["light_p50_us"] or 0), r
    assert light == bool(r["light_p99_us"]), r
END
[ ${#plot[@]} = 0 ] || python3 svg.py "$dir/plot.svg" 39 "1:1" "pool of 1" \
	"pool of 2" wanted "one light" "all overloaded" Jain "(us)" ||
	fail "the picture"
exit $failed
