#!/usr/bin/python3
"""connection_life.py - asks the running Linux kernel how connections begin, wait and end.

Writes tests/data/kernel/sockets/connection_life.json: every case with its steps, what each call answered and every
TCP packet on the wire. tests/sim/world/connection_life_test.cc takes the same steps in the simulator and compares.

    connection_life.py            # all cases, at once in parallel; needs root, about 140 s
    connection_life.py NAME...    # only these, the others as stored

Hosts: client 10.0.0.1, server 10.0.0.2, and 10.0.0.9, which is nobody: its segments are crafted, and answers to it are
only recorded. A step is a dictionary: `at` seconds, `host`, `call` and its arguments. Numbers in crafted segments count
from the sender's own 1000 (`seq`) and from the number of the server's SYN and ACK (`ack`).
"""
import contextlib, json, os, socket, struct, sys, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests/data/kernel'))
import lab as laboratory
from connection_life_cases import CASES

OUT = os.path.join(ROOT, 'tests/data/kernel/sockets/connection_life.json')
NAMES = {'10.0.0.1': 'client', '10.0.0.2': 'server', '10.0.0.9': 'crafted'}
ADDRESS = {v: k for k, v in NAMES.items()}
LOSE = 'table ip lose { chain i { type filter hook input priority 0; policy drop; }; }'
BITS = {'F': 1, 'S': 2, 'R': 4, 'P': 8, 'A': 16}
ISN = 1000
OPTIONS = {  # name: (level, option)
    'keepalive': (socket.SOL_SOCKET, socket.SO_KEEPALIVE), 'keepidle': (6, 4), 'keepintvl': (6, 5), 'keepcnt': (6, 6),
    'syncnt': (6, 7), 'linger2': (6, 8), 'user_timeout': (6, 18)}


def checksum(data):
    if len(data) % 2: data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_packet(protocol, body, dst='10.0.0.2'):
    return struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(body), 0x1234, 0x4000, 64, protocol, 0,
                       socket.inet_aton('10.0.0.9'), socket.inet_aton(dst)) + body


