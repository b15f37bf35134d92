// A world that is made from a recording plays what was recorded: each story is told to a client by
// a fake that plays some world, recorded, and told again from the world that was made of it.
#include "harness/recording/world_builder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nairi/mock/fake.h"
#include "nairi/mock/world_file.h"
#include "text/timestamp.h"

namespace nairi::contracts {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kMs = 1000;
const std::string kPrefix = "/api/public/v1";
const std::string kSlackJob = "job_01KRK1V46BXS73CSNK2VR35NPJ";

// A client of a fake, and what it was told.
class Session {
 public:
  Session(mock::World world, mock::ClockMode clock, WorldBuilder* recorder)
      : fake_(std::move(world), {.clock = clock}), clock_(clock), recorder_(recorder) {}

  void wait(std::int64_t ms) {
    now_us_ += ms * kMs;
    if (clock_ == mock::ClockMode::virtual_time) fake_.advance(ms);
  }

  struct Turn {
    std::string job;
    std::string message;
  };
  Turn start(const std::string& prompt, Json more = Json::object()) {
    more["agent_id"] = "helper";
    more["prompt"] = prompt;
    return turn_of(call("POST", "/conversations/start", more.dump()));
  }
  Turn go_on(const std::string& job, const std::string& prompt) {
    return turn_of(
        call("POST", "/conversations/" + job + "/continue", Json{{"prompt", prompt}}.dump()));
  }
  std::string poll(const Turn& turn) {
    const Json message = call("GET", "/messages/" + turn.message);
    return message.value("status", "");
  }
  void timeline(const std::string& job) { call("GET", "/conversations/" + job + "/messages"); }
  void list() { call("GET", "/agents/helper/conversations"); }

  // Whatever becomes of it is told.
  Json call(const std::string& method, const std::string& path, const std::string& body = {}) {
    mock::Request request = {.method = method, .target = kPrefix + path, .body = body};
    request.headers = {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}};
    const std::int64_t began_us = now_us_;
    const bool is_recorded = recorder_ != nullptr;
    if (is_recorded) wait(on_the_way_ms);
    const mock::Reply reply = fake_.handle(request);
    if (!is_recorded) wait(on_the_way_ms);
    const bool is_whole = reply.wire.ending == mock::WireFault::Ending::whole;
    const Json json = Json::parse(is_whole ? reply.body : "", nullptr, false);
    told.push_back(method + " " + plain(path) + ": " +
                   (is_whole ? std::to_string(reply.status) : std::string("broken off")) +
                   retry_of(reply) + " " + shown(json, reply.body, is_whole));
    record(request, path, reply, is_whole, began_us);
    wait(1);
    return json.is_object() ? json : Json::object();
  }

  std::vector<std::string> told;
  std::string key = "nr_a";
  // What a recorder takes out of bodies, and the placeholders that it leaves there.
  std::map<std::string, std::string> taken_out;
  // How long a call takes to a service; a replay has it when the recorder had it.
  std::int64_t on_the_way_ms = 0;

 private:
  static Turn turn_of(const Json& reply) {
    return {reply.value("job_id", "job_none"), reply.value("message_id", "cmsg_none")};
  }

  static std::string retry_of(const mock::Reply& reply) {
    const std::string* header = mock::find_header(reply.headers, "Retry-After");
    return header == nullptr ? "" : " retry after " + *header;
  }

  static std::string replaced(std::string text, const std::map<std::string, std::string>& names) {
    for (const auto& [id, name] : names) {
      for (auto at = text.find(id); at != std::string::npos; at = text.find(id, at)) {
        text.replace(at, id.size(), name);
      }
    }
    return text;
  }

  std::string plain(const std::string& text) const { return replaced(text, names_); }

  void name(const Json& object, const char* field) {
    if (!object.contains(field) || !object[field].is_string()) return;
    const auto id = object[field].get<std::string>();
    names_.try_emplace(id, id.substr(0, id.find('_')) + "#" + std::to_string(names_.size()));
  }

