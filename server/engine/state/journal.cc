#include "engine/state/journal.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "protocol/credentials.h"
#include "protocol/failure.h"
#include "text/json_writer.h"
#include "text/timestamp.h"

namespace nairi::mock {
namespace {

// Headers are kept as they came, one text for all: few are ever read, and escaping is for readers.
// A length stands before each name and each value.
void append_piece(std::string& out, std::string_view piece) {
  const auto size = static_cast<std::uint32_t>(piece.size());
  std::array<char, sizeof size> bytes{};
  std::memcpy(bytes.data(), &size, sizeof size);
  out.append(bytes.data(), bytes.size()).append(piece);
}

std::string_view take_piece(std::string_view& pieces) {
  std::uint32_t size = 0;
  std::memcpy(&size, pieces.data(), sizeof size);
  const std::string_view piece = pieces.substr(sizeof size, size);
  pieces.remove_prefix(sizeof size + size);
  return piece;
}

std::string kept_headers(const std::vector<Header>& headers, std::string_view key) {
  std::string kept;
  kept.reserve(256);
  for (const Header& header : headers) {
    append_piece(kept, header.name);
    if (is_credential_header(header.name)) {
      append_piece(kept, kRedacted);
    } else if (may_hold_key(header.value, key)) {
      append_piece(kept, redacted(header.value, key));
    } else {
      append_piece(kept, header.value);
    }
  }
  return kept;
}

std::vector<Header> headers_of(const JournalEntry& entry) {
  std::vector<Header> headers;
  std::string_view kept = entry.headers;
  while (!kept.empty()) {
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
  ObjectWriter writer(out);
  writer.field("number", static_cast<std::int64_t>(entry.number));
  if (entry.organization != 0) {
    writer.field("organization", static_cast<std::int64_t>(entry.organization));
  }
  if (entry.at_ms != 0) writer.timestamp("at", entry.at_ms);
  writer.field("received_us", entry.received_us)
      .field("connection", static_cast<std::int64_t>(entry.connection))
      .field("operation", entry.operation)
      .field("method", valid_utf8(entry.method))
      .field("target", valid_utf8(entry.target));
  append_headers(writer.value("headers"), headers_of(entry));
  writer.field("body", valid_utf8(entry.body))
      .field("body_bytes", static_cast<std::int64_t>(entry.body_bytes))
      .field("status", std::int64_t{entry.status})
      .field("reply_bytes", static_cast<std::int64_t>(entry.reply_bytes));
  if (!entry.fault.empty()) writer.field("fault", valid_utf8(entry.fault));
  if (!entry.hint.empty()) writer.field("hint", valid_utf8(entry.hint));
  if (!entry.refusal.empty()) writer.field("refused", valid_utf8(entry.refusal));
  writer.close();
}

SeenExchange seen_exchange(const JournalEntry& entry) {
  std::string at;
  if (entry.at_ms != 0) append_timestamp(at, entry.at_ms);
  return {.number = entry.number,
          .at = std::move(at),
          .received_us = entry.received_us,
          .connection = entry.connection,
          .operation = std::string(entry.operation),
          .method = entry.method,
          .target = entry.target,
          .headers = headers_of(entry),
          .body = entry.body,
          .body_bytes = entry.body_bytes,
          .status = entry.status,
          .reply_bytes = entry.reply_bytes,
          .fault = entry.fault,
          .hint = entry.hint,
          .refused = entry.refusal};
}

}  // namespace

std::size_t Journal::size_of(const JournalEntry& entry) {
  return sizeof(entry) + entry.method.size() + entry.target.size() + entry.headers.size() +
         entry.body.size() + entry.fault.size() + entry.hint.size() + entry.refusal.size();
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
  entry.method = request.method;
  entry.target = redacted_target(request.target, record.key);
  entry.headers = kept_headers(request.headers, record.key);
  // Redacted before it is cut, so that no half of a key is left at the end.
  const std::string_view body = std::string_view(request.body).substr(0, kMostBody + kLongestKey);
  entry.body = redacted(body, record.key).substr(0, kMostBody);
  entry.body_bytes = request.body.size();
  entry.status = reply.status;
  entry.reply_bytes = reply.body.size();
  entry.fault = record.fault;
  entry.hint = redacted(header_value(reply.headers, kHintHeader), record.key);
  entry.refusal = redacted(record.refusal, record.key);

  const std::lock_guard lock(mutex_);
  const std::uint64_t number = entry.number = ++recorded_;
  bytes_ += size_of(entry);
  entries_.push_back(std::move(entry));
  while (entries_.size() > max_entries_ || (bytes_ > max_bytes_ && !entries_.empty())) {
    bytes_ -= size_of(entries_.front());
    entries_.pop_front();
    ++dropped_;
  }
  return number;
}

std::string Journal::to_json(std::optional<std::uint64_t> organization) const {
  const std::lock_guard lock(mutex_);
  std::string out = "{\"entries\":[";
  for (const JournalEntry& entry : entries_) {
    if (organization && entry.organization != *organization) continue;
    if (out.back() != '[') out += ',';
    append_entry(out, entry);
  }
  out += "],\"dropped\":";
  out += std::to_string(dropped_);
  out += '}';
  return out;
}

std::vector<SeenExchange> Journal::seen(std::uint64_t organization) const {
  const std::lock_guard lock(mutex_);
  std::vector<SeenExchange> found;
  for (const JournalEntry& entry : entries_) {
    if (entry.organization == organization) found.push_back(seen_exchange(entry));
  }
  return found;
}

void Journal::forget(std::optional<std::uint64_t> organization) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const JournalEntry& entry) {
    return !organization || entry.organization == *organization;
  });
  bytes_ = 0;
  for (const JournalEntry& entry : entries_) bytes_ += size_of(entry);
}

}  // namespace nairi::mock
