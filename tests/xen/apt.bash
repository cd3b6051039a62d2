# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Debian's packages, with a package list of its own. Nothing is installed, and
# no root is needed. Source it after machine.bash.
state=$out/apt
apt=(-qq -o Dir::State="$state" -o Dir::State::status=/dev/null
	-o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)")

# packages_known: what there is; a download tells if it could not be learnt.
packages_known() {
	rm -rf "$state"
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	apt-get "${apt[@]}" update 2>"$out/apt.log" || true
}

# packages_into DIR PACKAGE...: each unpacked in DIR/PACKAGE; their versions in
# DIR/versions.
packages_into() {
	local dir=$1 deb
	shift
	rm -rf "$dir"
	mkdir -p "$dir"
	(
		cd "$dir"
		apt-get "${apt[@]}" download "$@"
		for deb in *.deb; do
			dpkg -x "$deb" "${deb%%_*}"
		done
		printf '%s\n' *.deb >versions
		rm -rf ./*.deb "$state"
	)
}