  std::string shown(const Json& json, const std::string& body, bool is_whole) {
    if (json.is_discarded()) return is_whole ? body.substr(0, 20) : "";
    Json all = json;
    const auto strip = [this](Json& object) {
      for (const char* id : {"id", "job_id", "message_id"}) name(object, id);
      object.erase("created_at");
      object.erase("updated_at");
    };
    if (all.is_object()) strip(all);
    for (const char* list : {"messages", "conversations"}) {
      if (!all.is_object() || !all.contains(list)) continue;
      for (Json& one : all[list]) strip(one);
    }
    return plain(all.dump());
  }

  void record(const mock::Request& request, const std::string& path, const mock::Reply& reply,
              bool is_whole, std::int64_t began_us) {
    if (recorder_ == nullptr) return;
    RecordedExchange exchange;
    exchange.number = ++count_;
    exchange.key = key == "nr_a" ? "key-1" : "key-2";
    constexpr std::int64_t kBegan = 1'795'000'000'000;
    mock::append_timestamp(exchange.at, kBegan + (now_us_ / kMs));
    exchange.began_us = began_us;
    exchange.ended_us = now_us_ + 200 + (reply.delay_ms * kMs);
    exchange.method = request.method;
    exchange.target = path;
    exchange.request_body = {replaced(request.body, taken_out), request.body.size()};
    exchange.status = reply.status;
    exchange.reply_headers = {{"content-type", reply.content_type}};
    if (const auto* header = mock::find_header(reply.headers, "Retry-After")) {
      exchange.reply_headers.push_back({"retry-after", *header});
    }
    exchange.reply_body = {replaced(reply.body, taken_out), reply.body.size()};
    if (!is_whole) {
      exchange.ending =
          reply.wire.ending == mock::WireFault::Ending::reset ? Ending::reset : Ending::none;
      exchange.status = 0;
      exchange.reply_body = {};
    }
    recorder_->add(exchange);
    // It loads at any time.
    const auto world = mock::parse_world(recorder_->world_json(), source(*recorder_));
    ASSERT_TRUE(world) << mock::to_string(world.error(), "\n") << recorder_->world_json();
  }

 public:
  static mock::WorldSource source(const WorldBuilder& builder) {
    std::map<std::string, std::shared_ptr<const std::string>> files;
    for (const mock::File& file : builder.files()) files[file.filename] = file.bytes;
    mock::WorldSource source;
    source.open_file = [files](const std::string& path)
        -> tl::expected<std::shared_ptr<const std::string>, std::string> {
      const auto found = files.find(path);
      if (found == files.end()) return tl::unexpected(std::string("no such file"));
      return found->second;
    };
    return source;
  }

 private:
  mock::Fake fake_;
  mock::ClockMode clock_;
  WorldBuilder* recorder_;
  std::map<std::string, std::string> names_;
  std::int64_t now_us_ = 0;
  std::uint64_t count_ = 0;
};

using Story = std::function<void(Session&)>;

mock::World world_of(const std::string& json) {
  auto world = mock::parse_world(json, {.has_files = false});
  if (!world) throw std::runtime_error(mock::to_string(world.error(), "\n"));
  return std::move(*world);
}

// Records the story under the virtual clock, and gives the world that was made of it.
std::string recorded(const std::string& world, const Story& story, std::vector<std::string>& told) {
  WorldBuilder builder;
  Session session(world_of(world), mock::ClockMode::virtual_time, &builder);
  story(session);
  told = session.told;
  return builder.world_json();
}

