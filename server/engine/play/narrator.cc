#include "engine/play/narrator.h"

#include <algorithm>
#include <utility>

#include "engine/state/message_text.h"
#include "text/placeholders.h"

namespace nairi::mock {
namespace {

constexpr std::string_view kOpened = "Agent opened a ";
constexpr std::string_view kPlainPull = "pull request: ";
constexpr std::string_view kLinkedPull = "[pull request](";
constexpr std::string_view kCommit = "New commit added: ";

std::string link_to(std::string_view text, std::string_view url) {
  return "[" + std::string(text) + "](" + std::string(url) + ")";
}

// Where the job's newest pull request is. Assumed, where none was told of: where commits are.
std::string pull_request_of(const Job& job) {
  const std::string begin = std::string(kOpened).append(kLinkedPull);
  const auto tells = [&](const Message& message) {
    return message.role == Role::system && message.content.starts_with(begin);
  };
  const auto found = std::find_if(job.messages.rbegin(), job.messages.rend(), tells);
  if (found == job.messages.rend()) return "https://example.com/pull/0";
  const std::string_view rest = std::string_view(found->content).substr(begin.size());
  return std::string(rest.substr(0, rest.find(')')));
}

// "<sha> in #<number>", or without the number.
std::string commit_as_markdown(std::string_view told, const std::string& pull_request) {
  constexpr std::size_t kShown = 7;
  constexpr std::string_view kIn = " in #";
  const std::string_view sha = told.substr(0, told.find(' '));
  std::string text = std::string(kCommit) +
                     link_to(sha.substr(0, kShown), pull_request + "/commits/" + std::string(sha));
  const std::size_t in = told.find(kIn);
  if (in == std::string_view::npos) return text;
  return text + " in " + link_to("#" + std::string(told.substr(in + kIn.size())), pull_request);
}

// A notice that is in plain text, as the agents' daemon sends it; anything else as it is
// (REFERENCE: Messages).
std::string as_markdown(const std::string& text, const Job& job) {
  const std::string plain = std::string(kOpened).append(kPlainPull);
  if (text.starts_with(plain)) {
    return std::string(kOpened) + link_to("pull request", text.substr(plain.size()));
  }
  const bool is_plain = text.starts_with(kCommit) && text.find('[') == std::string::npos;
  if (!is_plain) return text;
  return commit_as_markdown(std::string_view(text).substr(kCommit.size()), pull_request_of(job));
}

}  // namespace

void Narrator::progress(const Progress& progress, std::int64_t at) {
  Progress rendered = progress;
  for (auto& field : rendered.fields) field.second = render(field.second);
  if (rendered.raw) rendered.raw = render(*rendered.raw);
  ProgressText text = progress_text(job_, prompt().id, rendered);
  Message& added = organization_.add_message(job_, Role::progress, std::move(text.content), at,
                                             std::move(text.extra));
  if (organization_.knobs().progress_is_pending) added.status = MessageStatus::pending;  // assumed
}

void Narrator::system(const std::vector<std::string>& texts, std::int64_t at) {
  for (const std::string& text : texts) {
    std::string said = render(text);
    if (organization_.knobs().markdown_notices) said = as_markdown(said, job_);
    organization_.add_message(job_, Role::system, std::move(said), at);
  }
}

void Narrator::messages(const std::vector<MessageSpec>& messages, std::int64_t at) {
  for (const MessageSpec& spec : messages) {
    Message& added = organization_.add_message(job_, spec.role, render(spec.content), at,
                                               extra(spec.attachments, spec.usage));
    added.status = spec.status;
  }
}

void Narrator::reply(const Stage& stage, std::int64_t at) {
  if (!stage.reply) {
    end_drafts(stage.status, at);
    return;
  }
  std::string text = render(*stage.reply);
  std::string fields = extra(stage.attachments, stage.usage);
  Message* const draft = end_drafts(stage.status, at);
  if (draft == nullptr) {
    organization_.add_message(job_, Role::assistant, std::move(text), at, std::move(fields));
    return;
  }
  organization_.count_kept(text.size() + fields.size());
  draft->content = std::move(text);
  draft->extra = std::move(fields);
}

// Messages of the assistant that the script left unfinished: each ends as the turn does. Gives the
// newest one, which becomes the answer. Assumed: no source says that there are such.
Message* Narrator::end_drafts(MessageStatus status, std::int64_t at) {
  Message* newest = nullptr;
  for (std::size_t index = turn_.user_message + 1; index < job_.messages.size(); ++index) {
    Message& message = job_.messages[index];
    if (message.role != Role::assistant || is_terminal(message.status)) continue;
    message.status = status;
    message.updated_at = at;
    job_.updated_at = std::max(job_.updated_at, at);
    newest = &message;
  }
  return newest;
}

std::string Narrator::extra(const std::vector<File>& files, const std::optional<Usage>& usage) {
  std::vector<Ulid> ids;
  ids.reserve(files.size());
  for (const File& file : files) {
    ids.push_back(organization_.add_attachment({file.filename, *file.bytes, file.bytes}));
  }
  std::string extra;
  append_attachment_ids(extra, ids);
  if (usage) append_usage(extra, *usage);
  return extra;
}

void Narrator::errors(const std::vector<std::string>& texts, std::int64_t at) {
  const auto say = [&](const std::string& details) {
    organization_.add_message(job_, Role::system, "nairid encountered error: " + details, at);
  };
  for (const std::string& text : texts) say(render(text));
  // Assumed: its words. REFERENCE says that it is longer, and ends in the first one's details.
  const bool lacks_one = texts.size() == 1 && organization_.knobs().errors_per_failure == 2;
  if (lacks_one) say("the agent's run failed: " + render(texts.front()));
}

void Narrator::prompt_status(MessageStatus status, std::int64_t at) {
  if (prompt().status == status) return;
  prompt().status = status;
  prompt().updated_at = at;
  job_.updated_at = std::max(job_.updated_at, at);
}

void Narrator::job_status(const std::optional<JobStatus>& status, const std::string& reason,
                          std::int64_t at) {
  if (!status) return;
  if (job_.status != *status) job_.updated_at = std::max(job_.updated_at, at);
  job_.status = *status;
  if (job_.status == JobStatus::completed) {
    organization_.add_message(job_, Role::system, "Job complete - " + render(reason), at);
  }
}

std::string Narrator::render(std::string_view text) {
  if (!has_placeholders(text)) return std::string(text);
  // Room for the longest prompt and its echo. Replies that quote replies would double each time.
  constexpr std::size_t kLongestText = std::size_t{16} << 20;
  const std::string job_id = job_id_text(job_);
  return fill_placeholders(text,
                           {.prompt = prompt().content,
                            .turn = turn_.number,
                            .agent_id = organization_.agents()[job_.agent].profile->agent_id,
                            .job_id = job_id,
                            .previous_prompt = latest_before(turn_.user_message, Role::user),
                            .previous_reply = latest_before(job_.messages.size(), Role::assistant),
                            .match = &turn_.choice.match},
                           std::min(kLongestText, organization_.room()));
}

// The content of the newest message of that role before the index; empty when there is none. A
// draft is no answer yet.
std::string_view Narrator::latest_before(std::size_t index, Role role) const {
  while (index-- > 0) {
    const Message& message = job_.messages[index];
    const bool is_draft = role == Role::assistant && !is_terminal(message.status);
    if (message.role == role && !is_draft) return message.content;
  }
  return {};
}

}  // namespace nairi::mock
