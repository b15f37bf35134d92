#include "framing_samples.h"

namespace nairi::mock {
namespace {

std::string head(const std::string& line, const std::string& fields = "") {
  return line + "\r\nHost: h\r\n" + fields + "\r\n";
}
std::string get_with(const std::string& fields) {
  return head("GET / HTTP/1.1", fields);
}
std::string post_with(const std::string& fields) {
  return head("POST / HTTP/1.1", fields);
}
std::string chunked(const std::string& chunks) {
  return post_with("Transfer-Encoding: chunked\r\n") + chunks;
}
std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

const std::vector<AcceptedSample>& accepted_samples() {
  static const std::vector<AcceptedSample> samples = {
      {"Get", head("GET /a%2Fb?x=%20 HTTP/1.1"), {"GET /a%2Fb?x=%20|"}},
      {"BodyByLength", post_with("Content-Length: 5\r\n") + "hello", {"POST /|hello"}},
      {"BodyOfAGet", get_with("content-length:3\r\n") + "abc", {"GET /|abc"}},
      {"PostWithoutLength", post_with(""), {"POST /|"}},
      {"SameLengthTwice",
       post_with("Content-Length: 1\r\nContent-Length: 1\r\n") + "x",
       {"POST /|x"}},
      {"LengthWithLeadingZeros", post_with("Content-Length: 0002\r\n") + "ok", {"POST /|ok"}},
      {"Chunked", chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"), {"POST /|abc0123456789"}},
      {"ChunkExtensions", chunked("3;a=b;c=\"d\"\r\nabc\r\n0 ; last\r\n\r\n"), {"POST /|abc"}},
      {"Trailers", chunked("1\r\nx\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"), {"POST /|x"}},
      {"CodingInCapitals", post_with("TRANSFER-ENCODING: Chunked\r\n") + "0\r\n\r\n", {"POST /|"}},
      {"Pipelined",
       get_with("") + post_with("Content-Length: 2\r\n") + "ab" + chunked("1\r\nc\r\n0\r\n\r\n") +
           get_with(""),
       {"GET /|", "POST /|ab", "POST /|c", "GET /|"}},
      {"StrayLineEndsBetween",
       "\r\n\r\n" + get_with("") + "\r\n" + get_with(""),
       {"GET /|", "GET /|"}},
      {"AbsoluteForm", head("GET http://example.com:80/p?q=/ HTTP/1.1"), {"GET /p?q=/|"}},
      {"AbsoluteFormWithoutPath", head("GET HTTPS://example.com HTTP/1.1"), {"GET /|"}},
      {"AbsoluteFormWithQueryOnly", head("GET http://example.com?a HTTP/1.1"), {"GET /?a|"}},
      {"AsteriskForm", head("OPTIONS * HTTP/1.1"), {"OPTIONS *|"}},
      {"UnusualMethod", head("BREW /pot HTTP/1.1"), {"BREW /pot|"}},
      {"Http10WithoutHost", "GET / HTTP/1.0\r\n\r\n", {"GET /|"}},
      {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", {"GET /|"}},
      {"Ipv6Host", "GET / HTTP/1.1\r\nHost: [::1]:4747\r\n\r\n", {"GET /|"}},
      {"Utf8InAValue", get_with("X-Name: Zo\xc3\xab\t\r\n"), {"GET /|"}},
      {"EmptyValue", get_with("X-Empty:\r\n"), {"GET /|"}},
      {"HeadOfExactlyTheLimit",
       "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(600 - 16 - 9 - 5 - 2, 'x') + "\r\n\r\n",
       {"GET /|"}},
      {"BodyOfExactlyTheLimit",
       post_with("Content-Length: 40\r\n") + std::string(40, 'b'),
       {"POST /|" + std::string(40, 'b')}},
      {"UploadOverTheOtherLimit",
       head("POST /api/attachments?x HTTP/1.1", "Content-Length: 80\r\n") + std::string(80, 'u'),
       {"POST /api/attachments?x|" + std::string(80, 'u')}},
  };
  return samples;
}

const std::vector<RefusedSample>& refused_samples() {
  static const std::string nul(1, '\0');
  static const std::vector<RefusedSample> samples = {
      {"LengthAndChunked", post_with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400,
       "got both"},
      {"ChunkedAndLengthZero", post_with("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
       400, "got both"},
      {"DifferingLengths", post_with("Content-Length: 1\r\nContent-Length: 2\r\n"), 400,
       "got 1 and 2"},
      {"ListOfLengths", post_with("Content-Length: 1, 1\r\n"), 400, "decimal digits"},
      {"SignedLength", post_with("Content-Length: +1\r\n"), 400, "decimal digits"},
      {"NegativeLength", post_with("Content-Length: -1\r\n"), 400, "decimal digits"},
      {"NegativeZeroLength", post_with("Content-Length: -0\r\n"), 400, "decimal digits"},
      {"HexadecimalLength", post_with("Content-Length: 0x1\r\n"), 400, "decimal digits"},
      {"EmptyLength", post_with("Content-Length:\r\n"), 400, "decimal digits"},
      {"LengthBeyond64Bits", post_with("Content-Length: 99999999999999999999999\r\n"), 413,
       "at most 40"},
      {"OtherCoding", post_with("Transfer-Encoding: gzip\r\n"), 501, "got \"gzip\""},
      {"CodingBeforeChunked", post_with("Transfer-Encoding: gzip, chunked\r\n"), 501, "chunked"},
      {"ChunkedTwice", post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       501, "one chunked"},
      {"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0"},
      {"ChunkSizeWithoutDigits", chunked("x\r\n"), 400, "hexadecimal"},
      {"EmptyChunkSize", chunked("\r\n"), 400, "hexadecimal"},
      {"NegativeChunkSize", chunked("-1\r\n"), 400, "hexadecimal"},
      {"PrefixedChunkSize", chunked("0x1\r\n"), 400, "hexadecimal"},
      {"BlankBeforeChunkSize", chunked(" 1\r\n"), 400, "hexadecimal"},
      {"ChunkSizeBeyond64Bits", chunked("10000000000000001\r\n"), 400, "hexadecimal"},
      {"ChunkSizeAtTheEdgeOf64Bits", chunked("1\r\nx\r\nffffffffffffffff\r\n"), 413, "at most 40"},
      {"ControlCharacterInExtension", chunked("1;\x01\r\n"), 400, "hexadecimal"},
      {"BareLfAfterChunkSize", chunked("1\nx\r\n0\r\n\r\n"), 400, "CRLF"},
      {"EndlessChunkExtension", chunked("1;" + std::string(5000, 'e')), 400, "4096"},
      {"ChunkLongerThanItsSize", chunked("1\r\nxy\r\n"), 400, "CRLF after the chunk's data"},
      {"ChunksOverTheLimit", chunked("20\r\n" + std::string(32, 'c') + "\r\n9\r\n"), 413,
       "at most 40"},
      {"EndlessTrailers", chunked("0\r\n" + repeated("X-T: 12345\r\n", 60)), 431, "600"},
      {"BadTrailer", chunked("0\r\nno colon\r\n"), 400, "header field"},
      {"BodyOverTheLimit", post_with("Content-Length: 41\r\n"), 413,
       "at most 40 bytes, got one of at least 41"},
      {"UploadOverItsLimit", head("POST /attachments HTTP/1.1", "Content-Length: 81\r\n"), 413,
       "at most 80"},
      {"PutIsNoUpload", head("PUT /attachments HTTP/1.1", "Content-Length: 41\r\n"), 413,
       "at most 40"},
      {"FoldedLine", get_with("X-A: 1\r\n 2\r\n"), 400, "folded"},
      {"FoldedFirstLine", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, "folded"},
      {"BareLf", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400, "CRLF"},
      {"BareLfAtHeadEnd", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400, "CRLF"},
      {"BareCr", get_with("X-A: 1\rX-B: 2\r\n"), 400, "CRLF"},
      {"DoubleCr", get_with("X-A: 1\r\r\n"), 400, "CRLF"},
      {"NulInValue", get_with("X-A: 1" + nul + "2\r\n"), 400, "control characters"},
      {"NulInName", get_with("X" + nul + ": 1\r\n"), 400, "Name: value"},
      {"NulInMethod", head("G" + nul + "T / HTTP/1.1"), 400, "method"},
      {"NulInTarget", head("GET /" + nul + " HTTP/1.1"), 400, "percent-encoded"},
      {"EscapeInValue", get_with("X-A: \x1b[0m\r\n"), 400, "control characters"},
      {"BlankBeforeColon", get_with("X-A : 1\r\n"), 400, "Name: value"},
      {"NoColon", get_with("X-A\r\n"), 400, "Name: value"},
      {"NoName", get_with(": 1\r\n"), 400, "Name: value"},
      {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400, "Host"},
      {"TwoHosts", get_with("Host: h\r\n"), 400, "got several"},
      {"TwoHostsInHttp10", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, "got several"},
      {"HostWithPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "host name"},
      {"MethodWithParenthesis", head("G(T / HTTP/1.1"), 400, "method"},
      {"NoMethod", head(" / HTTP/1.1"), 400, "method"},
      {"BlankInTarget", head("GET /a b HTTP/1.1"), 400, "percent-encoded"},
      {"TabInTarget", head("GET /a\tb HTTP/1.1"), 400, "percent-encoded"},
      {"RawUtf8InTarget", head("GET /\xc3\xab HTTP/1.1"), 400, "percent-encoded"},
      {"FragmentInTarget", head("GET /a#b HTTP/1.1"), 400, "'#'"},
      {"TargetWithoutSlash", head("GET a HTTP/1.1"), 400, "begins with '/'"},
      {"AsteriskForAnotherMethod", head("GET * HTTP/1.1"), 400, "begins with '/'"},
      {"AuthorityForm", head("GET example.com:443 HTTP/1.1"), 400, "begins with '/'"},
      {"Tunnel", head("CONNECT example.com:443 HTTP/1.1"), 400, "this is no proxy"},
      {"EmptyTarget", head("GET  HTTP/1.1"), 400, "begins with '/'"},
      {"NoVersion", head("GET /"), 400, "request line"},
      {"OneWord", head("GET"), 400, "request line"},
      {"NewerVersion", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "got \"HTTP/2.0\""},
      {"OlderVersion", head("GET / HTTP/0.9"), 505, "got \"HTTP/0.9\""},
      {"LowerCaseVersion", head("GET / http/1.1"), 400, "HTTP/1.1"},
      {"LongRequestLine", "GET /" + std::string(600, 'a'), 414, "at most 600"},
      {"LongHeader", "GET / HTTP/1.1\r\nX: " + std::string(600, 'a'), 431, "at most 600"},
      {"ManyHeaders", "GET / HTTP/1.1\r\n" + repeated("X-A: 1234567\r\n", 50), 431, "at most 600"},
      {"OtherExpectation", get_with("Expect: a-miracle\r\n"), 417, "got \"a-miracle\""},
      {"TlsHandshake", "\x16\x03\x01\x02", 400, "TLS handshake"},
      {"AfterAGoodRequest", get_with("") + "x\r\n\r\n", 400, "request line"},
  };
  return samples;
}

}  // namespace nairi::mock
