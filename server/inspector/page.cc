#include "nairi/mock/inspector/page.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "inspector/embedded.h"
#include "inspector/live_page.h"

namespace nairi::mock {
namespace {

constexpr std::array<std::string_view, 3> kScripts = {"model.js", "view.js", "live.js"};

std::string page_file(std::string_view name) {
  return std::string(embedded_inspector(name).value_or(""));
}

std::string page_base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  std::uint32_t bits = 0;
  int waiting = 0;  // so many bits of `bits` are not written yet
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (waiting += 8; waiting >= 6; waiting -= 6) text += kDigits[bits >> (waiting - 6) & 63];
  }
  if (waiting > 0) text += kDigits[bits << (6 - waiting) & 63];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::string page_source(std::string_view file) {
  return " 'sha256-" + page_base64(page_file(std::string(file) + ".sha256")) + "'";
}

// Nothing but the page's own scripts and styles, known by their digests.
std::string page_policy(std::string_view connect) {
  std::string policy = "default-src 'none'; script-src";
  for (const auto script : kScripts) policy += page_source(script);
  policy += "; style-src" + page_source("page.css") + "; connect-src ";
  policy.append(connect) += "; base-uri 'none'; form-action 'none'";
  return policy;
}

// JSON in which no '<' can end or open anything of HTML, and which JavaScript could read too.
std::string page_data(std::string_view json) {
  std::string text;
  text.reserve(json.size() + json.size() / 16);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto here = json.substr(i, 3);
    if (json[i] == '<') {
      text += "\\u003c";
    } else if (here == "\u2028" || here == "\u2029") {
      text += here == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      text += json[i];
    }
  }
  return text;
}

// What a mark of page.html stands for: a file, or what is particular to this page.
std::string page_part(std::string_view name, std::string_view data, const std::string& policy) {
  if (name == "data") return page_data(data);
  if (name == "policy") return policy;
  return page_file(name);
}

// Goes over page.html alone, and never over what it puts in: that may look like a mark.
std::string page_with(std::string_view data, const std::string& policy) {
  const auto html = page_file("page.html");
  std::string_view rest = html;
  std::string page;
  for (auto begin = rest.find("{{"); begin != rest.npos; begin = rest.find("{{")) {
    const auto end = rest.find("}}", begin);
    const auto name = rest.substr(begin + 2, end - begin - 2);
    const bool commented = begin >= 2 && rest.substr(begin - 2, 2) == "/*";
    page += rest.substr(0, commented ? begin - 2 : begin);
    page += page_part(name, data, policy);
    rest.remove_prefix(end + (commented ? 4 : 2));
  }
  return page.append(rest);
}

}  // namespace

std::string inspector_page(std::string_view data) {
  return page_with(data, page_policy("'none'"));
}

LivePage live_inspector_page(std::string_view data) {
  const auto policy = page_policy("'self'");
  // A page can't forbid by itself that others frame it: a server can.
  return {page_with(data, policy), policy + "; frame-ancestors 'none'"};
}

}  // namespace nairi::mock
