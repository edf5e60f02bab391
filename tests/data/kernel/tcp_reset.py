#!/usr/bin/python3
"""tcp_reset.py - ask the kernel when it sends RST and what exactly is in each one; writes tcp_reset.json. Run as root.

Client 10.0.0.1 (and fd00::1), server 10.0.0.2 (fd00::2), veth, MTU 1500. Hand-made segments come from a raw socket
with an address nobody answers for (10.0.0.9), or forge the client's own.
"""
import os, signal, socket, struct, time

from lab import IP_KEYS, Lab, about, brief, packets, save

NAMES = {'10.0.0.1': 'client', '10.0.0.2': 'server', '10.0.0.9': 'crafted', 'fd00::1': 'client', 'fd00::2': 'server',
         '127.0.0.1': 'lo'}


def checksum(data):
    if len(data) % 2: data += b'\0'
    s = sum(struct.unpack(f'!{len(data) // 2}H', data))
    s = (s >> 16) + (s & 0xffff)
    return ~(s + (s >> 16)) & 0xffff


def craft(lab, flags, dport, seq=1000, ack=2000, win=1024, data=b'', sport=5555, src='10.0.0.9', dst='10.0.0.2', opt=b''):
    """One hand-made TCP segment from `src` (10.0.0.9 is nobody, so nothing answers the reply)."""
    off = (20 + len(opt)) // 4
    head = struct.pack('!HHIIBBHHH', sport, dport, seq, ack, off << 4, flags, win, 0, 0) + opt
    pseudo = socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack('!BBH', 0, 6, len(head) + len(data))
    head = head[:16] + struct.pack('!H', checksum(pseudo + head + data)) + head[18:]
    ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(head) + len(data), 0x1234, 0x4000, 64, 6, 0,
                     socket.inet_aton(src), socket.inet_aton(dst))
    with lab.inside('client'), socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        s.sendto(ip + head + data, (dst, 0))


DEAF = 'table ip t { chain i { type filter hook input priority 0; policy drop; }; }'   # the client host answers nothing


class Case:
    def __init__(self, family=socket.AF_INET):
        self.family, self.raw = family, False
        self.a, self.b = ('10.0.0.1', '10.0.0.2') if family == socket.AF_INET else ('fd00::1', 'fd00::2')
        self.lab = Lab(['client', 'server'], [('client', '10.0.0.1/24 fd00::1/64', 'server', '10.0.0.2/24 fd00::2/64', 1500)],
                       quiet6=False)
        # 10.0.0.9 "lives" behind the client's MAC, so that the server can answer it without ARP.
        mac = open_mac(self.lab)
        self.lab.ip('server', 'neigh', 'add', '10.0.0.9', 'lladdr', mac, 'dev', 'to_client')
        with self.lab.inside('client'), socket.socket(family, socket.SOCK_DGRAM) as s:
            s.sendto(b'warm', (self.b, 9))
        time.sleep(0.05)
        self.sniffer = self.lab.sniff('client', 'to_server')

    def do(self, who, call, fn, pause=0.1):
        value = self.lab.do(who, call, fn)
        time.sleep(pause)
        return value

    def listen(self, addr=None, port=8080, who='server'):
        s = self.lab.socket(who, self.family)
        s.bind((addr or self.b, port))
        s.listen(4)
        self.kept = s
        return s

    def open(self):
        self.listener = self.listen()
        self.client = self.lab.socket('client', self.family)
        self.client.bind((self.a, 40000))
        self.client.settimeout(3)
        self.do('client', 'connect()', lambda: self.client.connect((self.b, 8080)))
        self.server = self.do('server', 'accept()', lambda: self.listener.accept()[0])
        self.server.settimeout(3)

    def finish(self):
        ps = packets(self.lab, self.sniffer, NAMES, lambda p: p['proto'] == 'tcp', self.raw)
        ps = brief(ps, IP_KEYS, () if self.raw else ('sport', 'dport'))
        self.lab.close()
        return {'steps': self.lab.steps, 'packets': ps}


