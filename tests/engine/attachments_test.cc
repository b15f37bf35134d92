// REFERENCE: Attachments; and the multipart forms of real clients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "engine/api/operations.h"
#include "engine/state/organizations.h"
#include "engine/worlds.h"
#include "protocol/multipart.h"

namespace nairi::mock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(UploadingAnAttachment, AnswersItsIdAndKeepsNameAndBytes) {
  Play play(plain_world());
  const Answer answer = play.api.upload("note.txt", "hello");
  EXPECT_EQ(answer.status, 201);
  const std::string id = answer.json().at("attachment_id");
  const Json file = play.api.get("/attachments/" + id).json();
  EXPECT_EQ(file.at("id"), id);
  EXPECT_EQ(file.at("filename"), "note.txt");
  EXPECT_EQ(file.at("data"), "aGVsbG8=");
}

TEST(UploadingAnAttachment, KeepsBinaryAndEmptyFiles) {
  Play play(plain_world());
  const std::string binary("\0\xFF\r\n--X\r\n\x80", 10);
  const std::string id = play.api.upload("b", binary).json().at("attachment_id");
  EXPECT_EQ(play.api.get("/attachments/" + id).json().at("data"), "AP8NCi0tWA0KgA==");
  const std::string empty = play.api.upload("e", "").json().at("attachment_id");
  EXPECT_EQ(play.api.get("/attachments/" + empty).json().at("data"), "");
}

