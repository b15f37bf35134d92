#include "harness/recorder/redaction.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "harness/cases/values.h"
#include "harness/openapi/request_reader.h"
#include "harness/recorder/json_pieces.h"
#include "harness/recorder/secrets.h"
#include "text/characters.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::string_view kTakenOut = "[redacted]";
constexpr std::size_t kLeastInside = 6;   // shorter ones are replaced as whole words alone
constexpr std::size_t kLeastCookie = 8;   // shorter values are flags and numbers
constexpr std::size_t kLeastBase64 = 12;  // shorter runs hold no secret
constexpr int kDeepest = 2;               // wrappings that are looked into

// Group 1 stays, group 2 is the secret.
constexpr std::array<const char*, 6> kPatterns = {
    // Keys of the API and of its agents.
    R"(()((?:nr|ccagent|eksecd|nairid)_[A-Za-z0-9_-]+=?))",
    R"(((?i:bearer)\s+)([A-Za-z0-9._~+/=-]{16,}))",
    // JSON web tokens, and the keys of others that stand in prompts and answers.
    R"(()(eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?))",
    R"(()(gh[opusr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|sk-[A-Za-z0-9_-]{20,}|)"
    R"(xox[abeprs]-[A-Za-z0-9-]{10,}|AKIA[0-9A-Z]{16}|)"
    R"(-----BEGIN [A-Z ]*PRIVATE KEY-----[^\x00]*?-----END [A-Z ]*PRIVATE KEY-----))",
    // Queries of links that are signed.
    R"(((?:[?&;][A-Za-z0-9_.-]*(?i:token|secret|passw|api_?-?key|signature|credential))"
    R"([A-Za-z0-9_.-]*|[?&;](?i:sig|auth|key|session|jwt|access_?key|pwd|pass|passphrase|sid))=))"
    R"(([^&\s"'<>\\]+))",
    // The password of a URL that has one.
    R"(([A-Za-z][A-Za-z0-9+.-]*://[^\s/@:"'<>\\]*:)([^\s/@"'<>\\]+)@)"};

re2::StringPiece piece_of(std::string_view text) {
  return {text.data(), text.size()};
}

bool is_json_text(std::string_view text) {
  constexpr int kDeepestJson = 200;
  return !mock::nests_deeper_than(text, kDeepestJson) && Json::accept(text);
}

// A text whose fields are looked at as those of a body; it may be cut off.
bool is_json_within(std::string_view text, int depth) {
  const std::string_view begin = mock::trimmed(text);
  const bool may_be = begin.starts_with('{') || begin.starts_with('[');
  return may_be && depth < kDeepest;
}

Place place_of(const std::string& name, const BodyFields& fields) {
  Place place;
  place.is_left_out = !fields.without.empty() && name == fields.without;
  place.is_secret = is_secret_name(name) || (!fields.secret.empty() && name == fields.secret);
  place.may_count = is_secret_plural(name);
  return place;
}

bool is_word_character(char c) {
  return mock::is_alnum(c) || c == '_';
}

bool is_whole_word(std::string_view text, std::size_t at, std::size_t size) {
  const bool begins = at == 0 || !is_word_character(text[at - 1]);
  const bool ends = at + size == text.size() || !is_word_character(text[at + size]);
  return begins && ends;
}

