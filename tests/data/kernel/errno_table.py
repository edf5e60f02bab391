#!/usr/bin/python3
"""errno_table.py - ask the kernel what each socket call answers in each state; writes errno_table.csv. Run as root.

Columns: kind (tcp, udp), state of the socket, call, answer (ok, a number, or the errno's name). All sockets are on lo
and non-blocking unless the call says otherwise. EPIPE is seen with MSG_NOSIGNAL; without it SIGPIPE comes too.
"""
import csv, os, select, socket, struct, time

from lab import HERE, Lab, about, name_of

A = ('127.0.0.1', 8080)
V4, TCP, UDP = socket.AF_INET, socket.SOCK_STREAM, socket.SOCK_DGRAM


class World:
    """Builds a socket in a given state, fresh for each call."""

    def __init__(self, lab):
        self.lab, self.keep, self.port = lab, [], 10000

    def free_port(self):
        self.port += 1
        return self.port

    def sock(self, kind=TCP):
        s = self.lab.socket('host', V4, kind)
        s.setblocking(False)
        self.keep.append(s)
        return s

    def pair(self):
        l = self.sock()
        l.bind(('127.0.0.1', self.free_port()))
        l.listen(8)
        c = self.sock()
        c.setblocking(True)
        c.connect(l.getsockname())
        l.setblocking(True)
        s = l.accept()[0]
        self.keep.append(s)
        for x in (c, s): x.setblocking(False)
        return c, s, l

    def tcp(self, state):
        if state == 'fresh': return self.sock()
        if state == 'bound':
            s = self.sock(); s.bind(('127.0.0.1', self.free_port())); return s
        if state == 'listening':
            s = self.sock(); s.bind(('127.0.0.1', self.free_port())); s.listen(8); return s
        if state == 'connecting (SYN_SENT)':
            s = self.sock()
            try: s.connect(('10.0.0.2', 80))
            except BlockingIOError: pass
            return s
        if state == 'refused, error not read':
            s = self.sock()
            try: s.connect(('127.0.0.1', 1))
            except BlockingIOError: pass
            time.sleep(0.01); return s
        if state == 'refused, error read':
            s = self.sock(); s.setblocking(True)
            try: s.connect(('127.0.0.1', 1))
            except ConnectionRefusedError: pass
            s.setblocking(False); return s
        c, s, l = self.pair()
        if state == 'established': pass
        elif state == 'established, data waiting': s.send(b'hello')
        elif state == 'after shutdown(SHUT_WR)': c.shutdown(socket.SHUT_WR)
        elif state == 'after shutdown(SHUT_RD)': c.shutdown(socket.SHUT_RD)
        elif state == 'after shutdown(SHUT_RDWR)': c.shutdown(socket.SHUT_RDWR)
        elif state == 'peer closed (CLOSE_WAIT)': s.close()
        elif state == 'peer shut down writing (CLOSE_WAIT)': s.shutdown(socket.SHUT_WR)
        elif state == 'both shut down (TIME_WAIT or CLOSED)': c.shutdown(socket.SHUT_WR); s.shutdown(socket.SHUT_WR)
        elif state in ('reset by peer, error not read', 'reset by peer, error read'):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()
            time.sleep(0.01)
            if state.endswith(', error read'):
                try: c.recv(1)
                except ConnectionResetError: pass
        elif state == 'peer closed, then we sent (reset)':
            s.close(); time.sleep(0.01); c.send(b'x'); time.sleep(0.01)
        elif state == 'send buffer full':
            while True:
                try: c.send(b'x' * 65536)
                except BlockingIOError: break
        time.sleep(0.01)
        return c

    def udp(self, state):
        s = self.sock(UDP)
        if state == 'bound': s.bind(('127.0.0.1', self.free_port()))
        if state == 'connected':
            r = self.sock(UDP); r.bind(('127.0.0.1', self.free_port())); s.connect(r.getsockname())
        if state == 'connected, ICMP error waiting':
            s.connect(('127.0.0.1', 1)); s.send(b'x'); time.sleep(0.01)
        if state == 'after shutdown(SHUT_WR)':
            s.connect(('127.0.0.1', 9)); s.shutdown(socket.SHUT_WR)
        if state == 'after shutdown(SHUT_RD)':
            s.connect(('127.0.0.1', 9)); s.shutdown(socket.SHUT_RD)
        return s


