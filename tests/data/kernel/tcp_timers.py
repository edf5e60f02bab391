#!/usr/bin/python3
"""tcp_timers.py - ask the kernel for its TCP timing: delayed ACK, retransmission, persist, keep-alive, Nagle, loss recovery,
TIME_WAIT. Run as root; writes tcp_timers.json. Every case runs in a process and namespaces of its own, four at a time; takes about 2.5 minutes.
"""
import multiprocessing, socket, sys, time

from lab import Lab, about, brief, dump, packets, save, sh, sysctl
from tcp_reset import craft

NAMES = {'10.0.0.1': 'client', '10.0.0.2': 'server', '10.0.0.9': 'crafted'}
DROP_ALL = 'table ip gone { chain i { type filter hook input priority 0; policy drop; }; }'
NODELAY, QUICKACK, CORK = (socket.TCP_NODELAY, socket.TCP_QUICKACK, socket.TCP_CORK)


class Case:
    def __init__(self, sack=1, timestamps=1, **_):
        self.lab = Lab(['client', 'server'], [('client', '10.0.0.1/24', 'server', '10.0.0.2/24', 1500)],
                       [('net.ipv4.tcp_sack', sack), ('net.ipv4.tcp_timestamps', timestamps)])
        with self.lab.inside('client'), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b'warm', ('10.0.0.2', 9))
        time.sleep(0.05)
        self.sniffer = self.lab.sniff('client', 'to_server')
        self.listener = self.lab.socket('server')
        self.client = self.lab.socket('client')
        self.client.bind(('10.0.0.1', 40000))

    def open(self, rcvbuf=None):
        if rcvbuf: self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.listener.bind(('10.0.0.2', 8080))
        self.listener.listen(8)
        self.client.settimeout(40)
        self.do('client', 'connect()', lambda: self.client.connect(('10.0.0.2', 8080)))
        self.server = self.listener.accept()[0]
        time.sleep(0.1)

    def do(self, who, call, fn, pause=0.0):
        value = self.lab.do(who, call, fn)
        time.sleep(pause)
        return value

    def peer_vanishes(self):
        self.lab.nft('server', DROP_ALL)
        self.lab.steps.append({'t': round(time.time() - self.lab.t0, 4), 'who': 'server', 'call': 'from here on every packet to it is lost', 'result': 'ok'})

    def finish(self, extra):
        ps = brief(packets(self.lab, self.sniffer, NAMES, lambda p: p['proto'] == 'tcp'), drop=('sport', 'dport'))
        out = {**extra, 'steps': self.lab.steps, 'packets': ps}
        self.lab.close()
        return out


def delayed_ack_one_way(c):
    """30 small segments 100 ms apart, the server only reads: the delay of each ACK (quick ACKs at the start)."""
    c.open()
    c.client.setsockopt(6, NODELAY, 1)
    for i in range(30):
        c.client.send(b'x' * 10)
        time.sleep(0.05)
        c.server.recv(100)
        time.sleep(0.05)
    c.lab.steps.append({'who': 'client', 'call': 'send(10), 50 ms, server recv(), 50 ms; 30 times', 'result': 'ok'})


def delayed_ack_request_response(c):
    """The server answers 20 ms after each request; the client reads and asks again after 200 ms."""
    c.open()
    for i in range(6):
        c.client.send(b'x' * 10)
        time.sleep(0.02)
        c.server.recv(100)
        c.server.send(b'y' * 20)
        time.sleep(0.2)
        c.client.recv(100)
    c.lab.steps.append({'who': 'both', 'call': 'request 10, 20 ms later answer 20, pause 200 ms; 6 times', 'result': 'ok'})


def delayed_ack_server_slow(c):
    """The server answers 100 ms after each request, later than the delayed-ACK timer."""
    c.open()
    for i in range(6):
        c.client.send(b'x' * 10)
        time.sleep(0.1)
        c.server.recv(100)
        c.server.send(b'y' * 20)
        time.sleep(0.2)
        c.client.recv(100)
    c.lab.steps.append({'who': 'both', 'call': 'request 10, 100 ms later answer 20, pause 200 ms; 6 times', 'result': 'ok'})