def open_mac(lab):
    return lab.ip('client', '-br', 'link', 'show', 'to_server').split()[2]


def connect_to_closed_port(c):
    s = c.lab.socket('client', c.family)
    s.bind((c.a, 40000))
    c.do('client', 'connect() to closed port', lambda: s.connect((c.b, 8081)))


def close_with_unread_data(c):
    c.open()
    c.do('client', 'send(100)', lambda: c.client.send(b'x' * 100))
    c.do('server', 'close() with 100 bytes unread', c.server.close)
    c.do('client', 'send(1)', lambda: c.client.send(b'x', socket.MSG_NOSIGNAL))
    c.do('client', 'recv(10)', lambda: c.client.recv(10))
    c.do('client', 'recv(10) again', lambda: c.client.recv(10))


def close_with_unread_and_unsent_order(c):
    """The server has sent 50 bytes the client has not read; then closes with unread data of its own."""
    c.open()
    c.do('client', 'send(100)', lambda: c.client.send(b'x' * 100))
    c.do('server', 'send(50)', lambda: c.server.send(b'y' * 50))
    c.do('server', 'close() with 100 bytes unread', c.server.close)
    c.do('client', 'recv(100)', lambda: c.client.recv(100))
    c.do('client', 'recv(100) again', lambda: c.client.recv(100))


def data_after_peer_closed(c):
    c.open()
    c.do('server', 'close()', c.server.close)
    c.do('client', 'send(10)', lambda: c.client.send(b'x' * 10))
    c.do('client', 'send(10)', lambda: c.client.send(b'x' * 10, socket.MSG_NOSIGNAL))
    c.do('client', 'recv(10)', lambda: c.client.recv(10))
    c.lab.steps.append({'who': 'ss', 'call': 'states', 'result': {h: [r[0] for r in c.lab.ss(h)] for h in ('client', 'server')}})


def data_after_peer_shutdown_read(c):
    c.open()
    c.do('server', 'shutdown(SHUT_RD)', lambda: c.server.shutdown(socket.SHUT_RD))
    c.do('client', 'send(10)', lambda: c.client.send(b'x' * 10))
    c.do('server', 'recv(100)', lambda: c.server.recv(100))


def linger_zero(c):
    c.open()
    c.do('client', 'send(10)', lambda: c.client.send(b'x' * 10))
    c.do('server', 'recv(10)', lambda: c.server.recv(10))
    c.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    c.do('client', 'close() with SO_LINGER 0', c.client.close)
    c.do('server', 'recv(10)', lambda: c.server.recv(10))
    c.do('server', 'send(10)', lambda: c.server.send(b'x' * 10, socket.MSG_NOSIGNAL))


def process_killed(c, unread):
    """The server is a child process, killed with SIGKILL; the kernel closes its descriptors."""
    listener = c.listen()
    child = os.fork()
    if child == 0:
        s = listener.accept()[0]
        time.sleep(60)
        os._exit(0)
    listener.close()
    s = c.lab.socket('client', c.family)
    s.bind((c.a, 40000))
    s.settimeout(3)
    c.do('client', 'connect()', lambda: s.connect((c.b, 8080)))
    if unread:
        c.do('client', 'send(20) which the server never reads', lambda: s.send(b'x' * 20))
    c.do('server', 'kill -9', lambda: (os.kill(child, signal.SIGKILL), os.waitpid(child, 0))[0])
    c.do('client', 'recv(10)', lambda: s.recv(10))
    c.do('client', 'send(10)', lambda: s.send(b'x' * 10, socket.MSG_NOSIGNAL))
    c.do('client', 'send(10)', lambda: s.send(b'x' * 10, socket.MSG_NOSIGNAL))


def process_killed_idle(c): process_killed(c, False)
def process_killed_with_unread_data(c): process_killed(c, True)


