"""Cases made by hand, one question each; the name says which."""
from . import build as b

C, D, S, T, R = b.LAN + ".10", b.LAN + ".11", b.WAN + ".9", b.WAN + ".8", b.WAN + ".1"
CASES = {}


def case(make):
    CASES[make.__name__] = make
    return make


def forward(rules, policy="accept", *more):
    return b.table("inet", "f", *more, b.base("filter", "forward", rules, policy=policy))


def nat(pre=(), post=(), family="ip"):
    return b.table(family, "n", b.base("nat", "prerouting", list(pre)), b.base("nat", "postrouting", list(post)))


def flat(steps):
    return [one for step in steps for one in (flat(step) if isinstance(step, list) else [step])]


def of(net, *steps):
    return dict(net, steps=flat(steps))


def syn(n=0, dst=S, port=80, src=C, **more):
    return b.send("c" if src == C else "d" if src == D else "s" if src == S else "t", b.tcp(src, 4000 + n, dst, port, **more))


def dgram(n=0, dst=S, port=53, src=C, size=5, **more):
    return b.send("c" if src == C else "d" if src == D else "s" if src == S else "t", b.udp(src, 4000 + n, dst, port, size, **more))


# ---- hooks, chains, verdicts ----

@case
def accept_ends_only_its_base_chain():
    nft = b.table("ip", "a", b.base("filter", "forward", ["accept"], "0")) + b.table("ip", "z", b.base("filter", "forward", ["counter drop"], "1"))
    return of(b.edge(nft), dgram())


@case
def equal_priority_later_chain_first():
    nft = "".join(b.table(f, n, b.base("filter", "forward", ["counter"], "0")) for f, n in (("ip", "one"), ("inet", "two"), ("ip", "three")))
    return of(b.edge(nft), dgram())


@case
def every_hook_of_a_forwarded_packet():
    hooks = ("prerouting", "input", "forward", "output", "postrouting")
    return of(b.edge(b.table("inet", "f", *[b.base("filter", h, ["counter"]) for h in hooks])), dgram(), b.reply("s"))


@case
def every_hook_of_a_packet_to_the_router():
    hooks = ("prerouting", "input", "forward", "output", "postrouting")
    return of(b.edge(b.table("inet", "f", *[b.base("filter", h, ["counter"]) for h in hooks])), dgram(dst=R), b.send("c", b.echo(C, R)), syn(dst=R))


@case
def goto_does_not_come_back_and_jump_does():
    sub = [b.chain("a", ["counter", "return", "drop"]), b.chain("z", ["counter"])]
    return of(b.edge(b.table("ip", "f", *sub, b.base("filter", "forward", ["udp dport 53 jump a", "udp dport 53 counter", "goto z", "counter drop"]))), dgram(), dgram(1, port=54))


@case
def goto_from_a_jumped_chain_returns_to_the_first():
    sub = [b.chain("inner", ["counter"]), b.chain("outer", ["goto inner", "counter drop"])]
    return of(b.edge(b.table("ip", "f", *sub, b.base("filter", "forward", ["jump outer", "counter accept"], policy="drop"))), dgram())


@case
def return_in_a_base_chain_is_its_policy():
    return of(b.edge(forward(["udp dport 53 return", "counter accept"], "drop")), dgram(), dgram(1, port=54))


@case
def comments_and_handles_do_not_matter():
    return of(b.edge(forward(['udp dport 53 counter accept comment "names"', 'counter drop comment "rest"'])), dgram(), dgram(1, port=54))


@case
def ttl_runs_out_before_the_forward_hook():
    return of(b.edge(forward(["counter"]) + b.WATCH), dgram(ttl=1), dgram(1, ttl=2), b.send("c", b.echo(C, S, ttl=1)))


@case
def no_route_and_blackholes():
    return of(b.edge(b.WATCH), b.send("c", b.udp(C, 4, "203.0.113.1", 5)), b.send("c", b.udp(C, 5, "224.0.0.5", 5)), b.send("c", b.udp(C, 6, b.WAN + ".255", 5)))


