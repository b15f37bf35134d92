#include "nairi/base_url.h"

#include <gtest/gtest.h>

#include "nairi/environment.h"

namespace nairi::tests {
namespace {

TEST(BaseUrls, PrefixAndSlashMayBeGivenOrNot) {
  for (const char* url :
       {"https://api.nairi.ai", "https://api.nairi.ai/", "https://api.nairi.ai/api/public/v1",
        "https://api.nairi.ai/api/public/v1/", "https://api.nairi.ai//"}) {
    const auto base = parse_base_url(url);
    ASSERT_TRUE(base) << url;
    EXPECT_EQ(base->origin, "https://api.nairi.ai");
    EXPECT_EQ(base->prefix, "/api/public/v1");
  }
}

TEST(BaseUrls, PortsAddressesAndPathsAreKept) {
  EXPECT_EQ(parse_base_url("http://127.0.0.1:4747")->origin, "http://127.0.0.1:4747");
  EXPECT_EQ(parse_base_url("http://[::1]:80/")->origin, "http://[::1]:80");
  EXPECT_EQ(parse_base_url("https://gateway/nairi")->prefix, "/nairi/api/public/v1");
}

TEST(BaseUrls, UnusableUrlsAreRefused) {
  for (const char* url : {"", "api.nairi.ai", "ftp://x", "http://", "http:///x", "http://x:0",
                          "http://x:65536", "http://x:", "http://x:8a", "http://u@x", "http://x?y",
                          "http://x#y", "http://x y", "http://[::1", "http://::1]", "http://x\n"}) {
    const auto base = parse_base_url(url);
    ASSERT_FALSE(base) << url;
    EXPECT_EQ(base.error().code, ErrorCode::invalid_argument);
  }
}

TEST(BaseUrls, PasswordIsNotRepeated) {
  EXPECT_EQ(parse_base_url("http://me:secret@x").error().message.find("secret"), std::string::npos);
}

TEST(Environments, DefaultIsTheServiceItself) {
  const auto nothing = [](const std::string&) -> std::optional<std::string> { return {}; };
  const Environment environment = read_environment(nothing).value();
  EXPECT_EQ(environment.base_url, "https://api.nairi.ai");
  EXPECT_EQ(environment.api_key, "");
}

TEST(BaseUrls, EmptyOneIsNoDefault) {
  for (const char* blank : {"", " ", "\n"}) {
    const auto transport = HttpTransport::open(blank);
    ASSERT_FALSE(transport);
    EXPECT_EQ(transport.error().message,
              "base URL: expected one such as https://api.nairi.ai, came an empty text");
  }
}

TEST(Environments, BlankVariableIsAMistake) {
  for (const char* name : {"NAIRI_BASE_URL", "NAIRI_API_KEY", "NAIRI_CA_FILE"}) {
    for (const char* blank : {"", " ", "\r\n"}) {
      const auto environment =
          read_environment([&](const std::string& asked) -> std::optional<std::string> {
            return asked == name ? std::optional(blank) : std::nullopt;
          });
      ASSERT_FALSE(environment) << name;
      EXPECT_EQ(environment.error().code, ErrorCode::invalid_argument);
      EXPECT_EQ(environment.error().message.find(std::string(name) + " is set but empty: "), 0U);
    }
  }
}

TEST(Environments, BlankBaseUrlNeverBecomesTheService) {
  ASSERT_EQ(setenv("NAIRI_BASE_URL", "", 1), 0);
  const auto client = client_from_environment({.api_key = "nr_test"});
  unsetenv("NAIRI_BASE_URL");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().message,
            "NAIRI_BASE_URL is set but empty: expected a URL such as http://127.0.0.1:4747, or for "
            "https://api.nairi.ai no such variable");
}

TEST(Environments, VariablesAreRead) {
  const auto all = [](const std::string& name) { return std::optional("<" + name + ">"); };
  const Environment environment = read_environment(all).value();
  EXPECT_EQ(environment.base_url, "<NAIRI_BASE_URL>");
  EXPECT_EQ(environment.api_key, "<NAIRI_API_KEY>");
  EXPECT_EQ(environment.ca_file, "<NAIRI_CA_FILE>");
}

}  // namespace
}  // namespace nairi::tests
