list(APPEND mock_sources
  world/fault_reader.cc
  world/field_readers.cc
  world/files.cc
  world/job_reader.cc
  world/json_cursor.cc
  world/json_source.cc
  world/names.cc
  world/object_reader.cc
  world/progress_reader.cc
  world/report.cc
  world/template_text.cc
  world/turn_reader.cc
  world/world.cc
  world/world_file.cc
  world/world_reader.cc)

# The built-in world and the files that its turns name.
include(${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake)
nairi_embed_files(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded_worlds.cc
  FOLDER ${PROJECT_SOURCE_DIR}/fixtures/worlds
  HEADER world/embedded.h FUNCTION nairi::mock::embedded_file
  FILES default.json attachments/receipt.pdf)
# What GET /__mock/openapi.json answers.
nairi_embed_files(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/embedded_contracts.cc
  FOLDER ${PROJECT_SOURCE_DIR}/contracts
  HEADER world/embedded.h FUNCTION nairi::mock::embedded_contract
  FILES openapi.json)
list(APPEND mock_sources ${CMAKE_CURRENT_BINARY_DIR}/embedded_worlds.cc
                         ${CMAKE_CURRENT_BINARY_DIR}/embedded_contracts.cc)
