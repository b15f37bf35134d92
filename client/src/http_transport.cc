#include "nairi/http_transport.h"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "failure.h"
#include "httplib_compat.h"
#include "nairi/base_url.h"
#include "sigpipe_guard.h"

namespace nairi {
namespace {

using std::chrono::milliseconds;
using Moment = std::chrono::steady_clock::time_point;

Moment now() {
  return std::chrono::steady_clock::now();
}

// What one exchange may use, and what came of it so far.
struct Exchange {
  Exchange(const HttpRequest& request, const HttpOptions& options)
      : max_bytes(options.max_reply_bytes), silence_limit(options.read_timeout) {
    if (request.time_limit) {
      end = now() + *request.time_limit;
      silence_limit = std::min(silence_limit, *request.time_limit);
    }
  }

  // Takes a piece of the body; false stops the exchange.
  bool take(const char* data, std::size_t size) {
    last_byte = now();
    too_large = size > max_bytes - body.size();
    too_late = last_byte > end;
    if (too_large || too_late) return false;
    body.append(data, size);
    return true;
  }

  const std::size_t max_bytes;
  milliseconds silence_limit;
  Moment end = Moment::max();
  Moment last_byte = now();
  std::string body;
  bool too_large = false;
  bool too_late = false;
  bool was_sent = false;     // the body of the request
  bool was_refused = false;  // to be sent a second time
};

// The request refers to all of its arguments until it is sent.
httplib::Request to_httplib(const HttpRequest& request, const std::string& prefix,
                            Exchange& exchange, httplib::Client& connection) {
  httplib::Request out;
  out.method = request.method;
  out.path = prefix + request.target;
  for (const HttpHeader& header : request.headers) out.headers.emplace(header.name, header.value);
  out.headers.emplace("Accept-Encoding", "identity");
  out.content_receiver = [&exchange](const char* data, std::size_t size, std::uint64_t,
                                     std::uint64_t) { return exchange.take(data, size); };
  if (!request.body.empty()) {
    // Over TLS the library (0.53, not 0.11) sends a request again, on a new connection, when the
    // peer closed the old one after it was written. The server may have carried it out, so the body
    // is given only once and the second attempt is cut off.
    out.content_length_ = request.body.size();
    out.content_provider_ = [&](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
      if (offset == 0 && std::exchange(exchange.was_sent, true)) {
        exchange.was_refused = true;
        connection.stop();
        return false;
      }
      sink.write(request.body.data() + offset, length);
      return true;
    };
  }
  return out;
}

// The error of a connection that could not be made; nullopt for any other error.
std::optional<Error> connect_error(httplib::Error error, const std::string& detail) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
    case httplib::Error::BindIPAddress:
      return failure(ErrorCode::connection_failed, "no connection could be made" + detail);
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return failure(ErrorCode::tls, "no trusted TLS connection could be made" + detail +
                                         "; is the certificate's CA known (ca_file)?");
    default:
      break;
  }
  if (!compat::is_wrong_host(error)) return std::nullopt;
  return failure(ErrorCode::tls, "the certificate is for another host" + detail);
}

Error error_of(httplib::Error error, const Exchange& exchange, const std::string& origin) {
  const std::string detail = " (" + origin + ": " + httplib::to_string(error) + ")";
  if (exchange.too_large) {
    return malformed("",
                     "expected at most " + std::to_string(exchange.max_bytes) + " bytes, came more")
        .value();
  }
  // Once a body was sent, a connection that can't be made is the library's second attempt.
  if (!exchange.was_sent) {
    if (auto refused = connect_error(error, detail)) return *refused;
  }
  const bool was_silent = now() - exchange.last_byte >= exchange.silence_limit;
  if (!exchange.was_refused && (exchange.too_late || was_silent)) {
    return failure(ErrorCode::timed_out, "no whole answer came in time" + detail);
  }
  return failure(ErrorCode::connection_lost, "the connection broke before the whole answer came, " +
                                                 std::to_string(exchange.body.size()) +
                                                 " bytes of its body did" + detail);
}

}  // namespace

class HttpTransport::Impl {
 public:
  Impl(BaseUrl base, HttpOptions options) : base_(std::move(base)), options_(std::move(options)) {}

  Result<HttpReply> send(const HttpRequest& request) {
    const SigpipeGuard guard;
    std::unique_ptr<httplib::Client> connection = take();
    Exchange exchange(request, options_);
    connection->set_read_timeout(exchange.silence_limit);
    httplib::Result result =
        connection->send(to_httplib(request, base_.prefix, exchange, *connection));
    if (!result) return tl::unexpected(error_of(result.error(), exchange, base_.origin));
    HttpReply reply{.status = result->status, .headers = {}, .body = std::move(exchange.body)};
    for (const auto& [name, value] : result->headers) reply.headers.push_back({name, value});
    give_back(std::move(connection));
    return reply;
  }

 private:
  // An idle connection, or a new one. The library itself replaces one that the server has closed.
  std::unique_ptr<httplib::Client> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return connect();
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  void give_back(std::unique_ptr<httplib::Client> connection) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < options_.max_idle_connections) idle_.push_back(std::move(connection));
  }

  std::unique_ptr<httplib::Client> connect() const {
    auto connection = std::make_unique<httplib::Client>(base_.origin);
    connection->set_keep_alive(true);
    connection->set_tcp_nodelay(true);
    connection->set_follow_location(false);
    connection->set_connection_timeout(options_.connect_timeout);
    connection->set_write_timeout(options_.write_timeout);
    compat::send_paths_as_they_are(*connection);
    connection->enable_server_certificate_verification(true);
    if (!options_.ca_file.empty()) connection->set_ca_cert_path(options_.ca_file);
    return connection;
  }

  const BaseUrl base_;
  const HttpOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<httplib::Client>> idle_;  // guarded by mutex_
};

Result<std::shared_ptr<HttpTransport>> HttpTransport::open(std::string_view base_url,
                                                           HttpOptions options) {
  if (!options.ca_file.empty() && !std::ifstream(options.ca_file)) {
    return invalid_argument("ca_file: can't read " + options.ca_file);
  }
  return parse_base_url(base_url).map([&](BaseUrl base) {
    auto impl = std::make_unique<Impl>(std::move(base), std::move(options));
    return std::shared_ptr<HttpTransport>(new HttpTransport(std::move(impl)));
  });
}

HttpTransport::HttpTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpTransport::~HttpTransport() = default;

Result<HttpReply> HttpTransport::send(const HttpRequest& request) {
  return impl_->send(request);
}

}  // namespace nairi
