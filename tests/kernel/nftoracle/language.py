"""Random pieces of the nft language: matches, statements, verdicts, for the themes about rules."""
from . import build as b

INSIDE, SERVER, OUTSIDE = b.LAN + ".10", b.WAN + ".9", b.WAN + ".1"

MATCHES = [
    "ip protocol { tcp, udp }", "ip protocol icmp", "meta l4proto tcp", "meta l4proto != udp", "meta nfproto ipv4", "meta protocol ip",
    "ip version 4", "ip hdrlength 5", "ip ttl 63", "ip ttl { 1, 63, 64 }", "ip ttl > 62", "ip length 40-60", "ip length < 45",
    "ip dscp cs0", "ip dscp { cs1, ef }", "ip dscp != 0", "ip ecn not-ect", "ip frag-off & 0x1fff == 0", "ip frag-off & 0x4000 != 0",
    "ip saddr & 255.255.255.0 == 192.168.1.0", "ip saddr 192.168.1.0/28", "ip daddr != { 198.51.100.9, 198.51.100.8 }",
    "ip saddr 192.168.1.5-192.168.1.10", "ip saddr . ip daddr { 192.168.1.10 . 198.51.100.9 }",
    "ip saddr . tcp dport { 192.168.1.10 . 80, 192.168.1.10 . 443, 192.168.1.11 . 22 }", "ip daddr . meta l4proto . th dport vmap { 198.51.100.9 . tcp . 80 : continue, 198.51.100.9 . udp . 53 : accept }",
    "tcp dport { 22, 80-443 }", "tcp dport != 80", "tcp dport < 1024", "tcp dport >= 443", "tcp sport 40000-40001", "tcp dport 0-79",
    "tcp flags syn", "tcp flags & (syn | ack) == syn", "tcp flags & (fin | syn | rst | ack) == syn", "tcp flags != ack", "tcp flags { syn, syn | ack }",
    "tcp flags & rst != 0", "tcp flags fin,rst", "tcp flags ! fin,rst", "tcp flags syn / syn,rst,ack", "tcp flags & (fin | psh | urg) == fin | psh | urg",
    "tcp window > 1000", "tcp window 65535", "tcp sequence 1000", "tcp ackseq > 0", "tcp doff 5", "tcp doff > 5",
    "tcp option maxseg size 1460", "tcp option maxseg exists", "tcp option maxseg missing", "tcp option window exists", "tcp option sack-perm exists",
    "tcp option window count 7", "tcp option timestamp exists",
    "udp dport { 53, 123 }", "udp dport 5000-9000", "udp length 13", "udp length > 20", "udp sport != 40000", "th dport 80", "th dport { 53, 80 }", "th sport > 1023",
    "icmp type echo-request", "icmp type { echo-reply, destination-unreachable }", "icmp code 0", "icmp id 7", "icmp sequence 1", "icmp code port-unreachable",
    "ct state new", "ct state established,related", "ct state { new, invalid }", "ct state != established", "ct state invalid", "ct state untracked",
    "ct direction original", "ct direction reply", "ct status seen-reply", "ct status assured", "ct status != confirmed", "ct status dnat", "ct status snat",
    "ct mark 0", "ct mark & 0x3 == 1", "ct mark { 1, 2 }", "ct original ip saddr 192.168.1.10", "ct reply ip saddr 198.51.100.9", "ct original proto-dst 80",
    "ct reply proto-src 80", "ct protocol tcp", "ct original protocol 17", "ct original packets > 1", "ct bytes > 100", "ct packets 2-4", "ct avgpkt > 50",
    "ct reply packets 1", "ct expiration < 1h", "ct l3proto ipv4", "ct zone 0",
    "meta mark 0", "meta mark & 1 == 1", "meta mark != 2", "meta length 40", "meta length > 60", "meta pkttype unicast", "meta iifname \"lan\"",
    "meta iiftype ether", "iifname { \"lan\", \"dmz\" }", "iifname != \"wan\"", "iifname \"la*\"", "iif lan", "meta priority 0",
    "fib daddr type local", "fib daddr type unicast", "fib saddr . iif oif exists", "fib saddr . iif oif missing", "fib daddr oif \"wan\"", "fib saddr oifname \"lan\"",
    "fib daddr . iif type local", "fib saddr type { unicast, local }",
    "@nh,96,32 0xc0a8010a", "@th,16,16 80", "@th,0,16 40000", "@ih,0,8 0x78",
    "numgen inc mod 2 == 0", "numgen inc mod 3 { 0, 2 }", "jhash ip saddr . ip daddr mod 4 seed 0x1234 < 2", "jhash tcp sport mod 2 seed 1 0", "symhash mod 1 0",
    "rt classid 0", "socket transparent 0", "meta skuid 0", "meta cgroup 0", "tcp dport @ports", "udp dport @ports", "ip saddr @hosts", "ip daddr @hosts", "ip saddr . tcp dport @pairs",
]

