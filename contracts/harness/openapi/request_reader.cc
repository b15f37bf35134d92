#include "harness/openapi/request_reader.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "text/characters.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::size_t kLongestBoundary = 200;  // RFC 2046, 5.1.1, allows 70
constexpr std::size_t kLongestHead = std::size_t{16} << 10;

// What comes before `end`, taken off the front of `rest` together with it; all when there is none.
std::string_view take_until(std::string_view& rest, std::string_view end) {
  const std::size_t at = rest.find(end);
  const std::string_view taken = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + end.size());
  return taken;
}

// Segments, each with the slash before it, so that their lengths add up to the path's.
std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    segments.push_back(path.substr(0, path.find('/', 1)));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

// `form-data; name="file"; filename="a;b.txt"`: a word, then parameters. Those that come quoted
// keep their escapes.
class Parameters {
 public:
  explicit Parameters(std::string_view value) {
    word_ = mock::trimmed(value.substr(0, value.find(';')));
    value.remove_prefix(std::min(value.find(';'), value.size()));
    while (!value.empty()) value = read_one(value.substr(1));
  }

  bool is(std::string_view word) const { return mock::equal_ignoring_case(word_, word); }

  std::optional<std::string_view> find(std::string_view name) const {
    for (const auto& [known, value] : all_) {
      if (mock::equal_ignoring_case(known, name)) return value;
    }
    return std::nullopt;
  }

 private:
  // What follows, from its semicolon on.
  std::string_view read_one(std::string_view text) {
    const std::size_t name_end = std::min(text.find_first_of("=;"), text.size());
    const std::string_view name = mock::trimmed(text.substr(0, name_end));
    text.remove_prefix(name_end);
    if (!text.starts_with('=')) return text;
    text.remove_prefix(std::min(text.find_first_not_of(" \t", 1), text.size()));
    const std::size_t end = text.starts_with('"') ? quoted_length(text) : text.find(';');
    const std::string_view value = text.substr(0, end);
    all_.emplace_back(name, value.starts_with('"') ? inside(value) : mock::trimmed(value));
    text.remove_prefix(std::min(end, text.size()));
    return text.substr(std::min(text.find(';'), text.size()));
  }

  // With its quotes; RFC 9110, 5.6.4: a backslash takes the next character as it is.
  static std::size_t quoted_length(std::string_view text) {
    bool taken_as_it_is = false;
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] == '"' && !taken_as_it_is) return i + 1;
      taken_as_it_is = text[i] == '\\' && !taken_as_it_is;
    }
    return text.size();
  }

  static std::string_view inside(std::string_view quoted) {
    quoted.remove_prefix(1);
    if (quoted.ends_with('"')) quoted.remove_suffix(1);
    return quoted;
  }

  std::string_view word_;
  std::vector<std::pair<std::string_view, std::string_view>> all_;
};

// A name as it was before it was put in quotes: browsers write %22 for a quote and %0D%0A for a
// line end, curl and Go a backslash before what they escape (REFERENCE: Attachments).
std::string without_escapes(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEscapes[] = {
      {"\\\"", '"'}, {"\\\\", '\\'}, {"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}};
  std::string plain;
  while (!text.empty()) {
    const auto* const escape =
        std::ranges::find_if(kEscapes, [&](const auto& it) { return text.starts_with(it.first); });
    const bool found = escape != std::end(kEscapes);
    plain += found ? escape->second : text.front();
    text.remove_prefix(found ? escape->first.size() : 1);
  }
  return plain;
}

// The parts of a multipart body, one after another (RFC 2046, 5.1.1).
class FormReader {
 public:
  FormReader(std::string_view body, std::string_view boundary)
      : delimiter_("\r\n--" + std::string(boundary)), rest_(body) {}

  // To the first part, over a preamble, which nobody reads.
  bool enter() {
    if (rest_.starts_with(std::string_view(delimiter_).substr(2))) {
      rest_.remove_prefix(delimiter_.size() - 2);
      return true;
    }
    if (rest_.find(delimiter_) == std::string_view::npos) return false;
    take_until(rest_, delimiter_);
    return true;
  }

  bool at_end() const { return rest_.starts_with("--"); }

  // From behind a delimiter to behind the next.
  tl::expected<ReceivedPart, std::string> next() {
    const bool is_line = rest_.find("\r\n") != std::string_view::npos;
    if (!is_line || !mock::trimmed(take_until(rest_, "\r\n")).empty()) {
      return tl::unexpected(std::string("a boundary must be followed by a line end"));
    }
    std::string_view head;
    if (rest_.starts_with("\r\n")) {
      rest_.remove_prefix(2);
    } else {
      if (rest_.substr(0, kLongestHead).find("\r\n\r\n") == std::string_view::npos) {
        return tl::unexpected(std::string("a part's headers do not end within 16 KiB"));
      }
      head = take_until(rest_, "\r\n\r\n");
    }
    ReceivedPart part;
    // No bytes at all: the line end before the delimiter is the one that ended the head.
    if (rest_.starts_with(std::string_view(delimiter_).substr(2))) {
      rest_.remove_prefix(delimiter_.size() - 2);
    } else if (rest_.find(delimiter_) != std::string_view::npos) {
      part.bytes = take_until(rest_, delimiter_);
    } else {
      return tl::unexpected(std::string("the multipart body ends without its closing boundary"));
    }
    return describe(head, std::move(part));
  }

 private:
  static tl::expected<ReceivedPart, std::string> describe(std::string_view head,
                                                          ReceivedPart part) {
    while (!head.empty()) {
      std::string_view line = take_until(head, "\r\n");
      const bool has_value = line.find(':') != std::string_view::npos;
      const std::string_view name = mock::trimmed(take_until(line, ":"));
      if (!has_value || !mock::equal_ignoring_case(name, "Content-Disposition")) continue;
      const Parameters disposition(line);
      part.name = without_escapes(disposition.find("name").value_or(""));
      if (const auto filename = disposition.find("filename")) {
        part.filename = without_escapes(*filename);
      }
      break;
    }
    return part;
  }

  std::string delimiter_;
  std::string_view rest_;  // from behind a delimiter
};

}  // namespace

SplitTarget split_target(std::string_view target) {
  if (!target.starts_with('/')) {
    const std::size_t authority = target.find("://");
    if (authority != std::string_view::npos) {
      const std::size_t path = target.find('/', authority + 3);
      target = path == std::string_view::npos ? "/" : target.substr(path);
    }
  }
  std::string_view query = target.substr(0, target.find('#'));
  const std::string_view path = take_until(query, "?");
  return {path, query};
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    plain += text.substr(0, text.find('%'));
    text.remove_prefix(std::min(text.find('%'), text.size()));
    if (text.empty()) break;
    const std::string_view digits = text.substr(1, 2);
    unsigned char byte = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, byte, 16);
    if (digits.size() != 2 || error != std::errc{} || stop != end) return std::nullopt;
    plain += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return plain;
}

