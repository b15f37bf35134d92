// For suites of GoogleTest: a fixture with a fake in it, matchers for what a client answers, and
// how both are printed when a test fails. Include it where GoogleTest and GoogleMock are there;
// nothing else of this library needs them.
//
//   using nairi::gtest::IsOk, nairi::gtest::RepliedWith;
//
//   class BillingTest : public nairi::gtest::FakeTest {};
//   TEST_F(BillingTest, RefundsTheFailedCharge) {
//     auto turn = client.start("billing-agent", "Refund the failed charge");
//     ASSERT_THAT(turn, IsOk());
//     EXPECT_THAT(client.wait(*turn), RepliedWith(testing::StartsWith("Refunded cus_123")));
//   }
//
// docs/in-cpp-tests.md shows more.
//
// Thread-safety: matchers are values; a fixture is as safe as the fake and the client in it.
// Not promised: the words in which a failure is told.
#ifndef NAIRI_TESTING_GTEST_H_
#define NAIRI_TESTING_GTEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "nairi/client.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/in_process.h"
#include "nairi/mock/world_file.h"

// How GoogleTest prints values: it looks for PrintTo beside their types.
namespace nairi {

inline void PrintTo(const Error& error, std::ostream* out) {
  *out << "error " << to_string(error.code) << ": " << error.message;
}

inline void PrintTo(const Turn& turn, std::ostream* out) {
  *out << "turn " << turn.message_id << " of " << turn.job_id;
}

inline void PrintTo(const Message& message, std::ostream* out) {
  *out << message.role << " " << message.id << " (" << message.status << ") "
       << ::testing::PrintToString(message.content);
}

inline void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << outcome.message.status << " with "
       << (outcome.completed() ? "the reply " + ::testing::PrintToString(outcome.text())
                               : "the failure " + ::testing::PrintToString(outcome.failure));
}

// Any Result, void included.
template <typename T>
void PrintTo(const tl::expected<T, Error>& result, std::ostream* out) {
  if (!result) {
    PrintTo(result.error(), out);
  } else if constexpr (std::is_void_v<T>) {
    *out << "ok";
  } else {
    *out << ::testing::PrintToString(*result);
  }
}

}  // namespace nairi

namespace nairi::mock {

inline void PrintTo(const Verdicts& verdicts, std::ostream* out) {
  *out << "these verdicts:\n" << to_text(verdicts);
}

inline void PrintTo(const SeenExchange& seen, std::ostream* out) {
  *out << "#" << seen.number << " " << seen.method << " " << seen.target << " → " << seen.status
       << (seen.fault.empty() ? "" : " by the fault " + seen.fault);
}

}  // namespace nairi::mock

// Not called testing: within namespace nairi that would hide GoogleTest's own.
namespace nairi::gtest {

namespace internal {

class IsOk {
 public:
  template <typename T>
  bool MatchAndExplain(const Result<T>& result, ::testing::MatchResultListener* /*out*/) const {
    return result.has_value();
  }
  void DescribeTo(std::ostream* out) const { *out << "is no error"; }
  void DescribeNegationTo(std::ostream* out) const { *out << "is an error"; }
};

class Completed {
 public:
  bool MatchAndExplain(const Outcome& outcome, ::testing::MatchResultListener* /*out*/) const {
    return outcome.completed();
  }
  bool MatchAndExplain(const Result<Outcome>& outcome,
                       ::testing::MatchResultListener* /*out*/) const {
    return outcome && outcome->completed();
  }
  void DescribeTo(std::ostream* out) const { *out << "is completed"; }
  void DescribeNegationTo(std::ostream* out) const { *out << "is not completed"; }
};

class RepliedWith {
 public:
  explicit RepliedWith(::testing::Matcher<std::string> text) : text_(std::move(text)) {}

  bool MatchAndExplain(const Outcome& outcome, ::testing::MatchResultListener* out) const {
    return outcome.completed() && text_.MatchAndExplain(outcome.text(), out);
  }
  bool MatchAndExplain(const Result<Outcome>& outcome, ::testing::MatchResultListener* out) const {
    return outcome && MatchAndExplain(*outcome, out);
  }
  void DescribeTo(std::ostream* out) const {
    *out << "is completed with a reply that ";
    text_.DescribeTo(out);
  }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "is not completed, or with a reply that ";
    text_.DescribeNegationTo(out);
  }

 private:
  ::testing::Matcher<std::string> text_;
};

class FailedWithText {
 public:
  explicit FailedWithText(::testing::Matcher<std::string> text) : text_(std::move(text)) {}

