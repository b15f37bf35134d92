// Gathers the mistakes of one text and says where each stands.
#ifndef NAIRI_MOCK_TEXT_REPORT_H_
#define NAIRI_MOCK_TEXT_REPORT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nairi/mock/diagnostic.h"

namespace nairi::mock {

class Report {
 public:
  static constexpr std::size_t kMaxMistakes = 50;

  explicit Report(std::string file) : file_(std::move(file)) {}

  const std::string& file() const { return file_; }
  bool empty() const { return mistakes_.empty(); }
  // No further mistake will be shown: reading on is of no use.
  bool full() const { return more_; }

  // A mistake in the value at `pointer`.
  void add(std::string pointer, std::string message);
  // A mistake in the object at `pointer` that stands at the name of one of its members.
  void add_at_key(std::string pointer, std::string key, std::string message);

  // In file order; the first kMaxMistakes that were found, and a last one if there are more.
  Diagnostics diagnostics(std::string_view text) const;

 private:
  struct Mistake {
    std::string pointer;
    std::optional<std::string> key;
    std::string message;
  };
  void keep(Mistake mistake);

  std::string file_;
  std::vector<Mistake> mistakes_;
  bool more_ = false;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_REPORT_H_
