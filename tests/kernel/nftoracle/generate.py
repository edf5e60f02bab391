"""Random cases: a small network, a random ruleset and a packet sequence, from a seed.

Everything time-dependent is chosen so that a case lasting well under a second has
one answer only: limits refill once an hour, set timeouts are hours.
"""
import random

from . import themes_hosts, themes_nat, themes_rules

FIRST_THEME_SEED = 1000
LAN, DMZ, WAN = "192.168.1.0/24", "10.7.0.0/24", "198.51.100.0/24"
TCP_PORTS, UDP_PORTS = [22, 25, 80, 443, 8080], [53, 123, 5000, 8080]


def topology(rng):
    kind = rng.choice(["edge", "edge", "shared", "three"])
    ifaces = [{"if": "lan", "net": "lan", "addrs": ["192.168.1.1/24"]},
              {"if": "wan", "net": "wan", "addrs": ["198.51.100.1/24", "198.51.100.2/24"]}]
    hosts = [("c", "lan", "192.168.1.10", "192.168.1.1"), ("s", "wan", "198.51.100.9", "198.51.100.1")]
    if kind == "shared":
        hosts.insert(1, ("d", "lan", "192.168.1.11", "192.168.1.1"))
    if kind == "three":
        ifaces.append({"if": "dmz", "net": "dmz", "addrs": ["10.7.0.1/24"]})
        hosts.insert(1, ("d", "dmz", "10.7.0.11", "10.7.0.1"))
    out = []
    for name, net, addr, gate in hosts:
        out.append({"name": name, "stack": rng.choice(["none", "none", "linux"]),
                    "ifaces": [{"if": "e0", "net": net, "addrs": [addr + "/24"]}],
                    "routes": [{"dst": "default", "via": gate}]})
    return {"name": "r", "ifaces": ifaces}, out


