#include "protocol/body.h"

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
  if (nests_deeper_than(text, kDeepest)) {
    return bad_body("the body nests deeper than " + std::to_string(kDeepest) + " levels");
  }
  try {
    auto value = nlohmann::json::parse(text);
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
