#include "harness/server/runner.h"

#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "harness/cases/pattern.h"
#include "harness/openapi/openapi.h"
#include "harness/openapi/openapi_schema.h"
#include "harness/server/patience.h"
#include "harness/server/step_request.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;

// --- What a step expects ----------------------------------------------------------------------

// Whether the words came in that order: each once; with "*" any number of times, "+" at least once,
// "?" at most once.
bool fits_order(const std::vector<std::string>& order, const std::vector<std::string>& seen) {
  std::string regex;
  for (const std::string& item : order) {
    const bool counted = item.ends_with('*') || item.ends_with('+') || item.ends_with('?');
    const std::string word = counted ? item.substr(0, item.size() - 1) : item;
    regex += "(?:" + RE2::QuoteMeta(word) + "\n)";
    if (counted) regex += item.back();
  }
  std::string text;
  for (const std::string& word : seen) text += word + "\n";
  return RE2::FullMatch(text, regex);
}

// The states that the case needs and nobody has; the others become values.
std::vector<std::string> missing_states(const Case& contract_case, const Subject& subject,
                                        Values& values) {
  std::vector<std::string> missing;
  for (const auto& [name, fixed] : contract_case.given) {
    const auto state = subject.states().find(name);
    if (fixed && subject.scripted()) {
      values[name] = *fixed;
    } else if (state != subject.states().end()) {
      values[name] = state->second;
    } else {
      missing.push_back(name);
    }
  }
  return missing;
}

std::chrono::microseconds time_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

class Run {
 public:
  Run(const Case& contract_case, Subject& subject, Values values, CaseResult& result)
      : case_(contract_case), subject_(subject), values_(std::move(values)), result_(result) {}

  void steps() {
    for (const Step& step : case_.steps) {
      const std::size_t before = result_.mismatches.size();
      const std::optional<Answer> reply = step.until.empty() ? send(step) : poll(step);
      if (reply) check(step, *reply);
      // What later steps would say follows from this one.
      const bool broken =
          std::any_of(result_.mismatches.begin() + static_cast<std::ptrdiff_t>(before),
                      result_.mismatches.end(),
                      [](const Mismatch& mismatch) { return binds_servers(mismatch.source); });
      if (!reply || broken) return;
    }
  }

 private:
  // A reply, and the JSON of its body, if it is some: it may be large, and is read once.
  struct Answer {
    HttpReply reply;
    std::optional<Json> json;
  };

  // The answer to a step; every one must fit the OpenAPI document.
  std::optional<Answer> send(const Step& step) {
    auto reply = exchange(step);
    for (int times = 1; reply && is_sent_away(step, *reply); ++times) {
      if (!wait_as_asked(*reply, times)) return std::nullopt;
      reply = exchange(step);
    }
    if (!reply) {
      add(step, {.step = {},
                 .part = "answer",
                 .pointer = {},
                 .wanted = "an answer",
                 .got = reply.error().message,
                 .source = case_.source});
      return std::nullopt;
    }
    Answer answer{std::move(*reply), {}};
    answer.json = parse_bounded(answer.reply.body);
    check_shape(step, answer);
    return answer;
  }

  Result<HttpReply> exchange(const Step& step) {
    HttpRequest request = make_request(step.call, values_);
    TraceEntry entry{.step = step.id,
                     .request = request.method + " " + request.target,
                     .sent = step.call.multipart.empty() ? request.body : "(multipart)",
                     .received = {}};
    entry.began = subject_.transport().clock().now();
    const auto begin = std::chrono::steady_clock::now();
    auto reply = subject_.transport().send_away(std::move(request));
    entry.taken = time_since(begin);
    if (reply) {
      entry.status = reply->status;
      entry.received = reply->body;
      for (const HttpHeader& header : reply->headers) {
        entry.headers.push_back({header.name, header.value});
      }
    } else {
      entry.mishap = reply.error().message;
    }
    result_.trace.push_back(std::move(entry));
    return reply;
  }

  // Whether this is no answer to the step but a request to come again later. A server of ours does
  // only what its script says.
  bool is_sent_away(const Step& step, const HttpReply& reply) {
    if (subject_.scripted() || !asked_pause(reply, subject_.transport().clock())) return false;
    const Json status = reply.status;
    Values values = values_;
    Matching matching{values, subject_.scripted(), case_.source};
    if (step.reply.status.is_null()) return true;
    match(status_pattern(step.reply.status), &status, "", matching);
    return !matching.mismatches.empty();
  }

