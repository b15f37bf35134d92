# Warnings for our own code only; never exported to those who link it.
option(NAIRI_MOCK_WERROR "Turn warnings into errors" OFF)

function(nairi_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                         $<$<BOOL:${NAIRI_MOCK_WERROR}>:-Werror>)
  # GCC 12 sees overlaps in std::string's own copies that cannot be (GCC bug 105651; mended in 13).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
endfunction()
