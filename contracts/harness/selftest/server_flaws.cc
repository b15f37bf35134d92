#include "harness/selftest/server_flaws.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace nairi::contracts {
namespace {

void drop_milliseconds(Json& object, const char* key) {
  if (!object.contains(key)) return;
  std::string text = object[key];
  const std::size_t dot = text.find('.');
  if (dot != std::string::npos) text.erase(dot, 4);
  object[key] = text;
}

}  // namespace

Edit set(const std::string& key, const Json& value) {
  return [=](Json& object) { object[key] = value; };
}
Edit erase(const std::string& key) {
  return [=](Json& object) { object.erase(key); };
}
Edit replace(const std::string& key, const Json& from, const Json& to) {
  return [=](Json& object) {
    if (object.contains(key) && object[key] == from) object[key] = to;
  };
}

void erase_role(Json& messages, const std::string& role) {
  for (auto it = messages.begin(); it != messages.end();) {
    it = (*it)["role"] == role ? messages.erase(it) : it + 1;
  }
}

void lower(Json& object, const char* key) {
  if (!object.contains(key)) return;
  std::string text = object[key];
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  object[key] = text;
}

// --- Broken in a way that needs a memory ------------------------------------------------------

// The second reading of a completed message finds it pending again.
Tamper flips_back() {
  auto completed = std::make_shared<std::set<std::string>>();
  return [completed](const HttpRequest& request, HttpReply& reply) {
    if (reply.status != 200 || operation_id(request) != "poll") return;
    Json message = Json::parse(reply.body);
    if (message["status"] != "completed") return;
    if (completed->insert(message["id"]).second) return;
    message["status"] = "pending";
    reply.body = message.dump();
  };
}

// The answer is missing from the first timeline after the message was completed.
Tamper answers_late() {
  auto read = std::make_shared<std::set<std::string>>();
  return [read](const HttpRequest& request, HttpReply& reply) {
    if (reply.status != 200 || operation_id(request) != "messages") return;
    if (!read->insert(request.target).second) return;
    Json body = Json::parse(reply.body);
    erase_role(body["messages"], "assistant");
    reply.body = body.dump();
  };
}

// A message has another id each time that it is read.
Tamper renames_messages() {
  auto count = std::make_shared<int>(0);
  return [count](const HttpRequest& request, HttpReply& reply) {
    if (reply.status != 200 || operation_id(request) != "poll" || ++*count % 2 == 1) return;
    Json message = Json::parse(reply.body);
    std::string id = message["id"];
    id.back() = id.back() == '0' ? '1' : '0';
    message["id"] = id;
    reply.body = message.dump();
  };
}

// Begins a later page with the last conversation of the page before.
Tamper repeats_at_edges() {
  auto last = std::make_shared<Json>();
  return [last](const HttpRequest& request, HttpReply& reply) {
    if (reply.status != 200 || operation_id(request) != "conversations") return;
    Json body = Json::parse(reply.body);
    Json& page = body["conversations"];
    const bool later = request.target.find("cursor=") != std::string::npos ||
                       request.target.find("offset=") != std::string::npos;
    const Json remembered = std::exchange(*last, page.empty() ? Json() : page.back());
    if (later && !page.empty() && !remembered.is_null()) page.front() = remembered;
    reply.body = body.dump();
  };
}

// Includes what was updated at the very moment of `updated_after`.
Tamper includes_the_moment() {
  auto seen = std::make_shared<std::map<std::string, Json>>();  // by updated_at
  return [seen](const HttpRequest& request, HttpReply& reply) {
    if (reply.status != 200 || operation_id(request) != "conversations") return;
    Json body = Json::parse(reply.body);
    for (const Json& conversation : body["conversations"]) {
      (*seen)[conversation["updated_at"]] = conversation;
    }
    for (const auto& [moment, conversation] : *seen) {
      const bool asked =
          request.target.find("updated_after=" + percent_encode(moment)) != std::string::npos;
      if (asked) body["conversations"].push_back(conversation);
    }
    reply.body = body.dump();
  };
}

