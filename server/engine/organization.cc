#include "engine/organization.h"

#include <utility>

#include "engine/message_text.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kMostWalks = 64;  // of one organization, so that memory stays bounded

Agent agent_from(const AgentSpec& spec, Ulid id, std::int64_t now) {
  Agent agent;
  agent.id = id;
  agent.slug = spec.agent_id;
  agent.name = spec.name.empty() ? spec.agent_id : spec.name;
  agent.instances_count = spec.instances_count;
  agent.description = spec.description;
  agent.system_prompt = spec.system_prompt;
  agent.is_self_hosted = spec.is_self_hosted;
  agent.deployed = spec.deployed;
  agent.created_at = agent.updated_at = now;
  return agent;
}

// "Billing & Refunds" becomes "billing-refunds": lower case, everything else than letters, digits
// and '/' one dash (assumed: only that the slug is made from the name is documented).
std::string slug_from(std::string_view name) {
  std::string slug;
  for (const char character : name) {
    const bool upper = character >= 'A' && character <= 'Z';
    const bool kept = (character >= 'a' && character <= 'z') ||
                      (character >= '0' && character <= '9') || character == '/';
    if (upper) {
      slug += static_cast<char>(character - 'A' + 'a');
    } else if (kept) {
      slug += character;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  const std::size_t first = slug.find_first_not_of("-/");
  const std::size_t last = slug.find_last_not_of("-/");
  return first == std::string::npos ? "agent" : slug.substr(first, last - first + 1);
}

}  // namespace

std::string job_id_text(const Job& job) {
  return make_id(job_prefix(job), job.id);
}

Organization::Organization(const Universe& universe, std::string_view key, std::int64_t now_ms)
    : universe_(universe), now_(now_ms), ids_(universe.seed, key, now_ms) {
  for (const JobSpec& job : universe.world.jobs) {
    move_time_to(job.created_at_ms.value_or(now_));
    move_time_to(job.updated_at_ms.value_or(now_));
  }
  for (const AgentSpec& spec : universe.world.agents) add_agent(spec);
  for (const JobSpec& spec : universe.world.jobs) add_job(spec);
  for (Agent& agent : agents_) {
    std::stable_sort(agent.jobs.begin(), agent.jobs.end(), [&](std::size_t a, std::size_t b) {
      return jobs_[a].created_at < jobs_[b].created_at;
    });
  }
}

Agent* Organization::find_agent(std::string_view slug) {
  const auto found = std::find_if(agents_.begin(), agents_.end(), [&](const Agent& agent) {
    return !agent.deleted && agent.slug == slug;
  });
  return found == agents_.end() ? nullptr : &*found;
}

Agent* Organization::find_agent(Ulid id) {
  const auto found = std::find_if(agents_.begin(), agents_.end(), [&](const Agent& agent) {
    return !agent.deleted && agent.id == id;
  });
  return found == agents_.end() ? nullptr : &*found;
}

std::string Organization::free_slug(std::string_view name) const {
  const std::string slug = slug_from(name);
  const auto taken = [&](const std::string& candidate) {
    return std::any_of(agents_.begin(), agents_.end(), [&](const Agent& agent) {
      return !agent.deleted && agent.slug == candidate;
    });
  };
  std::string candidate = slug;
  for (int i = 2; taken(candidate); ++i) candidate = slug + "-" + std::to_string(i);
  return candidate;
}

Agent& Organization::add_agent(const AgentSpec& spec) {
  const auto fixed = parse_id(spec.id.value_or(""), kAgentPrefix);
  return agents_.emplace_back(agent_from(spec, fixed ? *fixed : ids_.next(), now_));
}

Job* Organization::find_job(Ulid id, bool legacy_id) {
  const auto found = job_index_.find(id);
  if (found == job_index_.end() || jobs_[found->second].legacy_id != legacy_id) return nullptr;
  return &jobs_[found->second];
}

Job& Organization::add_job(Job job) {
  job_index_.emplace(job.id, jobs_.size());
  agents_[job.agent].jobs.push_back(jobs_.size());
  return jobs_.emplace_back(std::move(job));
}

Job& Organization::add_job(const JobSpec& spec) {
  Job seeded;
  seeded.legacy_id = spec.id.value_or("").starts_with(kLegacyJobPrefix);
  const auto fixed = parse_id(spec.id.value_or(""), job_prefix(seeded));
  seeded.id = fixed ? *fixed : ids_.next();
  seeded.agent = static_cast<std::size_t>(find_agent(spec.agent_id) - agents_.data());
  seeded.origin = spec.origin;
  seeded.status = spec.status;
  seeded.ask_mode = spec.ask_mode;
  seeded.created_at = spec.created_at_ms.value_or(now_);
  seeded.updated_at = spec.updated_at_ms.value_or(seeded.created_at);
  Job& job = add_job(std::move(seeded));
  const std::int64_t updated_at = job.updated_at;
  for (const MessageSpec& message : spec.messages) {
    if (message.role == Role::user) ++job.turns_taken;
    add_message(job, seeded_message(job, message, updated_at));
  }
  return job;
}

Message Organization::seeded_message(const Job& job, const MessageSpec& spec, std::int64_t at) {
  Message message;
  const auto fixed = parse_id(spec.id.value_or(""), kMessagePrefix);
  message.id = fixed ? *fixed : ids_.next();
  message.role = spec.role;
  message.status = spec.status;
  message.created_at = message.updated_at = at;
  message.content = spec.content;
  if (spec.progress) {
    const auto is_user = [](const Message& before) { return before.role == Role::user; };
    const auto user = std::find_if(job.messages.rbegin(), job.messages.rend(), is_user);
    const Ulid processed = user == job.messages.rend() ? message.id : user->id;
    ProgressText text =
        progress_text(job, processed, spec.progress->progress_type, spec.progress->fields);
    message.content = std::move(text.content);
    message.extra = std::move(text.extra);
  }
  std::vector<Ulid> files;
  for (const File& file : spec.attachments)
    files.push_back(add_attachment(file.filename, file.bytes));
  message.has_attachments = !files.empty();
  append_attachment_ids(message.extra, files);
  if (spec.usage) append_usage(message.extra, *spec.usage);
  return message;
}

std::optional<Organization::Found> Organization::find_message(Ulid id) {
  const auto found = message_index_.find(id);
  if (found == message_index_.end()) return std::nullopt;
  Job& job = jobs_[found->second.job];
  return Found{&job, &job.messages[found->second.message]};
}

Message& Organization::add_message(Job& job, Message message) {
  message_index_.emplace(message.id, MessagePlace{static_cast<std::uint32_t>(job_index_.at(job.id)),
                                                  static_cast<std::uint32_t>(job.messages.size())});
  return job.messages.emplace_back(std::move(message));
}

Message& Organization::add_message(Job& job, Role role, std::string content, std::int64_t at) {
  Message message;
  message.id = ids_.next();
  message.role = role;
  message.created_at = message.updated_at = at;
  message.content = std::move(content);
  job.updated_at = std::max(job.updated_at, at);
  return add_message(job, std::move(message));
}

const Attachment* Organization::find_attachment(Ulid id) const {
  const auto found = attachments_.find(id);
  return found == attachments_.end() ? nullptr : &found->second;
}

Ulid Organization::add_attachment(std::string filename, std::shared_ptr<const std::string> bytes) {
  const Ulid id = ids_.next();
  attachments_.emplace(id, Attachment{std::move(filename), std::move(bytes)});
  return id;
}

std::uint64_t Organization::add_walk(std::size_t agent, std::vector<std::size_t> jobs) {
  if (walks_.size() == kMostWalks) walks_.pop_front();
  walks_.push_back({next_walk_, agent, std::move(jobs)});
  return next_walk_++;
}

const Walk* Organization::find_walk(std::uint64_t number) const {
  const auto found = std::find_if(walks_.begin(), walks_.end(),
                                  [&](const Walk& walk) { return walk.number == number; });
  return found == walks_.end() ? nullptr : &*found;
}

}  // namespace nairi::mock
