// Recordings in a few words, a line for each exchange:
//
//   POST /conversations/start {"agent_id": "a", "prompt": "Hi"} => 200 {"job_id": "{job}", …}
//   key-2: GET /messages/{m1} => 404 {"error": "message not found"}
//   POST /attachments [form: a.txt 12] => 201 {"attachment_id": "{att}"}
//
// In [brackets] stand headers. {job}, {job2}, {job3}, {m1} to {m4}, {att}, {cci} are ids, {no} is
// the part of one that nobody ever made; {+1500} is a time
// of the API, so many milliseconds after the recording began. An exchange takes 10 ms, and the next
// begins 10 ms after it. "=> lost" has no reply.
#ifndef NAIRI_TESTS_CONTRACTS_TOLD_RECORDING_H_
#define NAIRI_TESTS_CONTRACTS_TOLD_RECORDING_H_

#include <re2/re2.h>

#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "harness/recording/recording.h"
#include "text/timestamp.h"

namespace nairi::contracts {

inline constexpr std::int64_t kToldBegin = 1'795'687'200'000;  // 2026-11-26T10:00:00.000Z

inline std::string told_time(std::int64_t ms) {
  std::string text;
  mock::append_timestamp(text, kToldBegin + ms);
  return text;
}

// With its ids and times.
inline std::string told_text(std::string text) {
  static const std::map<std::string, std::string> ids = {
      {"{job}", "job_01KRK1V46BXS73CSNK2VR35NPJ"},  {"{job2}", "job_01KRK1V46BXS73CSNK2VR35NPK"},
      {"{job3}", "job_01KRK1V46BXS73CSNK2VR35NPT"}, {"{m1}", "cmsg_01KRK1V46BXS73CSNK2VR35NPM"},
      {"{m2}", "cmsg_01KRK1V46BXS73CSNK2VR35NPN"},  {"{m3}", "cmsg_01KRK1V46BXS73CSNK2VR35NPP"},
      {"{m4}", "cmsg_01KRK1V46BXS73CSNK2VR35NPQ"},  {"{att}", "att_01KRK1V46BXS73CSNK2VR35NPR"},
      {"{cci}", "cci_01KRK1V46BXS73CSNK2VR35NPS"},  {"{no}", "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
  };
  for (const auto& [name, id] : ids) {
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += id.size()) {
      text.replace(at, name.size(), id);
    }
  }
  static const RE2 time("\\{\\+(\\d+)\\}");
  std::int64_t ms = 0;
  while (RE2::PartialMatch(text, time, &ms)) RE2::Replace(&text, time, told_time(ms));
  return text;
}

// Takes the "[name: value]" from the front of a text.
inline std::vector<mock::Header> told_headers(std::string& text) {
  static const RE2 header("^\\[([a-z-]+): ([^\\]]*)\\] ?");
  std::vector<mock::Header> headers;
  mock::Header one;
  while (RE2::PartialMatch(text, header, &one.name, &one.value)) {
    headers.push_back(one);
    RE2::Replace(&text, header, "");
  }
  return headers;
}

inline void tell_bodies(RecordedExchange& exchange, std::string sent, std::string received) {
  exchange.request_headers = told_headers(sent);
  exchange.reply_headers = told_headers(received);
  RecordedForm form;
  static const RE2 form_value("(\\S*) (\\d+)");
  for (const mock::Header& header : exchange.request_headers) {
    if (header.name != "form") continue;
    RE2::FullMatch(header.value, form_value, &form.filename, &form.bytes);
    exchange.request_body = {"", form.bytes, true, form};
  }
  if (!sent.empty()) {
    exchange.request_headers.push_back({"content-type", "application/json"});
    exchange.request_body = {sent, sent.size()};
  }
  if (exchange.reply_headers.empty()) {
    exchange.reply_headers.push_back({"content-type", "application/json"});
  }
  exchange.reply_body = {received, received.size()};
}

inline RecordedExchange told_exchange(const std::string& line) {
  static const RE2 form("(?:(\\S*): )?([A-Z]+) (\\S+) ?(.*) => (?:lost|(\\d+)) ?(.*)");
  RecordedExchange exchange;
  std::string key;
  std::string sent;
  std::string status;
  std::string received;
  if (!RE2::FullMatch(line, form, &key, &exchange.method, &exchange.target, &sent, &status,
                      &received)) {
    throw std::invalid_argument("no exchange: " + line);
  }
  if (status.empty()) {
    exchange.ending = Ending::none;
  } else {
    exchange.status = std::stoi(status);
  }
  exchange.key = key.empty() ? "key-1" : key == "nobody" ? "" : key;
  tell_bodies(exchange, std::move(sent), std::move(received));
  return exchange;
}

inline Recording told_recording(const std::string& text,
                                const std::string& at = "2026-11-26T10:00:00.000Z") {
  constexpr std::int64_t kToldStep = 10'000;
  Recording recording{.head = {"https://api.example.com/api/public/v1", at, "a test"},
                      .exchanges = {}};
  std::istringstream lines(told_text(text));
  std::int64_t now = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    RecordedExchange exchange = told_exchange(line);
    exchange.number = recording.exchanges.size() + 1;
    exchange.at = told_time(now / 1000);
    exchange.began_us = now;
    exchange.ended_us = now + kToldStep;
    now += 2 * kToldStep;
    recording.exchanges.push_back(std::move(exchange));
  }
  return recording;
}

}  // namespace nairi::contracts

#endif  // NAIRI_TESTS_CONTRACTS_TOLD_RECORDING_H_
