"""Cases about `synproxy`: the router shakes hands with the client before the server hears of it."""
from . import build as b

C, S = b.LAN + ".10", b.WAN + ".9"
C6, S6 = b.LAN6 + ":10", b.WAN6 + ":9"
LOOSE_OFF = {"net.netfilter.nf_conntrack_tcp_loose": 0}
STATES = ["ct state %s counter" % state for state in ("invalid", "new", "established", "untracked")]
MANUAL = "ct state invalid,untracked synproxy %s"
CASES = {}


def case(make):
    CASES[make.__name__] = make
    return make


def rules(options, family="ip", statement=MANUAL, *more):
    """The ruleset of nft(8): the SYN is not tracked, what is untracked or invalid goes to synproxy."""
    return b.table(family, "s", *more, b.base("filter", "prerouting", ["tcp dport 80 tcp flags syn notrack"], "raw"),
                   b.base("filter", "forward", ["tcp dport 80 " + statement.replace("%s", options).strip(), "ct state invalid drop"]))


def around(family="ip"):
    """Counts what the packets that synproxy makes are to connection tracking."""
    return b.table(family, "around", b.base("filter", "output", STATES), b.base("filter", "postrouting", STATES))


def net(nft, stacks="", make=b.edge, **settings):
    out = make(nft, stacks=stacks)
    out["routers"][0]["sysctl"] = dict(LOOSE_OFF, **settings)
    return out


def of(net, *steps):
    return dict(net, steps=[step for part in steps for step in (part if isinstance(part, list) else [part])])


def syn(port=4000, **more):
    return b.send("c", b.tcp(C, port, S, 80, **dict({"opts": ["mss=1460", "sackok", "nop", "ws=7"]}, **more)))


def connected(to=S, port=4000):
    return [b.sock("listen", "L", host="s", port=80, **({"addr": to} if ":" in to else {})),
            b.sock("connect", "k", host="c", port=port, to=[to, 80])]


def exchange(answer=3000, late=False):
    """`late`: with timestamps the server refuses the ACK that synproxy sends, so that only data completes its side."""
    begin = [b.sock("accept", "L", **{"as": "a"}), b.sock("write", "k", len=1000)]
    return (begin[::-1] if late else begin) + [b.sock("read", "a"), b.sock("write", "a", len=answer), b.sock("read", "k"),
            b.sock("write", "k", len=700), b.sock("read", "a")]


@case
def synproxy_without_options():
    return of(net(rules("") + around()), syn(), b.reply("c", "A"), b.reply("s"), b.reply("c", "PA", len=10), b.reply("s", "PA", len=20),
              b.reply("c", "FA"), b.reply("s", "FA"), b.reply("c", "A"))


@case
def synproxy_as_in_the_manual():
    whole = net(rules("mss 1460 wscale 7 timestamp sack-perm") + around(), "cs")
    whole["sysctl"] = {"net.ipv4.tcp_timestamps": 1}
    return of(whole, connected(), exchange(1000, late=True), b.sock("close", "a", quiet_ms=70), b.sock("close", "k", quiet_ms=70))


@case
def synproxy_without_timestamps():
    return of(net(rules("mss 1400 wscale 7 sack-perm") + around(), "cs"), connected(), exchange(), b.sock("shutdown", "k", quiet_ms=70),
              b.sock("write", "a", len=10), b.sock("read", "k"), b.sock("close", "a", quiet_ms=70), b.sock("close", "k", quiet_ms=70))


@case
def synproxy_chosen_by_name():
    thing = b.obj("synproxy guard { mss 1300\n wscale 7\n timestamp sack-perm\n }")
    return of(net(rules("", "inet", 'synproxy name "guard"', thing), "cs"), connected(), exchange())


@case
def synproxy_and_ipv6():
    return of(dict(net(rules("mss 1440 wscale 7 timestamp sack-perm", "ip6") + around("ip6"), "cs", b.edge6), checksums="offloaded"), connected(S6), exchange())


@case
def synproxy_and_ipv6_without_checksum_offload():
    return of(net(rules("mss 1440 wscale 7", "ip6"), make=b.edge6), b.send("c", b.tcp(C6, 4000, S6, 80)))


@case
def synproxy_and_cookies_that_are_none():
    ack = lambda seq, ack, flags="A", port=4000, **more: b.send("c", b.tcp(C, port, S, 80, flags, seq, ack, **more))  # noqa: E731
    return of(net(rules("mss 1460 wscale 7 timestamp sack-perm") + around()), syn(), ack(1001, "I1+2"), ack(1002, "I1+1"), ack(1001, 77),
              ack(1001, "I1+1", port=4001), ack(1001, "I1+1", "R"), ack(1001, "I1+1", "FA"), ack(1001, "I1+1"))


