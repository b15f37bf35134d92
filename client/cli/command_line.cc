#include "command_line.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "options.h"

namespace nairi::cli {
namespace {

void add_common(CLI::App* command, CommonArguments& common) {
  command
      ->add_option("--base-url", common.base_url,
                   "Root of the API (default: NAIRI_BASE_URL,\nelse https://api.nairi.ai)")
      ->check(some_text())
      ->type_name("URL");
  command
      ->add_option("--api-key", common.api_key,
                   "Key (default: NAIRI_API_KEY, which is better:\nothers can see arguments)")
      ->check(some_text())
      ->type_name("KEY");
  command
      ->add_option("--ca-file", common.ca_file,
                   "Trusted certificates, PEM (default:\nNAIRI_CA_FILE, else the system's)")
      ->check(some_text())
      ->type_name("FILE");
  add_switch(command, "--json", common.json, "Print one JSON document (default: text)");
}

// "(default: 2)", from the value that is there before parsing.
std::string default_of(double seconds) {
  return "(default: " + CLI::detail::to_string(seconds) + ")";
}

void add_times(CLI::App* command, CommonArguments& common) {
  constexpr double kMaxSeconds = 1e9;  // three decades
  command
      ->add_option("--timeout", common.timeout_s,
                   "How long to wait for each answer\n" + default_of(common.timeout_s))
      ->type_name("SECONDS")
      ->check(seconds_between(0, kMaxSeconds));
  command
      ->add_option("--poll-interval", common.poll_interval_s,
                   "Pause between two polls " + default_of(common.poll_interval_s))
      ->type_name("SECONDS")
      ->check(seconds_between(0.001, kMaxSeconds));
}

// A conversation is new or exists already.
void check_conversation(const AskArguments& ask) {
  if (ask.agent.empty() == ask.job.empty()) {
    throw CLI::ValidationError(
        "ask", "takes either --agent (a new conversation) or --job (one that exists)");
  }
  if (ask.ask_mode && !ask.job.empty()) {
    throw CLI::ValidationError("--ask-mode", "is said when a conversation starts, not with --job");
  }
}

void add_ask(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("ask", "Ask an agent and wait for its answer");
  AskArguments& ask = line.ask;
  command->add_option("prompt", ask.prompt, "What to ask")
      ->required()
      ->check(some_text())
      ->type_name("PROMPT");
  command->add_option("--agent", ask.agent, "Start a conversation: the agent's slug or\ncci_ id")
      ->check(some_text())
      ->type_name("AGENT");
  command->add_option("--job", ask.job, "Or continue this conversation")
      ->check(some_text())
      ->type_name("JOB");
  command
      ->add_option("--follow-up", ask.follow_ups,
                   "Ask this next, in the same conversation;\nmay be repeated (default: none)")
      ->allow_extra_args(false)
      ->check(some_text())
      ->type_name("PROMPT");
  command
      ->add_option("--attach", ask.files,
                   "Upload this file with the first prompt;\nmay be repeated (default: none)")
      ->allow_extra_args(false)
      ->check(some_text())
      ->type_name("FILE");
  add_switch(command, "--ask-mode", ask.ask_mode, "Answer without running tools (default: off)");
  add_switch(command, "--progress", ask.progress,
             "Tell progress on stderr, line by line; on a\nterminal one line shows it anyway "
             "(default: off)");
  add_times(command, line.common);
  command->callback([&ask] { check_conversation(ask); });
}

void add_messages(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("messages", "Show the timeline of a conversation");
  command->add_option("job", line.messages.job, "The conversation's id")
      ->required()
      ->check(some_text())
      ->type_name("JOB");
  add_switch(command, "--all", line.messages.all, "Show progress messages, too (default: off)");
}

void add_conversations(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("conversations", "List the conversations of an agent");
  ConversationQuery& query = line.conversations.query;
  command->add_option("agent", line.conversations.agent, "The agent's slug or cci_ id")
      ->required()
      ->check(some_text())
      ->type_name("AGENT");
  command
      ->add_option("--status", query.statuses,
                   "active, completed, error or abandoned;\nmay be repeated (default: all)")
      ->allow_extra_args(false)
      ->check(some_text())
      ->type_name("STATUS");
  command
      ->add_option("--updated-after", query.updated_after,
                   "Only those changed later, RFC 3339\n(default: any time)")
      ->check(some_text())
      ->type_name("TIME");
  command
      ->add_option("--sort", query.sort,
                   "created_at_asc, created_at_desc,\nupdated_at_asc or updated_at_desc\n"
                   "(default: created_at_desc)")
      ->check(some_text())
      ->type_name("ORDER");
  command->add_option("--limit", query.limit, "Size of a page, 1 to 100 (default: 50)")
      ->check(whole_number())
      ->type_name("N");
  command->add_option("--offset", query.offset, "Skip that many (default: 0)")
      ->check(whole_number())
      ->type_name("N");
  CLI::Option* cursor = command->add_option("--cursor", query.cursor,
                                            "Go on where an earlier page ended\n(default: none)");
  cursor->check(some_text())->type_name("CURSOR");
  add_switch(command, "--all", line.conversations.all, "Read all pages (default: one page)")
      ->excludes(cursor);
}

void add_attachment(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("attachment", "Download an attachment");
  command->add_option("id", line.attachment.id, "The attachment's id")
      ->required()
      ->check(some_text())
      ->type_name("ID");
  command->add_option("-o,--output", line.attachment.output, "Write the file here; - is stdout")
      ->required()
      ->check(some_text())
      ->type_name("FILE");
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv, std::ostream& out,
                               std::ostream& err) {
  CommandLine line;
  CLI::App app("Talks to Nairi's Conversations API.", "nairi");
  app.get_formatter()->column_width(28);
  app.set_version_flag("--version", std::string("nairi ") + NAIRI_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 good, 1 the API or the turn failed, 2 usage, or a file or output\n"
      "that can't be written, 3 the server could not be reached, or not in time,\n"
      "130 interrupted (143 by SIGTERM).");
  add_ask(app, line);
  app.add_subcommand("agents", "List the agents");
  add_messages(app, line);
  add_conversations(app, line);
  add_attachment(app, line);
  for (CLI::App* command : app.get_subcommands({})) add_common(command, line.common);
  try {
    app.parse(argc, argv);
    line.command = app.get_subcommands().front()->get_name();
  } catch (const CLI::Success& help) {  // help or version
    app.exit(help, out, err);
  } catch (const CLI::ParseError& error) {
    err << "nairi: " << explain(app, {argv + 1, argv + argc}, error) << '\n';
    line.exit_code = kUsage;
  }
  return line;
}

}  // namespace nairi::cli
