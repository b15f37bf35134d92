#include "run.h"

#include <cerrno>
#include <chrono>
#include <cstring>

#include "command_line.h"
#include "commands.h"
#include "output.h"
#include "progress_view.h"

namespace nairi::cli {
namespace {

// What the command line leaves out comes from the environment.
Result<Environment> settings_of(const CommonArguments& common, const Variables& variables) {
  return read_environment([&](const std::string& name) {
    const std::string& given = name == "NAIRI_BASE_URL"  ? common.base_url
                               : name == "NAIRI_API_KEY" ? common.api_key
                                                         : common.ca_file;
    return given.empty() ? variables(name) : given;
  });
}

ProgressStyle style_of(const CommandLine& line, const Surroundings& surroundings) {
  const bool is_dumb = surroundings.variables("TERM") == "dumb";
  if (surroundings.err_is_terminal && !is_dumb) return ProgressStyle::live;
  return line.ask.progress ? ProgressStyle::lines : ProgressStyle::none;
}

int dispatch(const Client& client, const CommandLine& line, const Output& output,
             const Surroundings& surroundings) {
  if (line.command == "agents") return agents(client, output);
  if (line.command == "messages") return messages(client, line.messages, output);
  if (line.command == "conversations") return conversations(client, line.conversations, output);
  if (line.command == "attachment") return attachment(client, line.attachment, output);
  const bool color = surroundings.variables("NO_COLOR").value_or("").empty();
  ProgressView view(output.err, style_of(line, surroundings), color, surroundings.err_columns);
  return ask(client, line, output, view);
}

int run_command(const CommandLine& line, const Surroundings& surroundings) {
  const Output output{surroundings.out, surroundings.err, line.common.json};
  const auto settings = settings_of(line.common, surroundings.variables);
  if (!settings) return output.fail(settings.error());
  const auto transport = surroundings.connect(settings->base_url, {.ca_file = settings->ca_file});
  if (!transport) return output.fail(transport.error());
  const std::chrono::duration<double> interval(line.common.poll_interval_s);
  const Client client(
      *transport, {.api_key = settings->api_key,
                   .poll_interval = std::chrono::duration_cast<std::chrono::milliseconds>(interval),
                   .stop = surroundings.stop});
  return dispatch(client, line, output, surroundings);
}

}  // namespace

int run(int argc, const char* const* argv, const Surroundings& surroundings) {
  const CommandLine line = parse_command_line(argc, argv, surroundings.out, surroundings.err);
  const int code = line.command.empty() ? line.exit_code : run_command(line, surroundings);
  errno = 0;
  if (surroundings.out.flush()) return code;
  surroundings.err << "nairi: the output could not be written";
  if (errno != 0) surroundings.err << ": " << std::strerror(errno);
  surroundings.err << '\n';
  return code == kGood ? kUsage : code;
}

}  // namespace nairi::cli