std::string is_told_again(const std::string& world, const Story& story) {
  std::vector<std::string> told;
  const std::string made = recorded(world, story, told);
  EXPECT_GT(told.size(), 2U);
  for (const auto clock : {mock::ClockMode::poll, mock::ClockMode::virtual_time}) {
    Session again(world_of(made), clock, nullptr);
    story(again);
    const auto [was, now] =
        std::mismatch(told.begin(), told.end(), again.told.begin(), again.told.end());
    const bool same = was == told.end() && now == again.told.end();
    EXPECT_TRUE(same) << (clock == mock::ClockMode::poll ? "poll, " : "virtual, ")
                      << (was - told.begin()) << "\n  recorded "
                      << (was == told.end() ? "nothing" : *was) << "\n  replayed "
                      << (now == again.told.end() ? "nothing" : *now) << "\n"
                      << made;
  }
  return made;
}

// How a client looks at a turn until it is over, in this or that habit.
void poll_only(Session& session, const Session::Turn& turn) {
  for (int i = 0; i < 20; ++i) {
    const std::string status = session.poll(turn);
    if (status == "completed" || status == "failed") return;
    session.wait(100);
  }
}
void timeline_only(Session& session, const Session::Turn& turn, int times) {
  for (int i = 0; i < times; ++i) {
    session.timeline(turn.job);
    session.wait(100);
  }
}
void both(Session& session, const Session::Turn& turn) {
  for (int i = 0; i < 20; ++i) {
    const std::string status = session.poll(turn);
    session.timeline(turn.job);
    if (status == "completed" || status == "failed") return;
    session.wait(100);
  }
}

const std::string kWorld = R"json({
  "agents": [{"agent_id": "helper"}],
  "jobs": [{"agent_id": "helper", "id": "job_01KRK1V46BXS73CSNK2VR35NPJ", "messages": [
             {"role": "user", "content": "Before"}, {"role": "assistant", "content": "It was."}]},
           {"agent_id": "helper", "id": "job_01KRK1V46BXS73CSNK2VR35NPK", "messages": [
             {"role": "user", "content": "Still at it?", "status": "pending"}],
            "timeline": [{"status": "pending", "ms": 350}, {"status": "completed", "reply": "No."}]}],
  "turns": [
    {"when": {"prompt": {"contains": "fails"}}, "timeline": [
      {"status": "queued", "ms": 150}, {"status": "pending", "ms": 250},
      {"status": "failed", "error": ["no host", "failed: no {{{{ host"], "system": ["Before that"]}]},
    {"when": {"prompt": {"contains": "odd"}}, "timeline": [
      {"status": "pending", "ms": 250}, {"status": "failed", "system": ["It went wrong."]}]},
    {"when": {"prompt": {"contains": "notices"}}, "timeline": [
      {"status": "pending", "ms": 250, "system": ["Looking"],
       "progress": [{"progress_type": "step", "summary": "One"}, {"progress_type": "strange", "n": 3}]},
      {"status": "completed", "reply": "Done in {{job_id}}", "later": [
        {"ms": 50, "system": ["Agent opened a pull request"]},
        {"ms": 300, "job_status": "completed", "reason": "merged"}]}]},
    {"when": {"prompt": {"contains": "draft"}}, "timeline": [
      {"status": "pending", "ms": 150},
      {"status": "pending", "ms": 350, "messages": [
        {"role": "assistant", "status": "pending", "content": "Well…"}]},
      {"status": "completed", "reply": "Well, yes.", "usage": {"cost_usd": 0.5, "input_tokens": 1,
        "output_tokens": 2, "cache_read_tokens": 3, "cache_write_tokens": 4, "model": "m"}}]},
    {"when": {"prompt": {"contains": "early"}}, "timeline": [
      {"status": "pending", "ms": 150},
      {"status": "pending", "ms": 350, "messages": [{"role": "assistant", "content": "Here it is."}]},
      {"status": "completed"}]},
    {"when": {"prompt": {"contains": "never"}}, "timeline": [
      {"status": "queued", "ms": 250}, {"status": "pending"}]},
    {"when": {"prompt": {"equals": "Roll"}}, "times": 1, "timeline": [
      {"status": "pending", "ms": 150}, {"status": "completed", "reply": "One"}]},
    {"when": {"prompt": {"equals": "Roll"}}, "times": 2, "timeline": [
      {"status": "pending", "ms": 250}, {"status": "completed", "reply": "Two"}]},
    {"when": {"prompt": {"equals": "Roll"}}, "timeline": [
      {"status": "queued", "ms": 50}, {"status": "completed", "reply": "Three"}]},
    {"timeline": [
      {"status": "queued", "ms": 150},
      {"status": "pending", "ms": 300, "progress": [
        {"progress_type": "text", "text_delta": "You "}, {"progress_type": "text", "text_delta": "said"},
        {"progress_type": "thinking", "summary": "Hm"}]},
      {"status": "completed", "reply": "You said {{prompt}} ({{turn}})"}]}
  ]})json";

