// Reads the JSON object that a request carries. The only place where the engine parses JSON:
// nlohmann's exceptions stop here.
#ifndef NAIRI_MOCK_PROTOCOL_BODY_H_
#define NAIRI_MOCK_PROTOCOL_BODY_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/failure.h"
#include "text/wording.h"

namespace nairi::mock {

// What is said against a body that came packed (Content-Encoding): we read none, and a 415 is
// assumed. nullopt for any other, and for none.
std::optional<Failure> refuse_packed(const Request& request);

// Fields that nobody asks for are ignored, and of a field that comes twice the last one counts
// (both assumed). Every failure is a 400 that names the
// field; its hint says what was expected and what came.
class Body {
 public:
  static Checked<Body> parse(std::string_view text);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  const nlohmann::json* find(std::string_view name) const;

  // The first field that is none of these; nullopt without one.
  std::optional<std::string> unknown_field(const Words& known) const;

  // A string that is there and not empty.
  Checked<std::string> required_text(std::string_view name) const;
  Checked<bool> flag(std::string_view name, bool otherwise) const;
  Checked<std::int64_t> integer(std::string_view name, std::int64_t least,
                                std::int64_t otherwise) const;
  // nullopt when absent or null.
  Checked<std::optional<std::string>> optional_text(std::string_view name) const;

 private:
  explicit Body(nlohmann::json object) : object_(std::move(object)) {}
  nlohmann::json object_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_BODY_H_
