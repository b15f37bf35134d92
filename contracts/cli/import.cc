// What somebody else recorded becomes a recording of ours; of one of ours the world is made anew.
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "cli/running.h"
#include "harness/cases/files.h"
#include "harness/recorder/har.h"
#include "harness/recording/recording.h"
#include "harness/recording/world_builder.h"
#include "nairi/mock/world_file.h"

namespace nairi::contracts {
namespace {

namespace fs = std::filesystem;

bool put_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (!error) return write_file(path.string(), text);
  complain("can't make the folder " + path.parent_path().string() + ": " + error.message());
  return false;
}

std::string traffic_text(const Recording& recording) {
  std::string text = head_line(recording.head);
  for (const RecordedExchange& exchange : recording.exchanges) text += exchange_line(exchange);
  return text;
}

// The world and what lies beside it.
bool put_world(const Recording& recording, const fs::path& folder) {
  WorldBuilder builder;
  for (const RecordedExchange& exchange : recording.exchanges) builder.add(exchange);
  for (const mock::File& file : builder.files()) {
    if (!put_file(folder / file.filename, *file.bytes)) return false;
  }
  return put_file(folder / "world.json", builder.world_json());
}

bool is_recording(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error) || path.extension() == ".jsonl";
}

fs::path folder_of_recording(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error) ? path : path.parent_path();
}

std::string things(std::size_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

int say_what_came(const Recording& recording, const fs::path& folder) {
  const std::string world_file = (folder / "world.json").string();
  const auto world = mock::read_worlds({world_file});
  if (!world) {
    complain("the world does not load: " + mock::to_string(world.error(), "\n"));
    return kExitUsage;
  }
  std::printf("%s: %s of %s\n", folder.string().c_str(),
              things(recording.exchanges.size(), "exchange").c_str(),
              recording.head.target.c_str());
  std::printf(
      "%s: %s, %s, %s, %s\n", world_file.c_str(), things(world->agents.size(), "agent").c_str(),
      things(world->jobs.size(), "job").c_str(), things(world->turns.size(), "turn script").c_str(),
      things(world->faults.size(), "fault").c_str());
  if (!recording.remark.empty()) complain(recording.remark);
  return kExitGood;
}

int remake_world(const ImportOptions& options) {
  const auto recording = read_recording(options.file);
  if (!recording) {
    complain(mock::to_string(recording.error(), "\n"));
    return kExitUsage;
  }
  const fs::path folder =
      options.out_folder.empty() ? folder_of_recording(options.file) : fs::path(options.out_folder);
  return put_world(*recording, folder) ? say_what_came(*recording, folder) : kExitUsage;
}

int import_har(const ImportOptions& options) {
  const fs::path folder = options.out_folder.empty() ? "recording" : options.out_folder;
  const fs::path traffic = folder / kTrafficFile;
  std::error_code error;
  if (fs::exists(traffic, error)) {
    complain(traffic.string() + " is there already: name another folder with --out");
    return kExitUsage;
  }
  const auto text = read_text_file(options.file);
  if (!text) {
    complain(text.error());
    return kExitUsage;
  }
  const auto recording = recording_from_har(
      *text, options.file, {.target = options.target, .with_files = options.with_files});
  if (!recording) {
    complain(mock::to_string(recording.error(), "\n"));
    return kExitUsage;
  }
  if (!put_file(traffic, traffic_text(*recording)) || !put_world(*recording, folder)) {
    return kExitUsage;
  }
  return say_what_came(*recording, folder);
}

}  // namespace

int import_recording(const ImportOptions& options) {
  return is_recording(options.file) ? remake_world(options) : import_har(options);
}

}  // namespace nairi::contracts