// Another status than the documented one, wherever a key is refused.
Tamper forbids_instead() {
  return [](const HttpRequest&, HttpReply& reply) {
    if (reply.status == 401) reply.status = 403;
  };
}

Tamper errors_are_text() {
  return [](const HttpRequest&, HttpReply& reply) {
    if (reply.status < 400) return;
    reply.body = Json::parse(reply.body).value("error", "");
    for (HttpHeader& header : reply.headers) {
      if (header.name == "Content-Type") header.value = "text/plain";
    }
  };
}

Tamper errors_say_html() {
  return [](const HttpRequest&, HttpReply& reply) {
    for (HttpHeader& header : reply.headers) {
      if (reply.status >= 400 && header.name == "Content-Type") header.value = "text/html";
    }
  };
}

// Malformed ids are not found.
Tamper malformed_is_unknown() {
  return [](const HttpRequest& request, HttpReply& reply) {
    if (reply.status == 400 && request.method == "GET" &&
        operation_id(request) != "conversations") {
      reply.status = 404;
    }
  };
}

Tamper knows_any_agent() {
  return [](const HttpRequest& request, HttpReply& reply) {
    if (reply.status != 404 || operation_id(request) != "conversations") return;
    reply.status = 200;
    reply.body = kNoConversations;
  };
}

// A conversation that one key saw is listed for every other.
Tamper lists_foreign_conversations() {
  auto seen = std::make_shared<std::map<std::string, Json>>();  // by key
  return [seen](const HttpRequest& request, HttpReply& reply) {
    if (reply.status != 200 || operation_id(request) != "conversations") return;
    Json body = Json::parse(reply.body);
    const std::string& key = request.headers.front().value;
    const Json own = body["conversations"];
    for (const auto& [other, conversations] : *seen) {
      if (other == key) continue;
      for (const Json& conversation : conversations) body["conversations"].push_back(conversation);
    }
    (*seen)[key] = own;
    reply.body = body.dump();
  };
}

// Answers as a good key's call would be, where the header begins with that.
MakeTamper lets_in(const std::string& authorization) {
  return [=]() -> Tamper {
    return [=](const HttpRequest& request, HttpReply& reply) {
      for (const HttpHeader& header : request.headers) {
        const bool meant = reply.status == 401 && header.name == "Authorization" &&
                           header.value.starts_with(authorization);
        if (meant) reply = {.status = 200, .headers = reply.headers, .body = "[]"};
      }
    };
  };
}

Tamper wants_bearer_capital() {
  return [](const HttpRequest& request, HttpReply& reply) {
    for (const HttpHeader& header : request.headers) {
      if (header.value.starts_with("bearer ")) reply.status = 401;
    }
  };
}

Tamper has_no_head() {
  return [](const HttpRequest& request, HttpReply& reply) {
    if (request.method == "HEAD") reply.status = 404;
  };
}

Tamper allows_nothing() {
  return [](const HttpRequest&, HttpReply& reply) {
    std::erase_if(reply.headers, [](const HttpHeader& header) { return header.name == "Allow"; });
  };
}

Tamper refuses_charsets() {
  return [](const HttpRequest& request, HttpReply& reply) {
    for (const HttpHeader& header : request.headers) {
      if (header.value.find("charset") != std::string::npos) reply.status = 400;
    }
  };
}

Tamper refuses_large_files() {
  constexpr std::size_t kMost = std::size_t{40} << 20;
  return [](const HttpRequest& request, HttpReply& reply) {
    if (request.body.size() > kMost) reply.status = 413;
  };
}