def quickack_off(c):
    """TCP_QUICKACK 0 at the server right after accept(): one small segment, then two full ones, then one full one."""
    c.open()
    c.client.setsockopt(6, NODELAY, 1)
    for size in (10, 10, 2896, 1448, 1449, 4344):
        c.server.setsockopt(6, QUICKACK, 0)
        c.do('client', f'send({size})', lambda: c.client.send(b'x' * size), 0.4)
        c.server.recv(65536)


def nagle(c):
    """Three small writes at once with Nagle, then with TCP_NODELAY."""
    c.open()
    for i in range(8):       # leaves the quick-ACK phase
        c.client.send(b'x' * 10); time.sleep(0.06); c.server.recv(100); c.server.send(b'y'); time.sleep(0.06); c.client.recv(10)
    c.lab.steps.append({'t': round(time.time() - c.lab.t0, 4), 'who': 'client', 'call': '3 x send(10) with Nagle', 'result': 'ok'})
    for i in range(3): c.client.send(b'x' * 10)
    time.sleep(0.3)
    c.client.setsockopt(6, NODELAY, 1)
    c.lab.steps.append({'t': round(time.time() - c.lab.t0, 4), 'who': 'client', 'call': '3 x send(10) with TCP_NODELAY', 'result': 'ok'})
    for i in range(3): c.client.send(b'x' * 10)
    time.sleep(0.3)
    c.client.setsockopt(6, CORK, 1)
    c.lab.steps.append({'t': round(time.time() - c.lab.t0, 4), 'who': 'client', 'call': '3 x send(10) with TCP_CORK', 'result': 'ok'})
    for i in range(3): c.client.send(b'x' * 10)
    time.sleep(0.5)


def rto_backoff(c):
    c.open()
    c.do('client', 'send(100)', lambda: c.client.send(b'x' * 100), 0.2)
    c.peer_vanishes()
    c.do('client', 'send(100)', lambda: c.client.send(b'x' * 100), 30)
    c.lab.steps.append({'who': 'ss', 'call': 'client timer', 'result': [r[5] for r in c.lab.ss('client')]})


def rto_backoff_two_segments(c):
    """Two segments in flight when the peer vanishes: the tail-loss probe, then the retransmissions."""
    c.open()
    c.client.setsockopt(6, NODELAY, 1)
    c.do('client', 'send(100)', lambda: c.client.send(b'x' * 100), 0.2)
    c.peer_vanishes()
    c.do('client', 'send(100)', lambda: c.client.send(b'x' * 100))
    c.do('client', 'send(50)', lambda: c.client.send(b'x' * 50), 15)


def fin_backoff(c):
    """close() when the peer has vanished: the FIN's retransmissions."""
    c.open()
    c.peer_vanishes()
    c.do('client', 'close()', c.client.close, 30)
    c.lab.steps.append({'who': 'ss', 'call': 'client', 'result': [[r[0], r[5]] for r in c.lab.ss('client')]})


def retries_exhausted(c):
    """tcp_retries2=4: what the process is told at the end."""
    sysctl(c.lab.ns['client'], 'net.ipv4.tcp_retries2', 4)
    c.open()
    c.peer_vanishes()
    c.do('client', 'send(100)', lambda: c.client.send(b'x' * 100))
    c.do('client', 'recv(10)', lambda: c.client.recv(10))
    c.do('client', 'recv(10) again', lambda: c.client.recv(10))
    c.do('client', 'send(1)', lambda: c.client.send(b'x', socket.MSG_NOSIGNAL))


def syn_schedule(c):
    c.peer_vanishes()
    c.client.settimeout(40)
    c.do('client', 'connect(), 40 s', lambda: c.client.connect(('10.0.0.2', 8080)))