class Rules:
    """Writes one random ruleset."""

    def __init__(self, rng, router, hosts):
        self.rng = rng
        self.names = [p["if"] for p in router["ifaces"]]
        self.addrs = [h["ifaces"][0]["addrs"][0].split("/")[0] for h in hosts]
        self.inside = [a for a in self.addrs if not a.startswith("198.")]
        self.objects, self.chains, self.count = [], [], 0

    def pick(self, *items):
        return self.rng.choice(items)

    def addr(self):
        net = self.pick(LAN, DMZ, WAN)
        return self.pick(self.rng.choice(self.addrs), net, "{ %s, %s }" % (self.rng.choice(self.addrs), "203.0.113.0/24"),
                         "%s-%s" % (net.replace("0/24", "5"), net.replace("0/24", "10")))

    def ports(self, proto):
        pool = TCP_PORTS if proto == "tcp" else UDP_PORTS
        a = self.rng.choice(pool)
        return self.pick(str(a), "%d-%d" % (a, a + 60), "{ %d, %d-%d }" % (a, 1000, 9000))

    def named_set(self):
        self.count += 1
        name = "s%d" % self.count
        if self.rng.random() < 0.5:
            self.objects.append("set %s { type ipv4_addr; flags interval; elements = { %s, %s }; }"
                                % (name, self.rng.choice(self.addrs), "203.0.113.0/24"))
            return "ip %s @%s" % (self.pick("saddr", "daddr"), name)
        self.objects.append("set %s { type ipv4_addr . inet_service; elements = { %s . %d, %s . %d }; }" % (
            name, self.addrs[0], self.rng.choice(TCP_PORTS), self.addrs[-1], self.rng.choice(TCP_PORTS)))
        return "ip daddr . tcp dport @%s" % name

    def match(self, hook):
        proto = self.pick("tcp", "udp")
        choices = [
            lambda: "ip %s %s%s" % (self.pick("saddr", "daddr"), self.pick("", "", "!= "), self.addr()),
            lambda: "%s %s %s%s" % (proto, self.pick("dport", "dport", "sport"), self.pick("", "", "!= "), self.ports(proto)),
            lambda: "ct state %s" % self.pick("established,related", "established,related", "new", "invalid", "new,established"),
            lambda: "meta l4proto %s" % self.pick("tcp", "udp", "icmp", "{ tcp, udp }"),
            lambda: "icmp type %s" % self.pick("echo-request", "{ echo-request, echo-reply }", "destination-unreachable"),
            lambda: self.pick("tcp flags & (fin|syn|rst|ack) == syn", "tcp flags syn / fin,syn,rst,ack", "tcp flags & (syn|ack) != syn"),
            lambda: self.pick("ct status dnat", "ct status snat", "ct status assured", "ct direction reply"),
            lambda: "%s %d" % (self.pick("meta mark", "ct mark"), self.rng.randint(1, 3)),
            lambda: "fib daddr type local",
            lambda: "ip ttl > %d" % self.pick(1, 62, 63, 64),
            lambda: "meta length %s %d" % (self.pick("<", ">="), self.pick(40, 41, 100)),
            self.named_set,
        ]
        if hook != "output":
            choices += [lambda: "iifname %s" % self.pick('"%s"' % self.rng.choice(self.names), '{ "lan", "dmz" }', '!= "wan"', '"l*"')] * 2
        if hook in ("forward", "output", "postrouting"):
            choices += [lambda: 'oifname "%s"' % self.rng.choice(self.names)] * 2
        if hook == "forward":
            choices.append(lambda: 'iifname . oifname { "lan" . "wan", "dmz" . "wan" }')
        return self.rng.choice(choices)()

    def matches(self, hook):
        out = []
        for _ in range(self.pick(0, 1, 1, 1, 2, 2)):
            text = self.match(hook)
            words = " ".join(out)
            clash = ("tcp " in text and "udp " in words) or ("udp " in text and "tcp " in words) or \
                    ("l4proto" in text and words) or ("l4proto" in words) or \
                    ("icmp" in text and ("tcp" in words or "udp" in words)) or \
                    ("icmp" in words and ("tcp" in text or "udp" in text))
            if not clash:
                out.append(text)
        return out

    def statement(self, hook):
        roll = self.rng.random()
        if roll < 0.45:
            return "counter"
        if roll < 0.60:
            return "limit rate %s%d/hour burst %d packets" % (self.pick("", "over "), self.pick(1, 2), self.rng.randint(1, 4))
        if roll < 0.70:
            return "%s mark set %s" % (self.pick("meta", "ct"), self.pick("1", "2", "3"))
        if roll < 0.78:
            return 'log prefix "x%d "' % self.rng.randint(0, 9)
        if roll < 0.90:
            self.count += 1
            name = "d%d" % self.count
            self.objects.append("set %s { type ipv4_addr; flags dynamic,timeout; timeout 2h; size 64; }" % name)
            self.chains_extra = "ip %s @%s" % (self.pick("saddr", "daddr"), name)
            return "%s @%s { ip saddr }" % (self.pick("add", "update"), name)
        self.count += 1
        self.objects.append("quota q%d { %s %d bytes; }" % (self.count, self.pick("over", "until"), self.pick(60, 100, 200)))
        return 'quota name "q%d"' % self.count

    def verdict(self, matches, hook):
        text = " ".join(matches)
        choices = ["accept"] * 4 + ["drop"] * 3
        if hook in ("input", "forward", "output", "prerouting"):
            choices += ["reject", "reject with icmp type admin-prohibited", "reject with icmp type host-unreachable"]
            if "tcp " in text:
                choices += ["reject with tcp reset"] * 2
        if self.chains:
            choices += ["jump %s" % self.rng.choice(self.chains), "goto %s" % self.rng.choice(self.chains)]
        return self.rng.choice(choices)

    def rule(self, hook, regular=False):
        roll = self.rng.random()
        if roll < 0.06:
            return "ct state vmap { established : accept, related : accept, invalid : drop }"
        if roll < 0.11:
            return "tcp dport vmap { %d : accept, %d : drop, 8000-9000 : %s }" % (22, 25, self.pick("accept", "drop", "return" if regular else "accept"))
        if roll < 0.14 and hook != "output":
            return 'iifname vmap { "lan" : %s, "wan" : continue }' % self.pick("accept", "drop", "continue", *["jump " + c for c in self.chains])
        if roll < 0.17:
            return "meta mark set ip saddr map { %s : 1, %s : 2 }" % (self.addrs[0], self.addrs[-1])
        matches = self.matches(hook)
        parts = list(matches)
        for _ in range(self.pick(0, 1, 1, 2)):
            parts.append(self.statement(hook))
        if regular and self.rng.random() < 0.2:
            parts.append("return")
        elif self.rng.random() < 0.8 or not parts:
            parts.append(self.verdict(matches, hook))
        return " ".join(parts)

    def filter_table(self, family):
        body = []
        chains = []
        for number in range(self.rng.randint(0, 2)):
            name = "sub%d" % number
            rules = [self.rule("forward", True) for _ in range(self.rng.randint(1, 3))]
            chains.append("chain %s {\n  %s\n }" % (name, "\n  ".join(rules)))
            self.chains.append(name)
        for hook, chance in (("prerouting", 0.25), ("input", 0.6), ("forward", 1.0), ("output", 0.3), ("postrouting", 0.15)):
            if self.rng.random() > chance:
                continue
            priority = self.pick("filter", "filter", "mangle", "filter + 10", "raw") if hook in ("prerouting", "output") else self.pick("filter", "filter", "filter - 5", "mangle")
            saved = self.chains
            if hook != "forward":
                self.chains = []  # sub-chains use forward-only matches and reject
            rules = [self.rule(hook) for _ in range(self.rng.randint(1, 5))]
            if hook in ("forward", "input") and self.rng.random() < 0.5:
                rules.insert(0, "ct state established,related accept")
            self.chains = saved
            if hasattr(self, "chains_extra") and self.rng.random() < 0.7:
                rules.append("%s counter %s" % (self.chains_extra, self.pick("accept", "drop")))
            body.append("chain b_%s {\n  type filter hook %s priority %s; policy %s;\n  %s\n }" % (
                hook, hook, priority, self.pick("accept", "accept", "drop") if hook in ("input", "forward") else "accept",
                "\n  ".join(rules)))
        text = "table %s f {\n %s\n}\n" % (family, "\n ".join(self.objects + chains + body))
        self.objects, self.chains = [], []
        return text

    def nat_table(self):
        pre, post = [], []
        for _ in range(self.rng.randint(0, 3)):
            proto = self.pick("tcp", "tcp", "udp")
            port = self.rng.choice(TCP_PORTS if proto == "tcp" else UDP_PORTS)
            head = self.pick('iifname "wan" ', "ip daddr 198.51.100.1 ", "ip daddr 198.51.100.0/30 ", "fib daddr type local ")
            target = self.rng.choice(self.inside)
            pre.append(head + self.pick("%s dport %d counter dnat to %s" % (proto, port, target),
                                        "%s dport %d dnat to %s:%d" % (proto, port, target, self.rng.choice(TCP_PORTS)),
                                        "%s dport %d redirect to :%d" % (proto, port, self.rng.choice(TCP_PORTS)),
                                        "dnat ip to %s dport map { %d : %s . %d }" % (proto, port, target, 80)))
        for _ in range(self.rng.randint(0, 2)):
            head = self.pick('oifname "wan" ', "ip saddr %s " % LAN, 'ip saddr %s oifname "wan" ' % LAN, "ip saddr %s ip daddr %s " % (LAN, LAN))
            post.append(head + self.pick("masquerade", "counter masquerade", "snat to 198.51.100.2", "meta l4proto tcp snat to 198.51.100.2:30000",
                                         "snat to ip saddr map { %s : 198.51.100.2 }" % self.inside[0], "accept"))
        return "table ip n {\n chain pre {\n  type nat hook prerouting priority dstnat;\n  %s\n }\n chain post {\n  type nat hook postrouting priority srcnat;\n  %s\n }\n}\n" % (
            "\n  ".join(pre), "\n  ".join(post))

    def text(self):
        out = self.filter_table(self.pick("inet", "inet", "ip"))
        if self.rng.random() < 0.7:
            out = self.nat_table() + out
        if self.rng.random() < 0.1:
            out += "table ip raw {\n chain pre {\n  type filter hook prerouting priority raw;\n  %s notrack\n }\n}\n" % self.pick(
                "udp dport 53", "tcp dport 22", 'iifname "wan"', "icmp type echo-request")
        return out


