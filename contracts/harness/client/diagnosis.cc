#include "harness/client/diagnosis.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "harness/cases/pattern.h"
#include "harness/client/text_change.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kKeepsTexts = "keeps-texts-as-they-are";

std::string ordinal(std::size_t place) {
  return "number " + std::to_string(place + 1);
}

std::string bytes_of(const std::string& text) {
  return std::to_string(text.size()) + (text.size() == 1 ? " byte" : " bytes");
}

// Which rule a client breaks that takes a message of this role for an answer.
Cause taken_for_an_answer(const SeenMessage& message, std::string words) {
  if (message.role == "progress") return {"filters-progress", std::move(words)};
  if (message.role == "system") return {"result-matches-terminal", std::move(words)};
  if (message.role == "assistant" || message.role == "user") {
    return {"reads-the-answer", std::move(words)};
  }
  return {"survives-additive-changes", std::move(words)};
}

std::string name_of(const SeenMessage& message) {
  return "a message of the role " + mock::in_quotes(message.role) + ", of turn " +
         std::to_string(message.turn);
}

// What a progress message says to people: any text in its envelope.
std::vector<std::string> texts_within(const SeenMessage& message) {
  std::vector<std::string> texts;
  const Json envelope = read_json(message.content);
  if (!envelope.is_object()) return texts;
  for (const auto& [key, value] : envelope.items()) {
    if (value.is_string() && key != "job_id" && key != "progress_type") texts.push_back(value);
  }
  return texts;
}

std::optional<Cause> cause_in_progress(const std::string& text, const Seen& seen) {
  std::string deltas;
  for (const SeenMessage& message : seen.messages) {
    if (message.role != "progress") continue;
    for (const std::string& part : texts_within(message)) {
      deltas += part;
      if (text == part) return taken_for_an_answer(message, "a text within a progress message");
    }
    if (!message.content.empty() && text.find(message.content) != std::string::npos) {
      return taken_for_an_answer(message, "a progress message");
    }
  }
  const bool is_joined = !text.empty() && deltas.find(text) != std::string::npos;
  if (!is_joined) return std::nullopt;
  return Cause{"filters-progress", "the texts of progress messages, joined"};
}

// A text of one or two characters is within another by chance, but hardly at its ends.
bool is_part(const std::string& part, const std::string& text) {
  constexpr std::size_t kNoChance = 3;
  if (part.size() >= kNoChance) return text.find(part) != std::string::npos;
  return !part.empty() && (text.starts_with(part) || text.ends_with(part));
}

// Several messages in one text.
std::optional<Cause> cause_in_joining(const std::string& text, const Seen& seen) {
  std::vector<const SeenMessage*> within;
  for (const SeenMessage& message : seen.messages) {
    if (message.role != "user" && is_part(message.content, text)) within.push_back(&message);
  }
  if (within.size() < 2) return std::nullopt;
  const auto other = std::ranges::find_if(
      within, [](const SeenMessage* message) { return message->role != "assistant"; });
  return taken_for_an_answer(other == within.end() ? *within.front() : **other,
                             std::to_string(within.size()) + " messages joined, among them " +
                                 name_of(other == within.end() ? *within.front() : **other));
}

std::optional<Cause> cause_in_a_change(const std::string& text, const Seen& seen) {
  for (const SeenMessage& message : seen.messages) {
    if (message.role == "progress") continue;
    const auto change = text_change(message.content, text);
    if (!change) continue;
    if (message.role != "assistant") {
      return taken_for_an_answer(message, name_of(message) + ", " + *change);
    }
    return Cause{std::string(kKeepsTexts), "the text of " + name_of(message) + ", " + *change};
  }
  return std::nullopt;
}

Finding other_prompt(const SentPrompt& prompt, const std::vector<std::string>& wanted) {
  for (const std::string& text : wanted) {
    if (const auto change = text_change(text, prompt.text)) {
      return {std::string(kKeepsTexts), "the prompts of the job as they are",
              prompt.exchange + " sends one " + *change};
    }
  }
  return {std::string(kKeepsTexts), "the prompts of the job as they are",
          prompt.exchange + " sends another: " + mock::in_quotes(mock::cut(prompt.text, 60))};
}

