// The adapter to the JSON library: here its exceptions stop and become errors.
//
//   Result<Json> document = parse_json(text);
//   FieldReader in(*document, "/messages/0");
//   message.id = in.required_text("id");
//   return in.finish(std::move(message));       // the message, or the first thing that was wrong
//
// A field that is missing or null counts as left out (REFERENCE: Messages); one of the wrong type
// is an error, because to drop it silently would lose what the server said.
#ifndef NAIRI_CLIENT_JSON_READER_H_
#define NAIRI_CLIENT_JSON_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nairi/result.h"
#include "plain_json.h"

namespace nairi {

// A view into `text` comes back.
Result<Document> parse_document(std::string_view text);
Result<Json> parse_json(std::string_view text);

// "an object", "a string", … for messages.
std::string kind_of(const Json& value);

class FieldReader {
 public:
  FieldReader(const Json& value, std::string pointer);

  std::string required_text(const char* key);
  std::optional<std::string> text(const char* key);
  std::optional<std::int64_t> integer(const char* key);
  std::optional<double> number(const char* key);
  std::optional<bool> boolean(const char* key);
  std::vector<std::string> texts(const char* key);
  const Json* required_array(const char* key);  // nullptr when it is wrong
  bool has(const char* key) const;              // null counts

  template <typename T>
  Result<T> finish(T value) {
    if (error_) return tl::unexpected(std::move(*error_));
    return value;
  }

 private:
  const Json* find(const char* key) const;  // nullptr when missing or null
  void expect(const char* key, const char* expected, const Json* came);

  const Json& value_;
  std::string pointer_;
  std::optional<Error> error_;
};

}  // namespace nairi

#endif  // NAIRI_CLIENT_JSON_READER_H_
