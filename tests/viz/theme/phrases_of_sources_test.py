#!/usr/bin/env python3
"""Every sentence the window may show has its Japanese: each string of several words in the sources that make sentences
is part of a phrase or a label (viz/theme/phrases/, viz/theme/japanese.cc), or stands in stays_english.txt with those
that nobody reads in the window or that are the same in every language.

`phrases_of_sources_test.py ROOT` checks another tree; --list prints the strings that are missing, one a line.
"""
import os
import re
import sys
from pathlib import Path

SOURCES = ["sim/replay/causes/*.cc", "sim/replay/quiz/*.cc", "sim/replay/journey.cc", "sim/replay/rule_words.cc",
           "sim/replay/rule_walk.cc", "sim/replay/columns.cc", "sim/replay/fact_side.cc", "sim/replay/run_facts.cc",
           "sim/replay/filter/*.cc", "sim/trace/words.cc", "sim/trace/vocabulary.cc", "sim/trace/describe*.cc",
           "sim/wire/fields.cc", "sim/state/errno.cc", "app/drill/captions.cc", "app/view/*.cc",
           "viz/fork/*.cc", "viz/kit/*.cc", "viz/panels/*/*.cc", "viz/viewer/*.cc"]
TABLES = ["viz/theme/phrases/*.cc", "viz/theme/japanese.cc"]
STAYS = "tests/data/japanese/stays_english.txt"

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*|\'(?:\\.|[^\'\\\n])\'|"(?P<text>(?:\\.|[^"\\\n])*)"',
                   re.DOTALL | re.MULTILINE)
PLACE = re.compile(r"\{[^{}]*\}")
MARKUP = re.compile(r'=\\"|^<|\{\{')  # of SVG, YAML and JSON
TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,:;.]? +[A-Za-z(]|, [a-z]{2,}")


def strings_of(code):
    """The string literals; neighbours are one."""
    found, end = [], None
    for match in TOKEN.finditer(code):
        text = match.group("text")
        if text is None:
            continue
        if end is not None and not code[end:match.start()].strip():
            found[-1] += text
        else:
            found.append(text)
        end = match.end()
    return found


def files_of(root, patterns):
    return sorted(path for pattern in patterns for path in root.glob(pattern))


def missing(root):
    known = [text for path in files_of(root, TABLES) for text in strings_of(path.read_text(encoding="utf-8"))]
    # A place of a phrase may stand for any text of the sources, and the other way round.
    book = "\n".join(PLACE.sub("\1", text) for text in known)
    stays = set((root / STAYS).read_text(encoding="utf-8").splitlines())
    used = set()
    for path in files_of(root, SOURCES):
        for text in strings_of(path.read_text(encoding="utf-8")):
            for line in (part.strip() for part in text.split("\\n")):
                if MARKUP.search(line) or not TWO_WORDS.search(PLACE.sub("", line)):
                    continue
                if line in stays:
                    used.add(line)
                    continue
                parts = [re.escape(part) for part in PLACE.split(line)]
                if not re.search("[^\n]*?".join(parts), book):
                    yield f"{path.relative_to(root)}: {line}", line
    for line in sorted(stays - used):
        yield f"{STAYS}: no source has this any more: {line}", ""


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--list"]
    root = Path(arguments[0] if arguments else os.environ.get("SOURCE_DIR", "."))
    found = list(missing(root))
    for told, line in found:
        print(line if "--list" in sys.argv else told)
    if "--list" not in sys.argv:
        print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
