#include "harness/recording/seen_things.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "harness/cases/base64.h"
#include "harness/recording/recorded_call.h"
#include "text/json_writer.h"
#include "text/ulid.h"

namespace nairi::contracts {
namespace {

using SeenJson = nlohmann::ordered_json;

bool is_slug(const std::string& text) {
  constexpr std::size_t kLongestSlug = 200;
  static const RE2 slug("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");
  return text.size() <= kLongestSlug && RE2::FullMatch(text, slug) &&
         !mock::parse_id(text, mock::kAgentPrefix);
}

// Names that every file system takes, and that lead nowhere else.
std::string safe_name(const std::string& filename) {
  constexpr std::size_t kLongestName = 150;
  std::string name;
  for (const char c : mock::valid_utf8(filename)) {
    const bool is_bad = static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\';
    name += is_bad ? '_' : c;
  }
  if (name.size() > kLongestName) name = mock::valid_utf8(name.substr(name.size() - kLongestName));
  const bool leads_away = name.find_first_not_of(". ") == std::string::npos;
  return leads_away ? "file" : name;
}

}  // namespace

bool KnownIds::is_fixed(const std::string& id, std::string_view prefix) const {
  return named_.contains(id) && mock::parse_id(id, prefix).has_value();
}

SeenJson& SeenAgents::at(const std::string& slug) {
  const auto [place, is_new] = agents_.try_emplace(slug);
  if (is_new) order_.push_back(slug);
  return place->second;
}

void SeenAgents::add(const SeenJson& agent) {
  const std::string slug = text_in(agent, "agent_id");
  const std::string id = text_in(agent, "id");
  if (!is_slug(slug) || created_.contains(slug)) return;
  if (!id.empty()) slugs_[id] = slug;
  SeenJson& seen = at(slug);
  if (seen.is_null()) seen = agent;  // as it was at first: calls of the client may change it
}

void SeenAgents::add_created(const SeenJson& agent) {
  created_.insert(text_in(agent, "agent_id"));
  created_.insert(text_in(agent, "id"));
  slugs_[text_in(agent, "id")] = text_in(agent, "agent_id");
}

std::string SeenAgents::named(const std::string& slug_or_id) {
  const auto known = slugs_.find(slug_or_id);
  std::string slug = known == slugs_.end() ? slug_or_id : known->second;
  if (created_.contains(slug) || agents_.contains(slug)) return slug;
  if (is_slug(slug)) {
    at(slug);
    return slug;
  }
  std::string made_up = "agent-" + std::to_string(++made_up_);
  slugs_[slug_or_id] = made_up;
  at(made_up) = {{"id", slug_or_id}, {"x-interpolated", "no reply showed this agent"}};
  return made_up;
}

std::string SeenAgents::any() {
  if (order_.empty()) {
    at("unseen-agent") = {{"x-interpolated", "no call showed whose conversations these are"}};
  }
  return order_.front();
}

SeenJson SeenAgents::json(const KnownIds& ids) const {
  constexpr std::int64_t kMostInstances = 1'000'000;
  SeenJson all = SeenJson::array();
  for (const std::string& slug : order_) {
    const SeenJson& seen = agents_.at(slug);
    SeenJson agent = {{"agent_id", slug}};
    const std::string id = text_in(seen, "id");
    const bool has_id = ids.is_fixed(id, mock::kAgentPrefix) && slugs_.at(id) == slug;
    if (has_id) agent["id"] = id;
    for (const char* key : {"name", "description", "system_prompt", "x-interpolated"}) {
      const bool is_text = seen.is_object() && seen.contains(key) && seen[key].is_string();
      if (is_text) agent[key] = seen[key];
    }
    const bool is_object = seen.is_object();
    if (is_object && seen.contains("is_self_hosted") && seen["is_self_hosted"] == true) {
      agent["is_self_hosted"] = true;
    }
    const auto count = is_object ? seen.find("instances_count") : seen.end();
    const bool counts = is_object && count != seen.end() && count->is_number_unsigned() &&
                        *count >= 1 && *count <= kMostInstances;
    if (counts) agent["instances_count"] = *count;
    all.push_back(std::move(agent));
  }
  return all;
}

std::string SeenFiles::path_of(const std::string& attachment_id) const {
  const std::size_t number =
      referred_.try_emplace(attachment_id, referred_.size() + 1).first->second;
  const auto seen = seen_.find(attachment_id);
  const std::string name =
      seen == seen_.end() || seen->second.filename.empty() ? "unseen" : seen->second.filename;
  return "files/" + std::to_string(number) + "/" + safe_name(name);
}

void SeenFiles::add(const std::string& attachment_id, const SeenJson& reply, bool left_out) {
  Seen& seen = seen_[attachment_id];
  seen.filename = text_in(reply, "filename");
  if (left_out || !reply.contains("data")) return;
  if (auto bytes = decode_base64(text_in(reply, "data"))) {
    seen.bytes = std::make_shared<const std::string>(std::move(*bytes));
  }
}

std::vector<mock::File> SeenFiles::files() const {
  static const auto kNotKept =
      std::make_shared<const std::string>("The recording did not keep what this file holds.\n");
  std::vector<mock::File> files;
  for (const auto& [id, number] : referred_) {
    const auto seen = seen_.find(id);
    const bool is_kept = seen != seen_.end() && seen->second.bytes;
    files.push_back({path_of(id), is_kept ? seen->second.bytes : kNotKept});
  }
  return files;
}

}  // namespace nairi::contracts
