// Each exchange by itself, with what the others show of the things that it names.
#include <algorithm>
#include <charconv>
#include <set>

#include "harness/drift/views.h"
#include "harness/openapi/openapi_shape.h"

namespace nairi::contracts::evidence {
namespace {

// What stands for a field that is missing, to see whether the rest is as it must be.
struct NeededField {
  std::string_view operation;
  std::string_view name;
  int number;  // 0: a text
};
constexpr NeededField kNeeded[] = {{"start", "agent_id", 0},
                                   {"start", "prompt", 0},
                                   {"continue", "prompt", 0},
                                   {"create_agent", "name", 0},
                                   {"create_agent", "instances_count", 1}};
constexpr std::size_t kMostAttachments = 10;
constexpr std::string_view kKnownFields[] = {"id", "status", "created_at", "updated_at"};

bool takes_json(const Heard& one) {
  for (const std::string_view id :
       {"start", "continue", "create_agent", "update_agent", "deploy"}) {
    if (one.is(id)) return true;
  }
  return false;
}

std::string_view kind_of_named(const Heard& one) {
  if (one.is("poll")) return "cmsg";
  if (one.is("messages") || one.is("continue")) return "job";
  return one.is("attachment") ? "att" : "cci";
}

const Schema* request_schema(const ApiOperation& operation) {
  if (!operation.shape->request) return nullptr;
  const Schema& schema = *operation.shape->request->content.schema;
  return schema.target == nullptr ? &schema : schema.target;
}

// How the request would do if nothing else were wrong with it.
class SentView {
 public:
  SentView(const Scene& scene, std::size_t at) : scene_(scene), at_(at), one_(scene.heard[at]) {}

  Json json() const {
    Json view = Json::object();
    if (one_.is("upload")) return upload();
    view["is_plain"] = takes_json(one_) ? is_plain(one_.sent) && is_called_json() : fits("", "");
    if (!takes_json(one_)) return view;
    view["is_json"] = !one_.sent.is_null();
    if (!one_.sent.is_object()) return view;
    view["fields"] = one_.sent;
    if (const std::string missing = only_missing(); !missing.empty()) {
      view["only_missing"] = missing;
    }
    view["only_unknown_fields"] = changed_is_plain(without_unknown_fields());
    view["only_nulls"] = changed_is_plain(without_nulls());
    view["only_too_many_attachments"] = changed_is_plain(with_ten_attachments());
    return view;
  }

 private:
  Json upload() const {
    Json view = Json::object();
    const auto file = uploaded_file(*one_.raw);
    if (!file) return view;
    view["has_file"] = file->has_file;
    if (!file->has_file) return view;
    view["filename"] = file->filename;
    view["file_bytes"] = file->bytes;
    return view;
  }

  bool is_called_json() const {
    if (one_.raw->request_body.bytes == 0) return true;
    return header_of(one_.raw->request_headers, "content-type").starts_with("application/json");
  }

  // Whatever is named in the path: "asked" says what that is.
  bool fits(std::string_view content_type, const std::string& body) const {
    const Violations wrong =
        OpenApi::built_in().check_request(*one_.operation, one_.raw->target, content_type, body);
    return std::all_of(wrong.begin(), wrong.end(),
                       [](const Violation& it) { return it.pointer.starts_with("path "); });
  }

  // Whether these fields leave a service nothing to refuse.
  bool is_plain(const Json& fields) const {
    if (fields.is_null() && one_.raw->request_body.bytes == 0) return fits("", "");
    if (!fields.is_object() || without_unknown_fields(fields) != fields) return false;
    if (!fits("application/json", fields.dump())) return false;
    const Json ids = fields.value("attachment_ids", Json::array());
    return std::all_of(ids.begin(), ids.end(), [&](const Json& id) {
      return scene_.whose(id.get<std::string>(), at_) == "own";
    });
  }

  bool changed_is_plain(const Json& changed) const {
    return changed != one_.sent && is_plain(changed);
  }

