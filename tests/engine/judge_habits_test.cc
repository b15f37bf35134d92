// Whole clients by their habits, on ordinary traffic: right ones, of which nothing may be said, and
// wrong ones, each caught by a rule that must be kept.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/judged.h"

namespace nairi::mock::testing {
namespace {

// What the client does next, in the time that it lives in. All of one connection, unless it
// changes.
class Client : public Judged {
 public:
  Client& wait(std::int64_t ms) {
    now_ms_ += ms;
    return *this;
  }
  Client& on(int connection) {
    connection_ = static_cast<std::uint64_t>(connection);
    return *this;
  }
  Client& get(const std::string& path, Seen seen = {}) {
    seen.path = path;
    return call(std::move(seen));
  }
  Client& ask(const std::string& text, int number, Seen seen = {}) {
    seen.body = R"({"agent_id": "bot", "prompt": ")" + text + "\"}";
    return post("/conversations/start", number, number, std::move(seen));
  }
  Client& go_on(const std::string& text, int job, int number, Seen seen = {}) {
    seen.body = R"({"prompt": ")" + text + "\"}";
    return post("/conversations/job_" + std::to_string(job) + "/continue", job, number,
                std::move(seen));
  }
  Client& look(int number, const std::string& status, Seen seen = {}) {
    const std::string id = "cmsg_" + std::to_string(number);
    seen.path = "/messages/" + id;
    seen.reply = R"({"id": ")" + id + R"(", "status": ")" + status + "\"}";
    return call(std::move(seen));
  }
  // Of a job with a prompt of the same number.
  Client& read(int number, const std::string& status, Seen seen = {}) {
    seen.path = "/conversations/job_" + std::to_string(number) + "/messages";
    seen.reply = R"({"messages": [{"id": "cmsg_)" + std::to_string(number) + R"(", "status": ")" +
                 status + "\"}]}";
    return call(std::move(seen));
  }
  // Polls every 2 s, and sees the end.
  Client& finish(int number, int polls = 2) {
    for (int i = 0; i < polls; ++i) look(number, "pending").wait(2000);
    return look(number, "completed");
  }
  Client& call(Seen seen) {
    seen.at_ms = now_ms_;
    seen.connection = connection_;
    see(seen);
    return *this;
  }

 private:
  Client& post(const std::string& path, int job, int message, Seen seen) {
    seen.method = "POST";
    seen.path = path;
    seen.reply = R"({"job_id": "job_)" + std::to_string(job) + R"(", "message_id": "cmsg_)" +
                 std::to_string(message) + "\"}";
    return call(std::move(seen));
  }

  std::int64_t now_ms_ = 0;
  std::uint64_t connection_ = 1;
};

const Seen kUnavailable{.status = 503};
const Seen kGone{.status = 404};
const Seen kReset{.delivered = false};
const Seen kGarbled{.reply = "{\"mess", .struck = true};

Seen file(bool delivered = true) {
  return {.method = "POST", .path = "/attachments", .body = "bytes", .delivered = delivered};
}

struct Habit {
  const char* name;
  void (*act)(Client& client);
  const char* breaks = "";  // a rule; of several, the one that must be kept
};

void PrintTo(const Habit& habit, std::ostream* out) {
  *out << habit.name;
}

