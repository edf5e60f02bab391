#!/usr/bin/python3
"""choice.py - asks the running kernel which ports it chooses and which socket a packet goes to; writes choice.csv.

Run as root; each case has a network namespace of its own. A case is a list of steps; the test PortChoice in
tests/sim/stack does the same steps on a simulated host. Columns: case, compare, step, answer. `compare` says what of the
ports must agree, for the kernel's secrets are random: exact, parity (each port's parity, and all ports of the case
together), set (all ports of the case together), range (each inside ip_local_port_range), or spread (even enough). Errors and names must always agree.
"""
import csv, ctypes, errno, os, socket, subprocess, time

HERE = os.path.dirname(os.path.abspath(__file__))
USER = 12345
V6ONLY, FREEBIND, NO_PORT = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY), (socket.IPPROTO_IP, 15), (socket.IPPROTO_IP, 24)
OPTIONS = {'reuseaddr': (socket.SOL_SOCKET, socket.SO_REUSEADDR), 'reuseport': (socket.SOL_SOCKET, socket.SO_REUSEPORT),
           'v6only': V6ONLY, 'freebind': FREEBIND, 'no-port': NO_PORT}
FILES = {'range': 'ip_local_port_range', 'reserved': 'ip_local_reserved_ports', 'tw_reuse': 'tcp_tw_reuse',
         'unprivileged': 'ip_unprivileged_port_start', 'nonlocal': 'ip_nonlocal_bind'}


class as_user:
    def __init__(self, user): self.user = user
    def __enter__(self): os.seteuid(self.user)
    def __exit__(self, *_): os.seteuid(0)


class Kernel:
    """Carries out steps; sockets by name."""

    def __init__(self):
        if ctypes.CDLL(None).unshare(0x40000000): raise OSError('unshare')
        subprocess.run(['sh', '-c', 'ip link set lo up; ip addr add 10.9.9.9/32 dev lo'], check=True)
        self.sockets, self.users, self.accepted = {}, {}, []

    def set(self, name, value):
        with open('/proc/sys/net/ipv4/' + FILES[name], 'w') as f: f.write(value + '\n')

    def close(self):
        for s in list(self.sockets.values()) + self.accepted: s.close()

    def port(self, name):
        return str(self.sockets[name].getsockname()[1])

    def do_socket(self, name, kind, *options):
        self.users[name] = USER if 'user' in options else 0
        with as_user(self.users[name]):
            s = socket.socket(socket.AF_INET6 if kind[-1] == '6' else socket.AF_INET,
                              socket.SOCK_STREAM if kind.startswith('tcp') else socket.SOCK_DGRAM)
        for option in options:
            if option != 'user': s.setsockopt(*OPTIONS[option], 1)
        self.sockets[name] = s
        return 'ok'

    def do_bind(self, name, address, port):
        with as_user(self.users[name]): self.sockets[name].bind((address, int(port)))
        return 'ok ' + self.port(name)

    def do_listen(self, name):
        self.sockets[name].listen(4000)
        return 'ok ' + self.port(name)

    def do_connect(self, name, address, port):
        self.sockets[name].connect((address, int(port)))
        return 'ok ' + self.port(name)

    def do_sendto(self, name, address, port):
        self.sockets[name].sendto(b'x', (address, int(port)))
        return 'ok ' + self.port(name)

    def do_send(self, name):
        self.sockets[name].send(b'x')
        return 'ok'

    def do_receive(self, name):
        self.sockets[name].setblocking(False)
        return 'ok ' + str(len(self.sockets[name].recv(100)))

    def do_close(self, name):
        self.sockets.pop(name).close()
        time.sleep(0.01)
        return 'ok'

    def do_who(self):
        """The sockets something came to: each listener's connections are accepted (and closed later), datagrams read."""
        time.sleep(0.005)
        found = []
        for name, s in self.sockets.items():
            s.setblocking(False)
            while True:
                try:
                    if s.getsockopt(socket.SOL_SOCKET, 30):      # SO_ACCEPTCONN
                        self.accepted.append(s.accept()[0])
                    elif s.type == socket.SOCK_DGRAM:
                        s.recv(100)
                    else:
                        break
                    found.append(name)
                except OSError:
                    break
            s.setblocking(True)
        return ' '.join(['ok'] + sorted(found))

    def do_hangup(self):
        """Closes what `who` accepted: the other ends are in TIME_WAIT if they closed first."""
        for s in self.accepted: s.close()
        self.accepted.clear()
        time.sleep(0.02)
        return 'ok'

    def do_wait(self, milliseconds):
        time.sleep(int(milliseconds) / 1000)
        return 'ok'

    def step(self, text):
        verb, *arguments = text.split()
        if verb in FILES:
            self.set(verb, ' '.join(arguments))
            return 'ok'
        try:
            return getattr(self, 'do_' + verb)(*arguments)
        except OSError as e:
            return errno.errorcode[e.errno]


