# Warnings for our own code only; never exported to those who link it.
option(NAIRI_MOCK_WERROR "Turn warnings into errors" OFF)

function(nairi_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                         $<$<BOOL:${NAIRI_MOCK_WERROR}>:-Werror>)
endfunction()
