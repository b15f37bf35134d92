#include "http/tls.h"

#include <openssl/ssl.h>

#include <asio/buffer.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace nairi::mock {
namespace {

std::string read_file(const std::string& path, const char* what) {
  if (path.empty()) {
    throw std::runtime_error(std::string("expected a PEM file with the ") + what +
                             ": certificate and key must be given together");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || text.empty()) {
    throw std::runtime_error(path + ": expected a PEM file with the " + what +
                             ", got a file that is empty or can't be read");
  }
  return text;
}

Identity read_identity(const TlsOptions& options) {
  return {.chain_pem = read_file(options.cert_file, "certificate"),
          .key_pem = read_file(options.key_file, "key"),
          .ca_pem = {}};
}

void check(std::error_code error, const std::string& file, const char* expected) {
  if (!error) return;
  throw std::runtime_error(file + ": expected " + expected + ", got: " + error.message());
}

}  // namespace

bool wants_tls(const TlsOptions& options) {
  return options.own_ca || !options.cert_file.empty() || !options.key_file.empty();
}

asio::ssl::context make_tls_context(const TlsOptions& options, std::string& ca_pem) {
  const Identity identity = options.own_ca ? make_identity() : read_identity(options);
  ca_pem = identity.ca_pem;
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  std::error_code error;
  context.use_certificate_chain(asio::buffer(identity.chain_pem), error);
  check(error, options.cert_file, "a certificate chain in PEM");
  context.use_private_key(asio::buffer(identity.key_pem), asio::ssl::context::pem, error);
  check(error, options.key_file, "the key of the certificate in PEM, without a passphrase");
  return context;
}

}  // namespace nairi::mock
