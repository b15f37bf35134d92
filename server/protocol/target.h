// A request target taken apart.
#ifndef NAIRI_MOCK_PROTOCOL_TARGET_H_
#define NAIRI_MOCK_PROTOCOL_TARGET_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nairi::mock {

struct Target {
  std::string_view path;   // starts with '/', still encoded
  std::string_view query;  // after '?', still encoded
};

// Views into `target`, which must outlive them. An absolute form ("http://host/path") is accepted.
Target split_target(std::string_view target);

// What stands between the slashes of a path, still encoded.
std::vector<std::string_view> split_path(std::string_view path);

// %XX decoded; nullopt when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

// The parameters of a query; of a repeated one the first counts (assumed).
class Query {
 public:
  // nullopt when the encoding is broken; '+' is a space, as in a form.
  static std::optional<Query> parse(std::string_view text);
  const std::string* find(std::string_view name) const;
  // All of them, names and values, in the order sent.
  const std::vector<std::pair<std::string, std::string>>& all() const { return parameters_; }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_TARGET_H_
