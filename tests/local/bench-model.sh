#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# xennet-bench model: every price is one, every row of link has a prediction,
# and the studies' rows are what follows from their other rows. How good the
# predictions are is not looked at.
set -u
bench=$XENNET_BIN/xennet-bench
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
	echo "FAILED: $*"
	failed=1
}

[ "$(nproc)" -gt 1 ] || exit 77
"$bench" model --reps 1 --json "$dir/model.json" >"$dir/out" 2>"$dir/err" ||
	{ fail "model exits with $?"; cat "$dir/err"; }
python3 - "$dir/model.json" <<'END' || { fail "the JSON of model"; cat "$dir/out"; }
import json, sys
rows = {}
for r in json.load(open(sys.argv[1])):
    rows.setdefault(r["kind"], {})[r["case"]] = r
price = {case: r["measured"] for case, r in rows["price"].items()}
assert len(price) == 22 and None not in price.values(), price
# those that are not differences, which a disturbance may turn round
for case in ("grant and revoke", "event, send", "event, wake-up",
             "line, waited for", "line of 64 bytes", "memcpy, byte",
             "tx packet, frontend", "rx packet, backend"):
    assert price[case] > 0, (case, price[case])
link = rows["link"]
assert len(link) == 30, len(link)
# where others took all of the time nothing came, and there is no error
some = [r for r in link.values() if r["error_percent"] is not None]
assert len(some) > 5, link
for r in some:
    error = 100 * (r["model"] / r["measured"] - 1)
    assert abs(error - r["error_percent"]) < 2 + abs(error) / 50, r
study = rows["study"]
assert abs(study["2015 B tx map 1q"]["model"] - 14.5 * 2.7 / 3.5) < 0.01
assert abs(study["2017 rx staged 4q"]["model"] - 4 * 2.96) < 0.01
small, large = 1 / 1.24, 1 / 0.518
assert abs(study["2015 A tx map bulk"]["model"] -
           1 / (small + 16 * (large - small))) < 1e-3
END
grep -q '100 Gbit/s' "$dir/out" || fail "nothing is said of 100 Gbit/s"
exit $failed