# ---- connection tracking ----

@case
def states_of_a_whole_connection():
    return of(b.edge(b.WATCH), syn(), b.reply("s"), b.reply("c", "A"), b.reply("c", "PA", len=10), b.reply("s", "A"), b.reply("s", "PA", len=20), b.reply("c", "A"), b.reply("s", "FA"), b.reply("c", "A"), b.reply("c", "FA"), b.reply("s", "A"))


@case
def time_wait_is_reopened_by_a_syn():
    return of(b.edge(b.WATCH), syn(), b.reply("s"), b.reply("c", "A"), b.reply("c", "FA"), b.reply("s", "FA"), b.reply("c", "A"), syn(seq=900000), b.reply("s"))


@case
def simultaneous_open():
    return of(b.edge(b.WATCH), syn(), b.send("s", b.tcp(S, 80, C, 4000, "S", 7000)), b.send("c", b.tcp(C, 4000, S, 80, "SA", 1000, 7001)), b.send("s", b.tcp(S, 80, C, 4000, "SA", 7000, 1001)), b.send("c", b.tcp(C, 4000, S, 80, "A", 1001, 7001)))


@case
def simultaneous_close():
    return of(b.edge(b.WATCH), syn(), b.reply("s"), b.reply("c", "A"), b.send("c", b.tcp(C, 4000, S, 80, "FA", 1001, 5001)), b.send("s", b.tcp(S, 80, C, 4000, "FA", 5001, 1001)), b.send("c", b.tcp(C, 4000, S, 80, "A", 1002, 5002)), b.send("s", b.tcp(S, 80, C, 4000, "A", 5002, 1002)))


@case
def reset_before_an_answer_forgets_the_flow():
    return of(b.edge(b.WATCH), syn(), b.send("c", b.tcp(C, 4000, S, 80, "R", 1001)), syn(1), b.reply("s", "RA"), syn(1))


@case
def reset_inside_and_outside_the_window():
    return of(b.edge(b.WATCH), b.handshake("c", "s", b.tcp(C, 4000, S, 80)), b.send("s", b.tcp(S, 80, C, 4000, "R", 5500)), b.send("s", b.tcp(S, 80, C, 4000, "R", 900000)), b.send("s", b.tcp(S, 80, C, 4000, "R", 5001)), b.send("c", b.tcp(C, 4000, S, 80, "A", 1001, 5001)))


@case
def repeated_syn_and_syn_ack():
    return of(b.edge(b.WATCH), syn(), syn(), b.reply("s"), b.reply("s"), b.reply("c", "A"), b.reply("s", "SA", shift=-5000), b.reply("c", "A"))


@case
def window_scaling_widens_the_window():
    opts = ["mss=1460", "sackok", "nop", "ws=7"]
    return of(b.edge(b.WATCH), syn(opts=opts, win=500), b.send("s", b.tcp(S, 80, C, 4000, "SA", 5000, 1001, opts=opts, win=500)), b.reply("c", "A"), b.send("s", b.tcp(S, 80, C, 4000, "PA", 65000, 1001, len=10, win=500)), b.send("s", b.tcp(S, 80, C, 4000, "PA", 265000, 1001, len=10, win=500)))


@case
def loose_pickup_off():
    net = b.edge(b.WATCH)
    net["routers"][0]["sysctl"] = {"net.netfilter.nf_conntrack_tcp_loose": 0}
    return of(net, syn(flags="A", seq=50, ack=60), b.send("s", b.tcp(S, 80, C, 4000, "A", 60, 51)), syn(1))


@case
def odd_flags_are_invalid():
    return of(b.edge(b.WATCH), [syn(n, flags=f, ack=5) for n, f in enumerate(["", "F", "FA", "SF", "SR", "FPU", "SFRPAU", "SA", "R", "RA", "P", "U", "A", "PA", "SEC", "SPU"])])