TEST(ReplayedWorld, TellsAClientThatPollsMessagesAlone) {
  is_told_again(kWorld, [](Session& session) {
    const auto first = session.start("Hello");
    poll_only(session, first);
    poll_only(session, session.go_on(first.job, "And on"));
    poll_only(session, session.start("This fails"));
  });
}

TEST(ReplayedWorld, TellsAClientThatReadsTimelinesAlone) {
  is_told_again(kWorld, [](Session& session) {
    timeline_only(session, session.start("Hello"), 7);
    timeline_only(session, session.start("It fails"), 6);
    timeline_only(session, session.start("With notices"), 9);
    timeline_only(session, session.start("An odd one"), 5);
  });
}

TEST(ReplayedWorld, TellsAClientThatDoesBoth) {
  is_told_again(kWorld, [](Session& session) {
    for (const char* prompt : {"Hello", "It fails", "With notices", "A draft", "Be early", "odd"}) {
      both(session, session.start(prompt));
    }
  });
}

TEST(ReplayedWorld, KeepsWhatCameBehindAnAnswerBeforeAPromptThatWasOnItsWay) {
  is_told_again(kWorld, [](Session& session) {
    const auto first = session.start("With notices");
    session.wait(250);
    session.poll(first);
    session.on_the_way_ms = 60;
    const auto second = session.go_on(first.job, "And on");
    session.on_the_way_ms = 0;
    both(session, second);
  });
}

TEST(ReplayedWorld, KeepsDraftsAndAnswersThatCameEarly) {
  is_told_again(kWorld, [](Session& session) {
    timeline_only(session, session.start("A draft"), 8);
    timeline_only(session, session.start("Be early"), 8);
  });
}

TEST(ReplayedWorld, AnswersTheSamePromptInTheOrderThatWasSeen) {
  const std::string made = is_told_again(kWorld, [](Session& session) {
    for (int i = 0; i < 5; ++i) both(session, session.start("Roll"));
  });
  EXPECT_THAT(made, HasSubstr("\"times\": 1"));
}

TEST(ReplayedWorld, KeepsConversationsApartThatRunAtTheSameTime) {
  is_told_again(kWorld, [](Session& session) {
    const auto one = session.start("Hello");
    session.wait(70);
    const auto two = session.start("This fails");
    for (int i = 0; i < 8; ++i) {
      session.poll(one);
      session.wait(30);
      session.timeline(two.job);
      session.poll(two);
      session.wait(40);
    }
    session.timeline(one.job);
  });
}

TEST(ReplayedWorld, LetsASecondPromptWaitForTheFirst) {
  is_told_again(kWorld, [](Session& session) {
    const auto one = session.start("Hello");
    session.poll(one);
    session.wait(200);
    const auto two = session.go_on(one.job, "With notices");
    for (int i = 0; i < 10; ++i) {
      session.poll(i % 2 == 0 ? one : two);
      session.timeline(one.job);
      session.wait(100);
    }
  });
}

TEST(ReplayedWorld, GoesOnFromATurnThatNobodyLookedAtAnyMore) {
  is_told_again(kWorld, [](Session& session) {
    const auto one = session.start("Hello");
    session.poll(one);
    session.wait(900);
    both(session, session.go_on(one.job, "Again"));
  });
}