std::string in_hex(std::string_view bytes, std::string_view digits) {
  std::string hex;
  for (const char c : bytes) {
    hex += digits[static_cast<unsigned char>(c) >> 4];
    hex += digits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

// UTF-16, of either order: both have this in them.
std::string in_wide_characters(std::string_view text) {
  std::string wide;
  for (const char c : text) wide.append(1, c).append(1, '\0');
  wide.pop_back();
  return wide;
}

bool is_base64_character(char c) {
  return mock::is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (mock::is_digit(c)) return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : 63;
}

// Either alphabet, without padding; what is left over at the end is dropped.
std::string decoded_run(std::string_view run) {
  std::string bytes;
  bytes.reserve(run.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : run.substr(0, run.find('='))) {
    bits = bits << 6 | static_cast<std::uint32_t>(base64_value(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 255);
  }
  return bytes;
}

bool is_percent_run_character(char c) {
  return mock::is_alnum(c) || std::string_view("%-._~+/=").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain =
        mock::is_alnum(c) || std::string_view("-._~/=").find(c) != std::string_view::npos;
    encoded += is_plain ? std::string(1, c) : "%" + in_hex({&c, 1}, "0123456789ABCDEF");
  }
  return encoded;
}

// Of "name=value"; all of what has no name.
std::string_view value_of_pair(std::string_view pair) {
  return mock::trimmed(pair.substr(pair.find('=') + 1));
}

// Text of somebody, and not what was decoded in a wrong place.
bool is_readable(std::string_view text) {
  const bool has_controls = std::any_of(text.begin(), text.end(), [](char c) {
    return c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t';
  });
  return !has_controls && mock::is_valid_utf8(text);
}

// Where a run of such characters that begins at `at` ends.
template <typename Predicate>
std::size_t end_of_run(std::string_view text, std::size_t at, Predicate holds) {
  while (at < text.size() && holds(text[at])) ++at;
  return at;
}

}  // namespace

tl::expected<Redaction, std::string> Redaction::make(const std::vector<std::string>& patterns) {
  Redaction redaction;
  re2::RE2::Options quiet;
  quiet.set_log_errors(false);
  for (const std::string& pattern : patterns) {
    auto compiled = std::make_unique<re2::RE2>(pattern, quiet);
    if (!compiled->ok()) {
      return tl::unexpected("expected a regular expression of RE2, got " +
                            mock::in_quotes(pattern) + ": " + compiled->error());
    }
    redaction.given_.push_back(std::move(compiled));
  }
  return redaction;
}

Redaction::Redaction() {
  re2::RE2::Options bytes;  // bodies need not be UTF-8
  bytes.set_encoding(re2::RE2::Options::EncodingLatin1);
  bytes.set_log_errors(false);
  for (const char* pattern : kPatterns) {
    own_.push_back(std::make_unique<re2::RE2>(pattern, bytes));
  }
}
Redaction::Redaction(Redaction&&) noexcept = default;
Redaction& Redaction::operator=(Redaction&&) noexcept = default;
Redaction::~Redaction() = default;

bool Redaction::is_kept_header(std::string_view name) {
  return is_kept_header_name(name);
}

const std::string& Redaction::placeholder(std::string_view secret) {
  const auto found = placeholders_.find(secret);
  if (found != placeholders_.end()) return found->second;
  const std::string name = "key-" + std::to_string(++last_);
  if (is_told_from_text(secret)) {
    needles_.emplace(secret, name);
    needles_.emplace(in_hex(secret, "0123456789abcdef"), name);
    needles_.emplace(in_hex(secret, "0123456789ABCDEF"), name);
    needles_.emplace(in_wide_characters(secret), name);
  }
  return placeholders_.emplace(secret, name).first->second;
}

bool Redaction::is_placeholder(std::string_view text) const {
  return text == kTakenOut || std::any_of(placeholders_.begin(), placeholders_.end(),
                                          [&](const auto& known) { return known.second == text; });
}

void Redaction::learn_secret(std::string_view secret) {
  if (!secret.empty()) placeholder(secret);
}

std::string Redaction::learn(const std::vector<mock::Header>& headers) {
  std::string key;
  for (const mock::Header& header : headers) {
    const std::string_view value = mock::trimmed(header.value);
    if (mock::equal_ignoring_case(header.name, "Authorization")) {
      const std::size_t space = value.find(' ');
      const std::string_view token =
          space == std::string_view::npos ? value : mock::trimmed(value.substr(space));
      if (token.empty()) continue;
      if (key.empty()) key = placeholder(token);
      learn_secret(token);
      // "user:password" of the scheme Basic.
      const std::string inside = decoded_run(token);
      const std::size_t colon = inside.find(':');
      const bool is_basic = mock::equal_ignoring_case(value.substr(0, 6), "basic ");
      if (is_basic && colon != std::string::npos) learn_secret(inside.substr(colon + 1));
    } else if (mock::equal_ignoring_case(header.name, "Cookie")) {
      for (std::string_view rest = value; !rest.empty();) {
        learn_cookie(value_of_pair(rest.substr(0, rest.find(';'))));
        rest.remove_prefix(std::min(rest.find(';'), rest.size() - 1) + 1);
      }
    } else if (mock::equal_ignoring_case(header.name, "Set-Cookie")) {
      // Some programs make one of several, with a line each; attributes follow.
      for (std::string_view rest = value; !rest.empty();) {
        learn_cookie(value_of_pair(rest.substr(0, rest.find_first_of(";\n"))));
        rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
      }
    } else if (is_secret_header(header.name)) {
      const std::size_t space = value.find(' ');
      learn_secret(space == std::string_view::npos ? value : mock::trimmed(value.substr(space)));
    }
  }
  return key;
}

void Redaction::learn_cookie(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  if (value.size() < kLeastCookie) return;
  learn_secret(value);
  if (value.find('%') != std::string_view::npos) learn_secret(percent_decode(value).value_or(""));
}

std::optional<mock::Header> Redaction::kept_authorization(const std::vector<mock::Header>& headers,
                                                          const std::string& key) {
  const std::string_view value = mock::trimmed(mock::header_value(headers, "Authorization"));
  const std::string_view scheme = value.substr(0, value.find(' '));
  if (!mock::equal_ignoring_case(scheme, "bearer") || key.empty()) return std::nullopt;
  return mock::Header{"authorization", std::string(scheme) + " " + key};
}

std::string Redaction::text(std::string_view text) {
  std::string out = unwrapped(text, 0);
  replace_beginning(out);
  return out;
}

// Its pieces are looked at apart: what a parameter is called says whether it is a secret.
std::string Redaction::header(const mock::Header& header) {
  const std::string_view value = mock::trimmed(header.value);
  if (is_placeholder(value)) return std::string(value);
  learn({header});
  const std::size_t secret = value.find(' ') + 1;  // behind a scheme, if there is one
  if (value.empty() || !is_secret_header(header.name)) return text(value);
  return text(value.substr(0, secret)) + placeholder(mock::trimmed(value.substr(secret)));
}

std::string Redaction::target(std::string_view target) {
  const std::size_t question = std::min(target.find('?'), target.size());
  std::string query;
  std::string_view rest = target.substr(question);
  while (!rest.empty()) {
    query += rest.front();  // "?" or "&"
    rest.remove_prefix(1);
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size());
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = percent_decode(pair.substr(0, equals)).value_or("");
    const std::string value =
        percent_decode(pair.substr(std::min(equals + 1, pair.size()))).value_or("");
    const bool is_count =
        is_secret_plural(name) && std::all_of(value.begin(), value.end(), mock::is_digit);
    const bool is_secret =
        is_secret_parameter(name) && !is_count && !value.empty() && !is_placeholder(value);
    query += is_secret ? std::string(pair.substr(0, equals)) + "=" + placeholder(value)
                       : std::string(pair);
  }
  return text(std::string(target.substr(0, question)) + query);
}

