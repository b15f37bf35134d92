// Carries requests over HTTP or HTTPS.
//
//   auto transport = nairi::HttpTransport::open("https://api.nairi.ai", {.ca_file = "ca.pem"});
//   if (!transport) return report(transport.error());
//   nairi::Client client(*transport, {.api_key = key});
//
// Connections are kept open and used again, one for each request under way. Certificates and host
// names are verified, always. Redirects are not followed, so the key goes to no other place.
// Interim replies (1xx) are passed over.
//
// Thread-safety: send() may be called from any thread at any time.
// Not promised: HTTP/2, proxies, compression; that a 100 with headers of its own is passed over;
// the final reply after an interim one to HEAD. Over TLS, cpp-httplib 0.53 sends a request once
// more when the peer closes the connection instead of answering; that is cut off for requests with
// a body, but not for GET and DELETE.
#ifndef NAIRI_HTTP_TRANSPORT_H_
#define NAIRI_HTTP_TRANSPORT_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "nairi/transport.h"

namespace nairi {

struct HttpOptions {
  std::string ca_file = {};  // PEM; none: the system's certificates
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds read_timeout{30'000};   // without a byte from the server
  std::chrono::milliseconds write_timeout{30'000};  // without a byte taken by the server
  std::size_t max_reply_bytes = std::size_t{96}
                                << 20;   // more: malformed_reply; fits any attachment
  std::size_t max_idle_connections = 8;  // kept open for later requests
};

class HttpTransport : public Transport {
 public:
  // `base_url` is http or https, with or without "/api/public/v1" and a trailing slash. Nothing is
  // sent yet. Errors: invalid_argument for an unusable URL or a ca_file without a certificate.
  static Result<std::shared_ptr<HttpTransport>> open(std::string_view base_url,
                                                     HttpOptions options = {});
  ~HttpTransport() override;

  Result<HttpReply> send(const HttpRequest& request) override;

 private:
  class Impl;
  explicit HttpTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nairi

#endif  // NAIRI_HTTP_TRANSPORT_H_