@case
def bad_checksums_are_invalid():
    return of(b.edge(b.WATCH), syn(badsum=True), dgram(1, badsum=True), b.send("c", b.echo(C, S, badsum=True)), dgram(2))


@case
def checksum_not_looked_at():
    net = b.edge(b.WATCH)
    net["routers"][0]["sysctl"] = {"net.netfilter.nf_conntrack_checksum": 0}
    return of(net, syn(badsum=True), dgram(1, badsum=True), b.send("c", b.echo(C, S, badsum=True)))


@case
def udp_stream_after_two_seconds():
    return of(b.edge(b.WATCH), dgram(), b.reply("s"), dgram(), b.wait(2300), dgram(), b.reply("s"))


@case
def echo_replies_and_strange_icmp():
    kinds = [b.send("c", dict(b.echo(C, S), type=k)) for k in (0, 8, 13, 14, 15, 17, 9, 10, 30)]
    return of(b.edge(b.WATCH), kinds, b.reply("s"))


@case
def other_protocols_are_tracked_by_address():
    packets = [{"proto": p, "src": C, "dst": S, "len": 20} for p in (47, 50, 132, 136, 33, 253)]
    return of(b.edge(b.WATCH + b.MASQUERADE), [b.send("c", p) for p in packets], [b.send("s", dict(p, src=S, dst=R)) for p in packets[:2]])


@case
def dropped_and_rejected_packets_leave_no_entry():
    return of(b.edge(forward(["ct state new tcp dport 80 drop", "ct state new tcp dport 81 reject", "ct state new tcp dport 82 reject with tcp reset"])), syn(), syn(1, port=81), syn(2, port=82), syn(3, port=83))


@case
def no_tracking_without_a_rule_that_needs_it():
    return of(b.edge(b.table("ip", "f", b.base("filter", "forward", ["tcp dport 80 counter"]))), syn(), b.reply("s"))


@case
def timeouts_of_every_tcp_state():
    net = b.edge(b.WATCH)
    names = ("syn_sent", "syn_recv", "established", "fin_wait", "close_wait", "last_ack", "time_wait", "close", "unacknowledged", "max_retrans")
    net["routers"][0]["sysctl"] = {"net.netfilter.nf_conntrack_tcp_timeout_" + n: 1001 + 10 * i for i, n in enumerate(names)}
    return of(net, b.handshake("c", "s", b.tcp(C, 4000, S, 80)), b.reply("c", "FA"), b.reply("s", "A"), b.reply("s", "FA"), b.reply("c", "A"), b.handshake("c", "s", b.tcp(C, 4001, S, 80)), b.reply("s", "R"))


@case
def retransmissions_shorten_the_timeout():
    net = b.edge(b.WATCH)
    return of(net, b.handshake("c", "s", b.tcp(C, 4000, S, 80)), [b.send("c", b.tcp(C, 4000, S, 80, "PA", 1001, 5001, len=10))] * 5, b.reply("s", "A"))


@case
def entries_made_by_the_router_itself():
    return of(b.edge(b.WATCH + b.table("inet", "o", b.base("filter", "output", b.COUNT_STATES))), dgram(dst=R, port=9), b.send("c", b.echo(C, R)), syn(dst=R))


# ---- ICMP errors ----

@case
def port_unreachable_from_the_peer_is_related():
    return of(b.edge(b.WATCH), dgram(), b.reply("s", icmp=[3, 3]), dgram())


@case
def time_exceeded_from_a_middle_box():
    return of(b.edge(b.WATCH + b.MASQUERADE, outside=2), syn(), b.send("t", b.error(T, R, 11, 0, b.tcp(R, 4000, S, 80, ttl=1))), b.reply("c", icmp=[3, 1]))


@case
def errors_about_flows_never_seen():
    return of(b.edge(b.WATCH + b.MASQUERADE), dgram(), b.send("s", b.error(S, R, 3, 3, b.udp(R, 4999, S, 53))), b.send("s", b.error(S, C, 3, 3, b.udp(C, 4999, S, 53))))


