#include "world/progress_reader.h"

#include <utility>
#include "text/characters.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// The envelope's fields in the order in which they are answered.
const Words& all_fields() {
  static const Words fields = {"tool_use_id",      "parent_tool_use_id", "tool_name",
                               "tool_description", "tool_input",         "tool_status",
                               "tool_output",      "text_delta",         "summary"};
  return fields;
}

// What a type of progress usually has; anything else is worth a hint. That `parent_tool_use_id` may
// appear on types other than text and tool_use, and `tool_use_id` on tool_heartbeat and subagent,
// is assumed.
struct Form {
  std::string_view type;
  Words required;
  Words optional;
  Words statuses;  // of its tool_status
};

const std::vector<Form>& forms() {
  static const Words ends = {"running", "completed", "error"};
  static const std::vector<Form> all = {
      {"text", {"text_delta"}, {"parent_tool_use_id"}, {}},
      {"tool_use",
       {"tool_use_id", "tool_name", "tool_status"},
       {"parent_tool_use_id", "tool_description", "tool_input", "tool_output"},
       ends},
      {"tool_heartbeat",
       {"tool_name", "tool_status", "summary"},
       {"tool_use_id", "parent_tool_use_id"},
       {"running"}},
      {"step", {"summary"}, {"parent_tool_use_id", "tool_status"}, {}},
      {"subagent",
       {"summary", "tool_status"},
       {"tool_use_id", "parent_tool_use_id", "tool_name"},
       ends},
      {"thinking", {"summary"}, {"parent_tool_use_id"}, {}},
  };
  return all;
}

const Form* form_of(std::string_view type) {
  for (const Form& form : forms()) {
    if (form.type == type) return &form;
  }
  return nullptr;
}

Words known_keys() {
  Words keys = all_fields();
  keys.push_back("progress_type");
  keys.push_back("raw");
  return keys;
}

void check_type(const Node& type) {
  Words types;
  for (const Form& known : forms()) types.push_back(known.type);
  remark_one_of(type, types);
}

// Says what is unusual for the type.
void check_form(const ObjectReader& object, const Form& form) {
  Words strangers;
  for (const std::string_view field : all_fields()) {
    const bool belongs = contains(form.required, field) || contains(form.optional, field);
    if (!belongs) strangers.push_back(field);
  }
  object.remark_keys(strangers, "is no field of " + std::string(form.type) + " progress");
  for (const std::string_view field : form.required) object.remark_missing(field);
  const auto status = object.find("tool_status");
  if (!status || !status->value->is_string()) return;
  if (!contains(form.statuses, status->value->get_ref<const std::string&>()) &&
      !form.statuses.empty()) {
    remark_one_of(*status, form.statuses);
  }
}

std::string field_of(const Progress& progress, std::string_view name) {
  for (const auto& [field, text] : progress.fields) {
    if (field == name) return text;
  }
  return {};
}

}  // namespace

std::optional<Progress> ProgressReader::read(const Node& node) {
  const ObjectReader object(node);
  if (!object.is_object()) return std::nullopt;
  object.refuse_keys({"job_id", "processed_message_id"}, "is made by the fake");
  Progress progress;
  const auto raw = object.find("raw");
  if (raw) progress.raw = read_template(*raw, rules_);
  const auto type = raw ? object.find("progress_type") : object.require("progress_type");
  if (type) progress.progress_type = read_text(*type).value_or("");
  for (const std::string_view field : all_fields()) {
    const auto member = object.find(field);
    const auto text = member ? read_template(*member, rules_) : std::nullopt;
    if (text) progress.fields.emplace_back(field, *text);
  }
  read_strangers(object, progress);
  if (!raw && type && type->value->is_string()) check(object, *type, progress);
  return progress;
}

