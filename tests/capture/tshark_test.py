#!/usr/bin/env python3
"""Exports runs of scenarios with `fourtuple run --pcap` and lets tshark judge them: nothing malformed, no wrong
checksum, and the same conversations and segments as `fourtuple replay` tells."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
MOST_FILES = 5  # of one scenario
root = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
program = os.environ.get("FOURTUPLE", str(root / "out/build/release/fourtuple"))
truth = root / "tests/captures/truth.py"
KEYS = ("a", "a_port", "b", "b_port", "packets_ab", "packets_ba", "bytes_ab", "bytes_ba", "payload_ab", "payload_ba",
        "first_frame", "last_frame", "start", "duration", "syn", "synack", "fin", "rst", "isn", "options", "handshake",
        "completeness", "initial_rtt", "flags")


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIP)


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


BAD_CHECKSUM = ("ip.checksum.status == 0 or icmp.checksum.status == 0 or icmpv6.checksum.status == 0 or "
                "(!icmp and !icmpv6 and (tcp.checksum.status == 0 or udp.checksum.status == 0))")


def differing_segments(file, reference):
    """The frames whose judgement, bytes in flight or round trip (in whole microseconds) tshark gives otherwise."""
    wrong = []
    for line in output(program, "replay", "--ndjson", str(file)).stdout.splitlines():
        frame = json.loads(line)
        if frame["kind"] != "conversation" or frame["proto"] != "tcp":
            continue
        number = str(frame["frame"])
        ours = sorted(frame.get("analysis", [])), frame.get("bytes_in_flight", 0), frame.get("ack_rtt", "")[:-3]
        theirs = (sorted(reference["segment_flags"].get(number, [])), reference["in_flight"].get(number, 0),
                  reference["ack_rtt"].get(number, "")[:-3])
        if ours != theirs:
            wrong.append(f"frame {number}: {ours}, tshark {theirs}")
    return wrong


def judge(file):
    """The complaints about one exported file."""
    complaints = []
    reference = output(sys.executable, "-B", str(truth), str(file), "--no-crosscheck")
    ours = output(program, "replay", "--json", str(file))
    if reference.returncode != 0 or ours.returncode != 0:
        return [f"{file.name}: {reference.stderr}{ours.stderr}"]
    reference, ours = json.loads(reference.stdout), json.loads(ours.stdout)
    if reference["reader"]["tshark_exit"] != 0:
        complaints.append(f"tshark: {reference['reader']['tshark_message']}")
    # ICMP errors quote the head of a packet with its whole checksum; tshark checks that against the head alone.
    bad = output("tshark", "-n", "-r", str(file), "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
                 "-o", "ip.check_checksum:TRUE", "-Y", BAD_CHECKSUM)
    if bad.stdout.strip():
        complaints.append("bad checksum: " + bad.stdout.splitlines()[0])
    # Application payload is a test pattern on any port, so only the layers we write are looked at.
    broken = output("tshark", "-n", "-r", str(file), "--disable-all-protocols", "--enable-protocol", "frame",
                    "--enable-protocol", "eth", "--enable-protocol", "ethertype", "--enable-protocol", "ip",
                    "--enable-protocol", "ipv6", "--enable-protocol", "icmp", "--enable-protocol", "icmpv6",
                    "--enable-protocol", "tcp", "--enable-protocol", "udp", "-Y", "_ws.malformed")
    if broken.stdout.strip():
        complaints.append("malformed: " + broken.stdout.splitlines()[0])
    for key in ("packets", "bytes_wire", "ipv4", "ipv6", "tcp", "udp", "fragments_other"):
        if ours["totals"][key] != reference["totals"][key]:
            complaints.append(f"totals.{key}: {ours['totals'][key]}, tshark {reference['totals'][key]}")
    for kind in ("tcp", "udp"):
        mine = [{k: c.get(k) for k in KEYS} for c in ours["conversations"] if c["proto"] == kind]
        theirs = [{k: c.get(k) for k in KEYS} for c in reference[kind]]
        if mine != theirs:
            different = next((pair for pair in zip(mine, theirs) if pair[0] != pair[1]), (len(mine), len(theirs)))
            complaints.append(f"{kind} conversations differ: {different}")
    complaints += differing_segments(file, reference)[:3]
    return [f"{file.name}: {c}" for c in complaints]


def main():
    if shutil.which("tshark") is None:
        skip("tshark is not installed")
    if not os.access(program, os.X_OK):
        skip(f"{program} is not built")
    scenarios = sorted((root / "scenarios").rglob("*.yaml"))
    if not scenarios:
        skip("no scenarios")
    # Twelve spread over all topics, five interfaces of each, keep the test below a minute.
    limit = int(os.environ.get("TSHARK_SCENARIOS", "12"))
    chosen = scenarios[::max(1, len(scenarios) // limit)][:limit]
    complaints, files = [], 0
    for scenario in chosen:
        with tempfile.TemporaryDirectory() as folder:
            run = output(program, "run", str(scenario), "--pcap", folder)
            captures = sorted(pathlib.Path(folder).glob("*.pcapng"))
            if run.returncode == 2 or not captures:
                complaints.append(f"{scenario.name}: no capture was written: {run.stderr.strip()[:300]}")
            # A large network has a file for each of many interfaces.
            for file in captures[::max(1, len(captures) // MOST_FILES)][:MOST_FILES]:
                files += 1
                complaints += [f"{scenario.name}: {c}" for c in judge(file)]
    print(f"{len(chosen)} scenarios, {files} files, {len(complaints)} complaints")
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
