"""The guards are guarded: each one must catch a mistake made for it, and let its repair pass."""
import pathlib
import tempfile
import unittest

import layering
import links_resolve
import no_private_paths
import sources_are_built


def include(name):
    return f"#include <{name}>\n"


class Guards(unittest.TestCase):
    def test_layering(self):
        for path, wrong, right in [
                ("server/engine/a.cc", "nairi/client.h", "nairi/mock/fake.h"),
                ("client/src/a.cc", "nairi/mock/fake.h", "nairi/client.h"),
                ("client/src/a.cc", "nairi/testing/in_process.h", "httplib.h"),
                ("server/engine/a.cc", "thread", "mutex"),
                ("server/world/a.h", "random", "string"),
                ("server/engine/a.cc", "http/loop.h", "engine/router.h"),
                ("server/app/main.cc", "httplib.h", "CLI/CLI.hpp"),
                ("server/include/nairi/mock/a.h", "nlohmann/json.hpp", "tl/expected.hpp"),
                ("client/src/a.cc", "asio.hpp", "thread"),
        ]:
            with self.subTest(path=path, wrong=wrong):
                self.assertTrue(layering.violations(path, include(wrong)))
                self.assertFalse(layering.violations(path, include(right)))

    def test_asking_the_time(self):
        asks = "auto now = std::chrono::steady_clock::now();"
        self.assertTrue(layering.violations("server/engine/a.cc", asks))
        self.assertFalse(layering.violations("server/http/a.cc", asks))

    def test_sources(self):
        self.assertTrue(sources_are_built.forgotten(["tests/a_test.cc"], {"tests/b_test.cc"}))
        self.assertFalse(sources_are_built.forgotten(["tests/a_test.cc"], {"tests/a_test.cc"}))

    def test_links(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "page.md")
            page.write_text("# The `make test` way\n")
            self.assertTrue(links_resolve.broken(page, "[x](gone.md)"))
            self.assertTrue(links_resolve.broken(page, "[x](page.md#other)"))
            self.assertFalse(links_resolve.broken(page, "[x](page.md#the-make-test-way)"))
            self.assertFalse(links_resolve.broken(page, "`[x](gone.md)` [y](https://example.com)"))

    def test_private_paths(self):
        self.assertTrue(no_private_paths.private_paths("a", "cd /" + "home/ann/src"))
        self.assertFalse(no_private_paths.private_paths("a", "https://example.com/home/ann"))


if __name__ == "__main__":
    unittest.main()
