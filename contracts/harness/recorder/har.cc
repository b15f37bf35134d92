#include "harness/recorder/har.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "harness/cases/base64.h"
#include "harness/cases/files.h"
#include "harness/openapi/request_reader.h"
#include "harness/recorder/kept_body.h"
#include "harness/recorder/redaction.h"
#include "nairi/mock/api.h"
#include "text/characters.h"
#include "text/json_writer.h"
#include "text/timestamp.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using mock::in_quotes;

constexpr double kUsPerMsInHar = 1000;
constexpr std::size_t kMostHarMistakes = 50;

const Json kHarNothing = nullptr;

const Json& har_member(const Json& object, std::string_view key) {
  if (!object.is_object()) return kHarNothing;
  const auto found = object.find(std::string(key));
  return found == object.end() ? kHarNothing : *found;
}

std::string har_text(const Json& object, std::string_view key) {
  const Json& value = har_member(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

// Sizes and times are -1 where they are not known, and some writers make them texts.
double har_number(const Json& object, std::string_view key) {
  const Json& value = har_member(object, key);
  return value.is_number() && std::isfinite(value.get<double>()) ? value.get<double>() : -1;
}

std::string har_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::vector<mock::Header> har_headers(const Json& message) {
  std::vector<mock::Header> headers;
  for (const Json& header : har_member(message, "headers")) {
    headers.push_back({har_lower(har_text(header, "name")), har_text(header, "value")});
  }
  return headers;
}

// The time of an entry: RFC 3339, or one without a zone, as some write; that is taken for UTC.
std::optional<std::int64_t> started_at(const Json& entry) {
  const std::string text = har_text(entry, "startedDateTime");
  if (const auto at = mock::parse_timestamp(text)) return at;
  static const RE2 short_zone("(.*[+-][0-9]{2})([0-9]{2})");
  std::string before;
  std::string minutes;
  if (RE2::FullMatch(text, short_zone, &before, &minutes)) {
    return mock::parse_timestamp(before + ":" + minutes);
  }
  return mock::parse_timestamp(text + "Z");
}

// How long it took: `time`, or the sum of its parts, of which -1 says that there was none.
double duration_ms(const Json& entry) {
  const double time = har_number(entry, "time");
  if (time >= 0) return time;
  double sum = 0;
  for (const char* part : {"blocked", "dns", "connect", "send", "wait", "receive"}) {
    sum += std::max(0.0, har_number(har_member(entry, "timings"), part));
  }
  return sum;
}

// A body that was saved; nullopt: it was not.
std::optional<std::string> har_bytes(const Json& content) {
  const Json& text = har_member(content, "text");
  if (!text.is_string()) return std::nullopt;
  if (har_text(content, "encoding") == "base64") return decode_base64(text.get<std::string>());
  return text.get<std::string>();
}

Ending har_ending(const Json& response, int status) {
  const std::string error =
      har_lower(har_text(response, "_error") + har_text(response, "_failureText"));
  if (error.find("abort") != std::string::npos) return Ending::abandoned;
  if (error.find("reset") != std::string::npos) return Ending::reset;
  if (status == 0) return Ending::none;
  const bool is_cut = error.find("content_length_mismatch") != std::string::npos ||
                      error.find("incomplete") != std::string::npos;
  return is_cut ? Ending::cut : Ending::whole;
}

std::string har_host(const std::string& url) {
  static const RE2 origin("(https?://[^/?#]+).*");
  std::string found;
  return RE2::FullMatch(url, origin, &found) ? found : "";
}

// What stands before the host, "user:password@": its place in the URL, with the "@".
std::pair<std::size_t, std::size_t> userinfo_in(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return {0, 0};
  const std::size_t begin = scheme + 3;
  const std::size_t at = url.substr(0, url.find_first_of("/?#\\", begin)).rfind('@');
  if (at == std::string::npos || at < begin) return {0, 0};
  return {begin, at + 1 - begin};
}

std::string without_userinfo(std::string url) {
  const auto place = userinfo_in(url);
  return url.erase(place.first, place.second);
}

// The file of an upload, as the form's parameters or its text tell it.
RecordedForm har_form(const Json& post_data, std::size_t bytes) {
  for (const Json& parameter : har_member(post_data, "params")) {
    const std::string filename = har_text(parameter, "fileName");
    if (filename.empty()) continue;
    return {filename, har_text(parameter, "contentType"), har_text(parameter, "value").size()};
  }
  static const RE2 disposition("filename=\"([^\"\r\n]*)\"");
  static const RE2 type("\r\n(?i:content-type): *([^\r\n]+)");
  RecordedForm form;
  form.bytes = bytes;
  const std::string text = har_text(post_data, "text");
  RE2::PartialMatch(text, disposition, &form.filename);
  RE2::PartialMatch(text, type, &form.content_type);
  return form;
}

class HarReader {
 public:
  HarReader(const std::string& file, const HarOptions& options) : file_(file), options_(options) {}

  tl::expected<Recording, mock::Diagnostics> read(std::string_view text) {
    const auto document = parse_document(text, file_);
    if (!document) return tl::unexpected(mock::Diagnostics{document.error()});
    const Json& entries = har_member(har_member(*document, "log"), "entries");
    if (!entries.is_array()) {
      return refused("", "expected a HAR: an object with \"log\", which has a list \"entries\"");
    }
    if (auto mistake = choose_target(entries)) return refused("", *mistake);
    keep_secrets(entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (is_call(entries[i])) read_entry(entries[i], "/log/entries/" + std::to_string(i));
    }
    if (!mistakes_.empty()) return tl::unexpected(mistakes_);
    return finished(har_text(har_member(har_member(*document, "log"), "creator"), "name"));
  }

 private:
  struct Call {
    std::int64_t began_at = 0;  // Unix time in milliseconds
    RecordedExchange exchange;
  };

  tl::unexpected<mock::Diagnostics> refused(const std::string& pointer,
                                            const std::string& message) const {
    return tl::unexpected(mock::Diagnostics{{file_, 1, 1, pointer, message}});
  }

  static std::string url_of(const Json& entry) {
    return without_userinfo(har_text(har_member(entry, "request"), "url"));
  }

  // Everything that URLs of the API begin with.
  static std::string prefix_of(const std::string& url) {
    const auto query = url.find_first_of("?#");
    const auto place = url.substr(0, query).find(mock::kApiPrefix);
    if (har_host(url).empty() || place == std::string::npos) return {};
    const std::size_t end = place + mock::kApiPrefix.size();
    return end == url.size() || url[end] == '/' ? url.substr(0, end) : "";
  }

  std::optional<std::string> choose_target(const Json& entries) {
    target_ = without_userinfo(options_.target);
    while (target_.ends_with('/')) target_.pop_back();
    std::set<std::string> prefixes;
    std::set<std::string> hosts;
    std::size_t calls = 0;
    for (const Json& entry : entries) {
      const std::string url = url_of(entry);
      if (!har_host(url).empty()) hosts.insert(har_host(url));
      if (const auto prefix = prefix_of(url); !prefix.empty()) prefixes.insert(prefix);
      if (!target_.empty() && is_call(entry)) ++calls;
    }
    if (target_.empty() && prefixes.size() == 1) target_ = *prefixes.begin();
    if (target_.empty() && prefixes.size() > 1) {
      return "calls of several services: " + listed(prefixes) + "; choose one with --target";
    }
    if (!target_.empty() && (calls > 0 || options_.target.empty())) return std::nullopt;
    return "no call of the API among " + std::to_string(entries.size()) +
           " requests: expected URLs " +
           (target_.empty() ? "with " + std::string(mock::kApiPrefix)
                            : "that begin with " + target_) +
           (hosts.empty() ? "" : ", got those of " + listed(hosts)) +
           "; --target says another place";
  }

  static std::string listed(const std::set<std::string>& words) {
    constexpr std::size_t kMostWords = 5;
    std::string list;
    std::size_t count = 0;
    for (const std::string& word : words) {
      if (count++ == kMostWords) return list + ", …";
      list += (list.empty() ? "" : ", ") + word;
    }
    return list;
  }

  // Not a browser's own question, nor what it had in its cache.
  bool is_call(const Json& entry) const {
    const std::string url = url_of(entry);
    const bool is_below =
        url.starts_with(target_) && url.size() > target_.size() && (url[target_.size()] == '/');
    return is_below && har_text(har_member(entry, "request"), "method") != "OPTIONS" &&
           har_text(entry, "_fromCache").empty();
  }

  // Of all requests: what one host set, another one may have told.
  void keep_secrets(const Json& entries) {
    for (const Json& entry : entries) {
      if (!is_call(entry)) continue;
      const std::string key = redaction_.learn(har_headers(har_member(entry, "request")));
      if (key_.empty()) key_ = key;
    }
    for (const Json& entry : entries) {
      keep_password(har_text(har_member(entry, "request"), "url"));
      for (const char* side : {"request", "response"}) {
        redaction_.learn(har_headers(har_member(entry, side)));
        for (const Json& cookie : har_member(har_member(entry, side), "cookies")) {
          redaction_.learn_cookie(har_text(cookie, "value"));
        }
      }
      if (!is_call(entry)) continue;
      const std::string target = target_of(entry);
      const BodyFields fields = fields_of({.target = target});
      redaction_.learn_body(har_bytes(request_data(entry)).value_or(""), fields);
      redaction_.learn_body(har_bytes(reply_content(entry)).value_or(""), fields);
    }
  }

  // Of "https://user:password@host".
  void keep_password(const std::string& url) {
    const auto place = userinfo_in(url);
    if (place.second == 0) return;
    const std::string userinfo = url.substr(place.first, place.second - 1);
    const std::size_t colon = userinfo.find(':');
    if (colon == std::string::npos) return;
    redaction_.learn_secret(userinfo.substr(colon + 1));
    redaction_.learn_secret(percent_decode(userinfo.substr(colon + 1)).value_or(""));
  }

  std::string target_of(const Json& entry) const {
    const std::string target = url_of(entry).substr(target_.size());
    return target.substr(0, target.find('#'));
  }

  static const Json& request_data(const Json& entry) {
    return har_member(har_member(entry, "request"), "postData");
  }

  static const Json& reply_content(const Json& entry) {
    return har_member(har_member(entry, "response"), "content");
  }

  void mistake(const std::string& pointer, const std::string& message) {
    if (mistakes_.size() < kMostHarMistakes) mistakes_.push_back({file_, 1, 1, pointer, message});
  }

  void read_entry(const Json& entry, const std::string& pointer) {
    const auto at = started_at(entry);
    if (!at) {
      mistake(pointer,
              "expected a \"startedDateTime\", such as \"2026-04-12T18:45:12.000Z\", got " +
                  in_quotes(har_text(entry, "startedDateTime")));
      return;
    }
    const Json& request = har_member(entry, "request");
    const Json& response = har_member(entry, "response");
    if (har_text(request, "method").empty())
      return mistake(pointer, "the request has no \"method\"");
    Call call;
    call.began_at = *at;
    RecordedExchange& exchange = call.exchange;
    const auto asked = har_headers(request);
    exchange.key = key_of(asked, response);
    exchange.connection = connection_of(entry);
    exchange.method = redaction_.text(har_text(request, "method"));
    const std::string target = target_of(entry);
    exchange.target = redaction_.target(target);
    exchange.request_headers = kept(asked);
    const auto scheme = Redaction::kept_authorization(asked, exchange.key);
    if (scheme) exchange.request_headers.push_back(*scheme);
    exchange.reply_headers = kept(har_headers(response));
    exchange.status = std::max(0, static_cast<int>(har_number(response, "status")));
    exchange.ending = har_ending(response, exchange.status);
    exchange.ended_us = static_cast<std::int64_t>(duration_ms(entry) * kUsPerMsInHar);
    read_request_body(request, {.target = target}, exchange);
    read_reply_body(response,
                    {.target = target,
                     .status = exchange.status,
                     .is_whole = exchange.ending == Ending::whole,
                     .with_files = options_.with_files},
                    exchange);
    calls_.push_back(std::move(call));
  }

  // Browsers leave credentials out of what they save: an absent one says nothing, unless the
  // service missed it.
  std::string key_of(const std::vector<mock::Header>& asked, const Json& response) {
    constexpr double kUnauthorized = 401;
    std::string key = redaction_.learn(asked);
    if (!key.empty() || har_number(response, "status") == kUnauthorized) return key;
    return key_.empty() ? "key-1" : key_;
  }

  std::uint64_t connection_of(const Json& entry) {
    const std::string name = har_text(entry, "connection");
    return name.empty() ? 0 : connections_.try_emplace(name, connections_.size() + 1).first->second;
  }

  std::vector<mock::Header> kept(const std::vector<mock::Header>& headers) {
    std::vector<mock::Header> all;
    for (const mock::Header& header : headers) {
      if (!Redaction::is_kept_header(header.name)) continue;
      all.push_back({header.name, mock::valid_utf8(redaction_.text(header.value))});
    }
    return all;
  }

  // What is missing in the file was there, perhaps.
  void read_request_body(const Json& request, BodyContext context, RecordedExchange& exchange) {
    const Json& data = har_member(request, "postData");
    const auto saved = har_bytes(data);
    const std::string text = saved.value_or("");
    const std::string type = har_text(data, "mimeType");
    RecordedBody& body = exchange.request_body;
    const auto said = static_cast<std::size_t>(std::max(0.0, har_number(request, "bodySize")));
    if (har_lower(type).starts_with("multipart/form-data")) {
      const std::size_t bytes = text.empty() ? said : text.size();
      RecordedForm form = har_form(data, bytes);
      form.filename = redaction_.text(form.filename);
      form.content_type = redaction_.text(form.content_type);
      body = {.kept = "", .bytes = bytes, .left_out = true, .form = std::move(form)};
      return;
    }
    context.content_type = type;
    body = kept_request_body(redaction_, text, context);
    if (!text.empty()) return;
    body.bytes = said;
    const bool has_none = exchange.method == "GET" || exchange.method == "HEAD" ||
                          exchange.method == "DELETE" ||
                          mock::header_value(exchange.request_headers, "content-length") == "0";
    body.left_out = said > 0 || (!saved && !has_none);
  }

  void read_reply_body(const Json& response, const BodyContext& context,
                       RecordedExchange& exchange) {
    const Json& content = har_member(response, "content");
    const auto saved = har_bytes(content);
    RecordedBody& body = exchange.reply_body;
    body = kept_reply_body(redaction_, saved.value_or(""), context);
    if (!saved) {
      constexpr int kNoContent = 204;
      body.bytes = static_cast<std::size_t>(std::max(0.0, har_number(content, "size")));
      body.left_out = exchange.status != 0 && exchange.status != kNoContent;
    }
    const bool has_type = !mock::header_value(exchange.reply_headers, "content-type").empty();
    const std::string type = mock::valid_utf8(redaction_.text(har_text(content, "mimeType")));
    if (!has_type && !type.empty()) exchange.reply_headers.push_back({"content-type", type});
  }

  Recording finished(const std::string& creator) {
    std::stable_sort(calls_.begin(), calls_.end(), [](const Call& left, const Call& right) {
      return left.began_at < right.began_at;
    });
    Recording recording;
    const std::int64_t first = calls_.empty() ? 0 : calls_.front().began_at;
    std::string at;
    mock::append_timestamp(at, first);
    recording.head = {
        target_, at,
        "nairi-contract import" + (creator.empty() ? "" : ", " + redaction_.text(creator))};
    for (Call& call : calls_) {
      RecordedExchange& exchange = call.exchange;
      exchange.number = recording.exchanges.size() + 1;
      exchange.began_us = (call.began_at - first) * static_cast<std::int64_t>(kUsPerMsInHar);
      exchange.ended_us += exchange.began_us;
      mock::append_timestamp(exchange.at, call.began_at);
      recording.exchanges.push_back(std::move(exchange));
    }
    std::stable_sort(recording.exchanges.begin(), recording.exchanges.end(),
                     [](const RecordedExchange& left, const RecordedExchange& right) {
                       return left.ended_us < right.ended_us;
                     });
    return recording;
  }

  const std::string& file_;
  const HarOptions& options_;
  std::string target_;
  Redaction redaction_ = std::move(*Redaction::make({}));
  std::string key_;  // the first that a call has
  std::map<std::string, std::uint64_t> connections_;
  std::vector<Call> calls_;
  mock::Diagnostics mistakes_;
};

}  // namespace

tl::expected<Recording, mock::Diagnostics> recording_from_har(std::string_view text,
                                                              const std::string& file,
                                                              const HarOptions& options) {
  return HarReader(file, options).read(text);
}

}  // namespace nairi::contracts
