# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: deaths and restarts of either end, under traffic; the hotplug script
# machine: small
# seconds: 180
. /job/lib.sh
modprobe tun
modprobe xen-netfront
peer
rest=$(left)

key() { xenstore-read "$(back_of "$vif")/$1"; }
interface() { ls "/sys/bus/xen/devices/vif-$vif/net"; }
driver() { echo "vif-$vif" >"/sys/bus/xen/drivers/vif/$1"; }
counted() { grep "^vif0.$vif.q0 tx_packets" /tmp/netback.out; }
serves() { grep 'waiting for guests' /tmp/netback.err; }

# netback_dies SIGNAL: and the next one is started after a while.
netback_dies() {
	kill "-$1" "$netback"
	wait "$netback" 2>/dev/null
	sleep 2
	start netback --strategy copy --queues 1
	soon 5 serves
}

# lost LIMIT: of the pings that ran, no more than that.
lost() {
	local received
	received=$(sed -n 's/.* \([0-9]*\) packets received.*/\1/p' /tmp/pings)
	echo "$received of 80"
	[ $((80 - received)) -le "$1" ]
}

# survives NAME SIGNAL: a stream and pings, while netback ends and comes back.
survives() {
	in_peer traffic ask 10.9.0.1 7 65536 >/tmp/stream 2>&1 &
	stream=$!
	in_peer ping -c 80 -i 0.1 -W 5 10.9.0.1 >/tmp/pings 2>&1 &
	pings=$!
	sleep 1 # in its first part, which is TCP: datagrams would be lost
	check "$1: the stream still runs" kill -0 $stream
	check "$1: restart" netback_dies "$2"
	check "$1: here again" soon 5 grep 'here again' /tmp/netback.err
	check "$1: state" both_reach $vif 4
	check "$1: the stream is as it was sent" ended $stream /tmp/stream
	wait $pings
	# the TAP drops what is sent to the guest while nobody reads it
	check "$1: pings" lost 30
}

ended() { # PID FILE
	wait "$1" && return
	cat "$2"
	return 1
}

vif=1
start netback --strategy copy --queues 1
plug $vif
check "Linux: connect" both_reach $vif 4 || exit
check "Linux: meet" meet vif0.$vif "$(interface)"
survives "SIGKILL" KILL
survives "SIGTERM" TERM
check "SIGUSR1" kill -USR1 "$netback"
check "SIGUSR1: counters" soon 5 counted
check "unbind" driver unbind
check "unbound" reaches back $vif 6
check "bind" driver bind
check "bound" both_reach $vif 4
check "bound: meet" meet vif0.$vif "$(interface)"
check "bound: traffic" traffic ask 10.9.0.2 7
check "unplug" unplug $vif
check "netback ends" ends_clean netback
check "nothing left" nothing_left

# frontend_dies NAME: and comes back on the same backend.
frontend_dies() {
	start netfront --vif $vif --tap xf$vif
	check "$1: connect" both_reach $vif 4
	check "$1: meet" meet vif0.$vif xf$vif
	/usr/sbin/ip netns exec peer \
		ping -i 0.02 -s 4000 10.9.0.1 >/dev/null 2>&1 &
	pings=$!
	sleep 1
	kill -9 "$netfront"
	wait "$netfront" 2>/dev/null
	kill $pings 2>/dev/null
	[ "$1" != ours ] ||
		check "$1: the death is seen" \
			soon 2 grep "vif0.$vif: disconnected" /tmp/netback.err
	start netfront --vif $vif --tap xf$vif
	check "$1: again" soon 10 grep 'connected to domain' /tmp/netfront.err
	check "$1: states" both_reach $vif 4
	check "$1: meet again" meet vif0.$vif xf$vif
	check "$1: traffic" traffic ask 10.9.0.2 7
	check "$1: traffic from the frontend" in_peer traffic ask 10.9.0.1 7
	check "$1: netfront ends" ends_clean netfront
	check "$1: unplug" unplug $vif
}

modprobe -r xen-netfront
vif=2
start netback --strategy persistent --queues 1
plug $vif
frontend_dies ours
check "ours: netback ends" ends_clean netback
check "ours: nothing left" nothing_left

# The script is the one to say when the interface is ready.
vif=3
start netback --queues 1 --wait-script
plug $vif
start netfront --vif $vif --tap xf$vif
check "script: offered" soon 5 is "" key hotplug-status
check "script: netfront is ready" reaches front $vif 4
sleep 1
check "script: waited for" is 2 state back $vif
check "script: late" xenstore-write \
	"$(back_of $vif)/hotplug-status" connected
check "script: connected" both_reach $vif 4
check "script: netfront ends" ends_clean netfront
check "script: unplug" unplug $vif

vif=4
plug $vif
check "script: another" soon 5 is "" key hotplug-status
check "script: error" xenstore-write "$(back_of $vif)/hotplug-status" error
start netfront --vif $vif --tap xf$vif
check "script: error is said" soon 5 grep KEY_HOTPLUG /tmp/netback.err
check "script: error is no connection" is 2 state back $vif
check "script: mended" xenstore-write \
	"$(back_of $vif)/hotplug-status" connected
check "script: mended, connected" both_reach $vif 4
check "script: removed key" xenstore-rm "$(back_of $vif)/hotplug-status"
sleep 0.5
check "script: removed key changes nothing" both_reach $vif 4
check "script: netfront ends again" ends_clean netfront
check "script: unplug again" unplug $vif
check "script: netback ends" ends_clean netback
check "script: nothing left" nothing_left

vif=5
modprobe xen-netback
plug $vif
check "the kernel's: offered" reaches back $vif 2
xenstore-write "$(back_of $vif)/hotplug-status" connected
frontend_dies "the kernel's"
check "the kernel's: nothing left" nothing_left
