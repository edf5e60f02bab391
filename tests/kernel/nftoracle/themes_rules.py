"""Themes about rules: matches, statements, chains, sets, marks, rejects, changes. Each function makes one random case."""
from . import build as b
from . import traffic as t
from .language import REJECTS, Writer

PAIRS = [("c", "s"), ("c", "s"), ("s", "c"), ("c", "t")]
ROUTER = [b.WAN + ".1", b.LAN + ".1"]
PRIORITY = {"prerouting": ["raw", "mangle", "filter", "dstnat + 1", "-310"], "input": ["filter", "mangle", "5"], "forward": ["filter", "filter - 1", "mangle", "security"],
            "output": ["raw", "filter", "mangle", "-90"], "postrouting": ["filter", "mangle", "srcnat + 1"]}


def _with_nat(rng, nft, chance=0.4):
    return nft + (b.MASQUERADE if rng.random() < chance else "")


def _run(rng, nft, pairs=None, low=3, high=6, **more):
    case = b.edge(_with_nat(rng, nft), outside=2, inside=2, **more)
    return dict(case, steps=t.mixture(rng, case, pairs or PAIRS, rng.randint(low, high), ROUTER))


def anything(rng):
    """Every kind of match and statement at every hook."""
    w = Writer(rng, family=rng.choice(["inet", "ip"]))
    chains = []
    w.regular(["one", "two"][:rng.randint(0, 2)], "forward")
    known = w.chains
    for hook in rng.sample(["prerouting", "input", "output", "postrouting"], rng.randint(0, 2)) + ["forward"]:
        w.chains = known if hook == "forward" else []
        chains.append(("filter", hook, w.rules(hook, 2, 6), rng.choice(PRIORITY[hook]), rng.choice(["accept", "accept", "drop"]) if hook == "forward" else "accept"))
    return _run(rng, w.table("f", chains))


def one_match(rng):
    """Counters behind one match each: which packets fit."""
    w = Writer(rng, family=rng.choice(["inet", "ip"]))
    hook = rng.choice(["forward", "forward", "prerouting", "input", "postrouting"])
    rules = ["%s counter" % w.match(hook) for _ in range(8)]
    rules = [r.replace(" counter", "") if "vmap" in r else r for r in rules]
    return _run(rng, w.table("f", [("filter", hook, rules, None, "accept")]), low=4)


def one_statement(rng):
    """Rules with statements only: state kept between packets and what is rewritten."""
    w = Writer(rng, matches=["meta l4proto tcp", "meta l4proto udp", "iifname \"lan\"", "ct state new", "tcp dport 80", "udp dport 53", "icmp type echo-request"])
    hook = rng.choice(["forward", "prerouting", "forward", "postrouting", "output"])
    return _run(rng, w.table("f", [("filter", hook, w.rules(hook, 4, 8), rng.choice(PRIORITY[hook]), "accept")]), low=4)


def chains(rng):
    """jump, goto, return, policies; several base chains on a hook."""
    w = Writer(rng, matches=["iifname \"lan\"", "tcp dport 80", "tcp dport 22", "udp dport 53", "meta l4proto icmp", "ct state new", "ct state established", "meta l4proto tcp", "meta mark 1"],
               statements=["counter", "meta mark set 1", "counter", "meta mark set 2"])
    w.regular(["a", "b", "c", "d"], "forward")
    bases = [("filter", "forward", w.rules("forward", 2, 5), rng.choice(["filter", "filter", "-1", "10", "mangle"]), rng.choice(["accept", "accept", "drop"])) for _ in range(rng.randint(1, 4))]
    first = w.table("f", bases)
    w.chains = []
    w.family = "ip"
    second = w.table("g", [("filter", "forward", w.rules("forward", 1, 3), rng.choice(["filter", "5"]), "accept")])
    return _run(rng, first + second)


