#!/usr/bin/python3
"""Asks nft 1.0.6 (checking only, nothing stays loaded) whether it takes each rule of nft_rules.tsv in a table inet, ip and
ip6 that declares the sets and objects below, and writes the file again. Root.

A line is three letters and the rule: y taken, n refused, ? refused for reasons of the running kernel (a missing
interface, a module) or where the simulator differs on purpose: it looks up no host names."""
import ctypes
import os
import sys

DECLARATIONS = """table %s t {
 set s4 { type ipv4_addr; flags dynamic; }
 set st { type ipv4_addr; flags dynamic,timeout; }
 set s6 { type ipv6_addr; }
 set ports { type inet_service; flags interval; }
 set cc { type ipv4_addr . inet_service; }
 map m4 { type ipv4_addr : mark; flags dynamic; }
 map mp { type inet_service : ipv4_addr; }
 map mpp { type inet_service : ipv4_addr . inet_service; }
 map vm { type inet_service : verdict; }
 counter cnt { }
 quota quo { 5 bytes; }
 limit lim { rate 5/second; }
 ct helper hlp { type "ftp" protocol tcp; }
 synproxy syn { mss 1460; wscale 7; }
 chain other { }
 chain c {
  %s
 }
}
"""
OF_THE_KERNEL = ("Could not process rule", "No such file or directory", "Interface does not exist")


def load():
    lib = ctypes.CDLL("libnftables.so.1")
    lib.nft_ctx_new.restype = ctypes.c_void_p
    lib.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
    for name in ("nft_ctx_buffer_error", "nft_ctx_buffer_output", "nft_ctx_get_error_buffer"):
        getattr(lib, name).argtypes = [ctypes.c_void_p]
    lib.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    lib.nft_ctx_set_dry_run.argtypes = [ctypes.c_void_p, ctypes.c_bool]
    return lib


def ask(lib, text):
    """In a process of its own: nft 1.0.6 crashes on some rules."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        context = lib.nft_ctx_new(0)
        lib.nft_ctx_buffer_output(context)
        lib.nft_ctx_buffer_error(context)
        lib.nft_ctx_set_dry_run(context, True)
        failed = lib.nft_run_cmd_from_buffer(context, text.encode())
        first = lib.nft_ctx_get_error_buffer(context).decode(errors="replace").split("\n")[0]
        answer = "y" if not failed else "?" if any(reason in first for reason in OF_THE_KERNEL) else "n"
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    answer = os.read(reader, 1).decode()
    os.close(reader)
    os.waitpid(child, 0)
    return answer or "?"


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nft_rules.tsv")
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t", 1) for line in file]
    if ctypes.CDLL("libc.so.6", use_errno=True).unshare(0x40000000):
        sys.exit("no namespace of our own: run as root")
    os.system("ip link set lo up")
    lib = load()
    with open(path, "w", encoding="utf-8") as file:
        for old, rule in rows:
            new = "".join(ask(lib, DECLARATIONS % (family, rule)) for family in ("inet", "ip", "ip6"))
            kept = "".join("?" if o == "?" else n for o, n in zip(old, new))
            file.write(kept + "\t" + rule + "\n")


if __name__ == "__main__":
    main()