  std::string only_missing() const {
    for (const NeededField& needed : kNeeded) {
      if (!one_.is(needed.operation)) continue;
      std::string name(needed.name);
      const auto given = one_.sent.find(name);
      const bool is_missing = given == one_.sent.end();
      const bool is_empty = !is_missing && given->is_string() && text_in(one_.sent, name).empty();
      if (!is_missing && !is_empty) continue;  // null is a value of a wrong type
      Json whole = one_.sent;
      whole[name] = needed.number == 0 ? Json("x") : Json(needed.number);
      if (is_plain(whole)) return name;
    }
    return {};
  }

  Json without_unknown_fields() const { return without_unknown_fields(one_.sent); }
  Json without_unknown_fields(const Json& fields) const {
    const Schema* schema = request_schema(*one_.operation);
    Json known = Json::object();
    for (const auto& [name, value] : fields.items()) {
      if (schema != nullptr && schema->properties.contains(name)) known[name] = value;
    }
    return known;
  }

  Json without_nulls() const {
    Json rest = Json::object();
    for (const auto& [name, value] : one_.sent.items()) {
      if (!value.is_null()) rest[name] = value;
    }
    return rest;
  }

  Json with_ten_attachments() const {
    Json fewer = one_.sent;
    Json& ids = fewer["attachment_ids"];
    if (!ids.is_array() || ids.size() <= kMostAttachments) return one_.sent;
    ids.erase(ids.begin() + kMostAttachments, ids.end());
    return fewer;
  }

