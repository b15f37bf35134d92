#include "nairi/mock/world.h"

#include <algorithm>
#include <cstddef>

#include "world/enum_words.h"

namespace nairi::mock {
namespace {

template <typename Value>
std::optional<Value> value_of(const FourWords& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Value>(found - words.begin());
}

}  // namespace

std::string_view to_string(Role role) {
  return kRoleWords[static_cast<std::size_t>(role)];
}

std::string_view to_string(MessageStatus status) {
  return kMessageStatusWords[static_cast<std::size_t>(status)];
}

std::string_view to_string(JobStatus status) {
  return kJobStatusWords[static_cast<std::size_t>(status)];
}

std::string_view to_string(Origin origin) {
  return kOriginWords[static_cast<std::size_t>(origin)];
}

std::optional<Role> role_from(std::string_view word) {
  return value_of<Role>(kRoleWords, word);
}

std::optional<MessageStatus> message_status_from(std::string_view word) {
  return value_of<MessageStatus>(kMessageStatusWords, word);
}

std::optional<JobStatus> job_status_from(std::string_view word) {
  return value_of<JobStatus>(kJobStatusWords, word);
}

std::optional<Origin> origin_from(std::string_view word) {
  return value_of<Origin>(kOriginWords, word);
}

}  // namespace nairi::mock
