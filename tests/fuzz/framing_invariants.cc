#include <cstddef>
#include <vector>

#include "http/framing.h"
#include "invariants.h"

namespace nairi::tests {
namespace {

using mock::FramedRequest;
using mock::Framer;

constexpr mock::FramingLimits kLimits{
    .max_header_bytes = 512, .max_body_bytes = 64, .max_upload_bytes = 128};

struct Run {
  std::vector<FramedRequest> requests;
  Framer::State state = Framer::State::idle;
  mock::Failure refusal;
  std::string broken;
};

void check_request(const FramedRequest& framed, Run& run) {
  const mock::Request& request = framed.request;
  if (request.method.empty() || request.target.empty()) run.broken = "a request without a line";
  if (request.body.size() > kLimits.max_upload_bytes) run.broken = "a body over the limit";
  if (request.headers.size() > mock::kMaxFields) run.broken = "too many fields";
}

Run run_in_pieces(std::string_view bytes, std::size_t size) {
  Run run;
  Framer framer(kLimits);
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    framer.feed(bytes.substr(at, size));
    while (framer.state() == Framer::State::complete) {
      run.requests.push_back(framer.take());
      check_request(run.requests.back(), run);
    }
    if (framer.buffered_bytes() > bytes.size()) run.broken = "more buffered than fed";
  }
  run.state = framer.state();
  if (run.state == Framer::State::refused) run.refusal = framer.refusal();
  if (run.state == Framer::State::refused && run.refusal.text.empty()) run.broken = "no reason";
  return run;
}

bool same(const FramedRequest& a, const FramedRequest& b) {
  return a.request.method == b.request.method && a.request.target == b.request.target &&
         a.request.body == b.request.body && a.keep_alive == b.keep_alive &&
         a.request.headers.size() == b.request.headers.size();
}

std::string difference(const Run& whole, const Run& split) {
  if (whole.state != split.state) return "the state depends on the split";
  if (whole.refusal.status != split.refusal.status) return "the refusal depends on the split";
  if (whole.requests.size() != split.requests.size()) return "the number depends on the split";
  for (std::size_t i = 0; i < whole.requests.size(); ++i) {
    if (!same(whole.requests[i], split.requests[i])) return "a request depends on the split";
  }
  return "";
}

}  // namespace

std::string broken_framing_invariant(std::string_view input) {
  if (input.empty()) return "";
  const std::size_t size = static_cast<unsigned char>(input.front()) + std::size_t{1};
  const std::string_view bytes = input.substr(1);
  const Run whole = run_in_pieces(bytes, bytes.size() + 1);
  if (!whole.broken.empty()) return whole.broken;
  for (const std::size_t piece : {size, std::size_t{1}}) {
    const Run split = run_in_pieces(bytes, piece);
    if (!split.broken.empty()) return split.broken;
    if (std::string found = difference(whole, split); !found.empty()) return found;
  }
  return "";
}

}  // namespace nairi::tests
