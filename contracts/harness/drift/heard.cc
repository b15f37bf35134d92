#include "harness/drift/heard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "text/timestamp.h"

namespace nairi::contracts::evidence {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kUlidCharacters = 26;
constexpr std::array<std::string_view, 5> kKindsOfIds = {"job", "j", "cmsg", "att", "cci"};

// nullopt: the body is not what the API says, but somebody else.
std::optional<Json> word_of_the_api(const RecordedExchange& raw) {
  if (raw.ending != Ending::whole) return std::nullopt;
  constexpr int kNoContent = 204;
  if (raw.status == kNoContent) return Json();
  Json body = read_json(raw.reply_body.kept);
  const bool is_error = raw.status >= 400 && raw.status < 500 && body.is_object() &&
                        body.value("error", Json()).is_string();
  const bool is_success = raw.status >= 200 && raw.status < 300 && body.is_structured();
  if (!is_error && !is_success) return std::nullopt;
  return body;
}

Heard read_request(const RecordedExchange& raw) {
  Heard heard{.raw = &raw, .operation = OpenApi::built_in().find(raw.method, raw.target)};
  const auto [path, query] = split_target(raw.target);
  heard.path = path;
  heard.query = read_query(query).value_or(QueryParameters());
  if (heard.operation != nullptr) {
    const auto named = path_parameter(heard.operation->path, path).value_or("");
    heard.named = percent_decode(named).value_or(std::string(named));
  }
  heard.sent = read_json(raw.request_body.kept);
  if (heard.sent.is_discarded()) heard.sent = Json();
  return heard;
}

bool is_ulid_text(std::string_view text) {
  return text.size() == kUlidCharacters &&
         text.find_first_not_of(kCrockford) == std::string_view::npos;
}

}  // namespace

const std::string* Heard::parameter(std::string_view name) const {
  const auto found = std::find_if(query.begin(), query.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  return found == query.end() ? nullptr : &found->second;
}

Hearing hear(const Recording& recording) {
  Hearing hearing;
  for (const RecordedExchange& raw : recording.exchanges) {
    Heard heard = read_request(raw);
    if (auto body = word_of_the_api(raw)) {
      heard.body = std::move(*body);
      hearing.answered.push_back(std::move(heard));
    } else {
      hearing.unanswered.push_back(std::move(heard));
    }
  }
  return hearing;
}

std::string header_of(const std::vector<mock::Header>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const mock::Header& it) { return it.name == name; });
  return found == headers.end() ? "" : found->value;
}

std::optional<UploadedFile> uploaded_file(const RecordedExchange& upload) {
  const RecordedBody& body = upload.request_body;
  if (body.form) return UploadedFile{true, body.form->filename, body.form->bytes};
  if (body.left_out) return std::nullopt;
  const auto part =
      find_form_part(header_of(upload.request_headers, "content-type"), body.kept, "file");
  if (!part) return UploadedFile{};
  return UploadedFile{true, part->filename.value_or(""), part->bytes.size()};
}

std::optional<std::int64_t> time_of(const Json& object, std::string_view key) {
  return mock::parse_timestamp(text_in(object, key));
}

std::string_view form_of_id(std::string_view id, std::string_view kind) {
  const std::size_t end = id.find('_');
  const std::string_view prefix = id.substr(0, end);
  const std::string_view rest = end == std::string_view::npos ? "" : id.substr(end + 1);
  const bool is_of_kind = prefix == kind || (kind == "job" && prefix == "j");
  if (kind == "cci" && !is_of_kind) return "well_formed";  // a slug
  const bool is_known =
      std::find(kKindsOfIds.begin(), kKindsOfIds.end(), prefix) != kKindsOfIds.end();
  if (!is_ulid_text(rest) || !is_known) return "malformed";
  constexpr char kLast = '7';  // of a first character that fits 128 bits
  if (rest.front() > kLast) return is_of_kind ? "over_128_bits" : "malformed";
  return is_of_kind ? "well_formed" : "other_kind";
}

bool is_made_up(std::string_view id) {
  const std::size_t end = id.find('_');
  const std::string_view ulid = end == std::string_view::npos ? "" : id.substr(end + 1);
  if (!is_ulid_text(ulid)) return false;
  constexpr std::size_t kTimeCharacters = 10;
  constexpr std::int64_t kBits = 5;
  constexpr std::int64_t k2020 = 1'577'836'800'000;  // the API is younger
  constexpr std::int64_t k2200 = 7'258'118'400'000;
  std::int64_t ms = 0;
  for (const char c : ulid.substr(0, kTimeCharacters)) {
    ms = (ms << kBits) + static_cast<std::int64_t>(kCrockford.find(c));
  }
  return ms < k2020 || ms > k2200;
}

}  // namespace nairi::contracts::evidence