// RFC 4648: bytes of which each digit is one of the 64.
TEST(UploadingAnAttachment, KnowsEveryDigitOfBase64) {
  Play play(plain_world());
  const std::string bytes(
      "\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b\x71\xd7"
      "\x9f"
      "\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf"
      "\xbf",
      48);
  const std::string id = play.api.upload("b", bytes).json().at("attachment_id");
  EXPECT_EQ(play.api.get("/attachments/" + id).json().at("data"),
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

// How a client wrote a file name, and what it meant.
struct Name {
  const char* client;
  const char* sent;
  const char* meant;
};
class FileName : public ::testing::TestWithParam<Name> {};

TEST_P(FileName, ComesBackUnchanged) {
  Play play(plain_world());
  const std::string id = play.api.upload(GetParam().sent, "x").json().at("attachment_id");
  EXPECT_EQ(play.api.get("/attachments/" + id).json().at("filename"), GetParam().meant);
}

// docs/assumptions.md, "File names": who sends what. What stands here was seen on the wire.
INSTANTIATE_TEST_SUITE_P(
    UploadingAnAttachment, FileName,
    ::testing::Values(
        Name{"Plain", "receipt.pdf", "receipt.pdf"},
        Name{"RawUtf8", "Quittung für Zoë 日本.pdf", "Quittung für Zoë 日本.pdf"},
        Name{"QuoteOfBrowsersUndiciCurlAndRequests", "a %22b%22.txt", "a \"b\".txt"},
        Name{"QuoteOfGoRubyAndOldCurl", R"(a \"b\".txt)", R"(a "b".txt)"},
        Name{"QuoteAtTheEndOfGo", R"(a\")", R"(a")"},
        Name{"QuoteAndSemicolonOfGo", R"(a\"; b.txt)", R"(a"; b.txt)"},
        Name{"QuotesLikeAParameterOfGo", R"(a\"; name=\"b)", R"(a"; name="b)"},
        Name{"QuoteOfThoseWhoForgetIt", R"(a "b" c.txt)", R"(a "b" c.txt)"},
        Name{"BackslashOfGoRubyAndOldCurl", R"(a\\b.txt)", R"(a\b.txt)"},
        Name{"BackslashAtTheEndOfGo", R"(a\\)", R"(a\)"},
        Name{"BackslashAndQuoteAtTheEndOfGo", R"(a\\\")", R"(a\")"},
        Name{"BackslashAndQuoteOfOldUrllib3", R"(a\\b %22c%22)", R"(a\b "c")"},
        Name{"BackslashOfBrowsers", R"(C:\new\a.txt)", R"(C:\new\a.txt)"},
        Name{"BackslashAtTheEndOfBrowsers", R"(a\)", R"(a\)"},
        Name{"BackslashesOfBrowsersThatCannotBeEscapes", R"(\\host\a.txt)", R"(\\host\a.txt)"},
        Name{"BackslashAndQuoteOfBrowsers", R"(a\%22)", R"(a\")"},
        Name{"Semicolon", "a;b; c.txt", "a;b; c.txt"}, Name{"OtherPercent", "100%.txt", "100%.txt"},
        Name{"PercentEncodingThatNobodyMeansForAQuote", "a%20b%5C.txt", "a%20b%5C.txt"},
        Name{"LineEndOfBrowsers", "a%0D%0Ab", "a\r\nb"}, Name{"LineEndOfGo", "a\nb", "a\nb"}),
    [](const auto& parameter) { return parameter.param.client; });

Answer upload_form(Api& api, const std::string& type, const std::string& body) {
  return api.send({.method = "POST",
                   .target = "/api/public/v1/attachments",
                   .headers = {{"Content-Type", type}},
                   .body = body});
}

constexpr const char* kForm = "multipart/form-data; boundary=XX";

// The name that comes back for a part with that Content-Disposition, or what is said against it.
std::string name_kept(const std::string& disposition) {
  Play play(plain_world());
  const Answer answer = upload_form(
      play.api, kForm,
      "--XX\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\nA\r\n--XX--\r\n");
  if (answer.status != 201) return answer.error_and_hint();
  const std::string id = answer.json().at("attachment_id");
  return play.api.get("/attachments/" + id).json().at("filename");
}

TEST(FileNames, EndWhereverTheyStandAmongTheParameters) {
  EXPECT_EQ(name_kept(R"(filename="a\"; name="file")"), R"(a\)");
  EXPECT_EQ(name_kept(R"(filename="a\\"; name="file")"), R"(a\)");
  EXPECT_EQ(name_kept(R"(filename="a\""; name="file")"), R"(a")");
  EXPECT_EQ(name_kept(R"(filename="a\" ; name="file"; x="y")"), R"(a\)");
  EXPECT_EQ(name_kept(R"(name=file; filename=a.txt)"), "a.txt");
}

TEST(FileNames, InUtf8PercentEncodedWin) {
  EXPECT_EQ(name_kept("name=\"file\"; filename=\"?.txt\"; filename*=UTF-8''%E2%82%AC%20%5C.txt"),
            "\xE2\x82\xAC \\.txt");
  EXPECT_EQ(name_kept("filename*=utf-8'en'a%22b.txt; name=file"), "a\"b.txt");
  EXPECT_EQ(name_kept("name=\"file\"; filename=\"a\\\"; filename*=UTF-8''a%5C"), "a\\");
  EXPECT_EQ(name_kept("name=file; filename=a; filename*=iso-8859-1''%E4"), "a");
  EXPECT_EQ(name_kept("name=file; filename=a; filename*=UTF-8''%"), "a");
  EXPECT_EQ(name_kept("name=file; filename*=UTF-8''%E4"),
            "invalid file name: the file name is not UTF-8");
  EXPECT_EQ(name_kept("name=file; filename*=iso-8859-1''%E4"),
            "invalid file name: filename* must be UTF-8'' and a percent-encoded name, got "
            "\"iso-8859-1''%E4\"");
}

TEST(FileNames, ThatAreEmptyAreNone) {
  const std::string none = "invalid file: the part \"file\" must be a file: it has no file name";
  EXPECT_EQ(name_kept(R"(name="file"; filename="")"), none);
  EXPECT_EQ(name_kept("name=file; filename="), none);
  EXPECT_EQ(name_kept("name=file; filename*=UTF-8''"), none);
}

TEST(UploadingAnAttachment, OtherPartsAreIgnored) {
  Play play(plain_world());
  const Answer answer = upload_form(
      play.api, kForm,
      "--XX\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nreceipt\r\n"
      "--XX\r\ncontent-disposition: form-data; filename=\"a.txt\"; name=\"file\"\r\n\r\nA\r\n"
      "--XX\r\nContent-Disposition: form-data; name=\"last\"\r\n\r\n\r\n--XX--\r\n");
  ASSERT_EQ(answer.status, 201);
  const std::string id = answer.json().at("attachment_id");
  EXPECT_EQ(play.api.get("/attachments/" + id).json().at("data"), "QQ==");
}

TEST(UploadingAnAttachment, BoundaryMayBeQuotedAndAPreambleIsSkipped) {
  Play play(plain_world());
  const Answer answer =
      upload_form(play.api, "Multipart/Form-Data; charset=utf-8; Boundary=\"a b;c\"",
                  "preamble\r\n--a b;c \r\nContent-Disposition: form-data; name=file; "
                  "filename=a.txt\r\n\r\nA\r\n--a b;c--");
  EXPECT_EQ(answer.status, 201) << answer.text;
}

struct BadForm {
  const char* name;
  const char* type;
  const char* body;
  const char* says;
};
class BadUpload : public ::testing::TestWithParam<BadForm> {};

TEST_P(BadUpload, Is400AndSaysWhy) {
  Play play(plain_world());
  const Answer answer = upload_form(play.api, GetParam().type, GetParam().body);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error(), Not(HasSubstr("\"")));
  EXPECT_THAT(answer.hint(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    UploadingAnAttachment, BadUpload,
    ::testing::Values(
        BadForm{"NoForm", "application/json", "{}", "must be multipart/form-data"},
        BadForm{"NoBoundary", "multipart/form-data", "--XX--", "must name a boundary"},
        BadForm{"EmptyBody", kForm, "", "does not hold the boundary"},
        BadForm{"AnotherBoundary", kForm, "--YY\r\n\r\n\r\n--YY--", "does not hold the boundary"},
        BadForm{"NoParts", kForm, "--XX--\r\n", "no part named \"file\""},
        BadForm{"NoFilePart", kForm,
                "--XX\r\nContent-Disposition: form-data; name=\"other\"; filename=\"a\"\r\n\r\nA"
                "\r\n--XX--\r\n",
                "no part named \"file\""},
        BadForm{"FilePartWithoutFileName", kForm,
                "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nA\r\n--XX--\r\n",
                "has no file name"},
        BadForm{"PartWithoutHeaders", kForm, "--XX\r\n\r\nA\r\n--XX--\r\n", "no part named"},
        BadForm{"NoClosingBoundary", kForm,
                "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nA",
                "ends without its closing boundary"},
        BadForm{"HeadersWithoutEnd", kForm, "--XX\r\nContent-Disposition: form-data", "headers"},
        BadForm{"TextAfterBoundary", kForm, "--XXA\r\n\r\n\r\n--XX--", "followed by a line end"},
        BadForm{"FileNameNotUtf8", kForm,
                "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\xFF\"\r\n\r\nA"
                "\r\n--XX--\r\n",
                "not UTF-8"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(UploadingAnAttachment, FiftyMegabytesAreAcceptedAndOneByteMoreIs413) {
  Play play(plain_world());
  std::string bytes(std::size_t{50} << 20, 'x');
  EXPECT_EQ(play.api.upload("big", bytes).status, 201);
  bytes += 'x';
  const Answer refused = play.api.upload("bigger", bytes);
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.error(), "file is too large");
  EXPECT_THAT(refused.hint(), HasSubstr("52428801 bytes, at most 52428800"));
}

Request large_upload(const std::string& bytes) {
  return {.method = "POST",
          .target = "/api/public/v1/attachments",
          .headers = {{"Authorization", "Bearer nr_test"},
                      {"Content-Type", "multipart/form-data; boundary=XX"}},
          .body = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" +
                  bytes + "\r\n--XX--\r\n"};
}

TEST(UploadingAnAttachment, TakesARequestThatIsGivenAway) {
  const std::string bytes(300'000, 'a');  // divisible by 3: no padding in base64
  Play play(plain_world());
  const Reply reply = play.fake.handle(large_upload(bytes));
  const std::string id = Json::parse(reply.body).at("attachment_id");
  std::string data;
  for (std::size_t i = 0; i < bytes.size(); i += 3) data += "YWFh";
  EXPECT_EQ(play.api.get("/attachments/" + id).json().at("data"), data);
  EXPECT_GT(play.fake.journal("nr_test").at(0).body_bytes, bytes.size());
}

TEST(UploadingAnAttachment, OfARequestThatMayBeKeptCopiesNothing) {
  const FakeOptions options;
  Organizations organizations(plain_world(), options, [](const auto& /*evicted*/) {});
  const auto slot = *organizations.open("nr_test", 0, 0);
  const auto kept = std::make_shared<const Request>(large_upload(std::string(100'000, 'a')));
  const Call call{.request = *kept, .query = {}, .parameter = {}, .kept = kept};
  const std::string id =
      Json::parse(upload_attachment(slot->organization, call).body).at("attachment_id");
  const Attachment* file = slot->organization.find_attachment(*parse_id(id, kAttachmentPrefix));
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->bytes.data(), kept->body.data() + kept->body.find("aaa"));
}

TEST(WhatIsKept, IsBoundedUntilAReset) {
  Play play(plain_world(), {.max_kept_bytes = 20'000});
  EXPECT_EQ(play.api.upload("a", std::string(10'000, 'x')).status, 201);
  const Answer refused = play.api.upload("b", std::string(10'000, 'x'));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.error(), StartsWith("nairi-mock keeps at most 20000 bytes"));
  const Json prompt = {{"agent_id", "bot"}, {"prompt", std::string(10'000, 'x')}};
  EXPECT_EQ(play.api.post("/conversations/start", prompt).status, 503);
  EXPECT_EQ(play.api.post("/agents", {{"name", std::string(10'000, 'x')}}).status, 503);
  EXPECT_EQ(play.api.upload("c", "1234").status, 201);
  play.fake.reset("nr_test");
  EXPECT_EQ(play.api.post("/conversations/start", prompt).status, 200);
}

TEST(WhatIsKept, CountsNamesOfEmptyFilesToo) {
  Play play(plain_world(), {.max_kept_bytes = 100'000});
  int accepted = 0;
  while (accepted < 100 && play.api.upload(std::string(10'000, 'x'), "").status == 201) ++accepted;
  EXPECT_LT(accepted, 12);
}

TEST(AgentsFiles, AreNamedOnTheAssistantMessageAndCanBeRead) {
  Fake fake(default_world());
  Api api(fake);
  const Started turn = api.start("billing-agent", "Refund cus_123");
  ASSERT_EQ(api.finish(turn.message), "completed");
  const Json answer = api.messages(turn.job, "assistant").at(0);
  ASSERT_EQ(answer.at("attachment_ids").size(), 1U);
  const std::string id = answer.at("attachment_ids").at(0);
  const Json file = api.get("/attachments/" + id).json();
  EXPECT_EQ(file.at("filename"), "receipt.pdf");
  EXPECT_THAT(file.at("data").get<std::string>(), StartsWith("JVBERi0"));  // %PDF-
}

TEST(AgentsFiles, AreLeftOutOfAnAssistantMessageThatHasNone) {
  Play play(plain_world());
  const Started turn = play.api.start("bot", "hi");
  play.api.finish(turn.message);
  EXPECT_FALSE(play.api.messages(turn.job, "assistant").at(0).contains("attachment_ids"));
}

TEST(Multipart, APartIsAViewIntoTheBody) {
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nabc\r\n--B--";
  const auto part = find_part("multipart/form-data; boundary=B", body, "file");
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->bytes, "abc");
  EXPECT_EQ(part->bytes.data(), body.data() + body.find("abc"));
}

}  // namespace
}  // namespace nairi::mock::testing
