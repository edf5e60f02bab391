#!/usr/bin/python3
"""make.py [NAME ...]: captures on both sides of a translating router, from real traffic of the running Linux kernel.

Hosts are network namespaces of their own: client 192.168.1.10, router 192.168.1.1 and 203.0.113.5, server
93.184.216.34. Needs root, tcpdump, editcap, mergecap, curl, nft. README.md describes each file.
"""
import importlib.machinery
import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, '..', '..', 'captures')
loader = importlib.machinery.SourceFileLoader('make', os.path.join(CAPTURES, 'make'))
make = importlib.util.module_from_spec(importlib.util.spec_from_loader('make', loader))
loader.exec_module(make)
SERVER, OUTSIDE = '93.184.216.34', '203.0.113.5'
UDP = socket.SOCK_DGRAM
PAGE = (b'<html><head><link rel="stylesheet" href="/style.css"></head><body><img src="/logo.png">' + b'<p>words</p>' * 120 +
        b'</body></html>')
FILES = {'/': PAGE, '/style.css': b'p { color: #246 }\n' * 40, '/logo.png': bytes(range(256)) * 8}


def network(rules, mtu=1500):
    net = make.Lab(['client', 'router', 'server'],
                   [('client', '192.168.1.10/24', 'router', '192.168.1.1/24', 1500),
                    ('router', OUTSIDE + '/24', 'server', '203.0.113.1/24 ' + SERVER + '/32', mtu)],
                   [('net.ipv4.ip_forward', 1)])
    net.ip('client', 'route', 'add', 'default', 'via', '192.168.1.1')
    net.ip('router', 'route', 'add', 'default', 'via', '203.0.113.1')
    net.ip('server', 'route', 'add', '192.168.1.0/24', 'via', OUTSIDE)
    if rules:
        net.nft('router', 'table ip nat { ' + rules + '\n}')
    return net


MASQUERADE = 'chain post { type nat hook postrouting priority 100; oifname "to_server" masquerade; }\n'


class Both:
    """tcpdump on both interfaces of the router for the length of a `with`; afterwards one file, or two."""

    def __init__(self, net, name, apart=None, snaplen=96, expression='ip'):
        self.name, self.apart = name, apart
        self.parts = [os.path.join(HERE, side) for side in ('to_client.tmp', 'to_server.tmp')]
        self.dumps = [make.Tcpdump(net, 'router', os.path.basename(part)[:-4], part, snaplen=snaplen,
                                   expression=expression) for part in self.parts]

    def __enter__(self):
        for dump in self.dumps:
            dump.__enter__()

    def __exit__(self, *_):
        for dump in self.dumps:
            dump.__exit__()
        self.join()
        if self.apart:
            self.keep_apart()
        for part in self.parts:
            os.remove(part)

    # One pcapng with two interfaces that have their names, as dumpcap -i a -i b writes it.
    def join(self):
        names = [os.path.join(HERE, name) for name in ('inside.ng', 'outside.ng')]
        for part, name in zip(self.parts, names):
            make.sh('editcap', '-F', 'pcapng', part, name)
        out = os.path.join(HERE, self.name)
        make.sh('mergecap', '-I', 'none', '-F', 'pcapng', '-w', out, *names)
        for name in names:
            os.remove(name)
        give_names(out, [b'lan0', b'wan0'])

    def keep_apart(self):
        stem = os.path.join(HERE, self.name.rsplit('.', 1)[0])
        make.sh('editcap', '-F', 'pcap', self.parts[0], stem + '_inside.pcap')
        make.sh('editcap', '-F', 'pcap', '-t', self.apart, self.parts[1], stem + '_outside.pcap')


def give_names(path, names):
    """Puts the option if_name into the interface blocks of a little-endian pcapng file, one after the other."""
    with open(path, 'rb') as f:
        data = f.read()
    out, at, number = b'', 0, 0
    while at < len(data):
        kind, length = (int.from_bytes(data[at + i:at + i + 4], 'little') for i in (0, 4))
        block = data[at:at + length]
        if kind == 1:
            name = names[number]
            option = (2).to_bytes(2, 'little') + len(name).to_bytes(2, 'little') + name + b'\0' * (-len(name) % 4)
            size = (length + len(option)).to_bytes(4, 'little')
            block = block[:4] + size + block[8:16] + option + block[16:-4] + size
            number += 1
        out += block
        at += length
    with open(path, 'wb') as f:
        f.write(out)


def serve_page(net, host, address, port=80):
    listener = net.socket(host)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(16)

    def talk(s):
        data = b''
        while chunk := s.recv(4096):
            data += chunk
            while b'\r\n\r\n' in data:
                head, data = data.split(b'\r\n\r\n', 1)
                body = FILES.get(head.split()[1].decode(), b'none')
                s.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
        s.close()

    def loop():
        while True:
            try:
                s = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=talk, args=(s,), daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()
    return listener


def serve_names(net, address):
    """Answers every DNS question with the web server's address."""
    s = net.socket('server', kind=UDP)
    s.bind((address, 53))

    def loop():
        while True:
            try:
                ask, peer = s.recvfrom(600)
            except OSError:
                return
            question = ask[12:ask.index(b'\0', 12) + 5]
            answer = b'\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04' + socket.inet_aton(SERVER)
            s.sendto(ask[:2] + b'\x81\x80\0\x01\0\x01\0\0\0\0' + question + answer, peer)
    threading.Thread(target=loop, daemon=True).start()
    return s


