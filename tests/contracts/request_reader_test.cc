// How the judge reads requests: by the RFCs and by REFERENCE, and not by what the fake takes.
#include "harness/openapi/request_reader.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

namespace nairi::contracts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::Pair;

constexpr const char* kFormType = "multipart/form-data; boundary=XX";

// A part with that head and the bytes "hello".
std::string form_of(const std::string& head) {
  return "--XX\r\n" + head + "\r\n\r\nhello\r\n--XX--\r\n";
}

std::string disposition(const std::string& parameters) {
  return "Content-Disposition: form-data; " + parameters;
}

// What is wrong with a form; "" when its part "file" is found.
std::string mistake_in(std::string_view content_type, std::string_view body) {
  const auto part = find_form_part(content_type, body, "file");
  return part ? "" : part.error();
}

// RFC 3986, 3.3 to 3.5

TEST(RequestTargets, ArePathAndQuery) {
  const auto [path, query] = split_target("/agents/a%3Fb?limit=2&cursor=a?b");
  EXPECT_EQ(path, "/agents/a%3Fb");
  EXPECT_EQ(query, "limit=2&cursor=a?b");
  EXPECT_EQ(split_target("/agents").query, "");
}

TEST(RequestTargets, LoseTheirOriginAndTheirFragment) {
  EXPECT_EQ(split_target("http://127.0.0.1:80/agents?limit=1").path, "/agents");
  EXPECT_EQ(split_target("http://127.0.0.1").path, "/");
  EXPECT_EQ(split_target("http://127.0.0.1?limit=/1").path, "/");
  EXPECT_EQ(split_target("http://127.0.0.1?limit=/1").query, "limit=/1");
  EXPECT_EQ(split_target("a?b=http://127.0.0.1/c").path, "a");
  EXPECT_EQ(split_target("/agents?limit=1#top").query, "limit=1");
  EXPECT_EQ(split_target("/agents#top?limit=1").query, "");
}

TEST(PercentEncoding, IsDecodedByteByByte) {
  EXPECT_THAT(percent_decode("acme%2Fops"), Optional(std::string("acme/ops")));
  EXPECT_THAT(percent_decode("%c3%A4"), Optional(std::string("\xC3\xA4")));
  EXPECT_THAT(percent_decode("a%00b"), Optional(std::string("a\0b", 3)));
  EXPECT_THAT(percent_decode("a+b"), Optional(std::string("a+b")));
  EXPECT_THAT(percent_decode(""), Optional(std::string()));
}

TEST(PercentEncoding, NeedsTwoHexadecimalDigits) {
  for (const char* text : {"%", "a%2", "%2g", "%g2", "%+1", "%-1", "% 1", "%%41", "%0x41"}) {
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
  }
}

TEST(Queries, AreReadInTheirOrder) {
  EXPECT_THAT(read_query("sort=a%26b&&limit=2&sort=&flag&q=a+b=c"),
              Optional(ElementsAre(Pair("sort", "a&b"), Pair("limit", "2"), Pair("sort", ""),
                                   Pair("flag", ""), Pair("q", "a b=c"))));
  EXPECT_THAT(read_query(""), Optional(ElementsAre()));
}

TEST(Queries, OfAnEncodingThatIsBrokenAreRefused) {
  EXPECT_EQ(read_query("limit=2&sort=%"), std::nullopt);
  EXPECT_EQ(read_query("%zz=1"), std::nullopt);
}

// REFERENCE: Agents: slugs may contain "/", raw or as %2F.

TEST(PathParameters, AreWhatStandsForTheName) {
  EXPECT_THAT(path_parameter("/messages/{message_id}", "/messages/cmsg_1"),
              Optional(std::string_view("cmsg_1")));
  EXPECT_THAT(path_parameter("/conversations/{job_id}/continue", "/conversations/a%2Fb/continue"),
              Optional(std::string_view("a%2Fb")));
  EXPECT_THAT(path_parameter("/agents", "/agents"), Optional(std::string_view("")));
}

