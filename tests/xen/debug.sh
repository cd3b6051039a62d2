#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Makes a Linux that looks for mistakes, of Debian's source and debug.config, in
# build/xen/debug/linux, laid out as Debian's package is.
. "$(dirname "$0")/machine.bash"
series=6.1
config=$tests/debug.config
tree=$out/tree
part=$out/linux.part

key=$(sum "$0" "$config" "$tests/kasan-pv.c" <(gcc --version))
! stands "$linux" "$key" || exit 0

# KASAN in a PV domain: see kasan-pv.c. With calls, not inline. Lockdep, which
# says one thing and then no more, not to speak of gntdev's own order of locks:
# xenstored takes them at the first guest.
teach_linux() {
	sed -i 's/^\tmutex_init(&priv->lock);/&\n\tlockdep_set_novalidate_class(\&priv->lock);/' \
		drivers/xen/gntdev.c
	sed -i '/select HAVE_ARCH_KASAN\t/a\	select ARCH_DISABLE_KASAN_INLINE' \
		arch/x86/Kconfig
	sed -i '/^config FAULT_INJECTION_STACKTRACE_FILTER/,/help/{/!X86_64/d}' \
		lib/Kconfig.debug # there are frame pointers
	sed -i '$d' arch/x86/include/asm/kasan.h # its #endif
	cat >>arch/x86/include/asm/kasan.h <<-'END'
		#ifndef __ASSEMBLY__
		extern unsigned long kasan_linear;
		#define kasan_arch_is_ready() (READ_ONCE(kasan_linear) != 0)
		#define kasan_arch_covers(p) ({					\
			unsigned long at_ = (unsigned long)(p);			\
			kasan_arch_is_ready() &&				\
				(at_ - PAGE_OFFSET < kasan_linear ||		\
				 (at_ >= VMALLOC_START && at_ <= VMALLOC_END) ||	\
				 (at_ >= __START_KERNEL_map && at_ < MODULES_END)); \
		})
		#endif
		#endif
	END
	sed -i 's/kasan_arch_is_ready()/kasan_arch_covers(addr)/' mm/kasan/generic.c
	sed -i '/^void kasan_poison/,/^}/s/kasan_arch_is_ready()/kasan_arch_covers(addr)/' \
		mm/kasan/shadow.c
}

# What the fragment asks for, and cannot have as the rest is.
missing() {
	grep '^CONFIG' "$config" | grep -vxFf .config || true
}

unpack() {
	local of=linux-source-$series
	say "fetching the source of Linux $series"
	. "$tests/apt.bash"
	packages_known
	packages_into "$out/source" $of
	rm -rf "$tree"
	mkdir "$tree"
	tar -C "$tree" --strip-components 1 \
		-xf "$out/source/$of/usr/src/$of.tar.xz"
	rm -rf "$out/source"
	(cd "$tree" && teach_linux)
}

how=$(declare -f teach_linux | sha256sum)
if ! stands "$tree" "$how"; then
	unpack
	echo "$how" >"$tree.key"
fi

say "making the debugging Linux"
rm -rf "$part" "$linux" "$linux.key"
mkdir "$part"
cd "$tree"
cmp -s "$tests/kasan-pv.c" arch/x86/mm/kasan_init_64.c ||
	cp "$tests/kasan-pv.c" arch/x86/mm/kasan_init_64.c
make -s KCONFIG_ALLCONFIG="$config" allnoconfig
[ -z "$(missing)" ] || die "debug.config has in vain: $(missing)"
make -s -j "$(nproc)" vmlinux modules
make -s INSTALL_MOD_PATH="$part" modules_install
mkdir "$part/boot"
strip -s -o "$part/boot/vmlinux" vmlinux
mv "$part" "$linux"
echo "$key" >"$linux.key"
