#include "harness/recorder/recorder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "harness/cases/files.h"
#include "harness/recorder/kept_body.h"
#include "harness/recorder/redaction.h"
#include "harness/recording/recording.h"
#include "harness/recording/world_builder.h"
#include "text/characters.h"
#include "text/timestamp.h"

namespace nairi::contracts {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
namespace fs = std::filesystem;

using Problem = std::optional<std::string>;  // a sentence; nullopt when all is well

constexpr milliseconds kWorldPeriod{300};  // between two worlds, and at least ten times as long as
constexpr int kWorldShare = 10;            // writing one takes

std::string why_not(const std::string& what, const fs::path& path) {
  return "can't " + what + " " + path.string() + ": " + std::strerror(errno);
}

std::string written_time(std::chrono::system_clock::time_point time) {
  std::string text;
  mock::append_timestamp(text,
                         std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count());
  return text;
}

// All of it in one go if the system will; false with errno otherwise.
bool write_whole(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(file, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

// Beside its name, then moved there: nobody sees half of it.
Problem write_by_rename(const fs::path& path, std::string_view text) {
  const fs::path draft = path.string() + ".part";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return why_not("write", draft);
  bool good = write_whole(file, text);
  good = ::close(file) == 0 && good;
  if (good && ::rename(draft.c_str(), path.c_str()) == 0) return std::nullopt;
  const std::string why = why_not("write", path);
  ::unlink(draft.c_str());
  return why;
}

}  // namespace

// traffic.jsonl, for this program alone.
class TrafficFile {
 public:
  TrafficFile() = default;
  TrafficFile(const TrafficFile&) = delete;
  TrafficFile& operator=(const TrafficFile&) = delete;
  ~TrafficFile() {
    if (file_ >= 0) ::close(file_);
  }

  // Makes it with that head if it is not there. A last line that was cut off is taken away.
  Problem open(const fs::path& path, const std::string& head) {
    path_ = path;
    std::error_code ignored;
    if (!fs::exists(path, ignored)) {
      if (auto problem = write_by_rename(path, head)) return problem;
    }
    file_ = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
    if (file_ < 0) return why_not("write", path);
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      return path.string() + " belongs to another recorder that runs: choose another --out";
    }
    return std::nullopt;
  }

  Problem cut_to(std::size_t size) {
    if (::ftruncate(file_, static_cast<off_t>(size)) != 0) return why_not("write", path_);
    return std::nullopt;
  }

  // A line that does not fit is not there at all.
  Problem append(const std::string& line) {
    const off_t size = ::lseek(file_, 0, SEEK_END);
    if (write_whole(file_, line)) return std::nullopt;
    const std::string why = why_not("write", path_);
    if (size >= 0) (void)cut_to(static_cast<std::size_t>(size));
    return why;
  }

 private:
  fs::path path_;
  int file_ = -1;
};

namespace {

Ending ending_of(mock::Relayed::Ending ending) {
  switch (ending) {
    case mock::Relayed::Ending::whole:
      return Ending::whole;
    case mock::Relayed::Ending::cut:
      return Ending::cut;
    case mock::Relayed::Ending::reset:
      return Ending::reset;
    case mock::Relayed::Ending::none:
      return Ending::none;
    case mock::Relayed::Ending::abandoned:
      break;
  }
  return Ending::abandoned;
}

// Of a list such as "gzip;q=0.5, br", those that the relay unpacks.
std::string unpacked_codings(std::string_view list) {
  constexpr std::array<std::string_view, 4> kUnpacked = {"gzip", "x-gzip", "deflate", "identity"};
  std::string left;
  while (!list.empty()) {
    const std::string_view wish = mock::trimmed(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
    const std::string_view coding = mock::trimmed(wish.substr(0, wish.find(';')));
    const bool is_unpacked = std::any_of(
        kUnpacked.begin(), kUnpacked.end(),
        [&](std::string_view known) { return mock::equal_ignoring_case(known, coding); });
    if (is_unpacked) left += (left.empty() ? "" : ", ") + std::string(wish);
  }
  return left.empty() ? "identity" : left;
}

}  // namespace

// Makes what is kept of what went through.
class ExchangeWriter {
 public:
  ExchangeWriter(Redaction redaction, bool with_files)
      : redaction_(std::move(redaction)), with_files_(with_files) {}

