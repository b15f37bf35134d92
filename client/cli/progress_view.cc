#include "progress_view.h"

#include <utility>

#include "words.h"

namespace nairi::cli {
std::string describe(const Message& message) {
  const auto progress = read_progress(message);
  if (!progress) return harmless_line(message.progress_type.value_or("progress"));
  std::string text = progress->progress_type;
  if (progress->tool_name) text = *progress->tool_name;
  if (progress->tool_status) text += " " + *progress->tool_status;
  for (const auto& detail : {progress->tool_description, progress->tool_input, progress->summary,
                             progress->text_delta, progress->tool_output}) {
    if (!detail || detail->empty()) continue;
    text += ": " + *detail;
    break;
  }
  return harmless_line(text);
}

void ProgressView::on_poll(const Message& user) {
  if (user.status == status_) return;
  status_ = user.status;
  show(harmless_line(status_));
}

void ProgressView::on_message(const Message& message) {
  if (message.role == role::kProgress) show(describe(message));
}

void ProgressView::show(const std::string& text) {
  if (style_ == ProgressStyle::lines) err_ << text << '\n';
  if (style_ != ProgressStyle::live) return;
  clear();
  // A line that is as wide as the terminal would already wrap on some.
  const std::string line = cut_to(text, columns_() - 1);
  err_ << (color_ ? "\x1b[2m" : "") << line << (color_ ? "\x1b[0m" : "") << std::flush;
  has_line_ = true;
}

void ProgressView::clear() {
  if (std::exchange(has_line_, false)) err_ << "\r\x1b[K" << std::flush;
}

}  // namespace nairi::cli
