# nairi_library(<target> <name>): what makes a target one of the libraries that people link, as
# nairi::<name>. Install.cmake installs those that are in the global property NAIRI_MOCK_LIBRARIES.
function(nairi_library target name)
  add_library(nairi::${name} ALIAS ${target})
  # Versions tell shared libraries apart (-DBUILD_SHARED_LIBS=ON). Before 1.0 a minor version may
  # change anything, so that it is a part of what a program asks the loader for.
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name} OUTPUT_NAME nairi_${name}
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  nairi_warnings(${target})
  set_property(GLOBAL APPEND PROPERTY NAIRI_MOCK_LIBRARIES ${target})
endfunction()
