#include "fidelity/knob_table.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace nairi::mock {
namespace {

// A statement of the seed: no ledger changes it (REFERENCE: POST …/continue).
constexpr std::string_view kFixedText = "job is not an API job";

// A setter tells whether the fake acts as the value says. One of another type is a mistake; one
// that the fake can't play is a hint, as a service may do anything.
struct Knob {
  std::string_view name;
  bool (*set)(const Node& node, Knobs& knobs);
  nlohmann::json (*show)(const Knobs& knobs);
};

bool cannot_play(const Node& node, std::string_view known) {
  node.remark("the fake can't play " + describe(*node.value) + ", only " + std::string(known) +
              ": it goes on guessing");
  return false;
}

template <auto Member, int Least, int Most>
bool set_number(const Node& node, Knobs& knobs) {
  const auto number = read_integer(node, {INT64_MIN, INT64_MAX});
  if (!number) return false;
  if (*number < Least || *number > Most) {
    return cannot_play(node, std::to_string(Least) + " to " + std::to_string(Most));
  }
  knobs.*Member = static_cast<int>(*number);
  return true;
}

template <auto Member>
nlohmann::json show_member(const Knobs& knobs) {
  return knobs.*Member;
}

template <auto Member>
constexpr Knob success(std::string_view name) {
  return {name, set_number<Member, 200, 299>, show_member<Member>};
}

template <auto Member>
constexpr Knob refusal(std::string_view name) {
  return {name, set_number<Member, 400, 499>, show_member<Member>};
}

// Which of the words it is.
std::optional<std::size_t> read_choice(const Node& node, const Words& known) {
  const auto text = read_text(node);
  if (!text) return std::nullopt;
  const auto found = std::find(known.begin(), known.end(), *text);
  if (found != known.end()) return static_cast<std::size_t>(found - known.begin());
  remark_one_of(node, known);
  return std::nullopt;
}

// A knob that is one of two words; `Spelling` has them as `no` and `yes`.
template <auto Member, typename Spelling>
constexpr Knob either(std::string_view name) {
  return {name,
          [](const Node& node, Knobs& knobs) {
            const auto choice = read_choice(node, {Spelling::no, Spelling::yes});
            if (choice) knobs.*Member = *choice == 1;
            return choice.has_value();
          },
          [](const Knobs& knobs) -> nlohmann::json {
            return knobs.*Member ? Spelling::yes : Spelling::no;
          }};
}

struct RetrySpelling {
  static constexpr std::string_view no = "active", yes = "error";
};
struct FirstSpelling {
  static constexpr std::string_view no = "pending", yes = "queued";
};
struct NoticeSpelling {
  static constexpr std::string_view no = "plain", yes = "markdown";
};
struct EndSpelling {
  static constexpr std::string_view no = "answer_first", yes = "completed_first";
};
struct FieldSpelling {
  static constexpr std::string_view no = "ignored", yes = "refused";
};
struct SchemeSpelling {
  static constexpr std::string_view no = "ignored", yes = "exact";
};
struct ProgressSpelling {
  static constexpr std::string_view no = "completed", yes = "pending";
};
struct TimelineSpelling {
  static constexpr std::string_view no = "refused", yes = "readable";
};
struct UndeployedSpelling {
  static constexpr std::string_view no = "queued", yes = "failed";
};

constexpr std::array<std::string_view, 3> kNextCursors = {"null_at_end", "absent_at_end", "absent"};

bool set_next_cursor(const Node& node, Knobs& knobs) {
  const auto choice = read_choice(node, {kNextCursors.begin(), kNextCursors.end()});
  if (choice) knobs.next_cursor = static_cast<NextCursor>(*choice);
  return choice.has_value();
}

nlohmann::json show_next_cursor(const Knobs& knobs) {
  return kNextCursors[static_cast<std::size_t>(knobs.next_cursor)];
}

// {"status": 400, "error": "job is not active"}, or {"status": 202}.
bool set_continue_ended(const Node& node, Knobs& knobs) {
  const ObjectReader object(node, {"status", "error"});
  const auto status = object.require("status");
  auto error = object.text("error");
  if (!status) return false;
  const auto number = read_integer(*status, {INT64_MIN, INT64_MAX});
  if (!number) return false;
  const bool is_played = (*number >= 200 && *number < 300) || (*number >= 400 && *number < 500);
  if (!is_played) return cannot_play(*status, "2xx (it is accepted) and 4xx (it is refused)");
  knobs.continue_ended_status = static_cast<int>(*number);
  if (error) knobs.continue_ended_error = std::move(*error);
  return true;
}

nlohmann::json show_continue_ended(const Knobs& knobs) {
  nlohmann::json shown = {{"status", knobs.continue_ended_status}};
  if (knobs.continue_ended_status >= 400) shown["error"] = knobs.continue_ended_error;
  return shown;
}

bool set_error_texts(const Node& node, Knobs& knobs) {
  const ObjectReader object(node);
  if (!object.is_object()) return false;
  object.refuse_keys({kFixedText}, "is the quickstart's own text: it is no guess");
  for (const auto& [ours, theirs] : node.value->items()) {
    if (auto text = object.text(ours)) knobs.error_texts.insert_or_assign(ours, std::move(*text));
  }
  return true;
}

// A refusal, or a success: then it makes no difference.
template <auto Member>
bool set_refusal_or_success(const Node& node, Knobs& knobs) {
  const auto number = read_integer(node, {INT64_MIN, INT64_MAX});
  if (!number) return false;
  const bool is_success = *number >= 200 && *number < 300;
  if (!is_success && (*number < 400 || *number > 499)) return cannot_play(node, "2xx and 4xx");
  knobs.*Member = static_cast<int>(*number);
  return true;
}

template <auto Member>
constexpr Knob refusal_or_success(std::string_view name) {
  return {name, set_refusal_or_success<Member>, show_member<Member>};
}

bool set_other_origins_listed(const Node& node, Knobs& knobs) {
  const auto value = read_flag(node);
  if (value) knobs.other_origins_listed = *value;
  return value.has_value();
}

// Which fields a conversation of a list has besides id, status and updated_at. The fake can leave
// out what it knows; what stands in others it does not know.
bool set_list_fields(const Node& node, Knobs& knobs) {
  const Words known = {"id", "status", "created_at", "updated_at"};
  bool has_created_at = false;
  bool is_played = node.value->is_array();
  read_list(node, [&](const Node& element) {
    const auto name = read_text(element);
    const bool is_known = name && contains(known, *name);
    is_played = is_played && is_known;
    has_created_at = has_created_at || (name && *name == "created_at");
    if (name && !is_known) remark_one_of(element, known);
  });
  if (node.value->is_array()) knobs.lists_created_at = has_created_at;
  return is_played;
}

nlohmann::json show_list_fields(const Knobs& knobs) {
  nlohmann::json names = {"id", "status", "updated_at"};
  if (knobs.lists_created_at) names.insert(names.begin() + 2, "created_at");
  return names;
}

constexpr std::array kKnobs = {
    success<&Knobs::start_status>("start_status"),
    success<&Knobs::continue_status>("continue_status"),
    success<&Knobs::upload_status>("upload_status"),
    Knob{"continue_ended", set_continue_ended, show_continue_ended},
    either<&Knobs::retry_stays_in_error, RetrySpelling>("continue_after_error"),
    either<&Knobs::begins_queued, FirstSpelling>("first_status"),
    Knob{"next_cursor", set_next_cursor, show_next_cursor},
    Knob{"error_texts", set_error_texts, show_member<&Knobs::error_texts>},
    either<&Knobs::markdown_notices, NoticeSpelling>("notices"),
    either<&Knobs::completed_first, EndSpelling>("end_order"),
    Knob{"errors_per_failure", set_number<&Knobs::errors_per_failure, 1, 2>,
         show_member<&Knobs::errors_per_failure>},
    refusal<&Knobs::unknown_conversation_status>("unknown_conversation_status"),
    refusal<&Knobs::unknown_attachment_status>("unknown_attachment_status"),
    refusal<&Knobs::unknown_agent_status>("unknown_agent_status"),
    refusal<&Knobs::foreign_id_status>("foreign_id_status"),
    refusal<&Knobs::other_kind_status>("other_kind_status"),
    either<&Knobs::refuses_unknown_fields, FieldSpelling>("unknown_fields"),
    either<&Knobs::exact_scheme, SchemeSpelling>("scheme_case"),
    refusal<&Knobs::eleventh_attachment_status>("eleventh_attachment_status"),
    refusal<&Knobs::too_large_status>("too_large_status"),
    refusal<&Knobs::missing_file_status>("missing_file_status"),
    either<&Knobs::progress_is_pending, ProgressSpelling>("progress_status"),
    Knob{"other_origins_listed", set_other_origins_listed,
         show_member<&Knobs::other_origins_listed>},
    either<&Knobs::other_origins_readable, TimelineSpelling>("other_origin_timeline"),
    either<&Knobs::undeployed_fails, UndeployedSpelling>("undeployed"),
    refusal_or_success<&Knobs::bad_query_status>("bad_query_status"),
    Knob{"list_fields", set_list_fields, show_list_fields},
};

const Knob* find_knob(std::string_view name) {
  const auto* const found = std::find_if(kKnobs.begin(), kKnobs.end(),
                                         [&](const Knob& knob) { return knob.name == name; });
  return found == kKnobs.end() ? nullptr : &*found;
}

}  // namespace

bool set_knob(std::string_view name, const Node& node, Knobs& knobs) {
  const Knob* knob = find_knob(name);
  return knob != nullptr && knob->set(node, knobs);
}

std::string knob_value(std::string_view name, const Knobs& knobs) {
  const Knob* knob = find_knob(name);
  return knob == nullptr ? "" : knob->show(knobs).dump();
}

Words knob_names() {
  Words names;
  for (const Knob& knob : kKnobs) names.push_back(knob.name);
  return names;
}

}  // namespace nairi::mock