LISTEN = ['socket s tcp', 'bind s 0.0.0.0 80', 'listen s']


def connects(names, count, address='127.0.0.1', port=80, *options):
    out = []
    for i in range(1, count + 1):
        out += [' '.join([f'socket {names}{i} tcp', *options]), f'connect {names}{i} {address} {port}']
    return out


def binds(names, count, kind='tcp', *options, address='0.0.0.0'):
    out = []
    for i in range(1, count + 1):
        out += [' '.join([f'socket {names}{i} {kind}', *options]), f'bind {names}{i} {address} 0']
    return out


def one(kind, verb, *arguments, options=''):
    return [f'socket x {kind} {options}'.strip(), ' '.join([verb, 'x', *map(str, arguments)])]


CASES = [
    ('connect fills one parity and then the other', 'parity', ['range 40000 40009', *LISTEN, *connects('c', 12)]),
    ('connect prefers the parity of the low end', 'parity', ['range 40001 40008', *LISTEN, *connects('c', 9)]),
    ('another destination port takes the same ports again', 'parity',
     ['range 40000 40003', *LISTEN, 'socket t tcp', 'bind t 0.0.0.0 81', 'listen t', *connects('c', 5),
      *connects('d', 5, '127.0.0.1', 81)]),
    ('another destination address takes the same ports again', 'parity',
     ['range 40000 40003', *LISTEN, *connects('c', 5), *connects('d', 5, '127.0.0.2')]),
    ('a range of one port', 'exact', ['range 40000 40000', *LISTEN, *connects('c', 2), *binds('b', 1)]),
    ('a range of two ports', 'parity', ['range 40000 40001', *LISTEN, *connects('c', 3)]),
    ('connect with reserved ports', 'parity',
     ['range 40000 40009', 'reserved 40002,40004-40007', *LISTEN, *connects('c', 6)]),
    ('bind with reserved ports', 'parity', ['range 40000 40009', 'reserved 40002,40004-40007', *binds('b', 6)]),
    ('a reserved port may be named', 'exact', ['reserved 40002', *one('tcp', 'bind', '0.0.0.0', 40002)]),
    ('bind takes the other parity first', 'parity', ['range 40000 40009', *binds('b', 12)]),
    ('bind in a range that begins odd', 'parity', ['range 40001 40008', *binds('b', 9)]),
    ('bind with SO_REUSEADDR takes the lower half first', 'parity', ['range 40000 40015', *binds('b', 17, 'tcp', 'reuseaddr')]),
    ('a chosen TCP port is never shared', 'parity', ['range 40000 40003', *binds('b', 5, 'tcp', 'reuseport')]),
    ('a port can be chosen once per address', 'parity',
     ['range 40000 40003', *binds('b', 5, address='127.0.0.1'), *binds('c', 5, address='127.0.0.2')]),
    ('bind finds nothing where connect took all', 'parity',
     ['range 40000 40003', *LISTEN, *connects('c', 4), *binds('b', 1), *binds('r', 1, 'tcp', 'reuseaddr')]),
    ('connect finds nothing where bind took all', 'parity', ['range 40000 40003', *LISTEN, *binds('b', 4), *connects('c', 1)]),
    ('connect finds nothing where bind took all on another address', 'parity',
     ['range 40000 40003', *LISTEN, *binds('b', 4, address='127.0.0.2'), *connects('c', 1)]),
    ('a bound port that is released serves connect again', 'parity',
     ['range 40000 40001', *LISTEN, *connects('c', 2), *connects('d', 1), 'socket b tcp reuseaddr',
      'bind b 127.0.0.9 40000', *connects('e', 1, '127.0.0.2'), *connects('f', 1, '127.0.0.2'), 'close b',
      *connects('g', 1, '127.0.0.2')]),
    ('bind to another address and connect', 'range',
     ['range 40000 40003', *LISTEN, *connects('c', 4), 'socket b tcp', 'bind b 127.0.0.9 0', 'connect b 127.0.0.1 80']),
    ('IP_BIND_ADDRESS_NO_PORT leaves the port to connect', 'parity',
     ['range 40000 40003', *LISTEN, *connects('c', 4),
      *[s for i in range(5) for s in (f'socket b{i} tcp no-port', f'bind b{i} 127.0.0.9 0', f'connect b{i} 127.0.0.1 80')]]),
    ('an explicit port toward the same server twice', 'exact',
     [*LISTEN, 'socket a tcp reuseaddr', 'bind a 127.0.0.1 5000', 'connect a 127.0.0.1 80', 'socket b tcp reuseaddr',
      'bind b 127.0.0.1 5000', 'connect b 127.0.0.1 80', 'connect b 127.0.0.2 80']),
    ('UDP bind uses all ports', 'set', ['range 40000 40009', *binds('b', 11, 'udp')]),
    ('UDP sendto without a free port', 'set',
     ['range 40000 40001', *binds('b', 2, 'udp'), *one('udp', 'sendto', '127.0.0.1', 9)]),
    ('UDP connect without a free port', 'set',
     ['range 40000 40001', *binds('b', 2, 'udp'), *one('udp', 'connect', '127.0.0.1', 9)]),
    ('UDP bind(0) shares with SO_REUSEADDR', 'range', ['range 40000 40001', *binds('b', 4, 'udp', 'reuseaddr')]),
    ('UDP bind(0) shares with SO_REUSEPORT', 'range', ['range 40000 40001', *binds('b', 4, 'udp', 'reuseport')]),
    ('listen without a free port', 'parity', ['range 40000 40001', *binds('b', 2), *one('tcp', 'listen')]),
    ('listen on a socket never bound', 'range', ['range 40000 40009', *one('tcp', 'listen')]),
    ('UDP bind passes over reserved ports', 'set', ['range 40000 40003', 'reserved 40001', *binds('b', 4, 'udp')]),
]


