"""Style as a test: who may include whom, banned calls, lengths, header openings, words, private names that stand twice.

Run without arguments it checks the checker on tests/style/samples/ (each folder there is a tiny tree named after the
rule it breaks; good/ breaks none) and then the whole project. `style_test.py ROOT` checks another tree only.
Formatting is clang-format's (format.sh), naming is clang-tidy's (lint.sh).
"""
import os
import re
import sys
from pathlib import Path

import cxx_text
import private_names

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 90

SIM_BELOW_WORLD = ["base", "wire", "state", "trace", "tcp", "stack", "netfilter", "net", "world"]

# folder: the folders it may include besides itself. A single header may be named too.
MAY_INCLUDE = {
    "sim/base": [],
    "sim/wire": ["sim/base"],
    "sim/trace": ["sim/base", "sim/wire"],
    "sim/state": ["sim/base", "sim/wire", "sim/trace"],
    "sim/tcp": ["sim/base", "sim/wire"],
    "sim/netfilter": ["sim/base", "sim/wire", "sim/tcp", "sim/trace", "sim/state"],
    "sim/stack": ["sim/base", "sim/wire", "sim/tcp", "sim/trace", "sim/state", "sim/netfilter"],
    "sim/net": ["sim/" + folder for folder in SIM_BELOW_WORLD],
    "sim/world": ["sim/" + folder for folder in SIM_BELOW_WORLD],
    "sim/drill": ["sim/" + folder for folder in SIM_BELOW_WORLD],
    "sim/replay": ["sim/base", "sim/wire", "sim/trace", "sim/state"],
    "capture": ["sim/base", "sim/wire", "sim/trace", "sim/state"],
    "viz": ["sim/base", "sim/wire", "sim/trace", "sim/state", "sim/replay",
            "sim/tcp/transitions.h", "sim/stack/match_quality.h"],
    "app": ["sim", "capture", "viz"],
    "tests": ["sim", "capture", "viz", "app"],
}

# (pattern, what is wrong) in the code of sim/, comments and strings not counted.
BANNED_IN_SIM = [
    (r"\bs?rand\s*\(|\brandom\s*\(\s*\)|\brandom_device\b|\bmt19937|_distribution\b|\bstd::shuffle\b",
     "randomness comes from sim/base/random.h"),
    (r"\bstd::time\b|(?<![\w.>:])time\s*\(\s*(nullptr|NULL|0|&)|\bgettimeofday\b|\bclock_gettime\b|"
     r"\b(system|steady|high_resolution)_clock\b", "the only clock is the simulated one"),
    (r"\bstd::hash\b|\babsl::Hash\b", "hashes differ between libraries: the order would reach the output"),
    (r"\bstd::unordered_", "the iteration order differs between libraries"),
]
NO_FLOATS_IN = ["sim/base", "sim/wire", "sim/tcp", "sim/stack", "sim/net", "sim/world", "sim/drill"]

WORDS = [
    (r"\b(TODO|FIXME|XXX|HACK)\b", "finish it or leave it out"),
    (r"(?<![\w.])/(work|root)/|\.\./shared\b|/tmp/(build|brief|scratch)", "a path of one machine"),
]

CXX = (".h", ".cc")
TEXT = CXX + (".py", ".sh", ".md", ".txt", ".cmake", ".yaml", ".yml", ".json", ".nft", "")
SKIPPED_FOLDERS = {".git", "out", "samples", "corpus", "data", "__pycache__", ".cache"}


def files_of(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not re.match(r"(cmake-)?build", f))
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix in TEXT and path.name != "style_test.py":
                yield path


def folder_of(relative):
    """The entry of MAY_INCLUDE a file belongs to, or None."""
    parts = relative.split("/")
    for depth in (2, 1):
        if "/".join(parts[:depth]) in MAY_INCLUDE and len(parts) > depth:
            return "/".join(parts[:depth])
    return None