const std::vector<Habit> kRight = {
    {"PollsTheMessage", [](Client& it) { it.ask("go", 1).finish(1).read(1, "completed"); }},
    {"PollsTheTimeline",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 5; ++i) it.wait(2000).read(1, "pending");
       it.wait(2000).read(1, "completed");
     }},
    {"PollsMessageAndTimelineInTurn",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 5; ++i) it.wait(2000).look(1, "pending").read(1, "pending");
       it.wait(2000).look(1, "completed").read(1, "completed");
     }},
    {"UsesTwoConnectionsInTurn",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 6; ++i) it.wait(2000).on(1 + i % 2).look(1, "pending");
       it.wait(2000).on(1).look(1, "completed").on(2).read(1, "completed");
     }},
    {"HasParallelConversationsWithOnePrompt",
     [](Client& it) {
       it.on(1).ask("hello", 1).on(2).ask("hello", 2).on(3).ask("hello", 3);
       for (int i = 0; i < 3; ++i) {
         it.wait(2000);
         for (int n = 1; n <= 3; ++n) it.on(n).look(n, "pending");
       }
       it.wait(2000);
       for (int n = 1; n <= 3; ++n) it.on(n).look(n, "completed");
     }},
    {"HasSeveralWatchersOfOneTurn",
     [](Client& it) {
       it.ask("go", 1);
       for (int tab = 1; tab <= 4; ++tab) it.wait(1000).on(tab).look(1, "pending");
       for (int tab = 1; tab <= 4; ++tab) it.wait(1000).on(tab).look(1, "completed");
     }},
    {"ListsConversationsEverySecond",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 4; ++i) {
         it.wait(1000).get("/agents/bot/conversations").wait(1000).look(1, "pending");
       }
       it.wait(1000).look(1, "completed").get("/agents/bot/conversations");
     }},
    {"LooksUpTheAgentBeforeEachStart",
     [](Client& it) {
       for (int n = 1; n <= 3; ++n) it.get("/agents/bot").ask("go", n).wait(2000).finish(n);
     }},
    {"AsksTheSameAgainAfterItsTurnEnded",
     [](Client& it) {
       it.ask("go on", 1).finish(1).go_on("go on", 1, 2).finish(2).ask("go on", 3).finish(3);
     }},
    {"PollsWithGrowingPauses",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 6; ++i) it.wait(1000 << i).on(1 + i / 2).look(1, "pending");
       it.wait(64'000).look(1, "completed");
     }},
    {"OpensAConnectionAfterEachLongPause",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 8; ++i) it.wait(5000).on(2 + i).look(1, "pending");
       it.wait(5000).on(20).look(1, "completed");
     }},
    {"AbortsATurnByANewPrompt",
     [](Client& it) {
       it.ask("count", 1).wait(2000).look(1, "pending").go_on("stop", 1, 2).finish(2);
     }},
    {"DownloadsFiles",
     [](Client& it) {
       it.call(file()).ask("go", 1).finish(1).read(1, "completed");
       it.get("/attachments/att_1").get("/attachments/att_1").get("/attachments/att_2");
     }},
    {"AsksForHeads",
     [](Client& it) {
       it.ask("go", 1).finish(1);
       for (int i = 0; i < 4; ++i) it.call({.method = "HEAD", .path = "/messages/cmsg_1"});
     }},
    {"AsksWhatIsAllowed",
     [](Client& it) {
       const Seen options{.method = "OPTIONS", .headers = {{"User-Agent", "t/1"}}, .status = 405};
       it.call(options).call(options);
     }},
    {"TriesAgainWithANewKeyAfter401",
     [](Client& it) {
       Seen other;
       other.headers[0].value = "Bearer nr_other";
       it.get("/agents", {.status = 401}).get("/agents", other);
     }},
    {"CreatesWhatWasNotThere",
     [](Client& it) {
       it.get("/agents/bot", kGone);
       it.call({.method = "POST", .path = "/agents", .body = R"({"name": "bot"})", .status = 201});
       it.get("/agents/bot");
     }},
    {"PatchesWhatItDidNotFind",
     [](Client& it) {
       it.get("/agents/bot", kGone);
       it.call({.method = "PATCH", .path = "/agents/bot", .body = "{}", .status = 404});
     }},
    {"FindsWhatSomebodyElseCreated",
     [](Client& it) { it.get("/agents/bot", kGone).wait(3000).get("/agents/bot"); }},
    {"RunsOneFailingCommandTwice",
     [](Client& it) {
       it.on(1).get("/agents/bot").ask("go", 1, {.status = 400}).wait(300);
       it.on(2).get("/agents/bot").ask("go", 1, {.status = 400});
     }},
    {"IsAScriptOfSingleCalls",
     [](Client& it) {
       it.on(1).get("/agents").on(2).get("/agents/bot").on(3).ask("go", 1);
       it.wait(2000).on(4).look(1, "pending").wait(2000).on(5).look(1, "completed");
       it.on(6).read(1, "completed");
     }},
    {"RetriesReadsWithGrowingPauses",
     [](Client& it) {
       it.ask("go", 1).wait(2000).look(1, "", kUnavailable).wait(500).look(1, "", kUnavailable);
       it.wait(1000).on(2).look(1, "", kReset).wait(2000).on(3).finish(1);
     }},
    {"WaitsAsLongAsA429Asks",
     [](Client& it) {
       it.ask("go", 1).wait(2000);
       it.look(1, "", {.status = 429, .reply_headers = {{"Retry-After", "3"}}});
       it.wait(3000).finish(1);
     }},
    {"LooksBeforeItPostsAgain",
     [](Client& it) {
       it.get("/agents/bot/conversations").ask("go", 1, kReset).on(2);
       it.get("/agents/bot/conversations").ask("go", 1).finish(1);
     }},
    {"IsRunAgainByItsUserAfterAFailure",
     [](Client& it) {
       it.ask("go", 1, kReset).wait(20'000).on(2).ask("go", 2).wait(2000);
       it.look(2, "", kUnavailable).wait(500).look(2, "", kUnavailable);
       it.wait(20'000).on(3).ask("go", 3).finish(3);
     }},
    {"GivesUpAtADeadlineAndIsRunAgain",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 20; ++i) it.wait(500 + i).wait(1000).look(1, "pending");
       it.on(2).ask("go", 2).finish(2);
     }},
};

