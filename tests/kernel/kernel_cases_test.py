"""Every stored case through the simulator, compared with what the Linux kernel answered. Names what differs and fails.

usage: kernel_cases_test.py [--data FOLDER] [--first N] [NAME…]; the program is $BUILD_DIR/tests/kernel_case.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from nftoracle import store  # noqa: E402

SEEDS = 24
DATA = HERE.parent / "data" / "kernel" / "netfilter"


def by_interface(packets):
    """Packets in time order, told apart by interface: which of two interfaces saw its packet first is chance when both
    packets were on their way at once."""
    out = {}
    for packet in packets:
        rest = {key: value for key, value in packet.items() if key != "at"}
        out.setdefault(packet["at"], []).append(rest)
    return out


def without_order(line):
    """nft sorts the elements of a set with flags by their lowest flag; what is alike then, it leaves in the order of
    the kernel's hash table, whose seed is random."""
    elements = re.search(r"\{ ([^{}]* \| [^{}]*) \}", line)
    return line.replace(elements[1], ", ".join(sorted(elements[1].split(", ")))) if elements else line


def comparable(answer):
    final = answer.get("final") and dict(answer["final"])
    if final:
        final["ruleset"] = {name: [without_order(line) for line in lines]
                            for name, lines in final.get("ruleset", {}).items()}
    steps = []
    for step in answer.get("steps", []):
        step = dict(step, packets=by_interface(step.get("packets", [])))
        walks = {}
        for walk in step.get("trace", []):
            walks.setdefault(walk["router"], []).append(walk)
        step["trace"] = walks
        steps.append(step)
    return {"steps": steps, "final": final, "error": answer.get("error")}


def first_difference(kernel, ours, path=""):
    """(path, kernel's value, ours) of the first difference, or None."""
    if isinstance(kernel, dict) and isinstance(ours, dict):
        for key in sorted(set(kernel) | set(ours)):
            found = first_difference(kernel.get(key), ours.get(key), "%s/%s" % (path, key))
            if found:
                return found
        return None
    if isinstance(kernel, list) and isinstance(ours, list):
        for number in range(max(len(kernel), len(ours))):
            pair = [side[number] if number < len(side) else None for side in (kernel, ours)]
            found = first_difference(*pair, "%s/%d" % (path, number))
            if found:
                return found
        return None
    return None if kernel == ours and type(kernel) is type(ours) else (path, kernel, ours)


def known_differences(folder):
    """{case: why the simulator differs}; a line is "name: reason"."""
    path = pathlib.Path(folder) / "known_differences.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def simulate(program, cases):
    text = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=False)
    if done.stderr:
        print(done.stderr.strip()[:2000])
    if done.returncode:
        print("kernel_case ended with %d" % done.returncode)
    return {answer["name"]: answer for answer in map(json.loads, done.stdout.splitlines())}


def like_the_kernel(program, pairs, names):
    """Those of the cases that some other stream of random numbers answers as the kernel did. Ports that NAT draws from a
    range, and names of chance in general, are right when the simulator too can draw them."""
    found = set()
    for seed in range(2, SEEDS + 1):
        left = [name for name in names if name not in found]
        if not left:
            break
        answers = simulate(program, [dict(pairs[name][0], seed=seed) for name in left])
        found |= {name for name in left
                  if not first_difference(comparable(pairs[name][1]), comparable(answers.get(name, {})))}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--first", type=int, default=0, help="compare only so many cases")
    parser.add_argument("--quiet", action="store_true", help="names only")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    program = pathlib.Path(os.environ.get("BUILD_DIR", HERE.parent.parent / "build")) / "tests" / "kernel_case"
    if not program.exists():
        print("no program " + str(program))
        return 77
    pairs = store.load(args.data)
    names = args.names or list(pairs)
    names = names[:args.first or None]
    answers, bad = simulate(str(program), [pairs[name][0] for name in names]), 0
    known = known_differences(args.data)
    differences = {name: first_difference(comparable(pairs[name][1]), comparable(answers.get(name, {})))
                   for name in names}
    by_chance = like_the_kernel(str(program), pairs, [name for name in names if differences[name]])
    for name in names:
        found = None if name in by_chance else differences[name]
        if name in known and not found:
            bad += 1
            print(name + " no longer differs: take it off known_differences.txt")
        elif found and (name not in known or args.names):
            bad += 1
            print(name if args.quiet else "%s%s: kernel %s, here %s" % (
                name, found[0], json.dumps(found[1])[:300], json.dumps(found[2])[:300]))
    print("%d of %d cases differ, %d known ones aside; %d needed other random numbers" % (
        bad, len(names), len(known), len(by_chance)))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
