#include "protocol/request_head.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "protocol/credentials.h"
#include "text/characters.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Field values hold text, tabs and bytes above ASCII (obs-text): no other control character.
constexpr CharacterSet kFieldCharacters([](char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= 0x20 && byte != 0x7f);
});

// How many blocks of text from its begin are all of `good` ones, in characters.
template <typename Good>
std::size_t leading(std::string_view text, Good good) {
  std::size_t at = 0;
  while (at + kBlock <= text.size() && good(block_at(text, at))) at += kBlock;
  return at;
}

bool is_field_text(std::string_view text) {
  const std::size_t checked = leading(text, [](std::uint64_t block) {
    return !may_have_less(block, 0x20) && !may_have_less(block ^ eight(0x7f), 1);
  });
  return kFieldCharacters.has_all(text.substr(checked));
}

constexpr CharacterSet kTargetCharacters([](char c) { return c > ' ' && c <= '~' && c != '#'; });

bool is_target_text(std::string_view text) {
  const std::size_t checked = leading(text, [](std::uint64_t block) {
    return (block & eight(0x80)) == 0 && !may_have_less(block, 0x21) &&
           !may_have_less(block ^ eight(0x7f), 1) && !may_have_less(block ^ eight('#'), 1);
  });
  return kTargetCharacters.has_all(text.substr(checked));
}

constexpr CharacterSet kHostCharacters([](char c) {
  return is_alnum(c) || std::string_view("-._~!$&'()*+,;=:%[]").find(c) != std::string_view::npos;
});

constexpr CharacterSet kTokenCharacters([](char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
});

bool has_list_item(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equal_ignoring_case(trimmed(list.substr(0, comma)), item)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

Checked<bool> parse_version(std::string_view version) {
  if (version == "HTTP/1.1") return false;
  if (version == "HTTP/1.0") return true;
  const int status = version.starts_with("HTTP/") ? 505 : 400;
  return fail(status, "expected HTTP/1.1 or HTTP/1.0 at the end of the request line, got " +
                          in_quotes(version));
}

// Absolute form, which every server must accept (RFC 9112, 3.2.2), loses scheme and authority.
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    return target.substr(std::min(target.find_first_of("/?"), target.size()));
  }
  return target;
}

Checked<void> parse_target(std::string_view sent, Request& request) {
  if (!is_target_text(sent)) {
    return fail(
        400, "expected a percent-encoded target without control characters, blanks or '#', got " +
                 in_quotes(sent));
  }
  const std::string_view target = sent.starts_with('/') ? sent : origin_form(sent);
  if (target.data() != sent.data() && (target.empty() || target.front() == '?')) {
    request.target = "/" + std::string(target);
    return {};
  }
  if (target.starts_with('/') || (target == "*" && request.method == "OPTIONS")) {
    request.target = target;
    return {};
  }
  if (request.method == "CONNECT") {
    return fail(400, "expected a request of a path, got CONNECT: this is no proxy");
  }
  return fail(400, "expected a target that begins with '/', got " + in_quotes(sent));
}

// All Content-Length fields must say the same number; one too large for the type is as good as any
// other that is too large.
Checked<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || end != text.data() + text.size() || text.front() == '-') {
    return fail(400, "expected Content-Length to be decimal digits, got " + in_quotes(text));
  }
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  return length;
}

// Gathers the fields that decide on framing and connection.
struct Facts {
  std::optional<std::uint64_t> length;
  int hosts = 0;
  bool has_coding = false;
  bool close = false;
  bool keep_alive = false;
  bool expects_continue = false;

  Checked<void> add(const Header& header);
  Checked<void> add_host(std::string_view host);
  Checked<void> add_length(std::string_view text);
  Checked<void> add_coding(std::string_view coding);
  Checked<void> add_expectation(std::string_view expectation);
};

Checked<void> Facts::add(const Header& header) {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(header.name, name); };
  switch (lower(header.name.front())) {
    case 'c':
      if (is("Content-Length")) return add_length(header.value);
      if (is("Connection")) {
        close = close || has_list_item(header.value, "close");
        keep_alive = keep_alive || has_list_item(header.value, "keep-alive");
      }
      break;
    case 'e':
      if (is("Expect")) return add_expectation(header.value);
      break;
    case 'h':
      if (is("Host")) return add_host(header.value);
      break;
    case 't':
      if (is("Transfer-Encoding")) return add_coding(header.value);
      break;
    default:
      break;
  }
  return {};
}

