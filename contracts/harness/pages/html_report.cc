#include "harness/pages/html_report.h"

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string_view>
#include <utility>

#include "harness/recording/recording.h"
#include "nairi/mock/verdicts.h"
#include "text/timestamp.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

std::string page_result(CaseVerdict verdict) {
  switch (verdict) {
    case CaseVerdict::passed:
      return "passed";
    case CaseVerdict::failed:
      return "failed";
    case CaseVerdict::not_checked:
      return "not checked";
    case CaseVerdict::differs:
    case CaseVerdict::known:
      break;
  }
  return "warned";
}

// What the text report says of it, in its order.
std::vector<std::string> page_findings(const CaseResult& result, const TakeOut& without_secrets) {
  constexpr std::size_t kMostNotes = 4000;
  std::vector<std::string> findings;
  if (!result.reason.empty()) findings.push_back(without_secrets.text(result.reason));
  for (const Mismatch& mismatch : result.mismatches) {
    findings.push_back(without_secrets.text(sentence_of(mismatch)));
  }
  std::istringstream notes(mock::cut(without_secrets.text(result.notes), kMostNotes));
  for (std::string line; std::getline(notes, line);) findings.push_back("stderr: " + line);
  return findings;
}

// Of a body what a person may want to read. Secrets go before it is cut, so that no half of one is
// left at its end.
std::string page_body(const std::string& body, const TakeOut& without_secrets) {
  constexpr std::size_t kMostBody = std::size_t{64} << 10;
  constexpr std::size_t kLongestSecret = 4096;
  return mock::cut(without_secrets.body(body.substr(0, kMostBody + kLongestSecret)), kMostBody);
}

// An exchange with a server as a recording has it; the page finds out the rest.
RecordedExchange recorded_trace(const TraceEntry& entry, std::size_t number,
                                const TakeOut& without_secrets) {
  RecordedExchange exchange;
  exchange.number = number;
  exchange.began_us = entry.began.count();
  exchange.ended_us = (entry.began + entry.taken).count();
  const std::size_t blank = entry.request.find(' ');
  exchange.method = entry.request.substr(0, blank);
  exchange.target = without_secrets.target(entry.request.substr(blank + 1));
  exchange.request_body = {page_body(entry.sent, without_secrets), entry.sent.size()};
  exchange.status = entry.status;
  for (const mock::Header& header : entry.headers) {
    exchange.reply_headers.push_back({header.name, without_secrets.header(header)});
  }
  exchange.reply_body = {page_body(entry.received, without_secrets), entry.received.size()};
  if (entry.status == 0) exchange.ending = Ending::none;
  return exchange;
}

std::vector<std::string> page_trace(const std::vector<TraceEntry>& trace,
                                    const TakeOut& without_secrets) {
  std::vector<std::string> lines;
  lines.reserve(trace.size());
  for (const TraceEntry& entry : trace) {
    lines.push_back(exchange_line(recorded_trace(entry, lines.size() + 1, without_secrets)));
  }
  return lines;
}

// What a program sent or said may be no UTF-8.
std::string page_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// In process requests come at no time but that of the world.
Json with_time(Json entry) {
  if (entry.value("received_us", std::int64_t{0}) != 0 || !entry.contains("at")) return entry;
  constexpr std::int64_t kMicroseconds = 1000;
  const auto at = mock::parse_timestamp(entry.at("at").get_ref<const std::string&>());
  if (at) entry["received_us"] = *at * kMicroseconds;
  return entry;
}

// Takes secrets out of each text in it.
void clean_texts(Json& value, const TakeOut& without_secrets) {
  if (value.is_string()) value = without_secrets.text(value.get_ref<const std::string&>());
  if (!value.is_structured()) return;
  for (Json& child : value) clean_texts(child, without_secrets);
}

void clean_headers(Json& headers, const TakeOut& without_secrets) {
  for (Json& header : headers) {
    header["value"] = without_secrets.header({header.at("name"), header.at("value")});
  }
}

// An exchange with a client as the fake's journal has it.
Json page_entry(Json entry, const TakeOut& without_secrets) {
  for (const auto& [name, value] : entry.items()) {
    if (name == "headers" || name == "reply_headers") {
      clean_headers(value, without_secrets);
    } else if (name == "target") {
      value = without_secrets.target(value);
    } else if (name == "body" || name == "reply_body") {
      value = without_secrets.body(value);
    } else {
      clean_texts(value, without_secrets);
    }
  }
  return with_time(std::move(entry));
}

// A rule that the result broke, where the fake's judge knows the traffic alone.
Json broken_rule(const mock::Rule& rule, const std::string& sentence) {
  return {{"rule", rule.id},
          {"level", mock::to_string(rule.level)},
          {"outcome", mock::to_string(mock::RuleOutcome::broken)},
          {"sentence", sentence},
          {"page", rule.page()},
          {"evidence", Json::array()},
          {"evidence_count", 0}};
}

// Those of the fake, and what else the harness put down to a rule: so the page can say what to do.
std::string page_verdicts(const CaseResult& result, const TakeOut& without_secrets) {
  constexpr std::string_view kPart = "rule ";
  Json verdicts = read_json(result.verdicts);
  for (const Mismatch& mismatch : result.mismatches) {
    if (!mismatch.part.starts_with(kPart)) continue;
    const mock::Rule* rule = mock::find_rule(mismatch.part.substr(kPart.size()));
    if (rule == nullptr || rule->judged_by == mock::JudgedBy::traffic) continue;
    const std::string sentence = "wanted " + mismatch.wanted + ", got " + mismatch.got;
    verdicts["verdicts"].push_back(broken_rule(*rule, sentence));
  }
  clean_texts(verdicts, without_secrets);
  return page_text(verdicts);
}

mock::InspectedRun page_run(const CaseResult& result, const TakeOut& without_secrets) {
  mock::InspectedRun run{.name = result.name, .result = page_result(result.verdict)};
  run.findings = page_findings(result, without_secrets);
  if (result.journal.empty()) {
    run.is_recording = true;
    run.exchanges = page_trace(result.trace, without_secrets);
    return run;
  }
  const Json journal = read_json(result.journal);
  for (const Json& entry : journal.at("entries")) {
    run.exchanges.push_back(page_text(page_entry(entry, without_secrets)));
  }
  run.verdicts = page_verdicts(result, without_secrets);
  return run;
}

}  // namespace

mock::InspectorReport page_report(const RunReport& report, const TakeOut& without_secrets) {
  mock::InspectorReport page;
  // What a header shows to be a secret may stand in what came before: so the first look only
  // learns.
  for (const bool is_known : {false, true}) {
    for (const CaseResult& result : report.results) {
      if (result.reason == kNotRun) continue;
      mock::InspectedRun run = page_run(result, without_secrets);
      if (is_known) page.runs.push_back(std::move(run));
    }
  }
  page.title = without_secrets.text(report.again + report.again_after);
  const auto not_run = report.results.size() - page.runs.size();
  if (not_run > 0) {
    page.remarks.push_back(std::to_string(not_run) + " of " +
                           std::to_string(report.results.size()) + " cases were not run");
  }
  return page;
}

}  // namespace nairi::contracts
