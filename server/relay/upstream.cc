#include "relay/upstream.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/ssl/host_name_verification.hpp>
#include <asio/write.hpp>
#include <stdexcept>
#include <utility>

namespace nairi::mock {
namespace {

// What the certificate lacks; "" when that is not why.
std::string why_not_trusted(asio::ssl::stream<asio::ip::tcp::socket&>& stream) {
  const long result = SSL_get_verify_result(stream.native_handle());
  if (result == X509_V_OK) return {};
  return std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(result);
}

}  // namespace

Upstream::Upstream(asio::io_context& io, const RelayTarget& target, asio::ssl::context* tls)
    : target_(target), resolver_(io), timer_(io), plain_(io) {
  if (tls == nullptr) return;
  tls_ = std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(plain_, *tls);
  tls_->set_verify_mode(asio::ssl::verify_peer);
  tls_->set_verify_callback(asio::ssl::host_name_verification(target.host));
  std::error_code no_address;
  asio::ip::make_address(target.host, no_address);
  // A name is said in the handshake, an address is not (RFC 6066, 3).
  if (no_address) SSL_set_tlsext_host_name(tls_->native_handle(), target.host.c_str());
}

void Upstream::open(std::chrono::milliseconds most, Opened opened) {
  opened_ = std::move(opened);
  timer_.expires_after(most);
  timer_.async_wait([this, held = shared_from_this()](std::error_code error) {
    if (error || !opened_) return;
    is_late_ = true;
    resolver_.cancel();
    close();
    finish(asio::error::timed_out, "connect to");
  });
  resolver_.async_resolve(
      target_.host, target_.port,
      [this, held = shared_from_this()](std::error_code error,
                                        const asio::ip::tcp::resolver::results_type& addresses) {
        if (error || !opened_) return finish(error, "find");
        connect(addresses);
      });
}

void Upstream::connect(const asio::ip::tcp::resolver::results_type& addresses) {
  asio::async_connect(
      plain_, addresses,
      [this, held = shared_from_this()](std::error_code error, const asio::ip::tcp::endpoint&) {
        if (error || !opened_) return finish(error, "connect to");
        std::error_code ignored;
        plain_.set_option(asio::ip::tcp::no_delay(true), ignored);
        if (tls_) return shake_hands();
        finish({}, {});
      });
}

void Upstream::shake_hands() {
  tls_->async_handshake(asio::ssl::stream_base::client,
                        [this, held = shared_from_this()](std::error_code error) {
                          finish(error, "speak TLS with");
                        });
}

void Upstream::finish(std::error_code error, const std::string& doing) {
  const Opened opened = std::exchange(opened_, nullptr);
  timer_.cancel();
  if (!opened) return;  // it was too late
  if (!error) return opened({});
  std::string why = error.message();
  if (tls_) {
    if (const std::string untrusted = why_not_trusted(*tls_); !untrusted.empty()) why = untrusted;
  }
  close();
  opened("can't " + doing + " " + target_.host + ":" + target_.port + ": " + why);
}

void Upstream::write(const std::string& bytes, Moved moved) {
  auto handler = [held = shared_from_this(), moved = std::move(moved)](
                     std::error_code error, std::size_t size) { moved(error, size); };
  if (tls_) return asio::async_write(*tls_, asio::buffer(bytes), std::move(handler));
  asio::async_write(plain_, asio::buffer(bytes), std::move(handler));
}

void Upstream::read(Moved moved) {
  auto handler = [held = shared_from_this(), moved = std::move(moved)](
                     std::error_code error, std::size_t size) { moved(error, size); };
  if (tls_) return tls_->async_read_some(asio::buffer(in_), std::move(handler));
  plain_.async_read_some(asio::buffer(in_), std::move(handler));
}

bool Upstream::is_quiet() {
  char byte = 0;
  std::error_code error;
  plain_.non_blocking(true, error);
  plain_.receive(asio::buffer(&byte, 1), asio::ip::tcp::socket::message_peek, error);
  return error == asio::error::would_block;
}

void Upstream::close() {
  std::error_code ignored;
  plain_.close(ignored);
}

std::unique_ptr<asio::ssl::context> make_trust(const std::string& ca_file) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  std::error_code error;
  if (ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(ca_file, error);
  }
  if (error) throw std::runtime_error(ca_file + ": can't read certificates: " + error.message());
  return context;
}

}  // namespace nairi::mock
