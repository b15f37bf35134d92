// Each assumption that traffic can show has a recording that confirms it, and one slip in it that
// refutes it and nothing else. What only says that something can happen is confirmed, and another
// recording does not settle it.
#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/drift/ledger.h"
#include "told_recording.h"

namespace nairi::contracts::told {
namespace {

// What several rows are made of.
const std::string kStarted = R"(=> 200 {"job_id": "{job}", "message_id": "{m1}"})";
const std::string kStart =
    R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi"} )" + kStarted + "\n";
const std::string kAsk = R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi", )"
                         R"("ask_mode": true} )" +
                         kStarted + "\n";

std::string message(const std::string& id, const std::string& role, const std::string& status,
                    const std::string& content, int created, int updated,
                    const std::string& more = "") {
  return R"({"id": ")" + id + R"(", "job_id": "{job}", "role": ")" + role + R"(", "status": ")" +
         status + R"(", "content": )" + content + R"(, "created_at": "{+)" +
         std::to_string(created) + R"(}", "updated_at": "{+)" + std::to_string(updated) + "}\"" +
         more + "}";
}

std::string poll(const std::string& status, int updated = 100, const std::string& more = "") {
  return "GET /messages/{m1} => 200 " +
         message("{m1}", "user", status, "\"Hi\"", 0, updated, more) + "\n";
}

std::string timeline(const std::string& messages) {
  return R"(GET /conversations/{job}/messages => 200 {"messages": [)" + messages + "]}\n";
}

// The prompt, over at 100 ms, with these messages behind it.
std::string ended(const std::string& status, const std::string& messages) {
  return timeline(message("{m1}", "user", status, "\"Hi\"", 0, 100) +
                  (messages.empty() ? "" : ", " + messages));
}

std::string answer(const std::string& text = "Hello", int at = 100) {
  return message("{m3}", "assistant", "completed", '"' + text + '"', at, at);
}

std::string notice(const std::string& text, int at = 300) {
  return message("{m2}", "system", "completed", '"' + text + '"', at, at);
}

std::string failure(const std::string& details) {
  return notice("nairid encountered error: " + details, 100);
}

std::string progress(const std::string& envelope) {
  std::string text = R"({"job_id": "{job}", "processed_message_id": "{m1}", )" + envelope + "}";
  std::string quoted;
  for (const char c : text) quoted += c == '"' ? "\\\"" : std::string(1, c);
  return message("{m4}", "progress", "completed", '"' + quoted + '"', 50, 50);
}

std::string listed(const std::string& status, int updated = 100) {
  return R"({"id": "{job}", "status": ")" + status + R"(", "created_at": "{+0}", )" +
         R"("updated_at": "{+)" + std::to_string(updated) + "}\"}";
}

std::string list(const std::string& conversations, const std::string& query = "",
                 const std::string& next = R"(, "next_cursor": null)") {
  return "GET /agents/helper/conversations" + query + R"( => 200 {"conversations": [)" +
         conversations + "]" + next + "}\n";
}

const std::string kAgent =
    R"({"id": "{cci}", "agent_id": "helper", "name": "Helper", "instances_count": 1, )"
    R"("is_self_hosted": false, "created_at": "{+0}", "updated_at": "{+0}"})";
const std::string kAgents = "GET /agents => 200 [" + kAgent + "]\n";
const std::string kCreated =
    R"(POST /agents {"name": "Helper", "instances_count": 1} => 201 )" + kAgent + "\n";
const std::string kUploaded =
    R"(POST /attachments [form: a.txt 12] => 201 {"attachment_id": "{att}"})"
    "\n";

std::string error(int status, const std::string& text) {
  return "=> " + std::to_string(status) + R"( {"error": ")" + text + "\"}\n";
}

const std::string kSecond = R"(POST /conversations/{job}/continue {"prompt": "On"} => 200 )"
                            R"({"job_id": "{job}", "message_id": "{m2}"})"
                            "\n";

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += (all.empty() ? "" : ", ") + text;
  return all;
}

