#include "harness/server/step_request.h"

#include <algorithm>
#include <string_view>

namespace nairi::contracts {
namespace {

constexpr const char* kBoundary = "nairi-contract-boundary";

std::string multipart_body(const std::vector<SentPart>& parts, const Values& values) {
  constexpr std::size_t kHeadBytes = 1024;
  std::size_t size = kHeadBytes;
  for (const SentPart& part : parts) size += kHeadBytes + part.text.size() + part.size;
  std::string body;
  body.reserve(size);  // a part may have 50 MB
  for (const SentPart& part : parts) {
    body += std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"" +
            part.name + "\"";
    if (part.filename) {
      body += "; filename=\"" + *part.filename + "\"\r\nContent-Type: application/octet-stream";
    }
    body += "\r\n\r\n" + fill(part.text, values);
    body.append(part.size, '\0');
    body += "\r\n";
  }
  body += std::string("--") + kBoundary + "--\r\n";
  return body;
}

bool has_header(const HttpRequest& request, std::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const HttpHeader& header) { return header.name == name; });
}

void add_body(const StepCall& call, const Values& values, HttpRequest& request) {
  std::string type = "application/json";
  if (call.json) {
    request.body = fill_all(*call.json, values).dump();
  } else if (call.body) {
    request.body.reserve(call.body->size() * call.body_times);
    for (std::size_t i = 0; i < call.body_times; ++i) request.body += *call.body;
  } else if (!call.multipart.empty()) {
    request.body = multipart_body(call.multipart, values);
    type = std::string("multipart/form-data; boundary=") + kBoundary;
  } else {
    return;
  }
  if (!has_header(request, "Content-Type")) request.headers.push_back({"Content-Type", type});
}

}  // namespace

HttpRequest make_request(const StepCall& call, const Values& values) {
  HttpRequest request;
  request.method = call.method;
  request.target = fill_path(call.path, values);
  const std::string authorization = fill(call.auth.value_or("Bearer {api_key}"), values);
  if (!authorization.empty()) request.headers.push_back({"Authorization", authorization});
  for (const auto& [name, value] : call.headers) {
    request.headers.push_back({name, fill(value, values)});
  }
  add_body(call, values, request);
  return request;
}

}  // namespace nairi::contracts
