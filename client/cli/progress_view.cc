#include "progress_view.h"

#include <utility>

#include "output.h"

namespace nairi::cli {
namespace {

constexpr std::size_t kColumns = 79;

// Cut to the width of a terminal, between two characters of UTF-8.
std::string cut(std::string text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts_character = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (starts_character && ++columns > kColumns) {
      text.resize(i);
      break;
    }
  }
  return text;
}

}  // namespace

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
  err_ << (color_ ? "\x1b[2m" : "") << cut(text) << (color_ ? "\x1b[0m" : "") << std::flush;
  has_line_ = true;
}

void ProgressView::clear() {
  if (std::exchange(has_line_, false)) err_ << "\r\x1b[K" << std::flush;
}

}  // namespace nairi::cli
