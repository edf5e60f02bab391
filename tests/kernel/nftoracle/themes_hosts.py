"""Themes about hosts: no rules at all, closed ports, sockets of Linux hosts. Each function makes one random case."""
from . import build as b
from . import traffic as t
from .themes_nat import dest_rule, nat_table

ROUTER = [b.WAN + ".1", b.LAN + ".1", b.WAN + ".2"]


def plain(rng):
    """Routers without rules: forwarding, TTL, no route, own addresses, what hosts and routers answer."""
    six = rng.random() < 0.3
    make = b.edge6 if six else rng.choice([b.edge, b.three, lambda nft, **m: b.chain_of_two("", nft, **m)])
    case = make("", stacks=rng.choice(["", "s", "c", "cs", "csdt"]))
    names = [h["name"] for h in case["hosts"]]
    pairs = [(a, z) for a in names for z in names if a != z]
    targets = (["2001:db8:9::1", b.LAN6 + ":1"] if six else []) + [b.WAN + ".1", b.WAN + ".2"]
    steps = t.mixture(rng, case, pairs, rng.randint(2, 4), targets, six)
    src = t.addr_of(case, "c", six)
    far = "2001:db8:77::1" if six else "203.0.113.5"
    steps += rng.sample([
        b.send("c", dict(b.udp(src, 4000, far, 53), ttl=rng.choice([1, 2, 64]))), b.send("c", b.echo(src, t.addr_of(case, "s", six), ttl=1)),
        b.send("c", b.tcp(src, 4000, t.addr_of(case, "s", six), 80, rng.choice(["S", "A", "FA", "R", "", "SF", "SA", "FPU", "SR"]), 77, 99, ttl=rng.choice([1, 64]))),
        b.send("c", {"proto": rng.choice([47, 50, 132, 253, 2]), "src": src, "dst": rng.choice([t.addr_of(case, "s", six), far, targets[0]]), "len": 20}),
        b.send("c", dict(b.udp(src, 4001, targets[0], 99), tos=0x28)), b.send("c", b.udp(src, 4002, t.addr_of(case, "s", six), 9, rng.choice([600, 1200, 1472 if not six else 1452]))),
        b.send("c", b.tcp(src, 4003, targets[0], 80, rng.choice(["S", "A", "FA", "R", "", "PA"]), 500, 600, len=rng.choice([0, 7])))], 4)
    return dict(case, steps=[s for s in steps if not (s["op"] == "send" and s["pkt"]["proto"] == 2)])


def closed(rng):
    """Everything that can arrive at a port nobody listens on, and at listeners that did not expect it."""
    case = b.edge("", stacks="s", inside=2)
    src, dst = t.addr_of(case, "c"), t.addr_of(case, "s")
    steps = [b.sock("listen", "L", host="s", port=80)] if rng.random() < 0.6 else []
    for n in range(rng.randint(5, 9)):
        to = rng.choice([dst, dst, b.LAN + ".1", b.WAN + ".2"])
        flags = rng.choice(["S", "A", "SA", "F", "FA", "R", "RA", "", "SF", "PA", "FPU", "SEC", "SR", "SP"])
        packet = b.tcp(src, 4000 + n, to, rng.choice([80, 81]), flags, rng.choice([0, 1, 1000, 4294967295]), rng.choice([0, 1, 777]), len=rng.choice([0, 0, 9]) if flags != "S" else 0,
                       opts=rng.choice([[], ["mss=1460", "sackok", "nop", "ws=7"], ["mss=536"], ["sackok"]]) if "S" in flags else [])
        steps.append(b.send("c", rng.choice([packet, packet, packet, b.udp(src, 4000 + n, to, 81, rng.choice([0, 10, 700])), b.echo(src, to, n, size=rng.choice([0, 56, 900]))])))
    return dict(case, steps=steps)


def sockets(rng):
    """Real sockets on both sides, mostly with NAT between."""
    nft = rng.choice(["", nat_table(rng, 1, 0), nat_table(rng, 1, 1), b.MASQUERADE]) + rng.choice(["", b.WATCH])
    six = rng.random() < 0.2
    case = (b.edge6 if six else b.edge)(nft, stacks="cs")
    server = t.addr_of(case, "s", six)
    port = rng.choice([80, 8080])
    steps = [b.sock("listen", "L", host="s", port=port, **({"addr": "::"} if six else {})),
             b.sock("connect", "c", host="c", to=[server, rng.choice([port, port, port, 81])]), b.sock("accept", "L", **{"as": "s"})]
    for _ in range(rng.randint(0, 3)):
        one, other = rng.choice([("c", "s"), ("s", "c")])
        steps.append(b.sock("write", one, len=rng.choice([1, 10, 1000, 1460, 2000])))
        if rng.random() < 0.8:
            steps.append(b.sock("read", other))
    steps += _endings(rng)
    return dict(case, steps=steps)


