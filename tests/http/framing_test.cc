#include "http/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "framing_samples.h"

namespace nairi::mock {
namespace {

using State = Framer::State;

std::vector<std::string> take_all(Framer& framer) {
  std::vector<std::string> taken;
  while (framer.state() == State::complete) {
    const Request request = framer.take().request;
    taken.push_back(request.method + " " + request.target + "|" + request.body);
  }
  return taken;
}

// What a stream came to when it was fed in pieces of `size` bytes.
struct FramingOutcome {
  std::vector<std::string> requests;
  State state;
  Failure refusal;

  bool operator==(const FramingOutcome&) const = default;
};

FramingOutcome outcome_of(std::string_view bytes, std::size_t size) {
  Framer framer(sample_limits());
  FramingOutcome outcome{};
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    framer.feed(bytes.substr(at, size));
    for (std::string& request : take_all(framer)) outcome.requests.push_back(std::move(request));
  }
  outcome.state = framer.state();
  if (outcome.state == State::refused) outcome.refusal = framer.refusal();
  return outcome;
}

template <class Sample>
std::string name_of(const ::testing::TestParamInfo<Sample>& sample) {
  return sample.param.name;
}

class Accepted : public ::testing::TestWithParam<AcceptedSample> {};
INSTANTIATE_TEST_SUITE_P(Framing, Accepted, ::testing::ValuesIn(accepted_samples()),
                         name_of<AcceptedSample>);

TEST_P(Accepted, GivesItsRequestsAndNothingElse) {
  const FramingOutcome outcome = outcome_of(GetParam().bytes, GetParam().bytes.size());
  EXPECT_EQ(outcome.refusal.text, "");
  EXPECT_EQ(outcome.requests, GetParam().requests);
  EXPECT_EQ(outcome.state, State::idle);
}

TEST_P(Accepted, IsTheSameHoweverTheBytesAreSplit) {
  const std::string& bytes = GetParam().bytes;
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    ASSERT_EQ(outcome_of(bytes, size), outcome_of(bytes, bytes.size())) << "pieces of " << size;
  }
}

TEST_P(Accepted, NeedsItsLastByte) {
  const std::string_view bytes = GetParam().bytes;
  const FramingOutcome outcome = outcome_of(bytes.substr(0, bytes.size() - 1), bytes.size());
  EXPECT_EQ(outcome.state, State::receiving);
  EXPECT_EQ(outcome.requests.size(), GetParam().requests.size() - 1);
}

class Refused : public ::testing::TestWithParam<RefusedSample> {};
INSTANTIATE_TEST_SUITE_P(Framing, Refused, ::testing::ValuesIn(refused_samples()),
                         name_of<RefusedSample>);

TEST_P(Refused, SaysWhy) {
  const FramingOutcome outcome = outcome_of(GetParam().bytes, GetParam().bytes.size());
  ASSERT_EQ(outcome.state, State::refused);
  EXPECT_EQ(outcome.refusal.status, GetParam().status);
  EXPECT_NE(outcome.refusal.text.find(GetParam().says), std::string::npos) << outcome.refusal.text;
}

TEST_P(Refused, IsTheSameHoweverTheBytesAreSplit) {
  const std::string& bytes = GetParam().bytes;
  for (std::size_t size = 1; size < bytes.size(); size += 1 + size / 64) {
    ASSERT_EQ(outcome_of(bytes, size).refusal.status, GetParam().status) << "pieces of " << size;
  }
}

Framer fed(std::string_view bytes) {
  Framer framer(sample_limits());
  framer.feed(bytes);
  return framer;
}

TEST(Framing, HeadersKeepOrderNamesAndValues) {
  const auto headers = fed("GET / HTTP/1.1\r\nhOst: h\r\nB:  x%41+ y\t\r\nA: 1\r\nB: 2\r\n\r\n")
                           .take()
                           .request.headers;
  ASSERT_EQ(headers.size(), 4U);
  EXPECT_EQ(headers[0].name, "hOst");
  EXPECT_EQ(headers[1].value, "x%41+ y");
  EXPECT_EQ(headers[2].name, "A");
  EXPECT_EQ(headers[3].value, "2");
}

