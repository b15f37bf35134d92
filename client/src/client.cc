#include "nairi/client.h"

#include <utility>

#include "api_caller.h"
#include "decode.h"
#include "encode.h"
#include "target.h"

namespace nairi {

std::string Outcome::text() const {
  std::string joined;
  for (const Message& reply : replies) {
    if (!joined.empty() && !reply.content.empty()) joined += "\n\n";
    joined += reply.content;
  }
  return joined;
}

Client::Client(std::shared_ptr<Transport> transport, ClientOptions options)
    : caller_(std::make_shared<const ApiCaller>(std::move(transport), std::move(options))) {}

Result<Turn> Client::start(std::string_view agent_id, std::string_view prompt,
                           const StartOptions& options) const {
  return encode_start(agent_id, prompt, options).and_then([&](std::string body) {
    return caller_->call({.method = "POST",
                          .target = "/conversations/start",
                          .body = std::move(body),
                          .stop = options.stop},
                         decode_turn);
  });
}

Result<Turn> Client::continue_conversation(std::string_view job_id, std::string_view prompt,
                                           const ContinueOptions& options) const {
  const auto target = Target("/conversations").segment(job_id, "a job id").path("/continue").text();
  if (!target) return tl::unexpected(target.error());
  return encode_continue(prompt, options).and_then([&](std::string body) {
    return caller_->call(
        {.method = "POST", .target = *target, .body = std::move(body), .stop = options.stop},
        decode_turn);
  });
}

Result<Message> Client::message(std::string_view message_id) const {
  return Target("/messages")
      .segment(message_id, "a message id")
      .text()
      .and_then([&](std::string target) {
        return caller_->call({"GET", std::move(target)}, decode_message);
      });
}

Result<std::vector<Message>> Client::messages(std::string_view job_id) const {
  return Target("/conversations")
      .segment(job_id, "a job id")
      .path("/messages")
      .text()
      .and_then([&](std::string target) {
        return caller_->call({"GET", std::move(target)}, decode_messages);
      });
}

}  // namespace nairi
