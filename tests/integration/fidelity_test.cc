// `nairi-mock` with a ledger: what it follows, what it says of its guesses, and what it refuses.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "serving.h"

namespace nairi::tests {
namespace {

using Json = nlohmann::json;

constexpr const char* kLedger = R"({"fidelity": 1, "service": "https://api.example/api/public/v1",
  "statements": {
    "start-status": {"verdict": "confirmed",
                     "confirmed": {"count": 3, "first": "2026-11-20", "last": "2026-11-26"},
                     "knob": {"start_status": 200}},
    "unknown-conversation": {"verdict": "refuted",
                             "refuted": {"count": 1, "first": "2026-11-25", "last": "2026-11-25"},
                             "knob": {"unknown_conversation_status": 400}},
    "text-of-unknown-job": {"verdict": "refuted",
                            "refuted": {"count": 1, "first": "2026-11-25", "last": "2026-11-25"},
                            "knob": {"error_texts": {"job not found": "no such conversation"}}},
    "padded-base64": {"verdict": "refuted",
                      "refuted": {"count": 1, "first": "2026-11-25", "last": "2026-11-25"}}}})";

class Ledger : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    write_file(folder_ / "fidelity.json", text);
    return folder_ / "fidelity.json";
  }
  // `nairi-mock run` of a command that asks for a conversation that is not there.
  static Finished ask(Words flags) {
    Words words{"run"};
    words.insert(words.end(), flags.begin(), flags.end());
    const std::string script =
        std::string("'" NAIRI_PROGRAM "' messages ") + "job_01KRK1V46BXS73CSNK2VR00000; true";
    for (const std::string& word :
         {std::string("--"), std::string("sh"), std::string("-c"), script}) {
      words.push_back(word);
    }
    return run_mock(words);
  }

  TemporaryFolder folder_;
};

TEST_F(Ledger, IsFollowed) {
  const Finished asked = ask({"--fidelity", write(kLedger)});
  EXPECT_NE(asked.err.find("no such conversation"), std::string::npos) << asked.err;
  EXPECT_NE(asked.err.find("400"), std::string::npos) << asked.err;
  const Finished guessed = ask({});
  EXPECT_NE(guessed.err.find("job not found"), std::string::npos) << guessed.err;
}

TEST_F(Ledger, IsFollowedByAServerToo) {
  Serving server({"--fidelity", write(kLedger)});
  const Finished asked = server.ask({"messages", "job_01KRK1V46BXS73CSNK2VR00000"});
  EXPECT_NE(asked.err.find("no such conversation"), std::string::npos) << asked.err;
  EXPECT_EQ(server.stop().exit_code, 0);
}

TEST_F(Ledger, WithMistakesIsRefused) {
  const Finished refused = run_mock(
      {"serve", "--port", "0", "--fidelity", write(R"({"fidelity": 1, "statements": []})")});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("fidelity.json:1:31: /statements: expected an object, got an array"),
            std::string::npos)
      << refused.err;
}

TEST_F(Ledger, OfANewerFakeIsUsedWithHints) {
  const Finished asked = ask({"--fidelity", write(R"({"fidelity": 1, "statements": {"new-guess": {
      "verdict": "refuted", "refuted": {"count": 1, "first": "2026-11-25", "last": "2026-11-25"},
      "knob": {"new_knob": 1}}}})")});
  EXPECT_EQ(asked.exit_code, 0);
  EXPECT_NE(asked.err.find("hint: unknown statement \"new-guess\""), std::string::npos)
      << asked.err;
  EXPECT_NE(asked.err.find("hint: unknown knob \"new_knob\""), std::string::npos) << asked.err;
}

