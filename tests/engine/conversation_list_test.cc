// REFERENCE: GET /agents/{agent_id}/conversations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine/worlds.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> ids(const Json& conversations) {
  std::vector<std::string> found;
  for (const Json& conversation : conversations) found.push_back(conversation.at("id"));
  return found;
}

// "bot" with four seeded jobs, one in each status, created and updated at different times.
World four_jobs() {
  return world_with("", R"(
      {"id": "job_00000000000000000000000001", "agent_id": "bot", "status": "active",
       "created_at": "2026-04-01T00:00:01.000Z", "updated_at": "2026-04-02T00:00:09.000Z"},
      {"id": "job_00000000000000000000000002", "agent_id": "bot", "status": "completed",
       "created_at": "2026-04-01T00:00:02.000Z", "updated_at": "2026-04-02T00:00:06.000Z"},
      {"id": "job_00000000000000000000000003", "agent_id": "bot", "status": "error",
       "created_at": "2026-04-01T00:00:03.000Z", "updated_at": "2026-04-02T00:00:08.000Z"},
      {"id": "job_00000000000000000000000004", "agent_id": "bot", "status": "abandoned",
       "created_at": "2026-04-01T00:00:04.000Z", "updated_at": "2026-04-02T00:00:07.000Z"})");
}

const std::string kOne = "job_00000000000000000000000001";
const std::string kTwo = "job_00000000000000000000000002";
const std::string kThree = "job_00000000000000000000000003";
const std::string kFour = "job_00000000000000000000000004";

TEST(ListingConversations, AnswersIdStatusAndTimes) {
  Play play(four_jobs());
  const Json first = play.api.conversations("bot", "?sort=created_at_asc").at(0);
  EXPECT_EQ(first.at("id"), kOne);
  EXPECT_EQ(first.at("status"), "active");
  EXPECT_EQ(first.at("created_at"), "2026-04-01T00:00:01.000Z");
  EXPECT_EQ(first.at("updated_at"), "2026-04-02T00:00:09.000Z");
}

TEST(ListingConversations, WithoutAStatusFilterAnswersAllStatuses) {
  Play play(four_jobs());
  std::set<std::string> statuses;
  for (const Json& conversation : play.api.conversations("bot")) {
    statuses.insert(conversation.at("status"));
  }
  EXPECT_THAT(statuses, UnorderedElementsAre("active", "completed", "error", "abandoned"));
}

TEST(ListingConversations, NewestFirstByDefault) {
  Play play(four_jobs());
  EXPECT_THAT(ids(play.api.conversations("bot")), ElementsAre(kFour, kThree, kTwo, kOne));
}

TEST(ListingConversations, HasFourSorts) {
  Play play(four_jobs());
  const auto sorted = [&](const std::string& sort) {
    return ids(play.api.conversations("bot", "?sort=" + sort));
  };
  EXPECT_THAT(sorted("created_at_asc"), ElementsAre(kOne, kTwo, kThree, kFour));
  EXPECT_THAT(sorted("created_at_desc"), ElementsAre(kFour, kThree, kTwo, kOne));
  EXPECT_THAT(sorted("updated_at_asc"), ElementsAre(kTwo, kFour, kThree, kOne));
  EXPECT_THAT(sorted("updated_at_desc"), ElementsAre(kOne, kThree, kFour, kTwo));
}

TEST(ListingConversations, FiltersByACommaSeparatedListOfStatuses) {
  Play play(four_jobs());
  EXPECT_THAT(ids(play.api.conversations("bot", "?status=error")), ElementsAre(kThree));
  EXPECT_THAT(ids(play.api.conversations("bot", "?status=completed,abandoned")),
              UnorderedElementsAre(kTwo, kFour));
  EXPECT_THAT(ids(play.api.conversations("bot", "?status=completed%2Cactive")),
              UnorderedElementsAre(kTwo, kOne));
}

