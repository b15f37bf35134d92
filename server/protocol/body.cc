#include "protocol/body.h"

#include <algorithm>
#include <utility>

#include "text/characters.h"
#include "text/json_writer.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr int kDeepest = 100;  // nlohmann would go as deep as the text does

tl::unexpected<Failure> wrong_type(std::string_view name, std::string_view expected,
                                   const nlohmann::json& value) {
  return fail(400, "invalid " + std::string(name),
              std::string(name) + " must be " + std::string(expected) + ", got " + describe(value));
}

tl::unexpected<Failure> bad_body(std::string hint) {
  return fail(400, "invalid request body", std::move(hint));
}

tl::unexpected<Failure> is_required(std::string_view name, std::string_view hint) {
  return fail(400, std::string(name) + " is required", std::string(name) + std::string(hint));
}

// nlohmann's "[json.exception.parse_error.101] parse error at line 1, column 9: ..." without its
// bracket, and short: the rest quotes the input.
std::string syntax_error(const nlohmann::json::parse_error& error) {
  const std::string_view what = error.what();
  const std::size_t bracket = what.find("] ");
  const std::string_view text = bracket == std::string_view::npos ? what : what.substr(bracket + 2);
  return "the body is not JSON: " + valid_utf8(text.substr(0, 160));
}

// Reads what clients nearly always send, an object of texts and flags without escapes, in a sixth
// of the time. Takes nothing that is not JSON; what else is JSON, and what is wrong with what is
// none, the library finds out.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : rest_(text) {}

  std::optional<nlohmann::json> read() {
    nlohmann::json object = nlohmann::json::object();
    if (!take('{')) return std::nullopt;
    do {
      const auto name = read_text();
      if (!name || !take(':')) return std::nullopt;
      auto value = read_value();
      if (!value) return std::nullopt;
      object[std::string(*name)] = std::move(*value);
    } while (take(','));
    if (!take('}')) return std::nullopt;
    skip_space();
    return rest_.empty() ? std::optional(std::move(object)) : std::nullopt;
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }

  bool take(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool take(char c) { return take(std::string_view(&c, 1)); }

  std::optional<std::string_view> read_text() {
    if (!take('"')) return std::nullopt;
    const std::string_view text = rest_.substr(0, rest_.find('"'));
    const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 && c != '\\';
    });
    if (!is_plain || text.size() == rest_.size() || !is_valid_utf8(text)) return std::nullopt;
    rest_.remove_prefix(text.size() + 1);
    return text;
  }

  std::optional<nlohmann::json> read_value() {
    if (take("true")) return nlohmann::json(true);
    if (take("false")) return nlohmann::json(false);
    const auto text = read_text();
    return text ? std::optional<nlohmann::json>(*text) : std::nullopt;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<Failure> refuse_packed(const Request& request) {
  if (request.body.empty()) return std::nullopt;
  for (const Header& header : request.headers) {
    if (!equal_ignoring_case(header.name, "Content-Encoding") || header.value.empty() ||
        equal_ignoring_case(header.value, "identity")) {
      continue;
    }
    return Failure{415, "unsupported content encoding",
                   "the body is packed with " + in_quotes(header.value) +
                       ": send it as it is, without Content-Encoding"};
  }
  return std::nullopt;
}

Checked<Body> Body::parse(std::string_view text) {
  if (text.empty()) return bad_body("the body is empty: a JSON object was expected");
  if (auto object = PlainReader(text).read()) return Body(std::move(*object));
  if (nests_deeper_than(text, kDeepest)) {
    return bad_body("the body nests deeper than " + std::to_string(kDeepest) + " levels");
  }
  try {
    auto value = nlohmann::json::parse(text);
    // The library takes U+0000 for the end, and looks at nothing behind it.
    if (text.find('\0') != std::string_view::npos) {
      return bad_body("the body is not JSON: U+0000 stands behind the value");
    }
    if (!value.is_object()) {
      return bad_body("the body must be a JSON object, got " + describe(value));
    }
    return Body(std::move(value));
  } catch (const nlohmann::json::parse_error& error) {
    return bad_body(syntax_error(error));
  } catch (const nlohmann::json::out_of_range& error) {
    return bad_body("the body has a number that is too large");
  }
}

const nlohmann::json* Body::find(std::string_view name) const {
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

std::optional<std::string> Body::unknown_field(const Words& known) const {
  for (const auto& [name, value] : object_.items()) {
    if (!contains(known, name)) return name;
  }
  return std::nullopt;
}

Checked<std::string> Body::required_text(std::string_view name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return is_required(name, " is missing");
  if (!value->is_string()) return wrong_type(name, "a string", *value);
  const auto& text = value->get_ref<const std::string&>();
  if (text.empty()) return is_required(name, " must not be empty");
  return text;
}

Checked<bool> Body::flag(std::string_view name, bool otherwise) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) return wrong_type(name, "true or false", *value);
  return value->get<bool>();
}

Checked<std::int64_t> Body::integer(std::string_view name, std::int64_t least,
                                    std::int64_t otherwise) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return otherwise;
  const std::string expected = "an integer of at least " + std::to_string(least);
  const bool fits = value->is_number_unsigned()
                        ? value->get<std::uint64_t>() <= std::uint64_t{INT64_MAX}
                        : value->is_number_integer();
  if (!fits || value->get<std::int64_t>() < least) return wrong_type(name, expected, *value);
  return value->get<std::int64_t>();
}

Checked<std::optional<std::string>> Body::optional_text(std::string_view name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) return wrong_type(name, "a string or null", *value);
  return value->get<std::string>();
}

}  // namespace nairi::mock