struct Row {
  std::string id;
  std::string told;  // confirms it
  std::string from;  // in its place, wherever it stands, …
  std::string to;    // … this refutes it; without `from`, this is a recording of its own
  std::set<std::string> others = {};  // which the slip refutes as well, as it must
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

const std::string kTimeout = "session timed out after 1h0m0s";
const std::string kTimedOut =
    timeline(message("{m1}", "user", "failed", "\"Hi\"", 0, 3'600'100) + ", " + failure(kTimeout));

// clang-format off
std::vector<Row> rows() {
  std::vector<Row> all = {
    {"scheme-case", kAgents + "GET /agents [authorization: bearer key-1] => 200 []\n",
     "=> 200 []", R"(=> 401 {"error": "invalid API key"})"},
    {"errors-are-json", "GET /agents [x: y] => 401 [content-type: application/json] {\"error\": \"invalid API key\"}\n",
     "application/json", "text/plain"},
    {"error-texts-are-short", "GET /nothing " + error(404, "no such path"), "no such path",
     "No such path: /nothing"},
    {"text-of-missing-key", "GET /agents => 200 []\nnobody: GET /agents " + error(401, "missing API key"),
     "missing", "no"},
    {"text-of-invalid-key", "GET /agents " + error(401, "invalid API key"), "invalid", "bad"},
    {"text-of-unknown-message", "GET /messages/cmsg_{no} " + error(404, "message not found"),
     "not found", "is unknown"},
    {"text-of-unknown-job", "GET /conversations/job_{no}/messages " + error(404, "job not found"),
     "not found", "is unknown"},
    {"text-of-unknown-attachment", "GET /attachments/att_{no} " + error(404, "attachment not found"),
     "not found", "is unknown"},
    {"text-of-unknown-agent", "GET /agents/nobody " + error(404, "agent not found"),
     "not found", "is unknown"},
    {"text-of-invalid-message-id", "GET /messages/cmsg_1 " + error(400, "invalid message id"),
     "invalid", "bad"},
    {"text-of-invalid-job-id", "GET /conversations/job_1/messages " + error(400, "invalid job id"),
     "invalid", "bad"},
    {"text-of-invalid-attachment-id", "GET /attachments/att_1 " + error(400, "invalid attachment id"),
     "invalid", "bad"},
    {"text-of-missing-prompt", kAgents + R"(POST /conversations/start {"agent_id": "helper"} )" + error(400, "prompt is required"),
     "required", "needed"},
    {"text-of-missing-agent", R"(POST /conversations/start {"prompt": "Hi"} )" + error(400, "agent_id is required"),
     "required", "needed"},
    {"text-of-body-that-is-no-json", "POST /conversations/start {\"agent_id\" " + error(400, "invalid request body"),
     "invalid", "bad"},
    {"text-of-bad-limit", kAgents + "GET /agents/helper/conversations?limit=0 " + error(400, "invalid limit"), "invalid", "bad"},
    {"text-of-bad-offset", kAgents + "GET /agents/helper/conversations?offset=-1 " + error(400, "invalid offset"), "invalid", "bad"},
    {"text-of-bad-sort", kAgents + "GET /agents/helper/conversations?sort=up " + error(400, "invalid sort"), "invalid", "bad"},
    {"text-of-bad-status", kAgents + "GET /agents/helper/conversations?status=done " + error(400, "invalid status"), "invalid", "bad"},
    {"text-of-bad-updated-after", kAgents + "GET /agents/helper/conversations?updated_after=now " + error(400, "invalid updated_after"), "invalid", "bad"},
    {"rate-limit", "GET /agents => 429 [content-type: application/json] [retry-after: 5] {\"error\": \"too many requests\"}\n",
     "[retry-after: 5] ", ""},
    {"unknown-conversation", "GET /conversations/job_{no}/messages " + error(404, "job not found"),
     "404", "400"},
    {"unknown-message", "GET /messages/cmsg_{no} " + error(404, "message not found"), "404", "400"},
    {"unknown-attachment", "GET /attachments/att_{no} " + error(404, "attachment not found"),
     "404", "400"},
    {"unknown-agent-id", "GET /agents/cci_{no} " + error(404, "agent not found"), "404", "400"},
    {"foreign-id", kStart + "key-2: GET /messages/{m1} " + error(404, "message not found"),
     "404", "400"},
    {"id-of-another-kind", "GET /messages/job_{no} " + error(400, "invalid message id"),
     "=> 400 {\"error\": \"invalid message id\"}", "=> 404 {\"error\": \"message not found\"}"},
    {"ulid-over-128-bits", "GET /messages/cmsg_8ZZZZZZZZZZZZZZZZZZZZZZZZZ " + error(400, "invalid message id"),
     "=> 400 {\"error\": \"invalid message id\"}", "=> 404 {\"error\": \"message not found\"}"},
    {"unknown-fields", kAgents + R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi", "mood": 1} )" + kStarted + "\n",
     kStarted, R"(=> 400 {"error": "unknown field"})"},
    {"start-status", kStart, "=> 200", "=> 202"},
    {"continue-status", "POST /conversations/{job}/continue {\"prompt\": \"On\"} " + kStarted + "\n",
     "=> 200", "=> 202"},
    {"start-with-null", kAgents + R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi", "ask_mode": null} )" + error(400, "invalid ask_mode"),
     R"(=> 400 {"error": "invalid ask_mode"})", kStarted},
    {"unknown-agent-of-a-start", R"(POST /conversations/start {"agent_id": "nobody", "prompt": "Hi"} )" + error(404, "agent not found"),
     "404", "400"},
    {"eleventh-attachment", kUploaded + kAgents + R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi", "attachment_ids": [)" +
       repeated("\"{att}\"", 11) + "]} " + error(400, "invalid attachment_ids"), "400", "404"},
    {"retry-makes-active", kStart + poll("failed") + "POST /conversations/{job}/continue {\"prompt\": \"Again\"} => 200 {\"job_id\": \"{job}\", \"message_id\": \"{m2}\"}\n" +
       list(listed("active", 200)) + "GET /messages/{m2} => 200 " + message("{m2}", "user", "pending", "\"Again\"", 200, 200) + "\n",
     R"("status": "active")", R"("status": "error")"},
    {"continue-when-ended", list(listed("completed")) + "POST /conversations/{job}/continue {\"prompt\": \"On\"} " + error(400, "job is not active"),
     "400", "409"},
    {"origin-before-body", "POST /conversations/{job}/continue {\"prompt\": \"On\"} " + error(400, "job is not an API job") +
       "POST /conversations/{job}/continue {} " + error(400, "job is not an API job") + "GET /agents => 200 []\n",
     "{} => 400 {\"error\": \"job is not an API job\"}", "{} => 400 {\"error\": \"prompt is required\"}"},
    {"turns-in-order", kStart + "POST /conversations/{job}/continue {\"prompt\": \"On\"} => 200 {\"job_id\": \"{job}\", \"message_id\": \"{m2}\"}\n" +
       timeline(message("{m1}", "user", "pending", "\"Hi\"", 0, 50) + ", " + message("{m2}", "user", "queued", "\"On\"", 20, 20)),
     R"("status": "queued")", R"("status": "pending")"},
    {"bad-sort", kAgents + "GET /agents/helper/conversations?sort=up " + error(400, "invalid sort"), "=> 400", "=> 404"},
    {"empty-parameter", kAgents + "GET /agents/helper/conversations?sort= " + error(400, "invalid sort"),
     R"(=> 400 {"error": "invalid sort"})", R"(=> 200 {"conversations": [], "next_cursor": null})"},
    {"offset-over-63-bits", kAgents + "GET /agents/helper/conversations?offset=99999999999999999999 " + error(400, "invalid offset"),
     R"(=> 400 {"error": "invalid offset"})", R"(=> 200 {"conversations": [], "next_cursor": null})"},
    {"list-fields", list(listed("active")), R"("status":)", R"("origin": "api", "status":)"},
    {"next-cursor", list(listed("active")), R"(, "next_cursor": null)", ""},
    {"walk-is-steady", list(listed("active"), "?limit=1", R"(, "next_cursor": "c1")") +
       "POST /conversations/start {\"agent_id\": \"helper\", \"prompt\": \"Hi\"} => 200 {\"job_id\": \"{job2}\", \"message_id\": \"{m2}\"}\n" +
       list(replaced(listed("active"), "{job}", "{job3}"), "?cursor=c1"), "{job3}", "{job}"},
    {"other-origins-are-listed", kAgents + list(listed("active")) + "POST /conversations/{job}/continue {\"prompt\": \"On\"} " + error(400, "job is not an API job"),
     "[" + listed("active") + "]", "[]"},
    {"other-origins-can-be-read", "POST /conversations/{job}/continue {\"prompt\": \"On\"} " + error(400, "job is not an API job") + timeline(""),
     R"(=> 200 {"messages": []})", R"(=> 400 {"error": "job is not an API job"})"},
    {"ends-after-25-hours", timeline(answer() + ", " + notice("Job complete - Thread is inactive", 90'000'200)),
     "{+90000200}", "{+100000200}"},
    {"updated-at-moves", list(listed("active", 100)) + "POST /conversations/{job}/continue {\"prompt\": \"On\"} => 200 {\"job_id\": \"{job}\", \"message_id\": \"{m2}\"}\n" + list(listed("active", 200)),
     "{+200}", "{+100}"},
    {"prompt-is-unchanged", kStart + poll("pending"), R"("content": "Hi")", R"("content": "Hi ")"},
    {"attachments-are-echoed", kUploaded + kAgents + R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi", "attachment_ids": ["{att}"]} )" + kStarted + "\n" +
       poll("pending", 100, R"(, "attachment_ids": ["{att}"])"), R"({+100}", "attachment_ids": ["{att}"])", "{+100}\""},
    {"first-status", kStart + poll("pending", 0), "", kStart + poll("queued", 0) + poll("pending")},
    {"terminal-stays", kStart + poll("completed") + poll("completed"), "", kStart + poll("completed") + poll("pending")},
    {"updated-not-before-created", kStart + poll("pending"), R"("created_at": "{+0}")", R"("created_at": "{+200}")"},
    {"failed-run-sends-two", kStart + ended("failed", failure("exit 1") + ", " + replaced(failure("it ended: exit 1"), "{m2}", "{m3}")),
     "it ended: exit 1", "it ended"},
    {"other-failures-send-one", kStart + kTimedOut, failure(kTimeout), failure(kTimeout) + ", " + replaced(failure(kTimeout), "{m2}", "{m3}")},
    {"notices-are-markdown", timeline(notice("Agent opened a [pull request](https://git.example/9)")),
     "[pull request](https://git.example/9)", "pull request: https://git.example/9"},
    {"reasons-of-completion", timeline(notice("Job complete - Pull request was merged by Ann")), "Pull request was merged by Ann", "All is said"},
    {"end-order", kStart + ended("completed", answer()), answer(), answer("Hello", 150)},
    {"notices-follow", kStart + ended("completed", answer() + ", " + notice("Agent opened a [pull request](u)")), "{+300}", "{+150}"},
    {"failed-commit-has-no-answer", kStart + ended("failed", failure("can't commit")), failure("can't commit"), answer() + ", " + failure("can't commit")},
    {"deltas-and-the-answer", kStart + ended("completed", progress(R"("progress_type": "text", "text_delta": "Hello")") + ", " + answer()),
     R"("content": "Hello")", R"("content": "Hello, you")"},
    {"tool-input-is-no-json", timeline(progress(R"("progress_type": "tool_use", "tool_use_id": "t", "tool_name": "Read", "tool_status": "running", "tool_input": "a.txt")")),
     "a.txt", "[1]"},
    {"tools-come-in-pairs", timeline(progress(R"("progress_type": "tool_use", "tool_use_id": "t", "tool_name": "Read", "tool_status": "running", "tool_input": "a")") + ", " +
       replaced(progress(R"("progress_type": "tool_use", "tool_use_id": "t", "tool_name": "Read", "tool_status": "completed", "tool_input": "a", "tool_output": "b")"), "{m4}", "{m3}")),
     R"(\"tool_input\": \"a\", \"tool_output\")", R"(\"tool_output\")"},
    {"descriptions-are-of-bash", timeline(progress(R"("progress_type": "tool_use", "tool_use_id": "t", "tool_name": "Bash", "tool_status": "running", "tool_description": "Look")")),
     "Bash", "Shell"},
    {"heartbeat", timeline(progress(R"("progress_type": "tool_heartbeat", "tool_name": "Bash", "tool_status": "running", "summary": "Running for 12s...")")),
     "Running for 12s...", "Still there"},
    {"subagent-starts", timeline(progress(R"("progress_type": "subagent", "tool_status": "running", "summary": "Subagent started: look")")),
     "Subagent started: look", "Looking"},
    {"steps", timeline(progress(R"("progress_type": "step", "summary": "Updated checklist: 2/5 items done")")), "2/5 items done", "two of five"},
    {"progress-status", timeline(progress(R"("progress_type": "thinking", "summary": "Hm")")), R"("status": "completed")", R"("status": "pending")"},
    {"no-commits-in-ask-mode", kAsk + ended("completed", answer()), answer(), answer() + ", " + notice("Agent opened a [pull request](u)")},
    {"empty-turn-has-no-answer", kStart + ended("completed", ""), ended("completed", ""), ended("completed", answer(""))},
    {"timeout-after-an-hour", kStart + kTimedOut,
     R"("updated_at": "{+3600100}")", R"("updated_at": "{+100100}")"},
    {"empty-file-fails", replaced(kUploaded, "12", "0") + kAgents + R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi", "attachment_ids": ["{att}"]} )" + kStarted + "\n" +
       poll("failed", 100, R"(, "attachment_ids": ["{att}"])"), R"("status": "failed")", R"("status": "completed")"},
    {"instances-count-may-be-absent", R"(POST /agents {"name": "Helper"} => 201 )" + kAgent + "\n", "=> 201 " + kAgent, R"(=> 400 {"error": "instances_count is required"})"},
    {"slug-of-a-new-agent", kCreated, R"("agent_id": "helper")", R"("agent_id": "helper_1")"},
    {"conversations-outlive-their-agent", kAgents + list(listed("active")) + "DELETE /agents/helper => 204\n" + timeline(""),
     R"(=> 200 {"messages": []})", R"(=> 404 {"error": "job not found"})"},
    {"deploy-says", R"(POST /agents/helper/deploy {} => 202 {"status": "deploying"})" "\n", "deploying", "on its way"},
    {"new-agents-are-not-deployed", kCreated + kStart + poll("queued", 0) + poll("queued", 0), "", kCreated + kStart + poll("queued", 0) + poll("pending")},
    {"undeployed-waits", kCreated + kStart + poll("queued", 0) + poll("queued", 0), "", kCreated + kStart + poll("queued", 0) + poll("failed")},
    {"upload-status", kUploaded, "=> 201", "=> 200"},
    {"missing-part", "POST /attachments [content-type: multipart/form-data; boundary=b] " + error(400, "file is required"), "=> 400", "=> 422"},
    {"too-large", "POST /attachments [form: a.txt 52428801] " + error(413, "file is too large"), "=> 413", "=> 422"},
    {"fifty-mebibytes", "POST /attachments [form: a.txt 52428800] => 201 {\"attachment_id\": \"{att}\"}\n", R"(=> 201 {"attachment_id": "{att}"})", R"(=> 413 {"error": "file is too large"})"},
    {"files-have-names", "POST /attachments [form:  12] " + error(400, "invalid file"), R"(=> 400 {"error": "invalid file"})", R"(=> 201 {"attachment_id": "{att}"})"},
    {"padded-base64", R"(GET /attachments/{att} => 200 {"id": "{att}", "filename": "a", "data": "aGk="})" "\n", "aGk=", "aGk"},
    {"foreign-attachment", kUploaded + "key-2: GET /attachments/{att} " + error(404, "attachment not found"), "404", "400"},
    {"creation-of-rules", R"(POST /artifacts/rules {"title": "A"} => 201 {"id": "aar_1"})" "\n", R"(=> 201 {"id": "aar_1"})", R"(=> 404 {"error": "no such path"})"},
    {"paths-of-vaults", "GET /vaults => 200 []\n", "=> 200 []", R"(=> 404 {"error": "no such path"})"},
  };
  return all;
}
// What only can happen: a recording that shows it, and one that shows nothing of it.
std::vector<Row> possibilities() {
  const std::string tool = R"("progress_type": "tool_use", "tool_name": "shell", "tool_status": "done")";
  return {
    {"error-after-an-answer", kStart + ended("completed", answer() + ", " + failure("exit 1")), "", kStart + ended("completed", answer())},
    {"tools-of-other-agents", timeline(progress(tool)), R"("tool_name)", R"("tool_use_id\": \"t\", \"tool_name)"},
    {"progress-after-the-answer", kStart + ended("completed", answer() + ", " + progress(tool)), "", kStart + ended("completed", progress(tool) + ", " + answer())},
    {"tools-in-ask-mode", kAsk + ended("completed", progress(tool) + ", " + answer()), ", \"ask_mode\": true", ""},
    {"claude-code-says-nothing", kStart + ended("completed", answer("(agent returned no response)")), "(agent returned no response)", "Nothing"},
  };
}
// clang-format on

