#include "protocol/credentials.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "protocol/target.h"
#include "text/characters.h"
#include "text/json_writer.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kPublicKeyPrefix = "nr_";  // REFERENCE: Basics

constexpr std::array<std::string_view, 3> kAgentKeyPrefixes = {"ccagent_", "eksecd_", "nairid_"};

// What has one of these in its name is a secret: in a header's, and in that of a query parameter.
constexpr std::array<std::string_view, 12> kSecretWords = {
    "auth",   "token",     "secret",     "apikey", "session",    "password",
    "cookie", "signature", "credential", "passwd", "passphrase", "privatekey"};

// The names that are looked at for each request: the one that is a secret, and those that are none.
constexpr std::string_view kKeyHeader = "authorization";
constexpr std::array<std::string_view, 11> kPlainHeaders = {"host",
                                                            "accept",
                                                            "user-agent",
                                                            "connection",
                                                            "content-type",
                                                            "content-length",
                                                            "accept-encoding",
                                                            "accept-language",
                                                            "x-mock-fidelity",
                                                            "idempotency-key",
                                                            "www-authenticate"};

// Without case, "-" and "_".
std::string bare_name(std::string_view name) {
  std::string bare;
  for (const char c : name) {
    if (c != '-' && c != '_') bare += lower(c);
  }
  return bare;
}

bool is_secret_name(std::string_view name) {
  const std::string bare = bare_name(name);
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return bare.find(word) != std::string::npos; });
}

// The name of a parameter may be percent-encoded.
bool is_secret_parameter(std::string_view name) {
  return is_secret_name(percent_decode(name).value_or(std::string(name)));
}

bool is_key_character(char character) {
  return is_alnum(character) || character == '_' || character == '-';
}

// How many characters of a key stand at the front of `text`; 0 when none does.
std::size_t key_length(std::string_view text, std::string_view key) {
  if (!key.empty() && text.starts_with(key)) return key.size();
  if (!text.starts_with(kPublicKeyPrefix)) return 0;
  auto end = std::find_if_not(text.begin(), text.end(), is_key_character);
  if (end != text.end() && *end == '=') ++end;  // the padding of base64
  const auto length = static_cast<std::size_t>(end - text.begin());
  return length > kPublicKeyPrefix.size() ? length : 0;
}

// The target without the values of parameters that are secrets by their names.
std::string without_secret_values(std::string target) {
  std::size_t begin = target.find('?');
  while (begin < target.size()) {
    const std::size_t name = begin + 1;
    const std::size_t end = std::min(target.find('&', name), target.size());
    const std::size_t equals = std::min(target.find('=', name), end);
    begin = end;
    const std::string_view named = std::string_view(target).substr(name, equals - name);
    if (equals == end || !is_secret_parameter(named)) continue;
    target.replace(equals + 1, end - equals - 1, kRedacted);
    begin = equals + 1 + kRedacted.size();
  }
  return target;
}

}  // namespace

std::optional<std::string_view> bearer_token(const std::vector<Header>& headers,
                                             bool exact_scheme) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string* value = find_header(headers, "Authorization");
  if (value == nullptr) return std::nullopt;
  std::string_view token = *value;
  if (!equal_ignoring_case(token.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  if (exact_scheme && !token.starts_with(kScheme)) return std::nullopt;
  token.remove_prefix(kScheme.size());
  token = trimmed(token);
  if (token.empty() || token.size() > kLongestKey) return std::nullopt;
  return token;
}

bool is_key_of_agent(std::string_view key) {
  return std::any_of(kAgentKeyPrefixes.begin(), kAgentKeyPrefixes.end(),
                     [&](std::string_view prefix) { return key.starts_with(prefix); });
}

bool is_credential_header(std::string_view name) {
  if (equal_ignoring_case(kKeyHeader, name)) return true;
  const bool is_plain =
      std::any_of(kPlainHeaders.begin(), kPlainHeaders.end(),
                  [&](std::string_view plain) { return equal_ignoring_case(plain, name); });
  return !is_plain && is_secret_name(name);
}

bool may_hold_key(std::string_view text, std::string_view key) {
  // Most keys begin as public ones do: then one search is enough. By the '_', as 'n' is in nearly
  // every word.
  for (std::size_t at = text.find('_'); at != std::string_view::npos; at = text.find('_', at + 1)) {
    if (at >= 2 && text[at - 2] == 'n' && text[at - 1] == 'r') return true;
  }
  return !key.empty() && !key.starts_with(kPublicKeyPrefix) &&
         text.find(key) != std::string_view::npos;
}

std::string redacted(std::string_view text, std::string_view key) {
  std::string out;
  out.reserve(text.size());
  while (true) {
    const std::size_t own = key.empty() ? std::string_view::npos : text.find(key);
    const std::size_t at = std::min(own, text.find(kPublicKeyPrefix));
    if (at == std::string_view::npos) return out.append(text);
    out.append(text, 0, at);
    text.remove_prefix(at);
    const std::size_t length = key_length(text, key);
    out += length == 0 ? text.substr(0, 1) : kRedacted;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

std::string redacted_target(std::string_view target, std::string_view key) {
  if (target.find('%') != std::string_view::npos) {
    const std::string decoded = percent_decode(target).value_or("");
    const std::string shown = redacted(decoded, key);
    if (shown != decoded) return without_secret_values(shown);
  }
  return without_secret_values(redacted(target, key));
}

std::string shown_target(std::string_view target, std::string_view key, std::size_t most) {
  std::string shown = redacted_target(target, key);
  if (shown.size() > most) shown = shown.substr(0, most) + "...";
  return harmless_line(shown);
}

}  // namespace nairi::mock
