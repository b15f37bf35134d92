// A multipart/form-data body with one file in it (REFERENCE: POST /attachments). Written here, not
// by a transport, so that every transport sends the same bytes.
#ifndef NAIRI_CLIENT_MULTIPART_H_
#define NAIRI_CLIENT_MULTIPART_H_

#include <string>
#include <string_view>

namespace nairi {

struct Multipart {
  std::string content_type;
  std::string body;
};

Multipart file_part(std::string_view filename, std::string_view bytes);

}  // namespace nairi

#endif  // NAIRI_CLIENT_MULTIPART_H_
