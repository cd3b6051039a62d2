# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# The Xen platform, libxennet-xen.a and libxennet-xen.so, where Xen's libraries
# are. By itself, so that libxennet needs none of them.

find_package(PkgConfig)
if(PkgConfig_FOUND)
  pkg_check_modules(XEN QUIET xengnttab xencall xenevtchn xenstore)
endif()
if(NOT XEN_FOUND)
  return()
endif()

file(GLOB xen CONFIGURE_DEPENDS libxennet/platform/*.c
  libxennet/platform/xen/*.c)
add_library(xennet_xen_static STATIC ${xen})
add_library(xennet_xen SHARED ${xen})
target_link_libraries(xennet_xen_static PUBLIC xennet_static)
target_link_libraries(xennet_xen PUBLIC xennet)

foreach(target xennet_xen_static xennet_xen)
  target_include_directories(${target} PRIVATE ${XEN_INCLUDE_DIRS})
  target_link_directories(${target} PRIVATE ${XEN_LIBRARY_DIRS})
  target_link_libraries(${target} PRIVATE ${XEN_LIBRARIES})
endforeach()
set_target_properties(xennet_xen_static PROPERTIES OUTPUT_NAME xennet-xen)

set_target_properties(xennet_xen PROPERTIES
  OUTPUT_NAME xennet-xen
  VERSION ${PROJECT_VERSION}
  SOVERSION 0
  LINK_DEPENDS ${exports})
target_link_options(xennet_xen PRIVATE -Wl,--version-script=${exports})