std::string Redaction::body(std::string_view body, const BodyFields& fields, bool& left_out) {
  learn_body(body, fields);
  const bool is_json = is_json_text(body);
  static const re2::RE2 form(R"([^\s"{}<>\[\]=]+=[^\s"{}<>\[\]]*)", re2::RE2::Latin1);
  const bool is_form = !is_json && re2::RE2::FullMatch(piece_of(body), form);
  if (is_form) return target("?" + std::string(body)).substr(1);
  std::string out = json(body, fields, left_out, 0);
  // What the user says may reach from one value into the next.
  return is_json ? without_given(std::move(out)) : text(out);
}

void Redaction::learn_body(std::string_view body, const BodyFields& fields, int depth) {
  for_each_piece(
      body, [&](const std::string& name) { return place_of(name, fields); },
      [&](JsonPiece piece, std::string_view bytes, const Place& place) {
        if (place.is_left_out) return;
        if (piece == JsonPiece::number && place.is_secret && !place.may_count) learn_secret(bytes);
        if (piece != JsonPiece::text) return;
        auto whole = meaning_of(bytes);
        if (!whole) whole = meaning_of(std::string(bytes) + '"');  // it is cut off
        const std::string meaning = whole.value_or("");
        if (!place.is_secret && is_json_within(meaning, depth)) {
          return learn_body(meaning, fields, depth + 1);
        }
        if (!place.is_secret || is_placeholder(meaning) || is_id_of_the_api(meaning)) return;
        learn_secret(meaning);
        // "Bearer …"
        const std::size_t space = meaning.find(' ');
        if (space != std::string::npos && meaning.find(' ', space + 1) == std::string::npos) {
          learn_secret(meaning.substr(space + 1));
        }
      });
}

