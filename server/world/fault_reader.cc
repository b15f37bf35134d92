#include "world/readers.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "protocol/operation.h"

namespace nairi::mock {
namespace {

constexpr std::int64_t kLargest = 1'000'000'000;
constexpr std::int64_t kMostDelayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kOk = 200;

// Of these a fault does one.
const Words kOutcomes = {
    "status",        "redirect_to", "malformed_json", "reset_after_bytes", "truncate_after_bytes",
    "empty_response"};

bool is_redirect(std::int64_t status) {
  constexpr std::array kRedirects = {301, 302, 303, 307, 308};
  return std::find(kRedirects.begin(), kRedirects.end(), status) != kRedirects.end();
}

struct Address {
  std::string place;
  std::optional<std::int64_t> number;
};

// "poll#3", or "poll".
Address read_address(const Node& node) {
  const auto text = read_text(node);
  if (!text) return {};
  static const RE2 address("([^#]*)(?:#([1-9][0-9]{0,8}))?");
  Address read;
  std::string number;
  if (!RE2::FullMatch(*text, address, &read.place, &number)) {
    node.expected("an operation, or one with a number from 1, such as \"poll#3\"");
  } else if (!contains(fault_places(), read.place)) {
    node.refuse("no operation " + in_quotes(read.place) + hint(read.place, fault_places()));
  } else if (!number.empty()) {
    read.number = std::stoll(number);
  }
  return read;
}

void read_moment(const ObjectReader& object, FaultSpec& fault) {
  if (const auto at = object.require("at")) {
    const Address address = read_address(*at);
    fault.at = address.place;
    fault.number = address.number;
  }
  const auto after = object.find("after");
  if (!after) return;
  const Address address = read_address(*after);
  fault.after = address.place;
  fault.after_number = address.number.value_or(1);
  if (fault.number) {
    object.find("at")->refuse("has no number beside \"after\": say with \"times\" how many calls");
  }
}

void read_rate(const ObjectReader& object, FaultSpec& fault) {
  const auto node = object.find("rate");
  if (!node) return;
  const bool fits =
      node->value->is_number() && node->value->get<double>() > 0 && node->value->get<double>() <= 1;
  if (!fits) return node->expected("a number above 0 and up to 1");
  fault.rate = node->value->get<double>();
}

void read_status(const ObjectReader& object, FaultEffect& effect) {
  const auto node = object.find("status");
  if (!node) return;
  const auto status = read_integer(*node, {100, 599});
  if (!status) return;
  effect.status = static_cast<int>(*status);
  if (object.has("redirect_to")) {
    if (!is_redirect(*status)) node->expected("301, 302, 303, 307 or 308 with \"redirect_to\"");
  } else if (object.has("body")) {
    if (*status < 400 && *status != kOk) node->expected("200 or an error from 400 to 599");
  } else if (*status < 400) {
    node->expected("an error from 400 to 599, or 200 with a \"body\"");
  }
}

// What a proxy answers for itself.
void read_body(const ObjectReader& object, FaultEffect& effect) {
  effect.body = object.text("body");
  const auto type = object.text("content_type");
  if (!type) return;
  static const RE2 media("[!#-'*+.0-9A-Z^-z|~-]+/[!#-'*+.0-9A-Z^-z|~-]+( *;[ -~]*)?");
  if (!RE2::FullMatch(*type, media)) {
    object.find("content_type")->expected("a media type, such as \"text/html\"");
  }
  effect.content_type = *type;
}

std::optional<Encoding> packing_from(std::string_view word) {
  for (const Encoding encoding : {Encoding::chunked, Encoding::gzip}) {
    if (to_string(encoding) == word) return encoding;
  }
  return std::nullopt;
}

void read_encode(const ObjectReader& object, FaultEffect& effect) {
  const auto node = object.find("encode");
  if (!node) return;
  effect.encode =
      read_word<Encoding>(*node, {"chunked", "gzip"}, packing_from).value_or(Encoding::plain);
}

void read_redirect(const ObjectReader& object, FaultEffect& effect) {
  effect.redirect_to = object.text("redirect_to");
  static const RE2 origin("https?://([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:]+\\])(:[0-9]{1,5})?");
  if (effect.redirect_to && !RE2::FullMatch(*effect.redirect_to, origin)) {
    object.find("redirect_to")
        ->expected("an origin without a path, such as \"http://127.0.0.1:4748\"");
  }
}

// A flag that can only be set.
bool read_set(const ObjectReader& object, std::string_view key) {
  const auto flag = object.flag(key);
  if (flag == false) object.find(key)->refuse("expected true, or leave it out");
  return flag == true;
}

// The name by which the reply is let go.
std::string read_hold(const ObjectReader& object) {
  constexpr std::size_t kLongestName = 100;
  const auto name = object.text("hold");
  if (!name) return {};
  const bool is_plain = std::all_of(name->begin(), name->end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != '\x7F';
  });
  if (name->empty() || name->size() > kLongestName || !is_plain) {
    object.find("hold")->expected("a name of 1 to 100 bytes without control characters");
  }
  return *name;
}

// What only a reply with a status of the fault's own can have.
void check_own_reply(const ObjectReader& object, const FaultEffect& effect) {
  if (object.has("redirect_to")) {
    object.refuse_keys({"body"}, "can't go with \"redirect_to\"");
  } else if (!object.has("status")) {
    object.refuse_keys({"body"}, "needs a \"status\": 200 or an error");
  }
  if (!object.has("retry_after_s")) {
    object.refuse_keys({"retry_after_date"}, "needs \"retry_after_s\"");
  }
  if (!object.has("body")) {
    object.refuse_keys({"content_type"}, "needs a \"body\"");
  } else {
    object.refuse_keys({"error"}, "can't go with \"body\": it is the text of the API's own error");
  }
  const bool is_no_error =
      !object.has("status") || object.has("redirect_to") || (effect.status && *effect.status < 400);
  if (is_no_error) object.refuse_keys({"retry_after_s", "error"}, "needs an error \"status\"");
}

void check_combination(const ObjectReader& object, const FaultEffect& effect) {
  Words outcomes;
  for (const std::string_view key : kOutcomes) {
    if (object.has(key)) outcomes.push_back(key);
  }
  const bool redirect = outcomes.size() == 2 && outcomes[1] == "redirect_to";  // and its status
  if (outcomes.size() > 1 && !redirect) {
    object.refuse_keys({outcomes[1]},
                       "can't go with " + in_quotes(outcomes[0]) + ": a fault does one of them");
  }
  const bool has_manner = object.has("hold") || object.has("delay_ms") ||
                          object.has("drip_bytes_per_s") || object.has("encode");
  if (outcomes.empty() && !has_manner) {
    object.node().refuse("expected what to do: one of \"status\", \"delay_ms\", …");
  }
  check_own_reply(object, effect);
  if (effect.empty_response) {
    object.refuse_keys({"drip_bytes_per_s", "encode"},
                       "can't go with \"empty_response\": nothing is sent");
  }
  // Without being executed there is no reply of its own to be sent in part.
  const bool any_reply =
      effect.status || effect.redirect_to || effect.empty_response || effect.reset_after_bytes == 0;
  if (effect.executed == false && !any_reply) {
    object.refuse_keys({"executed"},
                       "can be false only when nothing of the call's own reply is sent: with "
                       "status, redirect_to, empty_response or \"reset_after_bytes\": 0");
  }
}

FaultEffect read_effect(const Node& node) {
  const ObjectReader object(
      node, {"status", "retry_after_s", "retry_after_date", "error", "body", "content_type",
             "redirect_to", "malformed_json", "reset_after_bytes", "truncate_after_bytes",
             "empty_response", "hold", "delay_ms", "drip_bytes_per_s", "encode", "executed"});
  FaultEffect effect;
  if (!object.is_object()) return effect;
  read_status(object, effect);
  effect.retry_after_s = object.integer("retry_after_s", {0, kLargest});
  effect.retry_after_date = read_set(object, "retry_after_date");
  effect.error = object.text("error").value_or("");
  read_body(object, effect);
  read_redirect(object, effect);
  effect.malformed_json = read_set(object, "malformed_json");
  effect.reset_after_bytes = object.integer("reset_after_bytes", {0, kLargest});
  effect.truncate_after_bytes = object.integer("truncate_after_bytes", {0, kLargest});
  effect.empty_response = read_set(object, "empty_response");
  effect.hold = read_hold(object);
  effect.delay_ms = object.integer("delay_ms", {1, kMostDelayMs}).value_or(0);
  effect.drip_bytes_per_s = object.integer("drip_bytes_per_s", {1, kLargest}).value_or(0);
  read_encode(object, effect);
  effect.executed = object.flag("executed");
  check_combination(object, effect);
  return effect;
}

}  // namespace

FaultSpec read_fault(const Node& node) {
  const ObjectReader object(node, {"at", "after", "do", "times", "rate"});
  FaultSpec fault;
  read_moment(object, fault);
  fault.times = object.integer("times", {1, kLargest});
  read_rate(object, fault);
  if (const auto effect = object.require("do")) fault.effect = read_effect(*effect);
  return fault;
}

}  // namespace nairi::mock
