#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <asio/ip/address.hpp>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "http/tls.h"
#include "protocol/host.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

constexpr long kSecondsPerDay = 24 * 60 * 60;
constexpr int kSerialBits = 127;  // positive and at most 16 octets

void require(bool done, const char* what) {
  if (done) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw std::runtime_error(std::string("could not make a certificate: ") + what + ": " +
                           reason.data());
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "key");
  return key;
}

void set_random_serial(X509* certificate) {
  const Number number(BN_new());
  require(number && BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
          "serial number");
}

void set_subject(X509* certificate, const char* common_name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(common_name);
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, bytes,
                                     -1, -1, 0) == 1,
          "subject");
}

void add_extension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

// All but the extensions and the signature. Valid from a day ago, since clocks differ between
// machines and containers, and for less than the 398 days above which some clients refuse.
Certificate begin_certificate(const char* common_name, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  require(certificate != nullptr, "certificate");
  require(X509_set_version(certificate.get(), X509_VERSION_3) == 1, "version");
  set_random_serial(certificate.get());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kSecondsPerDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 365 * kSecondsPerDay);
  set_subject(certificate.get(), common_name);
  require(X509_set_pubkey(certificate.get(), key) == 1, "public key");
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1, "issuer");
  require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "signature");
}

Certificate make_authority(EVP_PKEY* key) {
  Certificate authority = begin_certificate("nairi-mock local CA", key);
  X509* const self = authority.get();
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(self, self, NID_subject_key_identifier, "hash");
  sign(self, self, key);
  return authority;
}

// A host's name or an address as OpenSSL's configuration writes it: "DNS:fake", "IP:::1"; "" for
// anything else.
std::string alternative_name(std::string_view name) {
  const std::string bare(bare_host(name));
  std::error_code error;
  const auto address = asio::ip::make_address(bare.substr(0, bare.find('%')), error);
  if (!error) return "IP:" + address.to_string();
  return is_dns_name(bare) ? "DNS:" + bare : "";
}

// For the host alone it may be that there is none.
std::string alternative_names(const std::vector<std::string>& names, const std::string& host) {
  std::string all = "DNS:localhost,IP:127.0.0.1,IP:::1";
  const auto add = [&](const std::string& name) {
    if (!name.empty()) all += "," + name;
  };
  for (const std::string& name : names) {
    if (alternative_name(name).empty()) {
      throw std::runtime_error(in_quotes(name) +
                               " can't be named by a certificate: expected a host's name or an "
                               "address, without scheme and port");
    }
    add(alternative_name(name));
  }
  add(alternative_name(host));
  return all;
}

Certificate make_leaf(EVP_PKEY* key, X509* authority, EVP_PKEY* authority_key,
                      const std::string& names) {
  Certificate leaf = begin_certificate("localhost", key);
  X509* const self = leaf.get();
  add_extension(self, authority, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(self, authority, NID_key_usage, "critical,digitalSignature");
  add_extension(self, authority, NID_ext_key_usage, "serverAuth");
  add_extension(self, authority, NID_subject_alt_name, names.c_str());
  add_extension(self, authority, NID_subject_key_identifier, "hash");
  add_extension(self, authority, NID_authority_key_identifier, "keyid:always");
  sign(self, authority, authority_key);
  return leaf;
}

template <class Write>
std::string to_pem(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(bio && write(bio.get()) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
  return to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string to_pem(EVP_PKEY* key) {
  return to_pem([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace

Identity make_identity(const std::vector<std::string>& names, const std::string& host) {
  const Key authority_key = make_key();
  const Certificate authority = make_authority(authority_key.get());
  const Key key = make_key();
  const Certificate leaf =
      make_leaf(key.get(), authority.get(), authority_key.get(), alternative_names(names, host));
  const std::string ca_pem = to_pem(authority.get());
  return {.chain_pem = to_pem(leaf.get()) + ca_pem, .key_pem = to_pem(key.get()), .ca_pem = ca_pem};
}

}  // namespace nairi::mock
