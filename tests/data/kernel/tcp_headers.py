#!/usr/bin/python3
"""tcp_headers.py - ask the kernel for SYN, SYN-ACK and header fields: options and their order, windows, IP ids, DF, TTL.

Run as root; writes tcp_headers.json.
"""
import socket, time

from lab import Lab, about, brief, packets, save
from tcp_reset import craft

V4, V6 = socket.AF_INET, socket.AF_INET6
NAMES = {'10.0.0.1': 'client', '10.0.0.2': 'server', 'fd00::1': 'client', 'fd00::2': 'server', '10.0.0.9': 'crafted'}
IP = ['ttl', 'tos', 'df', 'id', 'flow', 'total']


def lab(mtu=1500, sysctls=()):
    v6 = mtu >= 1280
    return Lab(['client', 'server'], [('client', '10.0.0.1/24' + ' fd00::1/64' * v6, 'server', '10.0.0.2/24' + ' fd00::2/64' * v6, mtu)],
               sysctls, quiet6=not v6)


def handshake(family=V4, mtu=1500, lo=False, sysctls=(), prepare=None, data=0):
    """One connection; returns its packets. prepare(client, listener) may set socket options."""
    net = lab(mtu, sysctls)
    host = 'client' if lo else 'server'
    addr = ('127.0.0.1' if family == V4 else '::1') if lo else ('10.0.0.2' if family == V4 else 'fd00::2')
    sniffer = net.sniff('client', 'lo' if lo else 'to_server')
    listener, client = net.socket(host, family), net.socket('client', family)
    client.bind((addr if lo else '10.0.0.1' if family == V4 else 'fd00::1', 40000))
    listener.bind((addr, 8080))
    if prepare: prepare(client, listener)
    listener.listen(4)
    client.connect((addr, 8080))
    server = listener.accept()[0]
    out = {'tcp_maxseg': [client.getsockopt(6, 2), server.getsockopt(6, 2)]}
    for s in (client, server)[:data]:
        s.send(b'x' * 1000)
        time.sleep(0.1)
    time.sleep(0.02)
    out['rcvbuf'] = [s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) for s in (client, server)]
    out['sndbuf'] = [s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) for s in (client, server)]
    names = NAMES if not lo else {}
    ps = brief(packets(net, sniffer, names, lambda p: p['proto'] == 'tcp'), IP, ('t',))
    for p in ps:
        p['from'] = 'client' if p.pop('sport') == 40000 else 'server'
        del p['dport']
    net.close()
    return {**out, 'packets': ps[:3 + 2 * data]}


def rcvbuf(value, both=False):
    def prepare(client, listener):
        for s in ((client, listener) if both else (client,)):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, value)
    return prepare


def set_mss(client, listener): client.setsockopt(6, 2, 536)
def set_clamp(client, listener): client.setsockopt(6, 10, 5000)
def set_ttl(client, listener): client.setsockopt(0, 2, 33); client.setsockopt(0, 1, 0x10)
def no_df(client, listener): client.setsockopt(0, 10, 0)


TS0, SACK0, WS0 = [(f'net.ipv4.tcp_{x}', 0) for x in ('timestamps', 'sack', 'window_scaling')]


def syn_answers():
    """SYN-ACKs of a default listener to SYNs with different options, hand-made."""
    net = Lab(['client', 'server'], [('client', '10.0.0.1/24', 'server', '10.0.0.2/24', 1500)])
    net.ip('server', 'neigh', 'add', '10.0.0.9', 'lladdr', net.ip('client', '-br', 'link', 'show', 'to_server').split()[2], 'dev', 'to_client')
    listener = net.socket('server')
    listener.bind(('10.0.0.2', 8080))
    listener.listen(50)
    sniffer, out = net.sniff('client', 'to_server'), []
    mss, sack, ts, nop = b'\2\4\5\xb4', b'\4\2', b'\x08\x0a\0\0\0\1\0\0\0\0', b'\1'
    cases = [('no options', b''), ('mss 1460', mss), ('mss 100', b'\2\4\0\x64'), ('mss 48', b'\2\4\0\x30'), ('mss 0', b'\2\4\0\0'), ('mss 9000', b'\2\4\x23\x28'),
             ('mss, wscale 0', mss + nop + b'\3\3\0'), ('mss, wscale 14', mss + nop + b'\3\3\x0e'), ('mss, wscale 15', mss + nop + b'\3\3\x0f'),
             ('mss, sackOK', mss + nop + nop + sack), ('mss, ts', mss + nop + nop + ts), ('mss, sackOK, ts', mss + sack + ts),
             ('sackOK, ts, wscale 7, no mss', sack + ts + nop + b'\3\3\7'), ('mss, sackOK, nop, nop, wscale 7', mss + nop + nop + sack + nop + b'\3\3\7'),
             ('two mss: 1460, 500', mss + b'\2\4\1\xf4'), ('unknown kind 99', b'\x63\4\0\0' + mss), ('length 0 option', b'\x63\0\0\0' + mss)]
    for i, (name, opt) in enumerate(cases):
        craft(net, 2, 8080, sport=5000 + i, opt=opt)
        time.sleep(0.03)
        answer = brief(packets(net, sniffer, NAMES, lambda p: p['proto'] == 'tcp' and p['sport'] == 8080 and p['dport'] == 5000 + i), ('df', 'id', 'total'), ('t', 'sport', 'dport'))
        out.append({'syn': name, 'call': 'SYN-ACK', 'answer': answer[:1]})
    for name, flags in (('SYN with ECE and CWR', 0xc2), ('SYN with PSH', 0x0a), ('SYN with URG', 0x22), ('SYN with FIN', 3)):
        i += 1
        craft(net, flags, 8080, sport=5000 + i, opt=mss)
        time.sleep(0.03)
        answer = brief(packets(net, sniffer, NAMES, lambda p: p['proto'] == 'tcp' and p['sport'] == 8080 and p['dport'] == 5000 + i), ('df', 'id', 'total'), ('t', 'sport', 'dport'))
        out.append({'syn': name, 'call': 'SYN-ACK', 'answer': answer[:1]})
    i += 1
    craft(net, 2, 8080, sport=5000 + i, opt=mss, data=b'hello')
    time.sleep(0.03)
    answer = brief(packets(net, sniffer, NAMES, lambda p: p['proto'] == 'tcp' and p['sport'] == 8080 and p['dport'] == 5000 + i), ('df', 'id', 'total'), ('t', 'sport', 'dport'))
    out.append({'syn': 'SYN with 5 bytes of data', 'call': 'SYN-ACK', 'answer': answer[:1]})
    net.close()
    return out