def sets(rng):
    """Sets that packets fill: timeouts, updates, counters and limits in elements, deletion."""
    w = Writer(rng, matches=["ip saddr @seen", "ip saddr @seen", "ip saddr @hosts", "tcp dport @opened", "ip daddr @seen", "tcp dport 80", "udp dport 53", "iifname \"lan\"", "ct state new"],
               statements=["counter", "add @seen { ip saddr }", "update @seen { ip saddr timeout 3h }", "add @seen { ip daddr timeout 30m }", "update @talk { ip saddr . ip daddr counter }",
                           "add @rates { ip saddr limit rate 1/hour burst 2 packets }", "delete @seen { ip saddr }", "delete @hosts { ip saddr }",
                           "add @many { ip saddr ct count over 1 }", "update @opened { tcp dport : 7 }", "meta mark set tcp dport map @opened"])
    hook = rng.choice(["forward", "forward", "prerouting", "input"])
    w.matches = [m for m in w.matches if m != "tcp dport @opened"]
    return _run(rng, w.table("f", [("filter", hook, w.rules(hook, 4, 8), None, "accept")]), low=4, high=7)


def knocking(rng):
    """Port knocking with two or three stages."""
    ports = rng.sample([1111, 2222, 3333, 4444], 3)
    stages = rng.choice([2, 3])
    rules, names = [], ["k%d" % n for n in range(1, stages + 1)]
    for n in range(stages - 1, 0, -1):
        rules.append("tcp dport %d ip saddr @%s add @%s { ip saddr timeout 1h } drop" % (ports[n], names[n - 1], names[n]))
    rules += ["tcp dport %d add @%s { ip saddr timeout 1h } drop" % (ports[0], names[0]), "tcp dport 22 ip saddr @%s counter accept" % names[-1],
              "ct state established accept", "tcp dport 22 counter %s" % rng.choice(["drop", "reject with tcp reset"])]
    nft = b.table("inet", "k", *[b.obj("set %s { type ipv4_addr; flags timeout,dynamic; }" % n) for n in names],
                  b.base("filter", rng.choice(["input", "forward"]), rules))
    case = b.edge(nft, outside=2, inside=2)
    dst = b.WAN + ".1" if "hook input" in nft else b.LAN + ".10"
    steps = []
    for _ in range(rng.randint(8, 14)):
        who = rng.choice("sst")
        steps.append(b.send(who, b.tcp(t.addr_of(case, who), rng.choice([5000, 5001]), dst, rng.choice(ports[:stages] + [22, 22, 80]))))
    return dict(case, steps=steps)


def marks(rng):
    """Packet and connection marks: set, saved, restored, combined, matched."""
    w = Writer(rng, matches=["meta mark 0", "meta mark 1", "meta mark & 2 == 2", "ct mark 0", "ct mark { 1, 3 }", "ct mark != 0", "tcp dport 80", "udp dport 53", "iifname \"lan\"", "ct direction reply"],
               statements=["counter", "meta mark set 1", "meta mark set ct mark", "ct mark set meta mark", "ct mark set 3", "meta mark set meta mark | 2", "ct mark set ct mark & 0xfe", "meta mark set ip saddr map { 192.168.1.10 : 1, 192.168.1.11 : 2, 198.51.100.9 : 3 }",
                           "ct mark set tcp dport map { 22 : 1, 80 : 2, 443 : 3 }", "meta mark set ct mark ^ 0xff"])
    chains_ = [("filter", hook, w.rules(hook, 2, 5), rng.choice(PRIORITY[hook]), "accept") for hook in rng.sample(["prerouting", "forward", "postrouting", "input", "output"], rng.randint(1, 3))]
    return _run(rng, w.table("f", chains_), low=4)


