#include "run.h"

#include <chrono>

#include "command_line.h"
#include "commands.h"
#include "output.h"
#include "progress_view.h"

namespace nairi::cli {
namespace {

// What the command line leaves out comes from the environment.
void complete(CommonArguments& common, const Environment& environment) {
  if (common.base_url.empty()) common.base_url = environment.base_url;
  if (common.api_key.empty()) common.api_key = environment.api_key;
  if (common.ca_file.empty()) common.ca_file = environment.ca_file;
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
  ProgressView view(output.err, style_of(line, surroundings), color);
  return ask(client, line, output, view);
}

}  // namespace

int run(int argc, const char* const* argv, const Surroundings& surroundings) {
  CommandLine line = parse_command_line(argc, argv, surroundings.out, surroundings.err);
  if (line.command.empty()) return line.exit_code;
  complete(line.common, read_environment(surroundings.variables));
  const Output output{surroundings.out, surroundings.err, line.common.json};
  const auto transport =
      surroundings.connect(line.common.base_url, {.ca_file = line.common.ca_file});
  if (!transport) return output.fail(transport.error());
  const std::chrono::duration<double> interval(line.common.poll_interval_s);
  const Client client(
      *transport,
      {.api_key = line.common.api_key,
       .poll_interval = std::chrono::duration_cast<std::chrono::milliseconds>(interval)});
  return dispatch(client, line, output, surroundings);
}

}  // namespace nairi::cli
