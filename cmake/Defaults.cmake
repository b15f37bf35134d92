# What only the top-level project may decide: build type, compiler cache, static programs, hardening.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()

# How many sources the compiler reads as one where CMAKE_UNITY_BUILD is on. Most of its work is the same
# for one source as for fifty, so that few big units want a third of the processor time of many small
# ones; but each core is to have some.
if(NOT DEFINED CMAKE_UNITY_BUILD_BATCH_SIZE)
  cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
  math(EXPR batch "128 / ${cores}")
  if(batch LESS 8)
    set(batch 8)
  endif()
  set(CMAKE_UNITY_BUILD_BATCH_SIZE ${batch})
endif()

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# Programs that need nothing but a kernel. pkg-config names no suffix, so that it finds .a too.
option(NAIRI_MOCK_STATIC "Link the programs with static libraries alone" OFF)
if(NAIRI_MOCK_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  # libgcc_s.so.1 is on every system that has glibc; in a library it would want a newer glibc.
  add_link_options(-Wl,--gc-sections
    $<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>,-static-pie,-static-libstdc++>)
endif()

# What is given to people ends at the first overrun of a buffer, and has no table that can be
# overwritten. (The sanitizers of the debug builds find more, and don't go together with these.)
option(NAIRI_MOCK_HARDEN "Harden the optimized builds" ON)
if(NAIRI_MOCK_HARDEN AND CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$")
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  if(NOT NAIRI_MOCK_STATIC)  # whose -static-pie its -pie would undo
    include(CheckPIESupported)
    check_pie_supported()
  endif()
  # Some compilers come with a level of their own.
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS
                      -fstack-protector-strong)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    add_compile_options(-fstack-clash-protection)
    add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
  endif()
  # Nobody puts functions of the same names in place of ours: the compiler may rely on them.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fno-semantic-interposition>)
  # What comes back from a function may only come back to where it was called from.
  include(CheckCXXCompilerFlag)
  foreach(flag -fcf-protection -mbranch-protection=standard)
    string(MAKE_C_IDENTIFIER "NAIRI_MOCK_HAS${flag}" known)
    check_cxx_compiler_flag(${flag} ${known})
    if(${known})
      add_compile_options(${flag})
    endif()
  endforeach()
endif()
