#include "text/json_source.h"

#include <gtest/gtest.h>

#include <string>

namespace nairi::mock {
namespace {

constexpr std::string_view kText = R"({
  "a": {"b/c": [10, {"d~": "x, \"]}\\"}, [ ] ], "\u0065": null },
  "f": 1.5
})";

std::string_view at(std::string_view pointer) {
  return kText.substr(locate(kText, pointer));
}

TEST(Locate, FindsValuesOfMembersAndElements) {
  EXPECT_TRUE(at("").starts_with("{\n"));
  EXPECT_TRUE(at("/a").starts_with(R"({"b/c")"));
  EXPECT_TRUE(at("/a/b~1c").starts_with("[10"));
  EXPECT_TRUE(at("/a/b~1c/0").starts_with("10"));
  EXPECT_TRUE(at("/a/b~1c/1/d~0").starts_with(R"("x, )"));
  EXPECT_TRUE(at("/a/b~1c/2").starts_with("[ ]"));
  EXPECT_TRUE(at("/f").starts_with("1.5"));
}

TEST(Locate, FindsAnEscapedKeyByItsMeaning) {
  EXPECT_TRUE(at("/a/e").starts_with("null"));
}

TEST(Locate, GivesTheNearestValueAroundWhatIsNotThere) {
  EXPECT_EQ(locate(kText, "/a/b~1c/7"), locate(kText, "/a/b~1c"));
  EXPECT_EQ(locate(kText, "/f/g/h"), locate(kText, "/f"));
}

TEST(Locate, FindsTheNameOfAMember) {
  EXPECT_TRUE(kText.substr(locate_key(kText, "", "f")).starts_with(R"("f": 1.5)"));
  EXPECT_TRUE(kText.substr(locate_key(kText, "/a", "b/c")).starts_with(R"("b/c")"));
}

TEST(Locate, SkipsAByteOrderMark) {
  const std::string text = "\xEF\xBB\xBF[1]";
  ASSERT_TRUE(parse_json(text));
  EXPECT_EQ(locate(text, "/0"), 4U);
}

TEST(LineColumn, CountsFromOneInBytes) {
  EXPECT_EQ(line_column("ab\ncd", 0).line, 1);
  EXPECT_EQ(line_column("ab\ncd", 0).column, 1);
  EXPECT_EQ(line_column("ab\ncd", 4).line, 2);
  EXPECT_EQ(line_column("ab\ncd", 4).column, 2);
}

TEST(LineColumn, StopsAtTheEndOfTheText) {
  EXPECT_EQ(line_column("ab", 99).column, 3);
}

TEST(ChildPointer, EscapesTildeAndSlash) {
  EXPECT_EQ(child_pointer("/x", "a/b~c"), "/x/a~1b~0c");
}

TEST(ParseJson, AcceptsTheDeepestNestingAllowed) {
  const std::string deepest =
      std::string(kMaxNesting, '[') + std::string(static_cast<std::size_t>(kMaxNesting), ']');
  EXPECT_TRUE(parse_json(deepest));
  EXPECT_FALSE(parse_json('[' + deepest + ']'));
}

TEST(ParseJson, SurvivesNestingWithoutEnd) {
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
}

TEST(ParseJson, EndsAtTheEndAndNotAtNul) {
  const std::string nul("{}\0{\"", 5);
  const auto value = parse_json(nul);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().offset, 2U);
  EXPECT_EQ(value.error().message, "not JSON: U+0000 behind the value");
}

TEST(ParseJson, AcceptsTheSameKeyInDifferentObjects) {
  EXPECT_TRUE(parse_json(R"([{"a": 1}, {"a": {"a": 2}}])"));
}

TEST(ParseJson, SaysWhereADuplicateStands) {
  const std::string text = R"({"x": [{"a": 1, "b": 2, "a": 3}]})";
  const auto value = parse_json(text);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().pointer, "/x/0");
  EXPECT_EQ(value.error().offset, text.rfind("\"a\""));
}

TEST(ParseJson, SaysWhereTheSyntaxBreaks) {
  const auto value = parse_json("{\"a\": tru}");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().offset, 9U);
  EXPECT_EQ(value.error().message, "not JSON: while parsing value - invalid literal");
}

}  // namespace
}  // namespace nairi::mock
