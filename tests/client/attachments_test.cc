#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "scripted_transport.h"

namespace nairi::tests {
namespace {

class Attachments : public ::testing::Test, protected Scripted {
 protected:
  Attachments() { server->reply(200, R"({"attachment_id":"att_1"})"); }
  const std::string& body() const { return server->requests.back().body; }
  std::string content_type() const { return server->requests.back().headers.back().value; }
  Result<Attachment> download(const std::string& data) {
    server->script.clear();
    server->reply(200, R"({"id":"att_1","filename":"a.txt","data":")" + data + R"(","size":3})");
    return client.attachment("att_1");
  }
};

TEST_F(Attachments, UploadIsOneFilePart) {
  EXPECT_EQ(client.upload("a.txt", std::string("x\0y\r\n", 5)), "att_1");
  EXPECT_EQ(content_type(), "multipart/form-data; boundary=nairi-cpp-boundary-0");
  EXPECT_EQ(body(),
            std::string("--nairi-cpp-boundary-0\r\n"
                        "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
                        "Content-Type: application/octet-stream\r\n\r\n") +
                std::string("x\0y\r\n", 5) + "\r\n--nairi-cpp-boundary-0--\r\n");
}

TEST_F(Attachments, FileNameIsRawUtf8WithEncodedQuotesAndLineBreaks) {
  EXPECT_TRUE(client.upload("Ü \"x\"\r\n.pdf", ""));
  EXPECT_NE(body().find("filename=\"Ü %22x%22%0D%0A.pdf\"\r\n"), std::string::npos);
}

TEST_F(Attachments, BoundaryIsNotInTheFile) {
  EXPECT_TRUE(client.upload("nairi-cpp-boundary-1", "--nairi-cpp-boundary-0--"));
  EXPECT_EQ(content_type(), "multipart/form-data; boundary=nairi-cpp-boundary-2");
}

TEST_F(Attachments, FileIsUploadedUnderItsOwnName) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "nairi-upload.txt";
  std::ofstream(path) << "content";
  EXPECT_EQ(client.upload_file(path.string()), "att_1");
  EXPECT_NE(body().find("filename=\"nairi-upload.txt\""), std::string::npos);
  EXPECT_NE(body().find("\r\n\r\ncontent\r\n"), std::string::npos);
  std::filesystem::remove(path);
}

TEST_F(Attachments, UnreadableAndOversizedFilesAreRefusedUnsent) {
  EXPECT_EQ(client.upload_file("/nonexistent/x").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(client.upload_file(::testing::TempDir()).error().code, ErrorCode::invalid_argument);
  const auto path = std::filesystem::path(::testing::TempDir()) / "nairi-large.bin";
  std::ofstream(path).close();
  std::filesystem::resize_file(path, (50U << 20) + 1);  // sparse
  EXPECT_EQ(client.upload_file(path.string()).error().code, ErrorCode::invalid_argument);
  std::filesystem::remove(path);
  EXPECT_TRUE(server->requests.empty());
}

TEST_F(Attachments, DownloadIsDecoded) {
  const auto file = download("AP8h");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->data, std::string("\0\xff!", 3));
  EXPECT_EQ(file->filename, "a.txt");
  EXPECT_EQ(file->raw_json, R"({"id":"att_1","filename":"a.txt","size":3})");
  EXPECT_EQ(download("YWI=")->data, "ab");
  EXPECT_EQ(download("YQ==")->data, "a");
  EXPECT_EQ(download("")->data, "");
}

TEST_F(Attachments, EveryDigitOfBase64IsDecoded) {
  const std::string bytes(
      "\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b\x71\xd7"
      "\x9f"
      "\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf"
      "\xbf",
      48);
  const auto file = download("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->data, bytes);
}

TEST_F(Attachments, WhatIsNotBase64IsMalformed) {
  for (const char* data :
       {"A", "AA", "AAA", "A===", "====", "AA=A", "A*AA", "AAAA AAA", "YQ==YQ=="}) {
    const auto file = download(data);
    ASSERT_FALSE(file) << data;
    EXPECT_EQ(file.error().pointer, "/data");
  }
}

}  // namespace
}  // namespace nairi::tests
