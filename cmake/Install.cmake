# Install rules: the programs always (as a component, so that they can be had alone); the libraries,
# for find_package(nairi_mock) and pkg-config, where what they are linked with is installed too.
include(CMakePackageConfigHelpers)
get_property(libraries GLOBAL PROPERTY NAIRI_MOCK_LIBRARIES)
set(programs nairi_mock_app nairi nairi_contract_app)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nairi_mock)

install(TARGETS ${programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
install(DIRECTORY fixtures/ DESTINATION ${CMAKE_INSTALL_DATADIR}/nairi-mock/fixtures
        COMPONENT programs)
install(DIRECTORY contracts/ DESTINATION ${CMAKE_INSTALL_DATADIR}/nairi-mock/contracts
        COMPONENT programs
        FILES_MATCHING PATTERN "*.json" PATTERN testing EXCLUDE PATTERN include EXCLUDE
        PATTERN harness EXCLUDE PATTERN cli EXCLUDE)

# Ours include tl-expected's header. A shared library has swallowed what else came as source; who links
# a static one needs its libraries too. Of the others only headers are used, and none of them shows.
get_property(fetched GLOBAL PROPERTY NAIRI_MOCK_FETCHED)
set(absent "")
foreach(name tl-expected re2 ZLIB)
  if(name IN_LIST fetched AND (NOT BUILD_SHARED_LIBS OR name STREQUAL "tl-expected"))
    list(APPEND absent ${name})
  endif()
endforeach()

if(BUILD_SHARED_LIBS)
  # Programs find them from wherever the prefix is moved to.
  file(RELATIVE_PATH to_libraries ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(${programs} PROPERTIES INSTALL_RPATH $ORIGIN/${to_libraries})
  set_target_properties(${libraries} PROPERTIES INSTALL_RPATH $ORIGIN)
endif()
if(absent)
  if(BUILD_SHARED_LIBS)  # which programs are not without
    install(TARGETS ${libraries} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} NAMELINK_SKIP)
  endif()
  list(JOIN absent ", " names)
  set(why "nairi-mock: no libraries to link against are installed, only programs, because these came "
          "as source: ${names}. Install them as packages and configure anew to have all.")
  list(JOIN why "" why)
  message(STATUS ${why})
  install(CODE "message(STATUS \"${why}\")")
  return()
endif()

set(exported ${libraries})
if(NOT BUILD_SHARED_LIBS)
  list(APPEND exported nairi_dep_re2 nairi_dep_httplib)
endif()
install(TARGETS ${exported} EXPORT nairi_mock_targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(layer client server contracts)
  install(DIRECTORY ${layer}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()

set(httplib_module "")
if(TARGET PkgConfig::NAIRI_HTTPLIB)
  set(httplib_module cpp-httplib)
endif()
install(EXPORT nairi_mock_targets NAMESPACE nairi:: DESTINATION ${package_dir})
configure_package_config_file(cmake/nairi_mockConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/nairi_mockConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nairi_mockConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/nairi_mockConfig.cmake
              ${PROJECT_BINARY_DIR}/nairi_mockConfigVersion.cmake
        DESTINATION ${package_dir})

# For pkg-config: <name>.pc, which can be moved with its prefix. NEEDS are modules that are linked
# whenever ours are static.
function(nairi_pkgconfig name description)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "REQUIRES;LIBRARIES;NEEDS")
  set(prefix ${CMAKE_INSTALL_PREFIX})
  if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
    file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig/.. /prefix)
    set(prefix "\${pcfiledir}/../${up}")
  endif()
  set(libdir "\${prefix}")
  set(includedir "\${prefix}")
  cmake_path(APPEND libdir ${CMAKE_INSTALL_LIBDIR})
  cmake_path(APPEND includedir ${CMAKE_INSTALL_INCLUDEDIR})
  if(BUILD_SHARED_LIBS)
    list(JOIN arg_NEEDS " " requires_private)
  else()
    list(APPEND arg_REQUIRES ${arg_NEEDS})
  endif()
  list(JOIN arg_REQUIRES " " requires)
  list(TRANSFORM arg_LIBRARIES PREPEND -l)
  list(JOIN arg_LIBRARIES " " flags)
  configure_file(cmake/nairi_mock.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

nairi_pkgconfig(nairi_testing "The fake of Nairi's Conversations API in process, and a client of it"
                LIBRARIES nairi_testing nairi_engine nairi_client_core NEEDS re2)
nairi_pkgconfig(nairi_mock ${PROJECT_DESCRIPTION}
                REQUIRES nairi_testing LIBRARIES nairi_contracts nairi_mock nairi_client
                NEEDS openssl zlib ${httplib_module})
