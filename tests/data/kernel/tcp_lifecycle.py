#!/usr/bin/python3
"""tcp_lifecycle.py - ask the kernel for whole small TCP connections: every packet, every call, the states after.

Run as root; writes tcp_lifecycle.json. Client 10.0.0.1 port 40000, server 10.0.0.2 port 8080, veth, MTU 1500.
"""
import socket, time

from lab import Lab, about, brief, packets, save, sh

NAMES = {'10.0.0.1': 'client', '10.0.0.2': 'server'}
SETTINGS = [{'sack': 0, 'timestamps': 1}, {'sack': 1, 'timestamps': 1}, {'sack': 0, 'timestamps': 0}]
PAUSE = 0.1


class Case:
    def __init__(self, settings):
        self.lab = Lab(['client', 'server'], [('client', '10.0.0.1/24', 'server', '10.0.0.2/24', 1500)],
                       [('net.ipv4.tcp_sack', settings['sack']), ('net.ipv4.tcp_timestamps', settings['timestamps'])])
        with self.lab.inside('client'), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b'warm', ('10.0.0.2', 9))          # resolves the neighbour first
        time.sleep(0.05)
        self.sniffer = self.lab.sniff('client', 'to_server')
        self.listener = self.lab.socket('server')
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('10.0.0.2', 8080))
        self.listener.listen(8)
        self.client = self.lab.socket('client')
        self.client.bind(('10.0.0.1', 40000))
        self.client.settimeout(5)

    def do(self, who, call, fn, pause=PAUSE):
        value = self.lab.do(who, call, fn)
        time.sleep(pause)
        return value

    def open(self):
        self.do('client', 'connect()', lambda: self.client.connect(('10.0.0.2', 8080)))
        self.server = self.do('server', 'accept()', lambda: self.listener.accept()[0])
        self.server.settimeout(5)

    def send(self, who, size):
        self.do(who, f'send({size})', lambda: getattr(self, who).send(b'x' * size))

    def recv(self, who, size):
        self.do(who, f'recv({size})', lambda: getattr(self, who).recv(size))

    def shut(self, who, pause=PAUSE):
        self.do(who, 'shutdown(SHUT_WR)', lambda: getattr(self, who).shutdown(socket.SHUT_WR), pause)

    def close(self, who, pause=PAUSE):
        self.do(who, 'close()', lambda: getattr(self, who).close(), pause)

    def states(self):
        return {h: [[*r[:3], r[5]] for r in self.lab.ss(h) if r[0] != 'LISTEN'] for h in ('client', 'server')}

    def finish(self):
        self.lab.steps.append({'t': round(time.time() - self.lab.t0, 4), 'who': 'ss', 'call': 'states', 'result': self.states()})
        ps = brief(packets(self.lab, self.sniffer, NAMES, lambda p: p['proto'] == 'tcp'), drop=('sport', 'dport'))
        self.lab.close()
        return {'steps': self.lab.steps, 'packets': ps}


def plain(c):
    c.open()


def data_both_ways_close_from_client(c):
    c.open()
    c.send('client', 100); c.recv('server', 1000)
    c.send('server', 200); c.recv('client', 1000)
    c.send('client', 50); c.recv('server', 1000)
    c.close('client')
    c.lab.steps.append({'who': 'ss', 'call': 'states', 'result': c.states()})
    c.recv('server', 10)
    c.close('server')


def close_from_server(c):
    c.open()
    c.send('client', 100); c.recv('server', 1000)
    c.close('server')
    c.lab.steps.append({'who': 'ss', 'call': 'states', 'result': c.states()})
    c.recv('client', 10)
    c.close('client')


def close_without_data(c):
    c.open()
    c.close('client')
    c.recv('server', 10)
    c.close('server')


def half_close(c):
    c.open()
    c.send('client', 100); c.recv('server', 1000)
    c.shut('client')
    c.lab.steps.append({'who': 'ss', 'call': 'states', 'result': c.states()})
    c.recv('server', 10)
    c.send('server', 3000); c.recv('client', 5000)
    c.do('client', 'send(1)', lambda: c.client.send(b'x', socket.MSG_NOSIGNAL))
    c.close('server')
    c.recv('client', 10)
    c.close('client')


def last_data_with_fin(c):
    """send() and close() at once: does the FIN ride on the data?"""
    c.open()
    c.do('client', 'send(100)', lambda: c.client.send(b'x' * 100), 0)
    c.close('client', 0.02)
    c.recv('server', 1000); c.recv('server', 10)
    c.close('server')


def hold_links(c):
    """Both directions are stuck behind a large datagram in a token bucket for about 0.1 s: what is sent now crosses."""
    for h, dev in (('client', 'to_server'), ('server', 'to_client')):
        sh('tc', '-n', c.lab.ns[h], 'qdisc', 'add', 'dev', dev, 'root', 'tbf', 'rate', '80kbit', 'burst', '1600', 'latency', '2s')
    for h, peer in (('client', '10.0.0.2'), ('server', '10.0.0.1')):
        with c.lab.inside(h), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b'x' * 1400, (peer, 9))
            s.sendto(b'x' * 1000, (peer, 9))


def simultaneous_close(c):
    """The FINs cross on the wire: each host has sent its own before the other's arrives."""
    c.open()
    hold_links(c)
    c.shut('client', 0)
    c.shut('server', 0.5)


def bulk_20000(c):
    """20,000 bytes in one send(): segment sizes, PSH, ACK pattern from a fresh connection."""
    c.open()
    c.do('client', 'send(20000)', lambda: c.client.send(b'x' * 20000))
    got = 0
    while got < 20000:
        got += len(c.server.recv(65536))
    c.lab.steps.append({'t': round(time.time() - c.lab.t0, 4), 'who': 'server', 'call': 'recv until 20000', 'result': got})
    time.sleep(PAUSE)
    c.close('client'); c.recv('server', 10); c.close('server')


def simultaneous_open(c):
    """Both sides connect() to each other's bound port and the SYNs cross on the wire."""
    other = c.server = c.lab.socket('server')
    other.bind(('10.0.0.2', 9000))
    for s in (c.client, other):
        s.setblocking(False)
    hold_links(c)
    c.do('client', 'connect(server:9000) from port 40000', lambda: c.client.connect(('10.0.0.2', 9000)), 0)
    c.do('server', 'connect(client:40000) from port 9000', lambda: other.connect(('10.0.0.1', 40000)), 0.5)
    for who, s in (('client', c.client), ('server', other)):
        c.do(who, 'getsockopt(SO_ERROR)', lambda s=s: s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
    c.send('client', 10)
    c.send('server', 20)


CASES = [plain, data_both_ways_close_from_client, close_from_server, close_without_data, half_close, last_data_with_fin,
         simultaneous_close, simultaneous_open, bulk_20000]


def main():
    out = []
    for settings in SETTINGS:
        for case in CASES:
            c = Case(settings)
            case(c)
            got = c.finish()
            out.append({'case': case.__name__, **settings, **got})
    save(__file__, about(__file__, how='veth, MTU 1500, reno, offloads off, packets seen at the client; seq and ack are relative '
                         'to each initial sequence number (SYN = 0); win is the raw field; ts values in ms relative to '
                         "the sender's first; ss rows are [state, recv-q, send-q, timer]", cases=out))


if __name__ == '__main__':
    main()
