// Where HTTPS gets its certificate: PEM files, or a certificate authority that is made at start and
// signs one certificate for localhost, 127.0.0.1 and ::1. Its key is forgotten at once.
#ifndef NAIRI_MOCK_HTTP_TLS_H_
#define NAIRI_MOCK_HTTP_TLS_H_

#include <asio/ssl/context.hpp>
#include <string>

#include "nairi/mock/server_options.h"

namespace nairi::mock {

struct Identity {
  std::string chain_pem;  // the certificate, then those that signed it
  std::string key_pem;
  std::string ca_pem;  // what clients have to trust
};

// Throws std::runtime_error when the OpenSSL library refuses.
Identity make_identity();

bool wants_tls(const TlsOptions& options);

// TLS 1.2 or newer. Sets `ca_pem` when the authority is our own. Throws std::runtime_error with the
// file and the reason.
asio::ssl::context make_tls_context(const TlsOptions& options, std::string& ca_pem);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_TLS_H_
