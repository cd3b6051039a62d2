# SPDX-License-Identifier: MIT OR GPL-2.0-only
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/xennet)

install(TARGETS xennet xennet_static EXPORT xennet
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET xennet_xen)
  install(TARGETS xennet_xen xennet_xen_static EXPORT xennet
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
install(EXPORT xennet NAMESPACE xennet:: FILE xennet-targets.cmake
  DESTINATION ${package})
install(DIRECTORY include/xennet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# For a unikernel, which compiles it: libxennet/platform/minios/xennet.mk.
set(source ${CMAKE_INSTALL_DATADIR}/xennet)
install(DIRECTORY include/xennet DESTINATION ${source}/include)
install(DIRECTORY libxennet/ DESTINATION ${source}/libxennet
  FILES_MATCHING PATTERN "*.[ch]"
  PATTERN platform EXCLUDE)
install(DIRECTORY libxennet/platform/minios
  DESTINATION ${source}/libxennet/platform)

foreach(program xennet-bench netfront netback)
  if(TARGET ${program})
    install(TARGETS ${program})
  endif()
endforeach()

# The unit names the program, wherever that is installed.
if(XENNET_PROGRAMS AND TARGET xennet_xen)
  install(CODE "
    set(bindir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    configure_file(${PROJECT_SOURCE_DIR}/examples/netback.service.in
      ${PROJECT_BINARY_DIR}/netback.service @ONLY)")
  install(FILES ${PROJECT_BINARY_DIR}/netback.service
    DESTINATION lib/systemd/system)
endif()

configure_package_config_file(cmake/xennet-config.cmake.in
  ${PROJECT_BINARY_DIR}/xennet-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/xennet-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/xennet-config.cmake
  ${PROJECT_BINARY_DIR}/xennet-config-version.cmake
  DESTINATION ${package})

# Relative, so that the installed tree can be moved.
file(RELATIVE_PATH PC_INCLUDEDIR
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/libxennet.pc.in libxennet.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/libxennet.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(TARGET xennet_xen)
  configure_file(cmake/libxennet-xen.pc.in libxennet-xen.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/libxennet-xen.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
