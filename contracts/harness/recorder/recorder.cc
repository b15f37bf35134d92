#include "harness/recorder/recorder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
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
#include "harness/openapi/request_reader.h"
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

bool is_of_attachments(std::string_view target) {
  const std::string path = percent_decode(split_target(target).path).value_or("/attachments");
  return path == "/attachments" || path.starts_with("/attachments/");
}

}  // namespace

// Makes what is kept of what went through.
class ExchangeWriter {
 public:
  ExchangeWriter(Redaction redaction, bool with_files)
      : redaction_(std::move(redaction)), with_files_(with_files) {}

  RecordedExchange kept(const mock::Relayed& relayed) {
    RecordedExchange exchange;
    exchange.key = redaction_.learn(relayed.request.headers);
    redaction_.learn(relayed.headers);
    exchange.connection = relayed.request.connection;
    exchange.method = relayed.request.method;
    exchange.target = redaction_.target(relayed.target);
    exchange.request_headers = kept_headers(relayed.request.headers);
    const auto scheme = Redaction::kept_authorization(relayed.request.headers, exchange.key);
    if (scheme) exchange.request_headers.push_back(*scheme);
    const bool is_upload = !with_files_ && is_of_attachments(relayed.target);
    exchange.request_body = is_upload ? upload(relayed.request) : body(relayed.request.body, "");
    exchange.status = relayed.status;
    exchange.reply_headers = kept_headers(relayed.headers);
    exchange.reply_body = body(relayed.body, is_upload ? "data" : "");
    exchange.reply_body.bytes = std::max(relayed.body_bytes, relayed.body.size());
    exchange.reply_body.left_out = exchange.reply_body.left_out || relayed.is_packed;
    exchange.ending = ending_of(relayed.ending);
    return exchange;
  }

 private:
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

  RecordedBody body(const std::string& bytes, std::string_view without) {
    RecordedBody body;
    body.bytes = bytes.size();
    body.kept = redaction_.body(bytes, without, body.left_out);
    return body;
  }

  // Name, type and size of the file, and nothing that was in it.
  RecordedBody upload(const mock::Request& request) {
    RecordedBody body;
    body.bytes = request.body.size();
    if (request.body.empty()) return body;
    body.left_out = true;
    const std::string type(mock::header_value(request.headers, "Content-Type"));
    const auto part = find_form_part(type, request.body, "file");
    if (!part) return body;
    body.form = RecordedForm{redaction_.text(part->filename.value_or("")), type_of(*part, request),
                             part->bytes.size()};
    return body;
  }

  // What the head of the part says.
  std::string type_of(const ReceivedPart& part, const mock::Request& request) {
    const auto begin = static_cast<std::size_t>(part.bytes.data() - request.body.data());
    const std::string head = lower_case(request.body.substr(0, begin));
    constexpr std::string_view kField = "content-type:";
    const std::size_t blank = head.rfind("\r\n\r\n");
    const std::size_t before = blank == std::string::npos ? 0 : head.rfind("\r\n--", blank);
    const std::size_t at = head.find(kField, before == std::string::npos ? 0 : before);
    if (at == std::string::npos) return {};
    const std::size_t end = head.find("\r\n", at);
    return redaction_.text(mock::trimmed(std::string_view(head).substr(
        at + kField.size(), end == std::string::npos ? end : end - at - kField.size())));
  }

  static std::string lower_case(std::string text) {
    for (char& c : text) c = mock::lower(c);
    return text;
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
    return {written_, lost_};
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
  std::string lost_;

  std::mutex mutex_;
  // Protected by mutex_:
  std::condition_variable came_;
  std::deque<mock::Relayed> queue_;
  bool is_over_ = false;

  std::thread thread_;
};

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