def no_signal(s, data, *to):
    return s.sendto(data, socket.MSG_NOSIGNAL, *to) if to else s.send(data, socket.MSG_NOSIGNAL)


def poll(s):
    p = select.poll()
    p.register(s, select.POLLIN | select.POLLOUT | select.POLLRDHUP | select.POLLPRI)
    events = dict(p.poll(0)).get(s.fileno(), 0)
    names = ('IN', 'OUT', 'PRI', 'ERR', 'HUP', 'RDHUP')
    return '|'.join(n for n in names if events & getattr(select, 'POLL' + n)) or '0'


def error(s):
    import errno
    e = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.errorcode.get(e, '0')


COMMON = {
    'bind(127.0.0.1:0)': lambda s: s.bind(('127.0.0.1', 0)),
    'connect(listener)': lambda s: s.connect(LISTENER.getsockname()),
    'connect(AF_UNSPEC)': lambda s: unspec(s),
    'listen(8)': lambda s: s.listen(8),
    'accept()': lambda s: s.accept(),
    'send(5)': lambda s: no_signal(s, b'hello'),
    'send(0)': lambda s: no_signal(s, b''),
    'sendto(5, address)': lambda s: no_signal(s, b'hello', ('127.0.0.1', 9)),
    'recv(100)': lambda s: len(s.recv(100)),
    'recv(100, MSG_PEEK)': lambda s: len(s.recv(100, socket.MSG_PEEK)),
    'recv(1, MSG_OOB)': lambda s: len(s.recv(1, socket.MSG_OOB)),
    'shutdown(SHUT_RD)': lambda s: s.shutdown(socket.SHUT_RD),
    'shutdown(SHUT_WR)': lambda s: s.shutdown(socket.SHUT_WR),
    'shutdown(SHUT_RDWR)': lambda s: s.shutdown(socket.SHUT_RDWR),
    'shutdown(7)': lambda s: s.shutdown(7),
    'getpeername()': lambda s: s.getpeername() and 'an address',
    'getsockname()': lambda s: {('0.0.0.0', 0): '0.0.0.0:0'}.get(s.getsockname(), s.getsockname()[0] + ':port'),
    'getsockopt(SO_ERROR)': error,
    'poll()': poll,
    'close()': lambda s: s.close(),
}
TCP_STATES = ['fresh', 'bound', 'listening', 'connecting (SYN_SENT)', 'refused, error not read', 'refused, error read', 'established', 'established, data waiting',
              'send buffer full', 'after shutdown(SHUT_WR)', 'after shutdown(SHUT_RD)', 'after shutdown(SHUT_RDWR)', 'peer closed (CLOSE_WAIT)',
              'peer shut down writing (CLOSE_WAIT)', 'both shut down (TIME_WAIT or CLOSED)', 'peer closed, then we sent (reset)',
              'reset by peer, error not read', 'reset by peer, error read']
UDP_STATES = ['fresh', 'bound', 'connected', 'connected, ICMP error waiting', 'after shutdown(SHUT_WR)', 'after shutdown(SHUT_RD)']


def unspec(s):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(s.fileno(), struct.pack('H14x', 0), 16):
        raise OSError(ctypes.get_errno(), 'connect')


def sys_call(name, *args):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    r = getattr(libc, name)(*args)
    if r < 0: raise OSError(ctypes.get_errno(), name)
    return r


def answer(fn):
    try:
        value = fn()
    except OSError as e:
        return name_of(e)
    return value if isinstance(value, (int, str)) and not isinstance(value, bool) else 'ok'


