#!/usr/bin/python3
"""icmp_errors.py - ask the kernel for its ICMP messages and what the processes are told; writes icmp_errors.json.

Run as root. client 10.0.1.1 - router 10.0.1.254/10.0.2.254 - server 10.0.2.2; the link router-server has MTU 1400.
The same with fd00:1:: and fd00:2::. icmp_ratelimit is 0 except in the last case.
"""
import errno, socket, struct, sys, time

from lab import Lab, about, brief, dump, packets, save

NAMES = {'10.0.1.1': 'client', '10.0.2.2': 'server', '10.0.1.254': 'router', '10.0.2.254': 'router',
         'fd00:1::1': 'client', 'fd00:2::2': 'server', 'fd00:1::254': 'router', 'fd00:2::254': 'router', '127.0.0.1': 'lo'}
V4, V6, UDP = socket.AF_INET, socket.AF_INET6, socket.SOCK_DGRAM
SERVER, NOWHERE, ABSENT = {V4: '10.0.2.2', V6: 'fd00:2::2'}, {V4: '10.9.9.9', V6: 'fd00:9::9'}, {V4: '10.0.2.77', V6: 'fd00:2::77'}
IP_RECVERR, IPV6_RECVERR, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, MSG_ERRQUEUE = 11, 25, 10, 23, 0x2000


class Case:
    def __init__(self, family, ratelimit=0):
        self.family = family
        self.lab = Lab(['client', 'router', 'server'],
                       [('client', '10.0.1.1/24 fd00:1::1/64', 'router', '10.0.1.254/24 fd00:1::254/64', 1500),
                        ('router', '10.0.2.254/24 fd00:2::254/64', 'server', '10.0.2.2/24 fd00:2::2/64', 1400)],
                       [('net.ipv4.ip_forward', 1), ('net.ipv6.conf.all.forwarding', 1), ('net.ipv4.icmp_ratelimit', ratelimit),
                        ('net.ipv6.icmp.ratelimit', ratelimit)], quiet6=False)
        for h, via in (('client', ('10.0.1.254', 'fd00:1::254')), ('server', ('10.0.2.254', 'fd00:2::254'))):
            for v in via:
                self.lab.ip(h, 'route', 'add', 'default', 'via', v)
        self.warm()
        self.sniffer = self.lab.sniff('client', 'to_router')

    def warm(self):
        s = self.udp()
        s.sendto(b'warm', (SERVER[self.family], 9))
        time.sleep(0.2)
        s.close()

    def udp(self, bind=None, **options):
        s = self.lab.socket('client', self.family, UDP)
        s.settimeout(0.3)
        if bind: s.bind(bind)
        return s

    def do(self, call, fn, pause=0.05, who='client'):
        value = self.lab.do(who, call, fn)
        time.sleep(pause)
        return value

    def finish(self):
        ps = brief(packets(self.lab, self.sniffer, NAMES, lambda p: not p['src'].startswith('fe80')),
                   ['ttl', 'tos', 'df', 'total'], ('sport', 'src', 'dst', 'opt'))
        for p in ps:
            if p.get('quote'):
                p['quote'] = {k: v for k, v in p['quote'].items() if k not in ('ip', 'src', 'dst', 'id', 'sport', 'opt', 'urg', 'ip_payload', 'win', 'flow')}
        self.lab.close()
        return {'steps': self.lab.steps, 'packets': ps}


def errqueue(s):
    """One extended error: errno, origin (2 ICMP, 3 ICMPv6, 1 local), type, code, info (an MTU)."""
    data, anc, flags, addr = s.recvmsg(2000, 512, MSG_ERRQUEUE)
    for level, kind, d in anc:
        if (level, kind) in ((0, IP_RECVERR), (41, IPV6_RECVERR)):
            e, origin, typ, code, _, info, _ = struct.unpack('IBBBBII', d[:16])
            return f'{errno.errorcode[e]} origin {origin} type {typ} code {code} info {info}, payload {len(data)} bytes'
    return 'none'


def udp_closed_connected(c):
    s = c.udp()
    s.connect((SERVER[c.family], 7777))
    c.do('send(20) connected', lambda: s.send(b'x' * 20))
    c.do('recv()', lambda: s.recv(100))
    c.do('recv() again', lambda: s.recv(100))
    c.do('send(20)', lambda: s.send(b'x' * 20))
    c.do('send(20) right after the next ICMP', lambda: s.send(b'x' * 20))
    c.do('send(20) once more', lambda: s.send(b'x' * 20))


