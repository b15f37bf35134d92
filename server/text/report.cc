#include "text/report.h"

#include <algorithm>
#include <utility>

#include "text/json_source.h"

namespace nairi::mock {

void Report::add(std::string pointer, std::string message) {
  mistakes_.keep({std::move(pointer), std::nullopt, std::move(message)});
}

void Report::add_at_key(std::string pointer, std::string key, std::string message) {
  mistakes_.keep({std::move(pointer), std::move(key), std::move(message)});
}

void Report::add_hint(std::string pointer, std::string message) {
  hints_.keep({std::move(pointer), std::nullopt, std::move(message)});
}

void Report::add_hint_at_key(std::string pointer, std::string key, std::string message) {
  hints_.keep({std::move(pointer), std::move(key), std::move(message)});
}

void Report::Findings::keep(Mistake mistake) {
  if (first.size() == kMaxMistakes) {
    more = true;
  } else {
    first.push_back(std::move(mistake));
  }
}

Diagnostics Report::diagnostics(std::string_view text) const {
  return placed(mistakes_, "mistakes", text);
}

Diagnostics Report::hints(std::string_view text) const {
  return placed(hints_, "hints", text);
}

Diagnostics Report::placed(const Findings& findings, const std::string& noun,
                           std::string_view text) const {
  std::vector<std::pair<std::size_t, const Mistake*>> placed;
  for (const Mistake& mistake : findings.first) {
    placed.emplace_back(mistake.key ? locate_key(text, mistake.pointer, *mistake.key)
                                    : locate(text, mistake.pointer),
                        &mistake);
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  Diagnostics diagnostics;
  for (const auto& [offset, mistake] : placed) {
    const auto [line, column] = line_column(text, offset);
    diagnostics.push_back({file_, line, column, mistake->pointer, mistake->message});
  }
  if (findings.more) {
    diagnostics.push_back(
        {file_, 0, 0, "",
         "more " + noun + " are not shown: the limit is " + std::to_string(kMaxMistakes)});
  }
  return diagnostics;
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file + ':';
  if (diagnostic.line > 0) {
    text += std::to_string(diagnostic.line) + ':' + std::to_string(diagnostic.column) + ':';
  }
  if (!diagnostic.pointer.empty()) text += ' ' + diagnostic.pointer + ':';
  return text + ' ' + diagnostic.message;
}

std::string to_string(const Diagnostics& diagnostics, const std::string& separator) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += separator;
    text += to_string(diagnostic);
  }
  return text;
}

}  // namespace nairi::mock
