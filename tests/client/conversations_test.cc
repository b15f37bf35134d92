#include <gtest/gtest.h>

#include "scripted_transport.h"

namespace nairi::tests {
namespace {

class Conversations : public ::testing::Test, protected Scripted {
 protected:
  // A page of conversations first…last; `rest` follows the list.
  void page(int first, int last, const std::string& rest = "") {
    std::string list;
    for (int i = first; i <= last; ++i) {
      list += (i > first ? "," : "") + (R"({"id":"job_)" + std::to_string(i)) +
              R"(","status":"active","updated_at":"2026-01-01T00:00:0)" + std::to_string(i % 10) +
              R"(.000Z"})";
    }
    server->reply(200, R"({"conversations":[)" + list + "]" + rest + "}");
  }
  std::size_t walk(const ConversationQuery& query = {}) {
    std::size_t count = 0;
    const auto walked = client.walk_conversations("ops", query, [&](const Conversation&) {
      ++count;
      return true;
    });
    EXPECT_TRUE(walked) << walked.error().message;
    return count;
  }
  using Calls = std::vector<std::string>;
};

TEST_F(Conversations, QueryIsSentAsItIs) {
  page(1, 1, R"(,"next_cursor":"c")");
  const auto got = client.conversations("acme/ops", {.statuses = {"active", "error"},
                                                     .updated_after = "2026-01-01T00:00:00.000Z",
                                                     .sort = "updated_at_asc",
                                                     .limit = 5,
                                                     .offset = 10,
                                                     .cursor = "a+b/c="});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->next_cursor, "c");
  EXPECT_EQ(
      server->requests.back().target,
      "/agents/acme%2Fops/conversations?status=active%2Cerror&updated_after=2026-01-01T00%3A00"
      "%3A00.000Z&sort=updated_at_asc&limit=5&offset=10&cursor=a%2Bb%2Fc%3D");
}

TEST_F(Conversations, WithoutAQueryNothingIsAdded) {
  page(1, 0);
  EXPECT_TRUE(client.conversations("ops"));
  EXPECT_EQ(server->requests.back().target, "/agents/ops/conversations");
}

TEST_F(Conversations, WalkFollowsCursorsToTheEnd) {
  page(1, 2, R"(,"next_cursor":"c1")");
  page(3, 4, R"(,"next_cursor":"c2")");
  page(5, 6, R"(,"next_cursor":null)");
  EXPECT_EQ(walk({.limit = 2}), 6U);
  EXPECT_EQ(server->calls(), (Calls{"GET /agents/ops/conversations?limit=2",
                                    "GET /agents/ops/conversations?limit=2&cursor=c1",
                                    "GET /agents/ops/conversations?limit=2&cursor=c2"}));
}

TEST_F(Conversations, WalkByCursorEndsAtAFullPageWithoutOne) {
  page(1, 2, R"(,"next_cursor":"c1")");
  page(3, 4);
  EXPECT_EQ(walk({.limit = 2}), 4U);
  EXPECT_EQ(server->requests.size(), 2U);
}

TEST_F(Conversations, WalkCountsOffsetsWhenThereAreNoCursors) {
  page(1, 2);
  page(3, 4);
  page(5, 5);
  EXPECT_EQ(walk({.limit = 2}), 5U);
  EXPECT_EQ(server->calls(), (Calls{"GET /agents/ops/conversations?limit=2",
                                    "GET /agents/ops/conversations?limit=2&offset=2",
                                    "GET /agents/ops/conversations?limit=2&offset=4"}));
}

TEST_F(Conversations, WalkByOffsetStopsAtAnEmptyPage) {
  page(1, 2);
  page(1, 0);
  EXPECT_EQ(walk({.limit = 2}), 2U);
}

TEST_F(Conversations, WalkVisitsWhatMovedToTheNextPageOnce) {
  page(1, 2);
  page(2, 2);
  EXPECT_EQ(walk({.limit = 2}), 2U);
}

TEST_F(Conversations, WalkAsksForTheLargestPagesUnlessTold) {
  page(1, 1);
  walk();
  EXPECT_EQ(server->requests.back().target, "/agents/ops/conversations?limit=100");
}

TEST_F(Conversations, WalkEndsWhenTheVisitorHasEnough) {
  page(1, 2, R"(,"next_cursor":"c1")");
  EXPECT_TRUE(client.walk_conversations("ops", {}, [](const Conversation&) { return false; }));
  EXPECT_EQ(server->requests.size(), 1U);
}

TEST_F(Conversations, CursorThatLeadsToItselfIsMalformedAndNoEndlessLoop) {
  page(1, 1, R"(,"next_cursor":"c")");
  page(2, 2, R"(,"next_cursor":"c")");
  const auto walked =
      client.walk_conversations("ops", {}, [](const Conversation&) { return true; });
  EXPECT_EQ(walked.error().pointer, "/next_cursor");
}

TEST_F(Conversations, WalkTellsAnErrorOfALaterPage) {
  page(1, 1, R"(,"next_cursor":"c")");
  server->reply(400, R"({"error":"bad cursor"})");
  const auto walked =
      client.walk_conversations("ops", {}, [](const Conversation&) { return true; });
  EXPECT_EQ(walked.error().server_text, "bad cursor");
}

TEST_F(Conversations, SyncRemembersTheGreatestTimeOfChange) {
  page(1, 3, R"(,"next_cursor":null)");
  const auto first = client.changed_conversations("ops");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->conversations.size(), 3U);
  EXPECT_EQ(first->watermark, "2026-01-01T00:00:03.000Z");
  page(1, 0, R"(,"next_cursor":null)");
  const auto second = client.changed_conversations("ops", first->watermark);
  EXPECT_EQ(second->watermark, first->watermark);
  EXPECT_EQ(
      server->requests.back().target,
      "/agents/ops/conversations?updated_after=2026-01-01T00%3A00%3A03.000Z&sort=updated_at_asc"
      "&limit=100");
}

}  // namespace
}  // namespace nairi::tests
