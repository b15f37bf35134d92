// Servers that are broken in files, both ways.
#include <algorithm>
#include <string>
#include <vector>

#include "harness/selftest/broken_servers.h"
#include "harness/selftest/tampering.h"

namespace nairi::contracts {
namespace {

Tamper refuses_large_files() {
  constexpr std::size_t kMost = std::size_t{40} << 20;
  return [](const HttpRequest& request, HttpReply& reply) {
    if (request.body.size() > kMost) reply.status = 413;
  };
}

void ascii_names(Json& attachment) {
  std::string name = attachment["filename"];
  for (char& c : name) {
    if (static_cast<unsigned char>(c) > 127) c = '?';
  }
  attachment["filename"] = name;
}

void sort_attachments(Json& message) {
  if (!message.contains("attachment_ids")) return;
  auto ids = message["attachment_ids"].get<std::vector<std::string>>();
  std::sort(ids.begin(), ids.end());
  message["attachment_ids"] = ids;
}

void strip_padding(Json& attachment) {
  std::string data = attachment["data"];
  while (data.ends_with('=')) data.pop_back();
  attachment["data"] = data;
}

void escape_quotes(Json& attachment) {
  std::string name = attachment["filename"];
  const std::size_t quote = name.find('"');
  if (quote != std::string::npos) name.replace(quote, 1, "%22");
  attachment["filename"] = name;
}

}  // namespace

BrokenServers servers_broken_in_attachments() {
  return {
      {"attachments of a prompt are forgotten", "attachments/in-prompts",
       in_each("user", erase("attachment_ids"))},
      {"files of the agent are forgotten", "attachments/from-the-agent",
       in_each("assistant", erase("attachment_ids"))},
      {"data is not base64", "attachments/round-trip",
       in_body_of("attachment", set("data", "raw bytes!"))},
      {"data is another file's", "attachments/bytes-are-kept",
       in_body_of("attachment", set("data", "AAAA"))},
      {"file names are ASCII", "attachments/utf8-names", in_body_of("attachment", ascii_names)},
      {"attachments of a prompt are sorted", "attachments/keep-their-order",
       in_each("user", sort_attachments)},
      {"base64 is not padded", "attachments/padded-base64",
       in_body_of("attachment", strip_padding)},
      {"a quote in a file name stays escaped", "attachments/quotes-in-names",
       in_body_of("attachment", escape_quotes)},
      {"a backslash at the end of a file name spoils the form", "attachments/backslash-at-the-end",
       instead_where(201, "upload", "\\\"\r\n", 400, kInvalid)},
      {"a form without a file is taken", "attachments/missing-part",
       instead_of(400, "upload", 200, kSomeFile)},
      {"a file of any size is taken", "attachments/fifty-mebibytes",
       instead_of(413, "upload", 200, kSomeFile)},
      {"an eleventh attachment is taken", "attachments/ten-for-a-prompt",
       instead_where(400, "start", "attachment_ids", 200, kSomeTurn)},
      {"50,000,000 bytes are too many", "attachments/fifty-megabytes", refuses_large_files},
      {"an upload answers 200", "attachments/status-of-an-upload",
       instead_of(201, "upload", 200, kSomeFile)},
      {"other parts spoil an upload", "attachments/other-parts",
       instead_where(201, "upload", "name=\"purpose\"", 400, kInvalid)},
  };
}

}  // namespace nairi::contracts