def single_cases(w):
    """Rows that need more than one socket or special arguments: (kind, state, call, function)."""
    def used_port():
        l = w.tcp('listening'); return l.getsockname()[1]

    def in_ns(fn):
        with w.lab.inside('host'): return fn()

    def unprivileged(fn):
        """As uid 65534, in a child; the answer comes back through a pipe."""
        r, x = os.pipe()
        pid = os.fork()
        if pid == 0:
            with w.lab.inside('host'):
                os.setuid(65534)
                os.write(x, str(answer(fn)).encode())
            os._exit(0)
        os.waitpid(pid, 0)
        return os.read(r, 100).decode()

    def raw_addr(addr, port, size=16, family=2):
        return struct.pack('!BBH4s8x', family, 0, port, socket.inet_aton(addr)), size
    sa = lambda addr, port, family=2: struct.pack('H', family) + struct.pack('!H', port) + socket.inet_aton(addr) + b'\0' * 8
    new = w.sock
    p = used_port()
    two = w.tcp('bound')
    file = os.open('/dev/null', os.O_RDWR)
    rows = [
        ('tcp', 'fresh', 'bind(port of a listener)', lambda: new().bind(('127.0.0.1', p))),
        ('tcp', 'fresh', 'bind(wildcard, port of a listener on 127.0.0.1)', lambda: new().bind(('0.0.0.0', p))),
        ('tcp', 'fresh', 'bind(other own address, port of a listener on 127.0.0.1)', lambda: new().bind(('127.0.0.2', p))),
        ('tcp', 'fresh', 'bind(address not ours)', lambda: new().bind(('192.0.2.1', 0))),
        ('tcp', 'fresh', 'bind(port 80) as an ordinary user', lambda: unprivileged(lambda: socket.socket().bind(('127.0.0.1', 80)))),
        ('tcp', 'fresh', 'bind() with a too short address', lambda: sys_call('bind', new().fileno(), sa('127.0.0.1', 0), 8)),
        ('tcp', 'fresh', 'bind() with family AF_INET6', lambda: sys_call('bind', new().fileno(), sa('127.0.0.1', 0, 10), 16)),
        ('tcp', 'fresh', 'bind() with family AF_UNSPEC and 0.0.0.0', lambda: sys_call('bind', new().fileno(), sa('0.0.0.0', 0, 0), 16)),
        ('tcp', 'fresh', 'bind() with family AF_UNSPEC and 127.0.0.1', lambda: sys_call('bind', new().fileno(), sa('127.0.0.1', 0, 0), 16)),
        ('tcp', 'fresh', 'bind(broadcast address)', lambda: new().bind(('10.0.0.255', 0))),
        ('udp', 'fresh', 'bind(broadcast address)', lambda: new(UDP).bind(('10.0.0.255', 0))),
        ('udp', 'fresh', 'bind(multicast address)', lambda: new(UDP).bind(('224.0.0.9', 0))),
        ('tcp', 'fresh', 'bind(multicast address)', lambda: new().bind(('224.0.0.9', 0))),
        ('tcp', 'fresh', 'connect() with family AF_INET6', lambda: sys_call('connect', new().fileno(), sa('127.0.0.1', 80, 10), 16)),
        ('tcp', 'fresh', 'connect() with a too short address', lambda: sys_call('connect', new().fileno(), sa('127.0.0.1', 80), 8)),
        ('tcp', 'fresh', 'connect(port 0)', lambda: new().connect(('127.0.0.1', 0))),
        ('tcp', 'fresh', 'connect(0.0.0.0:listener port), is 127.0.0.1', lambda: blocking(new()).connect(('0.0.0.0', p))),
        ('tcp', 'fresh', 'connect(closed port), blocking', lambda: blocking(new()).connect(('127.0.0.1', 1))),
        ('tcp', 'fresh', 'connect(closed port), non-blocking', lambda: new().connect(('127.0.0.1', 1))),
        ('tcp', 'fresh', 'connect(broadcast address)', lambda: new().connect(('10.0.0.255', 80))),
        ('tcp', 'fresh', 'connect(255.255.255.255)', lambda: new().connect(('255.255.255.255', 80))),
        ('tcp', 'fresh', 'connect(multicast address)', lambda: new().connect(('224.0.0.9', 80))),
        ('tcp', 'fresh', 'connect(no route)', lambda: new().connect(('198.51.100.1', 80))),
        ('tcp', 'bound', 'bind() of a second socket, both with SO_REUSEADDR, none listening', lambda: twice(w, socket.SO_REUSEADDR, False)),
        ('tcp', 'bound', 'bind() of a second socket, both with SO_REUSEADDR, first listening', lambda: twice(w, socket.SO_REUSEADDR, True)),
        ('tcp', 'bound', 'bind() of a second socket, both with SO_REUSEPORT, first listening', lambda: twice(w, socket.SO_REUSEPORT, True)),
        ('tcp', 'bound', 'listen() of the second of two SO_REUSEADDR sockets, first listening later', lambda: second_listen(w)),
        ('tcp', 'bound', 'connect() to its own address: self-connection', lambda: self_connect(w)),
        ('tcp', 'connecting (SYN_SENT)', 'connect() second time, non-blocking', lambda: w.tcp('connecting (SYN_SENT)').connect(('10.0.0.2', 80))),
        ('tcp', 'fresh', 'connect() non-blocking, the first time', lambda: new().connect(('10.0.0.2', 80))),
        ('tcp', 'connecting, then established', 'connect() again: first', lambda: again(w, 1)),
        ('tcp', 'connecting, then established', 'connect() again: second', lambda: again(w, 2)),
        ('tcp', 'established', 'connect(elsewhere)', lambda: w.tcp('established').connect(('127.0.0.1', 1))),
        ('tcp', 'listening', 'connect(anywhere)', lambda: w.tcp('listening').connect(('127.0.0.1', p))),
        ('tcp', 'listening', 'listen(0) again', lambda: w.tcp('listening').listen(0)),
        ('tcp', 'fresh', 'listen() without bind gives a port', lambda: (lambda s: (s.listen(1), 'ok' if s.getsockname()[1] else 'no port'))(new())[1]),
        ('tcp', 'listening', 'accept() non-blocking, empty queue', lambda: w.tcp('listening').accept()),
        ('tcp', 'listening', 'accept() of a connection reset in the queue, then recv()', lambda: reset_in_queue(w)),
        ('tcp', 'listening, blocked accept()', 'shutdown(SHUT_RD) from another thread: accept() returns', lambda: wake_accept(w)),
        ('udp', 'fresh', 'send() without a peer', lambda: new(UDP).send(b'x')),
        ('udp', 'fresh', 'sendto(65507)', lambda: new(UDP).sendto(b'x' * 65507, ('127.0.0.1', 9))),
        ('udp', 'fresh', 'sendto(65508)', lambda: new(UDP).sendto(b'x' * 65508, ('127.0.0.1', 9))),
        ('udp', 'fresh', 'sendto(65535)', lambda: new(UDP).sendto(b'x' * 65535, ('127.0.0.1', 9))),
        ('udp', 'fresh', 'sendto(port 0)', lambda: new(UDP).sendto(b'x', ('127.0.0.1', 0))),
        ('udp', 'fresh', 'connect(port 0)', lambda: new(UDP).connect(('127.0.0.1', 0))),
        ('udp', 'fresh', 'sendto(broadcast) without SO_BROADCAST', lambda: new(UDP).sendto(b'x', ('10.0.0.255', 9))),
        ('udp', 'fresh', 'sendto(no route)', lambda: new(UDP).sendto(b'x', ('198.51.100.1', 9))),
        ('udp', 'bound to 127.0.0.1', 'sendto(10.0.0.2)', lambda: bound_lo(w).sendto(b'x', ('10.0.0.2', 9))),
        ('tcp', 'bound to 127.0.0.1', 'connect(10.0.0.2)', lambda: w.tcp('bound').connect(('10.0.0.2', 80))),
        ('udp', 'connected', 'connect() again, elsewhere', lambda: w.udp('connected').connect(('127.0.0.1', 7))),
        ('udp', 'connected', 'sendto(elsewhere)', lambda: w.udp('connected').sendto(b'x', ('127.0.0.1', 7))),
        ('udp', 'bound', 'recv(2) of a 5-byte datagram, then recv()', lambda: truncated(w)),
        ('udp', 'bound', 'recv() of an empty datagram', lambda: empty(w)),
        ('tcp', 'closed descriptor', 'send()', lambda: sys_call('send', 9999, b'x', 1, 0)),
        ('tcp', 'closed descriptor', 'close()', lambda: sys_call('close', 9999)),
        ('tcp', 'closed descriptor', 'bind()', lambda: sys_call('bind', 9999, sa('127.0.0.1', 0), 16)),
        ('file', '/dev/null', 'listen()', lambda: sys_call('listen', file, 1)),
        ('file', '/dev/null', 'send()', lambda: sys_call('send', file, b'x', 1, 0)),
        ('tcp', 'fresh', 'setsockopt(unknown option)', lambda: new().setsockopt(6, 250, 1)),
        ('tcp', 'fresh', 'setsockopt(unknown level)', lambda: new().setsockopt(200, 1, 1)),
        ('tcp', 'fresh', 'setsockopt(TCP_MAXSEG, 1)', lambda: new().setsockopt(6, 2, 1)),
        ('tcp', 'fresh', 'setsockopt(IP_TTL, 256)', lambda: new().setsockopt(0, 2, 256)),
        ('tcp', 'fresh', 'setsockopt(IP_TTL, 0)', lambda: new().setsockopt(0, 2, 0)),
        ('none', '', 'socket(AF_INET, SOCK_STREAM, IPPROTO_UDP)', lambda: socket.socket(V4, TCP, 17)),
        ('none', '', 'socket(AF_INET, 99)', lambda: socket.socket(V4, 99)),
        ('none', '', 'socket(AF_INET, SOCK_RAW) as an ordinary user', lambda: unprivileged(lambda: socket.socket(V4, socket.SOCK_RAW, 1))),
        ('none', '', 'socket(250, SOCK_STREAM)', lambda: socket.socket(250, TCP)),
    ]
    return [(k, s, c, answer(f)) for k, s, c, f in rows]