TEST(ReplayedWorld, HasConversationsThatWereThereBefore) {
  const std::string made = is_told_again(kWorld, [](Session& session) {
    session.list();
    session.timeline(kSlackJob);
    both(session, session.go_on(kSlackJob, "Hello again"));
    const std::string running = "job_01KRK1V46BXS73CSNK2VR35NPK";
    for (int i = 0; i < 5; ++i) {
      session.timeline(running);
      session.wait(100);
    }
    session.list();
  });
  EXPECT_THAT(made, HasSubstr("Still at it?"));
}

TEST(ReplayedWorld, ContinuesAConversationThatNoCallHadShown) {
  const std::string made = is_told_again(kWorld, [](Session& session) {
    const auto turn = session.go_on(kSlackJob, "Hello again");
    both(session, turn);
  });
  EXPECT_THAT(made, HasSubstr(kSlackJob));  // the client knows it by itself
}

TEST(ReplayedWorld, NamesNoIdThatTheServiceMade) {
  std::vector<std::string> told;
  std::string job;
  const std::string made = recorded(
      kWorld,
      [&job](Session& session) {
        const auto turn = session.start("With notices");
        job = turn.job;
        both(session, turn);
      },
      told);
  EXPECT_EQ(made.find(job), std::string::npos);
  EXPECT_THAT(made, HasSubstr("Done in {{job_id}}"));
}

TEST(ReplayedWorld, LoadsWhereAnIdStandsInBraces) {
  std::vector<std::string> told;
  recorded(
      R"json({"agents": [{"agent_id": "helper"}], "turns": [
        {"when": {"turn": 2}, "timeline": [{"status": "completed", "reply": "{{prompt}}"}]}]})json",
      [](Session& session) {
        const auto turn = session.start("Hello");
        both(session, turn);
        const std::string& job = turn.job;
        both(session, session.go_on(job, "{" + job + "} {{" + job + "}} {{{" + job + "}}}"));
      },
      told);
  EXPECT_GT(told.size(), 4U);
}

TEST(ReplayedWorld, KnowsAPromptOfWhichSecretsWereTakenOut) {
  const std::string made = is_told_again(kWorld, [](Session& session) {
    session.taken_out = {{"ACME-1", "[redacted]"}, {"nr_a", "key-1"}, {"PEM\\n1", "key-12"}};
    both(session, session.start("ACME-1 (a+b? [c]) \\d fails for $1\n{{prompt}}, \"nr_a\" and so"));
    const auto turn = session.start("With notices of nr_aACME-1 \xC3\xA4 PEM\n1");
    both(session, turn);
    both(session, session.go_on(turn.job, "This fails in ACME-1 " + turn.job + "."));
  });
  EXPECT_EQ(made.find("equals"), std::string::npos);
}

TEST(ReplayedWorld, KnowsAPromptInWhoseUrlASecretStood) {
  is_told_again(kWorld, [](Session& session) {
    session.taken_out = {{"a%3Db%20ACME-1", "a=b%20%5Bredacted%5D"}};
    both(session, session.start("What fails at https://a.example/?q=a%3Db%20ACME-1&c, then?"));
  });
}

TEST(ReplayedWorld, AsksFirstForThePromptsOfWhichMostIsLeft) {
  const std::string made = is_told_again(kWorld, [](Session& session) {
    session.taken_out = {{"My notices", "[redacted]"}, {"My draft", "[redacted]"}};
    both(session, session.start("My notices"));
    both(session, session.start("Be My notices"));
    both(session, session.start("Be My draft early"));
    both(session, session.start("This fails"));
    both(session, session.start("My draft"));
  });
  EXPECT_THAT(made, HasSubstr("\"^(?s:.*)$\""));
}