def syn_timeout_retries_2(c):
    c.peer_vanishes()
    c.client.setsockopt(6, socket.TCP_SYNCNT, 2)
    c.client.settimeout(40)
    c.do('client', 'connect() with TCP_SYNCNT 2', lambda: c.client.connect(('10.0.0.2', 8080)))


def synack_schedule(c):
    """A SYN whose sender never answers: the listener's SYN-ACKs."""
    mac = c.lab.ip('client', '-br', 'link', 'show', 'to_server').split()[2]
    c.lab.ip('server', 'neigh', 'add', '10.0.0.9', 'lladdr', mac, 'dev', 'to_client')
    c.listener.bind(('10.0.0.2', 8080))
    c.listener.listen(8)
    craft(c.lab, 2, 8080)
    c.lab.steps.append({'who': 'crafted', 'call': 'S seq 1000, no options, 70 s', 'result': 'ok'})
    time.sleep(70)


def zero_window(c):
    """The server does not read. Its window closes; the client probes; after 14 s the server reads everything."""
    c.open(rcvbuf=4096)
    c.client.setblocking(False)
    sent = 0
    for _ in range(20):
        try: sent += c.client.send(b'x' * 2000)
        except BlockingIOError: break
    c.lab.steps.append({'t': round(time.time() - c.lab.t0, 4), 'who': 'client', 'call': 'send(2000) up to 20 times', 'result': sent})
    time.sleep(14)
    c.lab.steps.append({'who': 'ss', 'call': 'client timer', 'result': [r[5] for r in c.lab.ss('client')]})
    got = 0
    c.lab.steps.append({'t': round(time.time() - c.lab.t0, 4), 'who': 'server', 'call': 'recv() everything', 'result': 'ok'})
    c.server.settimeout(1)
    try:
        while got < sent: got += len(c.server.recv(65536))
    except TimeoutError: pass


def zero_window_default(c):
    """The same with default buffers, only the first packets at window 0 matter: 300,000 bytes are offered."""
    c.open()
    c.client.setblocking(False)
    sent = 0
    end = time.time() + 8
    while time.time() < end and sent < 300000:
        try: sent += c.client.send(b'x' * 5000)
        except BlockingIOError: time.sleep(0.05)
    c.lab.steps.append({'t': round(time.time() - c.lab.t0, 4), 'who': 'client', 'call': 'send() 300000', 'result': sent})
    time.sleep(1)


def silly_window(c):
    """The server drains a closed window 500 bytes at a time: when is a window update sent?"""
    c.open(rcvbuf=4096)
    c.client.setblocking(False)
    sent = 0
    for _ in range(20):
        try: sent += c.client.send(b'x' * 2000)
        except BlockingIOError: break
    time.sleep(0.3)
    for _ in range(8):
        c.do('server', 'recv(500)', lambda: c.server.recv(500), 0.05)


def keepalive(c):
    c.open()
    for opt, value in ((socket.TCP_KEEPIDLE, 3), (socket.TCP_KEEPINTVL, 2), (socket.TCP_KEEPCNT, 3)):
        c.client.setsockopt(6, opt, value)
    c.client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    c.do('client', 'SO_KEEPALIVE idle 3 s, interval 2 s, count 3', lambda: None, 7)
    c.peer_vanishes()
    c.do('client', 'recv(10)', lambda: c.client.recv(10))


def loss(c, lost, size=20000, rate='20mbit'):
    """`lost` names segments (1-based, full-sized) which the server's host drops, first copies only; the client's link runs at 20 Mbit/s."""
    sh('tc', '-n', c.lab.ns['client'], 'qdisc', 'add', 'dev', 'to_server', 'root', 'tbf', 'rate', rate, 'burst', '1600', 'latency', '500ms')
    rules = ' '.join(f'tcp dport 8080 meta length > 100 numgen inc mod 10000 == {n - 1} drop;' if len(lost) == 1 else '' for n in lost)
    if len(lost) > 1:
        rules = f'tcp dport 8080 meta length > 100 numgen inc mod 10000 vmap {{ {", ".join(f"{n - 1} : drop" for n in lost)} }};'
    c.lab.nft('server', f'table ip l {{ chain i {{ type filter hook prerouting priority -300; {rules} }}; }}')
    c.open()
    c.do('client', f'send({size}), segments {lost} are lost', lambda: c.client.sendall(b'x' * size))
    got = 0
    c.server.settimeout(5)
    while got < size: got += len(c.server.recv(65536))
    c.do('server', f'has received {got}', lambda: None, 0.3)