def maps(rng):
    """Verdict maps and maps, plain, with intervals, concatenated, named."""
    sub = [b.chain(n, [rng.choice(["counter", "accept", "drop", "reject", "meta l4proto tcp counter drop", "return"]) for _ in range(2)]) for n in ("x", "y")]
    pick = lambda: rng.choice(["accept", "drop", "jump x", "jump y", "goto x", "goto y", "continue"])
    rules = rng.sample([
        "tcp dport vmap { 22 : %s, 80 : %s, 443-8080 : %s }" % (pick(), pick(), pick()), "ip saddr vmap { 192.168.1.10 : %s, 198.51.100.0/24 : %s }" % (pick(), pick()),
        "ip saddr . tcp dport vmap { 192.168.1.10 . 80 : %s, 198.51.100.9 . 22 : %s }" % (pick(), pick()), "meta l4proto vmap { tcp : %s, udp : %s, icmp : %s }" % (pick(), pick(), pick()),
        "ct state vmap { new : %s, established : %s, invalid : %s }" % (pick(), pick(), pick()), "iifname . oifname vmap { \"lan\" . \"wan\" : %s, \"wan\" . \"lan\" : %s }" % (pick(), pick()),
        "ip daddr vmap @named", "udp dport vmap { 53 : %s, 0-52 : %s, 54-65535 : %s }" % (pick(), pick(), pick()), "tcp flags vmap { syn : %s, syn | ack : %s, ack : %s }" % (pick(), pick(), pick()),
        "meta mark set ip saddr . tcp dport map { 192.168.1.10 . 80 : 1, 192.168.1.10 . 443 : 2 }", "meta mark set tcp dport map { 0-1023 : 1, 1024-65535 : 2 } counter", "meta mark vmap { 1 : %s, 2 : %s }" % (pick(), pick()),
        "icmp type vmap { echo-request : %s, echo-reply : %s }" % (pick(), pick()), "ip protocol . th dport vmap { tcp . 0-1023 : %s, udp . 53 : %s }" % (pick(), pick())], rng.randint(3, 6))
    named = b.obj("map named { type ipv4_addr : verdict; elements = { 198.51.100.9 : %s, 192.168.1.10 : %s }; }" % (pick(), pick()))
    rules = ["counter"] + rules + ["counter"]
    return _run(rng, b.table("inet", "f", *sub, named, b.base("filter", "forward", rules)), low=4)


def quotas(rng):
    """limit, quota, ct count and counters, anonymous and named."""
    w = Writer(rng, matches=["tcp dport 80", "udp dport 53", "iifname \"lan\"", "ct state new", "meta l4proto udp", "meta l4proto icmp", "ct original packets > 2", "ct bytes > 80", "ct reply packets >= 1", "ct avgpkt < 60"],
               statements=["counter", "counter name \"total\"", "limit rate 1/hour", "limit rate 1/hour burst 1 packets", "limit rate over 3/hour burst 2 packets", "limit rate 100 bytes/hour burst 150 bytes", "limit rate over 1 kbytes/day burst 60 bytes",
                           "limit name \"slow\"", "quota 100 bytes", "quota over 90 bytes", "quota name \"some\"", "ct count 1", "ct count over 1", "ct count over 2", "add @many { ip saddr ct count over 1 }", "add @rates { ip saddr limit rate 1/hour burst 2 packets }"])
    hook = rng.choice(["forward", "forward", "prerouting", "input"])
    case = b.edge(_with_nat(rng, w.table("f", [("filter", hook, w.rules(hook, 3, 7), None, "accept")])), inside=2, outside=2)
    steps = []
    for number in range(rng.randint(6, 12)):
        client, server = rng.choice(PAIRS + [("d", "s")])
        packet = t.first_packet(rng, t.addr_of(case, client), rng.choice([t.addr_of(case, server)] * 3 + ROUTER), ports=[80, 53])
        if "sport" in packet:
            packet["sport"] += number
        steps += [b.send(client, packet)] * rng.randint(1, 2) + [b.reply(server)] * rng.randint(0, 1)
    return dict(case, steps=steps)