// Names in the header of a part may have their quotes escaped as browsers do it.
bool is_name(const std::string& wanted, const std::string& got) {
  if (wanted == got) return true;
  std::string escaped;
  for (const char c : wanted) escaped += c == '"' ? "%22" : std::string(1, c);
  return escaped == got;
}

bool carries(const SentPrompt& prompt, const SentFile& file) {
  return !file.id.empty() &&
         std::ranges::find(prompt.attachments, file.id) != prompt.attachments.end();
}

// What came near to a file that was wanted.
std::string near_to(const WantedFile& wanted, const Seen& seen, const SentPrompt* first) {
  for (const SentFile& file : seen.files) {
    const bool carried = first != nullptr && carries(*first, file);
    const bool same_name = is_name(wanted.name, file.name);
    const bool same_bytes = wanted.bytes == file.bytes;
    if (same_name && same_bytes) {
      return carried ? "it once only, for several such files"
                     : "it in " + file.exchange + ", but no first prompt that names its id";
    }
    if (same_bytes) return "its bytes under the name " + mock::in_quotes(file.name);
    if (!same_name) continue;
    const auto change = text_change(wanted.bytes, file.bytes);
    return "a file of that name with " + bytes_of(file.bytes) +
           (change ? ", " + *change : std::string());
  }
  if (seen.files.empty()) return "no file at all";
  return "other files: " + std::to_string(seen.files.size());
}

}  // namespace

std::optional<Cause> cause_of_text(const std::string& text, std::size_t turn, const Seen& seen) {
  if (text.empty()) return std::nullopt;
  const SeenMessage* answer = nullptr;
  const SeenMessage* same = nullptr;
  for (const SeenMessage& message : seen.messages) {
    if (message.turn == turn && message.role == "assistant") answer = &message;
    if (same == nullptr && message.content == text) same = &message;
  }
  if (answer != nullptr && answer->content == text) return std::nullopt;
  if (same != nullptr) return taken_for_an_answer(*same, "the text of " + name_of(*same));
  if (auto cause = cause_in_progress(text, seen)) return cause;
  if (auto cause = cause_in_joining(text, seen)) return cause;
  return cause_in_a_change(text, seen);
}

std::vector<std::string> wanted_replies(const Json& pattern, std::size_t place) {
  if (pattern.is_array()) {
    return place < pattern.size() ? wanted_texts(pattern[place]) : std::vector<std::string>();
  }
  std::vector<std::string> texts;
  if (!pattern.is_object()) return texts;
  for (const Json& choice : pattern.value("any_of", Json::array())) {
    std::ranges::move(wanted_replies(choice, place), std::back_inserter(texts));
  }
  return texts;
}

std::vector<Finding> check_prompts(const Json& job, const Seen& seen) {
  std::vector<Finding> findings;
  const auto wanted = job.value("prompts", std::vector<std::string>());
  const bool follows = job.contains("job_id");
  bool has_begun = false;
  for (const SentPrompt& prompt : seen.prompts) {
    // A client may add to a prompt, such as the names of its files.
    const auto is_in = [&](const std::string& text) {
      return prompt.text.find(text) != std::string::npos;
    };
    const auto place = std::ranges::find_if(wanted, is_in);
    // Of a prompt that is asked for once, the second is one that is sent again.
    const bool comes_later = place != wanted.begin() || std::ranges::count_if(wanted, is_in) > 1;
    if (place == wanted.end()) {
      findings.push_back(other_prompt(prompt, wanted));
    } else if (prompt.starts && (follows || (comes_later && has_begun))) {
      findings.push_back({"continues-the-same-job",
                          "a follow-up in the conversation that it follows",
                          prompt.exchange + " begins a new conversation"});
    }
    has_begun = has_begun || prompt.accepted;
  }
  return findings;
}

