#include "harness/tampering.h"

#include <utility>

#include "harness/openapi.h"

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
  const std::string path = request.target.substr(0, request.target.find('?'));
  const Operation* operation = OpenApi::built_in().find(request.method, path);
  return operation == nullptr ? "" : operation->id;
}

MakeTamper in_body_of(std::string operation, Edit edit) {
  return for_query(std::move(operation), "", std::move(edit));
}

MakeTamper in_each_message(Edit edit) {
  return always([edit = std::move(edit)](const HttpRequest& request, HttpReply& reply) {
    const std::string operation = operation_id(request);
    if (!is_good(reply)) return;
    if (operation == "poll") edit_body(reply, edit);
    if (operation != "messages") return;
    edit_body(reply, [&](Json& body) {
      for (Json& message : body["messages"]) edit(message);
    });
  });
}

MakeTamper in_each(std::string role, Edit edit) {
  return in_each_message([role = std::move(role), edit = std::move(edit)](Json& message) {
    if (message["role"] == role) edit(message);
  });
}

MakeTamper in_each_envelope(Edit edit) {
  return in_each("progress", [edit = std::move(edit)](Json& message) {
    Json envelope = Json::parse(message["content"].get<std::string>());
    edit(envelope);
    message["content"] = envelope.dump();
  });
}

MakeTamper in_timelines(Edit edit) {
  return in_body_of("messages", [edit = std::move(edit)](Json& body) { edit(body["messages"]); });
}

MakeTamper in_each_conversation(Edit edit) {
  return in_body_of("conversations", [edit = std::move(edit)](Json& body) {
    for (Json& conversation : body["conversations"]) edit(conversation);
  });
}

MakeTamper in_each_error(Edit edit) {
  return always([edit = std::move(edit)](const HttpRequest&, HttpReply& reply) {
    if (reply.status >= 400) edit_body(reply, edit);
  });
}

MakeTamper instead_of(int from, std::string operation, int status, std::string body) {
  return instead_where(from, std::move(operation), "", status, std::move(body));
}

MakeTamper instead_where(int from, std::string operation, std::string text, int status,
                         std::string body) {
  return always([=](const HttpRequest& request, HttpReply& reply) {
    const bool meant = reply.status == from &&
                       (operation.empty() || operation_id(request) == operation) &&
                       (request.target + "\n" + request.body).find(text) != std::string::npos;
    if (!meant) return;
    reply.status = status;
    reply.body = body;
  });
}

MakeTamper for_query(std::string operation, std::string query, Edit edit) {
  return always([=](const HttpRequest& request, HttpReply& reply) {
    const bool meant = is_good(reply) && operation_id(request) == operation &&
                       request.target.find(query) != std::string::npos;
    if (meant) edit_body(reply, edit);
  });
}

}  // namespace nairi::contracts