std::optional<QueryParameters> read_query(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    std::string pair(take_until(query, "&"));
    if (pair.empty()) continue;
    std::ranges::replace(pair, '+', ' ');
    std::string_view value = pair;
    const auto name = percent_decode(take_until(value, "="));
    auto decoded = percent_decode(value);
    if (!name || !decoded) return std::nullopt;
    parameters.emplace_back(*name, std::move(*decoded));
  }
  return parameters;
}

std::optional<std::string_view> path_parameter(std::string_view path_template,
                                               std::string_view path) {
  const auto wanted = segments_of(path_template);
  const auto got = segments_of(path);
  const auto is_name = [](std::string_view segment) { return segment.starts_with("/{"); };
  const auto name = std::ranges::find_if(wanted, is_name);
  if (name == wanted.end()) {
    return path == path_template ? std::optional<std::string_view>("") : std::nullopt;
  }
  const bool fits =
      *name == "/{agent_id}" ? got.size() >= wanted.size() : got.size() == wanted.size();
  const auto before = name - wanted.begin();
  const auto after = wanted.end() - name - 1;
  if (!fits || !std::equal(wanted.begin(), name, got.begin()) ||
      !std::equal(name + 1, wanted.end(), got.end() - after)) {
    return std::nullopt;
  }
  const auto length = [](auto first, auto last) {
    std::size_t sum = 0;
    for (; first != last; ++first) sum += first->size();
    return sum;
  };
  std::string_view value = path.substr(length(got.begin(), got.begin() + before));
  value.remove_suffix(length(got.end() - after, got.end()));
  value.remove_prefix(1);  // the slash
  return value.empty() ? std::nullopt : std::optional(value);
}

tl::expected<ReceivedPart, std::string> find_form_part(std::string_view content_type,
                                                       std::string_view body,
                                                       std::string_view name) {
  const Parameters type(content_type);
  if (!type.is("multipart/form-data")) {
    return tl::unexpected("Content-Type must be multipart/form-data, got " +
                          mock::in_quotes(content_type));
  }
  const std::string_view boundary = type.find("boundary").value_or("");
  if (boundary.empty() || boundary.size() > kLongestBoundary) {
    return tl::unexpected("Content-Type must name a boundary, got " +
                          mock::in_quotes(content_type));
  }
  FormReader form(body, boundary);
  if (!form.enter()) {
    return tl::unexpected(
        std::string("the body does not hold the boundary that Content-Type names"));
  }
  while (!form.at_end()) {
    auto part = form.next();
    if (!part) return part;
    if (part->name != name) continue;
    if (part->filename && !mock::is_valid_utf8(*part->filename)) {
      return tl::unexpected(std::string("the file name is not UTF-8"));
    }
    return part;
  }
  return tl::unexpected("the form has no part named " + mock::in_quotes(name));
}

}  // namespace nairi::contracts