def rejects(rng):
    """Every kind of reject at every hook it may stand in, for every kind of packet."""
    w = Writer(rng, matches=["tcp dport 80", "tcp dport 22", "udp dport 53", "udp dport 123", "meta l4proto icmp", "tcp flags & (syn|ack) == syn", "ct state established", "ct state invalid", "iifname \"lan\"", "meta l4proto tcp", "ip ttl 63"], statements=["counter"])
    w.verdict = lambda hook, proto, regular: rng.choice(REJECTS + ["accept", "drop"] + (["reject with tcp reset"] * 8 if proto == "tcp" else []))
    chains_ = [("filter", hook, w.rules(hook, 2, 4), rng.choice(PRIORITY[hook]), "accept") for hook in rng.sample(["prerouting", "forward", "input", "output"], rng.randint(1, 3))]
    watch = b.table("inet", "watch", b.base("filter", "output", b.COUNT_STATES, "filter + 20"))
    return _run(rng, w.table("f", chains_) + rng.choice(["", watch]), low=4)


def untracked(rng):
    """notrack, loose pickup of running connections, conntrack's settings."""
    w = Writer(rng, matches=["tcp dport 80", "tcp sport 80", "udp dport 53", "iifname \"lan\"", "iifname \"wan\"", "meta l4proto icmp", "fib daddr type local", "ip saddr 192.168.1.10"], statements=["notrack", "notrack", "counter"])
    raw = w.rules("prerouting", 1, 3)
    out = w.rules("output", 0, 2)
    nft = w.table("raw", [("filter", "prerouting", raw, "raw", "accept"), ("filter", "output", [r for r in out if "iif" not in r and "fib" not in r], "raw", "accept")]) + b.WATCH
    settings = rng.choice([{}, {}, {"net.netfilter.nf_conntrack_tcp_loose": 0}, {"net.netfilter.nf_conntrack_tcp_be_liberal": 1}, {"net.netfilter.nf_conntrack_checksum": 0}, {"net.netfilter.nf_conntrack_acct": 0},
                           {"net.netfilter.nf_conntrack_tcp_timeout_established": 1000, "net.netfilter.nf_conntrack_udp_timeout": 45, "net.netfilter.nf_conntrack_icmp_timeout": 20}])
    case = b.edge(_with_nat(rng, nft), inside=2, outside=2)
    case["routers"][0]["sysctl"] = settings
    steps = t.mixture(rng, case, PAIRS, rng.randint(3, 5), ROUTER)
    src, dst = t.addr_of(case, "c"), t.addr_of(case, "s")
    steps += [b.send("c", b.tcp(src, 45000, dst, 80, "A", 7000, 9000)), b.reply("s", "A"), b.reply("c", "PA", len=5), b.send("s", b.tcp(dst, 80, src, 45000, "A", 9000, 7005)), b.reply("c", rng.choice(["FA", "R", "S"]))]
    steps.append(b.send("c", dict(b.udp(src, 3333, dst, 53), badsum=True)))
    return dict(case, steps=steps)


def changes(rng):
    """Rules, elements and chains change while flows go on."""
    nft = b.table("inet", "f", b.obj("set ok { type ipv4_addr; flags timeout; elements = { 192.168.1.10 }; }"), b.obj("counter hits { packets 0 bytes 0; }"), b.chain("extra", ["counter"]),
                  b.base("filter", "forward", ["ct state established counter accept", "ip saddr @ok counter name \"hits\" accept", "jump extra", "udp dport 53 counter accept"], policy="drop"))
    nft += b.table("ip", "n", b.base("nat", "prerouting", []), b.base("nat", "postrouting", rng.choice([[], ['oifname "wan" masquerade']])))
    edits = ["add element inet f ok { 198.51.100.9 }", "delete element inet f ok { 192.168.1.10 }", "add rule inet f extra tcp dport 22 accept", "insert rule inet f extra udp dport 123 counter drop", "flush chain inet f extra", "flush set inet f ok",
             "add rule ip n prerouting tcp dport 80 dnat to 192.168.1.10:8080", "add rule ip n postrouting oifname wan snat to 198.51.100.2", "add chain inet f late { type filter hook forward priority 5; policy accept; }; add rule inet f late counter",
             "flush chain inet f forward", "chain inet f forward { policy accept; }", "delete table ip n", "add table ip m { chain x { type filter hook prerouting priority -1; counter; }; }", "reset counter inet f hits",
             "add element inet f ok { 198.51.100.8 timeout 2h }", "insert rule inet f forward index 1 tcp dport 443 reject with tcp reset", "add rule inet f nowhere counter", "flush table inet f", "add element inet f ok { 192.168.1.10 }"]
    case = b.edge(nft, inside=2, outside=2)
    steps = []
    for _ in range(rng.randint(3, 6)):
        steps += t.mixture(rng, case, PAIRS, 1, ROUTER)
        steps.append(b.change(rng.choice(edits)))
        if rng.random() < 0.5:
            steps.append(b.reply(rng.choice("cs"), rng.choice(["PA", "A"]), len=4))
    steps += t.mixture(rng, case, PAIRS, 1)
    return dict(case, steps=steps)


