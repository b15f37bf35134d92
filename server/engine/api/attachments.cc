// REFERENCE: Attachments.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/api/arguments.h"
#include "engine/api/operations.h"
#include "protocol/multipart.h"
#include "text/json_writer.h"

#include "nairi/mock/api.h"

namespace nairi::mock {
namespace {

Checked<FormPart> read_file(const Call& call, const Knobs& knobs) {
  auto part =
      find_part(header_value(call.request.headers, "Content-Type"), call.request.body, "file");
  // That it is 400 is assumed.
  if (!part) {
    part.error().status = knobs.missing_file_status;
    return part;
  }
  // Assumed: a part without a file name is no file.
  if (!part->filename)
    return fail(knobs.missing_file_status, "invalid file",
                "the part \"file\" must be a file: it has no file name");
  // That it is 413 is assumed.
  if (part->bytes.size() > kMostAttachmentBytes) {
    return fail(knobs.too_large_status, "file is too large",
                "the file has " + std::to_string(part->bytes.size()) + " bytes, at most " +
                    std::to_string(kMostAttachmentBytes) + " (50 MB) are accepted");
  }
  return part;
}

// With the request that brought it, if that is nearly all of it.
Attachment keep(FormPart part, const Call& call) {
  constexpr std::size_t kMostBeside = 4096;
  if (call.kept != nullptr && call.request.body.size() - part.bytes.size() <= kMostBeside) {
    return {std::move(*part.filename), part.bytes, call.kept};
  }
  const auto bytes = std::make_shared<const std::string>(part.bytes);
  return {std::move(*part.filename), *bytes, bytes};
}

// By hand: this would be all that the engine wants of OpenSSL, and whoever tests in process would
// have to link it.
void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view kBase64Digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
  };
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    const char digits[] = {kBase64Digits[three >> 18], kBase64Digits[three >> 12 & 63],
                           i + 1 < bytes.size() ? kBase64Digits[three >> 6 & 63] : '=',
                           i + 2 < bytes.size() ? kBase64Digits[three & 63] : '='};
    out.append(digits, sizeof digits);
  }
}

}  // namespace

Reply upload_attachment(Organization& organization, const Call& call) {
  auto part = read_file(call, organization.knobs());
  if (!part) return error_reply(part.error());
  if (const auto full = check_room(organization, call)) return error_reply(*full);
  organization.count_kept(part->bytes.size());
  const Ulid id = organization.add_attachment(keep(std::move(*part), call));
  Reply reply;
  reply.status = organization.knobs().upload_status;  // assumed to be 201
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
  append_base64(out, (*attachment)->bytes);
  out += '"';
  writer.close();
  return reply;
}

}  // namespace nairi::mock
