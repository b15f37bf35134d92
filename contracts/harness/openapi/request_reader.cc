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

// `form-data; name="file"; filename="a;b.txt"`: a word, then parameters. Between quotes, some
// senders put a backslash before quotes and backslashes (Go, Ruby, older curl); others leave
// backslashes alone (browsers, undici, curl, requests). Where all of a value can have been written
// by the first ones, they are believed; that is assumed, as a name may look like both.
class Parameters {
 public:
  explicit Parameters(std::string_view value) {
    read(value);
    if (fits_) return;
    all_.clear();
    has_escapes_ = false;
    read(value);
  }

  bool is(std::string_view word) const { return mock::equal_ignoring_case(word_, word); }

  // As it stands between its quotes.
  std::optional<std::string_view> find(std::string_view name) const {
    for (const auto& [known, value] : all_) {
      if (mock::equal_ignoring_case(known, name)) return value;
    }
    return std::nullopt;
  }

  // As it was before it was put there: a quote may come as %22 and a line end as %0D%0A as well.
  std::optional<std::string> find_text(std::string_view name) const {
    const auto found = find(name);
    if (!found) return std::nullopt;
    static constexpr std::pair<std::string_view, char> kEscapes[] = {
        {"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}, {"\\\"", '"'}, {"\\\\", '\\'}};
    std::string plain;
    for (std::string_view rest = *found; !rest.empty();) {
      const auto* const escape = std::ranges::find_if(kEscapes, [&](const auto& it) {
        return rest.starts_with(it.first) && (has_escapes_ || it.first.front() == '%');
      });
      const bool is_plain = escape == std::end(kEscapes);
      plain += is_plain ? rest.front() : escape->second;
      rest.remove_prefix(is_plain ? 1 : escape->first.size());
    }
    return plain;
  }

 private:
  void read(std::string_view value) {
    word_ = mock::trimmed(value.substr(0, value.find(';')));
    value.remove_prefix(std::min(value.find(';'), value.size()));
    while (!value.empty()) value = read_one(value.substr(1));
  }

  // What follows, from its semicolon on.
  std::string_view read_one(std::string_view text) {
    const std::size_t name_end = std::min(text.find_first_of("=;"), text.size());
    const std::string_view name = mock::trimmed(text.substr(0, name_end));
    text.remove_prefix(name_end);
    if (!text.starts_with('=')) return text;
    text.remove_prefix(std::min(text.find_first_not_of(" \t", 1), text.size()));
    const bool is_quoted = text.starts_with('"');
    if (is_quoted) text.remove_prefix(1);
    const std::size_t end = std::min(is_quoted ? closing_quote(text) : text.find(';'), text.size());
    const std::string_view value = text.substr(0, end);
    all_.emplace_back(name, is_quoted ? value : mock::trimmed(value));
    text.remove_prefix(end);
    return text.substr(std::min(text.find(';'), text.size()));
  }

  // Where the text between quotes ends; npos when it does not, which fits nobody.
  std::size_t closing_quote(std::string_view text) {
    std::size_t end = text.find('"');
    while (end != std::string_view::npos && !is_closing(text, end)) end = text.find('"', end + 1);
    const std::string_view inside = text.substr(0, end);
    fits_ = fits_ && end != std::string_view::npos && stands_at_end(text.substr(end + 1)) &&
            has_escapes_only(inside);
    return end;
  }

  bool is_closing(std::string_view text, std::size_t quote) const {
    if (!has_escapes_) return stands_at_end(text.substr(quote + 1));
    const std::string_view before = text.substr(0, quote);
    const std::size_t other = before.find_last_not_of('\\');
    const std::size_t backslashes = other == std::string_view::npos ? quote : quote - other - 1;
    return backslashes % 2 == 0;
  }

  static bool stands_at_end(std::string_view rest) {
    rest = mock::trimmed(rest);
    return rest.empty() || rest.starts_with(';');
  }

  // No backslash but before a quote or another one.
  static bool has_escapes_only(std::string_view inside) {
    std::size_t at = 0;
    while ((at = inside.find('\\', at)) != std::string_view::npos) {
      const std::string_view next = inside.substr(at + 1, 1);
      if (next != "\"" && next != "\\") return false;
      at += 2;
    }
    return true;
  }

  std::string_view word_;
  std::vector<std::pair<std::string_view, std::string_view>> all_;
  bool has_escapes_ = true;
  bool fits_ = true;
};

// RFC 8187, 3.2: `UTF-8'en'na%C3%AFve.txt`; nullopt for anything else.
std::optional<std::string> read_extended(std::string_view value) {
  const bool has_both = std::ranges::count(value, '\'') >= 2;
  if (!has_both || !mock::equal_ignoring_case(take_until(value, "'"), "UTF-8")) return std::nullopt;
  take_until(value, "'");  // the language
  return percent_decode(value);
}

// What names a file: filename* before filename. Nothing for an empty name, as browsers send it for
// an input that nobody has filled.
std::optional<std::string> file_name(const Parameters& disposition) {
  auto name = read_extended(disposition.find("filename*").value_or(""));
  if (!name) name = disposition.find_text("filename");
  return name && !name->empty() ? name : std::nullopt;
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
      part.name = disposition.find_text("name").value_or("");
      part.filename = file_name(disposition);
      break;
    }
    return part;
  }

  std::string delimiter_;
  std::string_view rest_;  // from behind a delimiter
};

}  // namespace

SplitTarget split_target(std::string_view target) {
  std::string_view query = target.substr(0, target.find('#'));
  std::string_view path = take_until(query, "?");
  const std::size_t authority = path.find("://");
  // RFC 3986, 3: a scheme has neither ":" nor "/" in it.
  if (authority != std::string_view::npos && path.find_first_of(":/") == authority) {
    path.remove_prefix(std::min(path.find('/', authority + 3), path.size()));
  }
  return {path.empty() ? "/" : path, query};
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
