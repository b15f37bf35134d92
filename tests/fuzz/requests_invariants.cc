#include <nlohmann/json.hpp>

#include "http/framing.h"
#include "invariants.h"
#include "nairi/mock/fake.h"
#include "sound_reply.h"

namespace nairi::tests {
namespace {

// Two fakes that are asked the same.
class Twins {
 public:
  explicit Twins(unsigned choice)
      : one_(played_world(), options(choice)), other_(played_world(), options(choice)) {}

  // What is wrong with the reply to it.
  std::string ask(const mock::Request& request, bool may_be_faulty) {
    const mock::Reply reply = one_.handle(request);
    const mock::Reply again = other_.handle(request);
    if (reply.status != again.status || reply.body != again.body) {
      return "the same calls, and not the same bytes: " + request.method + " " + request.target;
    }
    return may_be_faulty ? "" : unsound_reply(request, reply);
  }
  void refuse(const mock::RefusedRequest& refused) { one_.note_refused(refused); }

  // What is kept of it all must be JSON, and hold no key.
  std::string broken_records(std::string_view key) {
    if (!nlohmann::json::accept(one_.states())) return "states that are no JSON";
    (void)one_.verdicts_of_all();
    for (const mock::SeenExchange& seen : one_.journal(key)) {
      for (const mock::Header& header : seen.headers) {
        if (mock::find_header({header}, "Authorization") != nullptr &&
            header.value.find(key) != std::string::npos) {
          return "a key in the journal";
        }
      }
    }
    return "";
  }

 private:
  static mock::FakeOptions options(unsigned choice) {
    mock::FakeOptions fake;
    fake.clock = static_cast<mock::ClockMode>(choice % 3);
    fake.judge = (choice & 4U) != 0;
    fake.mutate_additive = (choice & 8U) != 0;
    fake.listed_keys_only = (choice & 16U) != 0;
    if ((choice & 32U) != 0) fake.cors_origins = {"http://localhost:5173"};
    fake.wall_ms = [] { return std::int64_t{1'776'019'512'000}; };
    fake.control_token = "token";
    fake.journal_max_entries = 8;
    return fake;
  }

  mock::Fake one_;
  mock::Fake other_;
};

}  // namespace

std::string broken_requests_invariant(std::string_view input) {
  unsigned choice = 0;
  const std::string_view bytes = without_choice(input, choice);
  // What is added by chance fits no document, and faults are faults.
  const bool may_be_faulty = (choice & 8U) != 0 || bytes.find("\"do\"") != std::string_view::npos ||
                             bytes.find("\\u00") != std::string_view::npos;
  Twins twins(choice);
  mock::Framer framer({.max_header_bytes = 4096, .max_body_bytes = 4096, .max_upload_bytes = 8192});
  framer.feed(bytes);
  std::string broken;
  while (framer.state() == mock::Framer::State::complete && broken.empty()) {
    broken = twins.ask(framer.take().request, may_be_faulty);
  }
  if (framer.state() == mock::Framer::State::refused) twins.refuse(framer.give_up());
  return broken.empty() ? twins.broken_records("nr_test") : broken;
}

}  // namespace nairi::tests
