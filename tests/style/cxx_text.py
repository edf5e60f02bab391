"""C++ as text, just well enough for the style test: comments and strings blanked, functions found by their braces.

It relies on what clang-format writes: a body's brace follows a space, an initializer's does not.
"""
import re

TOKEN = re.compile(
    r"""
    (?P<line>//(?:\\\n|[^\n])*)
  | (?P<block>/\*.*?\*/)
  | (?P<raw>R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<char>(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)


def _blank(match):
    """The same number of lines, nothing else; a string stays a string."""
    kept = "\n" * match.group(0).count("\n")
    is_comment = match.lastgroup in ("line", "block") or match.group(0).startswith(("//", "/*"))
    return (" " if is_comment else '""') + kept


def without_comments_and_strings(text):
    return TOKEN.sub(_blank, text)


def _without_preprocessor(code):
    """Blanks directives with their continuation lines: a macro's braces need not balance."""
    out, continued = [], False
    for line in code.split("\n"):
        directive = continued or line.lstrip().startswith("#")
        continued = directive and line.endswith("\\")
        out.append("" if directive else line)
    return "\n".join(out)


SCOPE = re.compile(r"^\s*(?:(?:template\s*<.*>|inline|typedef|static|export)\s*)*"
                   r"(?:namespace|class|struct|union|enum|extern\s*\"\")\b", re.DOTALL)


def _kind(head):
    """What a brace opens, by the text since the last statement: scope, function or initializer."""
    if SCOPE.match(head) or not head.strip():
        return "scope"
    if not head[-1].isspace() or head.rstrip().endswith(("=", "(", ",", "return")):
        return "initializer"
    return "function" if "(" in head else "initializer"


def _name(head):
    match = re.search(r"([\w:~]+(?:operator\W+)?)\s*\(", head)
    return match.group(1) if match else "function"


def functions(code):
    """Yields (name, first line, last line) of every outermost function body in code without comments and strings."""
    code = _without_preprocessor(code)
    stack, head, head_line, line = [], "", 1, 1
    for char in code:
        inside = any(kind != "scope" for kind, _, _ in stack)
        if char == "\n":
            line += 1
        if char == "{":
            kind = "nested" if inside else _kind(head)
            stack.append((kind, _name(head) if kind == "function" else "", head_line))
            if kind == "scope":
                head = ""
        elif char == "}" and stack:
            kind, name, first = stack.pop()
            if kind == "function":
                yield name, first, line
            if kind in ("function", "scope"):
                head = ""
        elif inside:
            continue
        elif char == ";":
            head = ""
        else:
            if not head.strip() and not char.isspace():
                head, head_line = "", line
            head += char
            if re.search(r"\b(public|private|protected)\s*:$", head[-12:]):
                head = ""
