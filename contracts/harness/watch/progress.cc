#include <array>
#include <string>
#include <string_view>

#include "harness/openapi/openapi_schema.h"
#include "harness/watch/watches.h"
#include "text/wording.h"

namespace nairi::contracts {
namespace {

constexpr std::array<std::string_view, 5> kCopiedFields = {
    "progress_type", "tool_use_id", "parent_tool_use_id", "tool_name", "tool_status"};
constexpr std::array<std::string_view, 6> kProgressTypes = {"text", "tool_use", "tool_heartbeat",
                                                            "step", "subagent", "thinking"};

bool is_one_of(const auto& words, std::string_view word) {
  for (const std::string_view known : words) {
    if (known == word) return true;
  }
  return false;
}

bool tells_text(const Json& envelope, std::string_view name) {
  const auto field = envelope.find(name);
  return field != envelope.end() && field->is_string();
}

std::string shown_field(const Json& object, std::string_view name) {
  const auto field = object.find(name);
  const std::string label(name);
  return field == object.end() ? "no " + label : label + " " + mock::describe(*field);
}

void check_copies(const Exchange& exchange, const Json& message, const Json& envelope,
                  Findings& findings) {
  for (const std::string_view name : kCopiedFields) {
    const auto field = envelope.find(name);
    const auto copy = message.find(name);
    const bool there = field != envelope.end();
    // What has no value may be left out.
    const bool is_text = there && field->is_string();
    const bool is_void =
        there && (field->is_null() || (is_text && text_in(envelope, name).empty()));
    if (is_void && copy == message.end()) continue;
    const bool same = there == (copy != message.end()) && (!there || *field == *copy);
    findings.check(facts::kCopied, exchange, same,
                   {shown_field(envelope, name), shown_field(message, name), std::string(name)});
  }
}

void check_by_type(const Exchange& exchange, const Json& envelope, Findings& findings) {
  const std::string type = text_in(envelope, "progress_type");
  const auto expect = [&](const Fact& fact, std::string_view name) {
    findings.check(fact, exchange, tells_text(envelope, name),
                   {std::string(name) + " of progress " + type, shown_field(envelope, name),
                    std::string(name)});
  };
  if (type == "text") expect(facts::kDelta, "text_delta");
  if (type == "tool_use") expect(facts::kToolUse, "tool_name");
  if (type == "tool_use") expect(facts::kToolUse, "tool_status");
  const bool has_summary = type == "step" || type == "subagent" || type == "thinking";
  if (has_summary) expect(facts::kSummary, "summary");
  if (type.empty() || is_one_of(kProgressTypes, type)) return;
  findings.add("progress type " + mock::in_quotes(type), exchange, mock::cut(envelope.dump(), 100),
               "ProgressEnvelope");
}

}  // namespace

void check_progress(const Exchange& exchange, const Json& message, Findings& findings) {
  const std::string status = text_in(message, "status");
  findings.check(facts::kProgressStatus, exchange, status == "completed",
                 {"completed", status, status});
  const auto envelope = parse_bounded(text_in(message, "content"));
  if (!envelope || !envelope->is_object()) return;  // openapi.json says what is wrong
  check_copies(exchange, message, *envelope, findings);
  check_by_type(exchange, *envelope, findings);
  const std::string job = text_in(*envelope, "job_id");
  findings.check(facts::kEnvelope, exchange, job == text_in(message, "job_id"),
                 {"the job_id of its message, " + text_in(message, "job_id"), job});
}

}  // namespace nairi::contracts