  const Scene& scene_;
  std::size_t at_;
  const Heard& one_;
};

Json named_view(const Scene& scene, std::size_t at, const std::string& id, std::string_view kind) {
  Json view{{"form", form_of_id(id, kind)}};
  const std::string_view whose = scene.whose(id, at);
  if (!whose.empty()) view["known"] = whose;
  return view;
}

Json job_view(const Scene& scene, std::size_t at) {
  Json view = Json::object();
  const SeenJob* job = scene.find_job(scene.heard[at].named);
  if (job == nullptr) return view;
  const std::string status = scene.job_status_before(scene.heard[at].named, at);
  if (!status.empty()) view["status"] = status;
  if (job->is_of_other_origin) view["origin"] = "other";
  const SeenAgent* agent = job->agent.empty() ? nullptr : scene.find_agent(job->agent);
  if (agent != nullptr && agent->deleted && *agent->deleted < at) view["agent"] = "deleted";
  return view;
}

Json query_view(const Heard& one) {
  Json view = Json::object();
  for (const auto& [name, value] : one.query) {
    if (!view.contains(name)) view[name] = value;  // of a repeated one the first counts (assumed)
  }
  return view;
}

// The only parameter of the query that is not as openapi.json wants it; "" for none or several.
std::string only_bad_parameter(const Heard& one) {
  constexpr std::string_view kInQuery = "query ";
  std::set<std::string> bad;
  for (const Violation& wrong :
       OpenApi::built_in().check_request(*one.operation, one.raw->target, "", "")) {
    if (!wrong.pointer.starts_with(kInQuery)) return {};
    const std::string name = wrong.pointer.substr(kInQuery.size());
    bad.insert(name.substr(0, name.find('/')));
  }
  return bad.size() == 1 ? *bad.begin() : "";
}

// How many of the agent's conversations were known before.
std::size_t known_before(const Scene& scene, std::size_t at) {
  const auto is_known = [&](const auto& entry) {
    const SeenJob& job = entry.second;
    if (job.agent != scene.agent_called(scene.heard[at].named)) return false;
    return std::any_of(job.listed.begin(), job.listed.end(),
                       [&](const SceneSighting& it) { return scene.is_before(it.at, at); }) ||
           std::any_of(job.turns.begin(), job.turns.end(),
                       [&](std::size_t turn) { return scene.is_before(scene.turns[turn].at, at); });
  };
  return static_cast<std::size_t>(std::count_if(scene.jobs.begin(), scene.jobs.end(), is_known));
}

// How a list of conversations ends, if this page is its end; "" otherwise.
std::string_view next_cursor_word(const Scene& scene, std::size_t at) {
  const Heard& page = scene.heard[at];
  const auto cursor = page.body.find("next_cursor");
  if (cursor != page.body.end()) return cursor->is_null() ? "null_at_end" : "";
  const std::size_t size = page.body.value("conversations", Json::array()).size();
  if (size < limit_of(page)) return "absent_at_end";
  const bool has_more =
      is_of_all(page) && page.parameter("cursor") == nullptr && known_before(scene, at) > size;
  return has_more ? "absent" : "";
}

// The documented fields that every conversation of the page has.
Json known_fields(const Json& conversations) {
  Json fields = Json::array();
  for (const std::string_view name : kKnownFields) {
    const bool has_all =
        std::all_of(conversations.begin(), conversations.end(), [&](const Json& conversation) {
          return conversation.is_object() && conversation.contains(name);
        });
    if (has_all) fields.push_back(name);
  }
  return fields;
}

void add_list_members(const Scene& scene, std::size_t at, Json& view) {
  const Heard& one = scene.heard[at];
  if (const std::string bad = only_bad_parameter(one); !bad.empty()) {
    const std::string* value = one.parameter(bad);
    const bool is_empty = value != nullptr && value->empty();
    view[is_empty ? "only_empty_parameter" : "only_bad_parameter"] = bad;
  }
  if (!one.is_good() || !one.body.is_object()) return;
  if (const auto word = next_cursor_word(scene, at); !word.empty()) view["next_cursor"] = word;
  const Json conversations = one.body.value("conversations", Json());
  if (conversations.is_array() && !conversations.empty()) {
    view["known_fields"] = known_fields(conversations);
  }
}

Json headers_view(const RecordedExchange& raw) {
  Json view = Json::object();
  for (const mock::Header& header : raw.reply_headers) view[header.name] = header.value;
  return view;
}

std::string scheme_of(const RecordedExchange& raw) {
  const std::string header = header_of(raw.request_headers, "authorization");
  return header.substr(0, header.find(' '));
}

void add_operation_members(const Scene& scene, std::size_t at, Json& view) {
  const Heard& one = scene.heard[at];
  view["operation"] = one.operation->id;
  view["sent"] = SentView(scene, at).json();
  if (!one.named.empty()) {
    view["asked"] = named_view(scene, at, one.named, kind_of_named(one));
  }
  if (one.is("start") && one.sent.is_object()) {
    const std::string agent = text_in(one.sent, "agent_id");
    if (!agent.empty()) view["agent"] = named_view(scene, at, agent, "cci");
  }
  if (one.is("continue") || one.is("messages")) view["job"] = job_view(scene, at);
  if (one.is("conversations")) add_list_members(scene, at, view);
}

Json exchange_view(const Scene& scene, std::size_t at) {
  const Heard& one = scene.heard[at];
  const RecordedExchange& raw = *one.raw;
  Json view{{"method", raw.method},         {"path", one.path},
            {"query", query_view(one)},     {"known_key", scene.good_keys.contains(raw.key)},
            {"status", raw.status},         {"class", std::to_string(raw.status / 100) + "xx"},
            {"headers", headers_view(raw)}, {"body", one.body}};
  if (scene.tells_keys) view["came_with_key"] = !raw.key.empty();
  if (const std::string scheme = scheme_of(raw); !scheme.empty()) view["scheme"] = scheme;
  if (one.operation != nullptr) add_operation_members(scene, at, view);
  return view;
}

}  // namespace

View view_at(const Scene& scene, std::size_t at, Over over, Json json) {
  const RecordedExchange& raw = *scene.heard[at].raw;
  return {over, std::move(json), raw.number, raw.at};
}

std::size_t limit_of(const Heard& page) {
  constexpr std::size_t kUsual = 50;
  const std::string* text = page.parameter("limit");
  std::size_t limit = kUsual;
  if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), limit);
  return limit;
}

bool is_of_all(const Heard& page) {
  return page.parameter("status") == nullptr && page.parameter("updated_after") == nullptr &&
         page.parameter("offset") == nullptr;
}

std::string next_cursor_of(const Heard& page) {
  return text_in(page.body, "next_cursor");
}

void exchange_views(const Scene& scene, const ViewSink& sink) {
  for (std::size_t at = 0; at < scene.heard.size(); ++at) {
    sink(view_at(scene, at, Over::exchange, exchange_view(scene, at)));
  }
}

void for_each_view(const Recording& recording, const ViewSink& sink) {
  const Scene scene(recording);
  exchange_views(scene, sink);
  message_views(scene, sink);
  turn_views(scene, sink);
  conversation_views(scene, sink);
  walk_views(scene, sink);
}

}  // namespace nairi::contracts::evidence