@case
def synproxy_and_odd_segments():
    sent = [syn(4000 + n, flags=flags) for n, flags in enumerate(("S", "SF", "SEC", "SA", "SR", "R", "RA", "F", "FA", "", "PA", "FPU"))]
    return of(net(rules("mss 1460 wscale 7 timestamp sack-perm", "ip", "synproxy %s") + around()), sent, syn(4100, len=5), syn(4101, ttl=9, tos=184),
              syn(4102, badsum=True), b.send("c", b.udp(C, 4000, S, 80)))


@case
def synproxy_keeps_the_mss_of_the_client():
    steps = []
    for n, options in enumerate(([], ["mss=500"], ["mss=536"], ["mss=1299"], ["mss=1300"], ["mss=1445"], ["mss=9000"], ["ws=3"], ["sackok"])):
        steps += [b.send("c", b.tcp(C, 4000 + n, S, 80, opts=options)), b.reply("c", "A")]
    return of(net(rules("mss 1460 wscale 7 sack-perm")), steps)


@case
def synproxy_and_a_server_that_is_silent():
    again = [b.send("c", b.tcp(C, 4000 + n, S, 80, "A", 1000, "I%d+1" % (n + 1))) for n in range(2)]
    return of(net(rules("mss 1460 wscale 7 sack-perm") + around()), syn(), b.reply("c", "A", win=500), syn(4001, opts=["mss=536"]), b.reply("c", "A", win=501),
              again, b.reply("c", "A"), syn(), b.reply("c", "A"))


@case
def synproxy_and_a_server_that_answers_late():
    return of(net(rules("mss 1460 wscale 7 sack-perm") + around()), syn(win=600), b.reply("c", "A", win=601), b.send("c", b.tcp(C, 4000, S, 80, "A", 1001, "I1+1", win=602)),
              b.send("s", b.tcp(S, 80, C, 4000, "SA", 5000, 1001, opts=["mss=1400", "nop", "ws=4"], win=30000)), b.reply("c", "A", win=603),
              b.send("s", b.tcp(S, 80, C, 4000, "SA", 5000, 1001, opts=["mss=1400", "nop", "ws=4"], win=30000)), b.reply("c", "PA", len=10), b.reply("s", "A"),
              b.reply("s", "PA", len=20), b.reply("c", "A"))


@case
def synproxy_and_a_closed_port():
    return of(net(rules("mss 1460 wscale 7 timestamp sack-perm") + around(), "cs"), b.sock("connect", "k", host="c", port=4000, to=[S, 80]), b.sock("status", "k"))


@case
def synproxy_and_a_reset_of_the_client():
    return of(net(rules("mss 1460 wscale 7 timestamp sack-perm"), "cs"), connected(), exchange(), b.sock("reset", "k"), b.sock("status", "a"))


@case
def synproxy_and_a_reset_of_the_server():
    return of(net(rules("mss 1460 wscale 7 timestamp sack-perm"), "cs"), connected(), exchange(), b.sock("reset", "a"), b.sock("status", "k"))


@case
def synproxy_and_the_same_connection_again():
    return of(net(rules("mss 1460 wscale 7 sack-perm") + around()), syn(), b.reply("c", "A"), b.reply("s"), b.send("c", b.tcp(C, 4000, S, 80, "RA", 1001, "I1+1")),
              syn(seq=900000), b.reply("c", "A"), b.wait(11000), syn(seq=900000), b.reply("c", "A"), b.reply("s", seq=7000), b.reply("c", "PA", len=5), b.reply("s", "A"))


@case
def synproxy_and_a_new_connection_after_time_wait():
    whole = net(rules("mss 1460 wscale 7 sack-perm") + around())
    whole["routers"][0]["sysctl"].update({"net.netfilter.nf_conntrack_tcp_timeout_close": 100, "net.netfilter.nf_conntrack_tcp_timeout_time_wait": 100})
    ends = [b.send("c", b.tcp(C, 4000, S, 80, "FA", 1001, "I1+1")), b.send("s", b.tcp(S, 80, C, 4000, "FA", 5001, 1002)), b.send("c", b.tcp(C, 4000, S, 80, "A", 1002, "I1+2"))]
    return of(whole, syn(), b.reply("c", "A"), b.reply("s"), ends, syn(seq=900000), b.reply("c", "A"),
              b.send("c", b.tcp(C, 4000, S, 80, "S", 900000)), b.reply("s", seq=7000), b.reply("c", "A"))


@case
def synproxy_of_tracked_segments():
    return of(net(b.table("ip", "s", b.base("filter", "forward", ["tcp dport 80 synproxy mss 1460 wscale 7 sack-perm"])) + around(),
                  **{"net.netfilter.nf_conntrack_tcp_loose": 1}), syn(), b.reply("c", "A"), b.reply("s"), b.reply("c", "PA", len=5), b.reply("s", "A"))


@case
def synproxy_behind_masquerade():
    return of(net(rules("mss 1460 wscale 7 timestamp sack-perm") + b.MASQUERADE, "cs"), connected(), exchange())


def all_cases():
    return [dict({"name": name}, **make()) for name, make in CASES.items()]
