#include "engine/journal/journal.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "nairi/mock/delivery.h"
#include "protocol/credentials.h"
#include "protocol/failure.h"
#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

// What has no fixed length is kept as it came, one text for all: most entries are never read, and
// escaping is for readers. A length stands before each piece.
class Pieces {
 public:
  // So many pieces of so many bytes together are written without asking for room again.
  Pieces(std::size_t pieces, std::size_t bytes) : text_(pieces * sizeof(Size) + bytes, '\0') {}

  void add(std::string_view piece) {
    const auto size = static_cast<Size>(piece.size());
    const std::size_t end = used_ + sizeof size + piece.size();
    if (end > text_.size()) text_.resize(end);
    std::memcpy(text_.data() + used_, &size, sizeof size);
    piece.copy(text_.data() + used_ + sizeof size, piece.size());  // which may have no data
    used_ = end;
  }
  std::string take() {
    text_.resize(used_);
    return std::move(text_);
  }

 private:
  using Size = std::uint32_t;
  std::string text_;
  std::size_t used_ = 0;
};

std::string_view take_piece(std::string_view& pieces) {
  std::uint32_t size = 0;
  std::memcpy(&size, pieces.data(), sizeof size);
  const std::string_view piece = pieces.substr(sizeof size, size);
  pieces.remove_prefix(sizeof size + size);
  return piece;
}

// The texts of an entry, in the order in which they are kept.
struct Texts {
  std::string_view method;
  std::string_view target;
  std::string_view body;     // its first Journal::kMostBody bytes
  std::string_view fault;    // "poll#3 status 503"; "" when none was played
  std::string_view hint;     // what the reply says to people
  std::string_view refusal;  // why it never came to the fake; "" when it did
  std::string_view reply;    // the first Journal::kMostBody bytes of its body
  std::string_view headers;  // pieces again: a name, its value, the next name; then the reply's
};

Texts texts_of(const JournalEntry& entry) {
  std::string_view kept = entry.texts;
  Texts texts;
  for (std::string_view* text : {&texts.method, &texts.target, &texts.body, &texts.fault,
                                 &texts.hint, &texts.refusal, &texts.reply}) {
    *text = take_piece(kept);
  }
  texts.headers = kept;
  return texts;
}

std::size_t size_of(const std::vector<Header>& headers) {
  std::size_t size = 0;
  for (const Header& header : headers) {
    size += header.name.size() + std::max(header.value.size(), kRedacted.size());
  }
  return size;
}

std::size_t size_of(const Texts& texts) {
  return texts.method.size() + texts.target.size() + texts.body.size() + texts.fault.size() +
         texts.hint.size() + texts.refusal.size() + texts.reply.size();
}

// Hints, refusals and values of headers go through `shown`, which makes of them what may be kept.
template <typename Shown>
void keep(Pieces& kept, const std::vector<Header>& headers, Shown shown) {
  for (const Header& header : headers) {
    kept.add(header.name);
    if (is_credential_header(header.name)) {
      kept.add(kRedacted);
    } else {
      kept.add(shown(header.value));
    }
  }
}

template <typename Shown>
std::string kept_texts(const Request& request, const Reply& reply, const Texts& texts,
                       Shown shown) {
  constexpr std::size_t kTexts = 7;
  Pieces kept(kTexts + 2 * (request.headers.size() + reply.headers.size()),
              size_of(texts) + size_of(request.headers) + size_of(reply.headers));
  kept.add(texts.method);
  kept.add(texts.target);
  kept.add(texts.body);
  kept.add(texts.fault);
  kept.add(shown(texts.hint));
  kept.add(shown(texts.refusal));
  kept.add(texts.reply);
  keep(kept, request.headers, shown);
  keep(kept, reply.headers, shown);
  return kept.take();
}

// Redacted before it is cut, so that no half of a key is left at the end.
std::string beginning_of(std::string_view body, std::string_view key) {
  std::string shown = redacted(body.substr(0, Journal::kMostBody + kLongestKey), key);
  shown.resize(std::min(shown.size(), Journal::kMostBody));
  return shown;
}