def loss_of_segment_3(c): loss(c, [3])
def loss_of_segments_3_and_5(c): loss(c, [3, 5])
def loss_of_last_segment(c): loss(c, [7], 7 * 1448)
def loss_of_all_but_first(c): loss(c, [2, 3, 4], 4 * 1448)
def loss_of_retransmission(c): loss(c, [3, 15], 20000)


def time_wait(c):
    """How long TIME_WAIT lasts and what may be done with its port meanwhile."""
    c.open()
    c.do('client', 'close()', c.client.close, 0.05)
    c.server.close()
    start = time.time()
    time.sleep(0.1)
    timer = lambda: [[r[0], r[5]] for r in c.lab.ss('client')]
    c.lab.steps.append({'who': 'ss', 'call': 'client', 'result': timer()})
    s = c.lab.socket('client')
    c.do('client', 'bind(port 40000), TIME_WAIT', lambda: s.bind(('10.0.0.1', 40000)))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    c.do('client', 'bind(port 40000) with SO_REUSEADDR', lambda: s.bind(('10.0.0.1', 40000)))
    s.close()
    s = c.lab.socket('client')
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    c.do('client', 'bind(port 40000) with SO_REUSEADDR and listen()', lambda: (s.bind(('10.0.0.1', 40000)), s.listen(1))[0])
    s.close()
    while timer() and time.time() - start < 75:
        time.sleep(0.02 if time.time() - start > 58 else 1)
    c.lab.steps.append({'who': 'ss', 'call': 'seconds from close() until TIME_WAIT was gone', 'result': round(time.time() - start, 1)})


def time_wait_reuse_1(c):
    """tcp_tw_reuse=1 with timestamps: a new connection from the same port after one second."""
    sysctl(c.lab.ns['client'], 'net.ipv4.tcp_tw_reuse', 1)
    c.client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    c.open()
    c.do('client', 'close()', c.client.close, 0.05)
    c.server.close()
    time.sleep(0.1)
    s = c.lab.socket('client')
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('10.0.0.1', 40000))
    c.do('client', 'connect() from the same port at once', lambda: s.connect(('10.0.0.2', 8080)))
    time.sleep(2)
    c.do('client', 'connect() from the same port after 2 s', lambda: s.connect(('10.0.0.2', 8080)))
    time.sleep(0.1)


def time_wait_reuseaddr(c):
    """Both sockets with SO_REUSEADDR: bind() succeeds in TIME_WAIT; connect() to the same server only with timestamps."""
    c.client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    c.open()
    c.do('client', 'close()', c.client.close, 0.05)
    c.server.close()
    time.sleep(0.1)
    s = c.lab.socket('client')
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    c.do('client', 'bind(port 40000) with SO_REUSEADDR', lambda: s.bind(('10.0.0.1', 40000)))
    c.do('client', 'connect() to the same server port', lambda: s.connect(('10.0.0.2', 8080)))
    time.sleep(1.5)
    c.do('client', 'connect() to the same server port after 1.5 s', lambda: s.connect(('10.0.0.2', 8080)))
    time.sleep(0.1)


