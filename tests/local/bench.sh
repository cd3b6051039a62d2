#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What xennet-bench promises to scripts: exit statuses, one line for a bad
# argument, JSON with the columns by name, a capture that comes out as it went
# in. No figure is looked at.
set -u
bench=$XENNET_BIN/xennet-bench
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
	echo "FAILED: $*"
	failed=1
}

refuses() {
	"$bench" "$@" >"$dir/out" 2>"$dir/err"
	[ $? -eq 2 ] || fail "$* does not exit with 2"
	[ "$(wc -l <"$dir/err")" -eq 1 ] || fail "$* does not say so in one line"
}

refuses
refuses no-such-subcommand
refuses link --no-such-option
refuses link --reps 0
refuses link --reps many
refuses link --json
refuses link extra
refuses link --pcap "$dir/none"
refuses link --platform nowhere
refuses ring --platform xen
refuses tree --platform xen
refuses link --vif none
refuses tree --plot
refuses tree --plot "$dir/none/plot.svg"
refuses link --pcap "$dir/none" --plot "$dir/plot.svg"

# Without Xen one line says so.
for verb in link grants; do
	[ ! -e /dev/xen/gntalloc ] || break
	"$bench" "$verb" --platform xen >"$dir/out" 2>"$dir/err"
	[ $? -eq 1 ] || fail "$verb without Xen does not exit with 1"
	[ "$(grep -c Xen "$dir/err")" -eq 1 ] || fail "$verb without Xen does not say so"
done

"$bench" link --quick --reps 1 --json "$dir/link.json" >/dev/null 2>"$dir/err" ||
	{ fail "link exits with $?"; cat "$dir/err"; }
python3 - "$dir/link.json" <<'END' || fail "the JSON of link"
import json, sys
rows = json.load(open(sys.argv[1]))
want = {"direction", "size", "strategy", "queues", "burst", "mpps", "gbps",
        "ratio_copy", "ratio_map", "calls_per_packet",
        "notifications_per_packet", "p50_us", "p99_us"}
seen = {(r["direction"], r["size"], r["strategy"]) for r in rows
        if "strategy" in r}
for direction in ("tx", "rx", "guest"):
    for size in (64, 1496, 65535):
        for strategy in ("copy", "map", "persistent"):
            assert (direction, size, strategy) in seen, (direction, size, strategy)
assert all(want <= r.keys() for r in rows), "a column is missing"
for r in rows:
    if r["strategy"] == "persistent" and r["mpps"]:
        assert r["calls_per_packet"] < 0.001, r
END

python3 - "$dir/in.pcap" <<'END'
import random, struct, sys
random.seed(1)
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 1 << 18, 1))
    for i in range(2000):
        n = random.choice((14, 60, 64, 128, 129, 1514, 4096, 4097, 9000, 65535,
                           random.randint(14, 65535)))
        f.write(struct.pack("<IIII", i, 0, n, n) + random.randbytes(n))
END
"$bench" link --pcap "$dir/in.pcap" >"$dir/out" 2>"$dir/err" ||
	{ fail "the capture did not come out as it went in"; cat "$dir/out"; }
exit $failed
