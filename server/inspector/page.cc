#include "nairi/mock/inspector/page.h"

#include <cstddef>
#include <cstdint>
#include <functional>

#include "inspector/data.h"
#include "inspector/embedded.h"
#include "inspector/live_page.h"

namespace nairi::mock {
namespace {

std::string page_file(std::string_view name) {
  return std::string(embedded_inspector(name).value_or(""));
}

std::string page_base64(std::string_view bytes) {
  constexpr std::string_view kBase64Digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  std::uint32_t bits = 0;
  int waiting = 0;  // so many bits of `bits` are not written yet
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (waiting += 8; waiting >= 6; waiting -= 6)
      text += kBase64Digits[bits >> (waiting - 6) & 63];
  }
  if (waiting > 0) text += kBase64Digits[bits << (6 - waiting) & 63];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::string page_source(std::string_view file) {
  return " 'sha256-" + page_base64(page_file(std::string(file) + ".sha256")) + "'";
}

// What a mark of page.html stands for: "{{view.js}}", or "/*{{view.js}}*/".
using PagePart = std::function<std::string(std::string_view name)>;

// Goes over page.html alone, and never over what it puts in: that may look like a mark.
std::string page_with(const PagePart& part) {
  const auto html = page_file("page.html");
  std::string_view rest = html;
  std::string page;
  for (auto begin = rest.find("{{"); begin != std::string_view::npos; begin = rest.find("{{")) {
    const auto end = rest.find("}}", begin);
    const bool commented = begin >= 2 && rest.substr(begin - 2, 2) == "/*";
    page += rest.substr(0, commented ? begin - 2 : begin);
    page += part(rest.substr(begin + 2, end - begin - 2));
    rest.remove_prefix(end + (commented ? 4 : 2));
  }
  return page.append(rest);
}

// Nothing but the page's own scripts and styles, known by their digests.
std::string page_policy(std::string_view connect) {
  std::string scripts;
  std::string styles;
  page_with([&](std::string_view name) {
    if (name.ends_with(".js")) scripts += page_source(name);
    if (name.ends_with(".css")) styles += page_source(name);
    return std::string();
  });
  return "default-src 'none'; script-src" + scripts + "; style-src" + styles + "; connect-src " +
         std::string(connect) + "; base-uri 'none'; form-action 'none'";
}

std::string page_with(std::string_view data, const std::string& policy) {
  return page_with([&](std::string_view name) {
    if (name == "data") return page_data(data);
    if (name == "rules") return page_data(rule_texts());
    return name == "policy" ? policy : page_file(name);
  });
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
