#include "output.h"

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
  }
  return kRefused;
}

std::string escaped(unsigned char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {'\\', 'x', kDigits[c >> 4], kDigits[c & 15]};
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (c == 0xC2 && next >= 0x80 && next <= 0x9F) {  // U+0080 to U+009F, in UTF-8
      safe += escaped(next);
      ++i;
    } else if ((c < ' ' && c != '\n' && c != '\t') || c == 127) {
      safe += escaped(c);
    } else {
      safe += text[i];
    }
  }
  return safe;
}

std::string harmless_line(std::string_view text) {
  std::string line = harmless(text);
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return line;
}

void Output::print(const nlohmann::ordered_json& document) const {
  out << document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

int Output::fail(const Error& error, nlohmann::ordered_json document) const {
  err << "nairi: " << harmless_line(error.message) << '\n';
  if (json) {
    document["error"] = {{"code", to_string(error.code)},
                         {"status", error.status},
                         {"server_text", error.server_text},
                         {"message", error.message}};
    print(document);
  }
  return exit_code_for(error.code);
}

}  // namespace nairi::cli
