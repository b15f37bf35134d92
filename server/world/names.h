// The names that must be unique in a world, however many files and jobs it is made of, and the
// agents that may be named.
#ifndef NAIRI_MOCK_WORLD_NAMES_H_
#define NAIRI_MOCK_WORLD_NAMES_H_

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "text/object_reader.h"

namespace nairi::mock {

class Names {
 public:
  enum class Kind { agent, id, key };

  // Takes a name; reports where it was taken before.
  void claim(Kind kind, const std::string& name, const Node& node);
  // Takes an agent that is no part of the text.
  void add_agent(const std::string& agent_id);

  // The slug at `node` when an agent has it; otherwise reports, with the nearest one.
  std::optional<std::string> known_agent(const Node& node) const;

 private:
  struct Place {
    std::string file;
    std::string pointer;
  };
  std::map<std::pair<Kind, std::string>, Place> places_;
};

// An id with one of the prefixes, taken in `names`; otherwise reports what an id looks like.
std::optional<std::string> read_id(const ObjectReader& object,
                                   std::initializer_list<std::string_view> prefixes, Names& names);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_WORLD_NAMES_H_