@case
def error_with_a_cut_quote():
    return of(b.edge(b.WATCH + b.MASQUERADE), dgram(), b.send("s", b.error(S, R, 3, 3, b.udp(R, 4000, S, 53), quote=24)), b.send("s", b.error(S, R, 3, 3, b.udp(R, 4000, S, 53), quote=28)))


@case
def error_about_an_echo_through_nat():
    return of(b.edge(b.WATCH + b.MASQUERADE), b.send("c", b.echo(C, S)), b.reply("s", icmp=[11, 0]), b.send("c", b.echo(C, S)), b.reply("s"))


@case
def fragmentation_needed_through_nat():
    return of(b.edge(b.WATCH + b.MASQUERADE), b.handshake("c", "s", b.tcp(C, 4000, S, 80)), b.send("s", b.error(S, R, 3, 4, b.tcp(R, 4000, S, 80, "A", 1001, 5001, len=1000), rest=1400)))


@case
def error_in_answer_to_a_forwarded_port():
    return of(b.edge(nat(["tcp dport 80 dnat to %s:8080" % C]) + b.WATCH), b.send("s", b.tcp(S, 5000, R, 80)), b.reply("c", icmp=[3, 10]), b.reply("c"))


# ---- NAT ----

@case
def port_kept_when_free_changed_when_not():
    return of(b.edge(b.MASQUERADE + b.WATCH, inside=2, outside=2), dgram(), dgram(src=D), dgram(src=D, dst=T), dgram(src=D, port=54), dgram(dst=T), b.reply("s"), b.reply("t"))


@case
def low_ports_stay_low():
    flows = [b.send(h, b.udp(a, p, S, 53)) for p in (80, 700, 511, 512, 1023, 1024) for h, a in (("c", C), ("d", D))]
    return of(b.edge(b.MASQUERADE, inside=2), flows)


@case
def only_the_peer_may_answer():
    return of(b.edge(b.MASQUERADE + b.WATCH, outside=2), dgram(), b.send("s", b.udp(S, 54, R, 4000)), b.send("t", b.udp(T, 53, R, 4000)), b.send("s", b.udp(S, 53, R, 4000)))


@case
def unsolicited_packet_takes_the_port():
    return of(b.edge(b.MASQUERADE + b.WATCH, outside=2), b.send("t", b.udp(T, 53, R, 4000)), dgram(dst=T), b.send("t", b.udp(T, 53, R, 4000)))


@case
def hole_punching_meets_itself():
    return of(b.edge(b.MASQUERADE + b.WATCH), dgram(port=4000), b.send("s", b.udp(S, 4000, R, 4000)), dgram(port=4000))


@case
def nat_sees_only_the_first_packet():
    return of(b.edge(nat(["udp dport 53 counter dnat to %s" % C], ["counter"]) + b.WATCH), [b.send("s", b.udp(S, 5000, R, 53))] * 3, b.reply("c"))


@case
def rule_added_later_does_not_touch_old_flows():
    return of(b.edge(nat() + b.WATCH), b.send("s", b.udp(S, 5000, R, 53)), b.change("add rule ip n prerouting udp dport 53 dnat to " + C), b.send("s", b.udp(S, 5000, R, 53)), b.send("s", b.udp(S, 5001, R, 53)))


@case
def first_nat_chain_that_acts_wins():
    nft = b.table("ip", "n", b.base("nat", "prerouting", ["accept"], "-110", name="a"), b.base("nat", "prerouting", ["udp dport 53 dnat to " + C], "-100", name="z"), b.base("nat", "prerouting", ["counter dnat to " + D], "-90", name="never"))
    return of(b.edge(nft + b.WATCH, inside=2), b.send("s", b.udp(S, 5000, R, 53)), b.send("s", b.udp(S, 5000, R, 54)))


