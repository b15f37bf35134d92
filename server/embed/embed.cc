// No exception leaves a function of the C ABI: what is thrown here is want of memory, or a mistake
// of ours.
#include "nairi/mock/embed.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "embed/embed_options.h"
#include "nairi/mock/cancellation.h"
#include "nairi/mock/delivery.h"
#include "nairi/mock/fake.h"
#include "nairi/mock/late_reply.h"
#include "nairi/mock/world_file.h"
#include "protocol/failure.h"
#include "protocol/request_head.h"

namespace nairi::mock {
namespace {

using Ending = WireFault::Ending;

std::string_view view(const nairi_bytes& bytes) {
  return bytes.size == 0 ? std::string_view() : std::string_view(bytes.data, bytes.size);
}

nairi_bytes bytes_of(std::string_view text) {
  return {text.data(), text.size()};
}

// For nairi_text_free(); null when there is no memory.
char* to_c(std::string_view text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

FileOpener opener_of(const nairi_fake_spec& spec) {
  return [&spec](const std::string& path)
             -> tl::expected<std::shared_ptr<const std::string>, std::string> {
    nairi_bytes file = {nullptr, 0};
    if (spec.open_file(spec.context, path.c_str(), &file) != 0) {
      return std::make_shared<const std::string>(view(file));
    }
    return tl::unexpected(file.size == 0 ? "there is no such file" : std::string(view(file)));
  };
}

tl::expected<World, Diagnostics> world_of(const nairi_fake_spec& spec, const std::string& name) {
  const std::string_view text = view(spec.world);
  if (text.empty()) return default_world();
  if (text.starts_with("builtin:")) return read_worlds({std::string(text)});
  const bool has_files = spec.open_file != nullptr;
  return parse_world(text, {.file = name,
                            .has_files = has_files,
                            .open_file = has_files ? opener_of(spec) : FileOpener()});
}

// The next line, without its end.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Reads the head into `request`, as far as it can be read.
Checked<void> read_head(std::string_view head, Request& request) {
  const std::string_view first = next_line(head);
  if (auto line = parse_request_line(first, request); !line) {
    request = read_loosely(first);
    return tl::unexpected(std::move(line.error()));
  }
  while (!head.empty()) {
    const std::string_view text = next_line(head);
    if (text.empty()) break;
    auto field = parse_field(text);
    if (!field) return tl::unexpected(std::move(field.error()));
    request.headers.push_back({std::string(field->name), std::string(field->value)});
  }
  return {};
}

// A header with a line end in it could pass for another one.
void append_field(std::string& head, std::string_view name, std::string_view value) {
  constexpr std::string_view kLineEnds = "\r\n";
  if (name.find_first_of(kLineEnds) != std::string_view::npos) return;
  if (value.find_first_of(kLineEnds) != std::string_view::npos) return;
  head.append(name).append(": ").append(value).append(kLineEnds);
}

std::string fields_of(const Reply& reply) {
  std::string head;
  if (!reply.body.empty()) append_field(head, "Content-Type", reply.content_type);
  if (reply.status != 204 && reply.status != 304) {  // RFC 9110, 8.6
    append_field(head, "Content-Length", std::to_string(reply.body.size()));
  }
  for (const Header& header : reply.headers) append_field(head, header.name, header.value);
  return head;
}

std::int32_t code_of(Ending ending) {
  switch (ending) {
    case Ending::whole:
      break;
    case Ending::truncated:
      return NAIRI_TRUNCATED;
    case Ending::reset:
      return NAIRI_RESET;
    case Ending::empty:
      return NAIRI_EMPTY;
  }
  return NAIRI_WHOLE;
}

std::int32_t code_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::plain:
      break;
    case Encoding::chunked:
      return NAIRI_CHUNKED;
    case Encoding::gzip:
      return NAIRI_GZIP;
  }
  return NAIRI_PLAIN;
}

// What a reply of the ABI stands on.
struct EmbeddedReply : nairi_reply {
  Reply reply;
  std::string fields;

  // To HEAD the body stays here, and only its length is said.
  EmbeddedReply(Reply answered, bool is_head)
      : nairi_reply(), reply(std::move(answered)), fields(fields_of(reply)) {
    delay_ms = reply.delay_ms;
    after_bytes = reply.wire.after_bytes;
    drip_bytes_per_s = reply.wire.drip_bytes_per_s;
    if (is_head) reply.body.clear();
    sending_ms = mock::sending_ms(reply);
    status = reply.status;
    ending = code_of(reply.wire.ending);
    encoding = code_of(reply.encode);
    is_whole = arrives_whole(reply) ? 1 : 0;
    head = bytes_of(fields);
    body = bytes_of(reply.body);
  }
};

// What there is by now of a reply that would come later: nobody waits across this interface.
Reply settled(Reply reply) {
  if (!reply.late || !reply.late->settle()) return reply;
  return std::move(*reply.late->take().reply);
}

}  // namespace
}  // namespace nairi::mock

