#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# xennet-bench scale: what it prints and writes, and that a row which a limit
# forbids is named with the limit. No rate is looked at; what an idle vif takes
# of memory is.
set -u
bench=$XENNET_BIN/xennet-bench
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
	echo "FAILED: $*"
	failed=1
}

ulimit -n 1200 # room for 256 vifs of one queue, not for 1024
"$bench" scale --reps 1 --json "$dir/scale.json" >"$dir/out" 2>"$dir/err" ||
	{ fail "scale exits with $?"; cat "$dir/err"; }
python3 - "$dir/scale.json" <<'END' || { fail "the JSON of scale"; cat "$dir/out"; }
import json, os, sys
# a sanitizer has memory and mappings of its own
sanitized = os.environ.get("XENNET_SANITIZE")
rows = {(r["vifs"], r["queues"], r["strategy"]): r
        for r in json.load(open(sys.argv[1]))}
for vifs in (1, 16, 256):
    r = rows[vifs, 1, "persistent"]
    assert r["limit"] == "-", r
    assert r["mpps"] > 0 and r["reps"] == 1, r
    assert r["idle_wakeups"] == 0, r
    assert r["connect_all_s"] > 0 and r["disconnect_all_s"] > 0, r
    # two of the guest, two of its event channel; its memory, its use counts
    assert r["descriptors"] == 4, r
    assert vifs == 1 or vifs < 256 and sanitized or r["mappings"] < 3, r
    assert r["library_kib"] > 10 and r["resident_kib"] > 4, r
assert rows[256, 1, "copy"]["buffers_kib"] > 400, rows
if not sanitized:
    for strategy in ("copy", "map", "persistent"):
        r = rows[256, 1, strategy]
        assert r["resident_kib"] <= 24, r
for vifs in (1024, 4096):
    r = rows[vifs, 1, "persistent"]
    assert r["limit"] == "RLIMIT_NOFILE" and r["mpps"] is None, r
END
grep -q 'wake-ups of those\|2 queues on 2 processors' "$dir/out" ||
	fail "no targets are named"
exit $failed
