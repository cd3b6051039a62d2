# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Mini-OS guests: source it after lib.sh and guests.sh. Guest N is mN, and has
# the image of examples/minios, or another that $image names.

# unikernel N VIF ROLE ARGUMENT...: VIF is more of its interface; none: has none
unikernel() {
	local n=$1 role=$3 vif="mac=00:16:3e:00:02:0$1,script=vif-none$2"
	[ "$2" != none ] || vif=
	shift 3
	cat >"/tmp/m$n.cfg" <<-end
		name = "m$n"
		type = "pv"
		kernel = "/guest/${image:-MINIOS}"
		memory = 32
		vcpus = 1
		vif = [ ${vif:+"\"$vif\""} ]
		on_poweroff = "destroy"
		on_crash = "destroy"
		extra = "role=$role $*"
	end
	rm -f "$(console "$n")"
	xl create "/tmp/m$n.cfg"
}

console() { echo "/var/log/xen/guest-m$1.log"; }
said() { tr -d '\r' <"$(console "$1")" | grep -E "$2"; }

# For a kernel's vif, what the script would do.
plug_kernel() {
	local id
	id=$(xl domid "m$1")
	soon 20 ip link show "vif$id.0" || return 1
	ip link set "vif$id.0" master br0 up
	xenstore-write "/local/domain/0/backend/vif/$id/0/hotplug-status" connected
}

# a_guest BACK N VIF ROLE ARGUMENT...: on the kernel's backend or another
a_guest() {
	local back=$1
	shift
	if [ "$back" = kernel ]; then
		unikernel "$@" &
		soon 20 xl domid "m$1" && plug_kernel "$1" && wait $!
	else
		unikernel "$@"
	fi
}
