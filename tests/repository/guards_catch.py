"""The guards are guarded: each one must catch a mistake made for it, and let its repair pass."""
import pathlib
import tempfile
import unittest

import layering
import links_resolve
import no_private_paths
import one_version
import sources_are_built


def include(name):
    return f"#include <{name}>\n"


class Guards(unittest.TestCase):
    def test_layering(self):
        for path, wrong, right in [
                ("server/text/a.cc", "protocol/body.h", "text/b.h"),
                ("server/text/a.cc", "nairi/mock/exchange.h", "nairi/mock/diagnostic.h"),
                ("server/protocol/a.h", "world/names.h", "text/wording.h"),
                ("server/world/a.cc", "judge/judge.h", "protocol/operation.h"),
                ("server/world/a.cc", "engine/state/faults.h", "nairi/mock/world.h"),
                ("server/judge/a.cc", "world/files.h", "protocol/body.h"),
                ("server/judge/a.cc", "nairi/mock/fake.h", "nairi/mock/verdicts.h"),
                ("server/engine/state/a.cc", "engine/play/playback.h", "judge/judges.h"),
                ("server/engine/state/a.cc", "nairi/mock/fake.h", "nairi/mock/fake_options.h"),
                ("server/engine/play/a.cc", "engine/api/operations.h", "engine/state/records.h"),
                ("server/engine/api/a.cc", "engine/control/caller.h", "engine/play/playback.h"),
                ("server/engine/control/a.cc", "engine/api/operations.h", "engine/journal/journal.h"),
                ("server/engine/a.cc", "http/loop.h", "engine/api/operations.h"),
                ("server/http/a.cc", "engine/routes.h", "nairi/mock/fake.h"),
                ("server/http/a.cc", "nairi/mock/world.h", "protocol/failure.h"),
                ("server/http/a.cc", "httplib.h", "asio/post.hpp"),
                ("server/cli/a.cc", "engine/routes.h", "nairi/mock/server.h"),
                ("server/cli/main.cc", "httplib.h", "CLI/CLI.hpp"),
                ("server/engine/a.cc", "nairi/client.h", "nairi/mock/fake.h"),
                ("server/engine/a.cc", "thread", "mutex"),
                ("server/world/a.h", "random", "string"),
                ("server/include/nairi/mock/world.h", "nlohmann/json.hpp", "tl/expected.hpp"),
                ("server/include/nairi/mock/world.h", "nairi/mock/fake.h", "nairi/mock/exchange.h"),
                ("client/src/a.cc", "nairi/mock/fake.h", "nairi/client.h"),
                ("client/src/a.cc", "nairi/mock/in_process.h", "httplib.h"),
                ("client/src/a.cc", "asio.hpp", "thread"),
                ("contracts/harness/cases/a.cc", "protocol/target.h", "text/wording.h"),
                ("contracts/harness/cases/a.cc", "world/files.h", "nairi/mock/world.h"),
                ("contracts/harness/cases/a.cc", "harness/openapi/openapi.h", "harness/cases/b.h"),
                ("contracts/harness/client/a.cc", "harness/pages/lint.h", "harness/server/runner.h"),
                ("contracts/harness/client/a.cc", "cli/running.h", "nairi/client.h"),
                ("contracts/include/nairi/testing/a.h", "gmock/gmock.h", "nairi/mock/in_process.h"),
        ]:
            with self.subTest(path=path, wrong=wrong):
                self.assertTrue(layering.violations(path, include(wrong)))
                self.assertFalse(layering.violations(path, include(right)))

    def test_rooms(self):
        self.assertTrue(layering.violations("server/attic/a.cc", ""))
        self.assertTrue(layering.violations("server/include/nairi/mock/stranger.h", ""))
        self.assertFalse(layering.violations("contracts/harness/selftest/servers/a.cc", ""))

    def test_circles(self):
        def texts(**includes):
            return {f"server/text/{name.replace('_', '.')}": "".join(
                f'#include "text/{target}"\n' for target in targets)
                for name, targets in includes.items()}

        self.assertTrue(layering.file_circles(texts(a_h=["b.h"], b_h=["c.h"], c_h=["a.h"])))
        self.assertTrue(layering.file_circles(texts(a_cc=["a.h", "b.h"], b_h=["a.h"])))
        self.assertFalse(layering.file_circles(texts(a_cc=["a.h", "b.h"], b_h=["c.h"])))
        self.assertTrue(layering.circle({"hall": ["room"], "room": ["hall"]}))
        self.assertFalse(layering.circle(layering.ROOMS))

    def test_namesakes(self):
        twin = "namespace nairi::mock {\nstruct Twin : Parent {\n"
        texts = {"server/text/a.h": twin, "contracts/harness/cases/b.h": twin}
        self.assertTrue(layering.namesakes(texts))
        texts["contracts/harness/cases/b.h"] = twin.replace("mock", "contracts")
        self.assertFalse(layering.namesakes(texts))

    def test_crowds(self):
        files = [f"server/text/{number}.cc" for number in range(layering.MOST_FILES + 1)]
        self.assertTrue(layering.crowded(files))
        self.assertFalse(layering.crowded(files[1:]))

    def test_asking_the_time(self):
        asks = "auto now = std::chrono::steady_clock::now();"
        for room in ("text", "protocol", "world", "judge", "engine/state"):
            self.assertTrue(layering.violations(f"server/{room}/a.cc", asks))
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
            self.assertTrue(links_resolve.broken(page, '<source srcset="gone.png">'))
            self.assertFalse(links_resolve.broken(page, "[x](page.md#the-make-test-way)"))
            self.assertFalse(links_resolve.broken(page, "`[x](gone.md)` [y](https://example.com)"))

    def test_private_paths(self):
        self.assertTrue(no_private_paths.private_paths("a", "cd /" + "home/ann/src"))
        self.assertFalse(no_private_paths.private_paths("a", "https://example.com/home/ann"))

    def test_versions(self):
        version = one_version.version_of("x\nproject(nairi_mock VERSION 1.2.3 LANGUAGES CXX\n")
        for path, wrong, right in [
                ("packaging/a.sh", "version=1.2.3", "version=$(packaging/version.sh)"),
                ("packaging/a.py", '"1.2.3"', "127.1.2.3"),
                ("docs/a.md", "VERSION=1.2.2", "VERSION=1.2.3"),
                ("docs/a.md", "uses: a/nairi-mock@v1.2.4", "uses: a/nairi-mock@v1.2.3"),
                ("docs/a.md", "nairi-mock_1.0.3_amd64.deb", "Node 18.19.1"),
                ("contracts/openapi.json", '"version": "1.2.0"', '"version": "1.2.3"'),
        ]:
            with self.subTest(path=path, wrong=wrong):
                self.assertTrue(one_version.strays(path, wrong, version))
                self.assertFalse(one_version.strays(path, right, version))


if __name__ == "__main__":
    unittest.main()