  // False when it has been asked for too often, or for too long: then the case is not checked.
  bool wait_as_asked(const HttpReply& reply, int times) {
    constexpr int kMostTimes = 3;
    constexpr milliseconds kLongest{60'000};
    Clock& clock = subject_.transport().clock();
    const milliseconds pause = *asked_pause(reply, clock);
    if (times <= kMostTimes && pause <= kLongest) {
      clock.sleep_for(pause);
      return true;
    }
    result_.verdict = CaseVerdict::not_checked;
    result_.reason =
        "rate limited: the server answered " + std::to_string(reply.status) +
        (times > kMostTimes ? " " + std::to_string(times) + " times in a row"
                            : ", come again in " + std::to_string(pause.count() / 1000) + " s");
    return false;
  }

  void check_shape(const Step& step, const Answer& answer) {
    const OpenApi& api = OpenApi::built_in();
    const auto* const operation = api.find(step.call.method, fill_path(step.call.path, values_));
    if (operation == nullptr) return;  // the case asks for what the API does not have
    const HttpReply& reply = answer.reply;
    const std::string* type = find_header(reply, "Content-Type");
    for (Violation& violation : api.check_reply(
             *operation, reply.status, type == nullptr ? "" : *type, reply.body, answer.json)) {
      add(step, {.step = {},
                 .part = "openapi",
                 .pointer = std::move(violation.pointer),
                 .wanted = std::move(violation.wanted),
                 .got = std::move(violation.got),
                 .source = violation.source});
    }
  }

  // Sends until the pointers match or the budget is spent; the last answer.
  std::optional<Answer> poll(const Step& step) {
    Clock& clock = subject_.transport().clock();
    const milliseconds deadline = clock.now() + milliseconds(step.ms);
    std::vector<std::string> seen;
    for (int count = 1;; ++count) {
      auto answer = send(step);
      if (!answer) return std::nullopt;
      const Json body = answer->json.value_or(Json::value_t::discarded);
      seen.push_back(value_at(body, step.until.front().first));
      Values captured = values_;
      const Mismatches open = unmet(step, body, captured);
      if (open.empty()) {
        values_ = std::move(captured);
        check_order(step, seen);
        return answer;
      }
      const bool out_of_time = clock.now() + subject_.poll_interval() > deadline;
      if (count >= step.polls || out_of_time) {
        give_up(step, open.front(), count);
        check_order(step, seen);
        return std::nullopt;
      }
      clock.sleep_for(subject_.poll_interval());
    }
  }

  static std::string value_at(const Json& body, const std::string& pointer) {
    const Json::json_pointer at(pointer);
    if (!body.is_structured() || !body.contains(at)) return "nothing";
    const Json& value = body.at(at);
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  Mismatches unmet(const Step& step, const Json& body, Values& values) const {
    Matching matching{values, subject_.scripted(), case_.source};
    for (const auto& [pointer, pattern] : step.until) {
      const Json::json_pointer at(pointer);
      const bool there = body.is_structured() && body.contains(at);
      match(pattern, there ? &body.at(at) : nullptr, pointer, matching);
    }
    return std::move(matching.mismatches);
  }

  void give_up(const Step& step, Mismatch last, int polls) {
    last.part = "until";
    last.got += " after " + std::to_string(polls) + " polls";
    add(step, std::move(last));
  }

  void check_order(const Step& step, const std::vector<std::string>& seen) {
    if (step.order.empty() || fits_order(step.order, seen)) return;
    add(step, {.step = {},
               .part = "order",
               .pointer = step.until.front().first,
               .wanted = joined(step.order),
               .got = joined(seen),
               .source = case_.source});
  }

  void check(const Step& step, const Answer& answer) {
    const HttpReply& reply = answer.reply;
    const Json status = reply.status;
    compare(step, "status", status_pattern(step.reply.status), &status);
    for (const auto& [name, pattern] : step.reply.headers) {
      const std::string* header = find_header(reply, name);
      const Json value = header == nullptr ? Json() : Json(*header);
      compare(step, "header " + name, pattern, header == nullptr ? nullptr : &value);
    }
    Json text;
    if (!step.reply.body.is_null() || !answer.json) text = reply.body;
    compare(step, "body", step.reply.body, &text);
    compare(step, "body", step.reply.json, answer.json ? &*answer.json : &text);
  }

  void compare(const Step& step, const std::string& part, const Json& pattern, const Json* value) {
    if (pattern.is_null()) return;
    Matching matching{values_, subject_.scripted(), case_.source};
    match(pattern, value, "", matching);
    for (Mismatch& mismatch : matching.mismatches) {
      mismatch.part = part;
      add(step, std::move(mismatch));
    }
  }

  void add(const Step& step, Mismatch mismatch) {
    mismatch.step = step.id;
    result_.mismatches.push_back(std::move(mismatch));
  }

  const Case& case_;
  Subject& subject_;
  Values values_;
  CaseResult& result_;
};

}  // namespace

CaseResult run_case(const Case& contract_case, const Subjects& subjects) {
  const auto begin = std::chrono::steady_clock::now();
  CaseResult result;
  result.name = contract_case.name;
  result.why = contract_case.why;
  result.source = contract_case.source;
  const auto subject = subjects(contract_case);
  if (!subject) {
    result.verdict = CaseVerdict::not_checked;
    result.reason = subject.error();
    return result;
  }
  Values values;
  const auto key = (*subject)->states().find("api_key");
  if (key != (*subject)->states().end()) values["api_key"] = key->second;
  const auto missing = missing_states(contract_case, **subject, values);
  if (missing.empty()) {
    Run(contract_case, **subject, std::move(values), result).steps();
    if (result.reason.empty()) result.verdict = verdict_of(result.mismatches);
  } else {
    result.verdict = CaseVerdict::not_checked;
    result.reason = "no state for " + joined(missing);
  }
  result.duration = time_since(begin);
  return result;
}

}  // namespace nairi::contracts