def blocking(s):
    s.setblocking(True)
    return s


def twice(w, option, listening):
    a, b = w.sock(), w.sock()
    for s in (a, b): s.setsockopt(socket.SOL_SOCKET, option, 1)
    a.bind(('127.0.0.1', w.free_port()))
    if listening: a.listen(1)
    b.bind(a.getsockname())


def second_listen(w):
    a, b = w.sock(), w.sock()
    for s in (a, b): s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    a.bind(('127.0.0.1', w.free_port()))
    b.bind(a.getsockname())
    a.listen(1)
    b.listen(1)


def self_connect(w):
    s = blocking(w.tcp('bound'))
    s.connect(s.getsockname())
    s.send(b'hello')
    return f'ok, recv() gives {len(s.recv(100))}'


def again(w, n):
    s = w.sock()
    target = LISTENER.getsockname()
    try: s.connect(target)
    except BlockingIOError: pass
    time.sleep(0.01)
    for _ in range(n - 1): s.connect(target)
    return s.connect(target)


def reset_in_queue(w):
    l = w.tcp('listening')
    c = blocking(w.sock())
    c.connect(l.getsockname())
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    c.close()
    time.sleep(0.01)
    s = l.accept()[0]
    return 'accept ok, recv ' + answer(lambda: s.recv(1))