def time_wait(address, reuse, wait):
    """Four connections that the client closes first; then four more."""
    steps = ['range 40000 40003', f'tw_reuse {reuse}', *LISTEN, *connects('c', 4, address), 'who']
    steps += [f'close c{i}' for i in range(1, 5)] + ['hangup']
    return steps + ([f'wait {wait}'] if wait else []) + connects('d', 5, address)


CASES += [
    ('TIME_WAIT holds ports (tcp_tw_reuse 0)', 'parity', time_wait('127.0.0.1', 0, 1100)),
    ('TIME_WAIT holds ports for a second (tcp_tw_reuse 1)', 'parity', time_wait('10.9.9.9', 1, 0)),
    ('TIME_WAIT ports again after a second (tcp_tw_reuse 1)', 'parity', time_wait('10.9.9.9', 1, 1100)),
    ('TIME_WAIT holds ports beyond loopback (tcp_tw_reuse 2)', 'parity', time_wait('10.9.9.9', 2, 1100)),
    ('TIME_WAIT ports again over loopback (tcp_tw_reuse 2)', 'parity', time_wait('127.0.0.1', 2, 1100)),
    ('TIME_WAIT holds ports over loopback for a second', 'parity', time_wait('127.0.0.1', 2, 0)),
    ('a named port in TIME_WAIT needs SO_REUSEADDR and then connects at once', 'exact',
     [*LISTEN, 'socket a tcp reuseaddr', 'bind a 127.0.0.1 5000', 'connect a 127.0.0.1 80', 'who', 'close a', 'hangup',
      'socket b tcp', 'bind b 127.0.0.1 5000', 'socket c tcp reuseaddr', 'bind c 127.0.0.1 5000', 'connect c 127.0.0.1 80',
      'who']),
    ('SO_REUSEPORT of another user in TIME_WAIT', 'exact',
     [*LISTEN, 'socket a tcp reuseport', 'bind a 127.0.0.1 5000', 'connect a 127.0.0.1 80', 'who', 'close a', 'hangup',
      'socket b tcp reuseport user', 'bind b 127.0.0.1 5000']),
    ('a port bind() took stays after a refused connect', 'exact',
     ['socket a tcp', 'bind a 127.0.0.1 5000', 'connect a 127.0.0.1 9', *one('tcp', 'bind', '127.0.0.1', 5000), 'close a',
      'bind x 127.0.0.1 5000']),
    ('a port bind(0) chose is free after a refused connect', 'exact',
     ['range 40001 40001', 'socket a tcp', 'bind a 127.0.0.1 0', 'connect a 127.0.0.1 9',
      *one('tcp', 'bind', '127.0.0.1', 40001), 'connect a 127.0.0.1 9', 'close x', 'connect a 127.0.0.1 9',
      'bind a 127.0.0.1 0', 'bind a 127.0.0.1 0', *one('tcp', 'bind', '127.0.0.1', 40001)]),
    ('a port connect() chose may be bound anew after a refusal', 'exact',
     ['range 40000 40000', 'socket a tcp', 'connect a 127.0.0.1 9', 'bind a 127.0.0.1 5000', 'connect a 127.0.0.1 9',
      *one('tcp', 'bind', '127.0.0.1', 5000), 'bind a 127.0.0.1 5001']),
    ('a port connect() chose is free after a refusal', 'parity',
     ['range 40000 40000', 'socket a tcp', 'connect a 127.0.0.1 9', *one('tcp', 'bind', '127.0.0.1', 40000)]),
]

