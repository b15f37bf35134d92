// Reads the progress messages of one turn. The agents' daemon may send almost anything, so what is
// odd in the form of one or in their sequence is a hint, no mistake (REFERENCE: Messages, progress
// envelope).
#ifndef NAIRI_MOCK_WORLD_PROGRESS_READER_H_
#define NAIRI_MOCK_WORLD_PROGRESS_READER_H_

#include <map>
#include <optional>
#include <set>
#include <string>

#include "nairi/mock/world.h"
#include "world/field_readers.h"

namespace nairi::mock {

class ProgressReader {
 public:
  // In ask mode no tool runs.
  ProgressReader(TextRules rules, bool ask_mode) : rules_(rules), ask_mode_(ask_mode) {}

  // The next progress message of the turn; nullopt when it is no object (reported).
  std::optional<Progress> read(const Node& node);

  // At the end of a turn that completes: its text deltas usually lead up to the reply, or end in
  // it. `node` is what a hint is reported at.
  void check_reply(const std::optional<std::string>& reply, const Node& node) const;

 private:
  struct Tool {
    std::string name;
    bool ended = false;
  };

  void read_strangers(const ObjectReader& object, Progress& progress) const;
  void check(const ObjectReader& object, const Node& type, const Progress& progress);
  void check_ask_mode(const ObjectReader& object, const std::string& type) const;
  void check_tool_use(const ObjectReader& object, const Progress& progress);
  void begin_tool(const ObjectReader& object, const std::string& id, const std::string& name);
  void end_tool(const ObjectReader& object, const std::string& id, const std::string& name);
  void check_parent(const ObjectReader& object, const Progress& progress) const;

  TextRules rules_;
  bool ask_mode_;
  std::map<std::string, Tool> tools_;  // by tool_use_id
  std::set<std::string> ids_;          // that a parent_tool_use_id may name
  std::string text_;                   // all deltas so far
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_PROGRESS_READER_H_
