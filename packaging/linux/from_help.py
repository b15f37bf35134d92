#!/usr/bin/env python3
"""Writes the man page and the bash completion of a program from what its --help says.

    from_help.py PROGRAM --version VERSION --date YYYY-MM-DD --man FILE --completion FILE

The text is CLI11's: "Usage:", sections of entries ("  --port PORT    The port"), and paragraphs.
"""
import argparse
import dataclasses
import pathlib
import re
import subprocess

SECTIONS = ("Positionals:", "Options:", "Subcommands:")
# Its text begins the column of all descriptions.
FIRST_OPTION = "Print this help message"
# Values of these types are words that the description lists; those of FILES are names of files.
WORDS = ("WORD", "WAY", "ORDER", "STATUS", "FIELD", "SOURCE")
FILES = ("FILE", "FOLDER", "PATH")


@dataclasses.dataclass
class Entry:
    """One option, positional or command: "--port PORT", and what it is."""
    form: str
    about: str = ""

    @property
    def names(self):
        return re.findall(r"(?<![\w-])--?[a-z][\w-]*", self.form.partition(" Excludes:")[0])

    @property
    def type(self):
        """The word for its value, such as PORT; empty for a switch."""
        found = re.search(r" ([A-Z]+)\b(?<!REQUIRED)", self.form)
        return found[1] if found else ""

    @property
    def choices(self):
        """The words that may be its value, if its description lists them."""
        if self.type not in WORDS:
            return []
        text = re.sub(r"\([^()]*\)", "", self.about)  # the default, and explanations
        text = text.split(":", 1)[-1].split(";", 1)[0]
        return [part.split()[0] for part in re.split(r",? or |, ?", text) if part.strip()]


@dataclasses.dataclass
class Help:
    about: str
    usage: str
    sections: dict  # "Options:" → its entries
    footers: list   # paragraphs

    def entries(self, section):
        return self.sections.get(section, [])


def joined(lines):
    return " ".join(" ".join(lines).split())


def entries_of(lines, column):
    """Entries of a section: the form stands left of the column, or in a line of its own."""
    found = []
    for line in lines:
        if not line.startswith("   "):
            fits = len(line) <= column or line[column - 1] == " "
            found.append(Entry(line[:column].strip() if fits else line.strip()))
            line = line[column:] if fits else ""
        found[-1].about = joined([found[-1].about, line])
    return found


def read_help(text):
    blocks = [block.splitlines() for block in re.split(r"\n\s*\n", text.strip("\n"))]
    head = blocks.pop(0)
    at = next(i for i, line in enumerate(head) if line.startswith("Usage: "))
    column = next(line.index(FIRST_OPTION) for line in text.splitlines() if FIRST_OPTION in line)
    sections, footers = {}, []
    for block in blocks:
        if block[0] in SECTIONS:
            sections[block[0]] = entries_of(block[1:], column)
        else:
            footers.append(joined(block))
    return Help(joined(head[:at]), joined(head[at:]).removeprefix("Usage: "), sections, footers)


def ask(program, *command):
    done = subprocess.run([program, *command, "--help"], check=True, capture_output=True, text=True)
    return read_help(done.stdout)


# ---- the man page

def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def sentence(text):
    return text if text.endswith((".", "?")) else text + "."


def form_of(entry):
    """\\fB--port\\fR \\fIPORT\\fR; what else the form says goes behind the description."""
    names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in entry.names) or \
        f"\\fI{escaped(entry.form.split()[0])}\\fR"
    value = f" \\fI{entry.type}\\fR" if entry.type and entry.names else ""
    return names + value


def notes_of(entry):
    notes = " Required." if re.search(r"\bREQUIRED\b", entry.form) else ""
    other = re.search(r"Excludes: (\S+)", entry.form)
    return notes + (f" Not together with {other[1]}." if other else "")


def described(entries):
    lines = []
    for entry in entries:
        lines += [".TP", form_of(entry), escaped(sentence(entry.about) + notes_of(entry))]
    return lines