TEST(ListingConversations, UpdatedAfterIsStrict) {
  Play play(four_jobs());
  const auto after = [&](const std::string& time) {
    return ids(play.api.conversations("bot", "?updated_after=" + time));
  };
  EXPECT_THAT(after("2026-04-02T00:00:08.000Z"), ElementsAre(kOne));
  EXPECT_THAT(after("2026-04-02T00:00:07.999Z"), UnorderedElementsAre(kOne, kThree));
  EXPECT_THAT(after("2026-04-02T02:00:08%2B02:00"), ElementsAre(kOne));
  EXPECT_THAT(after("2026-04-02T00:00:09Z"), IsEmpty());
}

TEST(ListingConversations, IncrementalSyncSeesEveryChangeOnce) {
  Play play(four_jobs());
  std::string checkpoint;
  const auto sync = [&] {
    std::string query = "?sort=updated_at_asc";
    if (!checkpoint.empty()) query += "&updated_after=" + checkpoint;
    const Json found = play.api.conversations("bot", query);
    if (!found.empty()) checkpoint = found.back().at("updated_at");
    return ids(found);
  };
  EXPECT_EQ(sync().size(), 4U);
  EXPECT_THAT(sync(), IsEmpty());
  play.api.continue_job(kOne, "more");
  EXPECT_THAT(sync(), ElementsAre(kOne));
  EXPECT_THAT(sync(), IsEmpty());
}

TEST(ListingConversations, LimitAndOffsetCutAPage) {
  Play play(four_jobs());
  EXPECT_THAT(ids(play.api.conversations("bot", "?limit=2")), ElementsAre(kFour, kThree));
  EXPECT_THAT(ids(play.api.conversations("bot", "?limit=2&offset=1")), ElementsAre(kThree, kTwo));
  EXPECT_THAT(ids(play.api.conversations("bot", "?offset=4")), IsEmpty());
  EXPECT_THAT(ids(play.api.conversations("bot", "?offset=400")), IsEmpty());
  EXPECT_THAT(ids(play.api.conversations("bot", "?offset=9223372036854775807")), IsEmpty());
}

TEST(ListingConversations, LimitIs50ByDefaultAnd100AtMost) {
  Play play(plain_world());
  for (int i = 0; i < 120; ++i) play.api.start("bot", "go");
  EXPECT_EQ(play.api.conversations("bot").size(), 50U);
  EXPECT_EQ(play.api.conversations("bot", "?limit=100").size(), 100U);
  EXPECT_EQ(play.api.conversations("bot", "?limit=1").size(), 1U);
}

class BadQuery : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(BadQuery, Is400AndNamesTheParameter) {
  Play play(four_jobs());
  const std::string query = GetParam().second;
  const Answer answer = play.api.get("/agents/bot/conversations?" + query);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error_and_hint(), HasSubstr(query.substr(0, query.find('='))));
}

INSTANTIATE_TEST_SUITE_P(
    ListingConversations, BadQuery,
    ::testing::Values(
        std::pair("LimitZero", "limit=0"), std::pair("LimitNegative", "limit=-1"),
        std::pair("LimitTooLarge", "limit=101"), std::pair("LimitHuge", "limit=1e9"),
        std::pair("LimitOverflows", "limit=99999999999999999999"),
        std::pair("LimitNoNumber", "limit=abc"), std::pair("LimitEmpty", "limit="),
        std::pair("LimitFraction", "limit=1.5"), std::pair("OffsetNegative", "offset=-1"),
        std::pair("OffsetNoNumber", "offset=abc"),
        std::pair("OffsetOverflows", "offset=99999999999999999999"),
        std::pair("StatusUnknown", "status=done"),
        std::pair("StatusOfAnotherCase", "status=Active"), std::pair("StatusEmpty", "status="),
        std::pair("StatusEmptySegment", "status=active,,error"),
        std::pair("StatusTrailingComma", "status=active,"),
        std::pair("StatusWithSpace", "status=active,+error"), std::pair("SortUnknown", "sort=name"),
        std::pair("SortEmpty", "sort="),
        std::pair("TimeWithoutZone", "updated_after=2026-04-02T00:00:00"),
        std::pair("TimeOfADayThatIsNot", "updated_after=2026-02-30T00:00:00Z"),
        std::pair("TimeOnlyDate", "updated_after=2026-04-02"),
        std::pair("TimeWithBarePlus", "updated_after=2026-04-02T00:00:00+00:00"),
        std::pair("TimeNumber", "updated_after=1775088000"),
        std::pair("CursorForeign", "cursor=abc"),
        std::pair("CursorUnknown", "cursor=walk%2B9%2F0%3D"), std::pair("CursorEmpty", "cursor=")),
    [](const auto& parameter) { return parameter.param.first; });

