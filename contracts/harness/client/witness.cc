#include "harness/client/witness.h"

#include <algorithm>
#include <utility>

#include "harness/openapi/openapi.h"
#include "nairi/mock/api.h"
#include "nairi/mock/delivery.h"

namespace nairi::contracts {
mock::Reply Witness::pass(mock::Fake& fake, const mock::Request& request) {
  std::string_view target = request.target;
  if (target.starts_with(mock::kApiPrefix)) target.remove_prefix(mock::kApiPrefix.size());
  const std::string_view type = mock::header_value(request.headers, "Content-Type");
  const std::lock_guard lock(mutex_);
  check(request.method, target, type, request.body);
  TraceEntry entry = begin(request.method, target, type, request.body, real_clock().now());
  mock::Reply reply = fake.handle(request);
  change_status(reply.body);
  entry.status = reply.status;
  entry.received = reply.body;
  entry.mishap = mock::delivery_text(reply);
  trace_.push_back(std::move(entry));
  return reply;
}

void Witness::note(mock::Fake& fake, const mock::RefusedRequest& refused) {
  const mock::Request& request = refused.request;
  const std::lock_guard lock(mutex_);
  fake.note_refused(refused);
  if (request.method.empty() && refused.reply.status == 0) return;  // the fake counts it not either
  TraceEntry entry = begin(request.method, request.target, {}, request.body, real_clock().now());
  entry.status = refused.reply.status;
  entry.received = refused.reply.body;
  entry.mishap = refused.why;
  trace_.push_back(std::move(entry));
}

Result<HttpReply> Witness::pass(Transport& fake, const HttpRequest& request) {
  const auto header = std::find_if(request.headers.begin(), request.headers.end(),
                                   [](const HttpHeader& it) { return it.name == "Content-Type"; });
  const std::string_view type =
      header == request.headers.end() ? std::string_view() : std::string_view(header->value);
  const std::lock_guard lock(mutex_);
  check(request.method, request.target, type, request.body);
  TraceEntry entry = begin(request.method, request.target, type, request.body, fake.clock().now());
  auto reply = fake.send(request);
  if (reply) {
    change_status(reply->body);
    entry.status = reply->status;
    entry.received = reply->body;
  } else {
    entry.mishap = reply.error().message;
  }
  trace_.push_back(std::move(entry));
  return reply;
}

std::vector<std::string> Witness::wrong() const {
  const std::lock_guard lock(mutex_);
  return wrong_;
}

std::vector<TraceEntry> Witness::trace() const {
  const std::lock_guard lock(mutex_);
  return trace_;
}

void Witness::check(std::string_view method, std::string_view target, std::string_view content_type,
                    std::string_view body) {
  const OpenApi& api = OpenApi::built_in();
  const ApiOperation* operation = api.find(method, target);
  const std::string where = std::string(method) + " " + std::string(target);
  if (operation == nullptr) {
    wrong_.push_back(where + ": there is no such operation");
    return;
  }
  for (const Violation& violation : api.check_request(*operation, target, content_type, body)) {
    wrong_.push_back(where + ": " + violation.pointer + ": wanted " + violation.wanted + ", got " +
                     violation.got);
  }
}

// For as long as a turn runs.
void Witness::change_status(std::string& body) const {
  if (!case_.mutate_status) return;
  for (const std::string_view status : {R"("status":"queued")", R"("status":"pending")"}) {
    for (std::size_t at = 0; (at = body.find(status, at)) != std::string::npos;) {
      body.replace(at, status.size(), R"("status":"scheduled")");
    }
  }
}

TraceEntry Witness::begin(const std::string& method, std::string_view target, std::string_view type,
                          const std::string& body, std::chrono::milliseconds now) {
  if (trace_.empty()) first_ = now;
  TraceEntry entry;
  entry.step = "#" + std::to_string(trace_.size() + 1);
  entry.request = method + " " + std::string(target) + " (at " +
                  std::to_string((now - first_).count()) + " ms)";
  entry.sent = body;
  entry.sent_type = type;
  return entry;
}

}  // namespace nairi::contracts
