// Reads world files. Strict: an unknown key, a wrong type, a duplicate or a reference to nothing is
// refused with file, line, column, JSON pointer and, for a misspelt key, the nearest known one.
//
//   World world = load_world("refund.json");                        // throws WorldError
//   auto world = parse_world(text, {.file = "refund.json"});        // tl::expected
//
// A service may send odd things, so a world may say them; what is merely unusual, and more often a
// slip than meant, is a hint: check_worlds() tells, everything else accepts it in silence.
//
// Thread-safety: every function may be called from any thread.
#ifndef NAIRI_MOCK_WORLD_FILE_H_
#define NAIRI_MOCK_WORLD_FILE_H_

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "nairi/mock/diagnostic.h"
#include "nairi/mock/file_opener.h"
#include "nairi/mock/world.h"

namespace nairi::mock {

class WorldError : public std::runtime_error {
 public:
  explicit WorldError(Diagnostics diagnostics);
  const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  Diagnostics diagnostics_;
};

struct WorldSource {
  std::string file = "world.json";  // for messages; attachment paths are relative to its folder
  bool has_files = true;            // false: a path of an attachment is a mistake
  FileOpener open_file = {};        // instead of that folder. Gets no path that leads out of it
};

// All mistakes that were found, in file order, or the world.
tl::expected<World, Diagnostics> parse_world(std::string_view text, const WorldSource& source = {});

// Several files make one world: their lists are joined in order, and a duplicate between them is a
// mistake too. "builtin:daemon" in place of a path is the world that is built in under that name,
// and
// "-" is standard input. Attachments of a world from there, or from a pipe, are relative to the
// current folder.
tl::expected<World, Diagnostics> read_worlds(const std::vector<std::string>& paths);

// A world, and what is unusual in it: in file order, no more than 50 of each file.
struct CheckedWorld {
  World world;
  Diagnostics hints;
};

// read_worlds() with hints. A world with mistakes has none.
tl::expected<CheckedWorld, Diagnostics> check_worlds(const std::vector<std::string>& paths);

// The world of one file; throws WorldError.
World load_world(const std::string& path);

// The worlds that are built in, by name: those of fixtures/worlds without their ".json".
std::vector<std::string_view> built_in_worlds();
// The text of one of them; nullopt for any other name. It lives as long as the program.
std::optional<std::string_view> built_in_world(std::string_view name);

// The world that is played when none is named: "builtin:default".
World default_world();

// One job as in a world's "jobs", for jobs that are made while the fake runs (POST /__mock/jobs).
// `agents` are the slugs that may be named.
tl::expected<JobSpec, Diagnostics> parse_job(std::string_view text,
                                             const std::vector<std::string>& agents);

// One fault, or a list of them, as in a world's "faults" (POST /__mock/faults).
tl::expected<std::vector<FaultSpec>, Diagnostics> parse_faults(std::string_view text);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_FILE_H_
