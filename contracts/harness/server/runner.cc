#include "harness/server/runner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/cases/order.h"
#include "harness/cases/pattern.h"
#include "harness/openapi/openapi.h"
#include "harness/server/sending.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

using std::chrono::milliseconds;

// The states that the case needs and nobody has; the others become values.
std::string missing_states(const Case& contract_case, const Subject& subject, Values& values) {
  std::string missing;
  for (const auto& [name, fixed] : contract_case.given) {
    const auto state = subject.states().find(name);
    if (fixed && subject.scripted()) {
      values[name] = *fixed;
    } else if (state != subject.states().end()) {
      values[name] = state->second;
    } else {
      missing += (missing.empty() ? "" : ", ") + name;
    }
  }
  return missing;
}

class Run {
 public:
  Run(const Case& contract_case, Subject& subject, Values values, CaseResult& result)
      : case_(contract_case), subject_(subject), values_(std::move(values)), result_(result) {}

  void steps() {
    for (const Step& step : case_.steps) {
      const std::size_t before = result_.mismatches.size();
      const std::optional<HttpReply> reply = step.until.empty() ? send(step) : poll(step);
      if (reply) check(step, *reply);
      // What later steps would say follows from this one.
      const bool broken =
          std::any_of(result_.mismatches.begin() + static_cast<std::ptrdiff_t>(before),
                      result_.mismatches.end(),
                      [](const Mismatch& mismatch) { return mismatch.source != Source::assumed; });
      if (!reply || broken) return;
    }
  }

 private:
  // One exchange; every answer must fit the OpenAPI document.
  std::optional<HttpReply> send(const Step& step) {
    const HttpRequest request = make_request(step.call, values_);
    auto reply = subject_.transport().send(request);
    result_.trace.push_back({step.id, request.method + " " + request.target,
                             step.call.multipart.empty() ? request.body : "(multipart)",
                             reply ? reply->status : 0, reply ? reply->body : "",
                             reply ? "" : reply.error().message});
    if (!reply) {
      add(step, {.step = {},
                 .part = "answer",
                 .pointer = {},
                 .wanted = "an answer",
                 .got = reply.error().message,
                 .source = case_.source});
      return std::nullopt;
    }
    check_shape(step, request, *reply);
    return std::move(*reply);
  }

  void check_shape(const Step& step, const HttpRequest& request, const HttpReply& reply) {
    const OpenApi& api = OpenApi::built_in();
    const auto* const operation = api.find(request.method, request.target);
    if (operation == nullptr) return;  // the case asks for what the API does not have
    const std::string* type = find_header(reply, "Content-Type");
    for (Violation& violation :
         api.check_reply(*operation, reply.status, type == nullptr ? "" : *type, reply.body)) {
      add(step, {.step = {},
                 .part = "openapi",
                 .pointer = std::move(violation.pointer),
                 .wanted = std::move(violation.wanted),
                 .got = std::move(violation.got),
                 .source = violation.source});
    }
  }

  // Sends until the pointers match or the budget is spent; the last answer.
  std::optional<HttpReply> poll(const Step& step) {
    Clock& clock = subject_.transport().clock();
    const milliseconds deadline = clock.now() + milliseconds(step.ms);
    std::vector<std::string> seen;
    for (int count = 1;; ++count) {
      auto reply = send(step);
      if (!reply) return std::nullopt;
      const Json body = Json::parse(reply->body, nullptr, false);
      seen.push_back(value_at(body, step.until.front().first));
      Values captured = values_;
      const Mismatches open = unmet(step, body, captured);
      if (open.empty()) {
        values_ = std::move(captured);
        check_order(step, seen);
        return reply;
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

  void check(const Step& step, const HttpReply& reply) {
    const Json status = reply.status;
    compare(step, "status", status_pattern(step.reply.status), &status);
    for (const auto& [name, pattern] : step.reply.headers) {
      const std::string* header = find_header(reply, name);
      const Json value = header == nullptr ? Json() : Json(*header);
      compare(step, "header " + name, pattern, header == nullptr ? nullptr : &value);
    }
    const Json text = reply.body;
    compare(step, "body", step.reply.body, &text);
    if (step.reply.json.is_null()) return;
    const Json body = Json::parse(reply.body, nullptr, false);
    compare(step, "body", step.reply.json, body.is_discarded() ? &text : &body);
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

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::differs:
      return "differs";
    case Verdict::not_checked:
      return "not checked";
    case Verdict::known:
      break;
  }
  return "known to fail";
}

Verdict judge(const Mismatches& mismatches) {
  if (mismatches.empty()) return Verdict::passed;
  const bool assumed_only =
      std::all_of(mismatches.begin(), mismatches.end(),
                  [](const Mismatch& mismatch) { return mismatch.source == Source::assumed; });
  return assumed_only ? Verdict::differs : Verdict::failed;
}

CaseResult run_case(const Case& contract_case, const Subjects& subjects) {
  const auto begin = std::chrono::steady_clock::now();
  CaseResult result;
  result.name = contract_case.name;
  result.why = contract_case.why;
  result.source = contract_case.source;
  const auto subject = subjects(contract_case);
  if (!subject) {
    result.verdict = Verdict::not_checked;
    result.reason = subject.error();
    return result;
  }
  Values values;
  const auto key = (*subject)->states().find("api_key");
  if (key != (*subject)->states().end()) values["api_key"] = key->second;
  const std::string missing = missing_states(contract_case, **subject, values);
  if (missing.empty()) {
    Run(contract_case, **subject, std::move(values), result).steps();
    result.verdict = judge(result.mismatches);
  } else {
    result.verdict = Verdict::not_checked;
    result.reason = "no state for " + missing;
  }
  result.duration = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  return result;
}

}  // namespace nairi::contracts