std::string Redaction::json(std::string_view text, const BodyFields& fields, bool& left_out,
                            int depth) {
  std::string out;
  for_each_piece(
      text, [&](const std::string& name) { return place_of(name, fields); },
      [&](JsonPiece piece, std::string_view bytes, const Place& place) {
        const bool is_value = piece == JsonPiece::text || piece == JsonPiece::number;
        if (is_value && place.is_left_out) {
          left_out = true;
          out += R"("")";
        } else if (piece == JsonPiece::number) {
          const bool is_secret = place.is_secret && !place.may_count;
          const bool is_known = needles_.find(bytes) != needles_.end();
          is_secret || is_known ? mock::append_json_string(out, placeholder(bytes))
                                : void(out += bytes);
        } else if (piece == JsonPiece::text && place.is_secret) {
          out += secret_literal(bytes);
        } else if (piece == JsonPiece::between) {
          out += bytes;
        } else {
          out += literal(bytes, fields, left_out, depth);
        }
      });
  return out;
}

// Of a place that is named as a secret.
std::string Redaction::secret_literal(std::string_view literal) {
  std::string out;
  const auto meaning = meaning_of(literal);
  const bool may_stay =
      meaning && (meaning->empty() || is_placeholder(*meaning) || is_id_of_the_api(*meaning));
  if (may_stay) return std::string(literal);
  mock::append_json_string(out, meaning ? placeholder(*meaning) : kTakenOut);
  return out;
}

// Of any other place. JSON that stands in a text has its own places.
std::string Redaction::literal(std::string_view literal, const BodyFields& fields, bool& left_out,
                               int depth) {
  const auto meaning = meaning_of(literal);
  if (!meaning) return text(literal);
  std::string shown = *meaning;
  if (is_json_within(*meaning, depth)) {
    shown = json(*meaning, {.without = "", .secret = fields.secret}, left_out, depth + 1);
    if (!is_json_text(*meaning)) shown = unwrapped(shown, 0);
  } else if (literal.find('\\') != std::string_view::npos) {
    shown = unwrapped(*meaning, 0);
  }
  if (shown == *meaning) return unwrapped(literal, 0);
  std::string out;
  mock::append_json_string(out, mock::valid_utf8(shown));
  return out;
}

std::string Redaction::unwrapped(std::string_view text, int depth) {
  if (depth > kDeepest) return plain(text);
  return plain(without_base64_runs(without_escaped_runs(without_percent_runs(text, depth), depth)));
}

// JSON that stands in a text of JSON: "\\u006e" is a letter, behind however many backslashes.
std::string Redaction::without_escaped_runs(const std::string& text, int depth) {
  if (text.find("u00") == std::string::npos) return text;
  static const re2::RE2 run(R"(((?:[A-Za-z0-9_-]|\\+u00[0-9a-fA-F]{2})+))", re2::RE2::Latin1);
  static const re2::RE2 escape(R"(\\+u00([0-9a-fA-F]{2}))", re2::RE2::Latin1);
  std::string out;
  re2::StringPiece rest(text);
  re2::StringPiece found;
  const char* done = text.data();
  while (re2::RE2::FindAndConsume(&rest, run, &found)) {
    std::string decoded(found.data(), found.size());
    re2::RE2::GlobalReplace(&decoded, escape, R"(%\1)");
    decoded = percent_decode(decoded).value_or("");
    if (decoded.size() == found.size()) continue;  // nothing was escaped
    const std::string shown = unwrapped(decoded, depth + 1);
    if (shown == decoded) continue;
    out.append(done, static_cast<std::size_t>(found.data() - done)).append(shown);
    done = found.data() + found.size();
  }
  return out.append(done, static_cast<std::size_t>(text.data() + text.size() - done));
}

// Runs that say something secret once they are decoded.
std::string Redaction::without_percent_runs(std::string_view text, int depth) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t percent = text.find('%', at);
    if (percent == std::string_view::npos) return out.append(text.substr(at));
    std::size_t begin = percent;
    while (begin > at && is_percent_run_character(text[begin - 1])) --begin;
    const std::size_t end = end_of_run(text, percent, is_percent_run_character);
    const std::string_view run = text.substr(begin, end - begin);
    const std::string decoded = percent_decode(run).value_or("");
    const std::string shown = decoded.empty() ? "" : unwrapped(decoded, depth + 1);
    out.append(text.substr(at, begin - at));
    out += shown == decoded ? std::string(run) : percent_encoded(shown);
    at = end;
  }
  return out;
}

