#include "harness/server/tampering.h"

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
  const Operation* operation = OpenApi::built_in().find(request.method, request.target);
  return operation == nullptr ? "" : operation->id;
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
