// Shows how a turn goes on, on stderr: one updating line on a terminal, or line by line.
#ifndef NAIRI_CLI_PROGRESS_VIEW_H_
#define NAIRI_CLI_PROGRESS_VIEW_H_

#include <ostream>
#include <string>

#include "nairi/types.h"

namespace nairi::cli {

enum class ProgressStyle { none, lines, live };

class ProgressView {
 public:
  ProgressView(std::ostream& err, ProgressStyle style, bool color)
      : err_(err), style_(style), color_(color) {}
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
  std::string status_;
  bool has_line_ = false;
};

// One line for people about a progress message: "Bash running: stripe refunds create".
std::string describe(const Message& message);

}  // namespace nairi::cli

#endif  // NAIRI_CLI_PROGRESS_VIEW_H_