OUT_MATCHES = ["oifname \"wan\"", "oif lan", "oifname { \"lan\", \"wan\" }", "meta oifname != \"wan\"", "rt ip nexthop 198.51.100.9", "rt mtu > 1000"]

ONLY_LOCAL = ("skuid", "cgroup", "socket ")

STATEMENTS = [
    "counter", "counter", "counter", "counter name \"total\"", "log", "log prefix \"a \" level warn", "log flags all",
    "limit rate 1/hour", "limit rate over 1/hour burst 2 packets", "limit rate 2/day burst 1 packets", "limit rate 100 bytes/hour burst 150 bytes", "limit name \"slow\"",
    "quota 100 bytes", "quota over 90 bytes", "quota name \"some\"",
    "meta mark set 1", "meta mark set 0x20", "meta mark set meta mark | 0x10", "meta mark set ct mark", "meta mark set meta mark & 0xf ^ 3", "ct mark set meta mark", "ct mark set 2",
    "ct mark set ct mark | 4", "meta mark set numgen inc mod 3 offset 100", "meta mark set jhash ip saddr mod 2 seed 7", "meta mark set ip saddr map { 192.168.1.10 : 5, 198.51.100.9 : 6 }",
    "meta mark set tcp dport map @marks", "meta priority set 1:2", "meta nftrace set 1",
    "ip dscp set ef", "ip dscp set cs1", "ip ttl set 20", "ip ecn set ce", "tcp option maxseg size set 1200", "tcp option maxseg size set rt mtu", "tcp dport set 8080", "udp dport set 5000",
    "tcp window set 1000", "ip daddr set 198.51.100.8", "ip saddr set 192.168.1.77",
    "add @seen { ip saddr }", "update @seen { ip saddr timeout 3h }", "add @seen { ip daddr }", "update @talk { ip saddr . ip daddr counter }", "add @rates { ip saddr limit rate 1/hour burst 2 packets }",
    "delete @hosts { ip saddr }", "add @opened { tcp dport : 3 }", "add @many { ip saddr ct count over 1 }", "ct count over 2", "ct count 3", "notrack",
]

VERDICTS = ["accept"] * 4 + ["drop"] * 3 + ["return", "continue"]
REJECTS = ["reject", "reject with icmp type host-unreachable", "reject with icmp type net-unreachable", "reject with icmp type prot-unreachable",
           "reject with icmp type port-unreachable", "reject with icmp type net-prohibited", "reject with icmp type host-prohibited", "reject with icmp type admin-prohibited",
           "reject with icmpx type port-unreachable", "reject with icmpx type admin-prohibited", "reject with icmpx type no-route", "reject with icmpx type host-unreachable"]

OBJECTS = {
    "@ports": "set ports { type inet_service; flags interval; elements = { 53, 80-90, 400-500 }; }",
    "@hosts": "set hosts { type ipv4_addr; flags timeout; elements = { 192.168.1.10 timeout 5h, 198.51.100.8 }; }",
    "@pairs": "set pairs { typeof ip saddr . tcp dport; elements = { 192.168.1.10 . 80, 198.51.100.9 . 22 }; }",
    "@seen": "set seen { type ipv4_addr; flags dynamic,timeout; timeout 2h; }",
    "@talk": "set talk { type ipv4_addr . ipv4_addr; flags dynamic; size 32; }",
    "@rates": "set rates { type ipv4_addr; flags dynamic,timeout; timeout 1h; size 128; }",
    "@many": "set many { type ipv4_addr; flags dynamic; size 8; }",
    "@opened": "map opened { type inet_service : mark; flags dynamic,timeout; timeout 4h; }",
    "@marks": "map marks { type inet_service : mark; elements = { 80 : 8, 443 : 9 }; }",
    '"total"': "counter total { packets 0 bytes 0; }", '"some"': "quota some { over 120 bytes; }", '"slow"': "limit slow { rate 1/hour burst 2 packets; }",
}


