# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# xen/scenarios/NAME.sh is xen.NAME: on real Xen, in QEMU, from a snapshot that
# xen.machine.MACHINE leaves; see xen/README.md. One that measures is no test,
# nor one for a kernel that is made for it.
pkg_check_modules(XENCTRL REQUIRED IMPORTED_TARGET xencontrol)
foreach(tool traffic load cputime badring xdp)
  add_executable(${tool} xen/tools/${tool}.c)
  set_target_properties(${tool} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endforeach()
# what guests run has to bring everything
target_link_options(traffic PRIVATE -static)
target_link_options(load PRIVATE -static)
target_link_options(xdp PRIVATE -static)
target_link_libraries(cputime PRIVATE PkgConfig::XENCTRL)
target_link_libraries(badring PRIVATE xennet_xen)
# its header is written for GNU C
set_target_properties(cputime PROPERTIES C_EXTENSIONS ON)

file(GLOB scenarios CONFIGURE_DEPENDS xen/scenarios/*.sh)
set(machines)
foreach(scenario ${scenarios})
  cmake_path(GET scenario STEM name)
  file(STRINGS ${scenario} none REGEX "^# (what: measures|kernel:) ")
  if(none)
    continue()
  endif()
  file(STRINGS ${scenario} machine REGEX "^# machine: ")
  file(STRINGS ${scenario} seconds REGEX "^# seconds: ")
  string(REPLACE "# machine: " "" machine ${machine})
  string(REPLACE "# seconds: " "" seconds ${seconds})
  add_test(NAME xen.${name}
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/xen/run.sh ${name})
  # its own limit is the better one: it says what there was
  math(EXPR seconds "${seconds} + 60")
  set_tests_properties(xen.${name} PROPERTIES LABELS xen
    ENVIRONMENT XENNET_BIN=${PROJECT_BINARY_DIR} TIMEOUT ${seconds} SKIP_RETURN_CODE 77
    FIXTURES_REQUIRED xen.${machine})
  if(NOT machine STREQUAL "small") # which is busy on one processor
    set_tests_properties(xen.${name} PROPERTIES RUN_SERIAL ON)
  endif()
  list(APPEND machines ${machine})
endforeach()

list(REMOVE_DUPLICATES machines)
foreach(machine ${machines})
  add_test(NAME xen.machine.${machine}
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/xen/snapshot.sh ${machine})
  set_tests_properties(xen.machine.${machine} PROPERTIES LABELS xen
    RUN_SERIAL ON TIMEOUT 600 FIXTURES_SETUP xen.${machine})
endforeach()
