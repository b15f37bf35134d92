# Install rules, so that find_package(nairi_mock) gives nairi::client, nairi::mock and the rest.
get_property(fetched GLOBAL PROPERTY NAIRI_MOCK_FETCHED)
list(REMOVE_ITEM fetched GTest benchmark valijson)
if(fetched)
  # What links a static library needs its libraries too, and fetched ones are not installed.
  list(JOIN fetched ", " names)
  message(STATUS "nairi-mock: no install rules, because these came as source: ${names}")
  return()
endif()

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nairi_mock)

# The targets of each layer exist as soon as its folder has sources.
foreach(target nairi_client nairi_mock_core nairi_testing nairi_contracts
               nairi_dep_re2 nairi_dep_asio nairi_dep_httplib)
  if(TARGET ${target})
    install(TARGETS ${target} EXPORT nairi_mock_targets
            RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
            LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
            ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()
foreach(program nairi_mock_app nairi nairi_contract_app)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()
foreach(layer client server contracts)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${layer}/include)
    install(DIRECTORY ${layer}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
endforeach()
install(DIRECTORY fixtures/ DESTINATION ${CMAKE_INSTALL_DATADIR}/nairi-mock/fixtures)
install(DIRECTORY contracts/ DESTINATION ${CMAKE_INSTALL_DATADIR}/nairi-mock/contracts
        FILES_MATCHING PATTERN "*.json" PATTERN testing EXCLUDE PATTERN include EXCLUDE
        PATTERN harness EXCLUDE PATTERN cli EXCLUDE)

install(EXPORT nairi_mock_targets NAMESPACE nairi:: DESTINATION ${package_dir})
configure_package_config_file(cmake/nairi_mockConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/nairi_mockConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nairi_mockConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/nairi_mockConfig.cmake
              ${PROJECT_BINARY_DIR}/nairi_mockConfigVersion.cmake
        DESTINATION ${package_dir})
