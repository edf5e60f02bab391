"""Themes about address translation. Each function makes one random case."""
from . import build as b
from . import traffic as t

OUTSIDE_1, OUTSIDE_2 = b.WAN + ".1", b.WAN + ".2"


def source_rule(rng, match='oifname "wan"'):
    flags = rng.choice(["", "", " random", " fully-random", " persistent", " random,persistent"])
    proto = rng.choice(["tcp", "udp"])
    low = rng.choice([1024, 2000, 40000, 600, 30000])
    high = low + rng.choice([0, 1, 2, 9, 999])
    span = "%d-%d" % (low, high) if high > low else str(low)
    return "%s %s%s" % (match, rng.choice([
        "masquerade", "counter masquerade", "meta l4proto %s masquerade to :%s" % (proto, span),
        "snat to %s" % OUTSIDE_2, "meta l4proto %s snat to %s:%s" % (proto, OUTSIDE_2, span),
        "snat to %s-%s" % (OUTSIDE_1, OUTSIDE_2), "%s dport 53 snat to %s:%s" % (proto, OUTSIDE_1, span),
        "snat to ip saddr map { %s.10 : %s, %s.11 : %s }" % (b.LAN, OUTSIDE_1, b.LAN, OUTSIDE_2),
        "snat ip prefix to ip saddr map { %s.0/24 : %s.0/24 }" % (b.LAN, b.WAN)]), flags)


def dest_rule(rng, target=b.LAN + ".10", match=""):
    proto = rng.choice(["tcp", "tcp", "udp"])
    port, new = rng.choice(t.WEB if proto == "tcp" else t.DNS), rng.choice(t.WEB)
    match = match or rng.choice(['iifname "wan" ', "ip daddr %s " % OUTSIDE_1, "fib daddr type local ", ""])
    return match + rng.choice([
        "%s dport %d dnat to %s" % (proto, port, target), "%s dport %d dnat to %s:%d" % (proto, port, target, new),
        "%s dport %d counter dnat to %s:%d-%d" % (proto, port, target, new, new + 3),
        "%s dport %d redirect" % (proto, port), "%s dport %d redirect to :%d" % (proto, port, new),
        "dnat to %s dport map { %d : %s, %d : %s.11 }" % (proto, port, target, port + 1, b.LAN),
        "dnat ip to %s dport map { %d : %s . %d }" % (proto, port, target, new),
        "dnat ip to ip daddr . %s dport map { %s . %d : %s . %d }" % (proto, OUTSIDE_1, port, target, new),
        "%s dport { %d, %d } dnat to %s-%s.11" % (proto, port, port + 1, target, b.LAN)])


def nat_table(rng, sources=1, targets=1):
    parts = []
    if targets:
        parts.append(b.base("nat", "prerouting", [dest_rule(rng) for _ in range(targets)]))
    if sources:
        parts.append(b.base("nat", "postrouting", [source_rule(rng) for _ in range(sources)]))
    return b.table("ip", "n", *parts)


def source_ports(rng):
    """Several inside hosts and few outside ports: preservation, clashes, ranges, random."""
    case = b.edge(nat_table(rng, rng.randint(1, 2), 0) + b.WATCH, inside=3, outside=2)
    steps = []
    for _ in range(rng.randint(4, 10)):
        client, server = rng.choice("cde"), rng.choice("st")
        src, dst = t.addr_of(case, client), t.addr_of(case, server)
        sport = rng.choice([4000, 4000, 4001, 500, 1000, 2001])
        packet = rng.choice([b.udp(src, sport, dst, rng.choice([53, 80])), b.tcp(src, sport, dst, rng.choice([80, 443])),
                             b.echo(src, dst, rng.choice([7, 9]))])
        steps += [b.send(client, packet)] + [b.reply(server)] * rng.randint(0, 1)
    return dict(case, steps=steps)


def source_flows(rng):
    """Whole flows through source NAT, in both directions."""
    case = b.edge(nat_table(rng, 1, rng.randint(0, 2)) + b.WATCH, inside=2, outside=2)
    pairs = [("c", "s"), ("d", "s"), ("c", "t"), ("d", "t"), ("s", "c"), ("t", "d")]
    return dict(case, steps=t.mixture(rng, case, pairs, rng.randint(2, 5), [OUTSIDE_1, OUTSIDE_2]))


