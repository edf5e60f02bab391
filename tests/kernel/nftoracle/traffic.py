"""Random sequences of packets, for the themes: lives of TCP connections, datagrams, echoes, errors, mixtures."""
from . import build as b

WEB, DNS = [22, 25, 80, 443, 8080], [53, 123, 5000, 8080]


def addr_of(case, name, six=False):
    for kind in ("hosts", "routers"):
        for spec in case[kind]:
            if spec["name"] == name:
                for port in spec["ifaces"]:
                    for addr in port["addrs"]:
                        if (":" in addr) == six:
                            return addr.split("/")[0]
    raise KeyError(name)


def tcp_life(rng, client, server, packet, end=None):
    """A connection from SYN to its end, with now and then a step that does not belong."""
    steps = b.handshake(client, server, packet)
    for _ in range(rng.randint(0, 3)):
        one, other = rng.choice([(client, server), (server, client)])
        steps.append(b.reply(one, "PA", len=rng.choice([1, 10, 100])))
        steps.append(b.reply(other, "A"))
    if rng.random() < 0.4:
        steps.append(b.reply(rng.choice([client, server]), rng.choice(["S", "SA", "A", "PA", "R", "FPU", ""]),
                             shift=rng.choice([0, 0, 1, -1, -3000, 70000, 200000])))
    end = end or rng.choice(["client", "server", "both", "reset", "reset-back", "open", "half"])
    if end in ("client", "server", "half"):
        one, other = (client, server) if end != "server" else (server, client)
        steps.append(b.reply(one, "FA"))
        steps.append(b.reply(other, "A"))
        if end == "half":
            steps += [b.reply(other, "PA", len=20), b.reply(one, "A")]
        steps.append(b.reply(other, "FA"))
        steps.append(b.reply(one, "A"))
    elif end == "both":
        steps += [b.reply(client, "FA"), b.reply(server, "FA"), b.reply(client, "A"), b.reply(server, "A")]
    elif end == "reset":
        steps.append(b.reply(client, rng.choice(["R", "RA"])))
    elif end == "reset-back":
        steps.append(b.reply(server, rng.choice(["R", "RA"])))
    if rng.random() < 0.3:
        again = dict(packet, seq=packet["seq"] + rng.choice([0, 1, 1000, 5000000]))
        steps += [b.send(client, again), b.reply(server)]
    return steps


def first_packet(rng, src, dst, six=False, ports=None):
    """The first packet of some flow."""
    kind = rng.choice(["tcp", "tcp", "udp", "udp", "icmp"])
    sport = rng.choice([40000, 40000, 40001, 33000, 1023, 500, 7])
    if kind == "tcp":
        opts = rng.choice([[], [], ["mss=1460"], ["mss=1460", "sackok", "ws=7"], ["mss=1460", "nop", "ws=2"]])
        return b.tcp(src, sport, dst, rng.choice(ports or WEB), opts=opts)
    if kind == "udp":
        return b.udp(src, sport, dst, rng.choice(ports or DNS), rng.choice([0, 5, 12, 100]))
    return b.echo(src, dst, rng.choice([7, 8]), size=rng.choice([0, 8, 56]))


def icmp_answer(rng, six=False):
    if six:
        return rng.choice([[1, 4], [1, 0], [1, 1], [2, 0], [3, 0]])
    return rng.choice([[3, 3], [3, 1], [3, 13], [11, 0], [3, 4], [4, 0], [12, 0]])


def exchange(rng, client, server, packet, six=False):
    """A flow of any protocol and some answers."""
    steps = [b.send(client, packet)]
    if packet["proto"] == "tcp":
        if rng.random() < 0.6:
            return tcp_life(rng, client, server, packet)
        steps += [b.reply(server, rng.choice(["auto", "RA", "A", "S", "FA"]))]
        if rng.random() < 0.5:
            steps.append(b.reply(client, rng.choice(["A", "R", "PA", "S"])))
        return steps
    for _ in range(rng.randint(0, 2)):
        steps.append(b.reply(server, len=rng.choice([0, 5, 50])))
        if rng.random() < 0.5:
            steps.append(b.send(client, packet))
    if rng.random() < 0.25:
        steps.append(b.reply(rng.choice([server, client]), icmp=icmp_answer(rng, six)))
    return steps


def mixture(rng, case, pairs, count, targets=None, six=False):
    """`count` flows between `pairs` of hosts (client, server), to the server or another of `targets`."""
    steps = []
    for _ in range(count):
        client, server = rng.choice(pairs)
        v6 = six and rng.random() < 0.7
        src, dst = addr_of(case, client, v6), addr_of(case, server, v6)
        if targets and rng.random() < 0.4:
            dst = rng.choice([t for t in targets if (":" in t) == v6] or [dst])
        steps += exchange(rng, client, server, first_packet(rng, src, dst, v6), v6)
    return interleave(rng, steps) if rng.random() < 0.2 else steps


def interleave(rng, steps):
    """Moves a few steps elsewhere: answers then meet other packets than they were meant for."""
    steps = list(steps)
    for _ in range(3):
        if len(steps) > 2:
            steps.insert(rng.randrange(len(steps)), steps.pop(rng.randrange(len(steps))))
    return steps
