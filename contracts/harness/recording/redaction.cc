#include "harness/recording/redaction.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace nairi::contracts {

bool is_kept_header(std::string_view name) {
  constexpr std::array<std::string_view, 12> kKept = {"accept",
                                                      "accept-encoding",
                                                      "allow",
                                                      "connection",
                                                      "content-encoding",
                                                      "content-length",
                                                      "content-type",
                                                      "date",
                                                      "location",
                                                      "retry-after",
                                                      "transfer-encoding",
                                                      "user-agent"};
  return std::find(kKept.begin(), kKept.end(), name) != kKept.end();
}

void SecretWords::add(std::string_view secret, std::string_view instead) {
  constexpr std::size_t kShortest = 6;
  if (secret.size() < kShortest) return;
  words_.emplace_back(secret, instead);
  // A secret may be a part of another one.
  std::sort(words_.begin(), words_.end(), [](const auto& left, const auto& right) {
    return left.first.size() > right.first.size();
  });
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
}

std::string SecretWords::without(std::string text) const {
  for (const auto& [secret, instead] : words_) {
    for (auto place = text.find(secret); place != std::string::npos;
         place = text.find(secret, place + instead.size())) {
      text.replace(place, secret.size(), instead);
    }
  }
  return text;
}

}  // namespace nairi::contracts