@case
def two_forwards_to_one_place():
    return of(b.edge(nat(["tcp dport { 80, 81 } dnat to %s:8080" % C]) + b.WATCH), b.send("s", b.tcp(S, 5000, R, 80)), b.send("s", b.tcp(S, 5000, R, 81)), b.reply("c"))


@case
def forward_and_masquerade_together():
    return of(b.edge(nat(["tcp dport 80 dnat to %s:8080" % C], ["masquerade"]) + b.WATCH), b.send("s", b.tcp(S, 5000, R, 80)), b.reply("c"), b.reply("s", "A"))


@case
def redirect_goes_to_the_address_of_the_way_in():
    return of(b.edge(nat(["tcp dport 80 redirect to :8080", "udp dport 53 redirect"]) + b.WATCH, stacks=""), syn(), dgram(), b.send("s", b.tcp(S, 5000, C, 80)))


@case
def echo_identifiers_are_translated():
    return of(b.edge(b.MASQUERADE, inside=2), b.send("c", b.echo(C, S)), b.reply("s"), b.send("d", b.echo(D, S)), b.reply("s"), b.send("d", b.echo(D, S, number=2)))


@case
def snat_over_several_addresses():
    return of(b.edge(nat(post=['oifname "wan" snat to 198.51.100.1-198.51.100.2']), inside=3, outside=2), [b.send(h, b.udp(a, 4000, x, 53)) for h, a in (("c", C), ("d", D), ("e", b.LAN + ".12")) for x in (S, T)])


@case
def persistent_and_random_source_ports():
    return of(b.edge(nat(post=["udp dport 53 masquerade random", "udp dport 54 masquerade fully-random", "udp dport 55 snat to %s:3000-3001 persistent" % R])), dgram(), dgram(), dgram(port=54), dgram(port=55), dgram(1, port=55), dgram(2, port=55))


@case
def map_of_networks():
    return of(b.edge(nat(["iifname wan dnat ip prefix to ip daddr map { 198.51.100.0/24 : 192.168.1.0/24 }"]) + b.WATCH), b.send("s", b.udp(S, 5000, b.WAN + ".2", 53)))


@case
def hairpin_with_and_without_masquerade():
    return of(b.edge(nat(["ip daddr %s tcp dport 80 dnat to %s" % (R, C)], ["ip saddr %s ip daddr %s masquerade" % (D, C)]) + b.WATCH, inside=3), syn(src=D, dst=R), b.reply("c"), b.reply("d", "A"), b.send("e", b.tcp(b.LAN + ".12", 4000, R, 80)), b.reply("c"))


@case
def nat_behind_nat():
    home = b.table("ip", "n", b.base("nat", "postrouting", ['oifname "mid" masquerade']))
    return of(b.chain_of_two(home + b.WATCH, b.MASQUERADE + b.WATCH, inside=2), dgram(), dgram(src=D), b.reply("s"), b.send("s", b.udp(S, 53, R, 4000)), b.send("s", b.udp(S, 54, R, 4000)), syn(3), b.reply("s"), b.reply("c", "A"))


@case
def one_port_evicted_by_a_later_syn():
    net = b.edge(nat(post=["meta l4proto tcp snat to %s:2000" % R]) + b.WATCH)
    life = b.handshake("c", "s", b.tcp(C, 4000, S, 80, seq=1000)) + [b.reply("c", "FA"), b.reply("s", "FA"), b.reply("c", "A")]
    return of(net, life, syn(1, seq=500), syn(2, seq=900000), b.reply("s", "SA"))


@case
def nat_of_ipv6():
    c6, s6, r6 = b.LAN6 + ":10", b.WAN6 + ":9", b.WAN6 + ":1"
    nft = nat(["tcp dport 80 dnat to [%s]:8080" % c6], ['oifname "wan" masquerade'], "ip6") + b.WATCH
    return of(b.edge6(nft), b.send("c", b.udp(c6, 4000, s6, 53)), b.reply("s"), b.send("s", b.tcp(s6, 5000, r6, 80)), b.reply("c"), b.send("c", b.echo(c6, s6)), b.reply("s"), b.send("c", b.udp(c6, 4001, s6, 54)), b.reply("s", icmp=[1, 4]))


