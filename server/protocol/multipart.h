// Finds one part of a multipart/form-data body (RFC 7578) without copying it.
#ifndef NAIRI_MOCK_PROTOCOL_MULTIPART_H_
#define NAIRI_MOCK_PROTOCOL_MULTIPART_H_

#include <optional>
#include <string>
#include <string_view>

#include "protocol/failure.h"

namespace nairi::mock {

struct FormPart {
  // As the sender named the file, in UTF-8; nullopt for a plain field, or for an empty name.
  std::optional<std::string> filename;
  std::string_view bytes;  // a view into the body
};

// The boundary that a Content-Type of multipart/form-data names; nullopt for any other one, and for
// a boundary that is empty or absurdly long.
std::optional<std::string_view> multipart_boundary(std::string_view content_type);

// The first part of that name. Every failure is a 400 that says what is missing.
Checked<FormPart> find_part(std::string_view content_type, std::string_view body,
                            std::string_view name);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_PROTOCOL_MULTIPART_H_
