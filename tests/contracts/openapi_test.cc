// What contracts/openapi.json refuses, in exactly which words, and on whose word.
#include "harness/openapi/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/operation.h"

namespace nairi::contracts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

constexpr std::string_view kJson = "application/json";
constexpr const char* kJob = "job_01KRK1V46BXS73CSNK2VR35NPJ";
constexpr const char* kMessage = "cmsg_01KP35X8VK993AY382SYHGRA6Y";

const OpenApi& api() {
  return OpenApi::built_in();
}

const ApiOperation& operation(std::string_view id) {
  const auto found = std::ranges::find(api().operations(), id, &ApiOperation::id);
  if (found == api().operations().end()) throw std::invalid_argument("no such operation");
  return *found;
}

Violations reply(std::string_view id, int status, const Json& body) {
  return api().check_reply(operation(id), status, kJson, body.dump());
}

Violations request(std::string_view id, std::string_view target, const Json& body = {}) {
  return api().check_request(operation(id), target, kJson, body.is_null() ? "" : body.dump());
}

Json user_message() {
  return {{"id", kMessage},
          {"job_id", kJob},
          {"content", "hello"},
          {"role", "user"},
          {"status", "pending"},
          {"created_at", "2026-04-12T18:45:12.000Z"},
          {"updated_at", "2026-04-12T18:45:12.000Z"}};
}

// The message with one field set to something else; no value takes it away.
Json message_with(const char* field, std::optional<Json> value) {
  Json message = user_message();
  if (value) {
    message[field] = std::move(*value);
  } else {
    message.erase(field);
  }
  return message;
}

Violations polled(const Json& message) {
  return reply("poll", 200, message);
}

Json progress_with(const Json& envelope) {
  Json message = message_with("role", "progress");
  message["content"] = envelope.is_string() ? envelope.get<std::string>() : envelope.dump();
  return message;
}

}  // namespace

void PrintTo(const Violation& violation, std::ostream* out) {
  *out << violation.pointer << " | " << violation.wanted << " | " << violation.got << " | "
       << to_string(violation.source);
}

