#!/usr/bin/python3
"""Loads the forms of nft_listing.txt (and .nft files named as arguments) into nft 1.0.6, each in an empty namespace's
ruleset, and stores what `nft list ruleset` prints. Root. What nft refuses is left out and reported on stderr.

nft_listing.txt: a line `# FAMILY CHAIN-SPECIFICATION` begins a group, lines starting with `+` are declarations of its
table, every other line is one rule in a chain of its own ruleset. Lines between `<<<` and `>>>` are one whole ruleset."""
import ctypes
import json
import os
import pickle
import re
import subprocess
import sys

INTERFACES = ("eth0", "eth1", "lan", "wan", "lan0", "wan0", "br0", "wg0")


def isolate():
    if ctypes.CDLL("libc.so.6", use_errno=True).unshare(0x40000000):
        raise OSError("no namespace of our own: run as root")
    batch = "".join(f"link add {name} type veth peer name p_{name}\n" for name in INTERFACES)
    subprocess.run(["ip", "-batch", "-"], input=batch + "link set lo up\n", text=True, check=True)


class Nft:
    def __init__(self):
        self.lib = ctypes.CDLL("libnftables.so.1")
        self.lib.nft_ctx_new.restype = ctypes.c_void_p
        for name in ("nft_ctx_buffer_output", "nft_ctx_buffer_error"):
            getattr(self.lib, name).argtypes = [ctypes.c_void_p]
        for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
            getattr(self.lib, name).argtypes = [ctypes.c_void_p]
            getattr(self.lib, name).restype = ctypes.c_char_p
        self.lib.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self.ctx = self.lib.nft_ctx_new(0)
        self.lib.nft_ctx_buffer_output(self.ctx)
        self.lib.nft_ctx_buffer_error(self.ctx)

    def run(self, text):
        failed = self.lib.nft_run_cmd_from_buffer(self.ctx, text.encode())
        error = self.lib.nft_ctx_get_error_buffer(self.ctx).decode(errors="replace")
        return failed, self.lib.nft_ctx_get_output_buffer(self.ctx).decode(errors="replace"), error

    def listing(self, text):
        self.run("flush ruleset")
        failed, _, error = self.run(text)
        if failed:
            return None, error.split("\n")[0]
        return self.run("list ruleset")[1], ""

    def safe_listing(self, text):
        """In a child: some inputs crash nft."""
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            with os.fdopen(write, "wb") as out:
                out.write(pickle.dumps(self.listing(text)))
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            data = answer.read()
        os.waitpid(child, 0)
        return pickle.loads(data) if data else (None, "crash")


def forms(lines):
    family, chain, declarations, whole = "inet", "", [], None
    for line in lines:
        if whole is not None:
            if line == ">>>":
                yield "".join(part + "\n" for part in whole)
                whole = None
            else:
                whole.append(line)
        elif line == "<<<":
            whole = []
        elif line.startswith("# "):
            family, chain = line[2:].split(" ", 1)
            declarations = []
        elif line.startswith("+"):
            declarations.append(line[1:].strip())
        elif line:
            inside = "".join(f"\t{text}\n" for text in declarations)
            yield f"table {family} t {{\n{inside}\tchain y {{\n\t}}\n\tchain x {{\n\t\t{chain}\n\t\t{line}\n\t}}\n}}\n"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "nft_listing.txt"), encoding="utf-8") as text:
        inputs = list(forms(text.read().split("\n")))
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as text:
            inputs.append(text.read())
    isolate()
    nft = Nft()
    cases = []
    for text in inputs:
        listing, error = nft.safe_listing(text)
        if listing is None:
            rule = text.split("\n")[-4].strip() if text.startswith("table") else text[:60]
            print(f"refused: {rule}: {error}", file=sys.stderr)
            continue
        # What is left of a timeout depends on the moment.
        cases.append({"input": text, "listing": re.sub(r" expires [0-9a-z]+", "", listing)})
    with open(os.path.join(here, "nft_listing.json"), "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")
    print(len(cases), "forms")


main()