std::string other_of(const Row& row) {
  return row.from.empty() ? row.to : replaced(row.told, row.from, row.to);
}

std::map<std::string, Settled> settle(const Recording& recording) {
  std::map<std::string, Settled> by_id;
  const auto settled = Ledger().settle(recording, "told");
  for (const Settled& one : *settled) by_id[one.id] = one;
  return by_id;
}

std::map<std::string, Settled> settle(const std::string& told) {
  return settle(told_recording(told));
}

std::set<std::string> refuted_by(const std::string& told) {
  std::set<std::string> ids;
  for (const auto& [id, settled] : settle(told)) {
    if (settled.refuted > 0) ids.insert(id);
  }
  return ids;
}

TEST(Assumptions, AreEachConfirmedByARecordingAndRefutedByOneSlipInIt) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.id);
    const auto good = settle(row.told);
    EXPECT_EQ(good.contains(row.id) ? good.at(row.id).verdict() : "nothing", "confirmed")
        << told_text(row.told);
    EXPECT_THAT(refuted_by(row.told), ::testing::IsEmpty());
    std::set<std::string> wanted = row.others;
    wanted.insert(row.id);
    ASSERT_NE(other_of(row), row.told) << "the slip changes nothing";
    EXPECT_EQ(refuted_by(other_of(row)), wanted) << told_text(other_of(row));
  }
}

