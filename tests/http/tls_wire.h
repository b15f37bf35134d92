// A TLS client that verifies as curl and the others do, and sees how the session ends.
#ifndef NAIRI_MOCK_TESTS_HTTP_TLS_WIRE_H_
#define NAIRI_MOCK_TESTS_HTTP_TLS_WIRE_H_

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "wire.h"

namespace nairi::mock {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Session = std::unique_ptr<SSL_SESSION, Free<SSL_SESSION_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

inline Certificate parse(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// A blocking client that trusts `ca_pem` alone.
class TlsWire {
 public:
  TlsWire(std::uint16_t port, const std::string& ca_pem, int max_version = 0,
          const char* host = "localhost")
      : wire_(port) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_max_proto_version(context_.get(), max_version);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), parse(ca_pem).get());
    ssl_.reset(SSL_new(context_.get()));
    SSL_set1_host(ssl_.get(), host);
    SSL_set_fd(ssl_.get(), wire_.fd());
  }

  bool shake_hands() { return SSL_connect(ssl_.get()) == 1; }
  long verdict() const { return SSL_get_verify_result(ssl_.get()); }
  bool send(const std::string& bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  // What a later connection can go on with. Of TLS 1.3 it comes with the first reply.
  Session session() const { return Session(SSL_get1_session(ssl_.get())); }
  // Before the handshake.
  void resume(const Session& session) { SSL_set_session(ssl_.get(), session.get()); }
  bool is_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  // Everything that comes, and how it ends: 0 by a proper end of the session, else the errno, or
  // -1.
  std::pair<std::string, int> bytes_and_end() {
    std::string text;
    std::array<char, 4096> buffer;
    int n = 0;
    while ((n = SSL_read(ssl_.get(), buffer.data(), buffer.size())) > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    const int broken = errno;
    const int why = SSL_get_error(ssl_.get(), n);
    if (why == SSL_ERROR_ZERO_RETURN) return {text, 0};
    return {text, why == SSL_ERROR_SYSCALL && broken != 0 ? broken : -1};
  }
  // Everything until the server has ended the session properly; throws when it has not.
  std::string rest() {
    auto [text, end] = bytes_and_end();
    if (end != 0) throw std::runtime_error("cut off");
    return text;
  }

 private:
  Wire wire_;
  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, Free<SSL_free>> ssl_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TESTS_HTTP_TLS_WIRE_H_