TEST(ListingConversations, BrokenPercentEncodingIs400) {
  Play play(four_jobs());
  EXPECT_EQ(play.api.get("/agents/bot/conversations?status=%zz").status, 400);
  EXPECT_EQ(play.api.get("/agents/bot%2/conversations").status, 400);
}

TEST(ListingConversations, UnknownAgentIs404) {
  Play play(plain_world());
  EXPECT_EQ(play.api.get("/agents/nobody/conversations").status, 404);
}

TEST(ListingConversations, OfAnAgentWithASlashInItsSlug) {
  Play play(plain_world());
  const Started turn = play.api.start("acme/ops", "go");
  EXPECT_THAT(ids(play.api.conversations("acme/ops")), ElementsAre(turn.job));
  EXPECT_THAT(ids(play.api.conversations("acme%2Fops")), ElementsAre(turn.job));
}

TEST(ListingConversations, SeesTheStatusOfTurnsThatNobodyPolled) {
  Play play(world_with(R"({"timeline": [{"status": "pending", "ms": 500},
                                        {"status": "failed", "error": "no"}]})"),
            {.clock = ClockMode::virtual_time});
  const Started turn = play.api.start("bot", "go");
  play.fake.advance(500);
  EXPECT_THAT(ids(play.api.conversations("bot", "?status=error")), ElementsAre(turn.job));
}

// A cursor has characters that mean something else in a query.
std::string in_query(const std::string& cursor) {
  std::string text;
  for (const char c : cursor) {
    text += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
  }
  return text;
}

// Walks all pages by cursor, doing something between them.
std::vector<std::string> walk(Api& api, const std::string& query,
                              const std::function<void()>& between) {
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 100; ++page) {
    const Json json = api.get("/agents/bot/conversations" + query +
                              (cursor.empty() ? "" : "&cursor=" + in_query(cursor)))
                          .json();
    for (const std::string& id : ids(json.at("conversations"))) seen.push_back(id);
    if (json.at("next_cursor").is_null()) return seen;
    cursor = json.at("next_cursor");
    between();
  }
  return seen;
}

class CursorWalk : public ::testing::TestWithParam<const char*> {};

TEST_P(CursorWalk, NeitherSkipsNorRepeatsWhileConversationsChange) {
  Play play(plain_world());
  std::vector<std::string> jobs;
  for (int i = 0; i < 25; ++i) jobs.push_back(play.api.start("bot", "go").job);
  std::size_t next = 0;
  const auto change = [&] {
    // Both ends and the middle of every order are touched, and new conversations come.
    play.api.continue_job(jobs[next % jobs.size()], "more");
    play.api.continue_job(jobs[jobs.size() - 1 - next % jobs.size()], "more");
    next += 7;
    play.api.start("bot", "new");
  };
  const std::string query = std::string("?limit=4&sort=") + GetParam();
  const auto seen = walk(play.api, query, change);
  const std::set<std::string> unique(seen.begin(), seen.end());
  EXPECT_EQ(unique.size(), seen.size());
  EXPECT_EQ(unique, std::set<std::string>(jobs.begin(), jobs.end()));
}

