// The agents and files that a recording shows, and which ids its clients may know by themselves.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDING_SEEN_THINGS_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDING_SEEN_THINGS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/world.h"

namespace nairi::contracts {

// What was there before a recording keeps an id that a call named: it may come from the client's
// configuration, and be sent again. All others the fake makes anew.
class KnownIds {
 public:
  void tell(const std::string& id) { told_.insert(id); }
  void name(const std::string& id) { named_.insert(id); }
  bool was_told(const std::string& id) const { return told_.contains(id); }
  // Whether the world is to have exactly this id.
  bool is_fixed(const std::string& id, std::string_view prefix) const;

 private:
  std::set<std::string, std::less<>> told_;
  std::set<std::string, std::less<>> named_;
};

class SeenAgents {
 public:
  // As a reply shows it.
  void add(const nlohmann::ordered_json& agent);
  // What a call made is no part of a world that the same call is played to.
  void add_created(const nlohmann::ordered_json& agent);
  // The slug for what a call named, a slug or an id; makes an agent for one that no reply showed.
  std::string named(const std::string& slug_or_id);
  // The slug for a conversation whose agent nothing tells.
  std::string any();

  // Whether a world can name it.
  bool is_in_world(const std::string& slug) const { return agents_.contains(slug); }
  nlohmann::ordered_json json(const KnownIds& ids) const;

 private:
  nlohmann::ordered_json& at(const std::string& slug);

  std::map<std::string, nlohmann::ordered_json> agents_;  // by slug
  std::vector<std::string> order_;
  std::map<std::string, std::string> slugs_;  // by id
  std::set<std::string> created_;             // slugs and ids
  std::size_t made_up_ = 0;
};

class SeenFiles {
 public:
  // What the agent or an earlier message has: its path beside the world. The same for the same id.
  std::string path_of(const std::string& attachment_id) const;
  // The reply of GET /attachments/{attachment_id}.
  void add(const std::string& attachment_id, const nlohmann::ordered_json& reply, bool left_out);
  std::vector<mock::File> files() const;

 private:
  struct Seen {
    std::string filename = {};
    std::shared_ptr<const std::string> bytes = {};  // null: not kept
  };
  std::map<std::string, Seen> seen_;                          // by id
  mutable std::map<std::string, std::size_t> referred_ = {};  // by id: its number
};

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDING_SEEN_THINGS_H_
