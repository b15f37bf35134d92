#include "engine/state/faults.h"

#include <memory>

#include "nairi/mock/cancellation.h"
#include "text/hash.h"
#include "text/json_writer.h"
#include "text/timestamp.h"
#include "text/wording.h"

namespace nairi::mock {
namespace {

constexpr int kDefaultRedirect = 307;  // the one that keeps method and body

std::string_view default_error(int status) {
  switch (status) {
    case 401:
      return "invalid API key";
    case 404:
      return "not found";
    case 429:
      return "too many requests";
    case 500:
      return "internal server error";
    case 502:
      return "bad gateway";
    case 503:
      return "service unavailable";
    case 504:
      return "gateway timeout";
    default:
      return status < 500 ? "bad request" : "server error";
  }
}

// The same numbers give the same answer on every machine: no std distribution is used.
double chance(std::uint64_t number) {
  constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
  return static_cast<double>(number >> 11) * kUnit;
}

std::string http_date(std::int64_t unix_ms) {
  std::string date;
  append_http_date(date, unix_ms);
  return date;
}

// A date alone would mean nothing to a client that does not live in the world's time.
void ask_to_wait(Reply& reply, const FaultEffect& effect, std::int64_t date_ms) {
  constexpr std::int64_t kMsPerSecond = 1000;
  const std::int64_t seconds = *effect.retry_after_s;
  if (!effect.retry_after_date) {
    reply.headers.push_back({"Retry-After", std::to_string(seconds)});
    return;
  }
  reply.headers.push_back({"Date", http_date(date_ms)});
  reply.headers.push_back({"Retry-After", http_date(date_ms + seconds * kMsPerSecond)});
}

bool is_meant(std::string_view place, Operation operation) {
  if (place == kAnyCall || place == to_string(operation)) return true;
  const bool is_read = operation == Operation::get_message || operation == Operation::list_messages;
  return place == kAnyRead && is_read;
}

void answer_status(Reply& reply, const FaultEffect& effect, std::int64_t date_ms) {
  if (effect.body) {
    reply = {.status = *effect.status, .body = *effect.body, .content_type = effect.content_type};
  } else {
    reply = error_reply(*effect.status,
                        effect.error.empty() ? default_error(*effect.status) : effect.error);
  }
  if (effect.retry_after_s) ask_to_wait(reply, effect, date_ms);
}

void answer_redirect(Reply& reply, const FaultEffect& effect, std::string_view target) {
  reply = error_reply(effect.status.value_or(kDefaultRedirect), "moved");
  reply.headers.push_back({"Location", *effect.redirect_to + std::string(target)});
}

}  // namespace

Faults::Faults(const std::vector<FaultSpec>& specs, std::uint64_t seed) : seed_(seed) {
  for (const FaultSpec& spec : specs) armed_.push_back({spec});
}

Checked<void> Faults::add(const std::vector<FaultSpec>& specs) {
  if (armed_.size() + specs.size() > kMost) {
    return fail(400, "a key may have " + std::to_string(kMost) + " faults, got " +
                         std::to_string(specs.size()) + " besides " +
                         std::to_string(armed_.size()));
  }
  for (const FaultSpec& spec : specs) armed_.push_back({spec});
  return {};
}

std::optional<Faults::Strike> Faults::count(Operation operation) {
  ++arrivals_[static_cast<std::size_t>(operation)];
  for (std::size_t index = 0; index < armed_.size(); ++index) {
    Armed& armed = armed_[index];
    if (!is_meant(armed.spec.at, operation) || !has_come_to(armed.spec, operation)) continue;
    if (!strikes(armed, arrivals(armed.spec.at), index)) continue;
    ++armed.struck;
    return Strike{armed.spec.effect, std::string(to_string(operation)) + "#" +
                                         std::to_string(arrivals(to_string(operation)))};
  }
  return std::nullopt;
}

// How many calls of that place there were.
std::int64_t Faults::arrivals(std::string_view place) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kOperations; ++i) {
    const bool counts = is_meant(place, static_cast<Operation>(i));
    if (counts) sum += arrivals_[i];
  }
  return sum;
}

// Whether the call comes behind the one that the fault waits for.
bool Faults::has_come_to(const FaultSpec& spec, Operation operation) const {
  if (spec.after.empty()) return true;
  const std::int64_t itself = is_meant(spec.after, operation) ? 1 : 0;
  return arrivals(spec.after) - itself >= spec.after_number;
}

