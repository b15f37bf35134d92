#include "harness/recorder/secrets.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "harness/cases/files.h"
#include "text/characters.h"

namespace nairi::contracts {
namespace {

constexpr std::size_t kLeastSecret = 4;  // shorter ones are no more than letters
constexpr std::size_t kLeastNumber = 8;  // shorter ones are years, sizes and counts

// What ends so is one whatever it looks like; compared without case, "_", "-", "." and " ".
constexpr std::array<std::string_view, 14> kSecretEnds = {
    "token",     "secret", "pwd",    "apikey",  "accesskey", "secretkey",  "privatekey",
    "signature", "jwt",    "cookie", "cookies", "sessionid", "signingkey", "authorization"};
constexpr std::array<std::string_view, 6> kSecretParts = {"password",   "passwd",   "passphrase",
                                                          "credential", "passcode", "apikey"};
constexpr std::array<std::string_view, 7> kSecretWholes = {"pass",   "auth", "otp",    "pin",
                                                           "bearer", "sid",  "session"};
constexpr std::array<std::string_view, 3> kSecretPlurals = {"tokens", "secrets", "apikeys"};

constexpr std::array<std::string_view, 34> kKeptHeaders = {"accept",
                                                           "accept-encoding",
                                                           "accept-language",
                                                           "allow",
                                                           "cache-control",
                                                           "connection",
                                                           "content-encoding",
                                                           "content-length",
                                                           "content-type",
                                                           "content-language",
                                                           "content-disposition",
                                                           "date",
                                                           "etag",
                                                           "expect",
                                                           "idempotency-key",
                                                           "keep-alive",
                                                           "last-modified",
                                                           "location",
                                                           "ratelimit-limit",
                                                           "ratelimit-remaining",
                                                           "ratelimit-reset",
                                                           "request-id",
                                                           "retry-after",
                                                           "server",
                                                           "transfer-encoding",
                                                           "user-agent",
                                                           "vary",
                                                           "x-mock-fidelity",
                                                           "x-mock-hint",
                                                           "x-ratelimit-limit",
                                                           "x-ratelimit-remaining",
                                                           "x-ratelimit-reset",
                                                           "x-request-id",
                                                           "www-authenticate"};

// Words of the API that its description does not have, and those of JSON and of headers.
constexpr std::array<std::string_view, 26> kPlainWords = {
    "true",     "false",    "null",    "none",       "undefined", "tool_use", "tool_heartbeat",
    "subagent", "thinking", "step",    "slack",      "discord",   "text",     "summary",
    "execute",  "bearer",   "basic",   "identity",   "gzip",      "deflate",  "http",
    "https",    "close",    "default", "keep-alive", "no-cache"};

std::string bare_name(std::string_view name) {
  std::string bare;
  for (const char c : name) {
    if (std::string_view("_-. ").find(c) == std::string_view::npos) bare += mock::lower(c);
  }
  return bare;
}

template <typename Words>
bool any_ends(const Words& words, const std::string& bare) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view end) { return bare.ends_with(end); });
}

template <typename Words>
bool any_within(const Words& words, const std::string& bare) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return bare.find(word) != std::string::npos; });
}

template <typename Words>
bool any_is(const Words& words, std::string_view text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool stands_as_a_word_in(std::string_view text, std::string_view word) {
  const auto goes_on = [&](std::size_t at) {
    return at < text.size() && (mock::is_alnum(text[at]) || text[at] == '_');
  };
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; ++at) {
    if ((at == 0 || !goes_on(at - 1)) && !goes_on(at + word.size())) return true;
  }
  return false;
}

bool is_word_of_the_api(std::string_view text) {
  static const RE2 word("(?i)[a-z_/-]+");
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), word)) return false;
  std::string lower(text);
  for (char& c : lower) c = mock::lower(c);
  static const std::string_view description = embedded_text("contracts/openapi.json").value_or("");
  return any_is(kPlainWords, lower) || stands_as_a_word_in(description, lower);
}

}  // namespace

bool is_secret_plural(std::string_view name) {
  return any_ends(kSecretPlurals, bare_name(name));
}

bool is_secret_name(std::string_view name) {
  const std::string bare = bare_name(name);
  return any_ends(kSecretEnds, bare) || any_within(kSecretParts, bare) ||
         any_is(kSecretWholes, bare) || any_ends(kSecretPlurals, bare);
}

bool is_secret_parameter(std::string_view name) {
  const std::string bare = bare_name(name);
  return bare == "key" || bare == "sig" || is_secret_name(name);
}

bool is_secret_header(std::string_view name) {
  constexpr std::array<std::string_view, 9> kSecretWords = {"auth",      "token",      "secret",
                                                            "apikey",    "session",    "password",
                                                            "signature", "credential", "accesskey"};
  const std::string bare = bare_name(name);
  if (bare == "wwwauthenticate" || is_kept_header_name(name)) return false;
  return any_within(kSecretWords, bare);
}

bool is_kept_header_name(std::string_view name) {
  return std::any_of(kKeptHeaders.begin(), kKeptHeaders.end(),
                     [&](std::string_view kept) { return mock::equal_ignoring_case(kept, name); });
}

bool is_id_of_the_api(std::string_view text) {
  static const RE2 id(
      "(cci|job|j|cmsg|att|ccr|cev|aar|amc|ask|vlt|sec|cc|sj)_[0-7][0-9A-HJKMNP-TV-Z]{25}");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), id);
}

bool is_told_from_text(std::string_view secret) {
  static const RE2 time("[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.Zz+-]*)?|[0-9]+[.][0-9]*");
  if (secret.size() < kLeastSecret || is_word_of_the_api(secret) || is_id_of_the_api(secret) ||
      RE2::FullMatch(re2::StringPiece(secret.data(), secret.size()), time)) {
    return false;
  }
  return secret.size() >= kLeastNumber ||
         !std::all_of(secret.begin(), secret.end(), mock::is_digit);
}

}  // namespace nairi::contracts