def six(rng):
    """IPv6: headers, ICMPv6, rejects, sets of addresses; both families in one table."""
    w = Writer(rng, matches=["ip6 saddr fd00:1::/64", "ip6 saddr fd00:1::10", "ip6 daddr 2001:db8:9::9", "ip6 daddr { 2001:db8:9::8, 2001:db8:9::1 }", "ip6 hoplimit 63", "ip6 hoplimit > 63", "ip6 nexthdr tcp", "ip6 nexthdr { tcp, udp }", "ip6 length < 30", "ip6 dscp cs0",
                             "meta nfproto ipv6", "meta nfproto ipv4", "icmpv6 type echo-request", "icmpv6 type { echo-request, echo-reply }", "icmpv6 type destination-unreachable", "icmpv6 code 0", "icmpv6 id 7", "tcp dport 80", "udp dport { 53, 123 }", "meta l4proto ipv6-icmp",
                             "ct state new", "ct state established,related", "ct state invalid", "ct original ip6 saddr fd00:1::10", "ip6 saddr . tcp dport { fd00:1::10 . 80 }", "ip6 saddr & ffff:ffff:ffff:ffff:: == fd00:1::", "iifname \"lan\"", "fib daddr type local", "ip6 version 6", "ip saddr 192.168.1.10"],
               out=["oifname \"wan\"", "oif lan"],
               statements=["counter", "counter", "meta mark set 1", "ip6 dscp set ef", "ip6 hoplimit set 5", "limit rate 1/hour burst 1 packets", "add @seen6 { ip6 saddr }", "log"])
    rej = ["reject", "reject with icmpv6 type admin-prohibited", "reject with icmpv6 type no-route", "reject with icmpv6 type addr-unreachable", "reject with icmpx type admin-prohibited", "reject with icmpv6 type policy-fail", "reject with icmpx type host-unreachable"]
    w.verdict = lambda hook, proto, regular: rng.choice(["accept"] * 3 + ["drop"] * 2 + (rej if hook != "postrouting" else []) + (["reject with tcp reset"] * 3 if proto == "tcp" and hook != "postrouting" else []))
    chains_ = [("filter", hook, w.rules(hook, 2, 6), rng.choice(PRIORITY[hook]), "accept") for hook in rng.sample(["prerouting", "input", "output", "postrouting"], rng.randint(0, 2)) + ["forward"]]
    w.parts = [b.obj("set seen6 { type ipv6_addr; flags dynamic,timeout; timeout 2h; }")]
    case = b.edge6(w.table("f", chains_), inside=2, outside=2, stacks=rng.choice(["", "", "s"]))
    steps = t.mixture(rng, case, PAIRS, rng.randint(3, 6), ["2001:db8:9::1", b.LAN6 + ":1", b.WAN + ".1"], six=True)
    if rng.random() < 0.4:
        steps.append(b.send("c", dict(b.udp(b.LAN6 + ":10", 4000, rng.choice(["2001:db8:9::9", "2001:db8:77::1"]), 53), ttl=rng.choice([1, 64]))))
    return dict(case, steps=steps)


ALL = [anything, anything, one_match, one_statement, chains, sets, knocking, marks, maps, quotas, rejects, untracked, changes, six]
