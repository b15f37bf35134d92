#include "nairi/http_transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "alarm_clock.h"
#include "connection.h"
#include "failure.h"
#include "httplib_compat.h"
#include "nairi/base_url.h"
#include "reply_reader.h"
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
  Exchange(const HttpRequest& sent, const HttpOptions& with) : request(sent), options(with) {}

  // Takes the head of a reply; false stops the exchange.
  bool take_head(int status) {
    has_head = true;
    switched = status == 101;
    if (status / 100 == 1 && !switched) late_reply.emplace(options.max_reply_bytes);
    return !switched;
  }

  // Takes a piece of the body; false stops the exchange.
  bool take(const char* data, std::size_t size) {
    last_byte = now();
    if (late_reply) return late_reply->take({data, size});
    too_large = size > options.max_reply_bytes - body.size();
    if (too_large) return false;
    body.append(data, size);
    return true;
  }

  const HttpRequest& request;
  const HttpOptions& options;
  Moment last_byte = now();
  std::string body;
  bool has_head = false;
  bool switched = false;                  // to another protocol, for which nobody asked
  std::optional<ReplyReader> late_reply;  // after an interim one
  bool too_large = false;
  bool was_sent = false;     // the body of the request
  bool was_refused = false;  // to be sent a second time
};

// The request refers to all of its arguments until it is sent.
httplib::Request to_httplib(const std::string& prefix, Exchange& exchange, Connection& connection) {
  const HttpRequest& request = exchange.request;
  httplib::Request out;
  out.method = request.method;
  out.path = prefix + request.target;
  for (const HttpHeader& header : request.headers) out.headers.emplace(header.name, header.value);
  out.headers.emplace("Accept-Encoding", "identity");
  out.response_handler = [&exchange](const httplib::Response& reply) {
    return exchange.take_head(reply.status);
  };
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
        connection.http.stop();
        return false;
      }
      sink.write(exchange.request.body.data() + offset, length);
      return true;
    };
  }
  return out;
}

// --- Errors, in words of our own: the library has one word for a host that does not exist and for
// one that refuses -----------------------------------------------------------------------------