  RecordedExchange kept(const mock::Relayed& relayed) {
    RecordedExchange exchange;
    const mock::Request& request = relayed.request;
    const BodyContext asked{.target = relayed.target,
                            .content_type = mock::header_value(request.headers, "Content-Type"),
                            .with_files = with_files_};
    const BodyContext answered{.target = relayed.target,
                               .status = relayed.status,
                               .is_whole = relayed.ending == mock::Relayed::Ending::whole,
                               .with_files = with_files_};
    exchange.key = redaction_.learn(request.headers);
    redaction_.learn(relayed.headers);
    // A path may have what the body says to be a secret.
    redaction_.learn_body(request.body, fields_of(asked));
    redaction_.learn_body(relayed.body, fields_of(answered));
    exchange.connection = request.connection;
    exchange.method = redaction_.text(request.method);
    exchange.target = redaction_.target(relayed.target);
    exchange.request_headers = kept_headers(request.headers);
    const auto scheme = Redaction::kept_authorization(request.headers, exchange.key);
    if (scheme) exchange.request_headers.push_back(*scheme);
    exchange.request_body = kept_request_body(redaction_, request.body, asked);
    note_packed(exchange.request_body, relayed.request_bytes, relayed.request_is_packed);
    exchange.status = relayed.status;
    exchange.reply_headers = kept_headers(relayed.headers);
    exchange.reply_body = kept_reply_body(redaction_, relayed.body, answered);
    note_packed(exchange.reply_body, relayed.body_bytes, relayed.is_packed);
    exchange.ending = ending_of(relayed.ending);
    return exchange;
  }

 private:
  static void note_packed(RecordedBody& body, std::size_t bytes, bool is_packed) {
    body.bytes = std::max(bytes, body.bytes);
    body.left_out = body.left_out || is_packed;
  }

  std::vector<mock::Header> kept_headers(const std::vector<mock::Header>& headers) {
    std::vector<mock::Header> kept;
    for (const mock::Header& header : headers) {
      if (!Redaction::is_kept_header(header.name)) continue;
      std::string name;
      for (const char c : header.name) name += mock::lower(c);
      kept.push_back({std::move(name), redaction_.text(header.value)});
    }
    return kept;
  }

  Redaction redaction_;
  const bool with_files_;
};

class Recorder::Impl {
 public:
  Impl(RecorderOptions options, Redaction redaction)
      : options_(std::move(options)), writer_(std::move(redaction), options_.with_files) {}

  ~Impl() { finish(); }

  Problem open() {
    std::error_code error;
    fs::create_directories(options_.folder, error);
    if (error) return "can't make the folder " + options_.folder + ": " + error.message();
    const fs::path path = fs::path(options_.folder) / kTrafficFile;
    const std::string began = written_time(std::chrono::system_clock::now());
    const std::string head = head_line({options_.target, began, options_.by});
    if (auto problem = file_.open(path, head)) return problem;
    if (auto problem = go_on(path)) return problem;
    if (auto problem = write_world()) return problem;
    thread_ = std::thread([this] { run(); });
    return std::nullopt;
  }

  void add(mock::Relayed relayed) {
    const std::lock_guard lock(mutex_);
    if (is_over_) return;
    queue_.push_back(std::move(relayed));
    came_.notify_one();
  }

  Outcome finish() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
      came_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    return {written_, unread_, lost_};
  }

 private:
  // Takes up what is there already.
  Problem go_on(const fs::path& path) {
    const auto before = read_recording(path.string());
    if (!before) return mock::to_string(before.error().front());
    if (before->head.target != options_.target) {
      return path.string() + " is a recording of " + before->head.target + ", not of " +
             options_.target + ": choose another --out";
    }
    for (const RecordedExchange& exchange : before->exchanges) {
      number_ = std::max(number_, exchange.number);
      connection_ = std::max(connection_, exchange.connection);
      offset_us_ = std::max(offset_us_, exchange.ended_us);
      world_.add(exchange);
    }
    return before->remark.empty() ? std::nullopt : cut_off(path);
  }