def listener_closed_with_queue(c):
    """The listener is closed while an established connection waits in its accept queue."""
    listener = c.listen()
    s = c.lab.socket('client', c.family)
    s.bind((c.a, 40000))
    c.do('client', 'connect()', lambda: s.connect((c.b, 8080)))
    c.do('server', 'close() of the listener, connection not accepted', listener.close)
    c.do('client', 'recv(10)', lambda: s.recv(10))


def loopback_listener_reached_from_lan(c):
    c.listen('127.0.0.1', 8080)
    s = c.lab.socket('client', c.family)
    s.bind((c.a, 40000))
    c.do('client', 'connect(10.0.0.2:8080); the listener is on 127.0.0.1', lambda: s.connect((c.b, 8080)))


def crafted_to_closed_port(c):
    c.raw = True
    for name, flags, data in (('S', 2, b''), ('S with 5 bytes', 2, b'hello'), ('A', 16, b''), ('PA with 5 bytes', 24, b'hello'), ('FA', 17, b''),
                              ('F', 1, b''), ('SA', 18, b''), ('R', 4, b''), ('RA', 20, b''), ('no flags', 0, b''),
                              ('SF', 3, b''), ('P without A, 5 bytes', 8, b'hello')):
        c.do('crafted', f'{name} seq 1000 ack 2000', lambda: craft(c.lab, flags, 8081, data=data), 0.05)


def crafted_to_listener(c):
    c.raw = True
    c.listen()
    for i, (name, flags, data) in enumerate((('A', 16, b''), ('PA with 5 bytes', 24, b'hello'), ('FA', 17, b''), ('F', 1, b''),
                              ('SA', 18, b''), ('R', 4, b''), ('RA', 20, b''), ('no flags', 0, b''), ('SF', 3, b''), ('SR', 6, b''))):
        c.do('crafted', f'{name} seq 1000 ack 2000 to a listener', lambda: craft(c.lab, flags, 8080, data=data, sport=5000 + i), 0.05)


def crafted_handshake_with_wrong_ack(c):
    """SYN, then an ACK of something never sent: the half-open request answers with RST; and RSTs at it."""
    c.raw = True
    c.listen()
    c.do('crafted', 'S seq 1000', lambda: craft(c.lab, 2, 8080), 0.05)
    c.do('crafted', 'A seq 1001 ack 77 (wrong)', lambda: craft(c.lab, 16, 8080, seq=1001, ack=77), 0.05)
    c.do('crafted', 'R seq 1001 (in window, ends the request)', lambda: craft(c.lab, 4, 8080, seq=1001, ack=0), 0.05)
    c.do('crafted', 'A seq 1001 ack 77 once more', lambda: craft(c.lab, 16, 8080, seq=1001, ack=77), 0.05)


def crafted_at_established(c):
    """RFC 5961: in-window but inexact RST and SYN get a challenge ACK. Segments forged as the client's, 700 ms apart
    (tcp_invalid_ratelimit is 500 ms)."""
    c.open()
    c.lab.steps[-1]['note'] = 'below: forged segments; seq is relative to what the server expects next'
    ps = packets(c.lab, c.sniffer, NAMES, lambda p: p['proto'] == 'tcp')
    isn_c = next(p['seq_raw'] for p in ps if p['flags'] == 'S')
    isn_s = next(p['seq_raw'] for p in ps if p['flags'] == 'SA')
    nxt, una = isn_c + 1 & 0xffffffff, isn_s + 1 & 0xffffffff

    def forge(what, flags, dseq, dack=0, data=b''):
        c.do('forged client', what, lambda: craft(c.lab, flags, 8080, nxt + dseq & 0xffffffff, una + dack & 0xffffffff, 63, data,
                                                  40000, '10.0.0.1'), 0.7)
    forge('S seq +0', 2, 0)
    forge('S seq +5000 (in window)', 2, 5000)
    forge('R seq +100 (in window, not exact)', 4, 100)
    forge('R seq -1 (below the window)', 4, -1)
    forge('R seq +200000 (beyond the window)', 4, 200000)
    forge('A seq +0 ack +1000 (of data never sent)', 16, 0, 1000)
    forge('A seq +0 ack -100000 (too old)', 16, 0, -100000)
    forge('PA seq -10, 5 bytes (old data)', 24, -10, 0, b'hello')
    forge('PA seq +200000, 5 bytes (beyond the window)', 24, 200000, 0, b'hello')
    forge('F without A seq +0', 1, 0)
    forge('no flags, 5 bytes, seq +0', 0, 0, 0, b'hello')
    forge('SA seq +0', 18, 0)
    forge('R seq +0 (exact)', 4, 0)
    c.do('server', 'recv(10)', lambda: c.server.recv(10))


