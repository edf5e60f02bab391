"""Cases and the kernel's answers in two compressed files: one JSON object a line, the same order in both."""
import json
import lzma
import pathlib

CASES, ANSWERS = "cases.jsonl.xz", "answers.jsonl.xz"


def _read(path):
    if not path.exists():
        return []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _write(path, values):
    text = "".join(json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n" for value in values)
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def load(folder):
    """{name: (case, answer)} in the stored order."""
    folder = pathlib.Path(folder)
    cases, answers = _read(folder / CASES), _read(folder / ANSWERS)
    if [c["name"] for c in cases] != [a["name"] for a in answers]:
        raise ValueError("cases and answers in %s do not belong together" % folder)
    return {case["name"]: (case, answer) for case, answer in zip(cases, answers)}


def save(folder, pairs):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / CASES, [case for case, _ in pairs.values()])
    _write(folder / ANSWERS, [answer for _, answer in pairs.values()])
