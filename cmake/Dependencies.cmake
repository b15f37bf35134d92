# Third-party libraries: the system's packages first, else pinned sources (FetchSources.cmake).
# Either way the rest of the build sees the same targets: nlohmann_json::nlohmann_json,
# tl::expected, CLI11::CLI11, ZLIB::ZLIB and the nairi_dep_* below.
set(NAIRI_MOCK_FETCH AUTO CACHE STRING
    "Fetch the sources of libraries: AUTO (of those that are missing), ALWAYS or NEVER")
set_property(CACHE NAIRI_MOCK_FETCH PROPERTY STRINGS AUTO ALWAYS NEVER)
set(NAIRI_MOCK_HTTPLIB_DIR "" CACHE PATH
    "Folder of another httplib.h to build against; empty: the system's or the fetched one")

# Fetches `name` unless `found`; `debian_package` is what to install instead.
function(nairi_fetch_unless found name debian_package)
  if(found)
    return()
  endif()
  if(NAIRI_MOCK_FETCH STREQUAL "NEVER")
    message(FATAL_ERROR "${name} was not found: install it (Debian: apt install ${debian_package}) "
                        "or let CMake fetch its source with -DNAIRI_MOCK_FETCH=AUTO")
  endif()
  include(${PROJECT_SOURCE_DIR}/cmake/FetchSources.cmake)
  cmake_language(CALL nairi_fetch_${name})
  set_property(GLOBAL APPEND PROPERTY NAIRI_MOCK_FETCHED ${name})
endfunction()

# A library that comes with a CMake package; ARGN goes to find_package.
function(nairi_find name debian_package)
  if(NOT NAIRI_MOCK_FETCH STREQUAL "ALWAYS")
    find_package(${name} ${ARGN} QUIET GLOBAL)
  endif()
  nairi_fetch_unless("${${name}_FOUND}" ${name} ${debian_package})
endfunction()

# A library that comes with a pkg-config file; gives PkgConfig::NAIRI_<NAME>. Sets <name>_FOUND.
function(nairi_find_pkgconfig name module)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND AND NOT NAIRI_MOCK_FETCH STREQUAL "ALWAYS")
    string(TOUPPER NAIRI_${name} prefix)
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${module})
    set(${name}_FOUND ${${prefix}_FOUND} PARENT_SCOPE)
  endif()
endfunction()

find_package(Threads REQUIRED)
find_package(OpenSSL QUIET)
if(NOT OPENSSL_FOUND)
  message(FATAL_ERROR "OpenSSL was not found: install its headers (Debian: apt install libssl-dev)")
endif()
nairi_find(nlohmann_json nlohmann-json3-dev 3.11)
nairi_find(tl-expected libexpected-dev)
nairi_find(CLI11 libcli11-dev)
nairi_find(ZLIB zlib1g-dev)

add_library(nairi_dep_re2 INTERFACE)
nairi_find_pkgconfig(re2 re2)
nairi_fetch_unless("${re2_FOUND}" re2 libre2-dev)
if(re2_FOUND)
  target_link_libraries(nairi_dep_re2 INTERFACE PkgConfig::NAIRI_RE2)
else()
  target_link_libraries(nairi_dep_re2 INTERFACE re2::re2)
endif()

add_library(nairi_dep_asio INTERFACE)
if(NOT NAIRI_MOCK_FETCH STREQUAL "ALWAYS")
  find_path(NAIRI_ASIO_INCLUDE_DIR asio.hpp)
  mark_as_advanced(NAIRI_ASIO_INCLUDE_DIR)
endif()
nairi_fetch_unless("${NAIRI_ASIO_INCLUDE_DIR}" asio libasio-dev)
if(NAIRI_ASIO_INCLUDE_DIR)
  target_include_directories(nairi_dep_asio SYSTEM INTERFACE
                             $<BUILD_INTERFACE:${NAIRI_ASIO_INCLUDE_DIR}>)
else()
  target_link_libraries(nairi_dep_asio INTERFACE $<BUILD_INTERFACE:nairi::fetched_asio>)
endif()
target_compile_definitions(nairi_dep_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
target_link_libraries(nairi_dep_asio INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)

# Debian splits cpp-httplib into header and library: its pkg-config flags (TLS, zlib and brotli
# macros) change struct layouts and must be the ones that the library was compiled with.
add_library(nairi_dep_httplib INTERFACE)
if(NAIRI_MOCK_HTTPLIB_DIR)
  if(NOT EXISTS ${NAIRI_MOCK_HTTPLIB_DIR}/httplib.h)
    message(FATAL_ERROR "NAIRI_MOCK_HTTPLIB_DIR: no httplib.h in ${NAIRI_MOCK_HTTPLIB_DIR}")
  endif()
  target_include_directories(nairi_dep_httplib SYSTEM INTERFACE
                             $<BUILD_INTERFACE:${NAIRI_MOCK_HTTPLIB_DIR}>)
  target_compile_definitions(nairi_dep_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
else()
  nairi_find_pkgconfig(httplib cpp-httplib)
  nairi_fetch_unless("${httplib_FOUND}" httplib libcpp-httplib-dev)
  if(httplib_FOUND)
    target_link_libraries(nairi_dep_httplib INTERFACE PkgConfig::NAIRI_HTTPLIB)
  else()
    target_link_libraries(nairi_dep_httplib INTERFACE $<BUILD_INTERFACE:nairi::fetched_httplib>)
  endif()
endif()
target_link_libraries(nairi_dep_httplib INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)

if(NAIRI_MOCK_TESTS)
  nairi_find(GTest libgmock-dev)
  nairi_find(benchmark libbenchmark-dev)
  nairi_find(valijson libvalijson-dev)
  add_library(nairi_dep_valijson INTERFACE)
  target_link_libraries(nairi_dep_valijson INTERFACE valijson)
endif()
