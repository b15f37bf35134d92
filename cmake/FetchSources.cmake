# Pinned sources of the libraries that a system may lack: the versions of Debian 12 where they can be
# had, by full commit, so that the content is what was tested. Only Dependencies.cmake includes this.
include(FetchContent)

# Downloads without building; leaves the folder in nairi_source_dir.
macro(nairi_download name repository commit)
  message(NOTICE "nairi-mock: fetching the source of ${name}")
  FetchContent_Declare(nairi_${name} GIT_REPOSITORY https://github.com/${repository}.git
                       GIT_TAG ${commit} GIT_SUBMODULES "" SOURCE_SUBDIR never-a-subproject)
  FetchContent_MakeAvailable(nairi_${name})
  FetchContent_GetProperties(nairi_${name} SOURCE_DIR nairi_source_dir)
endmacro()

# A library of headers alone, as `target`.
macro(nairi_download_headers name repository commit target include_dir)
  nairi_download(${name} ${repository} ${commit})
  add_library(nairi_headers_${name} INTERFACE)
  target_include_directories(nairi_headers_${name} SYSTEM INTERFACE ${nairi_source_dir}/${include_dir})
  add_library(${target} ALIAS nairi_headers_${name})
endmacro()

# A library that has its own CMake build.
macro(nairi_download_project name repository commit)
  nairi_download(${name} ${repository} ${commit})
  # Old projects decide by policy version whether a variable overrides their option().
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
  # Compiled into ours, also where those are shared.
  set(BUILD_SHARED_LIBS OFF)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_subdirectory(${nairi_source_dir} ${CMAKE_BINARY_DIR}/_deps/nairi_${name}-build
                   EXCLUDE_FROM_ALL SYSTEM)
endmacro()

function(nairi_fetch_nlohmann_json)  # 3.11.2
  nairi_download_headers(nlohmann_json nlohmann/json bc889afb4c5bf1c0d8ee29ef35eaaf4c8bef8a5d
                         nlohmann_json::nlohmann_json include)
endfunction()

function(nairi_fetch_tl-expected)  # 1.1.0
  nairi_download_headers(tl-expected TartanLlama/expected 292eff8bd8ee230a7df1d6a1c00c4ea0eb2f0362
                         tl::expected include)
endfunction()

function(nairi_fetch_CLI11)  # 2.1.2
  nairi_download_headers(CLI11 CLIUtils/CLI11 70f8072f9dd2292fd0b9f9e5f58e279f60483ed3
                         CLI11::CLI11 include)
endfunction()

function(nairi_fetch_asio)  # 1.22.1
  nairi_download_headers(asio chriskohlhoff/asio bba12d10501418fd3789ce01c9f86a77d37df7ed
                         nairi::fetched_asio asio/include)
endfunction()

function(nairi_fetch_httplib)  # 0.11.4
  nairi_download_headers(httplib yhirose/cpp-httplib 7992b148969fbf8093230b37a6a36c2f61135937
                         nairi::fetched_httplib .)
  target_compile_definitions(nairi_headers_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
endfunction()

function(nairi_fetch_valijson)  # 1.0
  nairi_download_headers(valijson tristanpenman/valijson 78ac8a737df56b5334354efe104ea8f99e2a2f00
                         valijson include)
endfunction()

function(nairi_fetch_re2)  # 2023-03-01: the last ones before RE2 needed Abseil
  set(RE2_BUILD_TESTING OFF)
  nairi_download_project(re2 google/re2 3a8436ac436124a57a4e22d5c8713a2d42b381d7)
endfunction()

function(nairi_fetch_ZLIB)  # 1.3.1, as CMake 4 refuses the build of Debian's 1.2.13
  nairi_download_project(ZLIB madler/zlib 51b7f2abdade71cd9bb0e7a373ef2610ec6f9daf)
  target_include_directories(zlibstatic SYSTEM INTERFACE
                             ${nairi_source_dir} ${CMAKE_BINARY_DIR}/_deps/nairi_ZLIB-build)
  add_library(ZLIB::ZLIB ALIAS zlibstatic)
endfunction()

function(nairi_fetch_GTest)  # 1.12.1
  set(INSTALL_GTEST OFF)
  nairi_download_project(GTest google/googletest 58d77fa8070e8cec2dc1ed015d66b454c8d78850)
endfunction()

function(nairi_fetch_benchmark)  # 1.7.1
  set(BENCHMARK_ENABLE_TESTING OFF)
  set(BENCHMARK_ENABLE_WERROR OFF)
  set(BENCHMARK_ENABLE_INSTALL OFF)
  nairi_download_project(benchmark google/benchmark d572f4777349d43653b21d6c2fc63020ab326db2)
endfunction()
