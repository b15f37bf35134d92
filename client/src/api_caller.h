// Sends one request of the API, with credentials and retries, and sorts what comes back.
//
//   caller.call({.method = "GET", .target = "/agents"}, decode_agents);   // Result<vector<Agent>>
//
// Thread-safety: all members may be called from any thread.
#ifndef NAIRI_CLIENT_API_CALLER_H_
#define NAIRI_CLIENT_API_CALLER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "nairi/options.h"
#include "nairi/transport.h"

namespace nairi {

struct ApiRequest {
  std::string method;
  std::string target;
  std::string body = {};
  std::string content_type = "application/json";           // sent when there is a body
  std::optional<std::chrono::milliseconds> deadline = {};  // on the caller's clock
  std::stop_token stop = {};                               // none: that of ClientOptions
};

class ApiCaller {
 public:
  ApiCaller(std::shared_ptr<Transport> transport, ClientOptions options);

  // The answer if its status is 2xx; every other one is an error that names the request.
  Result<HttpReply> send(const ApiRequest& request) const;

  // The same, with the body decoded.
  template <typename T>
  Result<T> call(const ApiRequest& request, Result<T> (*decode)(std::string_view)) const {
    return send(request).and_then(
        [&](const HttpReply& reply) { return named(request, decode(reply.body)); });
  }

  template <typename T>
  static Result<T> named(const ApiRequest& request, Result<T> result) {
    if (!result) result = tl::unexpected(named(request, std::move(result.error())));
    return result;
  }

  Clock& clock() const { return options_.clock ? *options_.clock : transport_->clock(); }
  const ClientOptions& options() const { return options_; }
  // What ends a call that was given `own`.
  const std::stop_token& stop_of(const std::stop_token& own) const {
    return own.stop_possible() ? own : options_.stop;
  }

 private:
  static Error named(const ApiRequest& request, Error error);
  Result<HttpReply> send_once(const ApiRequest& request) const;
  Error error_of(const HttpReply& reply) const;
  std::chrono::milliseconds backoff_after(int attempt) const;

  std::shared_ptr<Transport> transport_;
  ClientOptions options_;
};

}  // namespace nairi

#endif  // NAIRI_CLIENT_API_CALLER_H_
