// Reads HAR files (HTTP Archive 1.2), as browsers, mitmproxy, Playwright and others write them,
// into a recording. They may hold anything, secrets above all: of each call of the API it takes
// what a recorder would have kept, and of all other requests nothing.
//
// Thread-safety: every function may be called from any thread.
#ifndef NAIRI_CONTRACTS_HARNESS_RECORDER_HAR_H_
#define NAIRI_CONTRACTS_HARNESS_RECORDER_HAR_H_

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "harness/recording/recording.h"
#include "nairi/mock/diagnostic.h"

namespace nairi::contracts {

struct HarOptions {
  // What the URLs of the API begin with: "https://api.nairi.ai/api/public/v1". Empty: everything up
  // to /api/public/v1, which must be the same in all.
  std::string target = {};
  bool with_files = false;  // keep what attachments hold
};

// The calls in the order in which they ended, or every mistake that was found.
tl::expected<Recording, mock::Diagnostics> recording_from_har(std::string_view text,
                                                              const std::string& file,
                                                              const HarOptions& options = {});

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_RECORDER_HAR_H_
