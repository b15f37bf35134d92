// What a nairi_fake_spec says, as what a Fake takes.
#ifndef NAIRI_MOCK_EMBED_EMBED_OPTIONS_H_
#define NAIRI_MOCK_EMBED_EMBED_OPTIONS_H_

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "nairi/mock/diagnostic.h"
#include "nairi/mock/fake_options.h"

namespace nairi::mock {

struct EmbedOptions {
  FakeOptions fake = {};
  std::string world_file = "world.json";
};

// The options of nairi_fake_spec; of the wall clock all but the clock itself.
tl::expected<EmbedOptions, Diagnostics> read_embed_options(std::string_view json);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_EMBED_EMBED_OPTIONS_H_