TEST(PathParameters, AreOneSegmentUnlessTheyNameAnAgent) {
  EXPECT_EQ(path_parameter("/messages/{message_id}", "/messages/a/b"), std::nullopt);
  EXPECT_THAT(path_parameter("/agents/{agent_id}", "/agents/acme/ops"),
              Optional(std::string_view("acme/ops")));
  EXPECT_THAT(
      path_parameter("/agents/{agent_id}/conversations", "/agents/acme/ops/eu/conversations"),
      Optional(std::string_view("acme/ops/eu")));
}

TEST(PathParameters, AreNeverEmpty) {
  EXPECT_EQ(path_parameter("/messages/{message_id}", "/messages/"), std::nullopt);
  EXPECT_EQ(path_parameter("/agents/{agent_id}/conversations", "/agents//conversations"),
            std::nullopt);
  EXPECT_EQ(path_parameter("/agents/{agent_id}/conversations", "/agents/conversations"),
            std::nullopt);
}

TEST(PathParameters, NeedTheRestOfThePathToFit) {
  EXPECT_EQ(path_parameter("/agents", "/agents/"), std::nullopt);
  EXPECT_EQ(path_parameter("/agents/{agent_id}", "/agent/a"), std::nullopt);
  EXPECT_EQ(path_parameter("/agents/{agent_id}/deploy", "/agents/a/deployed"), std::nullopt);
  EXPECT_EQ(path_parameter("/agents/{agent_id}/deploy", "/agents/deploy"), std::nullopt);
  EXPECT_EQ(path_parameter("/agents/{agent_id}", "agents/a"), std::nullopt);
}

// RFC 7578, and RFC 2046, 5.1

TEST(FormParts, HaveANameAFileNameAndBytes) {
  const std::string body = form_of(disposition(R"(name="file"; filename="a;b.txt")"));
  const auto part = find_form_part(kFormType, body, "file");
  ASSERT_TRUE(part) << part.error();
  EXPECT_EQ(part->name, "file");
  EXPECT_EQ(part->filename, "a;b.txt");
  EXPECT_EQ(part->bytes, "hello");
}

TEST(FormParts, AreFoundAmongOthers) {
  const std::string body =
      "a preamble\r\n--XX  \r\n" + disposition("name=purpose") +
      "\r\n\r\nto --XX read\r\n--XX\r\n" +
      "Content-Type: text/plain\r\ncontent-disposition:form-data;NAME=file\r\n\r\n\r\n\r\n--XX--";
  const auto part = find_form_part(kFormType, body, "file");
  ASSERT_TRUE(part) << part.error();
  EXPECT_EQ(part->filename, std::nullopt);
  EXPECT_EQ(part->bytes, "\r\n");
  EXPECT_EQ(find_form_part(kFormType, body, "purpose")->bytes, "to --XX read");
}

TEST(FormParts, MayBeEmptyOrWithoutHeaders) {
  const std::string body = "--XX\r\n\r\nwithout a name\r\n--XX\r\n" + disposition("name=file") +
                           "\r\n\r\n\r\n--XX--\r\n";
  EXPECT_EQ(find_form_part(kFormType, body, "file")->bytes, "");
  const std::string bare = "--XX\r\n" + disposition("name=file") + "\r\n\r\n--XX--\r\n";
  EXPECT_EQ(find_form_part(kFormType, bare, "file")->bytes, "");
}

// The file name of a part "file" with that disposition; "(none)" for a plain field.
std::string name_in(const std::string& parameters) {
  const std::string body = form_of(disposition(parameters));
  const auto part = find_form_part(kFormType, body, "file");
  return part ? part->filename.value_or("(none)") : part.error();
}

std::string name_sent(const std::string& sent) {
  return name_in("name=\"file\"; filename=\"" + sent + "\"");
}

// REFERENCE: Attachments: a quote is sent as %22 by browsers and undici, as \" by curl.
TEST(FormParts, HaveTheirNamesUnescaped) {
  EXPECT_EQ(name_sent("a%22b.txt"), "a\"b.txt");
  EXPECT_EQ(name_sent(R"(a\"b;c.txt)"), "a\"b;c.txt");
  EXPECT_EQ(name_sent(R"(a\"; b.txt)"), "a\"; b.txt");
  EXPECT_EQ(name_sent(R"(a\")"), "a\"");
  EXPECT_EQ(name_sent(R"(a\\b.txt)"), "a\\b.txt");
  EXPECT_EQ(name_sent(R"(a\\)"), "a\\");
  EXPECT_EQ(name_sent(R"(a\\\")"), "a\\\"");
  EXPECT_EQ(name_sent("a%0D%0Ab.txt"), "a\r\nb.txt");
  EXPECT_EQ(name_sent("100%.txt"), "100%.txt");
  EXPECT_EQ(name_sent("\xC3\xA4.txt"), "\xC3\xA4.txt");
  EXPECT_EQ(name_sent("\xE4.txt"), "the file name is not UTF-8");
}

