# SPDX-License-Identifier: MIT OR GPL-2.0-only
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER i686-linux-gnu-gcc)
set(CMAKE_C_FLAGS_INIT -Wno-psabi) # no note on what GCC 11 changed
# its own libc, or ld.so takes a 32-bit one of the host's, and threads hang
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-i386 -L /usr/i686-linux-gnu
  -E LD_LIBRARY_PATH=/usr/i686-linux-gnu/lib)

# CMocka, from ./dev test
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot/i386)
set(ENV{PKG_CONFIG_LIBDIR}
  $ENV{PKG_CONFIG_SYSROOT_DIR}/usr/lib/i386-linux-gnu/pkgconfig)