namespace {

MATCHER_P4(Is, pointer, wanted, got, source, "") {
  return arg == Violation{pointer, wanted, got, source};
}

TEST(OpenApiOperations, AreThoseOfTheEngine) {
  std::vector<std::string_view> ids;
  for (const ApiOperation& known : api().operations()) ids.push_back(known.id);
  EXPECT_THAT(ids, UnorderedElementsAreArray(mock::operation_names()));
}

TEST(OpenApiOperations, TellTheirRepliesAndSources) {
  const ApiOperation& start = operation("start");
  EXPECT_EQ(start.source, Source::seed);
  std::vector<std::string> replies;
  for (const DocumentedReply& known : start.replies) {
    replies.push_back(known.status + " " + std::string(to_string(known.source)));
  }
  EXPECT_THAT(replies, ElementsAre("2XX seed", "400 documented", "401 documented", "404 assumed",
                                   "500 documented"));
}

std::string found(std::string_view method, const std::string& path) {
  const ApiOperation* known = api().find(method, path);
  return known == nullptr ? "nothing for " + path : known->id;
}

TEST(OpenApiFind, TakesSlugsWithASlashRawOrEncoded) {
  for (const char* slug : {"acme", "acme/ops", "acme%2Fops", "a/conversations/b"}) {
    const std::string path = "/agents/" + std::string(slug);
    EXPECT_EQ(found("GET", path), "agent");
    EXPECT_EQ(found("GET", path + "/conversations"), "conversations");
    EXPECT_EQ(found("POST", path + "/deploy"), "deploy");
  }
}

TEST(OpenApiFind, GivesNothingForOtherPathsAndMethods) {
  EXPECT_EQ(api().find("GET", "/conversations/start"), nullptr);
  EXPECT_EQ(api().find("GET", "/conversations"), nullptr);
  EXPECT_EQ(api().find("PUT", "/agents/acme"), nullptr);
  EXPECT_EQ(api().find("GET", "/messages/a/b"), nullptr);
  EXPECT_EQ(api().find("POST", "/agents/acme/conversations"), nullptr);
}

TEST(OpenApiReply, FitsWithFieldsThatNobodyKnows) {
  EXPECT_THAT(polled(message_with("since", 7)), IsEmpty());
}

TEST(OpenApiReply, MustHaveAKnownStatus) {
  EXPECT_THAT(reply("poll", 503, {}),
              ElementsAre(Is("status", "200, 400, 401, 404 or 500", "503", Source::seed)));
}

TEST(OpenApiReply, MayBeAnySuccessWhereNobodySaysWhich) {
  const Json body = {{"job_id", kJob}, {"message_id", kMessage}};
  EXPECT_THAT(reply("start", 202, body), IsEmpty());
  EXPECT_THAT(reply("upload", 200, {{"attachment_id", "att_01KP35X8VK993AY382SYHGRA6Y"}}),
              IsEmpty());
}

TEST(OpenApiReply, WithAnotherSuccessGoesAgainstWhoeverSaysWhich) {
  EXPECT_THAT(reply("deploy", 200, {{"status", "ok"}}),
              ElementsAre(Is("status", "202, 400, 401, 404 or 500", "200", Source::documented)));
}

TEST(OpenApiReply, MustSayThatItIsJson) {
  const std::string body = user_message().dump();
  const ApiOperation& poll = operation("poll");
  EXPECT_THAT(api().check_reply(poll, 200, "Application/JSON; charset=utf-8", body), IsEmpty());
  EXPECT_THAT(
      api().check_reply(poll, 200, "text/plain", body),
      ElementsAre(Is("header Content-Type", "application/json", R"("text/plain")", Source::seed)));
  EXPECT_THAT(api().check_reply(poll, 200, "", body),
              ElementsAre(Is("header Content-Type", "application/json", "nothing", Source::seed)));
}

TEST(OpenApiReply, MustBeJson) {
  EXPECT_THAT(api().check_reply(operation("poll"), 200, kJson, "{"),
              ElementsAre(Is("", "JSON", R"("{")", Source::seed)));
  EXPECT_THAT(api().check_reply(operation("poll"), 200, kJson, ""),
              ElementsAre(Is("", "JSON", "nothing", Source::seed)));
  EXPECT_THAT(api().check_reply(operation("poll"), 200, kJson, std::string(100'000, '[')).size(),
              1U);
}

TEST(OpenApiReply, ThatIsPlainTextGoesAgainstTheDocumentedErrorShape) {
  EXPECT_THAT(
      api().check_reply(operation("attachment"), 404, "text/plain", "not found"),
      ElementsAre(Is("header Content-Type", "application/json", R"("text/plain")", Source::assumed),
                  Is("", "JSON", R"("not found")", Source::documented)));
  EXPECT_THAT(reply("attachment", 404, {{"message", "not found"}}),
              ElementsAre(Is("/error", "a string", "nothing", Source::documented)));
}

TEST(OpenApiReply, WithoutContentHasNoBody) {
  EXPECT_THAT(api().check_reply(operation("delete_agent"), 204, "", ""), IsEmpty());
  EXPECT_THAT(api().check_reply(operation("delete_agent"), 204, kJson, "{}"),
              ElementsAre(Is("", "no body", R"("{}")", Source::documented)));
}

TEST(OpenApiMessage, MustHaveItsFields) {
  EXPECT_THAT(polled(message_with("status", std::nullopt)),
              ElementsAre(Is("/status", R"("queued", "pending", "completed" or "failed")",
                             "nothing", Source::documented)));
  EXPECT_THAT(
      polled(message_with("id", std::nullopt)),
      ElementsAre(Is("/id", "a message id: cmsg_ and a ULID", "nothing", Source::documented)));
}

TEST(OpenApiMessage, HasNoNulls) {
  EXPECT_THAT(polled(message_with("attachment_ids", Json())),
              ElementsAre(Is("/attachment_ids", "an array", "null", Source::documented)));
  EXPECT_THAT(polled(message_with("model", Json())).front(),
              Is("/model", "a string", "null", Source::documented));
}

TEST(OpenApiMessage, LeavesOutAnEmptyListOfAttachments) {
  EXPECT_THAT(
      polled(message_with("attachment_ids", Json::array())),
      ElementsAre(Is("/attachment_ids", "at least 1 element", "0 elements", Source::documented)));
}

TEST(OpenApiMessage, HasTimesWithMilliseconds) {
  constexpr const char* kTime = "a time in UTC with milliseconds, such as 2026-04-12T18:45:12.000Z";
  for (const char* time :
       {"2026-04-12T18:45:12Z", "2026-04-12T18:45:12.000+00:00", "2026-13-12T18:45:12.000Z"}) {
    EXPECT_THAT(polled(message_with("created_at", time)),
                ElementsAre(Is("/created_at", kTime, "the text \"" + std::string(time) + "\"",
                               Source::documented)));
  }
  EXPECT_THAT(
      polled(message_with("created_at", 1776019512000)),
      ElementsAre(Is("/created_at", kTime, "the number 1776019512000", Source::documented)));
}

TEST(OpenApiMessage, HasAKnownStatusAndRole) {
  EXPECT_THAT(polled(message_with("status", "running")),
              ElementsAre(Is("/status", R"("queued", "pending", "completed" or "failed")",
                             R"(the text "running")", Source::documented)));
  EXPECT_THAT(polled(message_with("role", "tool")),
              ElementsAre(Is("/role", R"("user", "assistant", "system" or "progress")",
                             R"(the text "tool")", Source::documented)));
}

TEST(OpenApiMessage, HasAllFieldsOfUsageOrNone) {
  constexpr const char* kWhy = R"(an integer of at least 0, as there is "cost_usd")";
  EXPECT_THAT(polled(message_with("cost_usd", 0.1)),
              ElementsAre(Is("/input_tokens", kWhy, "nothing", Source::documented),
                          Is("/output_tokens", kWhy, "nothing", Source::documented),
                          Is("/cache_read_tokens", kWhy, "nothing", Source::documented),
                          Is("/cache_write_tokens", kWhy, "nothing", Source::documented),
                          Is("/model", R"(a string, as there is "cost_usd")", "nothing",
                             Source::documented)));
}

TEST(OpenApiMessage, IsToldOnceWhatIsMissingOfItsUsage) {
  Json message = message_with("cost_usd", 0.1);
  message["input_tokens"] = 1;
  EXPECT_THAT(polled(message).size(), 4U);
}

TEST(OpenApiMessage, CountsTokensInWholeNumbers) {
  Json message = user_message();
  message.update({{"cost_usd", 0.1},
                  {"input_tokens", 1.5},
                  {"output_tokens", -1},
                  {"cache_read_tokens", 2.0},
                  {"cache_write_tokens", 0},
                  {"model", "m"}});
  EXPECT_THAT(
      polled(message),
      ElementsAre(
          Is("/input_tokens", "an integer of at least 0", "the number 1.5", Source::documented),
          Is("/output_tokens", "an integer of at least 0", "the number -1", Source::documented)));
}

TEST(OpenApiMessage, HasItsProgressAsJsonText) {
  const Json envelope = {
      {"job_id", kJob}, {"processed_message_id", kMessage}, {"progress_type", "new one"}};
  EXPECT_THAT(polled(progress_with(envelope)), IsEmpty());
  EXPECT_THAT(
      polled(progress_with("Reading")),
      ElementsAre(Is("/content", "JSON as text", R"(the text "Reading")", Source::documented)));
  Json message = progress_with(envelope);
  message["content"] = envelope;
  EXPECT_THAT(polled(message),
              ElementsAre(Is("/content", "a string", "an object", Source::documented)));
}

TEST(OpenApiMessage, SaysWhatIsWrongWithinItsProgress) {
  EXPECT_THAT(polled(progress_with(
                  {{"job_id", kJob}, {"progress_type", "text"}, {"text_delta", Json::array()}})),
              ElementsAre(Is("/content/text_delta", "a string", "an array", Source::client),
                          Is("/content/processed_message_id", "a message id: cmsg_ and a ULID",
                             "nothing", Source::documented)));
}

TEST(OpenApiMessage, IsCheckedWithinATimeline) {
  EXPECT_THAT(reply("messages", 200, {{"messages", {user_message(), message_with("id", "42")}}}),
              ElementsAre(Is("/messages/1/id", "a message id: cmsg_ and a ULID", R"(the text "42")",
                             Source::documented)));
  EXPECT_THAT(reply("messages", 200, Json::array()),
              ElementsAre(Is("", "an object", "an array", Source::seed)));
}

TEST(OpenApiTurn, HasTheIdsOfTheSeed) {
  EXPECT_THAT(
      reply("start", 200, {{"job_id", "cmsg_1"}}),
      ElementsAre(Is("/job_id", "a conversation id: job_ or j_ and a ULID", R"(the text "cmsg_1")",
                     Source::seed),
                  Is("/message_id", "a message id: cmsg_ and a ULID", "nothing", Source::seed)));
}

TEST(OpenApiPage, MayHaveACursorThatIsAssumed) {
  EXPECT_THAT(reply("conversations", 200, {{"conversations", Json::array()}}), IsEmpty());
  EXPECT_THAT(
      reply("conversations", 200, {{"conversations", Json::array()}, {"next_cursor", Json()}}),
      IsEmpty());
  EXPECT_THAT(reply("conversations", 200, {{"conversations", Json::array()}, {"next_cursor", 7}}),
              ElementsAre(Is("/next_cursor", "a string or null", "the number 7", Source::assumed)));
}

TEST(OpenApiAttachment, IsBase64) {
  const Json file = {{"id", "att_01KP35X8VK993AY382SYHGRA6Y"}, {"filename", "a"}, {"data", "a b"}};
  EXPECT_THAT(reply("attachment", 200, file),
              ElementsAre(Is("/data", "base64", R"(the text "a b")", Source::documented)));
}

TEST(OpenApiRequest, MustHaveTheFieldsOfItsBody) {
  EXPECT_THAT(
      request("start", "/conversations/start", {{"agent_id", ""}, {"ask_mode", "yes"}}),
      ElementsAre(
          Is("/agent_id", "a string that is not empty", R"(the text "")", Source::documented),
          Is("/ask_mode", "true or false", R"(the text "yes")", Source::documented),
          Is("/prompt", "a string that is not empty", "nothing", Source::documented)));
  EXPECT_THAT(request("start", "/conversations/start"),
              ElementsAre(Is("", "a body", "nothing", Source::documented)));
}

TEST(OpenApiRequest, HasAtMostTenAttachments) {
  const Json ids(11, "att_01KP35X8VK993AY382SYHGRA6Y");
  EXPECT_THAT(
      request("start", "/conversations/start",
              {{"agent_id", "a"}, {"prompt", "p"}, {"attachment_ids", ids}}),
      ElementsAre(Is("/attachment_ids", "at most 10 elements", "11 elements", Source::documented)));
}

TEST(OpenApiRequest, SaysThatItsBodyIsJson) {
  EXPECT_THAT(api().check_request(operation("start"), "/conversations/start",
                                  "application/x-www-form-urlencoded",
                                  R"({"agent_id": "a", "prompt": "p"})"),
              ElementsAre(Is("header Content-Type", "application/json",
                             R"("application/x-www-form-urlencoded")", Source::client)));
}

TEST(OpenApiRequest, HasAWellFormedIdInItsPath) {
  EXPECT_THAT(request("poll", "/messages/cmsg%5F01KP35X8VK993AY382SYHGRA6Y"), IsEmpty());
  EXPECT_THAT(request("poll", "/messages/" + std::string(kJob)),
              ElementsAre(Is("path message_id", "a message id: cmsg_ and a ULID",
                             "the text \"" + std::string(kJob) + "\"", Source::documented)));
  EXPECT_THAT(
      request("poll", "/messages/%zz"),
      ElementsAre(Is("path message_id", "percent-encoded text", R"("%zz")", Source::documented)));
}

TEST(OpenApiRequest, HasAQueryWithinItsLimits) {
  constexpr const char* kLimit = "an integer from 1 to 100";
  const auto list = [](std::string_view query) {
    return request("conversations", "/agents/a/conversations?" + std::string(query));
  };
  EXPECT_THAT(list("limit=100&offset=0&sort=updated_at_asc&x=1"), IsEmpty());
  EXPECT_THAT(list("limit=101"),
              ElementsAre(Is("query limit", kLimit, "the number 101", Source::documented)));
  EXPECT_THAT(list("limit=ten"),
              ElementsAre(Is("query limit", kLimit, R"(the text "ten")", Source::documented)));
  EXPECT_THAT(list("status=active,"),
              ElementsAre(Is("query status/1", R"("active", "completed", "error" or "abandoned")",
                             R"(the text "")", Source::documented)));
  EXPECT_THAT(list("cursor="), ElementsAre(Is("query cursor", "a string that is not empty",
                                              R"(the text "")", Source::assumed)));
  EXPECT_THAT(list("sort=%"),
              ElementsAre(Is("query", "percent-encoded text", R"("sort=%")", Source::seed)));
}

TEST(OpenApiRequest, UploadsAFile) {
  const auto upload = [](std::string_view type, std::string_view body) {
    return api().check_request(operation("upload"), "/attachments", type, body);
  };
  EXPECT_THAT(upload("multipart/form-data; boundary=X",
                     "--X\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n1\r\n--X--"),
              ElementsAre(Is("form file", "a file", R"(the form has no part named "file")",
                             Source::documented)));
  EXPECT_THAT(upload("application/vnd.nairi+json", "1"),
              ElementsAre(Is("header Content-Type", "multipart/form-data",
                             R"("application/vnd.nairi+json")", Source::documented)));
}

TEST(OpenApiPart, IsCheckedWhereItStandsAndNothingIsMissed) {
  const ApiOperation& messages = operation("messages");
  EXPECT_THAT(api().check_part(messages, "2xx", "", {{"messages", {{{"role", "user"}}}}}),
              IsEmpty());
  EXPECT_THAT(
      api().check_part(messages, "200", "/messages/0/status", "done"),
      ElementsAre(Is("/messages/0/status", R"("queued", "pending", "completed" or "failed")",
                     R"(the text "done")", Source::documented)));
  EXPECT_THAT(api().check_part(messages, "404", "", {{"error", 1}}),
              ElementsAre(Is("/error", "a string", "the number 1", Source::documented)));
  EXPECT_THAT(api().check_part(messages, "200", "/unknown/field", 1), IsEmpty());
}

// The first mistake of a document with these schemas and no operation.
std::string mistake(const std::string& schemas) {
  const auto parsed =
      OpenApi::parse(R"({"paths": {}, "components": {"schemas": )" + schemas + "}}");
  return parsed ? "" : mock::to_string(parsed.error().front());
}

TEST(OpenApiDocument, IsRefusedWhenItSaysWhatWouldNotBeChecked) {
  EXPECT_EQ(mistake(R"({"A": {"type": "string"}})"), "");
  EXPECT_THAT(mistake(R"({"A": {"maxLength": 3}})"),
              HasSubstr("/components/schemas/A: unknown key \"maxLength\""));
  EXPECT_THAT(mistake(R"({"A": {"type": "text"}})"), HasSubstr("got the text \"text\""));
  EXPECT_THAT(mistake(R"({"A": {"pattern": "("}})"), HasSubstr("bad pattern"));
  EXPECT_THAT(mistake(R"({"A": {"items": {"$ref": "#/components/schemas/B"}}})"),
              HasSubstr("expected a schema of this document"));
  EXPECT_THAT(mistake(R"({"A": {"properties": {"a": {"type": "string"}}}})"),
              HasSubstr("/properties/a: missing required key \"x-source\""));
  EXPECT_THAT(mistake("7"), HasSubstr("expected an object"));
  EXPECT_THAT(mistake("{"), HasSubstr("not JSON"));
}

}  // namespace
}  // namespace nairi::contracts
