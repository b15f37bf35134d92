// What is sent, when, and how it ends: without a socket, a byte at a time if need be.
#include "http/outgoing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

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