def forwards(rng):
    """Port forwarding: from outside, from the router's networks, with sources changed or not."""
    case = b.three(nat_table(rng, rng.randint(0, 1), rng.randint(1, 4)) + b.WATCH, stacks=rng.choice(["", "", "d"]))
    pairs = [("s", "c"), ("s", "d"), ("c", "s"), ("d", "s"), ("d", "c")]
    return dict(case, steps=t.mixture(rng, case, pairs, rng.randint(3, 6), [OUTSIDE_1, OUTSIDE_2, b.LAN + ".1"]))


def hairpin(rng):
    """Inside hosts reach an inside server by the outside address."""
    rules = [dest_rule(rng, match="ip daddr %s " % OUTSIDE_1) for _ in range(rng.randint(1, 3))]
    post = rng.choice([[], ["ip saddr %s.0/24 ip daddr %s.0/24 masquerade" % (b.LAN, b.LAN)],
                       ["ct status dnat masquerade"], ["ip daddr %s.10 snat to %s" % (b.LAN, OUTSIDE_2)]])
    post = post + rng.choice([[], ['oifname "wan" masquerade']])
    nft = b.table("ip", "n", b.base("nat", "prerouting", rules), b.base("nat", "postrouting", post)) + b.WATCH
    case = b.edge(nft, inside=3)
    steps = []
    for _ in range(rng.randint(2, 5)):
        client = rng.choice(["d", "d", "e", "c", "s"])
        packet = t.first_packet(rng, t.addr_of(case, client), OUTSIDE_1)
        steps += t.exchange(rng, client, "c", packet)
    return dict(case, steps=steps)


def exhaustion(rng):
    """More flows than ports; closed ones are evicted by a later SYN."""
    count = rng.randint(1, 3)
    low = rng.choice([2000, 600, 100])
    proto = rng.choice(["tcp", "tcp", "udp"])
    rule = "meta l4proto %s %s:%d-%d" % (proto, rng.choice(["snat to " + OUTSIDE_1, "masquerade to "]), low, low + count)
    nft = b.table("ip", "n", b.base("nat", "postrouting", ['oifname "wan" ' + rule]))
    case = b.edge(nft + b.WATCH, inside=2, outside=2)
    steps = []
    for number in range(rng.randint(count + 1, count + 4)):
        client, server = rng.choice("cd"), rng.choice(["s", "s", "s", "t"])
        src, dst = t.addr_of(case, client), t.addr_of(case, server)
        sport = 4000 + number
        if proto == "udp":
            steps += [b.send(client, b.udp(src, sport, dst, 80)), b.reply(server)]
            continue
        packet = b.tcp(src, sport, dst, 80, seq=rng.choice([100, 1000, 5000000]))
        end = rng.choice(["open", "client", "reset", "server", "reset-back"])
        steps += t.tcp_life(rng, client, server, packet, end) if rng.random() < 0.7 else [b.send(client, packet)]
    return dict(case, steps=steps)


def two_routers(rng):
    """NAT behind NAT."""
    first = b.table("ip", "n", b.base("nat", "postrouting", [source_rule(rng, 'oifname "mid"').replace(
        OUTSIDE_1, b.MID + ".2").replace(OUTSIDE_2, b.MID + ".2")]), *(
            [b.base("nat", "prerouting", [dest_rule(rng, match="ip daddr %s.2 " % b.MID)])] if rng.random() < 0.5 else []))
    second = b.table("ip", "n", b.base("nat", "postrouting", [source_rule(rng)]), *(
        [b.base("nat", "prerouting", [dest_rule(rng, b.MID + ".2")])] if rng.random() < 0.6 else []))
    case = b.chain_of_two(first if rng.random() < 0.8 else "", second + b.WATCH, inside=2)
    pairs = [("c", "s"), ("d", "s"), ("c", "t"), ("s", "c"), ("t", "c")]
    steps = t.mixture(rng, case, pairs, rng.randint(3, 5), [OUTSIDE_1, OUTSIDE_1])
    return dict(case, steps=steps)


