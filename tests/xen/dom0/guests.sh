# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Guests, and a bridge that has them: source it after lib.sh. Guest N is gN,
# 10.9.0.N, and does what is told it with in_guest.

# bridge: br0, 10.9.0.1, with the answers to traffic.
bridge() {
	modprobe tun && modprobe bridge || return 1
	ip link add br0 type bridge
	ip addr add 10.9.0.1/24 dev br0
	ip addr add fd09::1/64 dev br0 nodad
	ip link set br0 up
	traffic serve 7 &
}

# create N TYPE [WORD...]: pv or pvh, with as many vcpus as queues; WORDs are for
# its kernel or its init.
create() {
	local n=$1 type=$2
	shift 2
	cat >"/tmp/g$n.cfg" <<-end
		name = "g$n"
		type = "$type"
		kernel = "/guest/kernel"
		ramdisk = "/guest/initrd"
		memory = $((slow > 1 ? 400 : 200))
		vcpus = 2
		vif = [ "mac=00:16:3e:00:01:0$n,script=vif-none" ]
		on_reboot = "restart"
		extra = "console=hvc0 quiet loglevel=$((slow > 1 ? 5 : 4)) mitigations=off nokaslr host=$n $* do=nc+-ll+-p+9+-e+sh&traffic+serve+7"
	end
	xl create "/tmp/g$n.cfg"
}

# in_guest N COMMAND...: its status.
in_guest() {
	local n=$1 said
	shift
	said=$(printf '{ %s\n} 2>&1; echo status $?\n' "$*" |
		timeout $((60 * slow)) nc -w 5 "10.9.0.$n" 9)
	echo "$said" | sed '$d'
	echo "$said" | tail -n 1
	echo "$said" | grep -q '^status 0$'
}

answers() { soon 240 ping -c 1 -W 1 "10.9.0.$1" && soon 10 in_guest "$1" true; }

# asked STATE XL-ARG...: and the backend got there before libxl lost patience.
asked() {
	local state=$1
	shift
	xl -vvv "$@" >/tmp/xl.log 2>&1 &&
		! grep 'timed out' /tmp/xl.log &&
		grep "backend/vif/.* wanted state $state ok" /tmp/xl.log
}

vif_of() { echo "vif$1.0"; }

# gone DOMID: its vif, from the store and the interfaces.
gone() {
	! xenstore-exists "/local/domain/0/backend/vif/$1/0" 2>/dev/null &&
		! ip link show "$(vif_of "$1")" 2>/dev/null
}

# destroy_under_load N: while it sends and is sent to.
destroy_under_load() {
	local was load
	was=$(xl domid "g$1")
	in_guest "$1" traffic ask 10.9.0.1 7 1000000 >/dev/null 2>&1 &
	load=$!
	ping -i 0.01 -s 8000 "10.9.0.$1" >/tmp/ping.out 2>&1 &
	load="$load $!"
	sleep 2
	check "the load moves" grep -q "bytes from" /tmp/ping.out
	check "destroy under load is answered" asked 6 destroy "g$1"
	check "destroyed" soon 5 gone "$was"
	kill $load
}

# exercise_guest NAME N
exercise_guest() {
	check "$1: ping" ping -c 20 -i 0.05 -s 4000 -W $((2 * slow)) "10.9.0.$2"
	check "$1: traffic" traffic ask "10.9.0.$2" 7 1024
	check "$1: traffic from the guest" \
		in_guest "$2" traffic ask 10.9.0.1 7 1024
}

# detach_and_attach N: its vif, while it runs.
detach_and_attach() {
	check "detach is answered" asked 6 network-detach "g$1" 0
	check "detached" soon 5 gone "$(xl domid "g$1")"
	check "attach is answered" asked 2 network-attach "g$1" \
		"mac=00:16:3e:00:01:0$1" script=vif-none
	check "attached" answers "$1"
	exercise_guest "attached" "$1"
}