const std::vector<Habit> kWrong = {
    {"BeginsAnewAfterAStartThatWasCut",
     [](Client& it) { it.ask("go", 1, kReset).wait(1000).on(2).ask("go", 2).finish(2); },
     "no-blind-retry-of-post"},
    {"BeginsAnewAndLooksUpTheAgentAgain",
     [](Client& it) {
       it.get("/agents").get("/agents/bot").ask("go", 1, kReset).wait(1000).on(2);
       it.get("/agents").get("/agents/bot").ask("go", 2).finish(2);
     },
     "no-blind-retry-of-post"},
    {"BeginsAnewAfterAStartWithoutJson",
     [](Client& it) { it.ask("go", 1, {.status = 502}).on(2).ask("go", 2).finish(2); },
     "no-blind-retry-of-post"},
    {"DoesNotWaitForTheStart",
     [](Client& it) { it.ask("go", 1, {.delay_ms = 9000}).wait(5000).on(2).ask("go", 2); },
     "no-blind-retry-of-post"},
    {"BeginsAnewAfterAPollThatIsNotFound",
     [](Client& it) { it.ask("go", 1).wait(2000).look(1, "", kGone).ask("go", 2).finish(2); },
     "sends-a-prompt-once"},
    {"BeginsAnewAfterAPollThatWasReset",
     [](Client& it) {
       it.ask("go", 1).wait(2000).look(1, "", kReset).wait(2000).on(2).ask("go", 2).finish(2);
     },
     "sends-a-prompt-once"},
    {"BeginsAnewAfterRetriesInVain",
     [](Client& it) {
       it.ask("go", 1).wait(2000);
       for (int i = 0; i < 4; ++i) it.look(1, "", kUnavailable).wait(500 << i);
       it.ask("go", 2).finish(2);
     },
     "sends-a-prompt-once"},
    {"BeginsAnewAfterAGarbledTimeline",
     [](Client& it) {
       it.ask("go", 1).finish(1).get("/conversations/job_1/messages", kGarbled);
       it.ask("go", 2).finish(2).read(2, "completed");
     },
     "sends-a-prompt-once"},
    {"BeginsAnewAtItsDeadline",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 4; ++i) it.wait(2000).look(1, "queued");
       it.ask("go", 2).finish(2);
     },
     "sends-a-prompt-once"},
    {"BeginsAnewAfterALostFollowUp",
     [](Client& it) {
       it.ask("one", 1).finish(1).go_on("two", 1, 2, kReset).wait(500).on(2);
       it.ask("one", 3).finish(3).go_on("two", 3, 4).finish(4);
     },
     "sends-a-prompt-once"},
    {"FollowsUpWithTheSamePromptAfterAFailedRead",
     [](Client& it) {
       it.ask("go", 1).wait(2000).look(1, "", kUnavailable).go_on("go", 1, 2).finish(2);
     },
     "sends-a-prompt-once"},
    {"UploadsAndAsksAnewAfterALostStart",
     [](Client& it) {
       const auto with = [](const char* id) {
         return R"({"agent_id": "bot", "prompt": "go", "attachment_ids": [")" + std::string(id) +
                "\"]}";
       };
       Seen first{.method = "POST", .path = "/conversations/start", .body = with("att_1")};
       Seen second = first;
       first.delivered = false;
       second.body = with("att_2");
       second.reply = R"({"job_id": "job_2", "message_id": "cmsg_2"})";
       it.call(file()).call(first).on(2).call(file()).call(second).finish(2);
     },
     "no-blind-retry-of-post"},
    {"TakesQueuedForTheEnd", [](Client& it) { it.ask("go", 1).look(1, "queued"); },
     "polls-until-terminal"},
    {"TakesAnotherAnswerForItsOwn",
     [](Client& it) {
       it.ask("one", 1).finish(1).go_on("two", 1, 2).wait(1000).look(2, "pending");
       it.read(1, "completed");
     },
     "polls-until-terminal"},
    {"NeverStops",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 6; ++i) it.wait(2000).on(1 + i % 2).look(1, "completed");
     },
     "stops-after-terminal"},
    {"NeverStopsWithAConnectionForEachPoll",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 6; ++i) it.wait(2000).on(2 + i).look(1, "completed");
     },
     "stops-after-terminal"},
    {"RetriesARefusedRequest",
     [](Client& it) { it.get("/agents/x", kGone).wait(500).get("/agents/x", kGone); },
     "no-retry-on-4xx"},
    {"PollsAMessageThatIsNotFound",
     [](Client& it) {
       it.ask("go", 1);
       for (int i = 0; i < 3; ++i) it.wait(2000).on(1 + i % 2).look(1, "", kGone);
     },
     "no-retry-on-4xx"},
    {"AsksForSomethingElseAfterA429",
     [](Client& it) {
       it.ask("go", 1).look(1, "", {.status = 429, .reply_headers = {{"Retry-After", "9"}}});
       it.wait(2000).read(1, "completed");
     },
     "retry-after"},
    {"ComesBackTooEarlyAfterA503",
     [](Client& it) {
       it.ask("go", 1).look(1, "", {.status = 503, .reply_headers = {{"Retry-After", "9"}}});
       it.wait(2000).look(1, "completed");
     },
     "retry-after"},
    {"ForgetsTheKey",
     [](Client& it) { it.ask("go", 1).finish(1).get("/attachments/att_1", {.headers = {}}); },
     "auth-on-every-call"},
};

class OfRight : public ::testing::TestWithParam<Habit> {};

TEST_P(OfRight, ClientsNothingBadIsSaid) {
  Client client;
  GetParam().act(client);
  for (const Verdict& verdict : client.verdicts().verdicts) {
    EXPECT_NE(verdict.outcome, RuleOutcome::broken)
        << verdict.rule << ": " << verdict.sentence << ": " << verdict.evidence[0].text;
  }
}

INSTANTIATE_TEST_SUITE_P(Habits, OfRight, ::testing::ValuesIn(kRight),
                         [](const auto& habit) { return std::string(habit.param.name); });

class OfWrong : public ::testing::TestWithParam<Habit> {};

TEST_P(OfWrong, ClientsARuleIsBroken) {
  Client client;
  GetParam().act(client);
  const Verdict verdict = client.verdict(GetParam().breaks);
  EXPECT_EQ(verdict.level, RuleLevel::must);
  EXPECT_EQ(to_string(verdict.outcome), "broken") << verdict.sentence;
}

INSTANTIATE_TEST_SUITE_P(Habits, OfWrong, ::testing::ValuesIn(kWrong),
                         [](const auto& habit) { return std::string(habit.param.name); });

}  // namespace
}  // namespace nairi::mock::testing
