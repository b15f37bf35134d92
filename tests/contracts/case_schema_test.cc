// contracts/case.schema.json, which editors use, and the loader agree: the schema accepts every
// case that ships, and both refuse the same mistakes. Names, quotes and templates only the loader
// checks.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <regex>
#include <string>
#include <string_view>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "files.h"
#include "harness/cases/case_reader.h"

namespace nairi::contracts {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

// The schema with the one that it refers to put inside: the validator keeps schemas by their place
// only and would take one document's for the other's.
Json bundled_schema() {
  const auto inside = [](const char* file, const char* reference) {
    return Json::parse(std::regex_replace(tests::read_source(file), std::regex(reference),
                                          "\"#/definitions/world/"));
  };
  Json schema = inside("contracts/case.schema.json", R"("world\.schema\.json#/)");
  schema["definitions"]["world"] = inside("contracts/world.schema.json", R"("#/)");
  return schema;
}

// What the schema has against a case, a line for each; empty when it accepts it.
std::string schema_mistakes(const Json& contract_case) {
  static const Json document = bundled_schema();
  static const auto schema = [] {
    auto parsed = std::make_unique<valijson::Schema>();
    valijson::SchemaParser().populateSchema(Adapter(document), *parsed);
    return parsed;
  }();
  valijson::ValidationResults results;
  valijson::Validator().validate(*schema, Adapter(contract_case), &results);
  std::string mistakes;
  for (const auto& error : results) {
    for (const auto& step : error.context) mistakes += step;
    mistakes += ": " + error.description + '\n';
  }
  return mistakes;
}

TEST(TheCaseSchema, AcceptsEveryCaseThatShips) {
  int checked = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(tests::source_path("contracts/cases"))) {
    if (entry.path().extension() != ".json") continue;
    ++checked;
    EXPECT_EQ(schema_mistakes(Json::parse(tests::read_file(entry.path()))), "") << entry.path();
  }
  EXPECT_GT(checked, 0);
}

// A case that uses every part of the format.
Json good_case() {
  return Json::parse(R"({
    "$schema": "../../case.schema.json", "name": "lifecycle/sample",
    "why": ["REFERENCE: Basics: Everything is scoped to the key's organization"],
    "source": "documented", "level": "SHOULD", "x-note": {"free": true},
    "given": {"agent": true, "slow_prompt": "Wait"},
    "steps": [
      {"id": "start",
       "call": {"post": "/conversations/start", "auth": "Bearer {api_key}", "headers": {"A": "b"},
                "json": {"agent_id": "{agent}", "prompt": "{slow_prompt}"}},
       "reply": {"status": "2xx", "headers": {"content-type": {"regex": "json"}}, "json": {
         "job_id": {"id": "job", "capture": "job"}, "message_id": {"capture": "message"}}}},
      {"id": "poll", "call": {"get": "/messages/{message}"},
       "until": {"/status": {"in": ["completed", "failed"]}}, "order": ["pending+", "completed"],
       "budget": {"polls": 5, "ms": 1000},
       "timeline": [{"status": "pending", "polls": 2}, {"status": "completed", "reply": "Yes."}]},
      {"id": "upload",
       "call": {"post": "/attachments",
                "multipart": [{"name": "file", "filename": "a.txt", "zero_bytes": 5}]},
       "reply": {"status": {"min": 200, "max": 299}, "body": {"contains": "att_"}}},
      {"id": "list", "call": {"get": "/agents/{agent}/conversations"},
       "reply": {"status": 200, "json": {"conversations": {
         "contains": [{"exact": false, "id": "{job}"}, {"id": {"same_as": "job"}}],
         "each": {"status": {"source": "assumed", "type": ["string", "null"]}},
         "sorted": {"by": "/created_at", "order": "desc"}, "length": {"min": 1}}}}}],
    "world": {
      "agents": [{"agent_id": "clerk"}],
      "jobs": [{"agent_id": "my-agent", "messages": [
        {"role": "user", "content": "{long_text}", "status": "pending"}],
        "timeline": [{"status": "completed"}]}],
      "turns": [{"when": {"agent_id": "clerk"}, "timeline": [{"status": "completed"}]}]},
    "speed": 20,
    "faults": [{"at": "poll#2", "do": {"status": 503, "retry_after_s": 1}},
               {"at": "read", "after": "continue#1", "do": {"delay_ms": 1}}],
    "mutate": "additive",
    "client": {
      "do": {"op": "converse", "agent_id": "{agent}", "prompts": ["{slow_prompt}"],
             "attachments": [{"filename": "a.txt", "text": "a"}],
             "download": {"filename": "b.txt", "text": "b"}, "deadline_ms": 1000},
      "expect": {"outcome": "completed"}, "rules": ["retry-after"]}
  })");
}

TEST(TheCaseSchema, AcceptsEveryPartOfTheFormat) {
  EXPECT_EQ(schema_mistakes(good_case()), "");
  EXPECT_TRUE(parse_case(good_case().dump(), "sample.json"));
}

struct Slip {
  const char* name;
  const char* pointer;               // of what is put wrong in the good case
  std::optional<const char*> value;  // nullopt: it is taken away
};

std::ostream& operator<<(std::ostream& out, const Slip& slip) {
  return out << slip.name;
}

class SlipTest : public ::testing::TestWithParam<Slip> {};

TEST_P(SlipTest, IsRefusedBySchemaAndLoader) {
  Json broken = good_case();
  const Json::json_pointer at(GetParam().pointer);
  if (GetParam().value) {
    broken[at] = Json::parse(*GetParam().value);
  } else {
    broken[at.parent_pointer()].erase(at.back());
  }
  EXPECT_NE(schema_mistakes(broken), "");
  EXPECT_FALSE(parse_case(broken.dump(), "sample.json"));
}

INSTANTIATE_TEST_SUITE_P(
    TheCaseSchema, SlipTest,
    ::testing::Values(Slip{"AnUnknownKey", "/stpes", "[]"}, Slip{"NoReason", "/why", std::nullopt},
                      Slip{"AnUnknownSource", "/source", "\"documents\""},
                      Slip{"AStateThatIsNotTrue", "/given/agent", "false"},
                      Slip{"TwoMethods", "/steps/0/call/get", "\"/agents\""},
                      Slip{"NoMethod", "/steps/0/call/post", std::nullopt},
                      Slip{"APathWithoutItsSlash", "/steps/1/call/get", "\"messages/{message}\""},
                      Slip{"TwoBodies", "/steps/0/call/body", "\"text\""},
                      Slip{"TimesWithoutABody", "/steps/1/call/times", "2"},
                      Slip{"APartWithTwoContents", "/steps/2/call/multipart/0/text", "\"text\""},
                      Slip{"AnUnknownStatusClass", "/steps/0/reply/status", "\"9xx\""},
                      Slip{"AMisspeltMatcher", "/steps/0/reply/json/job_id",
                           R"({"type": "string", "regx": "a"})"},
                      Slip{"AnIdOfNoKind", "/steps/0/reply/json/job_id", R"({"id": "jobs"})"},
                      Slip{"ATypeOfNoKind", "/steps/3/reply/json/conversations/each/status",
                           R"({"type": "text"})"},
                      Slip{"AMistakeWithinAMatcher", "/steps/3/reply/json/conversations/contains/1",
                           R"({"not": {"time": false}})"},
                      Slip{"AnOrderWithoutUntil", "/steps/0/order", R"(["queued*"])"},
                      Slip{"AStepThatChecksNothing", "/steps/2/reply", std::nullopt},
                      Slip{"TooManyPolls", "/steps/1/budget/polls", "1001"},
                      Slip{"AStageOfNoKind", "/steps/1/timeline/0/status", "\"waiting\""},
                      Slip{"AFaultWithoutAPlace", "/faults/0/at", "\"poll#0\""},
                      Slip{"FaultsWithoutAClient", "/client", std::nullopt},
                      Slip{"AnUnknownChange", "/mutate", "\"subtractive\""},
                      Slip{"AnUnknownOperation", "/client/do/op", "\"chat\""},
                      Slip{"AWorldWithFaults", "/world/faults", "[]"},
                      Slip{"AStageOfAWorldThatIsNone", "/world/turns/0/timeline/0/status",
                           "\"done\""},
                      Slip{"ASpeedOfNothing", "/speed", "0"},
                      Slip{"AConversationWithoutPrompts", "/client/do/prompts", std::nullopt},
                      Slip{"AConversationWithNoAgent", "/client/do/agent_id", std::nullopt},
                      Slip{"NoPromptAtAll", "/client/do/prompts", "[]"},
                      Slip{"AListOfNoConversation", "/client/do/op", "\"messages\""},
                      Slip{"ALengthBelowNothing", "/steps/3/reply/json/conversations/length", "-1"},
                      Slip{"ABoundThatIsNoTime", "/steps/3/reply/json/conversations/each/status",
                           R"({"min": "a"})"},
                      Slip{"ADownloadWithoutAName", "/client/do/download/filename", std::nullopt}),
    [](const auto& slip) { return slip.param.name; });

}  // namespace
}  // namespace nairi::contracts
