#include <re2/re2.h>

#include <algorithm>

#include "harness/watch/watches.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kAgentPrefix = "cci_";

std::string shown_text(const Json& object, const std::string& name) {
  constexpr std::size_t kMost = 100;
  const auto field = object.find(name);
  if (field == object.end()) return "no " + name;
  return mock::cut(field->dump(-1, ' ', false, Json::error_handler_t::replace), kMost);
}

// How many bytes base64 stands for; its padding may be missing.
std::size_t decoded_size(const std::string& base64) {
  const std::size_t digits = base64.find_last_not_of('=') + 1;
  return digits * 3 / 4;
}

// All that an agent's record says besides when it was changed.
Json rest_of(Json agent) {
  agent.erase("updated_at");
  return agent;
}

}  // namespace

void ThingWatch::see(const Exchange& exchange) {
  check_texts(exchange);
  check_names(exchange);
  if (exchange.is("deploy")) changed_us_[exchange.path_id] = INT64_MAX;  // the work goes on
  if (exchange.is("update_agent") && exchange.sent != Json::object()) {
    changed_us_[exchange.path_id] = exchange.recorded->ended_us;
  }
  if (!exchange.succeeded() || !exchange.body) return;
  if (exchange.is("create_agent")) check_created(exchange);
  if (exchange.is("update_agent")) check_changed(exchange);
  if (exchange.is("upload")) uploaded(exchange);
  if (exchange.is("attachment")) check_file(exchange);
  if (exchange.is("agents") && exchange.body->is_array()) {
    for (const Json& agent : *exchange.body) see_agent(exchange, agent);
  }
  if (exchange.is("agent") || exchange.is("create_agent") || exchange.is("update_agent")) {
    see_agent(exchange, *exchange.body);
  }
}

void ThingWatch::see_agent(const Exchange& exchange, const Json& agent) {
  if (!agent.is_object()) return;
  const std::string id = text_in(agent, "id");
  const std::string slug = text_in(agent, "agent_id");
  if (!exchange.path_id.empty()) {
    const bool by_id = exchange.path_id.starts_with(kAgentPrefix);
    const std::string& got = by_id ? id : slug;
    // Whether a new name makes a new slug, nobody says.
    const bool renamed = !by_id && exchange.is("update_agent") && exchange.sent &&
                         exchange.sent->is_object() && exchange.sent->contains("name");
    if (!renamed) {
      findings_.check(facts::kBothIds, exchange, mock::equal_ignoring_case(exchange.path_id, got),
                      {exchange.path_id, got});
    }
  }
  if (id.empty()) return;
  ids_of_slugs_[exchange.recorded->key + " " + slug] = id;
  agents_[id].learn(exchange.recorded->ended_us,
                    {text_in(agent, "updated_at"), exchange.recorded->began_us, rest_of(agent)});
}

std::string ThingWatch::name_in(const Exchange& exchange) {
  const bool in_path = exchange.operation != nullptr &&
                       exchange.operation->path.find("{agent_id}") != std::string::npos;
  if (in_path) return exchange.path_id;
  // With files in it, a 404 may be about them.
  const bool starts = exchange.is("start") && exchange.sent && exchange.sent->is_object() &&
                      !exchange.sent->contains("attachment_ids");
  return starts ? text_in(*exchange.sent, "agent_id") : "";
}

// The agent that an exchange calls by a name, with its key; "" when it calls none.
std::string ThingWatch::agent_called(const Exchange& exchange) const {
  std::string name = name_in(exchange);
  if (name.empty() || name.starts_with(kAgentPrefix)) return name;
  const auto id = ids_of_slugs_.find(exchange.recorded->key + " " + name);
  return id == ids_of_slugs_.end() ? "" : id->second;
}

// An agent that was there before and after a call must not be unknown to it, whatever it was
// called. Its slug may be another's by then: only its id, or a reply, tells that it is there.
void ThingWatch::check_names(const Exchange& exchange) {
  const std::string agent = agent_called(exchange);
  if (agent.empty() || !exchange.passed_over.empty()) return;
  Called& called = called_[exchange.recorded->key + " " + agent];
  if (exchange.status() == 404) {
    const bool was_there = called.good_us && exchange.began_after(*called.good_us);
    if (was_there) called.unknown.push_back(&exchange);
    return;
  }
  if (!exchange.succeeded()) return;
  if (!called.good_us) called.good_us = exchange.recorded->ended_us;
  const bool tells = exchange.body && exchange.body->is_object();
  const std::string slug = tells ? text_in(*exchange.body, "agent_id") : "";
  const bool is_it =
      name_in(exchange) == agent || (tells && text_in(*exchange.body, "id") == agent);
  if (!is_it) return;
  std::erase_if(called.unknown, [&](const Exchange* refused) {
    const std::string name = name_in(*refused);
    const bool is_its_name = name == agent || name == slug;
    if (!is_its_name || !exchange.began_after(refused->recorded->ended_us)) return false;
    findings_.check(facts::kBothIds, *refused, false,
                    {agent + ", which is there before and after", "404", "404"});
    return true;
  });
}

