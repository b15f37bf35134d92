#include "harness/recorder/kept_body.h"

#include <algorithm>
#include <array>
#include <optional>

#include "harness/cases/values.h"
#include "harness/openapi/openapi_schema.h"
#include "harness/openapi/request_reader.h"
#include "text/characters.h"
#include "text/json_writer.h"

namespace nairi::contracts {
namespace {

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = mock::lower(c);
  return lower;
}

// A service may take a path otherwise than we do: what may be meant counts.
bool names_room(std::string_view target, std::string_view room) {
  const auto decoded = percent_decode(split_target(target).path);
  if (!decoded) return true;
  const std::string path = in_lower_case(*decoded) + "/";
  return path.find("/" + std::string(room) + "/") != std::string::npos;
}

bool is_of_attachments(std::string_view target) {
  // A slug may have any words in it.
  const bool is_of_agent = target.starts_with("/agents/") && target.find("..") == std::string::npos;
  return !is_of_agent && names_room(target, "attachments");
}

// Where a field "value" is a secret of the user's (REFERENCE: The rest of the public API).
bool is_of_secrets(std::string_view target) {
  constexpr std::array<std::string_view, 4> kRooms = {"vaults", "secrets", "env-vars",
                                                      "integrations"};
  return std::any_of(kRooms.begin(), kRooms.end(),
                     [&](std::string_view room) { return names_room(target, room); });
}

// UTF-8, and neither what is packed nor UTF-16, in which no secret is found.
bool is_plain_text(std::string_view body, bool is_whole) {
  if (body.find('\0') != std::string_view::npos) return false;
  constexpr std::size_t kMostOfCharacter = 3;
  const std::size_t most = is_whole ? 0 : std::min(kMostOfCharacter, body.size());
  for (std::size_t missing = 0; missing <= most; ++missing) {
    if (mock::is_valid_utf8(body.substr(0, body.size() - missing))) return true;
  }
  return false;
}

bool is_form(std::string_view content_type) {
  return in_lower_case(content_type).starts_with("multipart/");
}

// What the head of the part says.
std::string type_of(const ReceivedPart& part, std::string_view body) {
  const auto begin = static_cast<std::size_t>(part.bytes.data() - body.data());
  const std::string head = in_lower_case(body.substr(0, begin));
  constexpr std::string_view kField = "content-type:";
  const std::size_t blank = head.rfind("\r\n\r\n");
  const std::size_t before = blank == std::string::npos ? 0 : head.rfind("\r\n--", blank);
  const std::size_t at = head.find(kField, before == std::string::npos ? 0 : before);
  if (at == std::string::npos) return {};
  const std::size_t end = head.find("\r\n", at);
  return std::string(mock::trimmed(std::string_view(head).substr(
      at + kField.size(), end == std::string::npos ? end : end - at - kField.size())));
}

// Name, type and size of the file, and nothing that was in it.
RecordedBody kept_upload(Redaction& redaction, std::string_view body, const BodyContext& context) {
  RecordedBody kept{.kept = "", .bytes = body.size(), .left_out = !body.empty()};
  const auto part = find_form_part(std::string(context.content_type), body, "file");
  if (body.empty() || !part) return kept;
  kept.form = RecordedForm{redaction.text(part->filename.value_or("")),
                           redaction.text(type_of(*part, body)), part->bytes.size()};
  return kept;
}

// The answer to a download or an upload, or an error: no raw bytes of a file.
bool is_answer(std::string_view body, int status) {
  if (status < 200 || status >= 300) return true;
  const auto json = parse_bounded(body);
  return json && json->is_object() && (json->contains("data") || json->contains("attachment_id"));
}

}  // namespace

BodyFields fields_of(const BodyContext& context) {
  BodyFields fields;
  if (!context.with_files && is_of_attachments(context.target)) fields.without = "data";
  if (is_of_secrets(context.target)) fields.secret = "value";
  return fields;
}

RecordedBody kept_request_body(Redaction& redaction, std::string_view body,
                               const BodyContext& context) {
  const bool is_upload = is_form(context.content_type) || is_of_attachments(context.target);
  if (is_upload && !context.with_files) return kept_upload(redaction, body, context);
  RecordedBody kept{.kept = "", .bytes = body.size()};
  if (!is_upload && !is_plain_text(body, true)) {
    kept.left_out = true;
    return kept;
  }
  kept.kept = redaction.body(body, fields_of(context), kept.left_out);
  // A file with other bytes is not the one that was sent.
  return is_upload && kept.kept != body ? kept_upload(redaction, body, context) : kept;
}

RecordedBody kept_reply_body(Redaction& redaction, std::string_view body,
                             const BodyContext& context) {
  RecordedBody kept{.kept = "", .bytes = body.size()};
  const bool is_file = is_of_attachments(context.target);
  const bool is_raw_file = is_file && !context.with_files && !is_answer(body, context.status);
  if (!body.empty() && (is_raw_file || !is_plain_text(body, context.is_whole))) {
    kept.left_out = true;
    return kept;
  }
  kept.kept = redaction.body(body, fields_of(context), kept.left_out);
  if (!is_file || !context.with_files || kept.kept == body) return kept;
  const auto data_in = [](std::string_view text) {
    const auto json = parse_bounded(text);
    return json && json->is_object() ? json->value("data", Json()) : Json();
  };
  // A file with other bytes is not the one that came.
  if (data_in(kept.kept) != data_in(body)) {
    kept.kept = redaction.body(body, {.without = "data"}, kept.left_out);
  }
  return kept;
}

}  // namespace nairi::contracts