def packets(rng, router, hosts):
    """A sequence of steps: new packets, replies to what a host last saw, errors, mutations."""
    addr = {h["name"]: h["ifaces"][0]["addrs"][0].split("/")[0] for h in hosts}
    mute = [h["name"] for h in hosts if h["stack"] == "none"]
    targets = list(addr.values()) + ["198.51.100.1", "198.51.100.2", "198.51.100.1"]
    steps = []
    for h in hosts:
        if h["stack"] == "linux" and rng.random() < 0.5:
            steps.append({"op": "listen", "host": h["name"], "sock": "L" + h["name"], "port": rng.choice(TCP_PORTS)})
    flows = []
    for number in range(rng.randint(6, 16)):
        roll = rng.random()
        if flows and roll < 0.3:
            flow = rng.choice(flows)
            step = dict(flow)
            step["pkt"] = dict(flow["pkt"])
            if step["pkt"]["proto"] == "tcp":
                step["pkt"]["flags"] = rng.choice(["S", "A", "PA", "FA", "R", "RA", "SA"])
                step["pkt"]["seq"] += rng.choice([0, 1, 1, 1, 11, 1000, 70000, 200000])
                step["pkt"]["ack"] = rng.choice([0, 5001, 5001, 9001])
                step["pkt"]["len"] = 10 if step["pkt"]["flags"] == "PA" else 0
            steps.append(step)
            continue
        if flows and roll < 0.6 and mute:
            step = {"op": "reply", "host": rng.choice(mute)}
            kind = rng.random()
            if kind < 0.12:
                step["icmp"] = rng.choice([[3, 3], [3, 1], [11, 0], [3, 4]])
            elif kind < 0.2:
                step["flags"] = "RA"
            else:
                step["flags"], step["len"] = rng.choice([("auto", 0), ("auto", 0), ("PA", 7), ("FA", 0), ("A", 0)])
                step["seq"] = 5000
                if rng.random() < 0.1:
                    step["shift"] = rng.choice([-3000, 1, 100000])
            steps.append(step)
            continue
        host = rng.choice(list(addr))
        dst = rng.choice([a for a in targets if a != addr[host]])
        if dst.rsplit(".", 1)[0] == addr[host].rsplit(".", 1)[0] and not dst.endswith((".1", ".2")):
            continue  # neighbours talk without the router
        proto = rng.choice(["tcp", "tcp", "tcp", "udp", "udp", "icmp"])
        pkt = {"proto": proto, "src": addr[host], "dst": dst}
        if proto == "icmp":
            pkt.update(type=8, id=rng.choice([7, 8]), icmpseq=1, len=16)
        else:
            pkt.update(sport=rng.choice([40000, 40000, 40001, 500, 1023, 30000]),
                       dport=rng.choice(TCP_PORTS if proto == "tcp" else UDP_PORTS), len=0 if proto == "tcp" else 12)
        if proto == "tcp":
            pkt.update(flags=rng.choice(["S"] * 7 + ["A", "R", "FPU", ""]), seq=1000, ack=0,
                       opts=["mss=1460", "sackok", "ws=7"] if rng.random() < 0.5 else [])
        if rng.random() < 0.03:
            pkt["badsum"] = True
        if rng.random() < 0.05:
            pkt["ttl"] = rng.choice([1, 2])
        step = {"op": "send", "host": host, "pkt": pkt}
        if proto != "icmp":
            flows.append(step)
        steps.append(step)
        if rng.random() < 0.15:
            steps.append({"op": "send", "host": host, "pkt": dict(pkt)})
    return steps


def case(seed):
    """Seeds below 1000: the mixture of this file; from 1000 on the themes take turns."""
    rng = random.Random(seed)
    if seed < FIRST_THEME_SEED:
        router, hosts = topology(rng)
        router["nft"] = Rules(rng, router, hosts).text()
        return {"name": "gen%05d" % seed, "seed": seed, "routers": [router], "hosts": hosts,
                "steps": packets(rng, router, hosts)}
    themes = themes_nat.ALL + themes_rules.ALL + themes_hosts.ALL
    theme = themes[seed % len(themes)]
    return dict({"name": "%s_%05d" % (theme.__name__, seed), "seed": seed}, **theme(rng))
