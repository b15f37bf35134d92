#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <asio/buffer.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace nairi::mock {
namespace {

std::string read_file(const std::string& path, const char* what) {
  if (path.empty()) {
    throw std::runtime_error(std::string("expected a PEM file with the ") + what +
                             ": certificate and key must be given together");
  }
  // The stream of a folder throws where it is read, and doesn't say whose it was.
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  errno = 0;
  std::ifstream file(is_folder ? "" : path, std::ios::binary);
  const std::string reason = is_folder ? "it is a folder"
                             : file    ? "it is empty"
                                       : std::strerror(errno);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!text.empty()) return text;
  throw std::runtime_error(path + ": can't read the " + what + ": " + reason);
}

Identity read_identity(const TlsOptions& options) {
  return {.chain_pem = read_file(options.cert_file, "certificate"),
          .key_pem = read_file(options.key_file, "key"),
          .ca_pem = {}};
}

bool holds(const std::string& pem, std::string_view words) {
  return pem.find(words) != std::string::npos;
}

// What a PEM file is that is not what it should be.
std::string nature_of(const std::string& pem) {
  if (holds(pem, "ENCRYPTED")) return "an encrypted key";
  if (holds(pem, "PRIVATE KEY-----")) return "a key";
  if (holds(pem, "-----BEGIN CERTIFICATE REQUEST")) return "a request for a certificate";
  if (holds(pem, "-----BEGIN CERTIFICATE")) return "a certificate";
  return holds(pem, "-----BEGIN ") ? "something else in PEM" : "a file that is not PEM";
}

void use_chain(asio::ssl::context& context, const std::string& pem, const std::string& file) {
  std::error_code error;
  context.use_certificate_chain(asio::buffer(pem), error);
  if (!error) return;
  const std::string nature = nature_of(pem);
  throw std::runtime_error(file + ": expected a certificate chain in PEM, got " + nature +
                           (nature == "a certificate" ? " that is damaged" : ""));
}

void use_key(asio::ssl::context& context, const std::string& pem, const TlsOptions& options) {
  const std::string& file = options.key_file;
  bool is_encrypted = false;
  std::error_code error;
  // Without this OpenSSL asks at the terminal.
  context.set_password_callback(
      [&is_encrypted](std::size_t, asio::ssl::context::password_purpose) {
        is_encrypted = true;
        return std::string();
      },
      error);
  context.use_private_key(asio::buffer(pem), asio::ssl::context::pem, error);
  if (!error) return;
  if (is_encrypted) {
    throw std::runtime_error(file + ": the key is encrypted, and nobody is asked for its " +
                             "passphrase: decrypt it with openssl pkey -in " + file +
                             " -out plain.pem");
  }
  if (ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH) {
    throw std::runtime_error(file + ": the key does not belong to the certificate in " +
                             options.cert_file);
  }
  const std::string nature = nature_of(pem);
  throw std::runtime_error(file + ": expected the key of the certificate in PEM, got " + nature +
                           (nature == "a key" ? " that is damaged" : ""));
}

}  // namespace

bool wants_tls(const TlsOptions& options) {
  return options.own_ca || !options.cert_file.empty() || !options.key_file.empty();
}

asio::ssl::context make_tls_context(const TlsOptions& options, const std::string& host,
                                    std::string& ca_pem) {
  const Identity identity =
      options.own_ca ? make_identity(options.names, host) : read_identity(options);
  ca_pem = identity.ca_pem;
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX* const ssl = context.native_handle();
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);  // 34 kB of each connection that idles
  // A client that comes again resumes its session, which spares both the key exchange.
  constexpr std::string_view kSessions = "nairi-mock";
  SSL_CTX_set_session_id_context(ssl, reinterpret_cast<const unsigned char*>(kSessions.data()),
                                 static_cast<unsigned>(kSessions.size()));
  use_chain(context, identity.chain_pem, options.cert_file);
  use_key(context, identity.key_pem, options);
  return context;
}

}  // namespace nairi::mock
