#include "output.h"

#include <utility>

#include "command_line.h"

namespace nairi::cli {
namespace {

int exit_code_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::api:
    case ErrorCode::redirected:
    case ErrorCode::malformed_reply:
      return kRefused;
    case ErrorCode::invalid_argument:
      return kUsage;
    case ErrorCode::connection_failed:
    case ErrorCode::connection_lost:
    case ErrorCode::timed_out:
    case ErrorCode::tls:
    case ErrorCode::deadline_reached:
      return kUnreachable;
    case ErrorCode::cancelled:
      return kInterrupted;
  }
  return kRefused;
}

// What the library calls by its variables has options here.
std::string for_command_line(std::string message) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[]{
      {"give one in NAIRI_API_KEY", "give one with --api-key, or in NAIRI_API_KEY"},
      {"(NAIRI_CA_FILE)", "(--ca-file, or NAIRI_CA_FILE)"}};
  for (const auto& [library, ours] : kWords) {
    const std::size_t at = message.find(library);
    if (at != std::string::npos) message.replace(at, library.size(), ours);
  }
  return message;
}

}  // namespace

void Output::print(const nlohmann::ordered_json& document) const {
  out << document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

int Output::fail(const Error& error, nlohmann::ordered_json document) const {
  const std::string message = for_command_line(error.message);
  const bool is_interrupted = error.code == ErrorCode::cancelled;
  err << "nairi: " << (is_interrupted ? "interrupted" : harmless_line(message)) << '\n';
  if (json) {
    document["error"] = {{"code", to_string(error.code)},
                         {"status", error.status},
                         {"server_text", error.server_text},
                         {"message", message}};
    print(document);
  }
  return exit_code_for(error.code);
}

}  // namespace nairi::cli
