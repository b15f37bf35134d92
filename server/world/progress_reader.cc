#include "world/progress_reader.h"

#include <algorithm>
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

// Which fields a type of progress has. That `parent_tool_use_id` may appear on more types than
// tool_use, and `tool_use_id` on tool_heartbeat and subagent, is assumed.
struct Form {
  std::string_view type;
  Words required;
  Words optional;
  Words statuses;  // of its tool_status
};

const std::vector<Form>& forms() {
  static const Words ends = {"running", "completed", "error"};
  static const std::vector<Form> all = {
      {"text", {"text_delta"}, {}, {}},
      {"tool_use",
       {"tool_use_id", "tool_name", "tool_status"},
       {"parent_tool_use_id", "tool_description", "tool_input", "tool_output"},
       ends},
      {"tool_heartbeat",
       {"tool_name", "tool_status", "summary"},
       {"tool_use_id", "parent_tool_use_id"},
       {"running"}},
      {"step", {"summary"}, {"parent_tool_use_id"}, {}},
      {"subagent",
       {"summary", "tool_status"},
       {"tool_use_id", "parent_tool_use_id", "tool_name"},
       ends},
      {"thinking", {"summary"}, {"parent_tool_use_id"}, {}},
  };
  return all;
}

const Form* form_of(std::string_view type) {
  const auto found = std::ranges::find(forms(), type, &Form::type);
  return found == forms().end() ? nullptr : &*found;
}

bool contains(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

Words known_keys() {
  Words keys = all_fields();
  keys.push_back("progress_type");
  return keys;
}

const Form* read_form(const ObjectReader& object) {
  const auto type = object.require("progress_type");
  if (!type) return nullptr;
  const Form* form =
      type->value->is_string() ? form_of(type->value->get_ref<const std::string&>()) : nullptr;
  if (form == nullptr) {
    Words types;
    for (const Form& known : forms()) types.push_back(known.type);
    expected_one_of(*type, types);
  }
  return form;
}

// Reports what the type does not allow, lacks, or has in the wrong form.
void check_form(const ObjectReader& object, const Form& form) {
  Words strangers;
  for (const std::string_view field : all_fields()) {
    const bool belongs = contains(form.required, field) || contains(form.optional, field);
    if (!belongs) strangers.push_back(field);
  }
  object.refuse_keys(strangers, "is no field of " + std::string(form.type) + " progress");
  for (const std::string_view field : form.required) object.require(field);
  const auto status = object.find("tool_status");
  if (!status || !status->value->is_string()) return;
  if (!contains(form.statuses, status->value->get_ref<const std::string&>()) &&
      !form.statuses.empty()) {
    expected_one_of(*status, form.statuses);
  }
}

std::string field_of(const Progress& progress, std::string_view name) {
  const auto found =
      std::ranges::find(progress.fields, name, &std::pair<std::string, std::string>::first);
  return found == progress.fields.end() ? std::string() : found->second;
}

}  // namespace

std::optional<Progress> ProgressReader::read(const Node& node) {
  const ObjectReader object(node, known_keys());
  const Form* form = read_form(object);
  if (form == nullptr) return std::nullopt;
  check_form(object, *form);
  Progress progress{.progress_type = std::string(form->type), .fields = {}};
  for (const std::string_view field : all_fields()) {
    const auto member = object.find(field);
    const auto text = member ? read_template(*member, rules_) : std::nullopt;
    if (text) progress.fields.emplace_back(field, *text);
  }
  check_tools(object, progress.progress_type);
  check_parent(object, progress);
  if (form->type == "tool_use") check_tool_use(object, progress);
  if (form->type == "subagent") ids_.insert(field_of(progress, "tool_use_id"));
  text_ += field_of(progress, "text_delta");
  return progress;
}

void ProgressReader::check_tools(const ObjectReader& object, const std::string& type) {
  if (ask_mode_ && type.starts_with("tool_")) {
    object.node().refuse(in_quotes(type) + " can't appear in ask mode: no tool runs");
  }
}

void ProgressReader::check_parent(const ObjectReader& object, const Progress& progress) {
  const auto parent = object.find("parent_tool_use_id");
  const std::string id = field_of(progress, "parent_tool_use_id");
  if (parent && !ids_.contains(id)) {
    parent->refuse("no earlier progress of this turn has the tool_use_id " + in_quotes(id));
  }
}

void ProgressReader::check_tool_use(const ObjectReader& object, const Progress& progress) {
  const std::string id = field_of(progress, "tool_use_id");
  const std::string status = field_of(progress, "tool_status");
  if (id.empty()) return;
  if (status == "running") {
    object.require("tool_input");
    object.refuse_keys({"tool_output"}, "belongs to the end of a tool, not to \"running\"");
    begin_tool(object, id, field_of(progress, "tool_name"));
  } else if (status == "completed" || status == "error") {
    object.require("tool_output");
    end_tool(object, id, field_of(progress, "tool_name"));
  }
}

void ProgressReader::begin_tool(const ObjectReader& object, const std::string& id,
                                const std::string& name) {
  ids_.insert(id);
  if (tools_.try_emplace(id, Tool{.name = name}).second) return;
  object.find("tool_use_id")->refuse("the tool " + in_quotes(id) + " has started already");
}

void ProgressReader::end_tool(const ObjectReader& object, const std::string& id,
                              const std::string& name) {
  const auto tool = tools_.find(id);
  if (tool == tools_.end()) {
    object.find("tool_use_id")
        ->refuse("the tool " + in_quotes(id) +
                 " ends, but nothing before says that it is \"running\"");
  } else if (std::exchange(tool->second.ended, true)) {
    object.find("tool_use_id")->refuse("the tool " + in_quotes(id) + " has ended already");
  } else if (object.has("tool_name") && tool->second.name != name) {
    object.find("tool_name")
        ->refuse("the tool " + in_quotes(id) + " started as " + in_quotes(tool->second.name));
  }
}

void ProgressReader::check_reply(const std::optional<std::string>& reply, const Node& node) const {
  const std::string_view text = trimmed(text_, kSpace);
  if (text.empty()) return;
  if (!reply) {
    node.refuse("the turn shows text but has no \"reply\"");
  } else if (!trimmed(*reply, kSpace).starts_with(text)) {
    node.refuse("the reply must begin with the turn's text deltas, joined: " + in_quotes(text));
  }
}

}  // namespace nairi::mock