TEST(Assumptions, OfWhatCanHappenAreConfirmedByItAndByNothingElse) {
  for (const Row& row : possibilities()) {
    SCOPED_TRACE(row.id);
    const auto good = settle(row.told);
    EXPECT_EQ(good.contains(row.id) ? good.at(row.id).verdict() : "nothing", "confirmed");
    ASSERT_NE(other_of(row), row.told) << "the slip changes nothing";
    EXPECT_FALSE(settle(other_of(row)).contains(row.id)) << told_text(other_of(row));
  }
}

// What looks like a contradiction and need not be one.
TEST(Assumptions, AreNotSettledByWhatCouldBeSomethingElse) {
  const std::string possible = "01KRK1V46BXS73CSNK2VR35NZZ";  // anybody may have made it
  const std::string lost = "POST /conversations/{job}/continue {\"prompt\": \"On\"} => lost\n";
  const std::string lost_start =
      "POST /conversations/start {\"agent_id\": \"helper\", \"prompt\": \"Hi\"} => lost\n";
  std::string slow;  // six seconds until it is taken up
  for (int i = 0; i < 300; ++i) slow += poll("queued", 0);
  // clang-format off
  const std::vector<std::pair<std::string, std::string>> unsettled = {
    {"unknown-conversation", "GET /conversations/job_" + possible + "/messages " + error(400, "not yours")},
    {"unknown-attachment", "GET /attachments/att_" + possible + " " + error(400, "not yours")},
    {"foreign-id", "GET /messages/{m1} " + error(404, "message not found")},
    {"text-of-missing-key", "nobody: GET /agents " + error(401, "who are you?")},
    {"text-of-invalid-key", "GET /agents " + error(401, "missing API key")},
    {"text-of-missing-prompt", kAgents + R"(POST /conversations/start {"agent_id": "helper", "prompt": null} )" + error(400, "invalid prompt")},
    {"text-of-missing-agent", R"(POST /conversations/start {"agent_id": null, "prompt": "Hi"} )" + error(400, "invalid agent_id")},
    {"unknown-fields", kAgents + R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi", "mood": 1} )" + error(429, "slow down")},
    {"unknown-fields", R"(POST /conversations/start {"agent_id": "nobody", "prompt": "Hi", "mood": 1} )" + error(400, "no agent")},
    {"unknown-fields", kAgents + R"(POST /conversations/start {"agent_id": "helper", "prompt": 1, "mood": 1} )" + error(400, "bad prompt")},
    {"error-texts-are-short", "GET /agents " + error(429, "You are Too Fast, 10.0.0.1!")},
    {"first-status", kStart + slow + poll("pending")},
    {"first-status", kStart + kSecond + "GET /messages/{m2} => 200 " + message("{m2}", "user", "queued", "\"On\"", 0, 0) + "\n" + poll("completed") + "GET /messages/{m2} => 200 " + message("{m2}", "user", "pending", "\"On\"", 0, 100) + "\n"},
    {"first-status", kStart + poll("pending", 100)},
    {"first-status", lost_start + kStart + poll("queued", 0) + poll("pending")},
    {"first-status", "POST /conversations/{job}/continue {\"prompt\": \"On\"} => 502 <html>\n" + kStart + poll("queued", 0) + poll("pending")},
    {"first-status", kStart + lost + poll("queued", 0) + poll("pending")},
    {"new-agents-are-not-deployed", kCreated + "POST /agents/helper/deploy {} => lost\n" + kStart + poll("queued", 0) + poll("pending", 100) + poll("completed")},
    {"continue-when-ended", list(listed("completed")) + lost + "POST /conversations/{job}/continue {\"prompt\": \"On\"} " + error(400, "no")},
    {"bad-sort", kAgents + "DELETE /agents/helper => lost\nGET /agents/helper/conversations?sort=up " + error(404, "agent not found")},
    {"end-order", kStart + timeline(message("{m1}", "user", "completed", "\"Hi\"", 0, 0) + ", " + answer())},
    {"end-order", kStart + ended("pending", answer())},
    {"empty-turn-has-no-answer", kStart + kSecond + timeline(message("{m1}", "user", "completed", "\"Hi\"", 0, 100) + ", " + message("{m2}", "user", "completed", "\"On\"", 50, 200) + ", " + answer())},
    {"turns-in-order", kStart + kSecond + timeline(message("{m1}", "user", "queued", "\"Hi\"", 0, 0) + ", " + message("{m2}", "user", "queued", "\"On\"", 20, 20))},
    {"continue-when-ended", "POST /conversations/{job}/continue {\"prompt\": \"On\"} " + error(400, "no") + list(listed("completed"))},
    {"next-cursor", list(listed("active"), "?limit=1", "")},
    {"other-origins-are-listed", kAgents + "POST /conversations/{job}/continue {\"prompt\": \"On\"} " + error(400, "job is not an API job")},
    {"updated-at-moves", list(listed("active")) + list(listed("active"))},
    {"terminal-stays", kStart + poll("completed")},
    {"undeployed-waits", kCreated + "POST /agents/helper/deploy {} => 202 {\"status\": \"x\"}\n" + kStart + poll("queued", 0) + poll("failed")},
    {"padded-base64", R"(GET /attachments/{att} => 200 {"id": "{att}", "filename": "a", "data": ""})" "\n"},
  };
  // clang-format on
  for (const auto& [id, told] : unsettled) {
    const auto settled = settle(told);
    EXPECT_FALSE(settled.contains(id)) << id << "\n" << told_text(told).substr(0, 2000);
  }
}

