// Shows how a turn goes on, on stderr: one updating line on a terminal, or line by line.
#ifndef NAIRI_CLI_PROGRESS_VIEW_H_
#define NAIRI_CLI_PROGRESS_VIEW_H_

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

#include "nairi/types.h"

namespace nairi::cli {

enum class ProgressStyle { none, lines, live };

class ProgressView {
 public:
  // `columns` answers how wide the terminal is just now; > 0.
  ProgressView(std::ostream& err, ProgressStyle style, bool color,
               std::function<std::size_t()> columns)
      : err_(err), style_(style), color_(color), columns_(std::move(columns)) {}
  ~ProgressView() { clear(); }
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  bool is_on() const { return style_ != ProgressStyle::none; }
  void on_poll(const Message& user);
  void on_message(const Message& message);
  void clear();  // takes the live line away

 private:
  void show(const std::string& text);

  std::ostream& err_;
  const ProgressStyle style_;
  const bool color_;
  const std::function<std::size_t()> columns_;
  std::string status_;
  bool has_line_ = false;
};

// One line for people about a progress message: "Bash running: stripe refunds create".
std::string describe(const Message& message);

}  // namespace nairi::cli

#endif  // NAIRI_CLI_PROGRESS_VIEW_H_
