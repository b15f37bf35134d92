#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "invariants.h"
#include "nairi/mock/embed.h"

namespace nairi::tests {
namespace {

using FakePointer = std::unique_ptr<nairi_fake, decltype(&nairi_fake_free)>;
using ReplyPointer = std::unique_ptr<nairi_reply, decltype(&nairi_reply_free)>;

std::string_view seen(const nairi_bytes& bytes) {
  return bytes.size == 0 ? std::string_view() : std::string_view(bytes.data, bytes.size);
}

nairi_bytes part(const std::vector<std::vector<char>>& parts, std::size_t index) {
  if (index >= parts.size()) return {nullptr, 0};
  return {parts[index].data(), parts[index].size()};
}

// Knows every file, by its name.
int open_any(void*, const char* path, nairi_bytes* file) {
  *file = {path, std::string_view(path).size()};
  return 1;
}

bool are_fields(std::string_view head) {
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos || head.substr(0, end).find(": ") == std::string_view::npos) {
      return false;
    }
    head.remove_prefix(end + 2);
  }
  return true;
}

std::string broken_reply(const nairi_reply* reply, const nairi_reply* same) {
  if (reply == nullptr || same == nullptr) return "no reply";
  if (reply->status < 200 || reply->status > 599) return "a status that is none";
  if (!are_fields(seen(reply->head))) return "a head that is no list of fields";
  if (reply->ending == NAIRI_WHOLE && reply->is_whole != 1)
    return "a whole reply that is not whole";
  if (reply->sending_ms < reply->delay_ms) return "a reply that is sent before its delay is over";
  const bool same_bytes = reply->status == same->status && seen(reply->head) == seen(same->head) &&
                          seen(reply->body) == seen(same->body);
  return same_bytes ? "" : "the same calls, and not the same bytes";
}

FakePointer fake_of(const nairi_fake_spec& spec, std::string& broken) {
  char* error = nullptr;
  FakePointer fake(nairi_fake_new(&spec, &error), nairi_fake_free);
  const bool is_told = error != nullptr && *error != '\0';
  if ((fake == nullptr) != is_told) broken = "a fake that is refused without a word, or blamed";
  nairi_text_free(error);
  return fake;
}

}  // namespace

std::string broken_embed_invariant(std::string_view input) {
  const auto parts = parts_of(input);
  const nairi_fake_spec spec = {part(parts, 0), part(parts, 1), open_any, nullptr};
  std::string broken;
  const FakePointer fake = fake_of(spec, broken);
  const FakePointer same = fake_of(spec, broken);
  if (!broken.empty() || fake == nullptr || same == nullptr) return broken;
  for (std::size_t i = 2; i < parts.size() && broken.empty(); i += 2) {
    const nairi_request request = {part(parts, i), part(parts, i + 1), 1, 0, 0};
    const ReplyPointer reply(nairi_fake_handle(fake.get(), &request), nairi_reply_free);
    const ReplyPointer again(nairi_fake_handle(same.get(), &request), nairi_reply_free);
    broken = broken_reply(reply.get(), again.get());
  }
  return broken;
}

}  // namespace nairi::tests