// Whether it strikes no call behind the one of that number.
bool Faults::is_spent(const Armed& armed, std::int64_t number) {
  const FaultSpec& spec = armed.spec;
  if (spec.number) return number >= *spec.number + spec.times.value_or(1) - 1;
  return spec.times && armed.struck >= *spec.times;
}

void Faults::append_to(std::string& out) const {
  const auto at = [](const std::string& place, std::optional<std::int64_t> number) {
    return number ? place + "#" + std::to_string(*number) : place;
  };
  out += '[';
  for (const Armed& armed : armed_) {
    if (out.back() != '[') out += ',';
    const FaultSpec& spec = armed.spec;
    ObjectWriter writer(out);
    writer.field("at", at(spec.at, spec.number));
    if (spec.times) writer.field("times", *spec.times);
    if (!spec.after.empty()) writer.field("after", at(spec.after, spec.after_number));
    if (spec.rate < 1) append_decimal(writer.value("rate"), spec.rate, 6);
    writer.field("does", valid_utf8(to_string(spec.effect)))
        .field("struck", armed.struck)
        .field("spent", is_spent(armed, arrivals(spec.at)))
        .close();
  }
  out += ']';
}

bool Faults::strikes(const Armed& armed, std::int64_t number, std::size_t index) const {
  const FaultSpec& spec = armed.spec;
  if (spec.number) {
    const std::int64_t behind = number - *spec.number;
    if (behind < 0 || behind >= spec.times.value_or(1)) return false;
  } else if (spec.times && armed.struck >= *spec.times) {
    return false;
  }
  if (spec.rate >= 1) return true;
  const std::uint64_t place = mix(seed_, spec.at) ^ mix(index);
  return chance(mix(place ^ mix(static_cast<std::uint64_t>(number)))) < spec.rate;
}

bool is_executed(const FaultEffect& effect) {
  return effect.executed.value_or(!effect.status && !effect.redirect_to);
}

void spoil(Reply& reply, const FaultEffect& effect, std::string_view target, std::int64_t date_ms) {
  if (effect.redirect_to) {
    answer_redirect(reply, effect, target);
  } else if (effect.status) {
    answer_status(reply, effect, date_ms);
  } else if (effect.malformed_json) {
    reply.body.resize(reply.body.size() / 2);
  }
  if (!effect.hold.empty()) reply.hold = std::make_shared<Hold>(effect.hold);
  reply.delay_ms = effect.delay_ms;
  reply.wire.drip_bytes_per_s = effect.drip_bytes_per_s;
  reply.encode = effect.encode;
  if (effect.reset_after_bytes) {
    reply.wire.ending = WireFault::Ending::reset;
    reply.wire.after_bytes = *effect.reset_after_bytes;
  } else if (effect.truncate_after_bytes) {
    reply.wire.ending = WireFault::Ending::truncated;
    reply.wire.after_bytes = *effect.truncate_after_bytes;
  } else if (effect.empty_response) {
    reply.wire.ending = WireFault::Ending::empty;
  }
}

std::string to_string(const FaultEffect& effect) {
  std::string text;
  const auto name = [&](std::string_view key, const std::string& value) {
    if (!text.empty()) text += ", ";
    text.append(key).append(" ").append(value);
  };
  const auto number = [&](std::string_view key, auto value) { name(key, std::to_string(value)); };
  if (effect.status) number("status", *effect.status);
  if (effect.retry_after_s) number("retry_after_s", *effect.retry_after_s);
  if (effect.retry_after_date) name("retry_after_date", "true");
  if (effect.body) {
    name("body", std::to_string(effect.body->size()) + " bytes of " + effect.content_type);
  }
  if (effect.redirect_to) name("redirect_to", *effect.redirect_to);
  if (effect.malformed_json) name("malformed_json", "true");
  if (effect.reset_after_bytes) number("reset_after_bytes", *effect.reset_after_bytes);
  if (effect.truncate_after_bytes) number("truncate_after_bytes", *effect.truncate_after_bytes);
  if (effect.empty_response) name("empty_response", "true");
  if (!effect.hold.empty()) name("hold", in_quotes(effect.hold));
  if (effect.delay_ms > 0) number("delay_ms", effect.delay_ms);
  if (effect.drip_bytes_per_s > 0) number("drip_bytes_per_s", effect.drip_bytes_per_s);
  if (effect.encode != Encoding::plain) name("encode", std::string(to_string(effect.encode)));
  if (effect.executed) name("executed", *effect.executed ? "true" : "false");
  return text;
}

}  // namespace nairi::mock