# ---- rejects ----

@case
def every_reject_of_ipv4():
    kinds = ["", " with icmp type net-unreachable", " with icmp type host-unreachable", " with icmp type prot-unreachable", " with icmp type net-prohibited", " with icmp type host-prohibited", " with icmp type admin-prohibited",
             " with icmpx type port-unreachable", " with icmpx type admin-prohibited", " with icmpx type no-route", " with icmpx type host-unreachable", " with tcp reset"]
    return of(b.edge(forward(["tcp dport %d reject%s" % (n, k) for n, k in enumerate(kinds, 10)])), [syn(n, port=n) for n in range(10, 10 + len(kinds))], dgram(50, port=10))


@case
def every_reject_of_ipv6():
    kinds = ["", " with icmpv6 type no-route", " with icmpv6 type admin-prohibited", " with icmpv6 type addr-unreachable", " with icmpv6 type port-unreachable", " with icmpv6 type policy-fail", " with icmpv6 type reject-route", " with icmpx type no-route", " with tcp reset"]
    c6, s6 = b.LAN6 + ":10", b.WAN6 + ":9"
    return of(b.edge6(forward(["tcp dport %d reject%s" % (n, k) for n, k in enumerate(kinds, 10)])), [b.send("c", b.tcp(c6, 4000 + n, s6, n)) for n in range(10, 10 + len(kinds))])


@case
def reset_for_every_kind_of_segment():
    return of(b.edge(forward(["meta l4proto tcp reject with tcp reset"])), [syn(n, flags=f, ack=777, len=3) for n, f in enumerate(["S", "A", "PA", "FA", "SA", "R", "RA", "", "F", "SF"])])


@case
def reject_at_every_hook():
    nft = b.table("inet", "f", b.base("filter", "prerouting", ["udp dport 1 reject"]), b.base("filter", "input", ["udp dport 2 reject", "tcp dport 2 reject with tcp reset"]), b.base("filter", "forward", ["udp dport 3 reject"]), b.base("filter", "output", ["icmp type echo-reply reject", "udp sport 7 reject"]))
    return of(b.edge(nft), dgram(port=1), dgram(1, dst=R, port=2), syn(2, dst=R, port=2), dgram(3, port=3), b.send("c", b.echo(C, R)), dgram(4, dst=R, port=9))


@case
def rejects_share_the_rate_limit_of_icmp():
    net = b.edge(forward(["udp dport 53 reject"]), sysctl={"net.ipv4.icmp_ratelimit": 1000})
    return of(net, b.send("c", b.udp(C, 4000, S, 53), repeat=9), b.send("c", b.udp(C, 4000, R, 99)))


@case
def reject_translates_back_through_nat():
    return of(b.edge(nat(["udp dport 53 dnat to %s:54" % C]) + forward(["ct status dnat reject"])), b.send("s", b.udp(S, 5000, R, 53)))


# ---- limits, sets, marks ----

@case
def limit_and_its_mirror():
    return of(b.edge(forward(["limit rate 2/hour burst 3 packets counter", "limit rate over 2/hour burst 3 packets counter", "limit rate 1/hour counter"])), b.send("c", b.udp(C, 4000, S, 53), repeat=8))


@case
def limit_refills():
    return of(b.edge(forward(["limit rate 10/second burst 1 packets counter accept", "counter drop"])), dgram(), dgram(), b.wait(150), dgram(), dgram())


@case
def bytes_per_hour():
    return of(b.edge(forward(["limit rate 100 bytes/hour burst 100 bytes counter accept", "counter"])), [dgram(n, size=30) for n in range(5)])