Checked<void> Facts::add_host(std::string_view host) {
  if (++hosts > 1) return fail(400, "expected one Host field, got several");
  if (!kHostCharacters.has_all(host)) {
    return fail(400, "expected a host name and port in Host, got " + in_quotes(host));
  }
  return {};
}

Checked<void> Facts::add_length(std::string_view text) {
  const auto value = parse_length(text);
  if (!value) return tl::unexpected(value.error());
  if (length && *length != *value) {
    return fail(400, "expected one Content-Length, got " + std::to_string(*length) + " and " +
                         std::to_string(*value));
  }
  length = *value;
  return {};
}

Checked<void> Facts::add_coding(std::string_view coding) {
  if (has_coding || !equal_ignoring_case(coding, "chunked")) {
    return fail(501, "expected no Transfer-Encoding but one chunked, got " + in_quotes(coding));
  }
  has_coding = true;
  return {};
}

Checked<void> Facts::add_expectation(std::string_view expectation) {
  if (!equal_ignoring_case(expectation, "100-continue")) {
    return fail(417, "expected no Expect but 100-continue, got " + in_quotes(expectation));
  }
  expects_continue = true;
  return {};
}

}  // namespace

Request read_loosely(std::string_view line) {
  line = trimmed(line, "\r\n");
  const std::string_view method = line.substr(0, line.find(' '));
  if (!kTokenCharacters.has_all(method)) return {};
  std::string_view target = line.substr(std::min(method.size() + 1, line.size()));
  target = target.substr(0, target.rfind(" HTTP/"));
  return {.method = std::string(method), .target = std::string(target)};
}

std::string quoted_line(std::string_view line) {
  const std::string_view name = line.substr(0, line.find_first_of(": \t"));
  if (!is_credential_header(name)) return in_quotes(line);
  return in_quotes(std::string(name) + ": " + std::string(kRedacted));
}

Checked<bool> parse_request_line(std::string_view line, Request& request) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return fail(400, "expected a request line \"METHOD /target HTTP/1.1\", got " + in_quotes(line));
  }
  const std::string_view method = line.substr(0, first);
  if (method.empty() || !kTokenCharacters.has_all(method)) {
    return fail(400, "expected a method of token characters, got " + in_quotes(method));
  }
  const auto http10 = parse_version(line.substr(last + 1));
  if (!http10) return tl::unexpected(http10.error());
  request.method = method;
  const auto parsed = parse_target(line.substr(first + 1, last - first - 1), request);
  if (!parsed) return tl::unexpected(parsed.error());
  return *http10;
}

Checked<Field> parse_field(std::string_view line) {
  if (is_blank(line.front())) {
    return fail(400, "expected a header field, got a folded line, which is obsolete and ambiguous");
  }
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, std::min(colon, line.size()));
  if (colon == std::string_view::npos || name.empty() || !kTokenCharacters.has_all(name)) {
    return fail(400, "expected a header field \"Name: value\", got " + quoted_line(line));
  }
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!is_field_text(value)) {
    return fail(400, "expected no control characters in a header, got " + quoted_line(line));
  }
  return Field{name, value};
}

Checked<HeadMeaning> interpret(bool http10, const std::vector<Header>& headers) {
  Facts facts;
  for (const Header& header : headers) {
    if (auto added = facts.add(header); !added) return tl::unexpected(added.error());
  }
  if (!http10 && facts.hosts == 0) {
    return fail(400, "expected a Host field in an HTTP/1.1 request, got none");
  }
  if (facts.has_coding && facts.length) {
    return fail(400, "expected Content-Length or Transfer-Encoding, got both");
  }
  if (facts.has_coding && http10) {
    return fail(400, "expected Content-Length in an HTTP/1.0 request, got Transfer-Encoding");
  }
  return HeadMeaning{.chunked = facts.has_coding,
                     .content_length = facts.length.value_or(0),
                     .keep_alive = !facts.close && (!http10 || facts.keep_alive),
                     .expects_continue = facts.expects_continue && !http10};
}

Checked<std::uint64_t> parse_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  const std::string_view rest = line.substr(static_cast<std::size_t>(end - line.data()));
  const std::string_view extension = trimmed(rest);
  const bool has_digits = end != line.data() && line.front() != '-';
  if (!has_digits || error != std::errc{} || (!rest.empty() && !extension.starts_with(';')) ||
      !is_field_text(rest)) {
    return fail(400, "expected a chunk size in hexadecimal digits, got " + in_quotes(line));
  }
  return size;
}

}  // namespace nairi::mock
