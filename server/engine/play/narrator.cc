#include "engine/play/narrator.h"

#include <algorithm>
#include <utility>

#include "engine/state/message_text.h"
#include "text/placeholders.h"

namespace nairi::mock {

void Narrator::progress(const Progress& progress, std::int64_t at) {
  Progress rendered = progress;
  for (auto& field : rendered.fields) field.second = render(field.second);
  if (rendered.raw) rendered.raw = render(*rendered.raw);
  ProgressText text = progress_text(job_, prompt().id, rendered);
  organization_.add_message(job_, Role::progress, std::move(text.content), at,
                            std::move(text.extra));
}

void Narrator::system(const std::vector<std::string>& texts, std::int64_t at) {
  for (const std::string& text : texts) {
    organization_.add_message(job_, Role::system, render(text), at);
  }
}

void Narrator::reply(const Stage& stage, std::int64_t at) {
  if (!stage.reply) return;
  std::vector<Ulid> files;
  for (const File& file : stage.attachments) {
    files.push_back(organization_.add_attachment(file.filename, file.bytes));
  }
  std::string extra;
  append_attachment_ids(extra, files);
  if (stage.usage) append_usage(extra, *stage.usage);
  organization_.add_message(job_, Role::assistant, render(*stage.reply), at, std::move(extra));
}

void Narrator::errors(const std::vector<std::string>& texts, std::int64_t at) {
  for (const std::string& text : texts) {
    organization_.add_message(job_, Role::system, "nairid encountered error: " + render(text), at);
  }
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
  const std::string job_id = job_id_text(job_);
  return fill_placeholders(text,
                           {.prompt = prompt().content,
                            .turn = turn_.number,
                            .agent_id = organization_.agents()[job_.agent].profile.agent_id,
                            .job_id = job_id,
                            .previous_prompt = latest_before(turn_.user_message, Role::user),
                            .previous_reply = latest_before(job_.messages.size(), Role::assistant),
                            .match = &turn_.choice.match});
}

// The content of the newest message of that role before the index; empty when there is none.
std::string_view Narrator::latest_before(std::size_t index, Role role) const {
  while (index-- > 0) {
    if (job_.messages[index].role == role) return job_.messages[index].content;
  }
  return {};
}

}  // namespace nairi::mock