@case
def quota_counts_bytes_even_when_over():
    return of(b.edge(forward(["quota over 66 bytes counter", "quota until 66 bytes counter"])), [dgram(n) for n in range(5)])


@case
def connections_are_counted_while_they_live():
    return of(b.edge(forward(["tcp dport 80 ct state new ct count over 2 counter reject with tcp reset"])), syn(), syn(1), b.wait(20), syn(2), b.wait(20), b.send("c", b.tcp(C, 4000, S, 80, "R", 1001)), b.wait(20), syn(3), b.wait(20), syn(4))


@case
def connections_per_host():
    return of(b.edge(forward(["ct state new add @many { ip saddr ct count over 1 } counter drop"], "accept", b.obj("set many { type ipv4_addr; flags dynamic; size 16; }")), inside=2), syn(), syn(1), syn(src=D), syn(1, src=D))


@case
def element_times_out():
    return of(b.edge(forward(["udp dport 53 add @seen { ip saddr }", "ip saddr @seen counter"], "accept", b.obj("set seen { type ipv4_addr; flags dynamic,timeout; timeout 1s; }"))), dgram(), dgram(1, port=54), b.wait(1300), dgram(1, port=54))


@case
def add_keeps_and_update_renews_the_timeout():
    return of(b.edge(forward(["udp dport 53 add @seen { ip saddr timeout 2s }", "udp dport 54 update @seen { ip saddr timeout 9s }", "ip saddr @seen counter"], "accept", b.obj("set seen { type ipv4_addr; flags dynamic,timeout; }")), inside=2), dgram(), dgram(src=D), b.wait(1200), dgram(), dgram(src=D, port=54), b.wait(1200), dgram(1, port=55), dgram(1, port=55, src=D))


@case
def set_full_and_element_there_already():
    return of(b.edge(forward(["add @small { udp dport } counter", "counter"], "accept", b.obj("set small { type inet_service; flags dynamic; size 2; }"))), [dgram(n, port=p) for n, p in enumerate((53, 53, 54, 55, 56, 53))])


@case
def intervals_and_concatenations():
    parts = [b.obj("set i { type ipv4_addr . inet_service; flags interval; elements = { 192.168.1.0/28 . 50-60, 192.168.1.10 . 70 }; }"), b.obj("set p { type inet_service; flags interval; auto-merge; elements = { 50-52, 53-55, 70 }; }")]
    return of(b.edge(forward(["ip saddr . udp dport @i counter", "udp dport @p counter", "udp dport != @p counter"], "accept", *parts)), [dgram(n, port=p) for n, p in enumerate((49, 50, 53, 60, 61, 70))])


@case
def mark_of_the_connection_comes_back():
    nft = b.table("inet", "m", b.base("filter", "prerouting", ["ct mark != 0 meta mark set ct mark counter", "ct state new tcp dport 80 ct mark set 7"], "mangle"), b.base("filter", "forward", ["meta mark 7 counter"]))
    return of(b.edge(nft), b.handshake("c", "s", b.tcp(C, 4000, S, 80)))


@case
def every_field_can_be_rewritten():
    rules = ["udp dport 53 ip dscp set ef", "udp dport 54 ip ttl set 7", "udp dport 55 udp dport set 5555", "udp dport 56 ip daddr set %s" % T, "tcp flags syn tcp option maxseg size set 1000", "tcp dport 81 tcp window set 99"]
    return of(b.edge(forward(rules), outside=2), [dgram(p, port=p) for p in (53, 54, 55, 56)], syn(opts=["mss=1460"]), syn(port=81, opts=["mss=900", "sackok"]), b.reply("s"))


@case
def maxseg_is_clamped_to_the_path():
    return of(b.edge(forward(["tcp flags syn tcp option maxseg size set rt mtu"])), syn(opts=["mss=9000"]), syn(1, opts=["mss=500"]), syn(2))


