#!/usr/bin/env python3
"""Anonymizes all captures of tests/captures and lets tshark judge the copies: no checksum is wrong that was right, the
same analysis of every segment, nothing newly malformed. With reassembly, so that checksums over fragments count."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
root = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
program = os.environ.get("FOURTUPLE", str(root / "out/build/release/fourtuple"))
CHECKSUMS = ("ip", "tcp", "udp", "icmp", "icmpv6", "igmp")
ANALYSIS = ("retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order", "lost_segment",
            "ack_lost_segment", "duplicate_ack", "zero_window", "window_full", "window_update", "keep_alive",
            "reused_ports")
BAD = "0"
# Zeros are no message of most applications; only the layers that are rewritten must stay well-formed.
REWRITTEN = ("ARP", "IPv4", "IPv6", "TCP", "UDP", "ICMP", "ICMPv6", "IGMP", "GRE", "VXLAN", "Ethernet")


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIP)


def run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    return result.returncode, result.stdout, result.stderr


def table(file):
    """By frame: the states of all its checksums, the names of its segment, and whether tshark calls it malformed."""
    options = [word for name in ("ip", "tcp", "udp") for word in ("-o", f"{name}.check_checksum:TRUE")]
    fields = [f"{name}.checksum.status" for name in CHECKSUMS] + [f"tcp.analysis.{name}" for name in ANALYSIS]
    words = [word for field in fields + ["_ws.malformed"] for word in ("-e", field)]
    code, out, errors = run("tshark", "-n", "-r", file, *options, "-T", "fields", *words)
    if code != 0:
        return None, errors
    rows = [line.split("\t") for line in out.splitlines()]
    return [(row[:len(CHECKSUMS)], row[len(CHECKSUMS):-1], row[-1]) for row in rows], errors


def complaints_about(before, after):
    if len(before) != len(after):
        yield f"{len(after)} frames instead of {len(before)}"
    for number, (was, now) in enumerate(zip(before, after), 1):
        for name, old, new in zip(CHECKSUMS, was[0], now[0]):
            if BAD in new.split(",") and BAD not in old.split(","):
                yield f"frame {number}: the checksum of {name} is wrong now"
        if was[1] != now[1]:
            yield f"frame {number}: {was[1]} became {now[1]}"
        if any(f"[Malformed Packet: {layer}" in now[2] for layer in REWRITTEN) and not was[2]:
            yield f"frame {number}: malformed now: {now[2]}"


def main():
    for tool in ("tshark", "mergecap"):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")
    if not os.access(program, os.X_OK):
        skip(f"{program} is not built")
    captures = sorted(path for path in (root / "tests/captures").glob("*.pcap*")
                      if "damaged" not in path.name and "huge" not in path.name)
    with tempfile.TemporaryDirectory() as folder:
        all_of_them, copy = pathlib.Path(folder) / "all.pcapng", pathlib.Path(folder) / "copy.pcapng"
        code, _, errors = run("mergecap", "-a", "-w", all_of_them, *captures)
        if code != 0:
            skip(f"mergecap: {errors.strip()}")
        code, _, errors = run(program, "replay", all_of_them, "--anonymize", "--anonymize-key", "test", "-o", copy)
        if code != 0:
            sys.exit(f"fourtuple: {errors}")
        before, errors = table(all_of_them)
        after, more = table(copy)
        if before is None or after is None:
            sys.exit(f"tshark: {errors}{more}")
    found = list(complaints_about(before, after))
    bad = sum(BAD in ",".join(row[0]) for row in after)
    print(f"{len(captures)} captures, {len(before)} frames, {bad} with a wrong checksum as before, "
          f"{len(found)} complaints")
    for complaint in found[:20]:
        print(complaint)
    sys.exit(1 if found or not before else 0)


if __name__ == "__main__":
    main()
