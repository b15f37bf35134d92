#include "protocol/multipart.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "text/characters.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kMediaType = "multipart/form-data";
constexpr std::size_t kLongestBoundary = 200;  // RFC 2046 allows 70
constexpr std::size_t kLongestPartHead = std::size_t{16} * 1024;

// A value of a header such as `form-data; name="file"; filename="a;b.txt"`, read from left to
// right.
struct HeaderValue {
  std::string_view word;
  std::vector<std::pair<std::string_view, std::string_view>> parameters;  // without their quotes
};

// Where the quoted text that begins at `text` (after its quote) ends; a backslash keeps a quote.
std::size_t closing_quote(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i;
    }
  }
  return text.size();
}

HeaderValue read_header_value(std::string_view text) {
  HeaderValue value;
  value.word = trimmed(text.substr(0, text.find(';')));
  text.remove_prefix(std::min(text.size(), text.find(';')));
  while (!text.empty()) {
    text.remove_prefix(1);  // the semicolon
    const std::size_t equals = text.find_first_of("=;");
    if (equals == std::string_view::npos) break;
    const std::string_view name = trimmed(text.substr(0, equals));
    const bool has_value = text[equals] == '=';
    text.remove_prefix(has_value ? equals + 1 : equals);
    if (!has_value) continue;
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    if (text.starts_with('"')) {
      const std::size_t end = closing_quote(text.substr(1));
      value.parameters.emplace_back(name, text.substr(1, end));
      text.remove_prefix(std::min(text.size(), end + 2));
      text.remove_prefix(std::min(text.size(), text.find(';')));
    } else {
      const std::size_t end = std::min(text.find(';'), text.size());
      value.parameters.emplace_back(name, trimmed(text.substr(0, end)));
      text.remove_prefix(end);
    }
  }
  return value;
}

const std::string_view* parameter(const HeaderValue& value, std::string_view name) {
  for (const auto& [known, text] : value.parameters) {
    if (equal_ignoring_case(known, name)) return &text;
  }
  return nullptr;
}

// Undoes what senders do to a quote in a file name: %22 (browsers, undici), \" (curl, Go)
// (REFERENCE: Attachments). Line ends are escaped by browsers likewise.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("\\\"") || rest.starts_with("\\\\")) {
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
    if (part_name == nullptr || unescaped(*part_name) != name) continue;
    const std::string_view* filename = parameter(*header, "filename");
    if (filename == nullptr) return FormPart{std::nullopt, part->bytes};
    if (!is_valid_utf8(*filename))
      return fail(400, "invalid file name", "the file name is not UTF-8");
    return FormPart{unescaped(*filename), part->bytes};
  }
}

}  // namespace nairi::mock
