# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: xennet-bench on Xen: every row of its tables, and nothing left
# machine: small
# seconds: 240
. /job/lib.sh

# rows NUMBER PATTERN COMMAND...: what they say is for who has hardware.
rows() {
	local wanted=$1 pattern=$2
	shift 2
	"$@" >/tmp/table 2>/tmp/bench.err || { cat /tmp/bench.err; return 1; }
	cat /tmp/table
	[ "$(grep -cE "$pattern" /tmp/table)" -ge "$wanted" ]
}

nodes() { xenstore-ls -f | grep -cE '/(backend|device)/vif/'; }

was=$(left)
check "link" rows 18 '^ +[tr]x +[0-9]+ +(copy|map|persistent) ' \
	xennet-bench link --quick --platform xen --reps 1
check "grants" rows 18 '^ *[0-9]+ +(1|8|64) ' \
	xennet-bench grants --quick --platform xen --reps 1
check "no node stays" is 0 nodes
check "nothing left" soon 5 is "$was" left
