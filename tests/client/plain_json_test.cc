// The client reads plain JSON by itself, and all else by the library. Whatever it takes for plain
// is what the library makes of it.
#include "plain_json.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace nairi {
namespace {

const std::vector<std::string>& replies() {
  static const std::vector<std::string> texts = {
      R"({"id":"cmsg_1","job_id":"job_1","content":"grün \n\"\\\/","role":"user","n":-12})",
      R"( {"messages" : [ {"id":"a","attachment_ids":["x","y"]} , {"id":"b","b":true} ] } )",
      R"([{"id":"cci_1","instances_count":3,"description":null,"is_self_hosted":false},{}])",
      R"({"conversations":[],"next_cursor":"walk+1/50=","deep":{"deep":{"deep":[[1],{"a":[]}]}}})",
      "{\"euro\":\"\xE2\x82\xAC\",\"smile\":\"\xF0\x9F\x98\x80\",\"last\":\"\xF4\x8F\xBF\xBF\"}"};
  return texts;
}

TEST(PlainJson, RepliesArePlain) {
  for (const std::string& text : replies()) {
    const auto read = read_plain_json(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->value, Json::parse(text)) << text;
  }
}

TEST(PlainJson, KnowsTheTextsOfItsElements) {
  const auto read = read_plain_json(replies()[1]);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->elements.size(), 2U);
  EXPECT_EQ(read->elements[0], R"({"id":"a","attachment_ids":["x","y"]})");
  EXPECT_EQ(read->elements[1], R"({"id":"b","b":true})");
  EXPECT_EQ(read->text, replies()[1].substr(1, replies()[1].size() - 2));
}

TEST(PlainJson, LeavesToTheLibraryWhatIsNot) {
  for (const char* text :
       {"", "{", "{}x", "[1.5]", "[1e3]", R"(["\u0041"])", "[01]", "[-]", "[+1]", R"({"a":1,})",
        "[1 2]", R"({"a" 1})", "nul", "[\"a\nb\"]", "[\"\xC3\x28\"]", "[\"\xED\xA0\x80\"]",
        "[\"\xC0\x80\"]", "[1234567890123456789]"}) {
    EXPECT_FALSE(read_plain_json(text)) << text;
  }
  EXPECT_FALSE(read_plain_json(std::string(1'000'000, '[')));
}

// Some bytes of a reply are changed, left out, or come twice.
std::string mutated(std::mt19937& random) {
  static const std::string kBytes = "{}[]\",:\\ \t0123456789.eE-+truefalsn\x80\xC3\xA4\xED\xF4\x01";
  std::string text = replies()[random() % replies().size()];
  for (std::size_t changes = random() % 4; changes-- > 0 && !text.empty();) {
    const std::size_t at = random() % text.size();
    const std::string byte(1, kBytes[random() % kBytes.size()]);
    switch (random() % 3) {
      case 0:
        text.replace(at, 1, byte);
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      default:
        text.insert(at, random() % 2 == 0 ? byte : text.substr(at, random() % 20));
    }
  }
  return text;
}

TEST(PlainJson, IsWhatTheLibraryMakesOfIt) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = mutated(random);
    const auto read = read_plain_json(text);
    if (!read) continue;
    ASSERT_EQ(read->value, Json::parse(text, nullptr, false)) << text;
  }
}

}  // namespace
}  // namespace nairi