std::string without_keys(const Request& request, const Reply& reply, Texts texts,
                         std::string_view key) {
  const std::string target = redacted_target(texts.target, key);
  const std::string body = beginning_of(texts.body, key);
  const std::string replied = beginning_of(texts.reply, key);
  texts.target = target;
  texts.body = body;
  texts.reply = replied;
  return kept_texts(request, reply, texts,
                    [&](std::string_view text) { return redacted(text, key); });
}

// Nearly nothing holds a key but the header that is for it: so one search in all that was kept is
// enough, unless a key may be cut or encoded, or a query may have a secret of another name.
std::string texts_to_keep(const Request& request, const Reply& reply, const Texts& texts,
                          std::string_view key) {
  const bool is_as_sent = texts.body.size() <= Journal::kMostBody &&
                          texts.reply.size() <= Journal::kMostBody &&
                          texts.target.find('%') == std::string_view::npos &&
                          texts.target.find('?') == std::string_view::npos;
  if (is_as_sent) {
    std::string kept =
        kept_texts(request, reply, texts, [](std::string_view text) { return text; });
    if (!may_hold_key(kept, key)) return kept;
  }
  return without_keys(request, reply, texts, key);
}

// The next so many headers, or those that are left.
std::vector<Header> take_headers(std::string_view& kept, std::size_t count) {
  std::vector<Header> headers;
  while (!kept.empty() && headers.size() < count) {
    const std::string_view name = take_piece(kept);
    headers.push_back({std::string(name), std::string(take_piece(kept))});
  }
  return headers;
}

void append_headers(std::string& out, const std::vector<Header>& headers) {
  out += '[';
  for (const Header& header : headers) {
    if (out.back() != '[') out += ',';
    ObjectWriter(out)
        .field("name", valid_utf8(header.name))
        .field("value", valid_utf8(header.value))
        .close();
  }
  out += ']';
}

void append_entry(std::string& out, const JournalEntry& entry) {
  const Texts texts = texts_of(entry);
  ObjectWriter writer(out);
  writer.field("number", static_cast<std::int64_t>(entry.number));
  if (entry.organization != 0) {
    writer.field("organization", static_cast<std::int64_t>(entry.organization));
  }
  if (entry.at_ms != 0) writer.timestamp("at", entry.at_ms);
  writer.field("received_us", entry.received_us)
      .field("connection", static_cast<std::int64_t>(entry.connection))
      .field("operation", entry.operation)
      .field("method", valid_utf8(texts.method))
      .field("target", valid_utf8(texts.target));
  std::string_view headers = texts.headers;
  append_headers(writer.value("headers"), take_headers(headers, entry.header_count));
  writer.field("body", valid_utf8(texts.body))
      .field("body_bytes", static_cast<std::int64_t>(entry.body_bytes))
      .field("status", std::int64_t{entry.status})
      .field("sending_ms", entry.sending_ms);
  append_headers(writer.value("reply_headers"), take_headers(headers, SIZE_MAX));
  writer.field("reply_body", valid_utf8(texts.reply))
      .field("reply_bytes", static_cast<std::int64_t>(entry.reply_bytes));
  if (!texts.fault.empty()) writer.field("fault", valid_utf8(texts.fault));
  if (!texts.hint.empty()) writer.field("hint", valid_utf8(texts.hint));
  if (!texts.refusal.empty()) writer.field("refused", valid_utf8(texts.refusal));
  writer.close();
}

void append_entries(std::string& out, const std::vector<const JournalEntry*>& entries) {
  out += '[';
  for (const JournalEntry* entry : entries) {
    if (out.back() != '[') out += ',';
    append_entry(out, *entry);
  }
  out += ']';
}

SeenExchange seen_exchange(const JournalEntry& entry) {
  const Texts texts = texts_of(entry);
  std::string_view headers = texts.headers;
  std::string at;
  if (entry.at_ms != 0) append_timestamp(at, entry.at_ms);
  return {.number = entry.number,
          .at = std::move(at),
          .received_us = entry.received_us,
          .connection = entry.connection,
          .operation = std::string(entry.operation),
          .method = std::string(texts.method),
          .target = std::string(texts.target),
          .headers = take_headers(headers, entry.header_count),
          .body = std::string(texts.body),
          .body_bytes = entry.body_bytes,
          .status = entry.status,
          .sending_ms = entry.sending_ms,
          .reply_headers = take_headers(headers, SIZE_MAX),
          .reply_body = std::string(texts.reply),
          .reply_bytes = entry.reply_bytes,
          .fault = std::string(texts.fault),
          .hint = std::string(texts.hint),
          .refused = std::string(texts.refusal)};
}

}  // namespace

