// REFERENCE: Attachments.
#include <openssl/evp.h>

#include "engine/api/arguments.h"
#include "engine/api/operations.h"
#include "protocol/multipart.h"
#include "text/json_writer.h"

#include "nairi/mock/api.h"

namespace nairi::mock {
namespace {

Checked<FormPart> read_file(const Call& call) {
  auto part =
      find_part(header_value(call.request.headers, "Content-Type"), call.request.body, "file");
  if (!part) return part;
  // Assumed: a part without a file name is no file.
  if (!part->filename)
    return fail(400, "invalid file", "the part \"file\" must be a file: it has no file name");
  // That it is 413 is assumed.
  if (part->bytes.size() > kMostAttachmentBytes) {
    return fail(413, "file is too large",
                "the file has " + std::to_string(part->bytes.size()) + " bytes, at most " +
                    std::to_string(kMostAttachmentBytes) + " (50 MB) are accepted");
  }
  return part;
}

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  const std::size_t length = (bytes.size() + 2) / 3 * 4;
  out.resize(begin + length + 1);  // OpenSSL writes a final NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(&out[begin]),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  out.resize(begin + length);
}

}  // namespace

Reply upload_attachment(Organization& organization, const Call& call) {
  auto part = read_file(call);
  if (!part) return error_reply(part.error());
  if (const auto full = check_room(organization, call)) return error_reply(*full);
  organization.count_kept(part->bytes.size());
  const Ulid id = organization.add_attachment(std::move(*part->filename),
                                              std::make_shared<const std::string>(part->bytes));
  Reply reply;
  reply.status = 201;  // assumed: 200 is possible too
  ObjectWriter(reply.body).field("attachment_id", make_id(kAttachmentPrefix, id)).close();
  return reply;
}

Reply get_attachment(Organization& organization, const Call& call) {
  const auto attachment = find_attachment(organization, call.parameter);
  if (!attachment) return error_reply(attachment.error());
  Reply reply;
  ObjectWriter writer(reply.body);
  writer.field("id", call.parameter).field("filename", (*attachment)->filename);
  std::string& out = writer.value("data");
  out += '"';
  append_base64(out, *(*attachment)->bytes);
  out += '"';
  writer.close();
  return reply;
}

}  // namespace nairi::mock
