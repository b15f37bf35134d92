#include "http/reply_head.h"

#include <gtest/gtest.h>

#include <string>

namespace nairi::mock {
namespace {

std::string written_head(const Reply& reply, Persistence persistence = Persistence::keep_alive) {
  return reply_head(reply, persistence, std::chrono::seconds(75));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ReplyHead, WritesStatusTypeLengthAndTheIdleTimeout) {
  const std::string written = written_head({.status = 201, .body = "{}"});
  EXPECT_TRUE(written.starts_with("HTTP/1.1 201 Created\r\n")) << written;
  EXPECT_TRUE(contains(written, "\r\nContent-Type: application/json\r\n")) << written;
  EXPECT_TRUE(contains(written, "\r\nKeep-Alive: timeout=75\r\n")) << written;
  EXPECT_TRUE(written.ends_with("\r\nContent-Length: 2\r\n\r\n")) << written;
}

TEST(ReplyHead, ErrorsDoNotCloseTheConnection) {
  for (const int status : {400, 404, 500, 503}) {
    EXPECT_FALSE(contains(written_head({.status = status, .body = "{}"}), "close")) << status;
  }
}

TEST(ReplyHead, CloseIsSaidOnceAndWithoutKeepAlive) {
  const std::string written = written_head({}, Persistence::close);
  EXPECT_TRUE(contains(written, "\r\nConnection: close\r\n")) << written;
  EXPECT_FALSE(contains(written, "Keep-Alive")) << written;
}

TEST(ReplyHead, Http10IsToldThatItsConnectionIsKept) {
  EXPECT_TRUE(
      contains(written_head({}, Persistence::keep_alive_http10), "\r\nConnection: keep-alive\r\n"));
}

TEST(ReplyHead, EmptyBodiesHaveALengthButNoType) {
  const std::string written = written_head({});
  EXPECT_TRUE(contains(written, "Content-Length: 0\r\n")) << written;
  EXPECT_FALSE(contains(written, "Content-Type")) << written;
}

TEST(ReplyHead, NoContentHasNoLength) {
  EXPECT_FALSE(contains(written_head({.status = 204, .body = {}}), "Content-Length"));
}

TEST(ReplyHead, ChunksHaveACodingInsteadOfALength) {
  const std::string written = written_head({.body = "{}", .encode = Encoding::chunked});
  EXPECT_TRUE(written.ends_with("\r\nTransfer-Encoding: chunked\r\n\r\n")) << written;
  EXPECT_FALSE(contains(written, "Content-Length")) << written;
}

TEST(ReplyHead, HeadersOfTheReplyAreWritten) {
  EXPECT_TRUE(contains(written_head({.body = {}, .headers = {{"Allow", "GET, HEAD"}}}),
                       "\r\nAllow: GET, HEAD\r\n"));
}

TEST(ReplyHead, AHeaderWithALineEndIsNotWritten) {
  EXPECT_FALSE(
      contains(written_head({.body = {}, .headers = {{"X-A", "1\r\nX-Evil: 2"}}}), "X-Evil"));
}

TEST(ReplyHead, KindsOfRepliesAreNotMixedUp) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(contains(written_head({.body = "<p>", .content_type = "text/html"}), "text/html"));
    EXPECT_TRUE(contains(written_head({.body = "{}"}), "application/json"));
    EXPECT_TRUE(contains(written_head({.status = 404, .body = "{}"}), "404 Not Found"));
    EXPECT_TRUE(contains(written_head({.body = "{}"}, Persistence::close), "close"));
    EXPECT_FALSE(contains(written_head({}), "Content-Type"));
  }
}

TEST(ReplyHead, FieldsStandInTheOrderOfTheirNamesAndTheLengthLast) {
  EXPECT_EQ(written_head({.status = 401,
                          .body = "{}",
                          .headers = {{"x-b", "2"}, {"WWW-Authenticate", "Bearer"}, {"X-A", "1"}}}),
            "HTTP/1.1 401 Unauthorized\r\n"
            "Content-Type: application/json\r\n"
            "Keep-Alive: timeout=75\r\n"
            "WWW-Authenticate: Bearer\r\n"
            "X-A: 1\r\n"
            "x-b: 2\r\n"
            "Content-Length: 2\r\n"
            "\r\n");
}

TEST(ReplyHead, AStatusThatNobodyKnowsHasNoReason) {
  EXPECT_TRUE(written_head({.status = 599, .body = "{}"}).starts_with("HTTP/1.1 599 \r\n"));
}

TEST(ReplyHead, ANameWithALineEndIsNotWritten) {
  EXPECT_FALSE(
      contains(written_head({.body = {}, .headers = {{"X-A: 1\r\nX-Evil", "2"}}}), "X-Evil"));
}

}  // namespace
}  // namespace nairi::mock
