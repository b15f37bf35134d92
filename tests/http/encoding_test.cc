// How bodies are packed, without a socket; what is unpacked is what was to be sent.
#include "http/encoding.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "unpacked.h"

namespace nairi::mock {
namespace {

constexpr AcceptedEncodings kBoth{.chunked = true, .gzip = true};

std::string digits(std::size_t count) {
  std::string text;
  while (text.size() < count) text += std::to_string(text.size());
  return text.substr(0, count);
}

Reply packed(const std::string& body, Encoding encoding, AcceptedEncodings accepted = kBoth) {
  Reply reply{.body = body, .encode = encoding};
  encode(reply, accepted);
  return reply;
}

bool gzip_accepted(std::vector<Header> headers) {
  return accepted_by(headers, false).gzip;
}
bool gzip_accepted(const std::string& value) {
  return gzip_accepted(std::vector<Header>{{"accept-encoding", value}});
}

TEST(EncodingAccepted, IsGzipWhereItIsNamedOrAnyIs) {
  for (const char* value : {"gzip", "gzip, deflate", "br;q=1.0,GZIP;q=0.5", "x-gzip", "*",
                            "*;q=0.1", "identity, *;q=0, gzip", " deflate ,\tgzip ; q=1"}) {
    EXPECT_TRUE(gzip_accepted(value)) << value;
  }
  EXPECT_TRUE(gzip_accepted({{"Accept-Encoding", "br"}, {"Accept-Encoding", "gzip"}}));
}

TEST(EncodingAccepted, IsNoGzipWithoutAWordOrWithARefusal) {
  for (const char* value : {"", "identity", "deflate, br", "gzip;q=0", "gzip; Q=0.000", "*;q=0",
                            "gzip;q=0, *", ",", ";", "gzipped"}) {
    EXPECT_FALSE(gzip_accepted(value)) << value;
  }
  EXPECT_FALSE(gzip_accepted({{"Accept", "gzip"}}));
}

TEST(EncodingAccepted, IsNoChunkByHttp10) {
  EXPECT_TRUE(accepted_by({}, false).chunked);
  EXPECT_FALSE(accepted_by({}, true).chunked);
}

TEST(EncodingChunked, HoldsTheSameContentInGrowingChunks) {
  EXPECT_EQ(packed("0123456789", Encoding::chunked).body, "a\r\n0123456789\r\n0\r\n\r\n");
  for (const std::size_t size : {1U, 16U, 17U, 1000U, 300'000U}) {
    EXPECT_EQ(unchunked(packed(digits(size), Encoding::chunked).body), digits(size)) << size;
  }
  std::vector<std::size_t> sizes;
  for (const auto& chunk : chunks_of(packed(digits(100), Encoding::chunked).body)) {
    sizes.push_back(chunk.size());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{16, 32, 52}));
}

TEST(EncodingChunked, IsLeftOutWhereItIsNotAccepted) {
  const Reply reply = packed("0123456789", Encoding::chunked, {.gzip = true});
  EXPECT_EQ(reply.encode, Encoding::plain);
  EXPECT_EQ(reply.body, "0123456789");
}

TEST(EncodingGzip, HoldsTheSameContentAndSaysSo) {
  for (const std::size_t size : {1U, 1000U, 1U << 20}) {
    const Reply reply = packed(digits(size), Encoding::gzip);
    EXPECT_EQ(gunzipped(reply.body), digits(size)) << size;
    ASSERT_NE(find_header(reply.headers, "Content-Encoding"), nullptr);
    EXPECT_EQ(*find_header(reply.headers, "Content-Encoding"), "gzip");
  }
  EXPECT_LT(packed(digits(1000), Encoding::gzip).body.size(), 1000U);
}

TEST(EncodingGzip, IsTheSameBytesForTheSameBody) {
  EXPECT_EQ(packed(digits(1000), Encoding::gzip).body, packed(digits(1000), Encoding::gzip).body);
}

TEST(EncodingGzip, VariesWithWhatIsAcceptedWhetherOrNotItIs) {
  for (const bool is_accepted : {true, false}) {
    const Reply reply =
        packed("0123456789", Encoding::gzip, {.chunked = true, .gzip = is_accepted});
    ASSERT_NE(find_header(reply.headers, "Vary"), nullptr);
    EXPECT_EQ(*find_header(reply.headers, "Vary"), "Accept-Encoding");
    EXPECT_EQ(find_header(reply.headers, "Content-Encoding") != nullptr, is_accepted);
    EXPECT_EQ(reply.encode, is_accepted ? Encoding::gzip : Encoding::plain);
  }
}

TEST(EncodingGzip, IsLeftOutWhereItWouldHoldUpOthers) {
  const Reply reply = packed(digits((1U << 20) + 1), Encoding::gzip);
  EXPECT_EQ(reply.body, digits((1U << 20) + 1));
  EXPECT_EQ(find_header(reply.headers, "Content-Encoding"), nullptr);
}

TEST(Encoding, OfNoBodyIsNothing) {
  for (const Encoding encoding : {Encoding::chunked, Encoding::gzip}) {
    const Reply empty = packed("", encoding);
    EXPECT_EQ(empty.encode, Encoding::plain);
    EXPECT_TRUE(empty.headers.empty());
    Reply none{.status = 204, .body = "unsent", .encode = encoding};
    encode(none, kBoth);
    EXPECT_EQ(none.encode, Encoding::plain);
    EXPECT_TRUE(none.headers.empty());
  }
}

TEST(Encoding, PlainChangesNothing) {
  const Reply reply = packed("0123456789", Encoding::plain);
  EXPECT_EQ(reply.body, "0123456789");
  EXPECT_TRUE(reply.headers.empty());
}

}  // namespace
}  // namespace nairi::mock