  // Up to its last whole line.
  Problem cut_off(const fs::path& path) {
    const auto text = read_text_file(path.string());
    if (!text) return text.error();
    return file_.cut_to(text->rfind('\n') + 1);
  }

  void run() {
    auto world_at = steady_clock::now();
    bool is_stale = false;
    for (;;) {
      std::unique_lock lock(mutex_);
      const auto something = [&] { return is_over_ || !queue_.empty(); };
      if (is_stale) {
        came_.wait_until(lock, world_at, something);
      } else {
        came_.wait(lock, something);
      }
      if (queue_.empty() && is_over_) break;
      if (!queue_.empty()) {
        mock::Relayed next = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        write(next);
        is_stale = true;
      } else {
        lock.unlock();
      }
      if (!is_stale || steady_clock::now() < world_at) continue;
      world_at = write_world_in_time();
      is_stale = false;
    }
    if (is_stale) note(write_world());
  }

  // When the next one may be written.
  steady_clock::time_point write_world_in_time() {
    const auto begin = steady_clock::now();
    note(write_world());
    const auto end = steady_clock::now();
    return end + std::max<steady_clock::duration>(kWorldPeriod, (end - begin) * kWorldShare);
  }

  void write(const mock::Relayed& relayed) {
    RecordedExchange exchange = writer_.kept(relayed);
    if (relayed.is_packed) ++unread_;
    exchange.number = number_ + relayed.number;
    exchange.connection += connection_;
    exchange.began_us = offset_us_ + relayed.began_us - opened_us_;
    exchange.ended_us = offset_us_ + relayed.ended_us - opened_us_;
    exchange.at = written_time(opened_at_ + microseconds(relayed.began_us - opened_us_));
    if (auto problem = file_.append(exchange_line(exchange))) return note(problem);
    ++written_;
    world_.add(exchange);
  }

  Problem write_world() {
    const fs::path folder(options_.folder);
    for (const mock::File& file : world_.files()) {
      const fs::path path = folder / file.filename;
      std::error_code error;
      if (fs::exists(path, error)) continue;
      fs::create_directories(path.parent_path(), error);
      if (auto problem = write_by_rename(path, *file.bytes)) return problem;
    }
    return write_by_rename(folder / kWorldFile, world_.world_json());
  }

  // The first is what matters.
  void note(const Problem& problem) {
    if (problem && lost_.empty()) lost_ = *problem;
  }

  const RecorderOptions options_;
  const std::int64_t opened_us_ =
      std::chrono::duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
  const std::chrono::system_clock::time_point opened_at_ = std::chrono::system_clock::now();
  TrafficFile file_;
  // What the recording had before.
  std::uint64_t number_ = 0;
  std::uint64_t connection_ = 0;
  std::int64_t offset_us_ = 0;
  // The thread's, while it runs.
  ExchangeWriter writer_;
  WorldBuilder world_;
  std::size_t written_ = 0;
  std::size_t unread_ = 0;
  std::string lost_;

  std::mutex mutex_;
  // Protected by mutex_:
  std::condition_variable came_;
  std::deque<mock::Relayed> queue_;
  bool is_over_ = false;

  std::thread thread_;
};

mock::Request Recorder::readable(mock::Request request) {
  for (mock::Header& header : request.headers) {
    if (!mock::equal_ignoring_case(header.name, "Accept-Encoding")) continue;
    header.value = unpacked_codings(header.value);
  }
  return request;
}

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Recorder::~Recorder() = default;

tl::expected<std::unique_ptr<Recorder>, std::string> Recorder::open(RecorderOptions options) {
  auto redaction = Redaction::make(options.redact);
  if (!redaction) return tl::unexpected(redaction.error());
  for (const std::string& secret : options.secrets) redaction->learn_secret(secret);
  auto impl = std::make_unique<Impl>(std::move(options), std::move(*redaction));
  if (auto problem = impl->open()) return tl::unexpected(*problem);
  return std::unique_ptr<Recorder>(new Recorder(std::move(impl)));
}

void Recorder::add(mock::Relayed relayed) {
  impl_->add(std::move(relayed));
}

Recorder::Outcome Recorder::finish() {
  return impl_->finish();
}

}  // namespace nairi::contracts
