"""Names that stand in anonymous namespaces of two files of one library.

Several sources may be compiled as one (CMake's unity build), and a person who looks for a name finds it once. Types and
constants of one namespace need names of their own in their library, functions other parameters.
"""
import re

DECLARATION = re.compile(r"^(?:struct|class|enum class|enum) (\w+)[^;]*$")
CONSTANT = re.compile(r"^(?:static )?(?:constexpr|const) [\w:<>, *&]+? (\w+)(?:\[[\w ]*\])* *(?:=|\{)")
FURTHER = re.compile(r", (\w+) = ")
FUNCTION = re.compile(r"^(?!return\b|using\b|else\b|template\b|struct\b|class\b|enum\b)[\w:<>,&*\[\] ]+? [&*]*(\w+)\(([^()]*)\)"
                      r"(?: const)?(?: noexcept)? \{")


def _types(parameters):
    return ",".join(re.sub(r" *\b\w+(?: *=.*)?$", "", p.strip()) for p in parameters.split(","))


def names(code):
    """Yields (line, namespace, name) of what stands in an anonymous namespace; code without comments and strings."""
    namespace, inside, lines = "", False, code.split("\n")
    for number, line in enumerate(lines, 1):
        opened = re.match(r"namespace ([\w:]+) \{", line)
        if opened:
            namespace = opened.group(1)
        elif line.startswith("namespace {"):
            inside = True
        elif inside and re.match(r"\}\s*$", line):
            inside = False
        elif inside:
            for name in _names_of(line, lines[number:number + 4]):
                yield number, namespace, name


def _names_of(line, following):
    declared = DECLARATION.match(line)
    constant = CONSTANT.match(line)
    if declared:
        yield declared.group(1)
    elif constant:
        yield constant.group(1)
        yield from FURTHER.findall(line)
    elif line[:1].isalpha() and "(" in line:
        whole = line
        for part in following:
            if ")" in whole:
                break
            whole += " " + part.strip()
        function = FUNCTION.match(whole)
        if function:
            yield f"{function.group(1)}({_types(function.group(2))})"


def library_of(relative):
    """What is compiled together: a folder of the simulator, a part of an area's tests, else the top folder."""
    parts = relative.split("/")
    depth = {"sim": 2, "tests": 3}.get(parts[0], 1)
    return "/".join(parts[:depth]) if len(parts) > depth else "/".join(parts[:-1])


def twice(sources):
    """sources: (relative path, code). Yields (path, line, message) for each name that another file has before."""
    first = {}
    for relative, code in sources:
        for line, namespace, name in names(code):
            key = (library_of(relative), namespace, name)
            other = first.setdefault(key, relative)
            if other != relative:
                yield relative, line, f"{name} stands in {other} already"