namespace mock = nairi::mock;

struct nairi_fake {
  std::atomic<std::int64_t> unix_ms = 0;  // the latest that was told
  mock::Fake fake;

  nairi_fake(mock::World world, mock::FakeOptions options)
      : fake(std::move(world), with_clock(std::move(options))) {}

  void tell(std::int64_t now_ms) {
    std::int64_t latest = unix_ms;
    while (latest < now_ms && !unix_ms.compare_exchange_weak(latest, now_ms)) {
    }
  }

  mock::Reply handle(const nairi_request& sent) {
    tell(sent.unix_ms);
    mock::Request request;
    const auto read = mock::read_head(mock::view(sent.head), request);
    request.body = mock::view(sent.body);
    request.connection = sent.connection;
    request.received_us = sent.received_us;
    if (read) return mock::settled(fake.handle(request));
    mock::Reply refusal = mock::error_reply(read.error());
    fake.note_refused({.request = request, .reply = refusal, .why = read.error().text});
    return refusal;
  }

 private:
  mock::FakeOptions with_clock(mock::FakeOptions options) {
    options.wall_ms = [this] { return unix_ms.load(); };
    options.version = NAIRI_MOCK_VERSION;
    return options;
  }
};

namespace {

nairi_fake* make_fake(const nairi_fake_spec& spec, std::string& mistakes) {
  auto options = mock::read_embed_options(mock::view(spec.options));
  if (!options) {
    mistakes = to_string(options.error(), "\n");
    return nullptr;
  }
  auto world = mock::world_of(spec, options->world_file);
  if (!world) {
    mistakes = to_string(world.error(), "\n");
    return nullptr;
  }
  return new nairi_fake(std::move(*world), std::move(options->fake));
}

// What `function` gives, or `otherwise` if it throws.
template <typename Value, typename Function>
Value guarded(Value otherwise, const Function& function) noexcept {
  try {
    return function();
  } catch (...) {
    return otherwise;
  }
}

}  // namespace

nairi_fake* nairi_fake_new(const nairi_fake_spec* spec, char** error) {
  if (error != nullptr) *error = nullptr;
  return guarded<nairi_fake*>(nullptr, [&]() -> nairi_fake* {
    std::string mistakes;
    nairi_fake* fake = nullptr;
    try {
      fake = make_fake(spec == nullptr ? nairi_fake_spec{} : *spec, mistakes);
    } catch (const std::exception& failure) {
      mistakes = failure.what();
    }
    if (fake == nullptr && error != nullptr) *error = mock::to_c(mistakes);
    return fake;
  });
}

void nairi_fake_free(nairi_fake* fake) {
  delete fake;
}

nairi_reply* nairi_fake_handle(nairi_fake* fake, const nairi_request* request) {
  return guarded<nairi_reply*>(nullptr, [&]() -> nairi_reply* {
    const nairi_request sent = request == nullptr ? nairi_request{} : *request;
    const bool is_head = mock::view(sent.head).starts_with("HEAD ");
    return new mock::EmbeddedReply(fake->handle(sent), is_head);
  });
}

int nairi_reply_is_held(const nairi_reply* reply) {
  const auto& hold = static_cast<const mock::EmbeddedReply*>(reply)->reply.hold;
  return hold && !hold->is_released() ? 1 : 0;
}

int nairi_reply_is_cancelled(const nairi_reply* reply) {
  const auto& cancellation = static_cast<const mock::EmbeddedReply*>(reply)->reply.cancellation;
  return cancellation != nullptr && cancellation->is_cancelled() ? 1 : 0;
}

void nairi_reply_free(nairi_reply* reply) {
  delete static_cast<mock::EmbeddedReply*>(reply);
}

char* nairi_fake_states(const nairi_fake* fake) {
  return guarded<char*>(nullptr, [&] { return mock::to_c(fake->fake.states()); });
}

void nairi_text_free(char* text) {
  std::free(text);
}

int nairi_abi(void) {
  return NAIRI_ABI;
}

const char* nairi_version(void) {
  return NAIRI_MOCK_VERSION;
}
