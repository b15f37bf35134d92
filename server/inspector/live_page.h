// The inspector's page as a server gives it: it asks the server that it came from for what it
// shows.
#ifndef NAIRI_MOCK_INSPECTOR_LIVE_PAGE_H_
#define NAIRI_MOCK_INSPECTOR_LIVE_PAGE_H_

#include <string>
#include <string_view>

namespace nairi::mock {

struct LivePage {
  std::string html;
  std::string policy;  // its Content-Security-Policy
};

// `data` as for inspector_page().
LivePage live_inspector_page(std::string_view data);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_INSPECTOR_LIVE_PAGE_H_
