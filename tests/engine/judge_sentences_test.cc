// What is said of a rule that nothing put to the test: it must be true of whatever came. Each
// situation comes as near to the rule as it can without putting it to the test.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "engine/judged.h"

namespace nairi::mock::testing {
namespace {

struct Situation {
  const char* name;
  const char* rule;
  void (*act)(Judged& judged);
  const char* sentence;
};

void PrintTo(const Situation& situation, std::ostream* out) {
  *out << situation.name;
}

Seen refused(int status, bool whole_head) {
  return {.headers = {}, .status = status, .refusal = "it was refused", .whole_head = whole_head};
}

constexpr const char* kNoUntil =
    "no turn that the client began was seen to end, or left where that tells more";
constexpr const char* kNoReads =
    "no GET that was cut or answered 429, 502, 503 or 504 needed another try";
constexpr const char* kNoWait = "no request came for which Retry-After had set a time";
constexpr const char* kNoOnce = "the client got no reply that accepts a prompt";
constexpr const char* kNoPace = "no prompt of the client was polled again after queued or pending";
constexpr const char* kNoRefused = "no answer 400, 401 or 404 came whole";
constexpr const char* kNoBlind = "no POST but uploads failed in a way that leaves its outcome open";
constexpr const char* kNoBackoff =
    "no request was retried twice after whole replies 429 or 5xx without Retry-After";
constexpr const char* kNoPages =
    "no list of conversations had more pages when it was last read whole";

const std::vector<Situation> kSituations = {
    {"ATurnWasCutShort", "polls-until-terminal",
     [](Judged& it) { it.start().poll("pending").go_on(); }, kNoUntil},
    {"ATurnCouldNotBeRead", "polls-until-terminal",
     [](Judged& it) { it.start().poll("pending").poll("pending", {.status = 503}); }, kNoUntil},
    {"ATurnWasLookedAtOnce", "polls-until-terminal",
     [](Judged& it) { it.start().timeline("pending"); }, kNoUntil},
    {"AForeignTurnWasPolled", "polls-until-terminal",
     [](Judged& it) { it.poll("pending").poll("pending"); }, kNoUntil},
    {"AForeignTurnWasPolledToItsEnd", "stops-after-terminal",
     [](Judged& it) { it.poll("pending").poll("completed"); },
     "no turn that the client began was seen to end"},
    {"TheReplyToAPromptWasLost", "sends-a-prompt-once",
     [](Judged& it) { it.start({.delivered = false}); }, kNoOnce},
    {"APromptWasRefused", "sends-a-prompt-once", [](Judged& it) { it.start({.status = 400}); },
     kNoOnce},
    {"APollWasRetried", "polls-no-faster-than-asked",
     [](Judged& it) { it.start().poll("queued", {.status = 503}).poll("completed"); }, kNoPace},
    {"AForeignMessageWasPolled", "polls-no-faster-than-asked",
     [](Judged& it) { it.poll("pending").poll("pending"); }, kNoPace},
    {"ARefusalWasCut", "no-retry-on-4xx",
     [](Judged& it) { it.see({.status = 404, .delivered = false}); }, kNoRefused},
    {"ARefusalOfAnotherKind", "no-retry-on-4xx",
     [](Judged& it) { it.see(refused(413, true)).see({.status = 405}); }, kNoRefused},
    {"AnUploadWasLost", "no-blind-retry-of-post",
     [](Judged& it) { it.see({.method = "POST", .path = "/attachments", .delivered = false}); },
     kNoBlind},
    {"APostWasTooMuch", "no-blind-retry-of-post",
     [](Judged& it) { it.start({.status = 429}).start({.status = 400}); }, kNoBlind},
    {"APromptWasLost", "uploads-a-file-once", [](Judged& it) { it.start({.delivered = false}); },
     "no upload failed in a way that leaves its outcome open"},
    {"RetryAfterCouldNotBeRead", "retry-after",
     [](Judged& it) {
       it.see({.status = 503, .reply_headers = {{"Retry-After", "soon"}}}).see({});
     },
     kNoWait},
    {"AnotherRequestCameAfterA503", "retry-after",
     [](Judged& it) {
       it.see({.status = 503, .reply_headers = {{"Retry-After", "9"}}}).see({.path = "/agents/a"});
     },
     kNoWait},
    {"RetriesWereUnderRetryAfter", "backoff-grows",
     [](Judged& it) {
       const Seen busy{.status = 503, .reply_headers = {{"Retry-After", "0"}}, .at_ms = 0};
       it.see(busy).see(busy).see(busy);
     },
     kNoBackoff},
    {"RetriesWereOfCutReplies", "backoff-grows",
     [](Judged& it) {
       const Seen cut{.status = 503, .delivered = false};
       it.see(cut).see(cut).see(cut);
     },
     kNoBackoff},
    {"AFailedPollNeededNoRetry", "retries-idempotent-reads",
     [](Judged& it) { it.start().poll("pending", {.status = 503}).timeline("completed"); },
     kNoReads},
    {"AFailedPollWasOfATurnThatWasCutShort", "retries-idempotent-reads",
     [](Judged& it) { it.start().poll("pending", {.delivered = false}).go_on(); }, kNoReads},
    {"AHeadWasNotRead", "auth-on-every-call", [](Judged& it) { it.see(refused(431, false)); },
     "no request to the API came whose header fields were read"},
    {"ANameWasNotRead", "user-agent", [](Judged& it) { it.see(refused(431, false)); },
     "no request came whose header fields were all read"},
    {"APathOfNoOperation", "encodes-path",
     [](Judged& it) { it.see({.path = "/a/b%20c", .status = 404}); },
     "no path of an operation had anything to encode"},
    {"AnUpdateCame", "valid-requests",
     [](Judged& it) { it.see({.method = "PATCH", .path = "/agents/bot", .body = "{}"}); },
     "no prompt, upload or new agent came whole"},
    {"AnotherSchemeCame", "key-is-filled-in",
     [](Judged& it) {
       it.see({.headers = {{"Authorization", "Basic eDp5"}}});
     },
     "no request came with a bearer key"},
    {"AQueryOfNoOperation", "known-parameters",
     [](Judged& it) { it.see({.path = "/nowhere?page=1", .status = 404}); },
     "no operation was called with query parameters"},
    {"MoreRequestsWereCut", "reuses-connections",
     [](Judged& it) {
       for (std::uint64_t i = 1; i < 9; ++i) it.see({.delivered = i < 4, .connection = i});
     },
     "fewer than four requests with whole replies came over connections"},
    {"AListShrank", "reads-all-pages",
     [](Judged& it) {
       it.see({.path = "/agents/bot/conversations", .reply = R"({"next_cursor": "c"})"});
       it.see({.path = "/agents/bot/conversations", .reply = R"({"next_cursor": null})"});
     },
     kNoPages},
    {"AListWasCut", "reads-all-pages",
     [](Judged& it) {
       it.see({.path = "/agents/bot/conversations",
               .reply = R"({"next_cursor": "c"})",
               .delivered = false});
     },
     kNoPages},
    {"AForeignTurnEnded", "polls-per-answer", [](Judged& it) { it.poll("completed"); },
     "no turn that the client began was seen to end"},
    {"NobodyKeptTheTime", "time-to-answer", [](Judged& it) { it.start().poll("completed"); },
     "no turn that the client began was seen to end in a time that anybody kept"},
    {"NothingCame", "bytes", [](Judged&) {}, "0 sent and 0 received in 0 requests"},
};

class OfWhatIsNotSeen : public ::testing::TestWithParam<Situation> {};

TEST_P(OfWhatIsNotSeen, TheSentenceIsTrue) {
  Judged judged;
  GetParam().act(judged);
  const Verdict verdict = judged.verdict(GetParam().rule);
  EXPECT_EQ(to_string(verdict.outcome), "not_seen") << verdict.sentence;
  EXPECT_EQ(verdict.sentence, GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(Situations, OfWhatIsNotSeen, ::testing::ValuesIn(kSituations),
                         [](const auto& it) { return std::string(it.param.name); });

TEST(Sentences, AreEachTried) {
  std::set<std::string_view> tried;
  for (const Situation& situation : kSituations) tried.insert(situation.rule);
  for (const Verdict& verdict : Judged().verdicts().verdicts) {
    EXPECT_TRUE(tried.contains(verdict.rule)) << verdict.rule;
  }
}

TEST(Sentences, CountOneRequestAsOne) {
  EXPECT_EQ(Judged().see({}).verdict("bytes").sentence, "0 sent and 2 received in 1 request");
}

}  // namespace
}  // namespace nairi::mock::testing
