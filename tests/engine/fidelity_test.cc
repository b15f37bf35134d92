#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api.h"
#include "nairi/mock/fidelity.h"

namespace nairi::mock::testing {
namespace {

// What a reply says of itself; "" for nothing.
class FidelityMark : public ::testing::Test {
 protected:
  std::string of(const std::string& method, const std::string& path, const std::string& body = "",
                 std::vector<Header> headers = {}) {
    headers.push_back({"X-Mock-Fidelity", "1"});
    const Answer answer = api.send({.method = method,
                                    .target = "/api/public/v1" + path,
                                    .headers = std::move(headers),
                                    .body = body});
    const std::string* source = find_header(answer.headers, "X-Mock-Fidelity");
    return source == nullptr ? "" : *source;
  }

  Fake fake{default_world()};
  Api api{fake};
};

constexpr const char* kSlackJob = "job_01KRK1V46BXS73CSNK2VR35NPJ";

TEST_F(FidelityMark, IsToldOnlyWhenAskedFor) {
  EXPECT_EQ(find_header(api.get("/agents").headers, "X-Mock-Fidelity"), nullptr);
  EXPECT_EQ(of("GET", "/agents"), "documented");
}

TEST_F(FidelityMark, OfARefusedSlackJobIsTheSeed) {
  EXPECT_EQ(of("POST", std::string("/conversations/") + kSlackJob + "/continue",
               R"({"prompt": "Hello"})"),
            "seed");
}

TEST_F(FidelityMark, OfAnotherErrorOfTheSameStatusIsNotTheSeed) {
  const Started started = api.start("my-agent", "Hello");
  EXPECT_EQ(of("POST", "/conversations/" + started.job + "/continue", "{}"), "documented");
}

TEST_F(FidelityMark, OfWhatTheApiDoesNotHaveIsAssumed) {
  EXPECT_EQ(of("GET", "/nothing"), "assumed");
  EXPECT_EQ(of("PUT", "/agents"), "assumed");
  EXPECT_EQ(of("HEAD", "/agents"), "assumed");
}

TEST_F(FidelityMark, OfAFaultIsThatItIsOne) {
  EXPECT_EQ(api.control("POST", "/faults", R"({"at": "agents", "do": {"status": 503}})").status,
            200);
  EXPECT_EQ(of("GET", "/agents"), "fault");
}

TEST_F(FidelityMark, OfASuccessOfWhichNobodySaysTheStatusSaysSo) {
  EXPECT_EQ(of("POST", "/conversations/start", R"({"agent_id": "my-agent", "prompt": "Hello"})"),
            "seed, status assumed");
}

// A reply that rests on a statement of contracts/assumptions.json.
struct GuessedReply {
  std::string_view statement;
  std::string method;
  std::string path;
  std::string body = {};
  std::vector<Header> headers = {};
  std::string source = "assumed";
};

constexpr const char* kFormHead =
    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
const std::vector<Header> kFormHeaders = {{"Content-Type", "multipart/form-data; boundary=x"}};
constexpr const char* kNobody = "01KRK1V46BXS73CSNK2VR00000";

std::string form_of(std::size_t bytes) {
  return kFormHead + std::string(bytes, 'x') + "\r\n--x--\r\n";
}

std::vector<GuessedReply> guessed_replies() {
  const std::string start = "/conversations/start";
  const std::string slack = std::string("/conversations/") + kSlackJob;
  const std::string list = "/agents/my-agent/conversations";
  const std::string plain = R"("agent_id": "my-agent", "prompt": "Hello")";
  const std::string unknown = kNobody;
  std::string eleven = "\"att_" + unknown + "\"";
  for (int i = 0; i < 10; ++i) eleven += ", \"att_" + unknown + "\"";
  return {
      {"scheme-case", "GET", "/agents", "", {{"Authorization", "bearer nr_test"}}},
      {"unknown-conversation", "GET", "/conversations/job_" + unknown + "/messages"},
      {"unknown-attachment", "GET", "/attachments/att_" + unknown},
      {"unknown-agent-id", "GET", "/agents/cci_" + unknown},
      {"id-of-another-kind", "GET", "/messages/job_" + unknown},
      {"ulid-over-128-bits", "GET", "/messages/cmsg_8" + unknown.substr(1)},
      {"ulid-over-128-bits", "GET", "/agents/cci_Z" + unknown.substr(1)},
      {"ulid-over-128-bits", "POST", start,
       R"({"prompt": "Hello", "agent_id": "cci_8)" + unknown.substr(1) + "\"}"},
      {"unknown-fields", "POST", start, "{" + plain + R"(, "colour": "red"})"},
      {"unknown-fields", "POST", "/agents",
       R"({"name": "New", "instances_count": 1, "colour": "red"})"},
      {"start-status", "POST", start, "{" + plain + "}", {}, "seed, status assumed"},
      {"continue-status",
       "POST",
       "/conversations/{job}/continue",
       R"({"prompt": "More"})",
       {},
       "documented, status assumed"},
      {"upload-status", "POST", "/attachments", form_of(1), kFormHeaders,
       "documented, status assumed"},
      {"start-with-null", "POST", start, "{" + plain + R"(, "ask_mode": null})"},
      {"start-with-null", "POST", start, "{" + plain + R"(, "attachment_ids": null})"},
      {"unknown-agent-of-a-start", "POST", start, R"({"agent_id": "nobody", "prompt": "Hello"})"},
      {"eleventh-attachment", "POST", start,
       "{" + plain + R"(, "attachment_ids": [)" + eleven + "]}"},
      {"origin-before-body", "POST", slack + "/continue", "{}"},
      {"origin-before-body", "POST", slack + "/continue", "no JSON"},
      {"bad-sort", "GET", list + "?sort=up"},
      {"bad-sort", "GET", list + "?updated_after=now"},
      {"empty-parameter", "GET", list + "?limit="},
      {"empty-parameter", "GET", list + "?sort="},
      {"offset-over-63-bits", "GET", list + "?offset=99999999999999999999"},
      {"next-cursor", "GET", list + "?cursor=foo"},
      {"other-origins-can-be-read", "GET", slack + "/messages"},
      {"instances-count-may-be-absent", "POST", "/agents", R"({"name": "New"})"},
      {"missing-part", "POST", "/attachments", "--x--\r\n", kFormHeaders},
      {"files-have-names", "POST", "/attachments",
       "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\r\n--x--\r\n", kFormHeaders},
      {"fifty-mebibytes", "POST", "/attachments", form_of(50'000'001), kFormHeaders},
      {"too-large", "POST", "/attachments", form_of(52'428'801), kFormHeaders},
      {"conversations-outlive-their-agent", "GET", "/conversations/{job}/messages"},
  };
}

// The others, by why no reply is marked for them.
const std::set<std::string_view> kNotMarked = {
    // What a good reply, or an error, says besides: so docs/nairi-mock.md.
    "errors-are-json", "error-texts-are-short", "list-fields", "walk-is-steady",
    "other-origins-are-listed", "slug-of-a-new-agent", "deploy-says", "padded-base64",
    // What is seen of messages and conversations over several replies.
    "retry-makes-active", "turns-in-order", "ends-after-25-hours", "updated-at-moves",
    "prompt-is-unchanged", "attachments-are-echoed", "first-status", "terminal-stays",
    "updated-not-before-created", "failed-run-sends-two", "other-failures-send-one",
    "notices-are-markdown", "reasons-of-completion", "end-order", "notices-follow",
    "error-after-an-answer", "failed-commit-has-no-answer", "deltas-and-the-answer",
    "tool-input-is-no-json", "tools-come-in-pairs", "descriptions-are-of-bash",
    "tools-of-other-agents", "heartbeat", "subagent-starts", "steps", "progress-status",
    "progress-after-the-answer", "tools-in-ask-mode", "no-commits-in-ask-mode",
    "empty-turn-has-no-answer", "claude-code-says-nothing", "timeout-after-an-hour",
    "empty-file-fails", "new-agents-are-not-deployed", "undeployed-waits",
    // No traffic shows it.
    "form-of-keys", "turn-of-a-revoked-key", "when-jobs-are-abandoned", "causes-of-abandoning",
    // Only faults answer so.
    "rate-limit",
    // To the key it is unknown; only with a knob of its own, which is a ledger's, it is more.
    "foreign-id", "foreign-attachment",
    // REFERENCE documents it of messages themselves.
    "unknown-message",
    // It takes a job that has ended: OfAContinuedJobThatHasEndedIsAssumed.
    "continue-when-ended",
    // The fake has no such route, and "assumed" is what it says of those.
    "creation-of-rules", "paths-of-vaults"};

// What such a reply says of itself, in a fake that knows a ledger.
std::string mark_of(const GuessedReply& guessed, const Fidelity& fidelity) {
  Fake it(default_world(), {.fidelity = fidelity});
  Api caller(it);
  const Started started = caller.start("my-agent", "Hello");
  if (guessed.statement == "conversations-outlive-their-agent") {
    caller.call("DELETE", "/agents/my-agent");
  }
  Request request{.method = guessed.method,
                  .target = "/api/public/v1" + guessed.path,
                  .headers = guessed.headers,
                  .body = guessed.body};
  const std::size_t job = request.target.find("{job}");
  if (job != std::string::npos) request.target.replace(job, 5, started.job);
  request.headers.push_back({"X-Mock-Fidelity", "1"});
  return std::string(header_value(caller.send(request).headers, "X-Mock-Fidelity"));
}

// So that the next one can't be forgotten.
TEST_F(FidelityMark, IsAssumedForEachGuessThatAReplyRestsOn) {
  std::set<std::string_view> marked;
  for (const GuessedReply& guessed : guessed_replies()) {
    marked.insert(guessed.statement);
    EXPECT_EQ(mark_of(guessed, {}), guessed.source) << guessed.statement << ": " << guessed.path;
    Fidelity ledger;
    ledger.statements[std::string(guessed.statement)] = {.verdict = SettledAs::confirmed,
                                                         .confirmed_on = "2026-11-26"};
    std::string confirmed = guessed.source;
    confirmed.replace(confirmed.find("assumed"), std::string_view("assumed").size(),
                      "confirmed 2026-11-26");
    EXPECT_EQ(mark_of(guessed, ledger), confirmed) << guessed.statement << ": " << guessed.path;
  }
  for (const Assumption& assumption : assumptions()) {
    if (assumption.id.starts_with("text-of-")) continue;  // of an error: what it says besides
    EXPECT_NE(marked.contains(assumption.id), kNotMarked.contains(assumption.id))
        << assumption.id << ": have a reply that rests on it in guessed_replies(), or say why not";
  }
}

TEST_F(FidelityMark, OfAContinuedJobThatHasEndedIsAssumed) {
  Fake it(world_of(R"({"agents": [{"agent_id": "bot"}],
      "jobs": [{"agent_id": "bot", "origin": "api", "status": "completed"}]})"));
  Api caller(it);
  const Json jobs = caller.get("/agents/bot/conversations").json().at("conversations");
  const Answer answer = caller.send({.method = "POST",
                                     .target = "/api/public/v1/conversations/" +
                                               jobs.at(0).at("id").get<std::string>() + "/continue",
                                     .headers = {{"X-Mock-Fidelity", "1"}},
                                     .body = R"({"prompt": "More"})"});
  EXPECT_EQ(header_value(answer.headers, "X-Mock-Fidelity"), "assumed");
}

TEST_F(FidelityMark, OfAPlainCallIsNotAssumed) {
  const std::string list = "/agents/my-agent/conversations";
  for (const char* query : {"", "?limit=0", "?offset=-1", "?status=no", "?sort=updated_at_asc"}) {
    EXPECT_EQ(of("GET", list + query), "documented") << query;
  }
  EXPECT_EQ(of("POST", "/conversations/start", R"({"agent_id": "my-agent", "prompt": null})"),
            "documented");
  EXPECT_EQ(of("GET", "/messages/cmsg_8"), "documented");
  EXPECT_EQ(of("POST", "/agents", R"({"name": "New", "instances_count": 1})"), "documented");
}

}  // namespace
}  // namespace nairi::mock::testing