for options in ('', 'user'):
    for port in (0, 1, 79, 80, 1023, 1024):
        CASES.append((f'port {port} {options or "root"}', 'range', one('tcp', 'bind', '0.0.0.0', port, options=options)))
CASES += [
    ('ip_unprivileged_port_start 80', 'exact',
     ['unprivileged 80', *one('tcp', 'bind', '0.0.0.0', 79, options='user'), 'bind x 0.0.0.0 80']),
    ('ip_unprivileged_port_start 2000', 'exact',
     ['unprivileged 2000', *one('udp', 'bind', '0.0.0.0', 1999, options='user'), 'bind x 0.0.0.0 2000']),
    ('ip_unprivileged_port_start 0', 'exact', ['unprivileged 0', *one('udp', 'bind', '0.0.0.0', 1, options='user')]),
    ('bind twice', 'exact', [*one('tcp', 'bind', '127.0.0.1', 5000), 'bind x 127.0.0.1 5001', 'bind x 127.0.0.1 0']),
    ('bind twice with IP_BIND_ADDRESS_NO_PORT', 'exact',
     [*one('tcp', 'bind', '127.0.0.1', 0, options='no-port'), 'bind x 127.0.0.1 5001', 'bind x 127.0.0.1 5002']),
    ('bind after connect', 'exact', [*LISTEN, 'range 40000 40000', *one('tcp', 'connect', '127.0.0.1', 80), 'bind x 0.0.0.0 5000']),
    ('first the address, then the privilege (IPv4)', 'exact', one('tcp', 'bind', '192.0.2.1', 80, options='user')),
    ('first the privilege, then the address (IPv6)', 'exact', one('tcp6', 'bind', '2001:db8::1', 80, options='user')),
    ('first the privilege, then the second bind', 'exact',
     [*one('tcp', 'bind', '127.0.0.1', 5000, options='user'), 'bind x 127.0.0.1 80', 'bind x 192.0.2.1 5001']),
    ('IPv6: the second bind before the address', 'exact',
     [*one('tcp6', 'bind', '::1', 5000, options='user'), 'bind x ::1 80', 'bind x 2001:db8::1 5001']),
    ('IPv6: a mapped address with IPV6_V6ONLY', 'exact', one('tcp6', 'bind', '::ffff:127.0.0.1', 5000, options='v6only')),
    ('IPv6: a mapped address that is not local', 'exact', one('tcp6', 'bind', '::ffff:192.0.2.1', 5000)),
    ('IPv6: TCP and multicast', 'exact', one('tcp6', 'bind', 'ff02::1', 5000)),
    ('IPv4: TCP and multicast', 'exact', one('tcp', 'bind', '224.0.0.1', 5000)),
    ('TCP to an IPv4-mapped address with IPV6_V6ONLY', 'exact', [*LISTEN, *one('tcp6', 'connect', '::ffff:127.0.0.1', 80, options='v6only')]),
    ('UDP to an IPv4-mapped address with IPV6_V6ONLY', 'exact', one('udp6', 'connect', '::ffff:127.0.0.1', 80, options='v6only')),
    ('UDP sendto an IPv4-mapped address with IPV6_V6ONLY', 'exact', one('udp6', 'sendto', '::ffff:127.0.0.1', 80, options='v6only')),
    ('TCP to an IPv4-mapped address', 'range', [*LISTEN, *one('tcp6', 'connect', '::ffff:127.0.0.1', 80), 'who']),
    ('a local address, bound to IPv6, cannot reach IPv4', 'exact',
     [*LISTEN, *one('udp6', 'bind', '::1', 5000), 'connect x ::ffff:127.0.0.1 80']),
    ('from a mapped address to IPv6', 'exact', [*one('tcp6', 'bind', '::ffff:127.0.0.1', 5000), 'connect x ::1 80']),
]
for kind in ('tcp', 'udp'):
    CASES += [(f'{kind} an address of another host', 'exact', one(kind, 'bind', '192.0.2.1', 5000)),
              (f'{kind} IP_FREEBIND', 'exact', one(kind, 'bind', '192.0.2.1', 5000, options='freebind')),
              (f'{kind} ip_nonlocal_bind', 'exact', ['nonlocal 1', *one(kind, 'bind', '192.0.2.1', 5000)])]


