# nairi_embed_files(OUTPUT <file.cc> FOLDER <folder> HEADER <file.h> FUNCTION <name> FILES <path>...
#                   [PAGE])
# writes, at build time, a source file that defines the header's `std::optional<std::string_view>
# name(std::string_view path)` for those files of the folder. An edit of a file rebuilds it. The same
# script, run with -P, does the writing. With PAGE they are those of a page in a browser, which needs
# neither comments nor indentation, and "<path>.sha256" has the 32 bytes of what is left of each.

function(nairi_embed_files)
  cmake_parse_arguments(PARSE_ARGV 0 arg "PAGE" "OUTPUT;FOLDER;HEADER;FUNCTION" "FILES")
  list(TRANSFORM arg_FILES PREPEND ${arg_FOLDER}/ OUTPUT_VARIABLE inputs)
  string(REPLACE ";" "," files "${arg_FILES}")
  add_custom_command(
    OUTPUT ${arg_OUTPUT}
    COMMAND ${CMAKE_COMMAND} -D output=${arg_OUTPUT} -D folder=${arg_FOLDER} -D files=${files}
            -D header=${arg_HEADER} -D function=${arg_FUNCTION} -D page=${arg_PAGE}
            -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    DEPENDS ${inputs} ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    COMMENT "Embedding ${arg_FUNCTION}"
    VERBATIM)
  # What is written has the same names for each function.
  set_source_files_properties(${arg_OUTPUT} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# The bytes that `hex` tells as "0x7b, 0x0a, ", with a line break after each line of a text.
function(_nairi_bytes hex result)
  string(REGEX REPLACE "(..)" "0x\\1, " bytes "${hex}")
  string(REPLACE "0x0a, " "0x0a,\n" bytes "${bytes}")
  set(${result} "${bytes}" PARENT_SCOPE)
endfunction()

# What a browser needs of a file. Comments stand on lines of their own, behind two blanks, or are types
# between others; no string ends a line, or holds an operator between blanks or ", (".
function(_nairi_bare path result)
  file(READ ${path} text)
  set(text "\n${text}")
  if(path MATCHES "\\.js$")
    string(REGEX REPLACE "/\\*\\*[^*\n]*\\*/ ?" "" text "${text}")
    string(REGEX REPLACE "\n[ ]*(//|/?\\*)[^\n]*" "" text "${text}")
    string(REGEX REPLACE "  //[^\n]*" "" text "${text}")
  elseif(path MATCHES "\\.css$")
    string(REGEX REPLACE "([{};:,]) +" "\\1" text "${text}")
    string(REPLACE " {" "{" text "${text}")
    string(REGEX REPLACE "([{};,])\n[ ]*" "\\1" text "${text}")
  endif()
  string(REGEX REPLACE "\n[ \n]+" "\n" text "${text}")
  if(path MATCHES "\\.js$")
    string(REGEX REPLACE "([;{},(=?:&|+])\n" "\\1" text "${text}")
    string(REGEX REPLACE "\n([.})])" "\\1" text "${text}")
    string(REGEX REPLACE "(if|for|,) ([({])" "\\1\\2" text "${text}")
    string(REGEX REPLACE " ([=?:<>+]|===|!==|=>|&&|[|][|]|[?][?]) " "\\1" text "${text}")
    string(REPLACE ") {" "){" text "${text}")
  endif()
  string(STRIP "${text}" text)
  set(${result} "${text}\n" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  string(REPLACE "," ";" files "${files}")
  set(arrays "")
  set(cases "")
  set(index 0)
  macro(embed path hex)
    _nairi_bytes(${hex} bytes)
    string(APPEND arrays "constexpr unsigned char kFile${index}[] = {\n${bytes}};\n")
    string(APPEND cases "  if (path == \"${path}\") return view(kFile${index});\n")
    math(EXPR index "${index} + 1")
  endmacro()
  foreach(path IN LISTS files)
    if(page)
      _nairi_bare(${folder}/${path} bare)
      string(HEX "${bare}" hex)
      string(SHA256 digest "${bare}")
      embed(${path}.sha256 ${digest})
    else()
      file(READ ${folder}/${path} hex HEX)
    endif()
    embed(${path} ${hex})
  endforeach()
  file(WRITE ${output} "// Written by cmake/EmbedFiles.cmake.
#include \"${header}\"

#include <cstddef>

namespace {

${arrays}
template <std::size_t size>
std::string_view view(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::optional<std::string_view> ${function}(std::string_view path) {
${cases}  return std::nullopt;
}
")
endif()
