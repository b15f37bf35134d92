#include <algorithm>

#include "harness/openapi/request_reader.h"
#include "invariants.h"
#include "protocol/multipart.h"
#include "protocol/target.h"

namespace nairi::tests {
namespace {

bool is_within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

bool is_utf8(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore) ==
         nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += kHex[byte >> 4];
    result += kHex[byte & 15];
  }
  return result;
}

std::string broken_target(std::string_view text) {
  const mock::Target target = mock::split_target(text);
  const bool is_root = target.path == "/";  // also where the text has none
  if (!is_root && !is_within(target.path, text)) return "a path astray";
  if (!is_within(target.query, text)) return "a query astray";
  for (const std::string_view segment : mock::split_path(target.path)) {
    if (!is_within(segment, target.path) || segment.find('/') != std::string_view::npos) {
      return "a segment astray";
    }
  }
  const contracts::SplitTarget judged_target = contracts::split_target(text);
  if (judged_target.path != target.path || judged_target.query != target.query) {
    return "a target that is read in two ways";
  }
  if (mock::percent_decode(encoded(text)) != std::string(text)) return "decoding loses a byte";
  if (contracts::percent_decode(text) != mock::percent_decode(text)) return "two decodings";
  const auto query = mock::Query::parse(target.query);
  const auto judged = contracts::read_query(target.query);
  if (query.has_value() != judged.has_value()) return "a query for one reader only";
  if (query && query->all() != *judged) return "a query that is read in two ways";
  return "";
}

std::string broken_form(std::string_view content_type, std::string_view body) {
  if (const auto boundary = mock::multipart_boundary(content_type)) {
    if (boundary->empty() || !is_within(*boundary, content_type)) return "a boundary astray";
  }
  const auto part = mock::find_part(content_type, body, "file");
  if (part && !is_within(part->bytes, body)) return "a part that is not in the body";
  if (part && part->filename && (part->filename->empty() || !is_utf8(*part->filename))) {
    return "a file name that is none";
  }
  if (!part && (part.error().status != 400 || part.error().text.empty())) return "no reason";
  const auto judged = contracts::find_form_part(content_type, body, "file");
  if (judged && !is_within(judged->bytes, body)) return "a judged part that is not in the body";
  if (part && judged && part->bytes != judged->bytes) return "a part that is read in two ways";
  return "";
}

}  // namespace

std::string broken_forms_invariant(std::string_view input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string line(input.substr(0, end));
  const std::string body(input.substr(std::min(end + 1, input.size())));
  std::string broken = broken_target(line);
  return broken.empty() ? broken_form(line, body) : broken;
}

}  // namespace nairi::tests
