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
#include <optional>
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

class Resumption : public Tls, public ::testing::WithParamInterface<int> {};

TEST_P(Resumption, SparesTheSecondConnectionTheKeyExchange) {
  TlsWire first(server_.port(), server_.ca_pem(), GetParam());
  ASSERT_TRUE(first.shake_hands());
  EXPECT_FALSE(first.is_resumed());
  first.send(get("/a", "Connection: close\r\n"));
  EXPECT_TRUE(first.rest().ends_with("GET /a 0"));
  TlsWire second(server_.port(), server_.ca_pem(), GetParam());
  second.resume(first.session());
  ASSERT_TRUE(second.shake_hands());
  EXPECT_TRUE(second.is_resumed());
  second.send(get("/b", "Connection: close\r\n"));
  EXPECT_TRUE(second.rest().ends_with("GET /b 0"));
}

INSTANTIATE_TEST_SUITE_P(Versions, Resumption, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

// Of two records: the second waits in OpenSSL while the first is answered.
TEST_F(Tls, RequestsThatComeTogetherAreAllAnswered) {
  TlsWire client(server_.port(), server_.ca_pem());
  ASSERT_TRUE(client.shake_hands());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += get("/" + std::to_string(i));
  client.send(many + get("/last", "Connection: close\r\n"));
  const std::string replies = client.rest();
  EXPECT_NE(replies.find("GET /999 0"), std::string::npos);
  EXPECT_TRUE(replies.ends_with("GET /last 0"));
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

TEST_F(Tls, PlainHttpIsRefusedAndNobodyElseSuffers) {
  Wire plain(server_.port());
  EXPECT_EQ(plain.ask(get("/")).status, 400);
  EXPECT_TRUE(TlsWire(server_.port(), server_.ca_pem()).shake_hands());
}

TEST_F(Tls, HandshakesThatStallAreClosed) {
  Server server(echo, {.tls = {.own_ca = true}, .request_timeout = std::chrono::milliseconds(20)});
  EXPECT_EQ(Wire(server.port()).rest(), "");
}

TEST_F(Tls, StallsInsideARequestAreAnsweredWith408) {
  Server server(echo, {.tls = {.own_ca = true}, .request_timeout = std::chrono::milliseconds(50)});
  std::optional<TlsWire> client;
  do {  // a busy machine may be too slow for a handshake, too
    client.emplace(server.port(), server.ca_pem());
  } while (!client->shake_hands());
  client->send("GET / HT");
  EXPECT_TRUE(client->rest().starts_with("HTTP/1.1 408 "));
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

TEST(Identity, NamesTheHostAndWhatElseItIsCalled) {
  const Certificate leaf = parse(
      make_identity({"fake", "*.fake.test", "192.0.2.7", "[2001:db8::1]"}, "my_host.").chain_pem);
  const auto has_name = [&](const char* name) {
    return X509_check_host(leaf.get(), name, 0, 0, nullptr) == 1;
  };
  EXPECT_TRUE(has_name("FAKE"));
  EXPECT_TRUE(has_name("a.fake.test"));
  EXPECT_TRUE(has_name("my_host"));
  EXPECT_TRUE(has_name("localhost"));
  EXPECT_FALSE(has_name("fake.test"));
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "192.0.2.7", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "2001:db8::1", 0), 1);
}

TEST(Identity, OfAHostThatNothingCanBeNamedByHasTheUsualNames) {
  const Certificate leaf = parse(make_identity({}, "127.1").chain_pem);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "127.0.0.1", 0), 1);
}

TEST(Identity, RefusesNamesThatAreNone) {
  for (const char* name : {"https://fake", "fake:443", "a b", "", "a,IP:192.0.2.7", "127.1"}) {
    try {
      make_identity({name});
      FAIL() << name;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("\" can't be named by a certificate"),
                std::string::npos)
          << error.what();
    }
  }
}

TEST(Identity, OfAServerNamesItsHost) {
  const Server server(echo, {.host = "app.localhost", .tls = {.own_ca = true, .names = {"fake"}}});
  EXPECT_TRUE(TlsWire(server.port(), server.ca_pem(), 0, "app.localhost").shake_hands());
  EXPECT_TRUE(TlsWire(server.port(), server.ca_pem(), 0, "fake").shake_hands());
  EXPECT_FALSE(TlsWire(server.port(), server.ca_pem(), 0, "other").shake_hands());
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

TEST_F(Files, AKeyWithoutItsCertificateIsRefused) {
  const std::string key = write("key.pem", make_identity().key_pem);
  EXPECT_NE(failure({.key_file = key}).find("must be given together"), std::string::npos);
}

// Our own key in a form that wants a passphrase.
std::string encrypted(const std::string& key_pem) {
  BIO* source = BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(source, nullptr, nullptr, nullptr);
  BIO* target = BIO_new(BIO_s_mem());
  std::string passphrase = "secret";
  PEM_write_bio_PKCS8PrivateKey(target, key, EVP_aes_128_cbc(), passphrase.data(),
                                static_cast<int>(passphrase.size()), nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(target, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(target);
  EVP_PKEY_free(key);
  BIO_free(source);
  return pem;
}

// What is wrong with a file is told with its name, in words that are not OpenSSL's.
TEST_F(Files, AreNamedWithWhatIsWrong) {
  const Identity identity = make_identity();
  const std::string chain = write("chain.pem", identity.chain_pem);
  const std::string key = write("key.pem", identity.key_pem);
  const std::string folder = folder_.string();
  const std::string text = write("text", "no certificate");
  const std::string empty = write("empty", "");
  const std::string half = write("half.pem", identity.chain_pem.substr(0, 200));
  const auto with = [](const std::string& cert_file, const std::string& key_file) {
    return failure({.cert_file = cert_file, .key_file = key_file});
  };
  EXPECT_EQ(with(folder, key), folder + ": can't read the certificate: it is a folder");
  EXPECT_EQ(with(chain, folder), folder + ": can't read the key: it is a folder");
  EXPECT_EQ(with(empty, key), empty + ": can't read the certificate: it is empty");
  EXPECT_EQ(with(folder + "/none", key),
            folder + "/none: can't read the certificate: No such file or directory");
  EXPECT_EQ(with(text, key),
            text + ": expected a certificate chain in PEM, got a file that is not PEM");
  EXPECT_EQ(with(key, key), key + ": expected a certificate chain in PEM, got a key");
  EXPECT_EQ(with(half, key),
            half + ": expected a certificate chain in PEM, got a certificate that is damaged");
  EXPECT_EQ(with(chain, chain),
            chain + ": expected the key of the certificate in PEM, got a certificate");
  const std::string other = write("other.pem", make_identity().key_pem);
  EXPECT_EQ(with(chain, other), other + ": the key does not belong to the certificate in " + chain);
}

TEST_F(Files, OfEncryptedKeysAskForNoPassphrase) {
  const Identity identity = make_identity();
  const std::string chain = write("chain.pem", identity.chain_pem);
  const std::string key = write("key.pem", encrypted(identity.key_pem));
  EXPECT_EQ(failure({.cert_file = chain, .key_file = key}),
            key +
                ": the key is encrypted, and nobody is asked for its passphrase: decrypt it with "
                "openssl pkey -in " +
                key + " -out plain.pem");
}

}  // namespace
}  // namespace nairi::mock