def udp(name, address, port, *options, kind='udp'):
    return [' '.join([f'socket {name} {kind}', *options]), f'bind {name} {address} {port}']


SENDER = udp('from', '127.0.0.1', 6000)
SEND = ['sendto from 127.0.0.1 5000', 'who']
CASES += [
    ('UDP: specific beats wildcard', 'exact', [*SENDER, *udp('w', '0.0.0.0', 5000, 'reuseaddr'), *udp('s', '127.0.0.1', 5000, 'reuseaddr'), *SEND]),
    ('UDP: specific beats wildcard, bound first', 'exact', [*SENDER, *udp('s', '127.0.0.1', 5000, 'reuseaddr'), *udp('w', '0.0.0.0', 5000, 'reuseaddr'), *SEND]),
    ('UDP: connected beats specific', 'exact',
     [*SENDER, *udp('c', '127.0.0.1', 5000, 'reuseaddr'), 'connect c 127.0.0.1 6000', *udp('s', '127.0.0.1', 5000, 'reuseaddr'), *SEND]),
    ('UDP: connected to somebody else', 'exact',
     [*SENDER, *udp('c', '127.0.0.1', 5000, 'reuseaddr'), 'connect c 127.0.0.1 6001', *SEND]),
    ('UDP: connected after a wildcard bind', 'exact',
     [*SENDER, *udp('c', '0.0.0.0', 5000, 'reuseaddr'), *udp('s', '127.0.0.1', 5000, 'reuseaddr'), 'connect c 127.0.0.1 6000', *SEND]),
    ('UDP: the last bound gets everything', 'exact',
     [*SENDER, *udp('a', '0.0.0.0', 5000, 'reuseaddr'), *udp('b', '0.0.0.0', 5000, 'reuseaddr'), *udp('c', '0.0.0.0', 5000, 'reuseaddr'),
      *SEND, 'close c', *SEND, 'close b', *SEND]),
    ('UDP: two connected to one peer, the last bound', 'exact',
     [*SENDER, *udp('a', '127.0.0.1', 5000, 'reuseaddr'), *udp('b', '127.0.0.1', 5000, 'reuseaddr'), 'connect b 127.0.0.1 6000',
      'connect a 127.0.0.1 6000', *SEND]),
    ('UDP: two connected to one peer after wildcard binds', 'exact',
     [*SENDER, *udp('a', '0.0.0.0', 5000, 'reuseaddr'), *udp('b', '0.0.0.0', 5000, 'reuseaddr'), 'connect b 127.0.0.1 6000',
      'connect a 127.0.0.1 6000', *SEND]),
    ('UDP: IPv4 wildcard and dual-stack wildcard', 'exact',
     [*SENDER, *udp('v4', '0.0.0.0', 5000, 'reuseaddr'), *udp('v6', '::', 5000, 'reuseaddr', kind='udp6'), *SEND]),
    ('UDP: dual-stack wildcard', 'exact', [*SENDER, *udp('v6', '::', 5000, kind='udp6'), *SEND]),
    ('UDP: IPv6 only', 'exact', [*SENDER, *udp('v6', '::', 5000, 'v6only', kind='udp6'), *SEND]),
    ('UDP: mapped specific beats IPv4 wildcard', 'exact',
     [*SENDER, *udp('m', '::ffff:127.0.0.1', 5000, 'reuseaddr', kind='udp6'), *udp('w', '0.0.0.0', 5000, 'reuseaddr'), *SEND]),
    ('UDP: mapped and IPv4 specific', 'exact',
     [*SENDER, *udp('v4', '127.0.0.1', 5000, 'reuseaddr'), *udp('m', '::ffff:127.0.0.1', 5000, 'reuseaddr', kind='udp6'), *SEND]),
    ('TCP: specific beats wildcard', 'range',
     ['socket w tcp reuseport', 'bind w 0.0.0.0 80', 'listen w', 'socket s tcp reuseport', 'bind s 127.0.0.1 80', 'listen s',
      *connects('c', 1), 'who', *connects('d', 1, '127.0.0.2'), 'who']),
    ('TCP: IPv4 wildcard beats dual-stack', 'range',
     ['socket v6 tcp6 reuseport', 'bind v6 :: 80', 'listen v6', 'socket v4 tcp reuseport', 'bind v4 0.0.0.0 80', 'listen v4',
      *connects('c', 1), 'who', 'socket d tcp6', 'connect d ::1 80', 'who', 'socket e tcp6', 'connect e ::ffff:127.0.0.1 80', 'who']),
    ('TCP: dual-stack listener', 'range',
     ['socket v6 tcp6', 'bind v6 :: 80', 'listen v6', *connects('c', 1), 'who', 'socket d tcp6', 'connect d ::1 80', 'who']),
    ('TCP: IPv6 only listener', 'range', ['socket v6 tcp6 v6only', 'bind v6 :: 80', 'listen v6', *connects('c', 1), 'who']),
    ('TCP: a mapped listener', 'range', ['socket m tcp6', 'bind m ::ffff:127.0.0.1 80', 'listen m', *connects('c', 1), 'who', *connects('d', 1, '127.0.0.2')]),
    ('UDP: only a connected socket hears of the refusal', 'exact',
     [*udp('a', '127.0.0.1', 5000), 'sendto a 127.0.0.1 9', 'wait 20', 'receive a', 'connect a 127.0.0.1 9', 'send a', 'wait 20', 'receive a',
      'receive a', 'send a', 'wait 20', 'send a', 'send a']),
]

