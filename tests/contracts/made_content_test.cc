// What the harness makes for {long_text} and {long_file} is at real size and of real nature.
#include "harness/cases/made_content.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "harness/cases/values.h"

namespace nairi::contracts {
namespace {

const std::string& made(std::string_view name) {
  return made_content(name)->get_ref<const std::string&>();
}

// The code points of a text that is UTF-8.
std::set<std::uint32_t> characters_of(const std::string& text) {
  std::set<std::uint32_t> characters;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text.at(at)); };
    const std::size_t size = byte(i) < 0x80 ? 1 : byte(i) < 0xE0 ? 2 : byte(i) < 0xF0 ? 3 : 4;
    std::uint32_t c = size == 1 ? byte(i) : byte(i) & (0x7FU >> size);
    for (std::size_t k = 1; k < size; ++k) c = c << 6U | (byte(i + k) & 0x3FU);
    characters.insert(c);
    i += size;
  }
  return characters;
}

TEST(TheLongText, IsLongAndFitsIntoAnEnvironmentVariable) {
  constexpr std::size_t kMostOfLinux = std::size_t{128} << 10U;  // with the rest of a client's job
  constexpr std::size_t kRest = 4096;
  EXPECT_GE(made(kLongText).size(), 100U << 10U);
  EXPECT_LT(Json(made(kLongText)).dump().size(), kMostOfLinux - kRest);
}

TEST(TheLongText, HasCharactersOfAllPartsOfUnicode) {
  const std::set<std::uint32_t> characters = characters_of(made(kLongText));
  EXPECT_FALSE(characters.contains(0));
  for (std::uint32_t c = 1; c < 0x300; ++c) EXPECT_TRUE(characters.contains(c)) << c;
  for (std::uint32_t row = 0; row < 0x110000; row += 0x100) {
    const bool surrogates = row >= 0xD800 && row < 0xE000;
    const auto in_row = characters.lower_bound(row);
    EXPECT_EQ(in_row != characters.end() && *in_row < row + 0x100, !surrogates) << row;
  }
  for (const std::uint32_t c :
       {0x200DU, 0x2028U, 0x202EU, 0xFDD0U, 0xFEFFU, 0xFFFEU, 0xFFFFU, 0x10FFFFU}) {
    EXPECT_TRUE(characters.contains(c)) << c;
  }
}

TEST(TheLongText, HasBlanksAtBothEndsAndEveryLineEnd) {
  const std::string& text = made(kLongText);
  EXPECT_TRUE(text.starts_with("\uFEFF  "));
  EXPECT_TRUE(text.ends_with(" \n\n"));
  for (const char* end : {"\r\n", "\r ", " \n", "\n\n"})
    EXPECT_NE(text.find(end), text.npos) << end;
}

TEST(TheLongFile, HasAllBytesButNotTheBoundaryOfItsForm) {
  const std::string& bytes = made(kLongFile);
  EXPECT_EQ(bytes.size(), 3U << 20U);
  EXPECT_EQ(std::set<char>(bytes.begin(), bytes.end()).size(), 256U);
  EXPECT_EQ(bytes.find("nairi-contract-boundary"), std::string::npos);
}

TEST(TheLongFile, IsReadBackAsBase64WithoutPadding) {
  // "\uFEFF" and a NUL and a blank, then "\r\n".
  EXPECT_TRUE(made(kLongFileBase64).starts_with("77u/ACAN"));
  EXPECT_EQ(made(kLongFileBase64).size(), 4U << 20U);
  EXPECT_NE(made(kLongFileBase64).back(), '=');
}

TEST(MadeContent, IsNothingElse) {
  EXPECT_EQ(made_content("long_tale"), nullptr);
}

}  // namespace
}  // namespace nairi::contracts