TEST(ReplayedWorld, LoadsHoweverLongAPromptIsThatItKnowsByAPattern) {
  const std::string made = is_told_again(kWorld, [](Session& session) {
    session.taken_out = {{"ACME-1", "[redacted]"}};
    const auto turn = session.start("This ACME-1" + std::string(100'000, 'x') + " fails");
    session.wait(500);
    session.poll(turn);
    session.timeline(turn.job);
    session.start("ACME-1" + std::string(100'000, 'x'));
  });
  EXPECT_THAT(made, HasSubstr("x fails\",\n          \"regex\": \"^This\\\\ (?s:.*)$\"\n"));
}

TEST(ReplayedWorld, StopsWhereTheRecordingStopped) {
  const std::string made = is_told_again(kWorld, [](Session& session) {
    const auto turn = session.start("It never ends");
    for (int i = 0; i < 5; ++i) {
      session.poll(turn);
      session.wait(100);
    }
  });
  EXPECT_THAT(made, HasSubstr("the recording ended before this turn did"));
}

TEST(ReplayedWorld, HasTheFailuresOfTheServiceAtTheSameCalls) {
  std::string world = kWorld;
  world.insert(world.rfind('}'), R"(, "faults": [
    {"at": "start#1", "do": {"status": 500, "error": "oops"}},
    {"at": "poll#2", "times": 2, "do": {"status": 429, "retry_after_s": 7}},
    {"at": "poll#5", "do": {"status": 503, "body": "<h1>Busy</h1>"}},
    {"at": "messages#2", "do": {"reset_after_bytes": 0, "executed": false}},
    {"at": "messages#3", "do": {"empty_response": true, "executed": false}},
    {"at": "messages#4", "do": {"malformed_json": true}},
    {"at": "continue#1", "do": {"status": 400, "error": "no", "executed": false}}])");
  const std::string made = is_told_again(world, [](Session& session) {
    session.start("Hello");
    const auto turn = session.start("Hello");
    for (int i = 0; i < 8; ++i) {
      session.poll(turn);
      session.timeline(turn.job);
      session.wait(100);
    }
    session.go_on(turn.job, "And on");
    both(session, session.go_on(turn.job, "And on"));
  });
  EXPECT_THAT(made, HasSubstr("poll#2"));
}

TEST(ReplayedWorld, KnowsAPromptWhoseReplyWasLost) {
  std::string world = kWorld;
  world.insert(world.rfind('}'), R"(, "faults": [
    {"at": "continue#1", "do": {"reset_after_bytes": 0}}])");
  const std::string made = is_told_again(world, [](Session& session) {
    const auto turn = session.start("Hello");
    poll_only(session, turn);
    session.go_on(turn.job, "And on");
    for (int i = 0; i < 7; ++i) {
      session.timeline(turn.job);
      session.wait(100);
    }
  });
  EXPECT_THAT(made, HasSubstr("\"executed\": true"));
}

TEST(ReplayedWorld, MarksWhatNoReadShowed) {
  std::vector<std::string> told;
  const std::string made = recorded(
      kWorld,
      [](Session& session) {
        const auto turn = session.start("Hello");
        session.wait(2000);
        session.poll(turn);
        session.timeline(turn.job);
      },
      told);
  EXPECT_THAT(made, HasSubstr("no read showed this"));
}

TEST(RecordedWorld, LoadsWhateverStatusWasBrokenOff) {
  for (const int status : {100, 204, 302, 304, 404, 503, 600, 999}) {
    for (const Ending ending : {Ending::cut, Ending::reset, Ending::whole}) {
      WorldBuilder builder;
      builder.add({.number = 1,
                   .key = "key-1",
                   .at = "2026-11-26T15:00:00.000Z",
                   .method = "GET",
                   .target = "/agents",
                   .status = status,
                   .reply_body = {.kept = "<html>moved", .bytes = 11},
                   .ending = ending});
      const auto world = mock::parse_world(builder.world_json(), {.has_files = false});
      EXPECT_TRUE(world) << status << builder.world_json();
    }
  }
}

}  // namespace
}  // namespace nairi::contracts
