// Following the journal: what is new, at once or when it comes. Who carries the replies, and how
// long they may take, is no matter of the engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/worlds.h"
#include "nairi/mock/late_reply.h"

namespace nairi::mock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A question that came over a connection, and its answer once that is there.
class Question {
 public:
  Question(Fake& fake, const std::string& token, const std::string& query)
      : reply_(fake.handle(Request{.method = "GET",
                                   .target = "/__mock/journal" + query,
                                   .headers = {{"Authorization", "Bearer " + token}},
                                   .connection = 1})) {}

  bool waits() const { return reply_.late != nullptr && !look(); }
  // Who carries the reply waits no longer.
  void end_the_wait() { reply_.late->settle(); }
  void go_away() { reply_.late->drop(); }
  int status() const { return look() ? told_->status : reply_.status; }
  Json answer() const { return Json::parse(look() ? told_->body : reply_.body); }
  std::vector<int> numbers() const {
    std::vector<int> numbers;
    const Json told = answer();
    for (const Json& entry : told.at("entries")) numbers.push_back(entry.at("number"));
    return numbers;
  }

 private:
  bool look() const {
    if (!told_ && reply_.late) told_ = reply_.late->take().reply;
    return told_.has_value();
  }

  Reply reply_;
  mutable std::optional<Reply> told_;
};

struct Followed {
  explicit Followed(FakeOptions options = with_token()) : fake(plain_world(), std::move(options)) {}

  std::string followers() {
    const std::string page = Api(fake, "").control("GET", "/metrics").text;
    const std::string name = "\nnairi_mock_journal_followers ";
    const std::size_t at = page.find(name) + name.size();
    return page.substr(at, page.find('\n', at) - at);
  }

  Fake fake;
  Api mine{fake, "nr_mine"};
  Api theirs{fake, "nr_theirs"};
};

TEST(FollowedJournal, TellsWhatIsNewAtOnce) {
  Followed it;
  it.mine.get("/agents");
  it.theirs.get("/agents");
  it.mine.get("/agents");
  const Question question(it.fake, "nr_mine", "?after=1&wait_ms=60000");
  EXPECT_THAT(question.numbers(), ElementsAre(3));
  EXPECT_EQ(question.answer().at("last"), 3);
  EXPECT_FALSE(question.answer().contains("again"));
}

TEST(FollowedJournal, TellsWithoutAWaitThatNothingIsNew) {
  Followed it;
  it.mine.get("/agents");
  const Question question(it.fake, "nr_mine", "?after=1");
  EXPECT_FALSE(question.waits());
  EXPECT_THAT(question.numbers(), IsEmpty());
  EXPECT_EQ(question.answer().at("last"), 1);
}

TEST(FollowedJournal, AnswersThoseWhoWaitWhenAnExchangeComes) {
  Followed it;
  it.mine.get("/agents");
  const Question own(it.fake, "nr_mine", "?after=1&wait_ms=60000");
  const Question all(it.fake, "secret", "?all=true&after=1&wait_ms=60000");
  EXPECT_TRUE(own.waits());
  EXPECT_TRUE(all.waits());
  it.mine.get("/agents");
  EXPECT_THAT(own.numbers(), ElementsAre(2));
  EXPECT_THAT(all.numbers(), ElementsAre(2));
  EXPECT_EQ(it.followers(), "0");
}

TEST(FollowedJournal, TellsNobodyOfOthersExchanges) {
  Followed it;
  const Question question(it.fake, "nr_mine", "?after=0&wait_ms=60000");
  it.theirs.get("/agents");
  Api(it.fake, "").get("/agents");
  it.fake.reset("nr_theirs");
  EXPECT_TRUE(question.waits());
  it.mine.get("/agents");
  EXPECT_THAT(question.numbers(), ElementsAre(3));
}

TEST(FollowedJournal, OfAKeyThatNeverCalledBeginsWithItsFirstCall) {
  Followed it({.listed_keys_only = true});
  const Question question(it.fake, "nr_stranger", "?after=0&wait_ms=60000");
  EXPECT_TRUE(question.waits());
  Api(it.fake, "nr_stranger").get("/agents");
  EXPECT_EQ(question.answer().at("entries").at(0).at("status"), 401);
}

TEST(FollowedJournal, OfOneKeyTooManyHasNothingOfThoseWithoutAKey) {
  Followed it({.max_organizations = 1});
  Api(it.fake, "nr_first").get("/nowhere");  // the one stranger that is told apart
  Api(it.fake, "").get("/agents");
  const Question question(it.fake, "nr_second", "?after=0&wait_ms=60000");
  EXPECT_FALSE(question.waits());
  EXPECT_THAT(question.numbers(), IsEmpty());
}

TEST(FollowedJournal, SaysAtAResetThatItBeginsAgain) {
  Followed it;
  it.mine.get("/agents");
  const Question own(it.fake, "nr_mine", "?after=1&wait_ms=60000");
  const Question all(it.fake, "secret", "?all=true&after=1&wait_ms=60000");
  const Question other(it.fake, "nr_theirs", "?after=0&wait_ms=60000");
  it.fake.reset("nr_mine");
  EXPECT_THAT(own.numbers(), IsEmpty());
  EXPECT_EQ(own.answer().at("again"), true);
  EXPECT_EQ(own.answer().at("last"), 0);
  EXPECT_FALSE(all.waits());
  EXPECT_TRUE(other.waits());
  it.fake.reset_all();
  EXPECT_FALSE(other.waits());
}

