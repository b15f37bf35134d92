// Writes a recording as it goes: each exchange is a whole line in traffic.jsonl as soon as it has
// ended, and world.json is the world of all that was seen so far. Whatever ends the program, what
// is in the folder loads.
//
//   auto recorder = Recorder::open({.folder = "recording", .target = relay.target(), …});
//   (*recorder)->add(std::move(relayed));      // returns at once
//   (*recorder)->finish();                     // all is written
//
// A folder that has a recording of the same service already is gone on with.
// Thread-safety: members may be called from any thread.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDER_RECORDER_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDER_RECORDER_H_

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "nairi/mock/relay.h"

namespace nairi::contracts {

inline constexpr std::string_view kWorldFile = "world.json";

struct RecorderOptions {
  std::string folder;                     // made if it is not there
  std::string target;                     // the service, as the head of the recording says it
  std::string by;                         // "nairi-contract 0.14.0"
  bool with_files = false;                // contents of files are kept
  std::vector<std::string> redact = {};   // further patterns of secrets
  std::vector<std::string> secrets = {};  // known before anything went through
};

class Recorder {
 public:
  // An error is a sentence.
  static tl::expected<std::unique_ptr<Recorder>, std::string> open(RecorderOptions options);
  // Writes what is left.
  ~Recorder();

  void add(mock::Relayed relayed);

  // The request without the codings of a reply that can't be unpacked, such as br: nothing could be
  // told of what came in them.
  static mock::Request readable(mock::Request request);

  // How many exchanges this recorder wrote, and what went wrong with writing: "" for nothing. After
  // that nothing more is added.
  struct Outcome {
    std::size_t exchanges = 0;
    std::size_t unread = 0;  // of them, replies in a coding that can't be unpacked
    std::string lost = {};
  };
  Outcome finish();

 private:
  class Impl;
  explicit Recorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDER_RECORDER_H_