TEST(FormParts, KeepBackslashesThatEscapeNothing) {
  EXPECT_EQ(name_sent(R"(a\)"), R"(a\)");
  EXPECT_EQ(name_sent(R"(C:\new\a.txt)"), R"(C:\new\a.txt)");
  EXPECT_EQ(name_sent(R"(\\host\share\)"), R"(\\host\share\)");
  EXPECT_EQ(name_sent(R"(\\host\a.txt)"), R"(\\host\a.txt)");
  EXPECT_EQ(name_sent(R"(a\%22)"), R"(a\")");
  EXPECT_EQ(name_in(R"(filename="a\"; name="file")"), R"(a\)");
  EXPECT_EQ(name_in(R"(filename="a\""; name="file")"), R"(a")");
  EXPECT_EQ(name_sent(R"(a "b" c.txt)"), R"(a "b" c.txt)");
}

TEST(FormParts, AreNamedInUtf8BeforeAllElse) {
  EXPECT_EQ(name_in("name=file; filename=\"?\"; filename*=UTF-8''%E2%82%AC%20a"), "\xE2\x82\xAC a");
  EXPECT_EQ(name_in("filename*=utf-8'en'a%22; name=\"file\""), "a\"");
  EXPECT_EQ(name_in("name=file; filename=a; filename*=latin1''%E4"), "a");
  EXPECT_EQ(name_in("name=file; filename=a; filename*=UTF-8''%"), "a");
  EXPECT_EQ(name_in("name=file; filename*=UTF-8''%E4"), "the file name is not UTF-8");
}

TEST(FormParts, WithoutANameHoldNoFile) {
  EXPECT_EQ(name_sent(""), "(none)");
  EXPECT_EQ(name_in("name=file; filename*=UTF-8''"), "(none)");
  EXPECT_EQ(name_in("name=file"), "(none)");
}

TEST(FormTypes, NameABoundary) {
  const std::string body = form_of(disposition("name=file"));
  EXPECT_EQ(mistake_in("Multipart/Form-Data; charset=utf-8; Boundary=\"XX\"", body), "");
  EXPECT_EQ(mistake_in("application/json", body),
            R"(Content-Type must be multipart/form-data, got "application/json")");
  EXPECT_EQ(mistake_in("multipart/form-data", body),
            R"(Content-Type must name a boundary, got "multipart/form-data")");
  EXPECT_THAT(mistake_in("multipart/form-data; boundary=" + std::string(201, 'X'), body),
              HasSubstr("must name a boundary"));
  EXPECT_EQ(mistake_in("multipart/form-data; boundary=YY", body),
            "the body does not hold the boundary that Content-Type names");
}

TEST(Forms, ThatAreCutOrMisshapenAreRefused) {
  const std::string whole = form_of(disposition("name=file"));
  EXPECT_EQ(mistake_in(kFormType, whole.substr(0, whole.find("llo"))),
            "the multipart body ends without its closing boundary");
  EXPECT_EQ(mistake_in(kFormType, "--XX\r\nContent-Disposition: form-data"),
            "a part's headers do not end within 16 KiB");
  EXPECT_EQ(mistake_in(kFormType, "--XXX\r\n\r\n"), "a boundary must be followed by a line end");
  EXPECT_EQ(mistake_in(kFormType, "--XX"), "a boundary must be followed by a line end");
  EXPECT_EQ(mistake_in(kFormType, form_of("X-Name: file")), R"(the form has no part named "file")");
  EXPECT_EQ(mistake_in(kFormType, ""),
            "the body does not hold the boundary that Content-Type names");
}

}  // namespace
}  // namespace nairi::contracts
