#include "harness/selftest/tampering.h"

#include <utility>

#include "harness/openapi/openapi.h"

namespace nairi::contracts {
namespace {

bool is_good(const HttpReply& reply) {
  return reply.status >= 200 && reply.status < 300;
}

// Edits a body that is JSON; another is left alone.
void edit_body(HttpReply& reply, const Edit& edit) {
  Json body = Json::parse(reply.body, nullptr, false);
  if (body.is_discarded()) return;
  edit(body);
  reply.body = body.dump();
}

// A tamper without memory is the same for every case.
MakeTamper always(Tamper tamper) {
  return [tamper = std::move(tamper)] { return tamper; };
}

}  // namespace

std::string operation_id(const HttpRequest& request) {
  const ApiOperation* operation = OpenApi::built_in().find(request.method, request.target);
  return operation == nullptr ? "" : operation->id;
}

Edit set(const std::string& key, const Json& value) {
  return [=](Json& object) { object[key] = value; };
}

Edit add(const std::string& key, const Json& value) {
  return [=](Json& object) {
    if (!object.contains(key)) object[key] = value;
  };
}

Edit change(const std::string& key, const Json& value) {
  return [=](Json& object) {
    if (object.contains(key)) object[key] = value;
  };
}

Edit replace(const std::string& key, const Json& from, const Json& to) {
  return [=](Json& object) {
    if (object.contains(key) && object[key] == from) object[key] = to;
  };
}

Edit erase(const std::string& key) {
  return [=](Json& object) { object.erase(key); };
}

Edit each(const Edit& edit) {
  return [=](Json& array) {
    for (Json& element : array) edit(element);
  };
}

Edit without_role(const std::string& role) {
  return [=](Json& messages) {
    erase_where(messages, [&](const Json& message) { return message.value("role", "") == role; });
  };
}

void erase_where(Json& array, const std::function<bool(const Json&)>& goes) {
  for (auto it = array.begin(); it != array.end();) it = goes(*it) ? array.erase(it) : it + 1;
}

Tamper in_answers_to(const std::string& operation,
                     std::function<void(const HttpRequest& request, Json& body)> edit) {
  return [operation, edit = std::move(edit)](const HttpRequest& request, HttpReply& reply) {
    if (reply.status != 200 || operation_id(request) != operation) return;
    edit_body(reply, [&](Json& body) { edit(request, body); });
  };
}

MakeTamper in_body_of(const std::string& operation, const Edit& edit) {
  return for_query(operation, "", edit);
}

MakeTamper in_each_message(const Edit& edit) {
  return always([=](const HttpRequest& request, HttpReply& reply) {
    const std::string operation = operation_id(request);
    if (!is_good(reply)) return;
    if (operation == "poll") edit_body(reply, edit);
    if (operation != "messages") return;
    edit_body(reply, [&](Json& body) {
      for (Json& message : body["messages"]) edit(message);
    });
  });
}

MakeTamper in_each(const std::string& role, const Edit& edit) {
  return in_each_message([=](Json& message) {
    if (message["role"] == role) edit(message);
  });
}

MakeTamper in_each_envelope(const Edit& edit) {
  return in_each("progress", [=](Json& message) {
    Json envelope = Json::parse(message["content"].get<std::string>());
    edit(envelope);
    message["content"] = envelope.dump();
  });
}

MakeTamper in_timelines(const Edit& edit) {
  return in_body_of("messages", [=](Json& body) { edit(body["messages"]); });
}

MakeTamper in_each_conversation(const Edit& edit) {
  return in_body_of("conversations", [=](Json& body) {
    for (Json& conversation : body["conversations"]) edit(conversation);
  });
}

MakeTamper in_each_error(const Edit& edit) {
  return always([=](const HttpRequest&, HttpReply& reply) {
    if (reply.status >= 400) edit_body(reply, edit);
  });
}

MakeTamper instead_of(int from, const std::string& operation, int status, const std::string& body) {
  return instead_where(from, operation, "", status, body);
}

MakeTamper instead_where(int from, const std::string& operation, const std::string& text,
                         int status, const std::string& body) {
  return always([=](const HttpRequest& request, HttpReply& reply) {
    const bool meant = reply.status == from &&
                       (operation.empty() || operation_id(request) == operation) &&
                       (request.target + "\n" + request.body).find(text) != std::string::npos;
    if (!meant) return;
    reply.status = status;
    reply.body = body;
  });
}

MakeTamper for_query(const std::string& operation, const std::string& query, const Edit& edit) {
  return always([=](const HttpRequest& request, HttpReply& reply) {
    const bool meant = is_good(reply) && operation_id(request) == operation &&
                       request.target.find(query) != std::string::npos;
    if (meant) edit_body(reply, edit);
  });
}

}  // namespace nairi::contracts