// Lists by a rule of its own where no parameter of that name asks for another.
MakeTamper by_default(const std::string& parameter, const Edit& edit) {
  return [=]() -> Tamper {
    return [=](const HttpRequest& request, HttpReply& reply) {
      const bool meant = reply.status == 200 && operation_id(request) == "conversations" &&
                         request.target.find(parameter + "=") == std::string::npos;
      if (!meant) return;
      Json body = Json::parse(reply.body);
      edit(body["conversations"]);
      reply.body = body.dump();
    };
  };
}

// --- Edits that are longer than a line --------------------------------------------------------

void open_envelopes(Json& message) {
  message["content"] = Json::parse(message["content"].get<std::string>());
}

void newest_first(Json& list) {
  std::reverse(list.begin(), list.end());
}

void failure_is_an_answer(Json& messages) {
  for (Json& message : messages) {
    if (message["role"] == "system") message["role"] = "assistant";
  }
}

void without_prefix(Json& message) {
  const std::string text = message["content"];
  const std::size_t colon = text.find(": ");
  if (text.starts_with("nairid")) message["content"] = text.substr(colon + 2);
}

void without_reason(Json& message) {
  const std::string text = message["content"];
  if (text.starts_with("Job complete")) message["content"] = "Job complete";
}

void other_tool_id_at_end(Json& message) {
  if (message.value("tool_status", "") == "running") return;
  if (!message.contains("tool_use_id")) return;
  message["tool_use_id"] = "toolu_other";
  Json envelope = Json::parse(message["content"].get<std::string>());
  envelope["tool_use_id"] = "toolu_other";
  message["content"] = envelope.dump();
}

void tools_in_place_of_thoughts(Json& message) {
  if (message.value("progress_type", "") != "thinking") return;
  Json envelope = Json::parse(message["content"].get<std::string>());
  envelope["progress_type"] = "tool_use";
  envelope["tool_name"] = "Bash";
  message["content"] = envelope.dump();
  message["progress_type"] = "tool_use";
}

void add_null(Json& message) {
  if (!message.contains("attachment_ids")) message["attachment_ids"] = nullptr;
}

void reverse_when_unsorted(Json& body) {
  newest_first(body["conversations"]);
}

void skip_first(Json& body) {
  Json& page = body["conversations"];
  if (page.size() > 1) page.erase(0);
}

void first_is_active(Json& body) {
  Json& page = body["conversations"];
  if (!page.empty()) page[0]["status"] = "active";
}

void only_active(Json& page) {
  for (auto it = page.begin(); it != page.end();) {
    it = (*it)["status"] == "active" ? it + 1 : page.erase(it);
  }
}

void at_most_twenty(Json& page) {
  while (page.size() > 20) page.erase(page.size() - 1);
}

void one_more(Json& body) {
  Json& page = body["conversations"];
  if (page.empty()) return;
  Json extra = page.back();
  extra["id"] = "job_01ARZ3NDEKTSV4RRFFQ69G5FAV";
  page.push_back(std::move(extra));
}

void first_status_only(Json& body) {
  Json& page = body["conversations"];
  const Json status = page.empty() ? Json() : page[0]["status"];
  for (auto it = page.begin(); it != page.end();) {
    it = (*it)["status"] == status ? it + 1 : page.erase(it);
  }
}

void ascii_names(Json& attachment) {
  std::string name = attachment["filename"];
  for (char& c : name) {
    if (static_cast<unsigned char>(c) > 127) c = '?';
  }
  attachment["filename"] = name;
}

void escape_quotes(Json& attachment) {
  std::string name = attachment["filename"];
  const std::size_t quote = name.find('"');
  if (quote != std::string::npos) name.replace(quote, 1, "%22");
  attachment["filename"] = name;
}

void seconds_only(Json& message) {
  drop_milliseconds(message, "created_at");
  drop_milliseconds(message, "updated_at");
}

void local_time(Json& message) {
  std::string text = message["created_at"];
  text.replace(text.size() - 1, 1, "+00:00");
  message["created_at"] = text;
}

}  // namespace nairi::contracts