def local_nat(rng):
    """NAT of what Linux hosts behind it do, and of the router's own answers (output and input hooks)."""
    parts = [b.base("nat", "postrouting", [source_rule(rng)]),
             b.base("nat", "prerouting", [dest_rule(rng), "tcp dport 8443 redirect to :%d" % rng.choice([80, 81])]),
             b.base("nat", "input", rng.choice([["counter"], ["ip saddr %s.10 snat to %s.77" % (b.LAN, b.LAN)],
                                                ["tcp dport 80 counter accept"]])),
             b.base("nat", "output", rng.choice([["counter"], ["udp dport 53 dnat to %s.9" % b.WAN],
                                                 ["ip daddr %s.9 counter accept" % b.WAN]]))]
    rng.shuffle(parts)
    case = b.edge(b.table("ip", "n", *parts[:rng.randint(2, 4)]) + b.WATCH, inside=2, outside=2)
    pairs = [("c", "s"), ("s", "c"), ("d", "t"), ("c", "t")]
    steps = t.mixture(rng, case, pairs, rng.randint(3, 6), [OUTSIDE_1, b.LAN + ".1", OUTSIDE_2])
    return dict(case, steps=steps)


def errors(rng):
    """ICMP errors about translated flows, from the peer and from boxes on the way, some about nothing known."""
    case = b.edge(nat_table(rng, 1, rng.randint(0, 2)) + b.WATCH, inside=2, outside=2)
    steps = []
    for _ in range(rng.randint(2, 4)):
        client = rng.choice("cd")
        packet = t.first_packet(rng, t.addr_of(case, client), t.addr_of(case, "s"))
        steps += t.exchange(rng, client, "s", packet)
        kind, code = t.icmp_answer(rng)
        inner = dict(packet, src=rng.choice([OUTSIDE_1, OUTSIDE_1, OUTSIDE_2, packet["src"]]), ttl=rng.choice([1, 60]))
        if rng.random() < 0.2:
            inner["dst"] = b.WAN + ".8"
        who = rng.choice(["s", "s", "t"])
        to = rng.choice([OUTSIDE_1, OUTSIDE_1, OUTSIDE_2, packet["src"]])
        steps.append(b.send(who, b.error(t.addr_of(case, who), to, kind, code, inner, rest=1400 if code == 4 else 0)))
        if rng.random() < 0.5:
            steps.append(b.reply(client, icmp=t.icmp_answer(rng)))
    return dict(case, steps=steps)


def nat6(rng):
    """NAT66 and filtering of both families."""
    six_target = b.LAN6 + ":10"
    pre = [rng.choice(["tcp dport %d dnat to %s", "tcp dport %d dnat to [%s]:8080", "ip6 daddr 2001:db8:9::1 udp dport %d dnat to %s",
                       "tcp dport %d redirect to :80 comment \"%s\""]) % (rng.choice(t.WEB), six_target) for _ in range(rng.randint(0, 2))]
    post = [rng.choice(['oifname "wan" masquerade', 'oifname "wan" snat to 2001:db8:9::2', "meta l4proto tcp masquerade to :2000-2003",
                        'oifname "wan" meta l4proto udp snat to [2001:db8:9::2]:3000-3001', 'oifname "wan" masquerade random'])]
    nft = b.table("ip6", "n6", b.base("nat", "prerouting", pre), b.base("nat", "postrouting", post)) + b.WATCH
    if rng.random() < 0.4:
        nft += nat_table(rng)
    case = b.edge6(nft, inside=2, outside=2)
    pairs = [("c", "s"), ("d", "s"), ("s", "c"), ("d", "t")]
    steps = t.mixture(rng, case, pairs, rng.randint(3, 6), ["2001:db8:9::1", "2001:db8:9::2", OUTSIDE_1], six=True)
    return dict(case, steps=steps)


ALL = [source_ports, source_flows, forwards, hairpin, exhaustion, two_routers, local_nat, errors, nat6]