class Case:
    def __init__(self, name, spec):
        self.spec, self.name, self.sockets, self.seen = spec, name, {}, {}
        self.lab = laboratory.Lab(['client', 'server'], [('client', '10.0.0.1/24', 'server', '10.0.0.2/24', 1500)])
        laboratory.sysctl(self.lab.ns['client'], 'net.ipv4.tcp_sack', 0)    # else tail-loss probes come first
        for host, settings in spec.get('sysctl', {}).items():
            for key, value in settings.items(): laboratory.sysctl(self.lab.ns[host], key, value)
        for host, peer in (('client', 'server'), ('server', 'client')):
            mac = self.lab.ip(peer, '-o', 'link', 'show', 'to_' + host).split('link/ether ')[1].split()[0]
            self.lab.ip(host, 'neigh', 'add', ADDRESS[peer], 'lladdr', mac, 'dev', 'to_' + peer)
            if host == 'server': self.lab.ip('server', 'neigh', 'add', '10.0.0.9', 'lladdr', mac, 'dev', 'to_client')
        self.tap = self.lab.sniff('client', 'to_server')
        self.ear = self.lab.sniff('client', 'to_server')     # for what crafted segments must know of the server
        with self.lab.inside('client'):
            self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def listen_for_server(self):
        for p in laboratory.packets(self.lab, self.ear, NAMES, lambda p: p['proto'] == 'tcp', raw=True):
            if p['from'] != 'server' or p['dst'] != '10.0.0.9': continue
            known = self.seen.setdefault(p['dport'], {})
            if 'S' in p['flags']: known['isn'] = p['seq']
            for option in p['opt']:
                if option[0] == 'ts': known['ts'] = option[1]

    def options(self, step, known):
        out = b''
        if 'S' in step['flags']:
            if 'mss' in step.get('opt', ()): out += struct.pack('!BBH', 2, 4, 1460)
            if 'sack' in step.get('opt', ()): out += b'\x04\x02'
            else: out += b'\x01\x01' if 'ts' in step.get('opt', ()) else b''
            if 'ts' in step.get('opt', ()): out += struct.pack('!BBII', 8, 10, 7000, 0)
            if 'ws' in step.get('opt', ()): out += struct.pack('!BBBB', 1, 3, 3, 7)
        elif 'ts' in step.get('opt', ()):
            out += struct.pack('!BBBBII', 1, 1, 8, 10, 7100, known.get('ts', 0))
        return out + b'\x01' * (-len(out) % 4)

    def segment(self, step):
        self.listen_for_server()
        known = self.seen.get(step['sport'], {})
        ack = known.get('isn', 0) + step['ack'] & 0xffffffff if 'ack' in step else 0
        options = self.options(step, known)
        flags = sum(BITS[c] for c in step['flags'])
        data = b'x' * step.get('len', 0)
        head = struct.pack('!HHIIBBHHH', step['sport'], 8080, ISN + step.get('seq', 0), ack, (20 + len(options)) // 4 << 4,
                           flags, step.get('win', 1024), 0, 0) + options
        pseudo = socket.inet_aton('10.0.0.9') + socket.inet_aton('10.0.0.2') + struct.pack('!BBH', 0, 6, len(head) + len(data))
        head = head[:16] + struct.pack('!H', checksum(pseudo + head + data)) + head[18:]
        self.raw.sendto(ip_packet(6, head + data), ('10.0.0.2', 0))

    def icmp(self, step):
        """An error about the last segment the server sent to `about`'s peer."""
        own, peer = self.sockets[step['about']].getsockname(), self.sockets[step['about']].getpeername()
        self.listen_for_server()
        quoted = next(data for _, data in reversed(self.kept) if data[26:30] == socket.inet_aton(own[0])
                      and data[34:38] == struct.pack('!HH', own[1], peer[1]))
        body = struct.pack('!BBHI', step['type'], step['code'], 0, 0) + quoted[14:14 + 28]
        body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
        self.raw.sendto(ip_packet(1, body, own[0]), (own[0], 0))

    def new_socket(self, step):
        s = self.lab.socket(step['host'])
        s.setblocking(False)
        self.sockets[step['sock']] = s
        return s

    def call(self, step):
        name, sock = step['call'], self.sockets.get(step.get('sock'))
        if name == 'socket': self.new_socket(step)
        elif name == 'listen':
            s = sock or self.new_socket(step)
            if sock is None: s.bind(('0.0.0.0', step.get('port', 8080)))
            s.listen(step['backlog'])
        elif name == 'connect':
            (sock or self.new_socket(step)).connect((step.get('to', '10.0.0.2'), step.get('port', 8080)))
        elif name == 'accept': self.sockets[step['as']] = sock.accept()[0]; self.sockets[step['as']].setblocking(False)
        elif name == 'send': return sock.send(b'x' * step['len'])
        elif name == 'recv': return len(sock.recv(step.get('len', 65536)))
        elif name == 'shutdown': sock.shutdown({'read': 0, 'write': 1, 'both': 2}[step['how']])
        elif name == 'close': sock.close()
        elif name == 'linger': sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, step['value']))
        elif name == 'error':
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code: raise OSError(code, '')
        elif name == 'state': return laboratory_state(sock)
        elif name == 'lose': self.lab.nft(step['host'], LOSE)
        elif name == 'stop losing': self.lab.nft(step['host'], 'delete table ip lose')
        elif name == 'sysctl': laboratory.sysctl(self.lab.ns[step['host']], step['name'], step['value'])
        elif name == 'segment': self.segment(step)
        elif name == 'icmp': self.icmp(step)
        elif name in OPTIONS: sock.setsockopt(*OPTIONS[name], step['value'])
        else: raise RuntimeError(name)
        return 'ok'

    def run(self):
        self.lab.t0 = start = time.time()
        steps = []
        for step in self.spec['steps']:
            time.sleep(max(0, start + step['at'] - time.time()))
            if step['call'] == 'icmp': self.kept = laboratory.frames(self.ear)
            before = time.time()
            try: result = self.call(step)
            except OSError as e: result = laboratory.name_of(e)
            took = time.time() - before
            steps.append({**step, 'result': result, **({'took': round(took, 2)} if took > 0.3 else {})})
        time.sleep(max(0, start + self.spec['until'] - time.time()))
        kept = laboratory.packets(self.lab, self.tap, NAMES, lambda p: p['proto'] == 'tcp')
        for s in self.sockets.values(): s.close()
        self.lab.close()
        keep = ('t', 'from', 'sport', 'dport', 'flags', 'seq', 'ack', 'len')
        packets = [{**{k: p[k] for k in keep}, **({'opt': [o[0] for o in p['opt']]} if 'S' in p['flags'] else {})}
                   for p in kept]
        self.answer = {'case': self.name, **{k: self.spec[k] for k in ('about', 'sysctl', 'until') if k in self.spec},
                       'steps': steps, 'packets': packets}


def laboratory_state(sock):
    names = ['', 'ESTABLISHED', 'SYN-SENT', 'SYN-RECEIVED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED', 'CLOSE-WAIT',
             'LAST-ACK', 'LISTEN', 'CLOSING']
    return names[sock.getsockopt(6, 11, 8)[0]]


def main():
    chosen = {n: c for n, c in CASES.items() if len(sys.argv) == 1 or n in sys.argv[1:]}
    cases = [Case(name, spec) for name, spec in chosen.items()]
    threads = [threading.Thread(target=case.run) for case in cases]
    for thread in threads: thread.start(); time.sleep(0.03)
    for thread in threads: thread.join()
    answers = [case.answer for case in cases if hasattr(case, 'answer')]
    if len(chosen) < len(CASES):
        with open(OUT) as f: stored = {a['case']: a for a in json.load(f)['cases']}
        stored.update({a['case']: a for a in answers})
        answers = [stored[name] for name in CASES]
    text = laboratory.dump({**laboratory.about('connection_life.py'), 'cases': answers})
    text = text.replace('tests/data/kernel/connection_life.py', 'tests/kernel/connection_life.py')
    with open(OUT, 'w') as f: f.write(text + '\n')
    print(len(answers), 'of', len(cases), 'cases')


if __name__ == '__main__':
    main()
