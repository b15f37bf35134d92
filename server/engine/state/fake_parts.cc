#include "engine/state/fake_parts.h"

#include <cstdint>
#include <utility>

namespace nairi::mock {

FakeParts::FakeParts(World world, FakeOptions settings)
    : options(std::move(settings)),
      organizations(std::move(world), options),
      journal(options.journal_max_entries, options.journal_max_bytes) {
  if (options.judge) judges.emplace(options.judging);
}

void FakeParts::reset(std::string_view key) {
  end(organizations.reset(key));
}

void FakeParts::reset_all() {
  end_all(organizations.reset_all());
}

Checked<void> FakeParts::put_world(std::string_view key, World world, std::size_t bytes) {
  const auto dropped = organizations.put_world(key, std::move(world), bytes);
  if (!dropped) return tl::unexpected(dropped.error());
  end(*dropped);
  return {};
}

void FakeParts::drop_world(std::string_view key) {
  end(organizations.drop_world(key));
}

void FakeParts::put_common_world(World world) {
  end_all(organizations.put_common_world(std::move(world)));
}

Verdicts FakeParts::verdicts(std::string_view key) const {
  constexpr std::uint64_t kNobody = UINT64_MAX;
  if (!judges) return Judge(options.judging).verdicts();
  return judges->verdicts(organizations.find_number(key).value_or(kNobody));
}

Verdicts FakeParts::verdicts_of_all() const {
  return judges ? judges->verdicts_of_all() : Judge(options.judging).verdicts();
}

void FakeParts::end(const Organizations::Dropped& dropped) {
  for (const auto& slot : dropped.slots) {
    forget(slot->number);
    slot->cancellation->cancel();
  }
  for (const std::uint64_t number : dropped.strangers) forget(number);
}

void FakeParts::forget(std::uint64_t number) {
  journal.forget(number);
  if (judges) judges->end(number);
}

// Requests that belong to nobody are forgotten too.
void FakeParts::end_all(const Organizations::Dropped& dropped) {
  journal.forget(std::nullopt);
  if (judges) judges->end_all();
  for (const auto& slot : dropped.slots) slot->cancellation->cancel();
}

}  // namespace nairi::mock
