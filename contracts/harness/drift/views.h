// What a recording shows, as JSON that the patterns of contracts/assumptions.json look at: each
// exchange by itself, and what several exchanges show of one message, tool, turn, conversation or
// walk through pages. docs/ledger.md lists the members. A member that nothing in the recording
// tells is not there, so that no pattern takes for seen what was not.
//
//   for_each_view(recording, [&](const View& view) { … });
//
// Thread-safety: none needed; nothing is kept.
#ifndef NAIRI_CONTRACTS_HARNESS_DRIFT_VIEWS_H_
#define NAIRI_CONTRACTS_HARNESS_DRIFT_VIEWS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "harness/drift/scene.h"
#include "harness/pages/assumptions.h"

namespace nairi::contracts::evidence {

struct View {
  Over over = Over::exchange;
  Json json;
  std::uint64_t exchange = 0;  // the number of the one that shows it, the last of several
  std::string at;              // when that was
};

using ViewSink = std::function<void(const View&)>;

void for_each_view(const Recording& recording, const ViewSink& sink);

// Of one kind each; for_each_view() calls all.
void exchange_views(const Scene& scene, const ViewSink& sink);
void message_views(const Scene& scene, const ViewSink& sink);
void turn_views(const Scene& scene, const ViewSink& sink);
void conversation_views(const Scene& scene, const ViewSink& sink);
void walk_views(const Scene& scene, const ViewSink& sink);

// --- What several kinds are made of ----------------------------------------------------------

View view_at(const Scene& scene, std::size_t at, Over over, Json json);

// A timeline's progress message as its envelope; null when it is none.
Json envelope_of(const Json& message);

// How many conversations a page may have.
std::size_t limit_of(const Heard& page);
// Whether that page was not filtered.
bool is_of_all(const Heard& page);
// What leads to the next page; "" when the page is the last one.
std::string next_cursor_of(const Heard& page);

}  // namespace nairi::contracts::evidence

#endif  // NAIRI_CONTRACTS_HARNESS_DRIFT_VIEWS_H_
