#include "harness/recording/world_writer.h"

#include <re2/re2.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "harness/recording/recorded_call.h"
#include "harness/recording/turn_script.h"
#include "text/characters.h"
#include "text/hash.h"
#include "text/timestamp.h"
#include "text/ulid.h"

namespace nairi::contracts {
namespace {

using WrittenJson = nlohmann::ordered_json;

// Time begins here under the poll and virtual clocks (docs/control.md): what was there before a
// recording began is to be as much older than that.
constexpr std::int64_t kWorldBeginsMs = 1'776'019'512'000;

std::optional<std::int64_t> clock_in(const WrittenJson& object, std::string_view key) {
  return mock::parse_timestamp(text_in(object, key));
}

// How a script knows its prompt again where another run has something else in it: ids, which the
// fake makes anew, and secrets, of which a recording has placeholders ("key-1", "[redacted]").
struct PromptMatch {
  WrittenJson prompt;  // as `when` has it
  // Where a secret was taken out, so that anything may stand in its place: how many bytes of the
  // prompt are left. The fewer, the more other prompts match too.
  std::optional<std::size_t> left = {};
};

constexpr std::string_view kAnything = "(?s:.*)";

// Of what a URL is written in, which the recorder decodes, and encodes anew, when a secret is in
// it.
bool is_url_character(char c) {
  return mock::is_alnum(c) || std::string_view("%-._~+/=").find(c) != std::string_view::npos;
}

bool is_word_byte(char c) {
  return mock::is_alnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

// What is known of a prompt, piece by piece, of which others may be anything.
class PromptPattern {
 public:
  void add_literal(std::string_view text) {
    pieces_.push_back({RE2::QuoteMeta({text.data(), text.size()}), text});
    left_ += text.size();
    has_words_ = has_words_ || std::any_of(text.begin(), text.end(), is_word_byte);
  }
  void add_id(std::string_view id) {
    pieces_.push_back({std::string(id.substr(0, id.find('_') + 1)) + "[0-9A-Z]{26}"});
    has_words_ = true;
  }
  void add_secret() {
    pieces_.push_back({std::string(kAnything)});
    any_secret_ = true;
  }

  PromptMatch match(const std::string& prompt) const {
    const bool is_plain = pieces_.size() == 1;  // literals stand at both ends
    if (is_plain) return {{{"equals", prompt}}};
    PromptMatch match;
    if (any_secret_) match.left = has_words_ ? left_ : 0;
    // Longer ones take long to match, and RE2 does not take any length.
    constexpr std::size_t kLongestRegex = 16'384;
    std::string regex = has_words_ ? regex_without(nullptr) : std::string(kAnyPrompt);
    if (regex.size() > kLongestRegex) {
      const auto longest = std::max_element(pieces_.begin(), pieces_.end(),
                                            [](const Piece& left, const Piece& right) {
                                              return left.literal.size() < right.literal.size();
                                            });
      match.prompt["contains"] = longest->literal;
      regex = regex_without(&*longest);
    }
    const bool tells_more = regex != kAnyPrompt || match.prompt.is_null();
    if (tells_more && regex.size() <= kLongestRegex) match.prompt["regex"] = regex;
    return match;
  }

 private:
  struct Piece {
    std::string pattern;
    std::string_view literal = {};  // "" for what may be something else
  };

  // For the whole prompt, in which this piece may be anything.
  std::string regex_without(const Piece* piece) const {
    std::string regex = "^";
    for (const Piece& one : pieces_) {
      const std::string_view pattern = &one == piece ? kAnything : std::string_view(one.pattern);
      if (pattern != kAnything || !regex.ends_with(kAnything)) regex += pattern;
    }
    return regex + "$";
  }

  std::vector<Piece> pieces_;
  std::size_t left_ = 0;
  bool has_words_ = false;
  bool any_secret_ = false;
};

PromptMatch match_of(const std::string& prompt, const KnownIds& ids) {
  // Brackets may be percent-encoded, and the percent sign again.
  static const RE2 part(R"(((?:cci|job|j|cmsg|att)_[0-7][0-9A-HJKMNP-TV-Z]{25})|)"
                        R"(key-[1-9][0-9]*|\[redacted\]|%(?:25)*5Bredacted%(?:25)*5D)");
  PromptPattern pattern;
  const std::string_view all = prompt;
  std::size_t done = 0;
  std::size_t at = 0;
  re2::StringPiece found[2];  // the part, and the id if it is one
  while (part.Match(prompt, at, prompt.size(), RE2::UNANCHORED, found, 2)) {
    auto begin = static_cast<std::size_t>(found[0].data() - prompt.data());
    std::size_t end = begin + found[0].size();
    at = end;
    const bool is_id = !found[1].empty();
    if (is_id && !ids.was_told(prompt.substr(begin, end - begin))) continue;
    if (!is_id) {
      std::size_t first = begin;
      while (first > done && is_url_character(all[first - 1])) --first;
      std::size_t last = end;
      while (last < all.size() && is_url_character(all[last])) ++last;
      if (all.substr(first, last - first).find('%') != std::string_view::npos) {
        begin = first;
        end = last;
      }
    }
    pattern.add_literal(all.substr(done, begin - done));
    is_id ? pattern.add_id(all.substr(begin, end - begin)) : pattern.add_secret();
    done = end;
    at = end;
  }
  pattern.add_literal(all.substr(done));
  return pattern.match(prompt);
}

// Those that were made in the same millisecond come in the order in which a list showed them.
WrittenJson sorted_by_age(WrittenJson jobs, bool oldest_first) {
  if (!oldest_first) std::reverse(jobs.begin(), jobs.end());
  std::stable_sort(jobs.begin(), jobs.end(), [](const WrittenJson& left, const WrittenJson& right) {
    return text_in(left, "created_at") < text_in(right, "created_at");
  });
  return jobs;
}

// How much of its prompt a script knows: of most the whole.
std::size_t known_of(const WrittenJson& script) {
  return script.value("x-left", std::numeric_limits<std::size_t>::max());
}

// Prompts that look the same are answered in the order in which they came: each script of them but
// the last plays as often as it was seen in a row. Those that may match other prompts too, as
// secrets were taken out of them, stand behind what knows more.
WrittenJson in_order(const std::map<std::uint64_t, WrittenJson>& scripts) {
  std::map<std::string, std::size_t> last_of;  // by what they match: the place of the last one
  std::vector<WrittenJson> all;
  for (const auto& [order, script] : scripts) {
    const auto [last, is_new] = last_of.try_emplace(script.at("when").dump(), all.size());
    if (!is_new) {
      WrittenJson& before = all[last->second];
      const std::int64_t times = before.value("x-times", std::int64_t{1});
      if (before["timeline"] == script.at("timeline")) {
        before["x-times"] = times + 1;
        continue;
      }
      before["times"] = times;
      last->second = all.size();
    }
    all.push_back(script);
  }
  std::stable_sort(all.begin(), all.end(), [](const WrittenJson& one, const WrittenJson& other) {
    return known_of(one) > known_of(other);
  });
  WrittenJson turns = WrittenJson::array();
  for (WrittenJson& script : all) {
    WrittenJson turn = {{"when", std::move(script["when"])}};
    if (script.contains("times")) turn["times"] = script["times"];
    turn["timeline"] = std::move(script["timeline"]);
    turns.push_back(std::move(turn));
  }
  return turns;
}

class WorldWriter {
 public:
  explicit WorldWriter(const SeenTraffic& seen) : seen_(seen) {}

  WrittenJson world() const;

 private:
  WrittenJson job_json(const JobStory& story, const std::vector<WrittenJson>& timelines) const;
  void add_scripts(const JobStory& story, const std::vector<WrittenJson>& timelines,
                   std::map<std::uint64_t, WrittenJson>& scripts) const;
  WrittenJson when_json(const JobStory& story, const StoryTurn& turn, const PromptMatch& match,
                        std::size_t number) const;
  WrittenJson faults_json() const;
  bool has_place(const JobStory& story) const;
  std::string world_time(std::int64_t unix_ms) const;

  const SeenTraffic& seen_;
};

std::string WorldWriter::world_time(std::int64_t unix_ms) const {
  std::string time;
  mock::append_timestamp(time, unix_ms - seen_.began_ms.value_or(unix_ms) + kWorldBeginsMs);
  return time;
}

WrittenJson WorldWriter::job_json(const JobStory& story,
                                  const std::vector<WrittenJson>& timelines) const {
  WrittenJson job = WrittenJson::object();
  const std::string_view prefix =
      story.id().starts_with(mock::kJobPrefix) ? mock::kJobPrefix : mock::kLegacyJobPrefix;
  if (seen_.ids.is_fixed(story.id(), prefix)) {
    job["id"] = story.id();
  } else if (mock::parse_id(story.id(), mock::kLegacyJobPrefix)) {
    // Of the older kind the fake makes none by itself.
    const mock::Ulid other = {mock::mix(1, story.id()), mock::mix(2, story.id())};
    job["id"] = mock::make_id(mock::kLegacyJobPrefix, other);
  }
  job["agent_id"] = story.agent;
  const WrittenJson& listed = story.listed();
  const std::string origin = text_in(listed, "origin");
  if (mock::origin_from(origin)) job["origin"] = origin;
  if (story.refuses_prompts && (!job.contains("origin") || origin == "api")) {
    job["origin"] = "slack";
    job["x-interpolated"] = "no reply showed where it was started, only that it takes no prompts";
  }
  const std::string status = text_in(listed, "status");
  const bool takes_prompts = std::any_of(story.turns().begin(), story.turns().end(),
                                         [](const StoryTurn& turn) { return !turn.is_seeded; });
  const bool is_open = status == "active" || status == "error";
  if (mock::job_status_from(status) && (is_open || !takes_prompts)) job["status"] = status;
  if (story.ask_mode) job["ask_mode"] = true;
  const auto created = clock_in(listed, "created_at");
  const auto updated = clock_in(listed, "updated_at");
  if (created) job["created_at"] = world_time(*created);
  if (created && updated && *updated >= *created) job["updated_at"] = world_time(*updated);
  for (const WrittenJson& message : story.earlier()) {
    WrittenJson said = earlier_message(
        message, [this](const std::string& file) { return seen_.files.path_of(file); });
    if (said.is_null()) continue;
    const std::string id = text_in(message, "id");
    if (seen_.ids.is_fixed(id, mock::kMessagePrefix)) said["id"] = id;
    job["messages"].push_back(std::move(said));
  }
  const bool runs = !story.turns().empty() && story.turns().front().is_seeded;
  if (runs) job["timeline"] = timelines.front();
  return job;
}

WrittenJson WorldWriter::when_json(const JobStory& story, const StoryTurn& turn,
                                   const PromptMatch& match, std::size_t number) const {
  WrittenJson when = WrittenJson::object();
  if (seen_.agents.is_in_world(story.agent)) when["agent_id"] = story.agent;
  when["prompt"] = match.prompt;
  when["turn"] = number;
  // Of a conversation that began before the recording it is not known.
  if (story.is_started()) when["ask_mode"] = story.ask_mode;
  when["has_attachments"] = turn.has_attachments;
  return when;
}

void WorldWriter::add_scripts(const JobStory& story, const std::vector<WrittenJson>& timelines,
                              std::map<std::uint64_t, WrittenJson>& scripts) const {
  std::size_t number = 0;
  for (const WrittenJson& message : story.earlier()) {
    if (text_in(message, "role") == "user") ++number;
  }
  for (std::size_t i = 0; i < story.turns().size(); ++i) {
    const StoryTurn& turn = story.turns()[i];
    if (turn.is_seeded) continue;  // it is one of those earlier messages
    const PromptMatch match = match_of(turn.prompt, seen_.ids);
    WrittenJson& script = scripts[turn.order];
    script = {{"when", when_json(story, turn, match, ++number)}, {"timeline", timelines[i]}};
    if (match.left) script["x-left"] = *match.left;
  }
}

// A conversation that only refused prompts, and that no list showed, would show in the lists of a
// world that has it.
bool WorldWriter::has_place(const JobStory& story) const {
  return !seen_.any_list || !story.listed().is_null() || story.reads() > 0 ||
         !story.turns().empty();
}

WrittenJson WorldWriter::faults_json() const {
  WrittenJson all = WrittenJson::array();
  for (const SeenFault& fault : seen_.faults) {
    const auto refused = seen_.by_id.find(fault.refused_job);
    if (refused != seen_.by_id.end() && has_place(*refused->second)) continue;
    WrittenJson json = {{"at", fault.operation + "#" + std::to_string(fault.number)}};
    if (fault.times > 1) json["times"] = fault.times;
    json["do"] = fault.effect;
    all.push_back(std::move(json));
  }
  return all;
}

WrittenJson WorldWriter::world() const {
  const FilePathOf path_of = [this](const std::string& id) { return seen_.files.path_of(id); };
  std::map<std::uint64_t, WrittenJson> scripts;
  WrittenJson jobs = WrittenJson::array();
  SeenAgents all_agents = seen_.agents;
  for (const JobStory& story : seen_.stories) {
    const auto timelines = timelines_of(story, path_of);
    if (!story.is_started() && has_place(story)) {
      WrittenJson job = job_json(story, timelines);
      if (!seen_.agents.is_in_world(story.agent)) job["agent_id"] = all_agents.any();
      jobs.push_back(std::move(job));
    }
    add_scripts(story, timelines, scripts);
  }
  return {{"agents", all_agents.json(seen_.ids)},
          {"jobs", sorted_by_age(std::move(jobs), seen_.oldest_first)},
          {"turns", in_order(scripts)},
          {"faults", faults_json()}};
}

}  // namespace

WrittenJson written_world(const SeenTraffic& seen) {
  return WorldWriter(seen).world();
}

}  // namespace nairi::contracts
