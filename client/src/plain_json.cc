#include "plain_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nairi {
namespace {

constexpr int kDeepest = 16;

bool is_tail(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// The size of the character at the beginning of `text`, which is not ASCII; 0 when it is not UTF-8.
std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size), is_tail)) {
    return 0;
  }
  // Longer than need be, surrogates, and what is beyond Unicode.
  const bool is_wrong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0) ||
                        (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
  return is_wrong ? 0 : size;
}

// What stands behind the backslash stands for; '\0' when it takes more than a letter.
char escaped(char letter) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const std::size_t at = kLetters.find(letter);
  return at == std::string_view::npos ? '\0' : kMeanings[at];
}

// Each function reads on from where the last one stopped; false: it is not plain.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : text_(text) {}

  std::optional<Document> read() {
    Document document;
    elements_ = &document.elements;
    skip_space();
    const std::size_t begin = at_;
    if (!read_value(document.value, 0)) return std::nullopt;
    document.text = text_.substr(begin, at_ - begin);
    skip_space();
    if (at_ != text_.size()) return std::nullopt;
    return document;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
  }

  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  bool take_next(char c) {
    skip_space();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  bool read_value(Json& value, int depth) {
    skip_space();
    switch (peek()) {
      case '{':
        return depth < kDeepest && read_object(value, depth);
      case '[':
        return depth < kDeepest && read_array(value, depth);
      case '"':
        value = std::string();
        return read_text(value.get_ref<std::string&>());
      case 't':
        value = true;
        return take("true");
      case 'f':
        value = false;
        return take("false");
      case 'n':
        return take("null");
      default:
        return read_integer(value);
    }
  }

  bool read_object(Json& value, int depth) {
    constexpr std::size_t kFields = 8;
    value = Json::object();
    auto& object = value.get_ref<Json::object_t&>();
    object.reserve(kFields);
    ++at_;
    if (take_next('}')) return true;
    do {
      std::string name;
      skip_space();
      if (peek() != '"' || !read_text(name) || !take_next(':')) return false;
      Json& field = object[name];  // of one that comes twice the last one counts
      field = nullptr;
      if (!read_value(field, depth + 1)) return false;
    } while (take_next(','));
    return take_next('}');
  }

  bool read_array(Json& value, int depth) {
    value = Json::array();
    auto& array = value.get_ref<Json::array_t&>();
    ++at_;
    if (take_next(']')) return true;
    do {
      skip_space();
      const std::size_t begin = at_;
      if (!read_value(array.emplace_back(), depth + 1)) return false;
      if (depth < 2) elements_->push_back(text_.substr(begin, at_ - begin));
    } while (take_next(','));
    return take_next(']');
  }

  bool read_text(std::string& text) {
    ++at_;
    while (at_ < text_.size()) {
      const std::size_t plain = plain_size();
      text.append(text_, at_, plain);
      at_ += plain;
      if (peek() == '"') {
        ++at_;
        return true;
      }
      if (peek() != '\\' || at_ + 1 >= text_.size()) return false;
      const char meant = escaped(text_[at_ + 1]);
      if (meant == '\0') return false;
      text += meant;
      at_ += 2;
    }
    return false;
  }

  // How many bytes there are before a quote, a backslash, or what may not stand in a text.
  std::size_t plain_size() const {
    std::size_t end = at_;
    while (end < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[end]);
      if (byte < 0x20 || byte == '"' || byte == '\\') break;
      const std::size_t size = byte < 0x80 ? 1 : utf8_size(text_.substr(end));
      if (size == 0) break;
      end += size;
    }
    return end - at_;
  }

  // At most 18 digits; what makes a number of another kind comes behind them.
  bool read_integer(Json& value) {
    constexpr std::size_t kMostDigits = 18;
    const std::size_t begin = at_;
    const bool is_negative = take("-");
    const std::size_t digits = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    const std::size_t count = at_ - digits;
    const bool leads_with_zero = count > 1 && text_[digits] == '0';
    if (count == 0 || count > kMostDigits || leads_with_zero) return false;
    if (peek() == '.' || peek() == 'e' || peek() == 'E') return false;
    std::int64_t number = 0;
    std::from_chars(text_.data() + begin, text_.data() + at_, number);
    if (is_negative) {
      value = number;
    } else {
      value = static_cast<std::uint64_t>(number);
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string_view>* elements_ = nullptr;
};

}  // namespace

std::optional<Document> read_plain_json(std::string_view text) {
  return PlainReader(text).read();
}

}  // namespace nairi
