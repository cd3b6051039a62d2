# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# The core, which needs no operating system, and the local platform, in one
# library: libxennet.a and libxennet.so.

file(GLOB core CONFIGURE_DEPENDS libxennet/*.c)
file(GLOB local CONFIGURE_DEPENDS libxennet/platform/*.c
  libxennet/platform/local/*.c)

# By itself, so that tests/freestanding.sh can see what the core asks for.
add_library(xennet_core OBJECT ${core})
add_library(xennet_static STATIC $<TARGET_OBJECTS:xennet_core> ${local})
add_library(xennet SHARED ${core} ${local})

foreach(target xennet_core xennet_static xennet)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    PRIVATE libxennet)
endforeach()

foreach(target xennet_static xennet)
  target_link_libraries(${target} PUBLIC Threads::Threads)
  target_compile_definitions(${target} PRIVATE _FILE_OFFSET_BITS=64)
endforeach()
set_target_properties(xennet_static PROPERTIES OUTPUT_NAME xennet)

set(exports ${PROJECT_SOURCE_DIR}/cmake/xennet.map)
set_target_properties(xennet PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION 0
  LINK_DEPENDS ${exports})
target_compile_options(xennet PRIVATE -fno-semantic-interposition)
target_link_options(xennet PRIVATE -Wl,--version-script=${exports})
