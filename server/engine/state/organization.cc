#include "engine/state/organization.h"

#include <utility>

#include "engine/state/message_text.h"
#include "text/characters.h"
#include "text/hash.h"

namespace nairi::mock {
namespace {

constexpr std::size_t kMostWalks = 64;  // of one organization, so that memory stays bounded
// A job that changes often is filed once, and no list waits for many.
constexpr std::size_t kMostUnfiled = 256;

// "Billing & Refunds" becomes "billing-refunds": lower case, everything else than letters, digits
// and '/' one dash, which no part begins or ends with (assumed: only that the slug is made from the
// name is documented). A world may name it so, too.
std::string slug_from(std::string_view name) {
  constexpr std::size_t kMost = 180;  // a world's have 200; a number may follow
  std::string slug;
  for (const char character : name) {
    if (slug.size() == kMost) break;
    if (is_alnum(character)) {
      slug += lower(character);
    } else if (!slug.empty() && is_alnum(slug.back())) {
      slug += character == '/' ? '/' : '-';
    } else if (!slug.empty() && character == '/') {
      slug.back() = '/';
    }
  }
  if (!slug.empty() && !is_alnum(slug.back())) slug.pop_back();
  if (slug.empty()) return "agent";
  // Such a slug could not be told from a route when its '/' is not encoded.
  const bool like_a_route = slug.ends_with("/conversations") || slug.ends_with("/deploy");
  return like_a_route ? slug + "-agent" : slug;
}

bool has_legacy_id(const JobSpec& spec) {
  return spec.id.value_or("").starts_with(kLegacyJobPrefix);
}

// The id that the world gives it, if any.
std::optional<Ulid> fixed_id(const JobSpec& spec) {
  return parse_id(spec.id.value_or(""), has_legacy_id(spec) ? kLegacyJobPrefix : kJobPrefix);
}

std::optional<Ulid> fixed_id(const MessageSpec& spec) {
  return parse_id(spec.id.value_or(""), kMessagePrefix);
}

}  // namespace

std::uint64_t count_ids(const std::vector<JobSpec>& jobs) {
  std::uint64_t count = 0;
  for (const JobSpec& job : jobs) {
    if (!fixed_id(job)) ++count;
    for (const MessageSpec& message : job.messages) {
      count += (fixed_id(message) ? 0 : 1) + message.attachments.size();
    }
  }
  return count;
}

Organization::Organization(const Universe& universe, std::string_view key, std::int64_t now_ms,
                           std::atomic<std::size_t>& kept_bytes)
    : universe_(universe),
      now_(now_ms),
      wall_ms_(now_ms),
      ids_(universe.seed, key, universe.clock == ClockMode::wall ? now_ms : kFirstMs),
      ids_of_jobs_(ids_),
      is_folded_(!universe.world.jobs.empty()),
      faults_(universe.world.faults, mix(mix(universe.seed), key)),
      all_kept_bytes_(kept_bytes) {
  for (const JobSpec& job : universe.world.jobs) {
    now_ = std::max({now_, job.created_at_ms.value_or(now_), job.updated_at_ms.value_or(now_)});
  }
  began_at_ = now_;
  agents_.reserve(universe.profiles.size());
  for (const auto& profile : universe.profiles) add_agent(profile);
  ids_of_jobs_ = ids_;
  ids_.skip(universe.ids_of_jobs);
}

bool Organization::unfold() {
  if (!std::exchange(is_folded_, false)) return false;
  made_before_ = static_cast<std::uint32_t>(jobs_.size());
  const std::int64_t now = std::exchange(now_, began_at_);
  std::swap(ids_, ids_of_jobs_);
  for (const JobSpec& spec : universe_.world.jobs) add_job(spec);
  std::swap(ids_, ids_of_jobs_);
  now_ = now;
  return true;
}

void Organization::follow_wall(std::int64_t wall_ms) {
  move_time(wall_ms - wall_ms_);
  wall_ms_ = wall_ms;
}

void Organization::add_unmatched(Unmatched prompt) {
  if (unmatched_.size() == kMostUnmatched) unmatched_.erase(unmatched_.begin());
  unmatched_.push_back(std::move(prompt));
}

Agent* Organization::find_agent(std::string_view slug) {
  const auto found = agents_by_slug_.find(std::string(slug));
  return found == agents_by_slug_.end() ? nullptr : &agents_[found->second];
}

Agent* Organization::find_agent(Ulid id) {
  const auto found = agents_by_id_.find(id);
  return found == agents_by_id_.end() ? nullptr : &agents_[found->second];
}

std::string Organization::free_slug(std::string_view name) {
  std::string slug = slug_from(name);
  if (!agents_by_slug_.contains(slug)) return slug;
  int& number = taken_below_.try_emplace(slug, 2).first->second;
  while (agents_by_slug_.contains(slug + "-" + std::to_string(number))) ++number;
  return slug + "-" + std::to_string(number);
}

Agent& Organization::add_agent(std::shared_ptr<const AgentSpec> profile) {
  const AgentSpec& spec = *profile;
  Agent agent;
  const auto fixed = parse_id(spec.id.value_or(""), kAgentPrefix);
  agent.id = fixed ? *fixed : ids_.next();
  agent.profile = std::move(profile);
  agent.created_at = agent.updated_at = now_;
  agents_by_slug_.emplace(spec.agent_id, agents_.size());
  agents_by_id_.emplace(agent.id, agents_.size());
  count_kept(sizeof(Agent) + spec.agent_id.size() + spec.name.size());
  return agents_.emplace_back(std::move(agent));
}

void Organization::delete_agent(Agent& agent) {
  agents_by_slug_.erase(agent.profile->agent_id);
  agents_by_id_.erase(agent.id);
  taken_below_.clear();
  agent.deleted = true;
  set_deployed(agent, false);
}

Job* Organization::find_job(Ulid id, bool legacy_id) {
  const auto found = job_index_.find(id);
  if (found == job_index_.end()) return unfold() ? find_job(id, legacy_id) : nullptr;
  return jobs_[found->second].legacy_id == legacy_id ? &jobs_[found->second] : nullptr;
}

bool Organization::has_job(Ulid id) {
  return job_index_.contains(id) || (unfold() && job_index_.contains(id));
}

Job& Organization::add_job(Job job) {
  job.number = static_cast<std::uint32_t>(jobs_.size());
  job_index_.emplace(job.id, job.number);
  Job& added = jobs_.emplace_back(std::move(job));
  refile(added, kNeverDue);
  return added;
}

Job& Organization::add_job(const JobSpec& spec) {
  Job seeded;
  seeded.legacy_id = has_legacy_id(spec);
  const auto fixed = fixed_id(spec);
  seeded.id = fixed ? *fixed : ids_.next();
  seeded.agent = index_of(*find_agent(spec.agent_id));
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
  if (spec.running) {
    seed_turn(job, spec.running);
    refile(job, kDueAtOnce);
  }
  return job;
}

// It begins when the job is looked at, or continued.
void Organization::seed_turn(Job& job, std::shared_ptr<const TurnScript> script) {
  job.running = std::move(script);
  PlayedTurn turn;
  turn.number = job.turns_taken;
  turn.user_message = job.messages.size() - 1;
  turn.choice = {job.running.get(), {}};
  job.turns.push_back(std::move(turn));
}

std::uint32_t Organization::age_of(const Job& job) const {
  const auto of_world = static_cast<std::uint32_t>(universe_.world.jobs.size());
  if (job.number >= made_before_ + of_world) return job.number;
  return job.number < made_before_ ? job.number + of_world : job.number - made_before_;
}

Job& Organization::job_of_age(std::uint32_t age) {
  unfold();
  const auto of_world = static_cast<std::uint32_t>(universe_.world.jobs.size());
  if (age >= made_before_ + of_world) return jobs_[age];
  return jobs_[age < of_world ? age + made_before_ : age - of_world];
}

Filed Organization::as_filed(const Job& job) const {
  return {{job.created_at, job.updated_at, age_of(job), job.status}, job.due};
}

void Organization::refile(Job& job, std::int64_t due) {
  job.due = due;
  if (job.origin != Origin::api && !knobs().other_origins_listed) return;
  if (job.waits_to_be_filed) return;
  if (job.filed == as_filed(job)) return;
  job.waits_to_be_filed = true;
  unfiled_.push_back(job.number);
  if (unfiled_.size() == kMostUnfiled) file_all();
}

void Organization::file_all() {
  unfold();
  for (const std::uint32_t number : unfiled_) {
    Job& job = jobs_[number];
    const Filed now = as_filed(job);
    conversations_[job.agent].file(now, job.filed);
    job.filed = now;
    job.waits_to_be_filed = false;
  }
  unfiled_.clear();
}

const ConversationIndex& Organization::conversations(const Agent& agent) {
  file_all();
  return conversations_[index_of(agent)];
}

Message Organization::seeded_message(const Job& job, const MessageSpec& spec, std::int64_t at) {
  Message message;
  const auto fixed = fixed_id(spec);
  message.id = fixed ? *fixed : ids_.next();
  message.role = spec.role;
  message.status = spec.status;
  message.created_at = message.updated_at = at;
  message.content = spec.content;
  if (spec.progress) {
    const auto is_user = [](const Message& before) { return before.role == Role::user; };
    const auto user = std::find_if(job.messages.rbegin(), job.messages.rend(), is_user);
    const Ulid processed = user == job.messages.rend() ? message.id : user->id;
    ProgressText text = progress_text(job, processed, *spec.progress);
    message.content = std::move(text.content);
    message.extra = std::move(text.extra);
  }
  std::vector<Ulid> files;
  for (const File& file : spec.attachments)
    files.push_back(add_attachment({file.filename, *file.bytes, file.bytes}));
  append_attachment_ids(message.extra, files);
  if (spec.usage) append_usage(message.extra, *spec.usage);
  return message;
}

std::optional<Organization::Found> Organization::find_message(Ulid id) {
  const auto found = message_index_.find(id);
  if (found == message_index_.end()) return unfold() ? find_message(id) : std::nullopt;
  Job& job = jobs_[found->second.job];
  return Found{&job, &job.messages[found->second.message]};
}

Message& Organization::add_message(Job& job, Message message) {
  message_index_.emplace(message.id,
                         MessagePlace{job.number, static_cast<std::uint32_t>(job.messages.size())});
  count_kept(sizeof(Message) + message.content.size() + message.extra.size());
  return job.messages.emplace_back(std::move(message));
}

Message& Organization::add_message(Job& job, Role role, std::string content, std::int64_t at,
                                   std::string extra) {
  Message message;
  message.id = ids_.next();
  message.role = role;
  message.created_at = message.updated_at = at;
  message.content = std::move(content);
  message.extra = std::move(extra);
  job.updated_at = std::max(job.updated_at, at);
  return add_message(job, std::move(message));
}

const Attachment* Organization::find_attachment(Ulid id) {
  const auto found = attachments_.find(id);
  if (found == attachments_.end()) return unfold() ? find_attachment(id) : nullptr;
  return &found->second;
}

Ulid Organization::add_attachment(Attachment attachment) {
  const Ulid id = ids_.next();
  // The bytes are the caller's to count.
  count_kept(sizeof(Attachment) + attachment.filename.size());
  attachments_.emplace(id, std::move(attachment));
  return id;
}

void Organization::count_kept(std::size_t bytes) {
  kept_bytes_ += bytes;
  all_kept_bytes_ += bytes;
}

std::uint64_t Organization::keep_walk(const Agent& agent, const ListFilter& filter, ListView view) {
  const std::uint64_t version = conversations(agent).version(filter);
  const auto same = std::find_if(walks_.begin(), walks_.end(), [&](const Walk& walk) {
    return walk.agent == index_of(agent) && walk.filter == filter && walk.version == version;
  });
  if (same != walks_.end()) return find_walk(same->number)->number;
  if (walks_.size() == kMostWalks) walks_.pop_front();
  walks_.push_back({next_walk_, index_of(agent), filter, version, std::move(view)});
  return next_walk_++;
}

const Walk* Organization::find_walk(std::uint64_t number) {
  const auto found = std::find_if(walks_.begin(), walks_.end(),
                                  [&](const Walk& walk) { return walk.number == number; });
  if (found == walks_.end()) return nullptr;
  walks_.splice(walks_.end(), walks_, found);
  return &walks_.back();
}

}  // namespace nairi::mock