bool keeps_alive(const std::string& version, const std::string& fields) {
  return fed("GET / " + version + "\r\nHost: h\r\n" + fields + "\r\n").take().keep_alive;
}

TEST(Framing, Http11IsKeptAliveUnlessItSaysClose) {
  EXPECT_TRUE(keeps_alive("HTTP/1.1", ""));
  EXPECT_FALSE(keeps_alive("HTTP/1.1", "Connection: foo, CLOSE\r\n"));
}

TEST(Framing, Http10IsClosedUnlessItSaysKeepAlive) {
  EXPECT_FALSE(keeps_alive("HTTP/1.0", ""));
  EXPECT_TRUE(keeps_alive("HTTP/1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps_alive("HTTP/1.0", "Connection: keep-alive, close\r\n"));
}

constexpr const char* kExpecting = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n";

TEST(Framing, ContinueIsDueOnceWhenABodyIsExpected) {
  Framer framer = fed(std::string(kExpecting) + "Content-Length: 2\r\n\r\n");
  EXPECT_TRUE(framer.take_continue());
  EXPECT_FALSE(framer.take_continue());
}

TEST(Framing, ContinueIsNotDueWhenTheBodyComesAnyway) {
  EXPECT_FALSE(fed(std::string(kExpecting) + "Content-Length: 2\r\n\r\nx").take_continue());
  EXPECT_FALSE(
      fed(std::string(kExpecting) + "Transfer-Encoding: chunked\r\n\r\n1").take_continue());
}

TEST(Framing, ContinueIsNotDueWithoutABodyNorForHttp10) {
  EXPECT_FALSE(fed(std::string(kExpecting) + "Content-Length: 0\r\n\r\n").take_continue());
  EXPECT_FALSE(
      fed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").take_continue());
}

TEST(Framing, ALengthReservesNoMemory) {
  Framer framer({.max_header_bytes = 600, .max_body_bytes = 1, .max_upload_bytes = 1U << 30});
  framer.feed("POST /attachments HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\nx");
  EXPECT_EQ(framer.expected_bytes(), 999'999'999U);
  EXPECT_LT(framer.buffered_bytes(), 1000U);
}

TEST(Framing, ManyTinyFieldsAreRefusedBelowTheByteLimit) {
  Framer framer({.max_header_bytes = 65536, .max_body_bytes = 1, .max_upload_bytes = 1});
  std::string head = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= kMaxFields; ++i) head += "a:\r\n";
  framer.feed(head);
  ASSERT_EQ(framer.state(), State::refused);
  EXPECT_EQ(framer.refusal().status, 431);
}

TEST(Framing, TargetsOfEightKilobytesFit) {
  Framer framer({.max_header_bytes = 65536, .max_body_bytes = 1, .max_upload_bytes = 1});
  framer.feed("GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(framer.state(), State::complete);
}

// Enough of it that it has memory of its own, which is given back.
TEST(Framing, WhatIsRefusedBehindAnotherRequestIsKnownAllTheSame) {
  Framer framer(sample_limits());
  framer.feed("GET /first HTTP/1.1\r\nHost: h\r\n\r\nGET /" + std::string(300, 'a') +
              " HTTP/9\r\n");
  EXPECT_EQ(framer.take().request.target, "/first");
  ASSERT_EQ(framer.state(), State::refused);
  EXPECT_EQ(framer.so_far().target, "/" + std::string(300, 'a'));
}

TEST(Framing, RefusalsShowNoControlCharacters) {
  const std::string message = fed("GET /\x1b[31m\x07 HTTP/1.1\r\n").refusal().text;
  EXPECT_EQ(message.find('\x1b'), std::string::npos) << message;
}

}  // namespace
}  // namespace nairi::mock