std::size_t Journal::size_of(const JournalEntry& entry) {
  return sizeof(entry) + entry.texts.size();
}

std::uint64_t Journal::record(const Request& request, const Reply& reply,
                              const ExchangeRecord& record) {
  if (max_entries_ == 0) {
    const std::lock_guard lock(mutex_);
    return ++recorded_;
  }
  JournalEntry entry;
  entry.organization = record.organization;
  entry.at_ms = record.at_ms;
  entry.received_us = request.received_us;
  entry.connection = request.connection;
  entry.operation = record.operation;
  entry.body_bytes = request.body.size();
  entry.header_count = request.headers.size();
  entry.status = reply.status;
  entry.sending_ms = sending_ms(reply);
  entry.reply_bytes = reply.body.size();
  entry.texts = texts_to_keep(request, reply,
                              {.method = request.method,
                               .target = request.target,
                               .body = request.body,
                               .fault = record.fault,
                               .hint = header_value(reply.headers, kHintHeader),
                               .refusal = record.refusal,
                               .reply = reply.body,
                               .headers = {}},
                              record.key);
  const std::uint64_t number = add(std::move(entry));
  polls_.wake(record.organization);
  return number;
}

std::uint64_t Journal::add(JournalEntry entry) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = entry.number = ++recorded_;
  const std::size_t size = size_of(entry);
  Ring& ring = ring_of(entry.organization);
  ring.entries.push_back(std::move(entry));
  ring.last = number;
  ring.bytes += size;
  bytes_ += size;
  ++count_;
  move_up(ring);
  while (count_ > max_entries_ || (bytes_ > max_bytes_ && count_ > 0)) {
    drop_oldest(*by_share_.front());
  }
  return number;
}

Journal::Ring& Journal::ring_of(std::uint64_t organization) {
  const auto [found, is_new] = rings_.try_emplace(organization);
  Ring& ring = found->second;
  if (is_new) {
    by_share_.push_back(&ring);
    ring.place = by_share_.size() - 1;
  }
  return ring;
}

void Journal::drop_oldest(Ring& ring) {
  const std::size_t size = size_of(ring.entries.front());
  ring.entries.pop_front();
  ring.bytes -= size;
  bytes_ -= size;
  --count_;
  ++ring.dropped;
  ++dropped_;
  move_down(ring);
}

std::size_t Journal::share(const Ring& ring) const {
  return ring.bytes + ring.entries.size() * (max_bytes_ / max_entries_);
}

void Journal::put(Ring& ring, std::size_t place) {
  by_share_[place] = &ring;
  ring.place = place;
}

void Journal::move_up(Ring& ring) {
  while (ring.place > 0) {
    const std::size_t place = ring.place;
    Ring& parent = *by_share_[(place - 1) / 2];
    if (share(parent) >= share(ring)) return;
    put(ring, parent.place);
    put(parent, place);
  }
}

void Journal::move_down(Ring& ring) {
  for (;;) {
    const std::size_t place = ring.place;
    const std::size_t left = 2 * place + 1;
    if (left >= by_share_.size()) return;
    const std::size_t right = std::min(left + 1, by_share_.size() - 1);
    Ring& child = *by_share_[share(*by_share_[right]) > share(*by_share_[left]) ? right : left];
    if (share(ring) >= share(child)) return;
    put(ring, child.place);
    put(child, place);
  }
}

void Journal::take_out(Ring& ring) {
  Ring& last = *by_share_.back();
  by_share_.pop_back();
  if (&last == &ring) return;
  put(last, ring.place);
  move_up(last);
  move_down(last);
}