INSTANTIATE_TEST_SUITE_P(ListingConversations, CursorWalk,
                         ::testing::Values("created_at_asc", "created_at_desc", "updated_at_asc",
                                           "updated_at_desc"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(CursorPages, AreServedBesideLimitAndOffset) {
  Play play(four_jobs());
  const Json first = play.api.get("/agents/bot/conversations?limit=3").json();
  ASSERT_TRUE(first.at("next_cursor").is_string());
  const std::string cursor = first.at("next_cursor");
  const Json second =
      play.api.get("/agents/bot/conversations?limit=3&cursor=" + in_query(cursor)).json();
  EXPECT_THAT(ids(second.at("conversations")), ElementsAre(kOne));
  EXPECT_TRUE(second.at("next_cursor").is_null());
}

TEST(CursorPages, APageThatHoldsAllHasNoNextCursor) {
  Play play(four_jobs());
  EXPECT_TRUE(play.api.get("/agents/bot/conversations?limit=4").json().at("next_cursor").is_null());
}

TEST(CursorPages, HaveCharactersThatAQueryMustEncode) {
  Play play(four_jobs());
  const std::string cursor =
      play.api.get("/agents/bot/conversations?limit=1").json().at("next_cursor");
  EXPECT_EQ(cursor, "walk+1/1=");
  EXPECT_EQ(play.api.get("/agents/bot/conversations?cursor=" + cursor).status, 400);
  EXPECT_EQ(play.api.get("/agents/bot/conversations?cursor=" + in_query(cursor)).status, 200);
}

TEST(CursorPages, AWalkThatWasLeftLongAgoIs400) {
  Play play(four_jobs());
  const std::string old =
      play.api.get("/agents/bot/conversations?limit=1").json().at("next_cursor");
  for (int i = 0; i < 64; ++i) {  // each sees other conversations, and so is a walk of its own
    play.api.start("bot", "go");
    play.api.get("/agents/bot/conversations?limit=1");
  }
  const Answer answer = play.api.get("/agents/bot/conversations?cursor=" + in_query(old));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error(), "invalid cursor");
  EXPECT_THAT(answer.hint(), HasSubstr("start the walk again"));
}

TEST(CursorPages, AWalkSurvivesManyListsOfTheSameConversations) {
  Play play(four_jobs());
  const std::string cursor =
      play.api.get("/agents/bot/conversations?limit=2").json().at("next_cursor");
  for (int i = 0; i < 200; ++i)
    play.api.get("/agents/bot/conversations?limit=1&status=active,error");
  EXPECT_THAT(ids(play.api.conversations("bot", "?limit=2&cursor=" + in_query(cursor))),
              ElementsAre(kTwo, kOne));
}

TEST(CursorPages, BeginBehindAnOffset) {
  Play play(four_jobs());
  const Json page = play.api.get("/agents/bot/conversations?limit=1&offset=1").json();
  EXPECT_THAT(ids(page.at("conversations")), ElementsAre(kThree));
  const std::string cursor = page.at("next_cursor");
  EXPECT_THAT(ids(play.api.conversations("bot", "?cursor=" + in_query(cursor))),
              ElementsAre(kTwo, kOne));
}

TEST(ListingConversations, AJobThatIsMadeWithAnEarlierTimeIsSortedIn) {
  Play play(four_jobs());
  const Answer made = play.api.control(
      "POST", "/jobs", R"({"agent_id": "bot", "created_at": "2026-04-01T00:00:02.500Z"})");
  const std::string job = made.json().at("job_id");
  EXPECT_THAT(ids(play.api.conversations("bot", "?sort=created_at_asc")),
              ElementsAre(kOne, kTwo, job, kThree, kFour));
}

TEST(ListingConversations, OfEqualAgeThoseOfTheWorldComeFirst) {
  Play play(world_with("", R"({"id": "job_00000000000000000000000001", "agent_id": "bot"},
                              {"id": "job_00000000000000000000000002", "agent_id": "bot"})"),
            {.clock = ClockMode::virtual_time});
  const std::string first = play.api.start("bot", "go").job;
  const std::string second = play.api.start("bot", "go").job;
  const auto listed = [&] { return ids(play.api.conversations("bot", "?sort=created_at_asc")); };
  EXPECT_THAT(listed(), ElementsAre(kOne, kTwo, first, second));
  const std::string third = play.api.start("bot", "go").job;
  EXPECT_THAT(listed(), ElementsAre(kOne, kTwo, first, second, third));
}

TEST(CursorPages, OfAnotherAgentAre400) {
  Play play(four_jobs());
  const std::string cursor =
      play.api.get("/agents/bot/conversations?limit=1").json().at("next_cursor");
  EXPECT_EQ(play.api.get("/agents/sleepy/conversations?cursor=" + in_query(cursor)).status, 400);
}

}  // namespace
}  // namespace nairi::mock::testing
