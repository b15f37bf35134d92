// Where HTTPS gets its certificate: PEM files, or a certificate authority that is made at start and
// signs one certificate for localhost, 127.0.0.1, ::1 and further names. Its key is forgotten at
// once.
#ifndef NAIRI_MOCK_HTTP_TLS_H_
#define NAIRI_MOCK_HTTP_TLS_H_

#include <asio/ssl/context.hpp>
#include <string>
#include <vector>

#include "nairi/mock/server_options.h"

namespace nairi::mock {

struct Identity {
  std::string chain_pem;  // the certificate, then those that signed it
  std::string key_pem;
  std::string ca_pem;  // what clients have to trust
};

// For further `names`, and for the host that is listened on unless it is a spelling that nothing
// can be named by, such as 127.1. Throws std::runtime_error for a name that is neither a host's nor
// an address, and when the OpenSSL library refuses.
Identity make_identity(const std::vector<std::string>& names = {}, const std::string& host = {});

bool wants_tls(const TlsOptions& options);

// TLS 1.2 or newer. With an authority of our own, the certificate names `host` too, and `ca_pem` is
// set. Throws std::runtime_error with the file and the reason.
asio::ssl::context make_tls_context(const TlsOptions& options, const std::string& host,
                                    std::string& ca_pem);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_HTTP_TLS_H_
