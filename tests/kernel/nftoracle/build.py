"""Short ways to write cases: networks, hosts, packets and steps."""

LAN, DMZ, MID, WAN = "192.168.1", "10.7.0", "172.16.0", "198.51.100"
LAN6, DMZ6, WAN6 = "fd00:1:", "fd00:7:", "2001:db8:9:"


def node(name, addrs, gate=None, stack="none", net=None, **more):
    """A host on one network. `addrs` are addresses without length, `gate` its default gateways."""
    addrs = [addrs] if isinstance(addrs, str) else addrs
    gates = [gate] if isinstance(gate, str) else gate or []
    out = {"name": name, "stack": stack,
           "ifaces": [{"if": "e0", "net": net, "addrs": [with_length(a) for a in addrs]}],
           "routes": [{"dst": "default", "via": via} for via in gates]}
    out.update(more)
    return out


def with_length(addr):
    return addr if "/" in addr else addr + ("/64" if ":" in addr else "/24")


def router(name, nft, ports, **more):
    """`ports`: {"lan": ["192.168.1.1"], …}; the network is named as the interface unless "if@net"."""
    ifaces = []
    for key, addrs in ports.items():
        ifname, _, net = key.partition("@")
        addrs = [addrs] if isinstance(addrs, str) else addrs
        ifaces.append({"if": ifname, "net": net or ifname, "addrs": [with_length(a) for a in addrs]})
    return dict({"name": name, "nft": nft, "ifaces": ifaces}, **more)


def edge(nft="", inside=1, outside=1, stacks=None, **more):
    """The usual case: hosts c, d, e inside, s, t outside, router r between. `stacks` names the Linux hosts."""
    stacks = stacks or ""
    hosts = [node(n, "%s.%d" % (LAN, 10 + i), LAN + ".1", "linux" if n in stacks else "none", "lan")
             for i, n in enumerate("cde"[:inside])]
    hosts += [node(n, "%s.%d" % (WAN, 9 - i), WAN + ".1", "linux" if n in stacks else "none", "wan")
              for i, n in enumerate("st"[:outside])]
    return dict({"routers": [router("r", nft, {"lan": LAN + ".1", "wan": [WAN + ".1", WAN + ".2"]})], "hosts": hosts}, **more)


def edge6(nft="", inside=1, outside=1, stacks=None, **more):
    """As edge, with both families everywhere."""
    stacks = stacks or ""
    hosts = [node(n, ["%s.%d" % (LAN, 10 + i), "%s:%d" % (LAN6, 10 + i)], [LAN + ".1", LAN6 + ":1"],
                  "linux" if n in stacks else "none", "lan") for i, n in enumerate("cde"[:inside])]
    hosts += [node(n, ["%s.%d" % (WAN, 9 - i), "%s:%d" % (WAN6, 9 - i)], [WAN + ".1", WAN6 + ":1"],
                   "linux" if n in stacks else "none", "wan") for i, n in enumerate("st"[:outside])]
    ports = {"lan": [LAN + ".1", LAN6 + ":1"], "wan": [WAN + ".1", WAN + ".2", WAN6 + ":1", WAN6 + ":2"]}
    return dict({"routers": [router("r", nft, ports)], "hosts": hosts}, **more)


def three(nft="", stacks=None, **more):
    """Inside, a server network and outside: c, d and s."""
    stacks = stacks or ""
    kind = {n: "linux" if n in stacks else "none" for n in "cds"}
    ports = {"lan": LAN + ".1", "dmz": DMZ + ".1", "wan": [WAN + ".1", WAN + ".2"]}
    return dict({"routers": [router("r", nft, ports)],
                 "hosts": [node("c", LAN + ".10", LAN + ".1", kind["c"], "lan"),
                           node("d", DMZ + ".11", DMZ + ".1", kind["d"], "dmz"),
                           node("s", WAN + ".9", WAN + ".1", kind["s"], "wan")]}, **more)


def chain_of_two(first, second, stacks=None, inside=1, **more):
    """Two routers in a row: c - r1 - r2 - s. r1 is the home, r2 the provider."""
    stacks = stacks or ""
    r1 = router("r1", first, {"lan": LAN + ".1", "mid": MID + ".2"}, routes=[{"dst": "default", "via": MID + ".1"}])
    r2 = router("r2", second, {"mid": MID + ".1", "wan": [WAN + ".1", WAN + ".2"]},
                routes=[{"dst": LAN + ".0/24", "via": MID + ".2"}])
    hosts = [node(n, "%s.%d" % (LAN, 10 + i), LAN + ".1", "linux" if n in stacks else "none", "lan")
             for i, n in enumerate("cde"[:inside])]
    hosts += [node("s", WAN + ".9", WAN + ".1", "linux" if "s" in stacks else "none", "wan"),
              node("t", WAN + ".8", WAN + ".1", "linux" if "t" in stacks else "none", "wan")]
    return dict({"routers": [r1, r2], "hosts": hosts}, **more)


def send(host, pkt, **more):
    return dict({"op": "send", "host": host, "pkt": pkt}, **more)


def tcp(src, sport, dst, dport, flags="S", seq=1000, ack=0, **more):
    return dict({"proto": "tcp", "src": src, "sport": sport, "dst": dst, "dport": dport, "flags": flags, "seq": seq,
                 "ack": ack}, **more)


def udp(src, sport, dst, dport, size=5, **more):
    return dict({"proto": "udp", "src": src, "sport": sport, "dst": dst, "dport": dport, "len": size}, **more)


def echo(src, dst, ident=7, number=1, size=8, **more):
    six = ":" in src
    return dict({"proto": "icmpv6" if six else "icmp", "src": src, "dst": dst, "type": 128 if six else 8, "id": ident,
                 "icmpseq": number, "len": size}, **more)


def error(src, dst, kind, code, inner, **more):
    return dict({"proto": "icmpv6" if ":" in src else "icmp", "src": src, "dst": dst, "type": kind, "code": code,
                 "inner": inner}, **more)


def reply(host, flags="auto", **more):
    return dict({"op": "reply", "host": host, "flags": flags, "seq": 5000}, **more)


def handshake(client, server, packet):
    """SYN, SYN-ACK, ACK with raw packets."""
    return [send(client, packet), reply(server), reply(client, "A")]


def change(text, name="r"):
    return {"op": "nft", "router": name, "text": text}


def wait(ms):
    return {"op": "wait", "ms": ms}


def sock(op, name, **more):
    return dict({"op": op, "sock": name}, **more)


def base(kind, hook, rules, priority=None, policy="accept", name=None):
    """Text of one base chain."""
    usual = {"nat": {"prerouting": "dstnat", "output": "-100", "postrouting": "srcnat", "input": "100"}}
    priority = priority or usual.get(kind, {}).get(hook, "filter")
    return " chain %s {\n  type %s hook %s priority %s; policy %s;\n%s }\n" % (
        name or hook, kind, hook, priority, policy, "".join("  %s\n" % rule for rule in rules))


def table(family, name, *parts):
    return "table %s %s {\n%s}\n" % (family, name, "".join(parts))


def chain(name, rules):
    return " chain %s {\n%s }\n" % (name, "".join("  %s\n" % rule for rule in rules))


def obj(text):
    return " %s\n" % text


COUNT_STATES = ["ct state %s counter" % state for state in ("invalid", "new", "established", "related", "untracked")]
WATCH = table("inet", "watch", base("filter", "forward", COUNT_STATES, "filter - 50"))
MASQUERADE = table("ip", "nat", base("nat", "postrouting", ['oifname "wan" masquerade']))