  bool MatchAndExplain(const Outcome& outcome, ::testing::MatchResultListener* out) const {
    return outcome.message.status == message_status::kFailed &&
           text_.MatchAndExplain(outcome.failure, out);
  }
  bool MatchAndExplain(const Error& error, ::testing::MatchResultListener* out) const {
    return error.code == ErrorCode::api && text_.MatchAndExplain(error.server_text, out);
  }
  template <typename T>
  bool MatchAndExplain(const Result<T>& result, ::testing::MatchResultListener* out) const {
    if (!result) return MatchAndExplain(result.error(), out);
    if constexpr (std::is_same_v<T, Outcome>) return MatchAndExplain(*result, out);
    return false;
  }
  void DescribeTo(std::ostream* out) const {
    *out << "failed with a text that ";
    text_.DescribeTo(out);
  }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "did not fail, or with a text that ";
    text_.DescribeNegationTo(out);
  }

 private:
  ::testing::Matcher<std::string> text_;
};

class FailedWithCode {
 public:
  explicit FailedWithCode(ErrorCode code) : code_(code) {}

  bool MatchAndExplain(const Error& error, ::testing::MatchResultListener* /*out*/) const {
    return error.code == code_;
  }
  template <typename T>
  bool MatchAndExplain(const Result<T>& result, ::testing::MatchResultListener* out) const {
    return !result && MatchAndExplain(result.error(), out);
  }
  void DescribeTo(std::ostream* out) const { *out << "is the error " << to_string(code_); }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "is not the error " << to_string(code_);
  }

 private:
  ErrorCode code_;
};

class KeptAllMusts {
 public:
  bool MatchAndExplain(const mock::Verdicts& verdicts, ::testing::MatchResultListener* out) const {
    std::string broken;
    for (const mock::Verdict& verdict : verdicts.verdicts) {
      if (is_broken(verdict)) {
        broken += (broken.empty() ? "of which the client broke " : " and ") +
                  mock::find_rule(verdict.rule)->page();
      }
    }
    *out << broken;
    return broken.empty();
  }
  void DescribeTo(std::ostream* out) const { *out << "no MUST rule is broken"; }
  void DescribeNegationTo(std::ostream* out) const { *out << "a MUST rule is broken"; }

 private:
  static bool is_broken(const mock::Verdict& verdict) {
    return verdict.level == mock::RuleLevel::must && verdict.outcome == mock::RuleOutcome::broken;
  }
};

}  // namespace internal

// A Result that holds a value.
inline auto IsOk() {
  return ::testing::MakePolymorphicMatcher(internal::IsOk());
}

// What wait() answered (an Outcome or the Result of one): the turn is completed.
inline auto Completed() {
  return ::testing::MakePolymorphicMatcher(internal::Completed());
}

// Likewise, and its whole text (Outcome::text()) is so: a string, or a matcher of one.
inline auto RepliedWith(::testing::Matcher<std::string> text) {
  return ::testing::MakePolymorphicMatcher(internal::RepliedWith(std::move(text)));
}

// What went wrong in words, as a string or a matcher of one: Outcome::failure of a turn that
// failed, or the Error::server_text of any call that the API refused.
inline auto FailedWith(::testing::Matcher<std::string> text) {
  return ::testing::MakePolymorphicMatcher(internal::FailedWithText(std::move(text)));
}

// An Error of this code, or the Result of any call that holds one.
inline auto FailedWith(ErrorCode code) {
  return ::testing::MakePolymorphicMatcher(internal::FailedWithCode(code));
}

// Verdicts without a broken rule of level MUST. One that nothing put to the test is not broken.
inline auto KeptAllMusts() {
  return ::testing::MakePolymorphicMatcher(internal::KeptAllMusts());
}

// A fake that judges and a client that talks to it in process. The test fails at its end if any
// client of the fake, yours included, broke a rule that a client must keep (docs/rules.md); one
// that breaks them on purpose says `must_behave = false`. Whoever overrides TearDown() calls this
// one. When a test fails, what the fake saw of the fixture's key is printed.
class FakeTest : public ::testing::Test {
 protected:
  explicit FakeTest(mock::World world = mock::default_world(), mock::FakeOptions options = {})
      : fake(std::move(world), judging(std::move(options))) {}

  void TearDown() override {
    if (must_behave) {
      EXPECT_THAT(fake.verdicts_of_all(), KeptAllMusts());
    }
    if (HasFailure()) print_seen();
  }

  const std::string key = "nr_test";
  mock::Fake fake;
  Client client{mock::in_process(fake), {.api_key = key}};
  bool must_behave = true;

 private:
  static mock::FakeOptions judging(mock::FakeOptions options) {
    options.judge = true;
    return options;
  }
  void print_seen() const {
    std::cout << "What the fake saw of " << key << ":\n";
    for (const mock::SeenExchange& seen : fake.journal(key)) {
      std::cout << "  " << ::testing::PrintToString(seen) << "\n";
    }
  }
};

}  // namespace nairi::gtest

#endif  // NAIRI_TESTING_GTEST_H_