def proto_of(text):
    for word, proto in (("tcp ", "tcp"), ("udp ", "udp"), ("icmp ", "icmp"), ("icmpv6 ", "icmpv6")):
        if text.startswith(word) or " . " + word in text:
            return proto
    return None


class Writer:
    """Writes rules for one hook and remembers which objects they need."""

    def __init__(self, rng, matches=None, statements=None, family="inet", out=OUT_MATCHES):
        self.rng, self.matches, self.statements = rng, matches or MATCHES, statements or STATEMENTS
        self.family, self.out = family, out
        self.chains, self.parts = [], []

    def match(self, hook):
        while True:
            pool = self.matches + (self.out * 2 if hook in ("forward", "output", "postrouting") else [])
            text = self.rng.choice(pool)
            if any(word in text for word in ONLY_LOCAL) and hook != "output":
                continue
            if hook == "output" and ("iif" in text or "pkttype" in text):
                continue
            if hook in ("postrouting", "output", "forward") and "socket " in text:
                continue
            if "fib" in text and hook in ("output", "postrouting"):
                continue
            if "iif oif" in text and hook not in ("prerouting", "input", "forward"):
                continue
            if "daddr . iif" in text and hook not in ("prerouting", "input"):
                continue
            return text

    def verdict(self, hook, proto, regular):
        roll = self.rng.random()
        if self.chains and roll < 0.3:
            return "%s %s" % (self.rng.choice(["jump", "jump", "goto"]), self.rng.choice(self.chains))
        if roll < 0.5 and hook in ("input", "forward", "output", "prerouting"):
            if proto == "tcp" and self.rng.random() < 0.5:
                return "reject with tcp reset"
            return self.rng.choice([r for r in REJECTS if self.family == "inet" or "icmpx" not in r])
        return self.rng.choice(VERDICTS)

    def rule(self, hook, regular=False):
        parts, proto = [], None
        for _ in range(self.rng.choice([0, 1, 1, 1, 2])):
            text = self.match(hook)
            mine = proto_of(text)
            if mine and proto and mine != proto or (mine or proto) and ("l4proto" in text or "ip protocol" in text):
                continue
            proto = proto or mine
            parts.append(text)
            if " vmap " in text:
                return " ".join(parts)
        for _ in range(self.rng.choice([0, 1, 1, 1, 2])):
            text = self.rng.choice(self.statements)
            if text == "notrack" and hook not in ("prerouting", "output"):
                continue
            mine = proto_of(text) or ("tcp" if "tcp dport" in text else None)
            if mine and proto and mine != proto:
                continue
            if mine and not proto:
                parts.insert(0, "meta l4proto " + mine)
                proto = mine
            if "rt mtu" in text and hook not in ("forward", "output", "postrouting"):
                continue
            parts.append(text)
        if self.rng.random() < 0.6 or not parts:
            parts.append(self.verdict(hook, proto, regular))
        return " ".join(parts)

    def rules(self, hook, low, high):
        return [self.rule(hook) for _ in range(self.rng.randint(low, high))]

    def table(self, name, chains):
        """`chains`: (kind, hook, rules, priority, policy). Adds the objects the rules name and the regular chains."""
        body = self.parts + [b.base(kind, hook, rules, priority, policy, name="%s_%d" % (hook, i))
                             for i, (kind, hook, rules, priority, policy) in enumerate(chains)]
        text = "".join(body)
        objects = [b.obj(decl) for key, decl in OBJECTS.items() if key in text]
        self.parts = []
        return b.table(self.family, name, *objects, *body)

    def regular(self, names, hook):
        """Regular chains; each may jump to those named before it."""
        for name in names:
            rules = [self.rule(hook, True) for _ in range(self.rng.randint(1, 3))]
            self.parts.append(b.chain(name, rules))
            self.chains.append(name)