def may_include(folder, target):
    allowed = [folder] + MAY_INCLUDE[folder]
    return any(target == entry or target.startswith(entry + "/") for entry in allowed)


def check_includes(relative, lines):
    folder = folder_of(relative)
    if folder is None:
        return
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        target = match.group(1)
        if folder_of(target) is None:
            yield number, "include_direction", f'"{target}" is not written from the root of the project'
        elif not may_include(folder, target):
            yield number, "include_direction", f"{folder} may not include {target}"


def check_banned(relative, code_lines):
    if not relative.startswith("sim/"):
        return
    for number, line in enumerate(code_lines, 1):
        for pattern, reason in BANNED_IN_SIM:
            if re.search(pattern, line):
                yield number, "banned_call", reason
        if folder_of(relative) in NO_FLOATS_IN and re.search(r"\b(double|float)\b", line):
            yield number, "floating_point", "decisions of the simulator are made with integers"


def check_header(lines):
    if not lines or not lines[0].startswith("//"):
        yield 1, "header_opening", "a header opens with a comment: what it is, its invariants"
    if "#pragma once" not in lines:
        yield 1, "pragma_once", "#pragma once is missing"


def check_lengths(relative, lines, code):
    if len(lines) > MAX_FILE_LINES:
        yield len(lines), "file_length", f"{len(lines)} lines, the limit is {MAX_FILE_LINES}"
    if not relative.endswith(CXX):
        return
    for name, first, last in cxx_text.functions(code):
        length = last - first + 1
        if length > MAX_FUNCTION_LINES:
            yield first, "function_length", f"{name}: {length} lines, the limit is {MAX_FUNCTION_LINES}"


def check_words(lines):
    for number, line in enumerate(lines, 1):
        for pattern, reason in WORDS:
            if re.search(pattern, line):
                yield number, "words", reason


def check_file(root, path):
    """Yields (line, rule, message)."""
    relative = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    lines = text.splitlines()
    yield from check_words(lines)
    if not relative.endswith(CXX + (".py", ".sh")):
        return
    code = cxx_text.without_comments_and_strings(text) if relative.endswith(CXX) else ""
    yield from check_lengths(relative, lines, code)
    if relative.endswith(CXX):
        yield from check_includes(relative, lines)
        yield from check_banned(relative, code.splitlines())
    if relative.endswith(".h"):
        yield from check_header(lines)


def check_tree(root):
    findings, sources = [], []
    for path in files_of(root):
        relative = path.relative_to(root).as_posix()
        for line, rule, message in check_file(root, path):
            findings.append((relative, line, rule, message))
        if relative.endswith(".cc"):
            sources.append((relative, cxx_text.without_comments_and_strings(path.read_text(encoding="utf-8"))))
    for relative, line, message in private_names.twice(sources):
        findings.append((relative, line, "private_name", message))
    return findings


def check_samples(samples):
    """Every sample tree breaks the rule of its name and no other; good/ breaks none."""
    problems = []
    names = sorted(entry.name for entry in samples.iterdir() if entry.is_dir())
    if "good" not in names or len(names) < 9:
        problems.append("samples are missing")
    for name in names:
        broken = {rule for _, _, rule, _ in check_tree(samples / name)}
        expected = set() if name == "good" else {name.split("-")[0]}
        if broken != expected:
            problems.append(f"samples/{name}: expected {sorted(expected)}, the checker said {sorted(broken)}")
    return problems


def main():
    here = Path(__file__).resolve().parent
    problems = [] if len(sys.argv) > 1 else check_samples(here / "samples")
    for problem in problems:
        print(problem)
    root = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SOURCE_DIR") or here.parent.parent)
    findings = check_tree(root)
    for relative, line, rule, message in findings:
        print(f"{relative}:{line}: {rule}: {message}")
    print(f"{len(findings)} findings")
    return 1 if findings or problems else 0


if __name__ == "__main__":
    sys.exit(main())