void ThingWatch::check_created(const Exchange& exchange) {
  if (!exchange.sent || !exchange.sent->is_object() || !exchange.body->is_object()) return;
  for (const std::string name : {"name", "instances_count"}) {
    const auto sent = exchange.sent->find(name);
    if (sent == exchange.sent->end()) continue;
    const auto got = exchange.body->find(name);
    const bool is_trimmed =
        !sent->is_string() || mock::trimmed(sent->get_ref<const std::string&>()) == *sent;
    if (!is_trimmed) continue;
    findings_.check(
        facts::kCreated, exchange, got != exchange.body->end() && *got == *sent,
        {name + " " + shown_text(*exchange.sent, name), shown_text(*exchange.body, name), name});
  }
  // Elsewhere it may be absent; whether it may be here, nobody says.
  if (exchange.sent->contains("description") || !exchange.body->contains("description")) return;
  findings_.check(facts::kCreated, exchange,
                  exchange.body->value("description", Json()) == Json(""),
                  {"description \"\"", shown_text(*exchange.body, "description"), "description"});
}

void ThingWatch::check_changed(const Exchange& exchange) {
  if (!exchange.sent || !exchange.sent->is_object() || !exchange.body->is_object()) return;
  const auto prompt = exchange.sent->find("system_prompt");
  const auto got = exchange.body->find("system_prompt");  // which may be absent
  const bool tells_prompt =
      prompt != exchange.sent->end() && prompt->is_string() && got != exchange.body->end();
  if (tells_prompt) {
    const bool same = got->is_string() && mock::trimmed(got->get_ref<const std::string&>()) ==
                                              mock::trimmed(prompt->get_ref<const std::string&>());
    findings_.check(
        facts::kPromptOfAgent, exchange, same,
        {shown_text(*exchange.sent, "system_prompt"), shown_text(*exchange.body, "system_prompt")});
  }
  if (!exchange.sent->empty()) return;
  const std::string id = text_in(*exchange.body, "id");
  const auto history = agents_.find(id);
  const AgentState* before = history == agents_.end() ? nullptr : history->second.before(exchange);
  const bool changed_by_others = before != nullptr && before->rest != rest_of(*exchange.body);
  if (before == nullptr || changed_by_others || changed_since(id, *before) ||
      changed_since(text_in(*exchange.body, "agent_id"), *before)) {
    return;
  }
  const std::string updated = text_in(*exchange.body, "updated_at");
  findings_.check(facts::kEmptyPatch, exchange, updated == before->updated_at,
                  {before->updated_at, updated});
}

// Whether an agent, by one of its names, may have changed since it was read.
bool ThingWatch::changed_since(const std::string& name, const AgentState& read) const {
  const auto changed = changed_us_.find(name);
  return changed != changed_us_.end() && changed->second > read.began_us;
}

void ThingWatch::uploaded(const Exchange& exchange) {
  const auto& body = exchange.recorded->request_body;
  const std::string id = text_in(*exchange.body, "attachment_id");
  if (id.empty()) return;
  if (body.form) {
    uploads_[id] = {body.form->filename, body.form->bytes};
    return;
  }
  const std::string* type = mock::find_header(exchange.recorded->request_headers, "content-type");
  if (body.left_out || type == nullptr) return;
  const auto part = find_form_part(*type, body.kept, "file");
  if (part) uploads_[id] = {part->filename.value_or(""), part->bytes.size()};
}

void ThingWatch::check_file(const Exchange& exchange) {
  if (!exchange.body->is_object()) return;
  const std::string id = text_in(*exchange.body, "id");
  const std::string data = text_in(*exchange.body, "data");
  findings_.check(facts::kFileBytes, exchange, id == exchange.path_id,
                  {exchange.path_id, id, "id"});
  const bool has_data = !exchange.recorded->reply_body.left_out;
  if (has_data) {
    static const RE2 padded("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?");
    findings_.check(facts::kPadded, exchange, RE2::FullMatch(data, padded),
                    {"standard base64, padded", mock::in_quotes(mock::cut(data, 60))});
  }
  const auto upload = uploads_.find(id);
  if (upload == uploads_.end()) return;
  const auto& [name, bytes] = upload->second;
  // How a name with quotes, or one like a path, is read, is another question.
  if (!name.empty() && name.find_first_of("\"\\%/") == std::string::npos) {
    const std::string got = text_in(*exchange.body, "filename");
    findings_.check(facts::kFileName, exchange, got == name,
                    {mock::in_quotes(name), mock::in_quotes(got)});
  }
  if (has_data) {
    findings_.check(
        facts::kFileBytes, exchange, decoded_size(data) == bytes,
        {std::to_string(bytes) + " bytes", std::to_string(decoded_size(data)), "bytes"});
  }
}

void ThingWatch::check_texts(const Exchange& exchange) {
  if (exchange.operation != nullptr || !exchange.passed_over.empty() || !exchange.body) return;
  const RecordedExchange& recorded = *exchange.recorded;
  const std::string text = text_in(*exchange.body, "error");
  if (text.empty()) return;
  static const RE2 rule("/artifacts/rules/aar_[0-9A-Z]+");
  if (recorded.status == 404 && RE2::FullMatch(recorded.target, rule)) {
    findings_.check(facts::kRuleTexts, exchange, text == "rule not found",
                    {"\"rule not found\"", mock::in_quotes(text), text});
  }
  static const RE2 schedule("/scheduled-jobs/sj_[0-9A-Z]+");
  const bool empty = exchange.sent && *exchange.sent == Json::object();
  const bool is_empty_change = recorded.method == "PATCH" && empty && recorded.status == 400 &&
                               RE2::FullMatch(recorded.target, schedule);
  if (is_empty_change) {
    findings_.check(facts::kScheduleTexts, exchange, text == "no fields to update",
                    {"\"no fields to update\"", mock::in_quotes(text), text});
  }
}

}  // namespace nairi::contracts