TEST_F(Ledger, OnlyConfirmedTellsAtTheEndOnWhatTheRunRelied) {
  const Finished guessed = ask({"--only-confirmed"});
  EXPECT_EQ(guessed.exit_code, 0);
  EXPECT_NE(guessed.err.find("The run relied on a guess that nobody has confirmed:\n"
                             "  unknown-conversation: once, in exchange 1 (messages, 404)\n"),
            std::string::npos)
      << guessed.err;
  const Finished known = ask({"--only-confirmed", "--fidelity", write(kLedger)});
  EXPECT_EQ(known.err.find("relied on"), std::string::npos) << known.err;
}

TEST_F(Ledger, OnlyConfirmedTellsInTheLogAtOnce) {
  const Finished guessed = ask({"--only-confirmed", "--log", "json"});
  EXPECT_NE(guessed.err.find(R"("guess":"unknown-conversation","exchange":1,"call":"messages",)"
                             R"("status":404})"),
            std::string::npos)
      << guessed.err;
  const Finished text = ask({"--only-confirmed", "--log", "text"});
  EXPECT_NE(text.err.find("relied on a guess: unknown-conversation (exchange 1, messages, 404)"),
            std::string::npos)
      << text.err;
}

// The lines of the list about one guess.
std::string row(const std::string& list, const std::string& id) {
  const std::size_t begin = list.find("\n" + id + " ") + 1;
  std::size_t end = list.find('\n', begin) + 1;
  if (list.compare(end, 2, "  ") == 0) end = list.find('\n', end) + 1;
  return list.substr(begin, end - begin);
}

TEST_F(Ledger, IsShownGuessByGuess) {
  const std::string list = run_mock({"fidelity", "--fidelity", write(kLedger)}).out;
  EXPECT_EQ(row(list, "start-status"),
            "start-status                       assumed  confirmed 2026-11-26\n"
            "  start_status: 200\n");
  EXPECT_EQ(row(list, "unknown-conversation"),
            "unknown-conversation               assumed  refuted 2026-11-25, followed\n"
            "  unknown_conversation_status: 400\n");
  EXPECT_EQ(row(list, "text-of-unknown-job"),
            "text-of-unknown-job                assumed  refuted 2026-11-25, followed\n"
            "  error_texts: \"no such conversation\"\n");
  EXPECT_EQ(row(list, "text-of-unknown-message"),
            "text-of-unknown-message            assumed  open\n"
            "  error_texts: \"message not found\"\n");
  EXPECT_EQ(row(list, "padded-base64"),
            "padded-base64                      producer refuted 2026-11-25\n");
  EXPECT_NE(list.find(" guesses: 1 confirmed, 2 refuted and followed, 1 refuted, "),
            std::string::npos)
      << list;
  EXPECT_NE(list.find("The service was https://api.example/api/public/v1\n"), std::string::npos);
}

TEST_F(Ledger, IsShownInEightyColumns) {
  std::istringstream lines(run_mock({"fidelity", "--fidelity", write(kLedger)}).out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST_F(Ledger, IsShownAsJson) {
  const Json shown =
      Json::parse(run_mock({"fidelity", "--json", "--fidelity", write(kLedger)}).out);
  EXPECT_EQ(shown.at("counts").at("confirmed"), 1);
  EXPECT_EQ(shown.at("counts").at("all"), shown.at("assumptions").size());
  for (const Json& guess : shown.at("assumptions")) {
    if (guess.at("id") != "unknown-conversation") continue;
    EXPECT_EQ(guess.at("verdict"), "refuted");
    EXPECT_EQ(guess.at("refuted"), "2026-11-25");
    EXPECT_EQ(guess.at("followed"), true);
    EXPECT_EQ(guess.at("knob"), "unknown_conversation_status");
    EXPECT_EQ(guess.at("value"), 400);
  }
}

TEST(Guesses, AreAllOpenWithoutALedger) {
  const Json shown = Json::parse(run_mock({"fidelity", "--json"}).out);
  EXPECT_GT(shown.at("counts").at("all"), 50);
  EXPECT_EQ(shown.at("counts").at("open"), shown.at("counts").at("all"));
}

}  // namespace
}  // namespace nairi::tests