def udp_closed_unconnected(c):
    s = c.udp()
    c.do('sendto(20) unconnected', lambda: s.sendto(b'x' * 20, (SERVER[c.family], 7777)))
    c.do('recv()', lambda: s.recv(100))
    c.do('sendto(20)', lambda: s.sendto(b'x' * 20, (SERVER[c.family], 7777)))
    c.do('SO_ERROR', lambda: s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def udp_closed_recverr(c):
    s = c.udp()
    s.setsockopt(*((0, IP_RECVERR) if c.family == V4 else (41, IPV6_RECVERR)), 1)
    c.do('sendto(20) unconnected with RECVERR', lambda: s.sendto(b'x' * 20, (SERVER[c.family], 7777)))
    c.do('recv()', lambda: s.recv(100))
    c.do('recvmsg(MSG_ERRQUEUE)', lambda: errqueue(s))


def udp_closed_quote_sizes(c):
    """How much of the offending packet is quoted."""
    for size in (0, 8, 100, 500, 520, 528, 540, 548, 560, 700, 1000, 1200, 1204, 1300):
        s = c.udp()
        c.do(f'sendto({size})', lambda: s.sendto(b'x' * size, (SERVER[c.family], 7777)))


def udp_closed_tos(c):
    """TOS of the answer to a packet with TOS 0x10 and 0xb8."""
    for tos in (0, 0x10, 0xb8):
        s = c.udp()
        s.setsockopt(*((0, socket.IP_TOS) if c.family == V4 else (41, socket.IPV6_TCLASS)), tos)
        c.do(f'sendto(20) with tos {tos:#x}', lambda: s.sendto(b'x' * 20, (SERVER[c.family], 7777)))


def ttl_exceeded(c):
    s = c.udp()
    s.setsockopt(*((0, socket.IP_TTL) if c.family == V4 else (41, socket.IPV6_UNICAST_HOPS)), 1)
    s.connect((SERVER[c.family], 7777))
    c.do('send(20) with TTL 1', lambda: s.send(b'x' * 20))
    c.do('recv()', lambda: s.recv(100))
    c.do('SO_ERROR', lambda: s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    s.setsockopt(*((0, IP_RECVERR) if c.family == V4 else (41, IPV6_RECVERR)), 1)
    c.do('send(20) with TTL 1 and RECVERR', lambda: s.send(b'x' * 20))
    c.do('recv()', lambda: s.recv(100))
    c.do('recvmsg(MSG_ERRQUEUE)', lambda: errqueue(s))


def ttl_exceeded_tcp(c):
    s = c.lab.socket('client', c.family)
    s.setsockopt(*((0, socket.IP_TTL) if c.family == V4 else (41, socket.IPV6_UNICAST_HOPS)), 1)
    s.settimeout(2.5)
    c.do('connect(port 80) with TTL 1, up to 2.5 s', lambda: s.connect((SERVER[c.family], 80)))


def too_big_udp(c):
    """1400 > 1400-28: the first datagram meets the smaller link; then the path MTU is known."""
    s = c.udp()
    s.connect((SERVER[c.family], 7777))
    s.setsockopt(*((0, IP_MTU_DISCOVER) if c.family == V4 else (41, IPV6_MTU_DISCOVER)), 2)
    c.do('send(1450) with don\'t-fragment', lambda: s.send(b'x' * 1450))
    c.do('recv()', lambda: s.recv(2000))
    c.do('send(1450) again', lambda: s.send(b'x' * 1450))
    mtu = (0, 14) if c.family == V4 else (41, 24)
    c.do('getsockopt(MTU)', lambda: s.getsockopt(*mtu))
    c.do('send(1372)' if c.family == V4 else 'send(1352)', lambda: s.send(b'x' * (1372 if c.family == V4 else 1352)))
    c.do('send(1473): above the own link, too' if c.family == V4 else 'send(1453)', lambda: s.send(b'x' * (1473 if c.family == V4 else 1453)))


def too_big_udp_default(c):
    """The default (want) mode: DF set while it fits the known path MTU, fragments once the path MTU is known."""
    s = c.udp()
    s.connect((SERVER[c.family], 7777))
    c.do('send(1450)', lambda: s.send(b'x' * 1450))
    c.do('send(1450) again', lambda: s.send(b'x' * 1450))
    c.do('send(3000)', lambda: s.send(b'x' * 3000))


def fragmented_by_router(c):
    """DF off (IP_PMTUDISC_DONT): the router cuts the packet; seen before the router (whole), quoted by the server."""
    s = c.udp()
    s.connect((SERVER[c.family], 7777))
    s.setsockopt(0, IP_MTU_DISCOVER, 0)
    c.do('send(1450) without DF', lambda: s.send(b'x' * 1450))
    c.do('recv()', lambda: s.recv(2000))


def too_big_tcp(c):
    """A listener behind the 1400 link; the client sends 3000 bytes: MSS falls to what the ICMP said."""
    l = c.lab.socket('server', c.family)
    l.bind((SERVER[c.family], 8080))
    l.listen(1)
    # a SYN-ACK would advertise MSS 1360, so the server claims a larger one, as if another narrow link lay between
    c.lab.ip('server', 'link', 'set', 'to_router', 'mtu', '1500')
    s = c.lab.socket('client', c.family)
    s.settimeout(2)
    c.do('connect()', lambda: s.connect((SERVER[c.family], 8080)))
    c.do('send(3000)', lambda: s.send(b'x' * 3000), 0.5)
    mtu = (0, 14) if c.family == V4 else (41, 24)
    c.do('getsockopt(MTU)', lambda: s.getsockopt(*mtu))


def no_route_on_host(c):
    for v in ('10.0.1.254', 'fd00:1::254'):
        c.lab.ip('client', 'route', 'del', 'default', 'via', v)
    s, t = c.udp(), c.lab.socket('client', c.family)
    c.do('sendto() without a route', lambda: s.sendto(b'x', (NOWHERE[c.family], 7)))
    c.do('UDP connect() without a route', lambda: s.connect((NOWHERE[c.family], 7)))
    c.do('TCP connect() without a route', lambda: t.connect((NOWHERE[c.family], 7)))


def special_routes(c):
    for kind in ('unreachable', 'prohibit', 'blackhole'):
        for a in ('10.9.9.9', 'fd00:9::9'):
            c.lab.ip('client', 'route', 'replace', kind, a)
        s, t = c.udp(), c.lab.socket('client', c.family)
        c.do(f'sendto() with a local {kind} route', lambda: s.sendto(b'x', (NOWHERE[c.family], 7)))
        c.do(f'TCP connect() with a local {kind} route', lambda: t.connect((NOWHERE[c.family], 7)))


def special_routes_on_router(c):
    for kind in ('none', 'unreachable', 'prohibit', 'blackhole'):
        if kind != 'none':
            for a in ('10.9.9.9', 'fd00:9::9'):
                c.lab.ip('router', 'route', 'replace', kind, a)
        s, t = c.udp(), c.lab.socket('client', c.family)
        t.settimeout(2.5)
        s.connect((NOWHERE[c.family], 7))
        c.do(f'send(20), router has route: {kind}', lambda: s.send(b'x' * 20))
        c.do('recv()', lambda: s.recv(100))
        c.do(f'TCP connect(), router has route: {kind}', lambda: t.connect((NOWHERE[c.family], 80)))


def absent_neighbour_behind_router(c):
    s = c.udp()
    s.settimeout(5)
    s.connect((ABSENT[c.family], 7))
    c.do('send(20) to an absent host behind the router', lambda: s.send(b'x' * 20))
    c.do('recv(), up to 5 s', lambda: s.recv(100))


def absent_neighbour(c):
    a = {V4: '10.0.1.77', V6: 'fd00:1::77'}[c.family]
    s, t = c.udp(), c.lab.socket('client', c.family)
    s.settimeout(5)
    s.connect((a, 7))
    c.do('send(20) to an absent neighbour', lambda: s.send(b'x' * 20))
    c.do('recv(), up to 5 s', lambda: s.recv(100))
    t.settimeout(5)
    c.do('TCP connect() to an absent neighbour', lambda: t.connect((a, 80)))


def echo(c):
    proto = socket.IPPROTO_ICMP if c.family == V4 else socket.IPPROTO_ICMPV6
    with c.lab.inside('client'):
        s = socket.socket(c.family, socket.SOCK_RAW, proto)
    s.settimeout(1)
    from tcp_reset import checksum
    for tos in (0, 0x10):
        for size in (0, 56, 1300):
            body = struct.pack('!BBHHH', 8 if c.family == V4 else 128, 0, 0, 77, 1 + size) + b'p' * size
            body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
            s.setsockopt(*((0, socket.IP_TOS) if c.family == V4 else (41, socket.IPV6_TCLASS)), tos)
            c.do(f'echo request, {size} bytes of data, tos {tos:#x}', lambda: s.sendto(body, (SERVER[c.family], 0)))


def port_unreachable_tcp_reject(c):
    """A firewall answers a SYN with ICMP: what connect() returns for each code."""
    for i, what in enumerate(('host-unreachable', 'port-unreachable', 'net-unreachable', 'prot-unreachable', 'admin-prohibited', 'host-prohibited')
                             if c.family == V4 else ('no-route', 'port-unreachable', 'addr-unreachable', 'admin-prohibited', 'policy-fail', 'reject-route')):
        kind = 'icmp' if c.family == V4 else 'icmpv6'
        c.lab.nft('router', f'table inet t{i} {{ chain f {{ type filter hook forward priority 0; tcp dport {9000 + i} reject with {kind} type {what}; udp dport {9000 + i} reject with {kind} type {what}; }}; }}')
        t, s = c.lab.socket('client', c.family), c.udp()
        t.settimeout(2.5)
        c.do(f'TCP connect(), rejected with {what}', lambda: t.connect((SERVER[c.family], 9000 + i)))
        s.connect((SERVER[c.family], 9000 + i))
        c.do(f'UDP send(1), rejected with {what}', lambda: s.send(b'x'))
        c.do('recv()', lambda: s.recv(10))


def established_tcp_hit_by_icmp(c):
    """A hard ICMP error (3/1) about an established connection is soft: nothing is told until the connection times out."""
    l = c.lab.socket('server', c.family)
    l.bind((SERVER[c.family], 8080))
    l.listen(1)
    s = c.lab.socket('client', c.family)
    s.settimeout(0.5)
    c.do('connect()', lambda: s.connect((SERVER[c.family], 8080)))
    what = 'icmp type host-unreachable' if c.family == V4 else 'icmpv6 type addr-unreachable'
    c.lab.nft('router', f'table inet t {{ chain f {{ type filter hook forward priority 0; tcp dport 8080 reject with {what}; }}; }}')
    c.do('send(10), rejected with ICMP', lambda: s.send(b'x' * 10))
    c.do('recv()', lambda: s.recv(10))
    c.do('SO_ERROR', lambda: s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    c.do('send(10)', lambda: s.send(b'x' * 10))


def broadcast_and_any(c):
    s = c.udp()
    if c.family == V4:
        c.do('sendto(10.0.1.255) without SO_BROADCAST', lambda: s.sendto(b'x', ('10.0.1.255', 7777)))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        c.do('sendto(10.0.1.255) with SO_BROADCAST', lambda: s.sendto(b'x', ('10.0.1.255', 7777)))


def rate_limit(c):
    s = c.udp()
    c.do('20 datagrams to closed ports at once', lambda: [s.sendto(b'x', (SERVER[c.family], 7000 + i)) for i in range(20)], 1.5)
    c.do('10 more after 1.5 s', lambda: [s.sendto(b'x', (SERVER[c.family], 7100 + i)) for i in range(10)], 0.3)


CASES = [udp_closed_connected, udp_closed_unconnected, udp_closed_recverr, udp_closed_quote_sizes, udp_closed_tos, ttl_exceeded,
         ttl_exceeded_tcp, too_big_udp, too_big_udp_default, fragmented_by_router, too_big_tcp, no_route_on_host, special_routes,
         special_routes_on_router, absent_neighbour_behind_router, absent_neighbour, echo, port_unreachable_tcp_reject,
         established_tcp_hit_by_icmp, broadcast_and_any]


def main():
    out = []
    for family in (V4, V6):
        for case in CASES:
            if family == V6 and case in (fragmented_by_router, broadcast_and_any): continue
            if len(sys.argv) > 1 and case.__name__ not in sys.argv[1:]: continue
            c = Case(family)
            case(c)
            out.append({'case': case.__name__ + ('_ipv6' if family == V6 else ''), **c.finish()})
        if len(sys.argv) == 1:
            c = Case(family, 1000)
            rate_limit(c)
            out.append({'case': 'rate_limit' + ('_ipv6' if family == V6 else ''), **c.finish()})
    content = about(__file__, how='client - router - server; the second link has MTU 1400; packets seen at the client; '
                    'quoted_bytes: size of what follows the 8 bytes of the ICMP header; quote: the quoted headers; '
                    'rest: the second 4 bytes of the ICMP header (in 3/4 its low half is the next-hop MTU)', cases=out)
    if len(sys.argv) == 1: save(__file__, content)
    else:
        print(dump(content))


if __name__ == '__main__':
    main()
