# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Tests of what is built and installed, not of what it does.
enable_language(CXX)

# 64 KiB of code, as it is released for x86-64.
set(text_limit 0)
if(CMAKE_BUILD_TYPE STREQUAL Release AND
    CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  set(text_limit 65536)
endif()
find_program(XENNET_SIZE size)
add_test(NAME freestanding COMMAND bash
  ${CMAKE_CURRENT_LIST_DIR}/freestanding.sh ${CMAKE_NM} ${CMAKE_LINKER}
  ${XENNET_SIZE} ${text_limit}
  $<TARGET_OBJECTS:xennet_core> COMMAND_EXPAND_LISTS)
set(once freestanding)

foreach(compiler gcc g++ clang clang++)
  find_program(XENNET_${compiler} ${compiler})
  if(XENNET_${compiler})
    add_test(NAME headers.${compiler} COMMAND bash
      ${CMAKE_CURRENT_LIST_DIR}/headers/alone.sh ${XENNET_${compiler}}
      ${PROJECT_SOURCE_DIR}/include)
    list(APPEND once headers.${compiler})
  endif()
endforeach()

set(ways pkgconfig package bare)
find_program(XENNET_MAKE make)
if(XEN_FOUND AND XENNET_MAKE AND CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  list(APPEND ways minios)
endif()
foreach(way ${ways})
  add_test(NAME install.${way} COMMAND bash
    ${CMAKE_CURRENT_LIST_DIR}/install/${way}.sh ${PROJECT_BINARY_DIR}
    ${CMAKE_C_COMPILER} ${CMAKE_CXX_COMPILER})
  list(APPEND once install.${way})
endforeach()

add_test(NAME readme COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/readme.sh)
list(APPEND once readme)

set_tests_properties(${once} PROPERTIES LABELS once TIMEOUT 120)
