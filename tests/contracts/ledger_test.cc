// A ledger grows from recording to recording, counts none twice and forgets no contradiction.
#include "harness/drift/ledger.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "files.h"
#include "nairi/mock/fidelity.h"
#include "told_recording.h"

namespace nairi::contracts::ledgers {
namespace {

using ::testing::HasSubstr;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

// A start that answers with this status.
std::string start(int status, const std::string& job = "{job}") {
  return R"(POST /conversations/start {"agent_id": "helper", "prompt": "Hi"} => )" +
         std::to_string(status) + R"( {"job_id": ")" + job + R"(", "message_id": "{m1}"})" + "\n";
}

constexpr const char* kMonday = "2026-11-23T10:00:00.000Z";
constexpr const char* kTuesday = "2026-11-24T10:00:00.000Z";

// On that day.
Recording on(const char* day, const std::string& told) {
  Recording recording = told_recording(told, day);
  for (RecordedExchange& exchange : recording.exchanges) exchange.at = day;
  return recording;
}

const LedgerEntry& start_status(const Ledger& ledger) {
  static const LedgerEntry none;
  const LedgerEntry* entry = ledger.find("start-status");
  return entry == nullptr ? none : *entry;
}

TEST(Ledger, AddsUpWhatRecordingsShow) {
  Ledger ledger;
  ASSERT_TRUE(ledger.settle(on(kTuesday, start(200) + start(200, "{job2}")), "second"));
  ASSERT_TRUE(ledger.settle(on(kMonday, start(200)), "first"));
  EXPECT_EQ(start_status(ledger).confirmed, (Tally{3, "2026-11-23", "2026-11-24"}));
  EXPECT_EQ(start_status(ledger).verdict(), "confirmed");
  EXPECT_EQ(ledger.service(), "https://api.example.com/api/public/v1");
}

TEST(Ledger, SaysWhatItSettledWithTheWordsOfTheFirstContradiction) {
  Ledger ledger;
  const auto settled = ledger.settle(on(kMonday, start(200) + start(202, "{job2}")), "monday");
  ASSERT_TRUE(settled);
  const auto one = std::find_if(settled->begin(), settled->end(),
                                [](const Settled& it) { return it.id == "start-status"; });
  ASSERT_NE(one, settled->end());
  EXPECT_EQ(one->sentence,
            "start-status is confirmed and refuted: at /status wanted the number 200, got the "
            "number 202 (exchange 2)");
  EXPECT_EQ(one->verdict(), "both");
  EXPECT_EQ(start_status(ledger).example, (Json{{"recording", "monday"},
                                                {"exchange", 2},
                                                {"at", "/status"},
                                                {"expected", "the number 200"},
                                                {"got", "the number 202"}}));
}

TEST(Ledger, CountsARecordingOnce) {
  Ledger ledger;
  const Recording monday = on(kMonday, start(200) + start(202, "{job2}"));
  ASSERT_TRUE(ledger.settle(monday, "a"));
  const std::string once = ledger.to_text();
  ASSERT_TRUE(ledger.settle(monday, "b"));
  EXPECT_EQ(ledger.to_text(), once);
}

TEST(Ledger, CountsOfARecordingThatGrewOnlyWhatIsNew) {
  Ledger ledger;
  ASSERT_TRUE(ledger.settle(on(kMonday, start(200)), "a"));
  ASSERT_TRUE(ledger.settle(on(kMonday, start(200) + start(200, "{job2}")), "a"));
  EXPECT_EQ(start_status(ledger).confirmed.count, 2U);
}

TEST(Ledger, ForgetsNoContradiction) {
  Ledger ledger;
  ASSERT_TRUE(ledger.settle(on(kMonday, start(202)), "a"));
  ASSERT_TRUE(ledger.settle(on(kMonday, start(200)), "a, cleaned up"));
  ASSERT_TRUE(ledger.settle(on(kTuesday, start(201)), "b"));
  EXPECT_EQ(start_status(ledger).refuted, (Tally{2, "2026-11-23", "2026-11-24"}));
  EXPECT_EQ(start_status(ledger).example.at("got"), "the number 202");
  EXPECT_EQ(start_status(ledger).verdict(), "both");
}

TEST(Ledger, HasTheKnobOfTheNewestRecording) {
  Ledger ledger;
  ASSERT_TRUE(ledger.settle(on(kTuesday, start(202)), "b"));
  ASSERT_TRUE(ledger.settle(on(kMonday, start(201)), "a"));
  EXPECT_EQ(start_status(ledger).knob, (Json{{"start_status", 202}}));
}

// What the entry's knob becomes after a recording.
Json knob_after(const std::string& told, const char* id) {
  Ledger ledger;
  (void)ledger.settle(told_recording(told), "told");
  const LedgerEntry* entry = ledger.find(id);
  return entry == nullptr ? Json("not settled") : entry->knob;
}

TEST(Knobs, AreWhatWasSeen) {
  const std::string ended =
      R"(GET /agents/helper/conversations => 200 {"conversations": [{"id": "{job}", "status": )"
      R"("completed", "updated_at": "{+0}"}]})"
      "\nPOST /conversations/{job}/continue {\"prompt\": \"On\"} => ";
  EXPECT_EQ(knob_after(ended + "404 {\"error\": \"it is over\"}\n", "continue-when-ended"),
            (Json{{"continue_ended", {{"status", 404}, {"error", "it is over"}}}}));
  EXPECT_EQ(knob_after(ended + "202 {\"job_id\": \"{job}\", \"message_id\": \"{m1}\"}\n",
                       "continue-when-ended"),
            (Json{{"continue_ended", {{"status", 202}}}}));
  EXPECT_EQ(knob_after("GET /agents => 200 []\n", "next-cursor"), Json("not settled"));
  EXPECT_EQ(knob_after("GET /messages/cmsg_{no} => 404 {\"error\": \"Unknown.\"}\n",
                       "text-of-unknown-message"),
            (Json{{"error_texts", {{"message not found", "Unknown."}}}}));
}

TEST(Knobs, AreWhatTheVerdictSays) {
  const std::string agents =
      R"(GET /agents => 200 [{"id": "{cci}", "agent_id": "helper", "name": "H"}])"
      "\nPOST /conversations/start {\"agent_id\": \"helper\", \"prompt\": \"Hi\", \"x\": 1} => ";
  EXPECT_EQ(knob_after(agents + "400 {\"error\": \"unknown field\"}\n", "unknown-fields"),
            (Json{{"unknown_fields", "refused"}}));
}

TEST(Knobs, ThatTheFakeCantTurnAreLeftOut) {
  EXPECT_EQ(knob_after("POST /attachments [form: a 52428801] => 413 {\"error\": \"large\"}\n",
                       "too-large"),
            (Json{{"too_large_status", 413}}));
  EXPECT_EQ(knob_after(R"(GET /agents/helper/conversations => 200 {"conversations": [{"x": 1}]})"
                       "\n",
                       "list-fields"),
            Json());
}

TEST(Ledger, RefusesAnotherServiceUnlessTold) {
  Ledger ledger;
  ASSERT_TRUE(ledger.settle(on(kMonday, start(200)), "a"));
  Recording other = on(kTuesday, start(200));
  other.head.target = "https://staging.example.com/api/public/v1";
  const auto refused = ledger.settle(other, "b");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            "the ledger is of \"https://api.example.com/api/public/v1\", and the recording b of "
            "\"https://staging.example.com/api/public/v1\"");
  EXPECT_EQ(start_status(ledger).confirmed.count, 1U);
  ASSERT_TRUE(ledger.settle(other, "b", true));
  EXPECT_EQ(start_status(ledger).confirmed.count, 2U);
  EXPECT_EQ(ledger.service(), "https://api.example.com/api/public/v1");
}

TEST(Ledger, TakesNoSlashForAnotherService) {
  Ledger ledger;
  ASSERT_TRUE(ledger.settle(on(kMonday, start(200)), "a"));
  Recording same = on(kTuesday, start(200));
  same.head.target += "/";
  EXPECT_TRUE(ledger.settle(same, "b"));
}

TEST(Ledger, LearnsNothingFromWhatIsNotTheApisWord) {
  for (const char* told : {"GET /agents => 503 {\"error\": \"Try Again\"}\n",
                           "GET /agents => 404 <html>Not here</html>\n",
                           "GET /agents => 200 <html>Welcome</html>\n"}) {
    Ledger ledger;
    EXPECT_TRUE(ledger.settle(told_recording(told), "told")->empty()) << told;
  }
  Recording cut = told_recording(start(202));
  cut.exchanges.front().ending = Ending::cut;
  EXPECT_TRUE(Ledger().settle(cut, "cut")->empty());
}

TEST(SettledSentence, SaysHowManyTrafficCanShow) {
  const Assumptions few{{{.id = "a", .of = {{"x", 1}}}, {.id = "b", .because = "nobody sees it"}},
                        {}};
  EXPECT_EQ(settled_sentence(1, few), "settled 1 of 1 assumptions");
}

// --- The file ---------------------------------------------------------------------------------

bool fits_schema(const Json& document) {
  static const auto schema = [] {
    static const Json text = Json::parse(tests::read_source("contracts/fidelity.schema.json"));
    auto parsed = std::make_unique<valijson::Schema>();
    valijson::SchemaParser().populateSchema(Adapter(text), *parsed);
    return parsed;
  }();
  return valijson::Validator().validate(*schema, Adapter(document), nullptr);
}

Ledger of_two_days() {
  Ledger ledger;
  (void)ledger.settle(on(kMonday, start(200)), "monday");
  (void)ledger.settle(on(kTuesday, start(202)), "tuesday");
  return ledger;
}

TEST(LedgerFile, ComesBackAsItWasWritten) {
  const tests::TemporaryFolder folder;
  const Ledger ledger = of_two_days();
  ASSERT_TRUE(ledger.write(folder / "fidelity.json"));
  const auto read = Ledger::read(folder / "fidelity.json");
  ASSERT_TRUE(read) << mock::to_string(read.error(), "\n");
  EXPECT_EQ(read->to_text(), ledger.to_text());
  EXPECT_EQ(read->entries(), ledger.entries());
  EXPECT_TRUE(fits_schema(Json::parse(ledger.to_text())));
}

TEST(LedgerFile, IsWhatTheFakeTakes) {
  const auto taken = mock::parse_fidelity(of_two_days().to_text());
  ASSERT_TRUE(taken) << mock::to_string(taken.error(), "\n");
  EXPECT_EQ(taken->knobs.start_status, 202);
  EXPECT_TRUE(taken->hints.empty()) << mock::to_string(taken->hints, "\n");
}

TEST(LedgerFile, StaysAloneInItsFolderAndALinkStaysOne) {
  const tests::TemporaryFolder folder;
  std::filesystem::create_symlink("real.json", folder / "fidelity.json");
  ASSERT_TRUE(of_two_days().write(folder / "fidelity.json"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "fidelity.json"));
  EXPECT_EQ(tests::read_file(folder / "real.json"), of_two_days().to_text());
  EXPECT_FALSE(std::filesystem::exists(folder / "real.json.part"));
}

TEST(LedgerFile, ThatIsNotThereIsEmptyAndOneThatCantBeWrittenSaysWhy) {
  const tests::TemporaryFolder folder;
  const auto none = Ledger::read(folder / "fidelity.json");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->service(), "");
  const auto written = none->write(folder / "no/such/folder.json");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), HasSubstr("folder.json: No such file or directory"));
}

