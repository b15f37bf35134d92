"""The tests of the pages catch each way in which a page can lie."""
import tempfile
import unittest

import consoles
import names


def page(*lines, mark="console"):
    return "\n".join(["# A page", "", "```" + mark, *lines, "```", ""])


class Consoles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.programs = folder.name

    def found(self, text):
        return "\n".join(consoles.mistakes(text, self.programs)[0])

    def assert_true(self, *lines):
        self.assertEqual(self.found(page(*lines)), "")

    def assert_lie(self, lines, told):
        self.assertIn(told, self.found(page(*lines)))

    def test_what_is_true_passes(self):
        self.assert_true("$ echo one; echo two", "one", "two", "$ echo three", "three")

    def test_a_wrong_line(self):
        self.assert_lie(["$ echo one; echo two", "one", "three"], "it printed:      two")

    def test_a_missing_line(self):
        self.assert_lie(["$ echo one", "one", "two"], "it printed:      nothing")

    def test_an_extra_line(self):
        self.assert_lie(["$ echo one; echo two", "one"], "the page lacks:  two")

    def test_an_extra_line_of_a_silent_command(self):
        self.assert_lie(["$ echo one"], "the page lacks:  one")

    def test_an_exit_code(self):
        self.assert_lie(["$ false"], "it exits with 1")
        self.assert_lie(["$ true  # exits with 1"], "it exits with 0")
        self.assert_true("$ (exit 3)  # this one exits with 3")

    def test_a_page_without_consoles(self):
        self.assertIn("no console", self.found("# A page\n"))
        self.assertIn("no console", self.found(page("echo", mark="python")))

    def test_a_page_whose_consoles_are_all_excused(self):
        excuse = "<!-- not run: it takes two minutes -->\n"
        self.assertIn("no console", self.found(excuse + page("$ false")))
        self.assertEqual(self.found(excuse + page("$ false") + page("$ true")), "")

    def test_an_excuse_without_a_reason(self):
        self.assertIn("without a reason",
                      self.found("<!-- not run: -->\n" + page("$ false") + page("$ true")))

    def test_a_console_that_is_marked_otherwise(self):
        self.assertIn("is marked", self.found(page("$ true") + page("$ false", mark="text")))

    def test_dots_stand_for_lines(self):
        count = "$ printf '%s\\n' 1 2 3 4 5 6"
        self.assert_true(count, "…")
        self.assert_true(count, "1", "…", "3", "4", "…", "6")
        self.assert_true(count, "…", "5", "6", "…")
        self.assert_lie([count, "1", "…", "4", "3", "…"], "the page says:   4")
        self.assert_lie([count, "1", "…", "5"], "it printed:      6")
        self.assert_lie([count, "2", "…"], "it printed:      1")

    def test_dots_stand_for_text(self):
        self.assert_true('$ echo \'{"a":1,"b":2}\'', '{"a":1,…}')
        self.assert_lie(['$ echo \'{"a":1,"b":2}\'', '{"b":…}'], "the page says")

    def test_durations_are_compared_by_their_form(self):
        self.assert_true("$ echo 146 cases, 0.601 s", "146 cases, 12.345 s")
        self.assert_lie(["$ echo 146 cases, 0.601 s", "145 cases, 0.601 s"], "the page says")
        self.assert_lie(["$ echo 0.6 s", "0.601 s"], "the page says")

    def test_one_session(self):
        self.assert_true("$ export NAME=value", "$ echo $NAME", "value", "$ cd /", "$ pwd", "/")

    def test_a_command_of_several_lines(self):
        self.assert_true("$ echo one \\", "    two", "one two")
        self.assert_true("$ echo three |", "    cat", "three")

    def test_a_last_line_without_an_end(self):
        self.assert_true("$ printf one", "one", "$ echo; echo two", "", "two")

    def test_a_background_program_is_awaited(self):
        self.assert_true("$ (echo it listens; exec cat) &", "it listens", "$ kill %1")

    def test_ports_are_not_those_of_the_page(self):
        self.assert_true("$ echo :4747", ":4747", "$ test 4747 = 47''47  # exits with 1")

    def test_files_and_preparations(self):
        self.assertEqual(self.found(
            "<!-- file: a/b.json -->\n" + page("[1]", mark="json") +
            "<!-- run: sed -i s/1/2/ a/b.json -->\n" + page("$ cat a/b.json", "[2]")), "")

    def test_a_preparation_that_fails(self):
        self.assertIn("exits with 1", self.found("<!-- run: false -->\n" + page("$ true")))

    def test_shell_blocks_must_succeed(self):
        self.assertEqual(self.found(page("A=1", "echo $A", mark="sh")), "")
        self.assertIn("exits with 1", self.found(page("false", mark="sh")))

    def test_mending_takes_over_numbers_and_nothing_else(self):
        mended = []
        text = page("$ echo 3 cases, 0.1 s; \\", "    echo 3 dogs", "2 cases, 0.1 s", "3 cats")
        found = consoles.mistakes(text, self.programs, mend=lambda *line: mended.append(line))[0]
        self.assertEqual(mended, [(6, "3 cases, 0.1 s")])
        self.assertEqual(len(found), 1)

    def test_a_program_that_is_missing(self):
        consoles.PROGRAMS["no-such-program"] = "no-such-package"
        self.addCleanup(consoles.PROGRAMS.pop, "no-such-program")
        self.assertIn("apt install no-such-package", self.found(page("$ no-such-program")))


class Names(unittest.TestCase):
    def test_a_file_that_is_gone(self):
        self.assertEqual(names.missing_files("`tests/gone.cc` `tests`"),
                         ["there is no tests/gone.cc"])

    def test_a_file_that_the_page_writes(self):
        self.assertEqual(
            names.missing_files("`tests/mine.json`\n<!-- file: tests/mine.json -->\n"), [])

    def test_an_assumption_that_nothing_holds(self):
        head = "| situation | the fake | held by |\n|---|---|---|\n"
        self.assertEqual(names.unheld_rows(head + "| a | b | `A.B` |\n", {"A.B"}), [])
        self.assertEqual(names.unheld_rows(head + "| a | b | `A.B` |\n", {"A.C"}),
                         ["there is no test A.B"])
        self.assertEqual(names.unheld_rows(head + "| a | b | |\n", set()),
                         ["nothing holds: | a | b | |"])


if __name__ == "__main__":
    unittest.main()