// A reset between two questions, and exchanges after it: the numbers alone do not tell.
TEST(FollowedJournal, TellsByItsInstanceOfAResetThatNobodyWaitedFor) {
  Followed it;
  const auto ask = [&](const std::string& token, const std::string& query) {
    return Question(it.fake, token, query).answer();
  };
  it.mine.get("/agents");
  const Json own = ask("nr_mine", "?after=0");
  const Json all = ask("secret", "?all=true&after=0");
  it.mine.control("POST", "/reset");
  it.mine.get("/agents");
  const auto next = [](const Json& answer) {
    return "after=" + answer.at("last").dump() +
           "&instance=" + answer.at("instance").get<std::string>() + "&wait_ms=60000";
  };
  const Json own_after = ask("nr_mine", "?" + next(own));
  EXPECT_EQ(own_after.at("again"), true);
  EXPECT_EQ(own_after.at("last"), 2);
  EXPECT_NE(own_after.at("instance"), own.at("instance"));
  EXPECT_EQ(ask("secret", "?all=true&" + next(all)).at("again"), true);
  EXPECT_TRUE(Question(it.fake, "nr_mine", "?" + next(own_after)).waits());
}

TEST(FollowedJournal, OfANewServerIsAnotherInstance) {
  Followed before({.control_token = "secret", .instance = "one"});
  Followed after({.control_token = "secret", .instance = "two"});
  before.mine.get("/agents");
  after.mine.get("/agents");
  const std::string instance =
      Question(before.fake, "secret", "?all=true&after=0").answer().at("instance");
  const Question question(after.fake, "secret",
                          "?all=true&after=1&wait_ms=60000&instance=" + instance);
  EXPECT_EQ(question.answer().at("again"), true);
  EXPECT_THAT(question.numbers(), ElementsAre(1));
}

TEST(FollowedJournal, WithASmallerNumberThanAskedForBeginsAgain) {
  Followed it;
  it.mine.get("/agents");
  const Question question(it.fake, "nr_mine", "?after=7&wait_ms=60000");
  EXPECT_THAT(question.numbers(), ElementsAre(1));
  EXPECT_EQ(question.answer().at("again"), true);
}

TEST(FollowedJournal, TellsFiveHundredAtATime) {
  Followed it;
  for (int i = 0; i < 501; ++i) it.mine.get("/agents");
  const Question first(it.fake, "secret", "?all=true&after=0&wait_ms=60000");
  EXPECT_EQ(first.numbers().size(), 500U);
  EXPECT_EQ(first.answer().at("more"), true);
  EXPECT_EQ(first.answer().at("last"), 500);
  const Question rest(it.fake, "secret", "?all=true&after=500&wait_ms=60000");
  EXPECT_THAT(rest.numbers(), ElementsAre(501));
  EXPECT_FALSE(rest.answer().contains("more"));
}

TEST(FollowedJournal, HasAnEmptyAnswerForWhoeverWaitsNoLonger) {
  Followed it;
  it.mine.get("/agents");
  Question question(it.fake, "nr_mine", "?after=1&wait_ms=60000");
  EXPECT_EQ(it.followers(), "1");
  question.end_the_wait();
  EXPECT_EQ(question.status(), 200);
  EXPECT_THAT(question.numbers(), IsEmpty());
  EXPECT_EQ(question.answer().at("last"), 1);
  EXPECT_EQ(it.followers(), "0");
}

TEST(FollowedJournal, ForgetsThoseWhoWentAway) {
  Followed it;
  Question gone(it.fake, "nr_mine", "?after=0&wait_ms=60000");
  const Question stays(it.fake, "nr_mine", "?after=0&wait_ms=60000");
  gone.go_away();
  EXPECT_EQ(it.followers(), "1");
  it.mine.get("/agents");
  EXPECT_THAT(stays.numbers(), ElementsAre(1));
}

TEST(FollowedJournal, OutlivesItsFollowersAndTheyIt) {
  auto it = std::make_unique<Followed>();
  Question question(it->fake, "nr_mine", "?after=0&wait_ms=60000");
  it.reset();
  EXPECT_EQ(question.status(), 500);
  question.go_away();
}

TEST(FollowedJournal, WaitsForNobodyInProcess) {
  Followed it;
  const Json answer = it.mine.control("GET", "/journal?after=0&wait_ms=60000").json();
  EXPECT_THAT(answer.at("entries"), IsEmpty());
}

TEST(FollowedJournal, SaysWhichNumbersItTakes) {
  Followed it;
  const auto error = [&](const std::string& query) {
    const auto answer = it.mine.control("GET", "/journal" + query);
    EXPECT_EQ(answer.status, 400) << query;
    return answer.error();
  };
  EXPECT_EQ(error("?after=0&wait_ms=60001"),
            "wait_ms must be a whole number from 0 to 60000, got \"60001\"");
  EXPECT_THAT(error("?after=-1"), HasSubstr("after must be a whole number"));
  EXPECT_THAT(error("?after="), HasSubstr("got \"\""));
  EXPECT_THAT(error("?after=1x"), HasSubstr("got \"1x\""));
  EXPECT_THAT(error("?wait_ms=5"), HasSubstr("wait_ms needs after=N"));
}

}  // namespace
}  // namespace nairi::mock::testing