def ask_name(net, name, port, number):
    s = net.socket('client', kind=UDP)
    s.bind(('192.168.1.10', port))
    s.settimeout(2)
    labels = b''.join(bytes([len(part)]) + part for part in name.split(b'.'))
    s.sendto(number.to_bytes(2, 'big') + b'\x01\0\0\x01\0\0\0\0\0\0' + labels + b'\0\0\x01\0\x01', (SERVER, 53))
    s.recv(600)
    s.close()


def curl(net, host, port, *urls):
    command = ['ip', 'netns', 'exec', net.ns[host], 'curl', '-s', '--noproxy', '*', '--local-port', str(port)]
    for url in urls:
        command += ['-o', '/dev/null', url]
    subprocess.run(command, check=True, timeout=20)


def page():
    """A page: its name asked for, the page and two files by curl on one connection, a ping. Also as two files, the
    outside clock 1.75 s ahead."""
    net = network(MASQUERADE)
    servers = [serve_page(net, 'server', SERVER), serve_names(net, SERVER)]
    with Both(net, 'page.pcapng', apart='1.75'):
        ask_name(net, b'www.example', 41000, 0x1234)
        curl(net, 'client', 40000, f'http://{SERVER}/', f'http://{SERVER}/style.css', f'http://{SERVER}/logo.png')
        make.ping(net, 'client', SERVER, 2)
    make.stop(servers[0])
    net.close()


def ports():
    """Two clients with one source port: the router changes the second one's. A name asked for by both, too."""
    net = network(MASQUERADE)
    net.ip('client', 'addr', 'add', '192.168.1.11/24', 'dev', 'to_router')
    listener, names = serve_page(net, 'server', SERVER), serve_names(net, SERVER)
    with Both(net, 'ports.pcapng'):
        open_ones = []
        for address in ('192.168.1.10', '192.168.1.11'):
            s = net.socket('client')
            s.bind((address, 40000))
            s.connect((SERVER, 80))
            s.sendall(b'GET /style.css HTTP/1.1\r\nHost: web.example\r\n\r\n')
            s.recv(2000)
            open_ones.append(s)
        for s in open_ones:
            s.close()
        asking = []
        for number, address in enumerate(('192.168.1.10', '192.168.1.11')):
            s = net.socket('client', kind=UDP)
            s.bind((address, 5353))
            s.sendto((0x4000 + number).to_bytes(2, 'big') + b'\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01',
                     (SERVER, 53))
            s.recv(600)
            asking.append(s)
    make.stop(listener)
    names.close()
    net.close()


def forward():
    """Destination NAT: 203.0.113.5:8080 is 192.168.1.10:80; a client outside, then one inside (hairpin, both sides
    of which pass lan0)."""
    net = network('chain pre { type nat hook prerouting priority -100; ip daddr 203.0.113.5 tcp dport 8080 dnat to '
                  '192.168.1.10:80; }\n chain post { type nat hook postrouting priority 100; ip saddr 192.168.1.0/24 '
                  'ip daddr 192.168.1.10 masquerade; }\n')
    net.ip('client', 'addr', 'add', '192.168.1.11/24', 'dev', 'to_router')
    listener = serve_page(net, 'client', '192.168.1.10')
    with Both(net, 'forward.pcapng'):
        curl(net, 'server', 50000, 'http://203.0.113.5:8080/style.css')
        s = net.socket('client')
        s.bind(('192.168.1.11', 50001))
        s.connect(('203.0.113.5', 8080))
        s.sendall(b'GET /style.css HTTP/1.1\r\nHost: web.example\r\n\r\n')
        s.recv(2000)
        s.close()
    make.stop(listener)
    net.close()


def routed():
    """No translation: the same tuples at both interfaces."""
    net = network('')
    listener = serve_page(net, 'server', SERVER)
    with Both(net, 'routed.pcapng'):
        curl(net, 'client', 40000, f'http://{SERVER}/style.css')
    make.stop(listener)
    net.close()


def proxy():
    """A program on the router takes the connection and makes another one: never the same flow."""
    net = network('')
    listener = serve_page(net, 'server', SERVER)
    front = net.socket('router')
    front.bind(('192.168.1.1', 3128))
    front.listen(4)

    def pass_on(a, b):
        while data := a.recv(4096):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)

    def loop():
        a = front.accept()[0]
        b = net.socket('router')
        b.bind((OUTSIDE, 40000))
        b.connect((SERVER, 80))
        back = threading.Thread(target=pass_on, args=(b, a))
        back.start()
        pass_on(a, b)
        back.join()
        a.close()
        b.close()
    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    with Both(net, 'proxy.pcapng'):
        curl(net, 'client', 40000, 'http://192.168.1.1:3128/style.css')
        thread.join(5)
    make.stop(listener)
    front.close()
    net.close()


def strangers():
    """Two connections at the same time, one on each side of the router, that have nothing to do with each other."""
    net = network('')
    inside, outside = serve_page(net, 'router', '192.168.1.1', 8080), serve_page(net, 'server', SERVER)
    with Both(net, 'strangers.pcapng'):
        both = [threading.Thread(target=curl, args=(net, host, 40000, url)) for host, url in
                (('client', 'http://192.168.1.1:8080/style.css'), ('router', f'http://{SERVER}/style.css'))]
        for one in both:
            one.start()
        for one in both:
            one.join()
    make.stop(inside)
    make.stop(outside)
    net.close()


STEPS = {'page': page, 'ports': ports, 'forward': forward, 'routed': routed, 'proxy': proxy, 'strangers': strangers}

if __name__ == '__main__':
    for step in sys.argv[1:] or STEPS:
        STEPS[step]()
        print(step, flush=True)
