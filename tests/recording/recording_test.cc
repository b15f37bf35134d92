// What is written of an exchange is what is read again.
#include "harness/recording/recording.h"

#include <gmock/gmock.h>

#include <string>

#include "harness/cases/base64.h"

namespace nairi::contracts {
namespace {

using testing::HasSubstr;

const RecordingHead kHead = {"https://api.nairi.ai/api/public/v1", "2026-11-26T16:00:00.000Z",
                             "nairi-contract 0"};

RecordedExchange an_upload() {
  RecordedExchange exchange;
  exchange.number = 7;
  exchange.key = "key-2";
  exchange.connection = 3;
  exchange.at = "2026-11-26T16:00:01.234Z";
  exchange.began_us = 1'234'000;
  exchange.ended_us = 1'236'500;
  exchange.method = "POST";
  exchange.target = "/attachments?a=%22b";
  exchange.request_headers = {{"content-type", "multipart/form-data; boundary=\"x\""},
                              {"accept", ""}};
  exchange.request_body = {"", 512, true, RecordedForm{"a\"b.png", "image/png", 300}};
  exchange.status = 201;
  exchange.reply_headers = {{"content-type", "application/json"}};
  exchange.reply_body = {std::string("\xFF\xFE\0 no text", 11), 11};
  exchange.ending = Ending::reset;
  return exchange;
}

tl::expected<Recording, mock::Diagnostics> read_back(const std::string& lines) {
  return parse_recording(head_line(kHead) + lines, "traffic.jsonl");
}

std::string mistake_in(const std::string& text) {
  const auto recording = parse_recording(text, "traffic.jsonl");
  return recording ? "none" : mock::to_string(recording.error(), "\n");
}

TEST(Recording, IsReadAsItWasWritten) {
  const std::string line = exchange_line(an_upload());
  const auto recording = read_back(line + line);
  ASSERT_TRUE(recording) << mock::to_string(recording.error(), "\n");
  EXPECT_EQ(recording->head.target, kHead.target);
  EXPECT_EQ(recording->head.at, kHead.at);
  EXPECT_EQ(recording->remark, "");
  ASSERT_EQ(recording->exchanges.size(), 2);
  EXPECT_EQ(exchange_line(recording->exchanges[1]), line);  // which shows every field
  const RecordedExchange& read = recording->exchanges[0];
  EXPECT_EQ(read.request_body.form->filename, "a\"b.png");
  EXPECT_TRUE(read.request_body.left_out);
  EXPECT_EQ(read.reply_body.kept, an_upload().reply_body.kept);
  EXPECT_EQ(read.ending, Ending::reset);
}

TEST(Recording, OfOneWhoWasKilledLacksTheLineThatIsCutOff) {
  const std::string line = exchange_line(an_upload());
  for (const std::size_t kept : {std::size_t{1}, line.size() / 2, line.size() - 1}) {
    const auto recording = read_back(line + line.substr(0, kept));
    ASSERT_TRUE(recording) << kept;
    EXPECT_EQ(recording->exchanges.size(), 1) << kept;
    EXPECT_THAT(recording->remark, HasSubstr("traffic.jsonl:3: the last line is cut off"));
  }
}

TEST(Recording, MayHoldNoExchange) {
  const auto recording = read_back("");
  ASSERT_TRUE(recording);
  EXPECT_TRUE(recording->exchanges.empty());
}

TEST(Recording, OfNoneIsToldByLineAndPlace) {
  EXPECT_THAT(mistake_in(""), HasSubstr("traffic.jsonl:1:1: expected a recording, got nothing"));
  EXPECT_THAT(mistake_in("{\"recording\":2}\n"), HasSubstr("/recording: expected"));
  EXPECT_THAT(mistake_in(head_line(kHead) + "no json\n"), HasSubstr("traffic.jsonl:2:2: not JSON"));
  std::string line = exchange_line(an_upload());
  line.replace(line.find("\"reset\""), 7, "\"resett\"");
  EXPECT_THAT(mistake_in(head_line(kHead) + exchange_line(an_upload()) + line),
              HasSubstr("traffic.jsonl:3:" + std::to_string(line.find("\"resett\"") + 1) +
                        ": /ending: expected \"whole\""));
}

TEST(Recording, ThatIsNotThereIsToldByItsName) {
  const auto recording = read_recording("/no/such/folder");
  ASSERT_FALSE(recording);
  EXPECT_THAT(mock::to_string(recording.error(), "\n"), HasSubstr("/no/such/folder"));
}

TEST(Base64, IsThatOfTheStandard) {
  const std::pair<std::string, std::string> pairs[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"},
                                                       {"\xFF\xFB", "//s="}};
  for (const auto& [bytes, text] : pairs) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), bytes);
  }
}

TEST(Base64, ThatNobodyWouldWriteIsRefused) {
  for (const std::string text :
       {"Zg", "Zg=", "Zg===", "Zh==", "Z", "Zm9v=", "====", "Zm 9v", "Zm9_"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace nairi::contracts
