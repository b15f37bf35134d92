// HTTPS, seen by an OpenSSL client that verifies as curl and the others do.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "http/tls.h"
#include "served.h"
#include "tls_wire.h"
#include "wire.h"

namespace nairi::mock {
namespace {

class Tls : public ::testing::Test {
 protected:
  Server server_{echo, {.tls = {.own_ca = true}}};
};

TEST_F(Tls, ClientsThatTrustOurAuthorityAreServed) {
  TlsWire client(server_.port(), server_.ca_pem());
  ASSERT_TRUE(client.shake_hands());
  EXPECT_EQ(client.verdict(), X509_V_OK);
  client.send(get("/a") + post("/b", std::string(10'000, 'x'), "Connection: close\r\n"));
  const std::string replies = client.rest();
  EXPECT_NE(replies.find("GET /a 0"), std::string::npos) << replies;
  EXPECT_NE(replies.find("POST /b 10000"), std::string::npos) << replies;
}

TEST_F(Tls, LargeRepliesArriveWhole) {
  const std::string large(5'000'000, 'x');
  Server server([&](const Request&) { return Reply{.body = large}; }, {.tls = {.own_ca = true}});
  TlsWire client(server.port(), server.ca_pem());
  ASSERT_TRUE(client.shake_hands());
  client.send(get("/", "Connection: close\r\n"));
  EXPECT_TRUE(client.rest().ends_with("\r\n\r\n" + large));
}

TEST_F(Tls, RefusalsArriveWhileTheClientStillSends) {
  Server server(echo, {.tls = {.own_ca = true}, .max_body_bytes = 10});
  TlsWire client(server.port(), server.ca_pem());
  ASSERT_TRUE(client.shake_hands());
  client.send(post("/", std::string(200'000, 'x')));
  EXPECT_TRUE(client.rest().starts_with("HTTP/1.1 413 "));
}

TEST_F(Tls, AnotherAuthorityIsNotTrusted) {
  TlsWire client(server_.port(), make_identity().ca_pem);
  EXPECT_FALSE(client.shake_hands());
  EXPECT_NE(client.verdict(), X509_V_OK);
}

TEST_F(Tls, OldVersionsAreRefused) {
  EXPECT_FALSE(TlsWire(server_.port(), server_.ca_pem(), TLS1_1_VERSION).shake_hands());
  EXPECT_TRUE(TlsWire(server_.port(), server_.ca_pem(), TLS1_2_VERSION).shake_hands());
}

TEST_F(Tls, PlainHttpIsClosedAndNobodyElseSuffers) {
  Wire plain(server_.port());
  EXPECT_EQ(plain.ask(get("/")).status, 0);
  EXPECT_TRUE(TlsWire(server_.port(), server_.ca_pem()).shake_hands());
}

TEST_F(Tls, HandshakesThatStallAreClosed) {
  Server server(echo, {.tls = {.own_ca = true}, .request_timeout = std::chrono::milliseconds(20)});
  EXPECT_EQ(Wire(server.port()).rest(), "");
}

TEST_F(Tls, StallsInsideARequestAreAnsweredWith408) {
  Server server(echo, {.tls = {.own_ca = true}, .request_timeout = std::chrono::milliseconds(200)});
  TlsWire client(server.port(), server.ca_pem());
  ASSERT_TRUE(client.shake_hands());
  client.send("GET / HT");
  EXPECT_TRUE(client.rest().starts_with("HTTP/1.1 408 "));
}

TEST_F(Tls, StopsBesideIdleConnections) {
  TlsWire client(server_.port(), server_.ca_pem());
  ASSERT_TRUE(client.shake_hands());
  server_.stop();
  SUCCEED();
}

TEST_F(Tls, UrlsSayHttps) {
  EXPECT_TRUE(server_.root_url().starts_with("https://127.0.0.1:"));
}

TEST(PlainPort, EndsATlsHandshake) {
  Server server(echo);
  EXPECT_FALSE(TlsWire(server.port(), make_identity().ca_pem).shake_hands());
}

TEST(Identity, NamesEveryWayToLoopback) {
  const Certificate leaf = parse(make_identity().chain_pem);
  EXPECT_EQ(X509_check_host(leaf.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_host(leaf.get(), "example.com", 0, 0, nullptr), 0);
}

TEST(Identity, TheLeafIsForServersAndNoAuthority) {
  const Identity identity = make_identity();
  EXPECT_EQ(X509_check_ca(parse(identity.chain_pem).get()), 0);
  EXPECT_EQ(X509_check_purpose(parse(identity.chain_pem).get(), X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_purpose(parse(identity.chain_pem).get(), X509_PURPOSE_SSL_CLIENT, 0), 0);
  EXPECT_EQ(X509_check_ca(parse(identity.ca_pem).get()), 1);
}

TEST(Identity, NoTwoAreAlike) {
  const Certificate first = parse(make_identity().chain_pem);
  const Certificate second = parse(make_identity().chain_pem);
  EXPECT_NE(
      ASN1_INTEGER_cmp(X509_get0_serialNumber(first.get()), X509_get0_serialNumber(second.get())),
      0);
}

class Files : public ::testing::Test {
 protected:
  Files() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nairi-tls-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Files() override { std::filesystem::remove_all(folder_); }

  std::string write(const char* name, const std::string& text) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path) << text;
    return path.string();
  }
  static std::string failure(const TlsOptions& tls) {
    try {
      Server server(echo, {.tls = tls});
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }
  std::filesystem::path folder_;
};

TEST_F(Files, CertificateAndKeyFromFilesAreUsed) {
  const Identity identity = make_identity();
  Server server(echo, {.tls = {.cert_file = write("cert.pem", identity.chain_pem),
                               .key_file = write("key.pem", identity.key_pem)}});
  EXPECT_EQ(server.ca_pem(), "");
  EXPECT_TRUE(TlsWire(server.port(), identity.ca_pem).shake_hands());
}

TEST_F(Files, AMissingFileIsNamed) {
  const std::string cert = (folder_ / "none.pem").string();
  EXPECT_NE(failure({.cert_file = cert, .key_file = cert}).find(cert), std::string::npos);
}

TEST_F(Files, AKeyWithoutItsCertificateIsRefused) {
  const std::string key = write("key.pem", make_identity().key_pem);
  EXPECT_NE(failure({.key_file = key}).find("must be given together"), std::string::npos);
}

TEST_F(Files, AFileThatIsNoCertificateIsNamed) {
  const std::string cert = write("cert.pem", "hello");
  const std::string what = failure({.cert_file = cert, .key_file = cert});
  EXPECT_NE(what.find(cert + ": expected a certificate chain in PEM"), std::string::npos) << what;
}

TEST_F(Files, AKeyOfAnotherCertificateIsNamed) {
  const std::string key = write("key.pem", make_identity().key_pem);
  const std::string what =
      failure({.cert_file = write("cert.pem", make_identity().chain_pem), .key_file = key});
  EXPECT_NE(what.find(key + ": expected the key of the certificate"), std::string::npos) << what;
}

}  // namespace
}  // namespace nairi::mock
