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

TEST(Environments, VariablesAreRead) {
  const auto all = [](const std::string& name) { return std::optional("<" + name + ">"); };
  const Environment environment = read_environment(all).value();
  EXPECT_EQ(environment.base_url, "<NAIRI_BASE_URL>");
  EXPECT_EQ(environment.api_key, "<NAIRI_API_KEY>");
  EXPECT_EQ(environment.ca_file, "<NAIRI_CA_FILE>");
}

}  // namespace
}  // namespace nairi::tests
