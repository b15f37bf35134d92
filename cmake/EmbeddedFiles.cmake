# What is inside the fake, as embedded_worlds.cc, embedded_contracts.cc, embedded_inspector.cc and
# embedded_rules.cc of the folder that includes this: for the native build, and for that as WebAssembly.
include(${CMAKE_CURRENT_LIST_DIR}/EmbedFiles.cmake)

# The built-in worlds and the files that their turns name; world/world_file.cc lists them too.
nairi_embed_files(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded_worlds.cc
  FOLDER ${CMAKE_CURRENT_LIST_DIR}/../fixtures/worlds
  HEADER world/embedded.h FUNCTION nairi::mock::embedded_file
  FILES daemon.json default.json refund.json attachments/receipt.pdf)
# What GET /__mock/openapi.json answers, and what the fake guesses.
nairi_embed_files(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded_contracts.cc
  FOLDER ${CMAKE_CURRENT_LIST_DIR}/../contracts
  HEADER world/embedded.h FUNCTION nairi::mock::embedded_contract
  FILES assumptions.json openapi.json)
# The inspector's page; its policy names scripts and styles by their digests.
file(GLOB inspector_files RELATIVE ${CMAKE_CURRENT_LIST_DIR}/../server/inspector CONFIGURE_DEPENDS
     ${CMAKE_CURRENT_LIST_DIR}/../server/inspector/page.*
     ${CMAKE_CURRENT_LIST_DIR}/../server/inspector/*.js)
list(FILTER inspector_files EXCLUDE REGEX "\\.cc$")
nairi_embed_files(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded_inspector.cc
  FOLDER ${CMAKE_CURRENT_LIST_DIR}/../server/inspector
  HEADER inspector/embedded.h FUNCTION nairi::mock::embedded_inspector
  FILES ${inspector_files}
  PAGE)
# What it says of a rule that is broken.
nairi_embed_files(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded_rules.cc
  FOLDER ${CMAKE_CURRENT_LIST_DIR}/../docs
  HEADER inspector/embedded.h FUNCTION nairi::mock::embedded_rules
  FILES rules.md)