def ip_ids():
    """IP ids of successive packets: TCP per socket, UDP connected and not, ICMP echo replies."""
    net, out = lab(), {}
    sniffer = net.sniff('client', 'to_server')

    def taken(proto):
        ps = packets(net, sniffer, NAMES, lambda p: p['ip'] == 4 and p['proto'] == proto and p['from'] == 'client')
        return [[p['id'], p['df']] for p in ps]
    for name, connected, df in (('udp connected, default', True, None), ('udp connected, IP_PMTUDISC_DONT', True, 0),
                                ('udp unconnected, default', False, None), ('udp unconnected, IP_PMTUDISC_DONT', False, 0)):
        with net.inside('client'), socket.socket(V4, socket.SOCK_DGRAM) as s:
            if df is not None: s.setsockopt(0, 10, df)
            if connected: s.connect(('10.0.0.2', 9))
            for _ in range(5):
                try: s.send(b'x') if connected else s.sendto(b'x', ('10.0.0.2', 9))
                except ConnectionRefusedError: s.send(b'x')
                time.sleep(0.02)
        out[name] = taken('udp')
    net.close()
    return out


def accept_queue_overflow():
    """listen(1) and connections never accepted: which SYNs are answered, how the rest end."""
    net = lab()
    sniffer = net.sniff('client', 'to_server')
    listener = net.socket('server')
    listener.bind(('10.0.0.2', 8080))
    listener.listen(1)
    kept = []
    for i in range(4):
        s = net.socket('client')
        s.bind(('10.0.0.1', 40000 + i))
        s.settimeout(1.5)
        kept.append(s)
        net.do('client', f'connect() number {i + 1}, 1.5 s', lambda: s.connect(('10.0.0.2', 8080)))
    steps = net.steps + [{'who': 'ss', 'call': 'server', 'result': [r[:3] for r in net.ss('server')]}, {'who': 'ss', 'call': 'client', 'result': [r[0] for r in net.ss('client')]}]
    ps = brief(packets(net, sniffer, NAMES, lambda p: p['proto'] == 'tcp'), drop=('opt',))
    net.close()
    return {'steps': steps, 'packets': ps}


def main():
    small = {'MTU 1500, IPv4': {}, 'MTU 1500, IPv6': {'family': V6}, 'lo (MTU 65536), IPv4': {'lo': True}, 'lo, IPv6': {'lo': True, 'family': V6},
             'MTU 1400, IPv4': {'mtu': 1400}, 'MTU 9000, IPv4': {'mtu': 9000}, 'MTU 1280, IPv6': {'mtu': 1280, 'family': V6}, 'MTU 576, IPv4': {'mtu': 576},
             'timestamps off': {'sysctls': [TS0]}, 'sack off': {'sysctls': [SACK0]}, 'window scaling off': {'sysctls': [WS0]},
             'sack and timestamps off': {'sysctls': [SACK0, TS0]}, 'sack, timestamps, window scaling off': {'sysctls': [SACK0, TS0, WS0]},
             'timestamps and window scaling off': {'sysctls': [TS0, WS0]}, 'sack and window scaling off': {'sysctls': [SACK0, WS0]},
             'tcp_rmem 4096 131072 6291456 (the default on hosts with less memory)': {'sysctls': [('net.ipv4.tcp_rmem', '4096 131072 6291456')]},
             'tcp_ecn 1': {'sysctls': [('net.ipv4.tcp_ecn', 1)]},
             'SO_RCVBUF 4096 at the client': {'prepare': rcvbuf(4096)}, 'SO_RCVBUF 65536 at the client': {'prepare': rcvbuf(65536)},
             'SO_RCVBUF 212992 on both': {'prepare': rcvbuf(212992, True)},
             'TCP_MAXSEG 536 at the client': {'prepare': set_mss}, 'TCP_WINDOW_CLAMP 5000 at the client': {'prepare': set_clamp},
             'IP_TTL 33 and IP_TOS 0x10 at the client': {'prepare': set_ttl}, 'IP_PMTUDISC_DONT at the client': {'prepare': no_df}}
    shakes = [{'case': name, **handshake(**kw, data=2 if name.startswith(('MTU 1500', 'lo')) else 0)} for name, kw in small.items()]
    save(__file__, about(__file__, how='packets seen at the client; tcp_maxseg, rcvbuf, sndbuf: [client, server] from getsockopt; the server answers with the same '
                         'system settings', handshakes=shakes, syn_answers=syn_answers(), ip_ids_and_df=ip_ids(), accept_queue_overflow=accept_queue_overflow()))


if __name__ == '__main__':
    main()