def man_page(name, version, date, main, commands):
    lines = [f".\\\" Written from {name} --help.",
             f".TH {name.upper()} 1 {date} \"nairi\\-mock {version}\" \"User Commands\"",
             ".SH NAME", f"{name} \\- {escaped(main.about.rstrip('.'))}", ".SH SYNOPSIS"]
    for usage in [f"{name} --help | --version", *(command.usage for command in commands.values())]:
        lines += [f".B {name}", escaped(usage.removeprefix(name).strip()), ".br"]
    lines += [".SH DESCRIPTION", escaped(sentence(main.about)), "Its commands:"]
    lines += described(main.entries("Subcommands:")) + [".SH OPTIONS", *described(main.entries("Options:"))]
    lines.append(".SH COMMANDS")
    for command, its in commands.items():
        lines += [f".SS {name} {command}", escaped(sentence(its.about))]
        options = [entry for entry in its.entries("Options:") if "--help" not in entry.names]
        lines += described(its.entries("Positionals:") + options)
        for footer in its.footers:
            if footer not in main.footers:
                lines += [".PP", escaped(footer)]
    lines.append(".SH EXIT STATUS")
    lines += [escaped(footer.removeprefix("Exit codes: ")) for footer in main.footers]
    others = [other for other in ("nairi", "nairi-contract", "nairi-mock") if other != name]
    lines += [".SH SEE ALSO", ", ".join(f"\\fB{escaped(other)}\\fR(1)" for other in others)]
    return "\n".join(lines) + "\n"


# ---- the completion

def words_of(entries):
    return " ".join(name for entry in entries for name in entry.names)


def value_branches(commands):
    """What is offered for the value of an option: its words, or nothing; files are bash's default."""
    branches, silent = [], []
    for command, its in commands.items():
        for entry in its.entries("Options:"):
            patterns = [f"'{command} {name}'" for name in entry.names]
            if entry.choices:
                branches.append(f"    {' | '.join(patterns)}) OFFER \"{' '.join(entry.choices)}\"; return ;;")
            elif entry.type and entry.type not in FILES:
                silent += patterns
    return branches + [f"    {' | '.join(silent)}) OFFER ''; return ;;"] if silent else branches


COMPLETION = """\
# bash completion of NAME. Written from its --help.
OFFER() {
  compopt +o default 2>/dev/null
  COMPREPLY=($(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}"))
}
FUNCTION() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= options= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --) # what follows is another program's
        [ $((i + 1)) != "$COMP_CWORD" ] || COMPREPLY=($(compgen -c -- "$word"))
        return ;;
      ALTERNATIVES) [ -n "$command" ] || command=${COMP_WORDS[i]} ;;
    esac
  done
  case "$command $before" in
VALUES
  esac
  case $command in
    '') OFFER "MAIN"; return ;;
OPTIONS
  esac
  case $word in
    -*) OFFER "$options" ;;
  esac
}
complete -o default -F FUNCTION NAME
"""


def completion(name, main, commands):
    function = "_" + name.replace("-", "_")
    options = [f"    {command}) options=\"{words_of(its.entries('Options:'))}\" ;;"
               for command, its in commands.items()]
    text = COMPLETION
    for key, value in {"ALTERNATIVES": " | ".join(commands), "VALUES": "\n".join(value_branches(commands)),
                       "OPTIONS": "\n".join(options),
                       "MAIN": " ".join([*commands, words_of(main.entries("Options:"))]),
                       "OFFER": function + "_offer", "FUNCTION": function, "NAME": name}.items():
        text = re.sub(rf"\b{key}\b", lambda _: value, text)
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    for option in ("--version", "--date"):
        parser.add_argument(option, required=True)
    for option in ("--man", "--completion"):
        parser.add_argument(option, type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    program, name = arguments.program.resolve(), arguments.program.name
    about = ask(program)
    commands = {entry.form: ask(program, entry.form) for entry in about.entries("Subcommands:")}
    for file, text in ((arguments.man, man_page(name, arguments.version, arguments.date, about, commands)),
                       (arguments.completion, completion(name, about, commands))):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


if __name__ == "__main__":
    main()