Journal::Extract Journal::entries_after(std::optional<std::uint64_t> organization,
                                        std::uint64_t after) const {
  Extract extract;
  const auto add = [&](const Ring& ring) {
    extract.dropped += ring.dropped;
    if (ring.last <= after) return;
    const auto is_later = [](std::uint64_t number, const JournalEntry& entry) {
      return number < entry.number;
    };
    auto entry = std::upper_bound(ring.entries.begin(), ring.entries.end(), after, is_later);
    for (; entry != ring.entries.end(); ++entry) extract.entries.push_back(&*entry);
  };
  if (!organization) {
    for (const auto& [owner, ring] : rings_) add(ring);
  } else if (const auto found = rings_.find(*organization); found != rings_.end()) {
    add(found->second);
  }
  std::sort(extract.entries.begin(), extract.entries.end(),
            [](const auto* a, const auto* b) { return a->number < b->number; });
  return extract;
}

// The number of an organization is that of its run. For those who see all, each run that ends
// changes what they see.
std::string Journal::instance_of(std::optional<std::uint64_t> organization) const {
  return instance_ + "." + std::to_string(organization.value_or(times_forgotten_));
}

bool Journal::is_forgotten(const JournalQuery& query) const {
  std::uint64_t last = recorded_;
  if (query.organization) {
    const auto ring = rings_.find(*query.organization);
    last = ring == rings_.end() ? 0 : ring->second.last;
  }
  return query.after > last ||
         (query.instance && *query.instance != instance_of(query.organization));
}

std::string Journal::to_json(std::optional<std::uint64_t> organization) const {
  const std::lock_guard lock(mutex_);
  const Extract extract = entries_after(organization, 0);
  std::string out;
  ObjectWriter writer(out);
  append_entries(writer.value("entries"), extract.entries);
  writer.field("dropped", static_cast<std::int64_t>(extract.dropped)).close();
  return out;
}

JournalAnswer Journal::tell(const JournalQuery& query) const {
  const std::lock_guard lock(mutex_);
  const bool is_again = is_forgotten(query);
  const std::uint64_t after = is_again ? 0 : query.after;
  Extract extract = entries_after(query.organization, after);
  auto& entries = extract.entries;
  const bool has_more = entries.size() > kMostTold;
  if (has_more) entries.resize(kMostTold);
  const std::uint64_t last = entries.empty() ? after : entries.back()->number;
  JournalAnswer answer{.has_to_tell = is_again || !entries.empty()};
  ObjectWriter writer(answer.text);
  append_entries(writer.value("entries"), entries);
  writer.field("dropped", static_cast<std::int64_t>(extract.dropped))
      .field("instance", instance_of(query.organization))
      .field("last", static_cast<std::int64_t>(last));
  if (has_more) writer.field("more", true);
  if (is_again) writer.field("again", true);
  writer.close();
  return answer;
}

std::vector<SeenExchange> Journal::seen(std::uint64_t organization) const {
  const std::lock_guard lock(mutex_);
  std::vector<SeenExchange> found;
  const auto ring = rings_.find(organization);
  if (ring == rings_.end()) return found;
  for (const JournalEntry& entry : ring->second.entries) found.push_back(seen_exchange(entry));
  return found;
}

Journal::Size Journal::size() const {
  const std::lock_guard lock(mutex_);
  return {count_, dropped_};
}

std::map<std::uint64_t, std::size_t> Journal::counts() const {
  const std::lock_guard lock(mutex_);
  std::map<std::uint64_t, std::size_t> counts;
  for (const auto& [organization, ring] : rings_) counts[organization] = ring.entries.size();
  return counts;
}

void Journal::forget(std::optional<std::uint64_t> organization) {
  drop(organization);
  polls_.wake(organization);
}

void Journal::drop(std::optional<std::uint64_t> organization) {
  const std::lock_guard lock(mutex_);
  if (!organization) {
    ++times_forgotten_;
    rings_.clear();
    by_share_.clear();
    count_ = bytes_ = 0;
    return;
  }
  const auto found = rings_.find(*organization);
  if (found == rings_.end()) return;
  ++times_forgotten_;
  count_ -= found->second.entries.size();
  bytes_ -= found->second.bytes;
  take_out(found->second);
  rings_.erase(found);
}

}  // namespace nairi::mock
