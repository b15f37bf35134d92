// What is sent, when, and how it ends: without a socket, a byte at a time if need be.
#include "http/outgoing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "unpacked.h"

namespace nairi::mock {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kIdle{75'000};

Outgoing outgoing(Reply reply, Persistence persistence = Persistence::keep_alive,
                  bool with_body = true) {
  return Outgoing::reply(std::move(reply), persistence, with_body, kIdle);
}

Outgoing struck_by(WireFault fault) {
  return outgoing({.body = "0123456789", .wire = fault});
}

// The pieces between which it pauses, taken `most` bytes at a time.
std::vector<std::string> pieces(Outgoing out, std::size_t most) {
  std::vector<std::string> all{""};
  while (!out.done()) {
    const auto [head, body] = out.due();
    const std::string due = std::string(head) + std::string(body);
    const std::size_t taken = std::min(most, due.size());
    all.back() += due.substr(0, taken);
    out.advance(taken);
    if (!out.paused()) continue;
    all.emplace_back();
    out.resume();
  }
  return all;
}

std::string all_of(const Outgoing& out) {
  std::string all;
  for (const std::string& piece : pieces(out, 7)) all += piece;
  return all;
}

TEST(OutgoingReply, IsHeadAndBodyHoweverItIsTaken) {
  const Reply reply{.body = "0123456789"};
  const std::string whole = reply_head(reply, Persistence::keep_alive, kIdle) + reply.body;
  for (const std::size_t most : {std::size_t{1}, std::size_t{7}, whole.size()}) {
    EXPECT_EQ(pieces(outgoing(reply), most), std::vector<std::string>{whole}) << most;
  }
}

TEST(OutgoingReply, ToHeadHasTheLengthAndNoBody) {
  const std::string sent = all_of(outgoing({.body = "{}"}, Persistence::keep_alive, false));
  EXPECT_TRUE(sent.ends_with("Content-Length: 2\r\n\r\n")) << sent;
}

// Head and body of a reply of ten digits.
std::pair<std::string, std::string> encoded(Encoding encoding, WireFault fault = {},
                                            bool with_body = true) {
  const std::string sent = all_of(
      Outgoing::reply({.body = "0123456789", .wire = fault, .encode = encoding},
                      Persistence::keep_alive, with_body, kIdle, {.chunked = true, .gzip = true}));
  const std::size_t body = sent.find("\r\n\r\n") + 4;
  return {sent.substr(0, body), sent.substr(body)};
}

TEST(OutgoingEncoded, ChunksHaveNoLength) {
  const auto [head, body] = encoded(Encoding::chunked);
  EXPECT_TRUE(head.ends_with("\r\nTransfer-Encoding: chunked\r\n\r\n")) << head;
  EXPECT_EQ(head.find("Content-Length"), std::string::npos) << head;
  EXPECT_EQ(unchunked(body), "0123456789");
}

TEST(OutgoingEncoded, GzipHasTheLengthOfWhatIsSent) {
  const auto [head, body] = encoded(Encoding::gzip);
  EXPECT_TRUE(head.ends_with("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"))
      << head;
  EXPECT_NE(head.find("\r\nContent-Encoding: gzip\r\n"), std::string::npos) << head;
  EXPECT_EQ(gunzipped(body), "0123456789");
}

TEST(OutgoingEncoded, ToHeadIsTheHeadOfGet) {
  for (const Encoding encoding : {Encoding::chunked, Encoding::gzip}) {
    const auto [head, body] = encoded(encoding, {}, false);
    EXPECT_EQ(head, encoded(encoding).first);
    EXPECT_EQ(body, "");
  }
}

TEST(OutgoingEncoded, IsPlainForThoseWhoDidNotAccept) {
  EXPECT_EQ(all_of(outgoing({.body = "0123456789", .encode = Encoding::chunked})),
            all_of(struck_by({})));
}

TEST(OutgoingEncoded, FaultsCountTheBytesThatAreSent) {
  const auto cut = [](Encoding encoding, std::int64_t bytes) {
    return encoded(encoding, {.ending = WireFault::Ending::truncated, .after_bytes = bytes}).second;
  };
  EXPECT_EQ(cut(Encoding::chunked, 4), "a\r\n0");
  const std::string compressed = encoded(Encoding::gzip).second;
  EXPECT_EQ(cut(Encoding::gzip, 20), compressed.substr(0, 20));
  EXPECT_EQ(cut(Encoding::gzip, 1'000'000), compressed.substr(0, compressed.size() - 1));
}

// Many readers of chunks do not miss the last CRLF.
TEST(OutgoingEncoded, ACutInChunksTakesPartOfTheContent) {
  for (const auto ending : {WireFault::Ending::truncated, WireFault::Ending::reset}) {
    EXPECT_EQ(encoded(Encoding::chunked, {.ending = ending, .after_bytes = 1'000'000}).second,
              "a\r\n012345678");
  }
}

TEST(OutgoingEncoded, DripsWhole) {
  EXPECT_EQ(encoded(Encoding::chunked, {.drip_bytes_per_s = 300}), encoded(Encoding::chunked));
}

TEST(OutgoingReply, GoesOnUnlessThePersistenceSaysClose) {
  EXPECT_EQ(outgoing({}).ending(), Outgoing::Ending::next_request);
  EXPECT_EQ(outgoing({}, Persistence::keep_alive_http10).ending(), Outgoing::Ending::next_request);
  EXPECT_EQ(outgoing({}, Persistence::close).ending(), Outgoing::Ending::close);
}

TEST(OutgoingReply, CanBeMadeTheLastOneButAResetStaysOne) {
  Outgoing last = outgoing({});
  last.make_last();
  EXPECT_EQ(last.ending(), Outgoing::Ending::close);
  Outgoing broken = struck_by({.ending = WireFault::Ending::reset});
  broken.make_last();
  EXPECT_EQ(broken.ending(), Outgoing::Ending::reset);
}

TEST(OutgoingReply, HasTheDelayButNoneThatClocksCantHold) {
  EXPECT_EQ(outgoing({.body = {}, .delay_ms = 800}).delay(), milliseconds(800));
  EXPECT_LE(outgoing({.body = {}, .delay_ms = INT64_MAX}).delay(), std::chrono::hours(24 * 365));
}

TEST(OutgoingFaults, EndAsTheyAreNamed) {
  EXPECT_EQ(struck_by({.ending = WireFault::Ending::reset}).ending(), Outgoing::Ending::reset);
  EXPECT_EQ(struck_by({.ending = WireFault::Ending::truncated}).ending(), Outgoing::Ending::close);
  EXPECT_EQ(struck_by({.ending = WireFault::Ending::empty}).ending(), Outgoing::Ending::close);
}

TEST(OutgoingFaults, LeaveOutWhatTheyCutAndAtLeastAByte) {
  const std::string whole = all_of(struck_by({}));
  const auto left = [&](WireFault fault) { return whole.size() - all_of(struck_by(fault)).size(); };
  EXPECT_EQ(left({.ending = WireFault::Ending::truncated, .after_bytes = 4}), 6U);
  EXPECT_EQ(left({.ending = WireFault::Ending::truncated, .after_bytes = 10}), 1U);
  EXPECT_EQ(left({.ending = WireFault::Ending::reset, .after_bytes = 17}), whole.size() - 17);
  EXPECT_EQ(left({.ending = WireFault::Ending::reset, .after_bytes = 1'000'000}), 1U);
  EXPECT_EQ(left({.ending = WireFault::Ending::empty}), whole.size());
  EXPECT_TRUE(struck_by({.ending = WireFault::Ending::empty}).done());
}

TEST(OutgoingDrip, PausesTenTimesASecondOrAfterEachByte) {
  EXPECT_EQ(struck_by({.drip_bytes_per_s = 500}).pause(), milliseconds(100));
  EXPECT_EQ(struck_by({.drip_bytes_per_s = 4}).pause(), milliseconds(250));
  EXPECT_EQ(pieces(struck_by({.drip_bytes_per_s = 500}), 1'000).front().size(), 50U);
  EXPECT_EQ(pieces(struck_by({.drip_bytes_per_s = 4}), 1'000).front().size(), 1U);
}

TEST(OutgoingDrip, ArrivesWholeAndDoesNotPauseAtItsEnd) {
  const std::string whole = all_of(struck_by({}));
  const auto all =
      pieces(struck_by({.drip_bytes_per_s = 10 * static_cast<std::int64_t>(whole.size())}), 7);
  EXPECT_EQ(all, std::vector<std::string>{whole});
  EXPECT_EQ(all_of(struck_by({.drip_bytes_per_s = 300})), whole);
}

TEST(OutgoingInterim, IsNoReply) {
  const Outgoing interim = Outgoing::interim();
  EXPECT_TRUE(interim.is_interim());
  EXPECT_EQ(all_of(interim), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(interim.ending(), Outgoing::Ending::next_request);
}

TEST(OutgoingNothing, IsDone) {
  EXPECT_TRUE(Outgoing().done());
}

}  // namespace
}  // namespace nairi::mock