def fin_wait_2(c):
    """An orphan in FIN_WAIT_2 (the peer never closes) and one that is not an orphan."""
    c.open()
    t = c.lab.socket('client')
    t.connect(('10.0.0.2', 8080))
    c.do('client', 'first: close()', c.client.close)
    c.do('client', 'second: shutdown(SHUT_WR)', lambda: t.shutdown(socket.SHUT_WR), 1)
    start = time.time() - 1
    states = lambda: [[r[0], r[5]] for r in c.lab.ss('client')]
    c.lab.steps.append({'who': 'ss', 'call': 'client after 1 s', 'result': states()})
    while len(states()) > 1 and time.time() - start < 75: time.sleep(0.2)
    c.lab.steps.append({'who': 'ss', 'call': 'seconds until the first is gone', 'result': round(time.time() - start, 1)})
    c.lab.steps.append({'who': 'ss', 'call': 'client then', 'result': states()})
    c.do('server', 'send(10) to the vanished one', lambda: c.server.send(b'x' * 10), 0.1)


NO_SACK, PLAIN = {'sack': 0, 'timestamps': 1}, {'sack': 1, 'timestamps': 1}
CASES = [(synack_schedule, PLAIN), (time_wait, PLAIN), (fin_wait_2, PLAIN), (syn_schedule, PLAIN), (rto_backoff, PLAIN), (rto_backoff, NO_SACK),
         (fin_backoff, PLAIN), (rto_backoff_two_segments, PLAIN), (rto_backoff_two_segments, NO_SACK), (zero_window, NO_SACK),
         (keepalive, PLAIN), (syn_timeout_retries_2, PLAIN), (retries_exhausted, PLAIN), (zero_window_default, NO_SACK),
         (silly_window, NO_SACK), (time_wait_reuse_1, PLAIN), (time_wait_reuseaddr, PLAIN), (time_wait_reuseaddr, {'sack': 1, 'timestamps': 0}), (delayed_ack_one_way, PLAIN), (delayed_ack_request_response, PLAIN),
         (delayed_ack_server_slow, PLAIN), (quickack_off, PLAIN), (nagle, PLAIN)]
LOSSES = [loss_of_segment_3, loss_of_segments_3_and_5, loss_of_last_segment, loss_of_all_but_first, loss_of_retransmission]
CASES += [(f, s) for f in LOSSES for s in (NO_SACK, PLAIN)]


def run(index):
    case, settings = CASES[index]
    c = Case(**settings)
    try:
        case(c)
    except Exception as e:
        raise RuntimeError(f'{case.__name__}: {e!r}') from e
    out = c.finish({'case': case.__name__, **settings})
    if case in (rto_backoff, rto_backoff_two_segments, fin_backoff, syn_schedule, synack_schedule, retries_exhausted):
        who = 'server' if case is synack_schedule else 'client'
        sent = [p for p in out['packets'] if p['from'] == who and (p['len'] or 'S' in p['flags'] or 'F' in p['flags'])]
        last = [p for p in sent if p['seq'] == sent[-1]['seq'] and p['flags'][0] == sent[-1]['flags'][0]]
        out['seconds_since_first'] = [round(p['t'] - last[0]['t'], 3) for p in last]
    if case in (delayed_ack_one_way, delayed_ack_request_response, delayed_ack_server_slow):
        delays = []
        for i, p in enumerate(out['packets']):
            if p['len'] and p['from'] == 'client':
                reply = next((q for q in out['packets'][i + 1:] if q['from'] == 'server'), None)
                delays.append([round(reply['t'] - p['t'], 3), reply['len']] if reply else None)
        out['server_ack_after_and_length'] = delays
    if case is zero_window_default:
        out['packets'] = out['packets'][-12:]
    if case is delayed_ack_one_way:
        del out['packets']
    return out


def main():
    todo = [i for i, (f, _) in enumerate(CASES) if len(sys.argv) == 1 or f.__name__ in sys.argv[1:]]
    with multiprocessing.get_context('spawn').Pool(5) as pool:
        results = pool.map(run, todo, chunksize=1)
    content = about(__file__, how='veth, MTU 1500, reno, RTT about 0.05 ms, packets seen at the client (what a host drops is still shown); CONFIG_HZ=250, so '
                    'timers tick in 4 ms; t in seconds', cases=results)
    if len(sys.argv) == 1: save(__file__, content)
    else:
        print(dump(content))


if __name__ == '__main__':
    main()