std::string Redaction::without_base64_runs(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_run(text, at, is_base64_character);
    const std::string_view run = text.substr(at, end - at);
    const bool is_secret = run_holds_secret(run, 0);
    out += is_secret ? kTakenOut : run;
    at = is_secret ? end_of_run(text, end, [](char c) { return c == '='; }) : end;
    if (at < text.size() && run.empty()) out += text[at++];
  }
  return out;
}

// Nobody knows where among four characters it was begun to be encoded.
bool Redaction::run_holds_secret(std::string_view run, int depth) {
  for (std::size_t skip = 0; run.size() >= kLeastBase64 && skip < 4; ++skip) {
    if (holds_secret(decoded_run(run.substr(skip)), depth)) return true;
  }
  return false;
}

// In bytes that were decoded by guess: a few letters stand there by chance.
bool Redaction::holds_secret(std::string_view text, int depth) {
  for (const auto& [needle, name] : needles_) {
    if (needle.size() >= kLeastInside && text.find(needle) != std::string_view::npos) return true;
  }
  static const re2::RE2 key(
      "(?:n\\x00?r|c\\x00?c\\x00?a\\x00?g\\x00?e\\x00?n\\x00?t|"
      "e\\x00?k\\x00?s\\x00?e\\x00?c\\x00?d|n\\x00?a\\x00?i\\x00?r\\x00?i\\x00?d)"
      "\\x00?_(?:\\x00?[A-Za-z0-9_-]){8,}",
      re2::RE2::Latin1);
  if (text.find('_') != std::string_view::npos && re2::RE2::PartialMatch(piece_of(text), key)) {
    return true;
  }
  const auto finds = [&](const auto& pattern) {
    return re2::RE2::PartialMatch(piece_of(text), *pattern);
  };
  if (std::any_of(given_.begin(), given_.end(), finds) && is_readable(text)) return true;
  if (depth >= kDeepest) return false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_run(text, at, is_base64_character);
    if (run_holds_secret(text.substr(at, end - at), depth + 1)) return true;
    at = end + 1;
  }
  return false;
}

std::string Redaction::plain(std::string_view text) {
  std::string out(text);
  replace_known(out);
  for (const auto& pattern : own_) replace_pattern(out, *pattern);
  return without_given(std::move(out));
}

std::string Redaction::without_given(std::string text) const {
  for (const auto& pattern : given_) {
    re2::RE2::GlobalReplace(&text, *pattern, piece_of(kTakenOut));
  }
  return text;
}

void Redaction::replace_pattern(std::string& text, const re2::RE2& pattern) {
  std::string out;
  re2::StringPiece rest(text);
  re2::StringPiece kept;
  re2::StringPiece secret;
  const char* done = text.data();
  while (re2::RE2::FindAndConsume(&rest, pattern, &kept, &secret)) {
    const std::string_view found(secret.data(), secret.size());
    out.append(done, static_cast<std::size_t>(secret.data() - done));
    out += is_placeholder(found) ? std::string(found) : placeholder(found);
    done = secret.data() + secret.size();
  }
  if (done == text.data()) return;
  out.append(done, static_cast<std::size_t>(text.data() + text.size() - done));
  text = std::move(out);
}

// The longest first, as one may be a part of another.
void Redaction::replace_known(std::string& text) const {
  std::vector<std::pair<std::string_view, std::string_view>> found;
  for (const auto& [needle, name] : needles_) {
    if (text.find(needle) != std::string::npos) found.emplace_back(needle, name);
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  for (const auto& [needle, name] : found) {
    for (std::size_t at = 0; (at = text.find(needle, at)) != std::string::npos;) {
      if (needle.size() < kLeastInside && !is_whole_word(text, at, needle.size())) {
        at += needle.size();
        continue;
      }
      text.replace(at, needle.size(), name);
      at += name.size();
    }
  }
}

// A text that was cut may end in the middle of one.
void Redaction::replace_beginning(std::string& text) const {
  for (const auto& [needle, name] : needles_) {
    for (std::size_t size = needle.size() - 1; size >= kLeastInside && size < needle.size();
         --size) {
      if (!text.ends_with(std::string_view(needle).substr(0, size))) continue;
      text.replace(text.size() - size, size, name);
      break;
    }
  }
}

}  // namespace nairi::contracts
