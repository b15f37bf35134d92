#include "http/httplib_bridge.h"

#include <gtest/gtest.h>

#include <string>

namespace nairi::mock {
namespace {

class Bridge : public testing::Test {
 protected:
  std::string head(const Reply& reply, Persistence persistence = Persistence::keep_alive) {
    return bridge_.head(reply, persistence);
  }
  HttplibBridge bridge_{std::chrono::seconds(75)};
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Bridge, WritesStatusTypeLengthAndTheIdleTimeout) {
  const std::string written = head({.status = 201, .body = "{}"});
  EXPECT_TRUE(written.starts_with("HTTP/1.1 201 Created\r\n")) << written;
  EXPECT_TRUE(contains(written, "\r\nContent-Type: application/json\r\n")) << written;
  EXPECT_TRUE(contains(written, "\r\nKeep-Alive: timeout=75\r\n")) << written;
  EXPECT_TRUE(written.ends_with("\r\nContent-Length: 2\r\n\r\n")) << written;
}

TEST_F(Bridge, ErrorsDoNotCloseTheConnection) {
  for (const int status : {400, 404, 500, 503}) {
    EXPECT_FALSE(contains(head({.status = status, .body = "{}"}), "close")) << status;
  }
}

TEST_F(Bridge, CloseIsSaidOnceAndWithoutKeepAlive) {
  const std::string written = head({}, Persistence::close);
  EXPECT_TRUE(contains(written, "\r\nConnection: close\r\n")) << written;
  EXPECT_FALSE(contains(written, "Keep-Alive")) << written;
}

TEST_F(Bridge, Http10IsToldThatItsConnectionIsKept) {
  EXPECT_TRUE(contains(head({}, Persistence::keep_alive_http10), "\r\nConnection: keep-alive\r\n"));
}

TEST_F(Bridge, EmptyBodiesHaveALengthButNoType) {
  const std::string written = head({});
  EXPECT_TRUE(contains(written, "Content-Length: 0\r\n")) << written;
  EXPECT_FALSE(contains(written, "Content-Type")) << written;
}

TEST_F(Bridge, NoContentHasNoLength) {
  EXPECT_FALSE(contains(head({.status = 204, .body = {}}), "Content-Length"));
}

TEST_F(Bridge, HeadersOfTheReplyAreWritten) {
  EXPECT_TRUE(contains(head({.body = {}, .headers = {{"Allow", "GET, HEAD"}}}),
                       "\r\nAllow: GET, HEAD\r\n"));
}

TEST_F(Bridge, AHeaderWithALineEndIsNotWritten) {
  EXPECT_FALSE(contains(head({.body = {}, .headers = {{"X-A", "1\r\nX-Evil: 2"}}}), "X-Evil"));
}

TEST_F(Bridge, KindsOfRepliesAreNotMixedUp) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(contains(head({.body = "<p>", .content_type = "text/html"}), "text/html"));
    EXPECT_TRUE(contains(head({.body = "{}"}), "application/json"));
    EXPECT_TRUE(contains(head({.status = 404, .body = "{}"}), "404 Not Found"));
    EXPECT_TRUE(contains(head({.body = "{}"}, Persistence::close), "close"));
    EXPECT_FALSE(contains(head({}), "Content-Type"));
  }
}

TEST_F(Bridge, ManyKindsAreFine) {
  for (int i = 0; i < 1000; ++i) {
    const std::string type = "text/x-" + std::to_string(i);
    ASSERT_TRUE(contains(head({.body = "x", .content_type = type}), type + "\r\n"));
  }
}

}  // namespace
}  // namespace nairi::mock
