#include "harness/cases/made_content.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/cases/base64.h"

namespace nairi::contracts {
namespace {

// A client gets its job in an environment variable, which has room for 128 KiB.
constexpr std::size_t kTextBytes = std::size_t{100} << 10U;
constexpr std::size_t kFileBytes = std::size_t{3} << 20U;

// What somebody on the way may change: a line for each kind.
constexpr std::string_view kOftenChanged =
    "\uFEFF  a byte order mark and blanks at the beginning\t\r\n"
    "line ends: \r\n\r\n \r \n \v \f \u0085 \u2028 \u2029 and blanks before one:   \n"
    "blanks:  two,   three,\ttab,\u00A0no-break,\u2009thin,\u3000ideographic\n"
    "HTML: <b>bold</b> &amp; &lt; <!-- -- > <script>alert('\"')</script> a < b && c > d\n"
    "escapes: \\n \\t \\u0041 \\\\ %41 %0A 100% 1+1 &#65; $HOME `date` {{prompt}} {name} $1 \\1\n"
    "quotes: ' \" \u2018 \u2019 \u201C \u201D \u00AB \u00BB -- --- ... :smile: (c) 1/2\n"
    "combining: e\u0308 \u00EB \u212B \u00C5 \u2126 \u1112\u1161\u11AB \uD55C \uFB01 \uFF21 "
    "q\u0307\u0323\n"
    "invisible: [\u00AD\u200B\u200C\u200D\u200E\u200F\u2060\uFEFF\uFFFC\U000E0041]\n"
    "right to left: \u05E9\u05DC\u05D5\u05DD \u202Eabc\u202C \u2066\u0645\u2069\n"
    "joined: \U0001F469\u200D\U0001F4BB \U0001F1E9\U0001F1EA \u2764\uFE0F \U0001F44D\U0001F3FD\n"
    "no characters: \uFDD0 \uFDEF \uFFFE \uFFFF \U0001FFFE \U0010FFFF, and one lost: \uFFFD\n"
    "Markdown: **bold**  \n\n```\n    code\n```\n- [ ] item\n<https://example.com?a=1&b=2#c>\n";

void append_utf8(std::uint32_t c, std::string& text) {
  const auto byte = [&](std::uint32_t bits) { text += static_cast<char>(bits); };
  const auto tail = [&](unsigned shift) { byte(0x80U | (c >> shift & 0x3FU)); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0U | c >> 6U);
  } else if (c < 0x10000) {
    byte(0xE0U | c >> 12U);
  } else {
    byte(0xF0U | c >> 18U);
    tail(12);
  }
  if (c >= 0x800) tail(6);
  tail(0);
}

// Each of the first characters, then the first and the last of every 256; no surrogates, which are
// none, and no U+0000.
void append_all_of_unicode(std::string& text) {
  constexpr std::uint32_t kFirst = 0x300;
  for (std::uint32_t c = 1; c < kFirst; ++c) append_utf8(c, text);
  for (std::uint32_t row = kFirst; row < 0x110000; row += 0x100) {
    if (row >= 0xD800 && row < 0xE000) continue;
    append_utf8(row, text);
    append_utf8(row + 0xFF, text);
  }
}

// No two lines are the same, so what is missing shows.
std::string make_long_text() {
  std::string text(kOftenChanged);
  append_all_of_unicode(text);
  for (int line = 1; text.size() < kTextBytes; ++line) {
    text += "\n" + std::to_string(line) + ". Gr\u00FC\u00DFe from line " + std::to_string(line);
  }
  return text + "\n\tblanks and empty lines at the end \u3000 \n\n";
}

// Bytes of all values in no order, and what readers of forms and of text stumble over.
std::string make_long_file() {
  using namespace std::string_literals;
  std::string bytes =
      "\xEF\xBB\xBF\0 \r\n\r\n \n \r --\r\n--\r\n--nairi-contract-boundar \x1A\xFF\xFE"s;
  bytes.reserve(kFileBytes);
  std::uint32_t state = 1;
  const std::size_t from = bytes.size();
  bytes.resize(kFileBytes - 2);
  for (std::size_t at = from; at < bytes.size(); ++at) {
    state = state * 1664525U + 1013904223U;  // of Numerical Recipes; its upper bits are good
    bytes[at] = static_cast<char>(state >> 24U);
  }
  return bytes + "\r\n";
}

const nlohmann::json& long_file() {
  static const nlohmann::json bytes = make_long_file();
  return bytes;
}

}  // namespace

const nlohmann::json* made_content(std::string_view name) {
  if (name == kLongText) {
    static const nlohmann::json text = make_long_text();
    return &text;
  }
  if (name == kLongFile) return &long_file();
  if (name == kLongFileBase64) {
    static const nlohmann::json encoded = encode_base64(long_file().get_ref<const std::string&>());
    return &encoded;
  }
  return nullptr;
}

}  // namespace nairi::contracts
