// The inspector's page: what it is given stays data.
#include "nairi/mock/inspector/page.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "inspector/embedded.h"
#include "inspector/live_page.h"

namespace nairi::mock {
namespace {

std::string data_of(const std::string& page) {
  constexpr std::string_view kOpening = R"(<script type="application/json" id="data">)";
  const auto begin = page.find(kOpening) + kOpening.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

TEST(InspectorPage, HoldsItsFilesAndTheData) {
  const auto page = inspector_page(R"({"page":1})");
  for (const auto* file : {"page.css", "model.js", "saving.js", "lane.js", "view.js", "live.js"}) {
    EXPECT_NE(page.find(embedded_inspector(file).value()), std::string::npos) << file;
  }
  EXPECT_EQ(data_of(page), R"({"page":1})");
  EXPECT_EQ(page.find("/*{{"), std::string::npos);
}

TEST(InspectorPage, DataOpensAndEndsNoElement) {
  EXPECT_EQ(data_of(inspector_page(R"(["</script><script>alert(1)</script><!--"])")),
            R"(["\u003c/script>\u003cscript>alert(1)\u003c/script>\u003c!--"])");
}

TEST(InspectorPage, LineSeparatorsOfTheDataAreEscaped) {
  EXPECT_EQ(data_of(inspector_page("\"a\u2028b\u2029c\u2027\"")), "\"a\\u2028b\\u2029c\u2027\"");
}

TEST(InspectorPage, MarksInTheDataAreNotFilledIn) {
  constexpr auto* kMarks = R"(["/*{{page.css}}*/", "{{data}}", "{{policy}}", "{{", "}}"])";
  EXPECT_EQ(data_of(inspector_page(kMarks)), kMarks);
}

TEST(InspectorPage, ItsFilesEndNoElement) {
  for (const auto* file : {"page.css", "model.js", "saving.js", "lane.js", "view.js", "live.js"}) {
    const auto text = embedded_inspector(file).value();
    for (const auto* end : {"</script", "</style", "<!--"}) {
      EXPECT_EQ(text.find(end), text.npos) << file << " has " << end;
    }
  }
}

// Who opens it from a slow disk, or keeps a hundred of them, pays for the exchanges alone. The
// rules are not counted: they are the judge's, and grow with it.
TEST(InspectorPage, ItsOwnFilesAreShort) {
  std::size_t size = 0;
  for (const auto* file :
       {"page.html", "page.css", "model.js", "saving.js", "lane.js", "view.js", "live.js"}) {
    size += embedded_inspector(file).value().size();
  }
  EXPECT_LT(size, 80'000U);
}

TEST(InspectorPage, WhatABrowserRunsHasNoComments) {
  for (const auto* file : {"model.js", "saving.js", "lane.js", "view.js", "live.js"}) {
    const auto text = embedded_inspector(file).value();
    EXPECT_TRUE(text.starts_with("\"use strict\";")) << file;
    EXPECT_EQ(text.find("/**"), text.npos) << file;
    EXPECT_EQ(text.find("\n//"), text.npos) << file;
  }
}

TEST(InspectorPage, OnlyTheLivePageMayConnectAndKnowsWhoFramesIt) {
  EXPECT_NE(inspector_page("{}").find("connect-src 'none'"), std::string::npos);
  const auto live = live_inspector_page("{}");
  EXPECT_NE(live.html.find("connect-src 'self'"), std::string::npos);
  EXPECT_EQ(live.html.find("frame-ancestors"), std::string::npos);
  EXPECT_NE(live.policy.find("frame-ancestors 'none'"), std::string::npos);
}

}  // namespace
}  // namespace nairi::mock
