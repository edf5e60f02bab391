"""Fourtuple against ns-3 on the same chain, in the same run, on one core: packet-hops, and connections set up.

usage: against_ns3.py [--fourtuple build/fourtuple] [--build-dir build/ns3] [--rounds 3] [--core N]
                      [--only hops|connections] [--json FILE]

Builds ns3/*.cc with Debian's libns3-dev (installed when missing) and runs both sides alternately: machines are shared,
so only medians and the ratio of one run are worth quoting. ns-3 runs once more with --count=1 for its hops. What a
connection costs ns-3 grows with their number, so it is asked for no more than some minutes allow; there we go on alone.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NS3_MODULES = ["applications", "internet", "traffic-control", "point-to-point", "bridge", "network", "stats", "core"]

# name, mode, flows, simulated seconds for ns-3 (some 4 s of wall clock), total window in bytes or None
CASES = [
    ("TCP, 1 flow", "tcp", 1, 5.0, 256 << 10),
    ("TCP, 100 flows", "tcp", 100, 0.25, 16 << 20),
    ("UDP, 100 senders", "udp", 100, 0.5, None),
]
# Connections to set up; ns-3 walks a list of them for each.
CONNECTIONS = [1_000, 10_000, 20_000]
CONNECTIONS_ALONE = [1_000_000]
# Fourtuple is given more simulated time, for its runs would be too short to time otherwise.
OUR_SECONDS_FACTOR = 8


def install_ns3():
    script = ". third_party/install.sh && fourtuple_install build bench"
    subprocess.run(["bash", "-c", script], cwd=ROOT, check=True)


def build_ns3(directory, name):
    directory.mkdir(parents=True, exist_ok=True)
    source, binary = HERE / "ns3" / f"{name}.cc", directory / name
    if binary.exists() and binary.stat().st_mtime > source.stat().st_mtime:
        return binary
    print(f"building {name} with -O3 …", flush=True)
    libraries = ["-lns3-" + module for module in NS3_MODULES]
    # -w: the headers of ns-3 3.37 are not free of warnings with g++ 12.
    subprocess.run(["g++", "-std=c++17", "-O3", "-w", str(source), "-o", str(binary)] + libraries, check=True)
    return binary


def run(command, core):
    result = subprocess.run(["taskset", "-c", str(core)] + command, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"error: exit code {result.returncode} from: {' '.join(command)}")
    return result.stdout


def ns3_command(binary, case, count):
    _, mode, flows, seconds, window = case
    command = [str(binary), f"--mode={mode}", f"--flows={flows}", f"--seconds={seconds}", f"--count={int(count)}"]
    return command + ([f"--window={window}"] if window else [])


def ns3_fields(output):
    return dict(pair.split("=", 1) for pair in output.split())


def our_hops_per_s(binary, case, core):
    _, mode, flows, seconds, _ = case
    output = run([str(binary), "bench", "chain", "--mode", mode, "--flows", str(flows),
                  "--seconds", f"{seconds * OUR_SECONDS_FACTOR:g} s", "--json"], core)
    return float(json.loads(output)["hops_per_s"])


def measure(case, arguments, ns3):
    hops = int(ns3_fields(run(ns3_command(ns3, case, True), arguments.core))["hops"])
    theirs, ours = [], []
    for _ in range(arguments.rounds):
        ours.append(our_hops_per_s(arguments.fourtuple, case, arguments.core))
        theirs.append(hops / float(ns3_fields(run(ns3_command(ns3, case, False), arguments.core))["run_s"]))
    return {"case": case[0], "fourtuple_hops_per_s": statistics.median(ours),
            "ns3_hops_per_s": statistics.median(theirs),
            "ratio": statistics.median(ours) / statistics.median(theirs)}


def our_connections(arguments, flows):
    return json.loads(run([str(arguments.fourtuple), "bench", "connections", "--flows", str(flows), "--json"],
                          arguments.core))


def compare_connections(arguments):
    """Rows of ns to set up one connection, the system's time to give memory included on both sides."""
    ns3 = build_ns3(arguments.build_dir, "ns3_connections")
    print(f"\n{'ns per connection set up':<24}{'Fourtuple':>14}{'ns-3 3.37':>14}{'ratio':>9}{'bytes each':>18}")
    rows = []
    for flows in CONNECTIONS + CONNECTIONS_ALONE:
        ours, theirs = our_connections(arguments, flows), None
        row = {"case": f"{flows:,} connections", "fourtuple_ns": ours["mean_ns"] + ours["memory_ns"],
               "fourtuple_bytes": ours["bytes_per_connection"]}
        if flows in CONNECTIONS:
            theirs = ns3_fields(run([str(ns3), f"--flows={flows}"], arguments.core))
            row.update(ns3_ns=float(theirs["ns_per_connection"]), ns3_bytes=float(theirs["bytes_per_connection"]))
            row["ratio"] = row["ns3_ns"] / row["fourtuple_ns"]
        rows.append(row)
        print(f"{row['case']:<24}{row['fourtuple_ns']:>14,.0f}"
              + (f"{row['ns3_ns']:>14,.0f}{row['ratio']:>8.1f}x" if theirs else f"{'-':>14}{'-':>9}")
              + f"{row['fourtuple_bytes']:>9,.0f}" + (f"{row['ns3_bytes']:>9,.0f}" if theirs else f"{'-':>9}"), flush=True)
    return rows


def compare_hops(arguments):
    ns3 = build_ns3(arguments.build_dir, "ns3_chain")
    print(f"{'packet-hops per second':<24}{'Fourtuple':>14}{'ns-3 3.37':>14}{'ratio':>9}")
    rows = []
    for case in CASES:
        row = measure(case, arguments, ns3)
        rows.append(row)
        print(f"{row['case']:<24}{row['fourtuple_hops_per_s']:>14,.0f}{row['ns3_hops_per_s']:>14,.0f}"
              f"{row['ratio']:>8.1f}x", flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--fourtuple", type=Path, default=ROOT / "build" / "fourtuple")
    parser.add_argument("--build-dir", type=Path, default=ROOT / "build" / "ns3")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--only", choices=["hops", "connections"])
    parser.add_argument("--json", type=Path, help="also write the rows here")
    arguments = parser.parse_args()
    if not arguments.fourtuple.exists():
        sys.exit(f"error: {arguments.fourtuple} is not there: build it first (./run or cmake --build build)")
    install_ns3()
    rows = [] if arguments.only == "connections" else compare_hops(arguments)
    if arguments.only != "hops":
        rows += compare_connections(arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