SPREAD = 400


def spread(count):
    """How many of SPREAD flows each of `count` sockets with SO_REUSEPORT gets, and whether a flow stays with its socket."""
    kernel = Kernel()
    for i in range(count):
        for step in udp(f'r{i}', '0.0.0.0', 5000, 'reuseport'): kernel.step(step)
    seen, stable = [0] * count, True
    for flow in range(SPREAD):
        for step in udp('from', '127.0.0.1', 20000 + flow): kernel.step(step)
        took = []
        for _ in range(2):
            kernel.step('sendto from 127.0.0.1 5000')
            took.append(kernel.step('who'))
        stable = stable and took[0] == took[1]
        seen[int(took[0].split()[1][1:])] += 1
        kernel.step('close from')
    kernel.close()
    return ' '.join(map(str, seen)) + (' stable' if stable else ' unstable')


def main():
    with open(os.path.join(HERE, 'choice.csv'), 'w', newline='') as f:
        out = csv.writer(f, lineterminator='\n')
        out.writerow(['case', 'compare', 'step', 'answer'])
        for name, compare, steps in CASES:
            kernel = Kernel()
            for step in steps: out.writerow([name, compare, step, kernel.step(step)])
            kernel.close()
        for count in (2, 3, 4, 8): out.writerow([f'spread over {count}', 'spread', f'{SPREAD} flows', spread(count)])


if __name__ == '__main__':
    main()
