// Walks over text that is known to be JSON, to find where its values stand.
// Thread-safety: a value; the text must outlive it.
#ifndef NAIRI_MOCK_TEXT_JSON_CURSOR_H_
#define NAIRI_MOCK_TEXT_JSON_CURSOR_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nairi::mock {

// Always stands on the first character of a key or a value, or at the end of its object or array.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text);

  std::size_t offset() const { return at_; }
  bool on_object() const { return peek() == '{'; }
  bool on_array() const { return peek() == '['; }

  // Goes to the first key or element of the object or array here; false: it is empty, and passed.
  bool enter();
  // After a value: goes to the next key or element; false: there is none, and the end is passed.
  bool next();
  // Reads a key and goes on to its value.
  std::string key();
  void skip_value();

  // Goes to the value of a member, or to the element with that index. Where its key (or the
  // element) begins; nullopt: it is not there, and the cursor has moved to somewhere behind.
  std::optional<std::size_t> go_to_child(std::string_view segment);

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space();
  void skip_string();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_JSON_CURSOR_H_