def wake_accept(w):
    import threading
    l = blocking(w.tcp('listening'))
    threading.Timer(0.1, lambda: l.shutdown(socket.SHUT_RD)).start()
    l.accept()


def bound_lo(w):
    s = w.sock(UDP)
    s.bind(('127.0.0.1', 0))
    return s


def truncated(w):
    r, s = w.udp('bound'), w.sock(UDP)
    s.sendto(b'hello', r.getsockname())
    return f'{len(r.recv(2))} then {answer(lambda: len(r.recv(100)))}'


def empty(w):
    r, s = w.udp('bound'), w.sock(UDP)
    s.sendto(b'', r.getsockname())
    return f'{len(r.recv(2))}'


def main():
    global LISTENER
    lab = Lab(['host', 'other'], [('host', '10.0.0.1/24', 'other', '10.0.0.2/24', 1500)])
    lab.nft('other', 'table ip t { chain i { type filter hook input priority 0; policy drop; }; }')
    w = World(lab)
    LISTENER = w.tcp('listening')
    LISTENER.listen(500)
    rows = []
    for kind, states, make in (('tcp', TCP_STATES, w.tcp), ('udp', UDP_STATES, w.udp)):
        for state in states:
            for call, fn in COMMON.items():
                s = make(state)
                rows.append((kind, state, call, answer(lambda: fn(s))))
    rows += single_cases(w)
    lab.close()
    info = about(__file__)
    with open(os.path.join(HERE, 'errno_table.csv'), 'w', newline='') as f:
        f.write(f'# made_by: {info["made_by"]}; kernel: {info["kernel"]}; sockets are non-blocking unless said otherwise\n')
        out = csv.writer(f, lineterminator='\n')
        out.writerow(('kind', 'state', 'call', 'answer'))
        out.writerows(rows)
    print('wrote errno_table.csv', len(rows), 'rows')


if __name__ == '__main__':
    main()
