#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What xennet-bench peers promises where DPDK is not there: every contender of
# it is a row that says so and what to do, all others are measured, targets that
# need it are not called reached. No figure is looked at.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
[ "$(nproc)" -ge 2 ] || { echo "wants two processors"; exit 77; }

fail() {
	echo "FAILED: $*"
	cat "$dir/out" "$dir/err"
	exit 1
}

# DPDK's end is looked for beside the program, testpmd in PATH.
cp "$XENNET_BIN/xennet-bench" "$dir"
PATH=$dir "$dir/xennet-bench" peers --quick --reps 1 --json "$dir/peers.json" \
	>"$dir/out" 2>"$dir/err" || fail "peers exits with $?"

python3 - "$dir/peers.json" <<'END' || fail "the JSON of peers"
import json, sys
rows = json.load(open(sys.argv[1]))
names = {r["contender"] for r in rows}
for want in ("xennet, standard", "xennet, split", "xennet, sequenced", "ring.h",
             "ring.h, driver", "ring.h, events asked", "ring.h, events sent",
             "memif, 256", "vhost packed, 1024", "testpmd, memif",
             "Concurrency Kit", "Unix datagrams", "pipe and eventfd",
             "limit: lines", "limit: memcpy"):
    assert want in names, want
for r in rows:
    dpdk = r["contender"].startswith(("memif", "vhost", "testpmd"))
    if dpdk:
        assert "apt install" in r["missing"], r
    if r["missing"]:
        assert r["mpps"] is None and r["reps"] == 0, r
    else:
        assert r["mpps"] is not None and r["reps"] == 1, r
    assert dpdk or r["contender"].startswith("Concurrency") or not r["missing"], r
    asked = r["contender"] == "ring.h, events asked"
    assert not asked or r["events_per_packet"] > 0, r
    assert not r["contender"].startswith("xennet") or (r["ours_over_it"] or 1) >= 1, r
END

[ "$(grep -c '^ .*want .*missing: built without DPDK' "$dir/out")" -eq 3 ] ||
	fail "the targets over DPDK are not missing"
[ "$(grep -c '^ .* want ' "$dir/out")" -eq 11 ] || fail "not eleven targets"