std::vector<Finding> check_files(const std::vector<WantedFile>& wanted, const Seen& seen) {
  std::vector<Finding> findings;
  const SentPrompt* first = seen.prompts.empty() ? nullptr : &seen.prompts.front();
  std::vector<const SentFile*> carried;
  for (const SentFile& file : seen.files) {
    if (first != nullptr && carries(*first, file)) carried.push_back(&file);
  }
  for (const WantedFile& file : wanted) {
    const auto found = std::ranges::find_if(carried, [&](const SentFile* it) {
      return it->bytes == file.bytes && is_name(file.name, it->name);
    });
    if (found != carried.end()) {
      carried.erase(found);
      continue;
    }
    findings.push_back({std::string(kKeepsTexts),
                        "a first prompt with the file " + mock::in_quotes(file.name) + " and its " +
                            bytes_of(file.bytes) + " as they are",
                        near_to(file, seen, first)});
  }
  if (findings.empty() && !carried.empty()) {
    findings.push_back({std::string(kKeepsTexts), "no files but those of the job",
                        "also " + mock::in_quotes(carried.front()->name)});
  }
  for (const SentPrompt& prompt : seen.prompts) {
    if (prompt.text == first->text || prompt.attachments.empty()) continue;
    findings.push_back({std::string(kKeepsTexts), "no files with later prompts",
                        prompt.exchange + " has " + std::to_string(prompt.attachments.size())});
  }
  return findings;
}

std::vector<Finding> check_timeline(const Json& got, const Seen& seen) {
  std::size_t before = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Json role = got[i].is_object() ? got[i].value("role", Json()) : Json();
    const Json content = got[i].is_object() ? got[i].value("content", Json()) : Json();
    if (role == "progress") {
      return {{"filters-progress", "no progress messages", ordinal(i) + " is one"}};
    }
    if (!content.is_string()) continue;
    const auto& text = content.get_ref<const std::string&>();
    const auto at = [&](auto first) {
      return std::find_if(first, seen.messages.end(),
                          [&](const SeenMessage& it) { return it.content == text; });
    };
    const auto begin = seen.messages.begin();
    if (at(begin) == seen.messages.end()) {
      const auto cause = cause_of_text(text, 0, seen);
      if (!cause) continue;
      // Here the words of a user or of the system are none that were taken for an answer.
      const bool is_progress = cause->rule == "filters-progress";
      return {{is_progress ? cause->rule : std::string(kKeepsTexts), "the messages as they are",
               ordinal(i) + " is " + cause->words}};
    }
    const auto place = at(begin + static_cast<std::ptrdiff_t>(before));
    if (place == seen.messages.end()) {
      return {{"", "the order of the timeline", "another one, from " + ordinal(i) + " on"}};
    }
    before = static_cast<std::size_t>(place - begin) + 1;
  }
  return {};
}

std::vector<Finding> check_list(const std::vector<std::string>& whole, const Json& got) {
  const std::string wanted = "all " + std::to_string(whole.size()) + " of the list, each once";
  std::vector<std::string> ids;
  for (const Json& id : got) ids.push_back(id.is_string() ? id.get<std::string>() : id.dump());
  const std::set<std::string> unique(ids.begin(), ids.end());
  const auto missing = [&](const std::string& id) { return !unique.contains(id); };
  // The list of another key, perhaps.
  const bool is_another = !ids.empty() && std::ranges::all_of(whole, missing);
  if (is_another) return {};
  if (const auto first = std::ranges::find_if(whole, missing); first != whole.end()) {
    return {{"reads-all-pages", wanted,
             std::to_string(ids.size()) + "; " +
                 std::to_string(std::ranges::count_if(whole, missing)) + " missing, first " +
                 ordinal(static_cast<std::size_t>(first - whole.begin()))}};
  }
  if (unique.size() < ids.size()) {
    return {{"reads-all-pages", wanted,
             std::to_string(ids.size()) + "; some are there more than once"}};
  }
  if (ids.size() > whole.size()) {
    return {{"", wanted, std::to_string(ids.size()) + ": more than the list has"}};
  }
  const auto differs = std::ranges::mismatch(ids, whole);
  if (differs.in1 == ids.end()) return {};
  return {{"", "the order of the list",
           "another one, from " + ordinal(static_cast<std::size_t>(differs.in1 - ids.begin())) +
               " on"}};
}

}  // namespace nairi::contracts
