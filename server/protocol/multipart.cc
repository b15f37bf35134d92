#include "protocol/multipart.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "protocol/target.h"
#include "text/characters.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kMediaType = "multipart/form-data";
constexpr std::size_t kLongestBoundary = 200;  // RFC 2046 allows 70
constexpr std::size_t kLongestPartHead = std::size_t{16} * 1024;

// How a sender writes quotes and backslashes between quotes (docs/assumptions.md has the senders).
enum class Quoting {
  escaped,  // as \" and \\ (RFC 9110, 5.6.4)
  raw,      // a backslash as it is, a quote as %22 or as it is
};

// A value of a header such as `form-data; name="file"; filename="a;b.txt"`, read from left to
// right.
struct HeaderValue {
  std::string_view word;
  std::vector<std::pair<std::string_view, std::string_view>> parameters;  // without their quotes
  Quoting quoting;
};

// What comes before the next semicolon, taken off the front of `text`.
std::string_view take_plain(std::string_view& text) {
  const std::string_view taken = text.substr(0, text.find(';'));
  text.remove_prefix(taken.size());
  return taken;
}

bool ends_parameter(std::string_view text) {
  const std::size_t next = text.find_first_not_of(" \t");
  return next == std::string_view::npos || text[next] == ';';
}

// Where the quoted text that begins at `text` (after its quote) ends, if its sender escapes;
// nullopt when it does not.
std::optional<std::size_t> escaped_length(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '"') {
    const bool is_pair =
        text.substr(end).starts_with("\\\"") || text.substr(end).starts_with("\\\\");
    if (text[end] == '\\' && !is_pair) return std::nullopt;
    end += is_pair ? 2 : 1;
  }
  const bool is_whole = end < text.size() && ends_parameter(text.substr(end + 1));
  return is_whole ? std::optional(end) : std::nullopt;
}

// The same, if it does not.
std::size_t raw_length(std::string_view text) {
  std::size_t end = text.find('"');
  while (end != std::string_view::npos && !ends_parameter(text.substr(end + 1))) {
    end = text.find('"', end + 1);
  }
  return std::min(end, text.size());
}

// nullopt: no sender who quotes like that would write it.
std::optional<HeaderValue> read_header_value(std::string_view text, Quoting quoting) {
  HeaderValue value{trimmed(take_plain(text)), {}, quoting};
  while (!text.empty()) {
    text.remove_prefix(1);  // the semicolon
    const std::size_t name_end = std::min(text.find_first_of("=;"), text.size());
    const std::string_view name = trimmed(text.substr(0, name_end));
    text.remove_prefix(name_end);
    if (!text.starts_with('=')) continue;
    text.remove_prefix(std::min(text.find_first_not_of(" \t", 1), text.size()));
    if (text.starts_with('"')) {
      text.remove_prefix(1);
      const auto end = quoting == Quoting::raw ? raw_length(text) : escaped_length(text);
      if (!end) return std::nullopt;
      value.parameters.emplace_back(name, text.substr(0, *end));
      text.remove_prefix(*end);
      take_plain(text);
    } else {
      value.parameters.emplace_back(name, trimmed(take_plain(text)));
    }
  }
  return value;
}

// Assumed: a sender escapes if every backslash can be read as an escape.
HeaderValue read_header_value(std::string_view text) {
  auto escaped = read_header_value(text, Quoting::escaped);
  return escaped ? std::move(*escaped) : *read_header_value(text, Quoting::raw);
}

const std::string_view* parameter(const HeaderValue& value, std::string_view name) {
  for (const auto& [known, text] : value.parameters) {
    if (equal_ignoring_case(known, name)) return &text;
  }
  return nullptr;
}