bool is_loopback(std::string_view origin) {
  const std::string_view host = origin.substr(origin.find("//") + 2);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

std::string in_ms(milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

std::string no_connection_to(const std::string& origin, const Connection& connection) {
  if (!connection.had_address()) return "there is no such host: " + origin;
  if (is_loopback(origin)) return "nothing listens on " + origin + ": is the fake running?";
  return "no connection to " + origin + ": it refuses, or there is no way there";
}

std::string no_tls_with(const std::string& origin, const httplib::Result& result) {
  if (compat::is_no_tls(result)) return origin + " does not speak TLS: has it an http:// URL?";
  return "no TLS connection with " + origin + " could be made";
}

// The error of a connection that could not be made; nullopt for any other error.
std::optional<Error> connect_error(const httplib::Result& result, const Connection& connection,
                                   const Exchange& exchange, const std::string& origin) {
  switch (result.error()) {
    case httplib::Error::Connection:
    case httplib::Error::BindIPAddress:
      return failure(ErrorCode::connection_failed, no_connection_to(origin, connection));
    case httplib::Error::ConnectionTimeout:
      return failure(ErrorCode::connection_failed, "no connection to " + origin + " within " +
                                                       in_ms(exchange.options.connect_timeout));
    case httplib::Error::SSLConnection:
      return failure(ErrorCode::tls, no_tls_with(origin, result));
    case httplib::Error::SSLLoadingCerts:
      return failure(
          ErrorCode::tls,
          "the trusted certificates can't be read (" +
              (exchange.options.ca_file.empty() ? "the system's" : exchange.options.ca_file) + ")");
    case httplib::Error::SSLServerVerification:
      return failure(ErrorCode::tls, "the certificate of " + origin +
                                         " is not trusted: name a file with its CA "
                                         "(NAIRI_CA_FILE)");
    default:
      break;
  }
  if (!compat::is_wrong_host(result.error())) return std::nullopt;
  return failure(ErrorCode::tls, "the certificate of " + origin + " is for another host");
}

// Why an exchange was broken off from outside.
Error aborted_error(const Exchange& exchange) {
  if (exchange.request.stop.stop_requested()) return cancelled();
  return failure(ErrorCode::timed_out,
                 "no whole answer came within " +
                     in_ms(exchange.request.time_limit.value_or(milliseconds(0))));
}

Error lost_error(const Exchange& exchange, const std::string& origin) {
  std::string message = "the connection to " + origin + " broke before the whole answer came";
  if (exchange.has_head) {
    message += "; " + std::to_string(exchange.body.size()) + " bytes of its body did";
  } else if (origin.starts_with("http://")) {
    message += ", and nothing of it did; if it speaks TLS, it has an https:// URL";
  }
  return failure(ErrorCode::connection_lost, std::move(message));
}

tl::unexpected<Error> too_large_error(const Exchange& exchange) {
  return malformed("", "expected at most " + std::to_string(exchange.options.max_reply_bytes) +
                           " bytes, came more");
}

Error error_of(const httplib::Result& result, const Connection& connection,
               const Exchange& exchange, const std::string& origin) {
  if (exchange.too_large) return too_large_error(exchange).value();
  if (exchange.switched) return malformed("", "expected a final status, came 101").value();
  // Once a body was sent, a connection that can't be made is the library's second attempt.
  if (!exchange.was_sent) {
    if (auto refused = connect_error(result, connection, exchange, origin)) return *refused;
  }
  const milliseconds silence = exchange.options.read_timeout;
  if (!exchange.was_refused && now() - exchange.last_byte >= silence) {
    return failure(ErrorCode::timed_out,
                   "no whole answer came from " + origin + ", and nothing for " + in_ms(silence));
  }
  return lost_error(exchange, origin);
}

// What the library made of the reply.
HttpReply reply_of(const httplib::Response& response, Exchange& exchange) {
  HttpReply reply{.status = response.status, .headers = {}, .body = std::move(exchange.body)};
  for (const auto& [name, value] : response.headers) reply.headers.push_back({name, value});
  return reply;
}

Result<HttpReply> late_reply_of(Exchange& exchange, const std::string& origin) {
  ReplyReader& late = *exchange.late_reply;
  late.end();
  if (late.is_whole()) return std::move(late.reply);
  if (late.is_too_large()) return too_large_error(exchange);
  if (!late.is_over()) return tl::unexpected(lost_error(exchange, origin));
  return malformed("", "expected a reply after the interim one, came none that can be read");
}

}  // namespace

class HttpTransport::Impl {
 public:
  Impl(BaseUrl base, HttpOptions options) : base_(std::move(base)), options_(std::move(options)) {}

  Result<HttpReply> send(const HttpRequest& request) {
    if (request.stop.stop_requested()) return tl::unexpected(cancelled());
    const SigpipeGuard guard;
    std::unique_ptr<Connection> connection = take();
    Exchange exchange(request, options_);
    const httplib::Result result = run(*connection, exchange);
    // What came until then may look whole, as a body without a length ends with its connection.
    if (connection->is_aborted()) return tl::unexpected(aborted_error(exchange));
    if (exchange.late_reply && (result || exchange.late_reply->is_over())) {
      return late_reply_of(exchange, base_.origin);
    }
    if (!result) {
      return tl::unexpected(error_of(result, *connection, exchange, base_.origin));
    }
    HttpReply reply = reply_of(*result, exchange);
    // An interim reply to HEAD: the final one still comes on this connection.
    if (reply.status >= 200) give_back(std::move(connection));
    return reply;
  }

 private:
  // Until the exchange is over, or its time, or it is stopped.
  httplib::Result run(Connection& connection, Exchange& exchange) {
    const HttpRequest& request = exchange.request;
    const auto abort = [&connection] { connection.abort(); };
    const std::stop_callback on_stop(request.stop, abort);
    AlarmClock::Alarm alarm;
    if (request.time_limit) alarm = alarms_.at(now() + *request.time_limit, abort);
    ERR_clear_error();
    return connection.http.send(to_httplib(base_.prefix, exchange, connection));
  }

  // An idle connection, or a new one. The library itself replaces one that the server has closed.
  std::unique_ptr<Connection> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Connection>(base_, options_);
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  void give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < options_.max_idle_connections) idle_.push_back(std::move(connection));
  }

  const BaseUrl base_;
  const HttpOptions options_;
  AlarmClock alarms_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
};

// Whether it holds a certificate; an error is a sentence.
std::optional<Error> mistake_in_ca_file(const std::string& path) {
  const auto bad = [&](const std::string& expected) {
    return failure(ErrorCode::invalid_argument, "CA file " + path + ": expected " + expected);
  };
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
  ERR_clear_error();
  if (!file) return bad("a file that can be read");
  if (!certificate) return bad("a certificate in PEM, and there is none");
  return std::nullopt;
}

Result<std::shared_ptr<HttpTransport>> HttpTransport::open(std::string_view base_url,
                                                           HttpOptions options) {
  if (!options.ca_file.empty()) {
    if (auto mistake = mistake_in_ca_file(options.ca_file)) return tl::unexpected(*mistake);
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