// A clock of milliseconds gives many exchanges the same time: their order still tells.
TEST(Assumptions, AreSettledByTheOrderOfCallsWhereTheClockTellsNone) {
  const auto at_one_instant = [](const std::string& told) {
    Recording recording = told_recording(told);
    for (RecordedExchange& exchange : recording.exchanges) {
      exchange.began_us = exchange.ended_us = 0;
    }
    return settle(recording);
  };
  const auto behind_another = at_one_instant(
      kStart + kSecond + "GET /messages/{m2} => 200 " +
      message("{m2}", "user", "queued", "\"On\"", 0, 0) + "\n" + poll("completed") +
      "GET /messages/{m2} => 200 " + message("{m2}", "user", "pending", "\"On\"", 0, 100) + "\n");
  EXPECT_FALSE(behind_another.contains("first-status"));
  const auto gone_back = at_one_instant(kStart + poll("completed") + poll("pending"));
  ASSERT_TRUE(gone_back.contains("terminal-stays"));
  EXPECT_EQ(gone_back.at("terminal-stays").verdict(), "refuted");
}

TEST(Assumptions, HaveARowHereEach) {
  std::set<std::string> tried;
  for (const Row& row : rows()) tried.insert(row.id);
  for (const Row& row : possibilities()) tried.insert(row.id);
  std::set<std::string> shown;
  for (const Assumption& guess : Assumptions::built_in().all) {
    if (guess.because.empty()) shown.insert(guess.id);
  }
  EXPECT_EQ(tried, shown);
}

}  // namespace
}  // namespace nairi::contracts::told