struct LedgerSlip {
  const char* name;
  const char* pointer;               // of what is put wrong
  std::optional<const char*> value;  // nullopt: it is taken away
  const char* message;
  bool schema_sees_it = true;
};

std::ostream& operator<<(std::ostream& out, const LedgerSlip& slip) {
  return out << slip.name;
}

class LedgerSlipTest : public ::testing::TestWithParam<LedgerSlip> {};

TEST_P(LedgerSlipTest, IsRefusedBySchemaAndReader) {
  const LedgerSlip& slip = GetParam();
  Json broken = Json::parse(of_two_days().to_text());
  const Json::json_pointer at(slip.pointer);
  if (slip.value) {
    broken[at] = Json::parse(*slip.value);
  } else {
    broken[at.parent_pointer()].erase(at.back());
  }
  EXPECT_EQ(fits_schema(broken), !slip.schema_sees_it);
  const auto read = Ledger::parse(broken.dump(2), "fidelity.json");
  ASSERT_FALSE(read);
  EXPECT_THAT(mock::to_string(read.error(), "\n"), HasSubstr(slip.message));
}

INSTANTIATE_TEST_SUITE_P(
    LedgerFile, LedgerSlipTest,
    ::testing::Values(
        LedgerSlip{"AnotherVersion", "/fidelity", "2", "/fidelity: "},
        LedgerSlip{"NoService", "/service", std::nullopt, "\"service\""},
        LedgerSlip{"AnUnknownKey", "/statments", "{}", "did you mean \"statements\"?"},
        LedgerSlip{"AVerdictThatTheCountsDeny", "/statements/start-status/verdict", "\"confirmed\"",
                   "expected \"both\", as the counts say", false},
        LedgerSlip{"ACountOfNoKind", "/statements/start-status/refuted/count", "-1", "/count: "},
        LedgerSlip{"ADayThatIsNone", "/statements/start-status/refuted/last", "\"yesterday\"",
                   "expected a day such as \"2026-11-26\""},
        LedgerSlip{"AKnobOfNoKind", "/statements/start-status/knob", "202", "/knob: "},
        LedgerSlip{"ARecordingWithoutATime", "/recordings/0/at", std::nullopt, "\"at\""}),
    [](const auto& slip) { return slip.param.name; });

}  // namespace
}  // namespace nairi::contracts::ledgers