def _endings(rng):
    one, other = rng.choice([("c", "s"), ("s", "c")])
    kind = rng.choice(["close", "close", "half", "reset", "unread"])
    slow = {"quiet_ms": 70}
    if kind == "close":
        return [b.sock("close", one, **slow), b.sock("read", other), b.sock("close", other, **slow)]
    if kind == "half":
        return [b.sock("shutdown", one, **slow), b.sock("write", other, len=30, **slow), b.sock("read", one), b.sock("close", other, **slow), b.sock("close", one)]
    if kind == "reset":
        return [b.sock("reset", one), b.sock("status", other), b.sock("write", other, len=3), b.sock("close", other)]
    return [b.sock("write", other, len=10), b.sock("close", one, **slow), b.sock("status", other), b.sock("close", other)]


def raw_against_host(rng):
    """A raw client against a listening Linux host: windows, options, answers to what does not fit."""
    case = b.edge(rng.choice(["", "", b.WATCH]), stacks="s")
    src, dst = t.addr_of(case, "c"), t.addr_of(case, "s")
    opts = rng.choice([[], ["mss=1460"], ["mss=1460", "sackok", "nop", "ws=7"], ["mss=1400", "nop", "ws=2"], ["mss=100"], ["sackok", "nop", "nop"]])
    steps = [b.sock("listen", "L", host="s", port=80), b.send("c", b.tcp(src, 4000, dst, 80, "S", 1000, opts=opts, win=rng.choice([65535, 1000, 29200]))), b.reply("c", "A"), b.sock("accept", "L", **{"as": "s"})]
    for _ in range(rng.randint(1, 4)):
        steps.append(rng.choice([
            b.reply("c", "PA", len=rng.choice([1, 100, 1000])), b.sock("read", "s"), b.sock("write", "s", len=rng.choice([5, 500])), b.reply("c", "A"),
            b.reply("c", rng.choice(["R", "S", "SA", "RA", "A", "PA"]), shift=rng.choice([1, -1, -5000, 100, 100000]), len=rng.choice([0, 5]))]))
    steps += rng.choice([[b.reply("c", "FA"), b.sock("read", "s"), b.sock("close", "s", quiet_ms=70), b.reply("c", "A")], [b.sock("close", "s", quiet_ms=70), b.reply("c", "FA"), b.reply("c", "PA", len=3)],
                         [b.reply("c", "R"), b.sock("status", "s"), b.sock("write", "s", len=1)], [b.sock("reset", "s"), b.reply("c", "A")]])
    return dict(case, steps=steps)


def udp_sockets(rng):
    """UDP sockets, connected or not, refused or answered."""
    nft = rng.choice(["", b.MASQUERADE, nat_table(rng)]) + rng.choice(["", b.WATCH])
    case = b.edge(nft, stacks="cs")
    dst = t.addr_of(case, "s")
    steps = [b.sock("bind", "u", host="s", proto="udp", port=53), b.sock("connect", "v", host="c", proto="udp", to=[dst, rng.choice([53, 53, 54])])]
    for _ in range(rng.randint(1, 3)):
        steps += [b.sock("write", "v", len=rng.choice([1, 100, 1000])), b.sock("read", "u"), b.sock("status", "v")]
    steps += [b.sock("bind", "w", host="c", proto="udp", port=6000), b.sock("write", "w", len=8, to=[dst, rng.choice([53, 99])]), b.sock("read", "u"), b.sock("close", "u"), b.sock("write", "v", len=4), b.sock("status", "v")]
    return dict(case, steps=steps)


def served(rng):
    """Port forwarding to a Linux server inside, raw clients outside."""
    nft = b.table("ip", "n", b.base("nat", "prerouting", [dest_rule(rng), "tcp dport 80 dnat to %s.10:8080" % b.LAN]), b.base("nat", "postrouting", rng.choice([[], ["masquerade"]]))) + b.WATCH
    case = b.edge(nft, stacks="c", outside=2)
    steps = [b.sock("listen", "L", host="c", port=8080)]
    for n in range(rng.randint(1, 3)):
        who = rng.choice("st")
        packet = b.tcp(t.addr_of(case, who), 5000, b.WAN + ".1", rng.choice([80, 80, 81]), opts=["mss=1460"])
        steps += [b.send(who, packet), b.reply(who, "A"), b.sock("accept", "L", **{"as": "a%d" % n}), b.reply(who, "PA", len=20), b.sock("read", "a%d" % n), b.sock("write", "a%d" % n, len=40)]
    return dict(case, steps=steps)


ALL = [plain, plain, plain, closed, sockets, sockets, raw_against_host, raw_against_host, udp_sockets, served]
