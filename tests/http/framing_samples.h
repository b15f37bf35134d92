// Streams of bytes and what a framer with sample_limits() makes of them.
#ifndef NAIRI_MOCK_TESTS_HTTP_FRAMING_SAMPLES_H_
#define NAIRI_MOCK_TESTS_HTTP_FRAMING_SAMPLES_H_

#include <string>
#include <vector>

#include "http/framing.h"

namespace nairi::mock {

// Small, so that samples at the limits stay short.
inline FramingLimits sample_limits() {
  return {.max_header_bytes = 600, .max_body_bytes = 40, .max_upload_bytes = 80};
}

struct AcceptedSample {
  std::string name;
  std::string bytes;
  std::vector<std::string> requests;  // each as "METHOD target|body"
};

struct RefusedSample {
  std::string name;
  std::string bytes;
  int status;
  std::string says;  // part of the message
};

const std::vector<AcceptedSample>& accepted_samples();
const std::vector<RefusedSample>& refused_samples();

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_TESTS_HTTP_FRAMING_SAMPLES_H_