// A service may add fields (REFERENCE: Basics), so a script may have any; most are misspelt.
void ProgressReader::read_strangers(const ObjectReader& object, Progress& progress) const {
  static const Words known = known_keys();
  for (const auto& [key, value] : object.node().value->items()) {
    const bool made_by_us = key == "job_id" || key == "processed_message_id";
    if (made_by_us || key.starts_with("x-") || contains(known, key)) continue;
    const Node member = *object.find(key);
    member.report->add_hint_at_key(object.node().pointer, key,
                                   "unknown key " + in_quotes(key) + hint(key, known));
    if (value.is_string()) {
      if (auto text = read_template(member, rules_)) {
        progress.fields.emplace_back(key, std::move(*text));
      }
    } else if (value.is_number() || value.is_boolean()) {
      progress.literals.emplace_back(key, value.dump());
    } else {
      member.expected("a string, a number, true or false");
    }
  }
}

void ProgressReader::check(const ObjectReader& object, const Node& type, const Progress& progress) {
  const Form* form = form_of(progress.progress_type);
  form == nullptr ? check_type(type) : check_form(object, *form);
  check_ask_mode(object, progress.progress_type);
  check_parent(object, progress);
  if (progress.progress_type == "tool_use") check_tool_use(object, progress);
  if (progress.progress_type == "subagent") ids_.insert(field_of(progress, "tool_use_id"));
  text_ += field_of(progress, "text_delta");
}

void ProgressReader::check_ask_mode(const ObjectReader& object, const std::string& type) const {
  if (ask_mode_ && type.starts_with("tool_")) {
    object.node().remark(in_quotes(type) + " can't appear in ask mode: no tool runs");
  }
}

void ProgressReader::check_parent(const ObjectReader& object, const Progress& progress) const {
  const auto parent = object.find("parent_tool_use_id");
  const std::string id = field_of(progress, "parent_tool_use_id");
  if (parent && !ids_.contains(id)) {
    parent->remark("no earlier progress of this turn has the tool_use_id " + in_quotes(id));
  }
}

void ProgressReader::check_tool_use(const ObjectReader& object, const Progress& progress) {
  const std::string id = field_of(progress, "tool_use_id");
  const std::string status = field_of(progress, "tool_status");
  if (id.empty()) return;
  if (status == "running") {
    object.remark_missing("tool_input");
    object.remark_keys({"tool_output"}, "belongs to the end of a tool, not to \"running\"");
    begin_tool(object, id, field_of(progress, "tool_name"));
  } else if (status == "completed" || status == "error") {
    object.remark_missing("tool_output");
    end_tool(object, id, field_of(progress, "tool_name"));
  }
}

void ProgressReader::begin_tool(const ObjectReader& object, const std::string& id,
                                const std::string& name) {
  ids_.insert(id);
  if (tools_.try_emplace(id, Tool{.name = name}).second) return;
  object.find("tool_use_id")->remark("the tool " + in_quotes(id) + " has started already");
}

void ProgressReader::end_tool(const ObjectReader& object, const std::string& id,
                              const std::string& name) {
  const auto tool = tools_.find(id);
  if (tool == tools_.end()) {
    object.find("tool_use_id")
        ->remark("the tool " + in_quotes(id) +
                 " ends, but nothing before says that it is \"running\"");
  } else if (std::exchange(tool->second.ended, true)) {
    object.find("tool_use_id")->remark("the tool " + in_quotes(id) + " has ended already");
  } else if (object.has("tool_name") && tool->second.name != name) {
    object.find("tool_name")
        ->remark("the tool " + in_quotes(id) + " started as " + in_quotes(tool->second.name));
  }
}

void ProgressReader::check_reply(const std::optional<std::string>& reply, const Node& node) const {
  const std::string_view text = trimmed(text_, kSpace);
  if (text.empty()) return;
  // A whole block at the end is usual too, or several (REFERENCE: Messages).
  const std::string_view answer = reply ? trimmed(*reply, kSpace) : std::string_view();
  if (!answer.empty() && text.ends_with(answer)) return;
  if (!reply) {
    node.remark("the turn shows text but has no \"reply\"");
  } else if (!answer.starts_with(text)) {
    node.remark("the reply must begin with the turn's text deltas, joined: " + in_quotes(text));
  }
}

}  // namespace nairi::mock
