// Gathers the mistakes of one text, and hints at what is merely unusual; says where each stands.
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
  bool empty() const { return mistakes_.first.empty(); }
  // No further mistake will be shown: reading on is of no use.
  bool full() const { return mistakes_.more; }

  // A mistake in the value at `pointer`.
  void add(std::string pointer, std::string message);
  // A mistake in the object at `pointer` that stands at the name of one of its members.
  void add_at_key(std::string pointer, std::string key, std::string message);

  // The same for what is unusual and no mistake.
  void add_hint(std::string pointer, std::string message);
  void add_hint_at_key(std::string pointer, std::string key, std::string message);

  // In file order; the first kMaxMistakes that were found, and a last one if there are more.
  Diagnostics diagnostics(std::string_view text) const;
  Diagnostics hints(std::string_view text) const;

 private:
  struct Mistake {
    std::string pointer;
    std::optional<std::string> key;
    std::string message;
  };
  struct Findings {
    std::vector<Mistake> first;
    bool more = false;

    void keep(Mistake mistake);
  };
  Diagnostics placed(const Findings& findings, const std::string& noun,
                     std::string_view text) const;

  std::string file_;
  Findings mistakes_;
  Findings hints_;
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TEXT_REPORT_H_
