"""Command line: run cases, record the kernel's answers, compare with recorded ones, measure speed."""
import argparse
import json
import pathlib
import sys
import time

from . import generate, handmade, handmade_synproxy, netns, store, wire
from .libnft import NftError
from .runner import Oracle


def _dump(value, path=None):
    text = json.dumps(value, indent=1, sort_keys=True) + "\n"
    if path:
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_text(text)
    else:
        sys.stdout.write(text)


def _show(answer):
    for step in answer["steps"]:
        print("step %d %s %s" % (step["step"], step["op"], step.get("result", "")))
        for pkt in step["packets"]:
            print("   %-12s %-3s %s" % (pkt["at"], pkt["dir"], wire.text(pkt)))
        for walk in step.get("trace", []):
            print("   trace %s from %s: %s" % (walk["router"], walk["from"], wire.text(walk["pkt"]) if walk["pkt"] else ""))
            for hop in walk["hops"]:
                print("      %-34s #%-7s %-12s %s %s" % (hop["chain"] + (" " + hop["hook"] if "hook" in hop else ""),
                                                       hop["rule"], hop["verdict"], hop.get("ct", ""), hop.get("text", "")))
        for name, rows in step.get("conntrack", {}).items():
            for row in rows:
                print("   ct %s: %s" % (name, row))
    for name, lines in answer["final"]["ruleset"].items():
        print("final ruleset of", name)
        print("\n".join("   " + line for line in lines))


def _cases(args):
    """The cases a command line names: files, seeds, the handmade ones, stored ones."""
    out = [json.loads(pathlib.Path(path).read_text()) for path in args.cases]
    if args.handmade:
        out += handmade.all_cases() + handmade_synproxy.all_cases()
    if args.seeds:
        first, last = map(int, args.seeds.split("-"))
        out += [generate.case(seed) for seed in range(first, last + 1)]
    if args.data and not out:
        out = [case for case, _ in store.load(args.data).values()]
    return out


def _plain(answer):
    return json.loads(json.dumps(answer))


def record(args):
    """Asks three times, in other namespaces each time; keeps what was answered alike."""
    pairs = store.load(args.data)
    cases, answers, reasons = _cases(args), {}, {}
    for turn in range(3):
        oracle = Oracle(reuse=turn != 1)
        for case in cases if turn != 2 else reversed(cases):
            name = case["name"]
            if name in reasons:
                continue
            try:
                answer = _plain(oracle.run(case))
            except NftError:
                reasons[name] = "nft refuses its rules"
                continue
            if answers.setdefault(name, answer) != answer:
                reasons[name] = "its answers differ"
        oracle.close()
    for case in cases:
        pairs.pop(case["name"], None)
        if case["name"] in reasons:
            print("dropped %s: %s" % (case["name"], reasons[case["name"]]))
        else:
            pairs[case["name"]] = (case, answers[case["name"]])
    store.save(args.data, pairs)
    print("%d asked, %d dropped, %d stored in all" % (len(cases), len(reasons), len(pairs)))
    return 0


def check(args):
    """Asks the kernel again; 1 when an answer is not the stored one."""
    pairs, bad = store.load(args.data), 0
    oracle = Oracle()
    for case in _cases(args):
        if _plain(oracle.run(case)) != pairs[case["name"]][1]:
            print("differs: " + case["name"])
            bad += 1
    oracle.close()
    print("%d of %d differ" % (bad, len(pairs)))
    return 1 if bad else 0


def run(args):
    oracle = Oracle()
    for case in _cases(args):
        answer = oracle.run(case)
        if args.out:
            _dump(case, pathlib.Path(args.out) / "cases" / (case["name"] + ".json"))
            _dump(answer, pathlib.Path(args.out) / "answers" / (case["name"] + ".json"))
        elif args.text:
            _show(answer)
        else:
            _dump(answer)
    oracle.close()
    return 0


def unpack(args):
    """Writes stored cases and answers as files, or shows one."""
    for name, (case, answer) in store.load(args.data).items():
        if args.names and name not in args.names:
            continue
        if args.out:
            _dump(case, pathlib.Path(args.out) / "cases" / (name + ".json"))
            _dump(answer, pathlib.Path(args.out) / "answers" / (name + ".json"))
        else:
            _show(answer)
    return 0


def bench(args):
    oracle = Oracle(reuse=not args.fresh)
    start, count, packets = time.monotonic(), 0, 0
    while time.monotonic() - start < args.seconds:
        answer = oracle.run(generate.case(1 + count % (generate.FIRST_THEME_SEED - 1)))
        packets += sum(len(s["packets"]) for s in answer["steps"])
        count += 1
    oracle.close()
    spent = time.monotonic() - start
    print("%d cases in %.1f s: %.0f cases/minute, %d packet sightings" % (count, spent, 60 * count / spent, packets))
    return 0


def main():
    parser = argparse.ArgumentParser(prog="nftoracle", description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    here = pathlib.Path(__file__).resolve().parent
    stored = here.parent.parent / "data" / "kernel" / "netfilter"
    for name, what, words in (("run", run, "answer cases: JSON, --text for people, --out for files"),
                              ("record", record, "ask for cases and store the answers"),
                              ("check", check, "ask for the stored cases again")):
        p = sub.add_parser(name, help=words)
        p.add_argument("cases", nargs="*")
        p.add_argument("--seeds", metavar="FIRST-LAST")
        p.add_argument("--handmade", action="store_true")
        p.add_argument("--data", default=stored if name != "run" else None)
        p.add_argument("--out")
        p.add_argument("--text", action="store_true")
        p.set_defaults(what=what)
    p = sub.add_parser("unpack", help="stored cases as files, or their answers as text")
    p.add_argument("names", nargs="*")
    p.add_argument("--data", default=stored)
    p.add_argument("--out")
    p.set_defaults(what=unpack)
    p = sub.add_parser("bench", help="run random cases for some seconds")
    p.add_argument("--seconds", type=float, default=20)
    p.add_argument("--fresh", action="store_true", help="new namespaces for each case")
    p.set_defaults(what=bench)
    args = parser.parse_args()
    if args.what is not unpack:
        netns.isolate()
    return args.what(args)


sys.exit(main())