@case
def numgen_and_hash_spread():
    return of(b.edge(forward(["meta mark set numgen inc mod 3", "meta mark 0 counter", "meta mark 1 counter", "meta mark 2 counter", "jhash ip saddr . udp sport mod 2 seed 5 vmap { 0 : accept, 1 : drop }"])), [dgram(n) for n in range(8)])


@case
def fib_questions():
    nft = b.table("inet", "f", b.base("filter", "prerouting", ["fib daddr type local counter", "fib daddr type unicast counter", "fib saddr . iif oif missing counter drop", "fib daddr type broadcast counter", "fib daddr type multicast counter"]))
    return of(b.edge(nft), dgram(), dgram(dst=R), b.send("c", b.udp(S, 4000, S, 53), via=b.LAN + ".1"), b.send("c", b.udp("203.0.113.9", 4000, S, 53)), b.send("c", b.udp(C, 4000, b.LAN + ".255", 53), via=b.LAN + ".1"))


# ---- hosts ----

@case
def everything_at_a_closed_port():
    flags = ["S", "A", "SA", "F", "FA", "R", "RA", "", "PA", "SF", "FPU"]
    return of(b.edge("", stacks="s"), [syn(n, flags=f, ack=55, len=0 if "S" in f else 4) for n, f in enumerate(flags)], dgram(80), dgram(81, size=700), b.send("c", b.echo(C, S)), b.send("c", {"proto": 132, "src": C, "dst": S, "len": 20}))


@case
def a_connection_between_two_hosts():
    return of(b.edge("", stacks="cs"), b.sock("listen", "L", host="s", port=80), b.sock("connect", "k", host="c", to=[S, 80]), b.sock("accept", "L", **{"as": "a"}), b.sock("write", "k", data="hello"), b.sock("read", "a"), b.sock("write", "a", len=3000), b.sock("read", "k"),
              b.sock("close", "k", quiet_ms=70), b.sock("read", "a"), b.sock("close", "a", quiet_ms=70))


@case
def refused_and_forbidden_connections():
    return of(b.edge(forward(["tcp dport 82 reject", "tcp dport 83 reject with tcp reset", "tcp dport 84 reject with icmp type admin-prohibited", "tcp dport 85 drop"]), stacks="cs"), [[b.sock("connect", "k%d" % p, host="c", to=[S, p]), b.sock("status", "k%d" % p)] for p in (81, 82, 83, 84, 85)])


@case
def hosts_behind_masquerade():
    return of(b.edge(b.MASQUERADE + b.WATCH, inside=2, stacks="cds"), b.sock("listen", "L", host="s", port=80), b.sock("connect", "k", host="c", port=5000, to=[S, 80]), b.sock("connect", "j", host="d", port=5000, to=[S, 80]), b.sock("accept", "L", **{"as": "a"}), b.sock("accept", "L", **{"as": "z"}),
              b.sock("write", "a", len=10), b.sock("read", "k"), b.sock("write", "z", len=20), b.sock("read", "j"), b.sock("reset", "k"), b.sock("status", "a"))


@case
def mss_of_a_host_through_a_small_path():
    return of(b.edge("", stacks="s"), b.sock("listen", "L", host="s", port=80), b.send("c", b.tcp(C, 4000, S, 80, opts=["mss=500", "nop", "ws=1"], win=8000)), b.reply("c", "A"), b.sock("accept", "L", **{"as": "a"}), b.sock("write", "a", len=1700), b.reply("c", "A"))


@case
def rules_on_the_way_to_a_listening_host():
    return of(b.edge(forward(["ct state established accept", "tcp dport 80 ct state new accept"], "drop"), stacks="s"), b.sock("listen", "L", host="s", port=80), b.sock("listen", "M", host="s", port=81), syn(), b.reply("c", "A"), b.sock("accept", "L", **{"as": "a"}), syn(1, port=81), b.sock("write", "a", len=9), b.reply("c", "A"))


def all_cases():
    return [dict({"name": name}, **make()) for name, make in CASES.items()]
