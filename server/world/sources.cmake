list(APPEND mock_sources
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
  FILES default.json attachments/receipt.pdf)
list(APPEND mock_sources ${CMAKE_CURRENT_BINARY_DIR}/embedded_worlds.cc)