// A name as it was before its sender put it between quotes. Quotes and line ends come as %22, %0D
// and %0A whatever becomes of backslashes.
std::string unescaped(std::string_view text, Quoting quoting) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (quoting == Quoting::escaped && rest.size() > 1 && rest.front() == '\\') {
      out += text[++i];
    } else if (rest.starts_with("%22") || rest.starts_with("%0D") || rest.starts_with("%0A")) {
      out += rest[1] == '2' ? '"' : rest[2] == 'D' ? '\r' : '\n';
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// `UTF-8''%E2%82%AC.txt` or `utf-8'en'a.txt` (RFC 8187, 3.2).
std::optional<std::string> decoded_extended(std::string_view text) {
  const std::size_t language = text.find('\'');
  if (!equal_ignoring_case(text.substr(0, language), "UTF-8")) return std::nullopt;
  const std::size_t encoded = text.find('\'', language + 1);
  return encoded == std::string_view::npos ? std::nullopt
                                           : percent_decode(text.substr(encoded + 1));
}

// The name of a part's file; nullopt for a plain field, which a browser's empty name is too.
Checked<std::optional<std::string>> file_name(const HeaderValue& disposition) {
  const std::string_view* const plain = parameter(disposition, "filename");
  const std::string_view* const extended = parameter(disposition, "filename*");
  auto name = extended == nullptr ? std::nullopt : decoded_extended(*extended);
  if (extended != nullptr && !name && plain == nullptr) {
    return fail(
        400, "invalid file name",
        "filename* must be UTF-8'' and a percent-encoded name, got " + in_quotes(*extended));
  }
  if (!name && plain != nullptr) name = unescaped(*plain, disposition.quoting);
  if (!name || name->empty()) return std::nullopt;
  if (!is_valid_utf8(*name)) {
    return fail(400, "invalid file name", "the file name is not UTF-8");
  }
  return name;
}

// The Content-Disposition among a part's headers.
std::optional<HeaderValue> disposition(std::string_view head) {
  constexpr std::string_view kName = "content-disposition";
  while (!head.empty()) {
    const std::size_t end = std::min(head.find(kLineEnd), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), end + kLineEnd.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos ||
        !equal_ignoring_case(trimmed(line.substr(0, colon)), kName)) {
      continue;
    }
    return read_header_value(line.substr(colon + 1));
  }
  return std::nullopt;
}

tl::unexpected<Failure> bad_form(std::string hint) {
  return fail(400, "invalid multipart body", std::move(hint));
}

Checked<std::string> delimiter_of(std::string_view content_type) {
  if (const auto boundary = multipart_boundary(content_type)) return "--" + std::string(*boundary);
  const bool is_form = equal_ignoring_case(read_header_value(content_type).word, kMediaType);
  return bad_form(std::string("Content-Type must ") +
                  (is_form ? "name a boundary" : "be multipart/form-data") + ", got " +
                  in_quotes(content_type));
}

// One part's head and bytes, cut off the front of `rest`.
struct RawPart {
  std::string_view head;
  std::string_view bytes;
};

Checked<RawPart> cut_part(std::string_view& rest, const std::string& delimiter) {
  // A part without headers begins with the empty line itself.
  const bool bare = rest.starts_with(kLineEnd);
  const std::size_t head = bare ? 0 : rest.substr(0, kLongestPartHead).find("\r\n\r\n");
  if (head == std::string_view::npos) {
    return bad_form("a part's headers do not end within 16 KiB");
  }
  const std::size_t begin = head + (bare ? 2 : 4);
  const std::size_t end = rest.find(std::string(kLineEnd) + delimiter, begin - 2);
  if (end == std::string_view::npos) {
    return bad_form("the multipart body ends without its closing boundary");
  }
  RawPart part{rest.substr(0, head), end < begin ? "" : rest.substr(begin, end - begin)};
  rest.remove_prefix(end + kLineEnd.size());
  return part;
}

}  // namespace

std::optional<std::string_view> multipart_boundary(std::string_view content_type) {
  const HeaderValue value = read_header_value(content_type);
  if (!equal_ignoring_case(value.word, kMediaType)) return std::nullopt;
  const std::string_view* boundary = parameter(value, "boundary");
  const bool fits =
      boundary != nullptr && !boundary->empty() && boundary->size() <= kLongestBoundary;
  return fits ? std::optional(*boundary) : std::nullopt;
}

Checked<FormPart> find_part(std::string_view content_type, std::string_view body,
                            std::string_view name) {
  const auto delimiter = delimiter_of(content_type);
  if (!delimiter) return tl::unexpected(delimiter.error());
  std::string_view rest = body;
  if (!rest.starts_with(*delimiter)) {  // a preamble, which nobody reads
    const std::size_t first = rest.find(std::string(kLineEnd) + *delimiter);
    if (first == std::string_view::npos) {
      return bad_form("the body does not hold the boundary that Content-Type names");
    }
    rest.remove_prefix(first + kLineEnd.size());
  }
  while (true) {
    rest.remove_prefix(delimiter->size());
    if (rest.starts_with("--")) {
      return fail(400, std::string(name) + " is required",
                  "the form has no part named " + in_quotes(name));
    }
    const std::size_t line_end = rest.find(kLineEnd);
    if (line_end == std::string_view::npos || !trimmed(rest.substr(0, line_end)).empty()) {
      return bad_form("a boundary must be followed by a line end");
    }
    rest.remove_prefix(line_end + kLineEnd.size());
    const auto part = cut_part(rest, *delimiter);
    if (!part) return tl::unexpected(part.error());
    const auto header = disposition(part->head);
    const std::string_view* part_name = header ? parameter(*header, "name") : nullptr;
    if (part_name == nullptr || unescaped(*part_name, header->quoting) != name) continue;
    auto filename = file_name(*header);
    if (!filename) return tl::unexpected(filename.error());
    return FormPart{std::move(*filename), part->bytes};
  }
}

}  // namespace nairi::mock