def crafted_at_time_wait(c):
    """The server closes first and is in TIME_WAIT; then segments as the client's. tcp_invalid_ratelimit 500 ms applies."""
    c.open()
    c.do('server', 'close()', c.server.close)
    c.do('client', 'close()', c.client.close)
    ps = packets(c.lab, c.sniffer, NAMES, lambda p: p['proto'] == 'tcp')
    last = next(p for p in ps if 'F' in p['flags'] and p['from'] == 'client')
    nxt, una = last['seq_raw'] + 1, last['ack_raw']
    c.lab.nft('client', DEAF)

    def forge(what, flags, dseq, data=b''):
        c.do('forged client', what, lambda: craft(c.lab, flags, 8080, nxt + dseq & 0xffffffff, una, 63, data, 40000, '10.0.0.1'), 0.7)
        c.lab.steps[-1]['server'] = [r[0] for r in c.lab.ss('server') if r[0] != 'LISTEN']
    forge('FA again (the last FIN retransmitted)', 17, -1)
    forge('A seq +0', 16, 0)
    forge('PA with 5 bytes, seq +0', 24, 0, b'hello')
    forge('S seq -10 (old, no timestamps)', 2, -10)
    forge('S seq +0 (just the next)', 2, 0)
    forge('S seq +100000 (new, above)', 2, 100000)


def crafted_r_at_time_wait(c):
    """tcp_rfc1337=0: an RST in TIME_WAIT kills it."""
    c.open()
    c.do('server', 'close()', c.server.close)
    c.do('client', 'close()', c.client.close)
    ps = packets(c.lab, c.sniffer, NAMES, lambda p: p['proto'] == 'tcp')
    last = next(p for p in ps if 'F' in p['flags'] and p['from'] == 'client')
    c.lab.steps.append({'who': 'ss', 'call': 'server before', 'result': [r[0] for r in c.lab.ss('server')]})
    c.do('forged client', 'R seq +0', lambda: craft(c.lab, 4, 8080, last['seq_raw'] + 1, 0, 0, b'', 40000, '10.0.0.1'))
    c.lab.steps.append({'who': 'ss', 'call': 'server after', 'result': [r[0] for r in c.lab.ss('server')]})


CASES4 = [connect_to_closed_port, close_with_unread_data, close_with_unread_and_unsent_order, data_after_peer_closed,
          data_after_peer_shutdown_read, linger_zero, process_killed_idle, process_killed_with_unread_data,
          listener_closed_with_queue, loopback_listener_reached_from_lan, crafted_to_closed_port, crafted_to_listener,
          crafted_handshake_with_wrong_ack, crafted_at_established, crafted_at_time_wait, crafted_r_at_time_wait]
CASES6 = [connect_to_closed_port, close_with_unread_data, linger_zero]


def main():
    out = []
    for family, cases in ((socket.AF_INET, CASES4), (socket.AF_INET6, CASES6)):
        for case in cases:
            c = Case(family)
            case(c)
            out.append({'case': case.__name__ + ('_ipv6' if family != socket.AF_INET else ''), **c.finish()})
    save(__file__, about(__file__, how='veth, MTU 1500, defaults (sack and timestamps on), reno; packets seen at the client; seq, ack '
                         'relative to the initial sequence number (SYN = 0), raw in the crafted_to/handshake cases; "zero" is a literal 0 in the field; id is the raw IP id', cases=out))


if __name__ == '__main__':
    main()
