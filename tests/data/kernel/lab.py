"""lab.py - a small laboratory of network namespaces for asking the running Linux kernel.

A Lab lays out hosts (one network namespace each) joined by veth links, opens sockets inside any of them from this
one process (setns is per thread), records every frame with AF_PACKET, and keeps a list of steps (call, result or
errno). Segmentation and checksum offloads are off, so one frame is one packet and checksums are real.
Needs root, Linux and iproute2. It touches only namespaces it has made itself and removes them at the end.
"""
import atexit, contextlib, ctypes, errno, fcntl, json, os, signal, socket, struct, subprocess, sys, threading, time

LIBC = ctypes.CDLL(None, use_errno=True)
HERE = os.path.dirname(os.path.abspath(__file__))
ALL = []          # namespaces to remove
COUNTER = [0]
SO_TIMESTAMPNS, SO_RCVBUFFORCE, SOL_PACKET = 35, 33, 263
PACKET_IGNORE_OUTGOING = 23
ETHTOOL_OFF = {'tx': 0x17, 'sg': 0x19, 'tso': 0x1f, 'gso': 0x24, 'gro': 0x2c}


def sh(*args, check=True):
    r = subprocess.run(args, capture_output=True, text=True, timeout=30)
    if check and r.returncode:
        raise RuntimeError(f'{" ".join(args)}: {r.stderr.strip()}')
    return r.stdout


@atexit.register
def remove_all():
    for ns in list(ALL):
        sh('ip', 'netns', 'del', ns, check=False)
        ALL.remove(ns)


if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))      # so that a stopped run cleans up, too


@contextlib.contextmanager
def inside(ns):
    """The calling thread is in namespace `ns` meanwhile; sockets made here stay in it."""
    before = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
    there = os.open('/run/netns/' + ns, os.O_RDONLY)
    try:
        if LIBC.setns(there, 0x40000000):
            raise OSError(ctypes.get_errno(), 'setns')
        yield
    finally:
        LIBC.setns(before, 0x40000000)
        os.close(before)
        os.close(there)


def sysctl(ns, name, value):
    with inside(ns):
        with open('/proc/sys/' + name.replace('.', '/'), 'w') as f:
            f.write(str(value))


def offloads_off(ns, dev):
    with inside(ns), socket.socket() as s:
        for cmd in ETHTOOL_OFF.values():
            value = ctypes.create_string_buffer(struct.pack('II', cmd, 0))
            request = struct.pack('16sQ16x', dev.encode(), ctypes.addressof(value))
            with contextlib.suppress(OSError):
                fcntl.ioctl(s, 0x8946, request)


def name_of(e):
    if isinstance(e, OSError) and e.errno == errno.EOPNOTSUPP:
        return 'EOPNOTSUPP'          # the same number as ENOTSUP
    return errno.errorcode.get(e.errno, str(e)) if isinstance(e, OSError) and e.errno else type(e).__name__


class Lab:
    """hosts: names. links: (host_a, addr_a[/len], host_b, addr_b[/len], mtu). The device on x towards y is 'to_y'.
    quiet6: no IPv6 at all (its addresses in `links` are skipped)."""

    def __init__(self, hosts, links, sysctls=(), quiet6=True, offload=False):
        COUNTER[0] += 1
        self.ns = {h: f'ft{os.getpid()}_{COUNTER[0]}_{h}' for h in hosts}
        self.steps, self.t0, self.sniffers = [], time.time(), []
        self.isn, self.ts0 = {}, {}                 # initial sequence numbers and first timestamps seen
        for h, ns in self.ns.items():
            sh('ip', 'netns', 'add', ns)
            ALL.append(ns)
            for key, value in [('net.ipv4.tcp_congestion_control', 'reno'), ('net.ipv4.tcp_no_metrics_save', 1),
                               ('net.ipv6.conf.default.accept_dad', 0), ('net.ipv6.conf.all.accept_dad', 0),
                               ('net.ipv6.conf.default.router_solicitations', 0),
                               ('net.ipv6.conf.default.disable_ipv6', int(quiet6)), *sysctls]:
                sysctl(ns, key, value)
            sh('ip', '-n', ns, 'link', 'set', 'lo', 'up')
        for a, addr_a, b, addr_b, mtu in links:
            da, db = 'to_' + b, 'to_' + a
            sh('ip', '-n', self.ns[a], 'link', 'add', da, 'type', 'veth', 'peer', 'name', db, 'netns', self.ns[b])
            for h, dev, addr in ((a, da, addr_a), (b, db, addr_b)):
                if not offload:
                    offloads_off(self.ns[h], dev)
                sh('ip', '-n', self.ns[h], 'link', 'set', dev, 'mtu', str(mtu), 'up')
                for one in addr.split():
                    if ':' in one and quiet6:
                        continue
                    sh('ip', '-n', self.ns[h], 'addr', 'add', one, 'dev', dev, *(['nodad'] if ':' in one else []))
        time.sleep(0.05)

    def ip(self, host, *args):
        return sh('ip', '-n', self.ns[host], *args)

    def inside(self, host):
        return inside(self.ns[host])

    def socket(self, host, family=socket.AF_INET, kind=socket.SOCK_STREAM, proto=0):
        with self.inside(host):
            return socket.socket(family, kind, proto)

    def nft(self, host, text):
        subprocess.run(['ip', 'netns', 'exec', self.ns[host], 'nft', '-f', '-'], input=text, text=True, check=True)

    def sniff(self, host, dev):
        with self.inside(host):
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
            s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            if dev == 'lo':
                s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            s.bind((dev, 3))
        s.setblocking(False)
        self.sniffers.append(s)
        self.t0 = time.time()
        return s

    def do(self, who, call, fn):
        """Run one call of a process, note its time, result or errno; returns the value (None after an error)."""
        t = time.time() - self.t0
        step = {'t': round(t, 4), 'who': who, 'call': call}
        self.steps.append(step)
        try:
            value = fn()
        except (OSError, OverflowError) as e:
            step['result'] = name_of(e)
            return None
        if isinstance(value, (bytes, bytearray)):
            step['result'] = len(value)
        elif isinstance(value, (int, str)) or value is None:
            step['result'] = 'ok' if value is None else value
        else:
            step['result'] = 'ok'
        took = time.time() - self.t0 - t
        if took > 0.02:
            step['took'] = round(took, 3)
        return value

    def ss(self, host, *args):
        """Sockets of a host: [state, recv-q, send-q, local, peer, timer]."""
        out = sh('ip', 'netns', 'exec', self.ns[host], 'ss', '-tanHo', *args)
        rows = []
        for line in out.splitlines():
            p = line.split()
            rows.append([p[0], int(p[1]), int(p[2]), p[3], p[4], ' '.join(p[5:])])
        return sorted(rows)

    def close(self):
        for s in self.sniffers:
            s.close()
        for ns in self.ns.values():
            sh('ip', 'netns', 'del', ns, check=False)
            ALL.remove(ns)


# ---------------------------------------------------------------- frames
FLAG_LETTERS = 'FSRPAUEC'


def tcp_options(raw):
    out, i = [], 0
    while i < len(raw):
        kind = raw[i]
        if kind == 0:
            out.append(['eol'])
            break
        if kind == 1:
            out.append(['nop'])
            i += 1
            continue
        size = raw[i + 1] if i + 1 < len(raw) else 0
        if size < 2:
            out.append(['damaged'])
            break
        body = raw[i + 2:i + size]
        if kind == 2: out.append(['mss', struct.unpack('!H', body)[0]])
        elif kind == 3: out.append(['wscale', body[0]])
        elif kind == 4: out.append(['sackOK'])
        elif kind == 5: out.append(['sack', *struct.unpack(f'!{len(body) // 4}I', body)])
        elif kind == 8: out.append(['ts', *struct.unpack('!II', body)])
        else: out.append([f'kind{kind}', body.hex()])
        i += size
    return out


def transport(proto, data, p, quoted=False):
    if proto == 6 and len(data) >= 8:
        p.update(proto='tcp', sport=data[0] << 8 | data[1], dport=data[2] << 8 | data[3])
        p['seq_raw'] = struct.unpack('!I', data[4:8])[0]
        if len(data) < 20:
            return p
        off = (data[12] >> 4) * 4
        p['ack_raw'] = struct.unpack('!I', data[8:12])[0]
        p['flags'] = ''.join(c for i, c in enumerate(FLAG_LETTERS) if data[13] >> i & 1)
        p['win'], p['urg'] = struct.unpack('!H', data[14:16])[0], struct.unpack('!H', data[18:20])[0]
        p['len'] = max(0, p['ip_payload'] - off)
        p['opt'] = tcp_options(data[20:off])
    elif proto == 17 and len(data) >= 8:
        p.update(proto='udp', sport=data[0] << 8 | data[1], dport=data[2] << 8 | data[3],
                 len=(data[4] << 8 | data[5]) - 8)
    elif proto in (1, 58) and len(data) >= 8 and not quoted:
        p.update(proto='icmp' if proto == 1 else 'icmpv6', type=data[0], code=data[1], rest=data[4:8].hex())
        error = data[0] in (3, 4, 5, 11, 12) if proto == 1 else data[0] < 128
        if error:
            p['icmp_length'] = len(data)
            p['quoted_bytes'] = len(data) - 8
            p['quote'] = network(data[8:], quoted=True)
    else:
        p['proto'] = {1: 'icmp', 58: 'icmpv6', 2: 'igmp'}.get(proto, str(proto))
    return p


def network(data, quoted=False):
    if not data or data[0] >> 4 not in (4, 6):
        return None
    p = {}
    if data[0] >> 4 == 4:
        head = (data[0] & 15) * 4
        length, ident, frag = struct.unpack('!HHH', data[2:8])
        p.update(ip=4, src=socket.inet_ntoa(data[12:16]), dst=socket.inet_ntoa(data[16:20]), tos=data[1],
                 total=length, id=ident, df=frag >> 14 & 1, ttl=data[8])
        if frag & 0x3fff:
            p.update(mf=frag >> 13 & 1, frag_offset=(frag & 0x1fff) * 8)
        proto, p['ip_payload'] = data[9], length - head
        body = data[head:] if quoted else data[head:length]
        if frag & 0x1fff:
            p['proto'] = 'fragment'
            return p
    else:
        head = 40
        first, length, proto, hops = struct.unpack('!IHBB', data[:8])
        p.update(ip=6, src=socket.inet_ntop(socket.AF_INET6, data[8:24]),
                 dst=socket.inet_ntop(socket.AF_INET6, data[24:40]), tos=first >> 20 & 255, flow=first & 0xfffff,
                 total=length + 40, ttl=hops, ip_payload=length)
        body = data[40:] if quoted else data[40:40 + length]
        if proto == 44:
            nxt, _, frag, ident = struct.unpack('!BBHI', body[:8])
            p.update(mf=frag & 1, frag_offset=frag & 0xfff8, id=ident)
            if frag & 0xfff8:
                p['proto'] = 'fragment'
                return p
            proto, body = nxt, body[8:]
            p['ip_payload'] -= 8
    return transport(proto, body, p, quoted)


def frames(sniffer):
    """All frames caught so far: (time, bytes)."""
    out = []
    while True:
        try:
            data, anc, _, _ = sniffer.recvmsg(70000, 256)
        except BlockingIOError:
            return out
        t = next((struct.unpack('qq', d[:16]) for _, kind, d in anc if kind == SO_TIMESTAMPNS), (0, 0))
        out.append((t[0] + t[1] * 1e-9, data))


def packets(lab, sniffer, names, keep=None, raw=False):
    """Parsed packets; names: {address: 'client', ...} gives 'from'. seq/ack become relative per sender unless raw."""
    out, isn, ts0 = [], lab.isn, lab.ts0
    for t, data in frames(sniffer):
        kind = data[12] << 8 | data[13]
        if kind not in (0x0800, 0x86dd):
            continue
        p = network(data[14:])
        if p is None or (p['proto'] == 'icmpv6' and p['type'] in (130, 131, 132, 133, 134, 135, 136, 143)):
            continue
        p = {'t': round(t - lab.t0, 4), 'from': names.get(p['src'], p['src']), **p}
        if keep and not keep(p):
            continue
        if p['proto'] == 'tcp' and raw:
            p['seq'], p['ack'] = p['seq_raw'], p['ack_raw']
        elif p['proto'] == 'tcp':
            relative(p, isn, ts0)
        out.append(p)
    return out


def relative(p, isn, ts0):
    me, peer = (p['src'], p['sport'], p['dst'], p['dport']), (p['dst'], p['dport'], p['src'], p['sport'])
    if 'S' in p['flags'] and me not in isn:
        isn[me] = p['seq_raw']
    if me in isn: p['seq'] = p['seq_raw'] - isn[me] & 0xffffffff
    if me not in isn or (p['seq_raw'] == 0 and 'R' in p['flags']): p['seq'] = 'zero' if p['seq_raw'] == 0 else p['seq_raw']
    if 'A' not in p['flags']: p['ack'] = 'zero' if p['ack_raw'] == 0 else p['ack_raw']
    elif peer in isn: p['ack'] = p['ack_raw'] - isn[peer] & 0xffffffff
    else: p['ack'] = p['ack_raw']
    for o in p['opt']:
        if o[0] == 'ts':
            ts0.setdefault(me, o[1])
            o[1] -= ts0[me]
            if o[2]: o[2] = o[2] - ts0[peer] if peer in ts0 else o[2]
            elif 'S' in p['flags'] and 'A' not in p['flags']: o[2] = 'zero'
        if o[0] == 'sack' and peer in isn:
            o[1:] = [x - isn[peer] & 0xffffffff for x in o[1:]]


TCP_KEYS = ['t', 'from', 'sport', 'dport', 'flags', 'seq', 'ack', 'win', 'len', 'urg', 'opt']
IP_KEYS = ['ttl', 'tos', 'df', 'id', 'total']


def brief(ps, extra=(), drop=()):
    """Keep the keys a reader needs, in one order."""
    out = []
    for p in ps:
        keys = TCP_KEYS if p['proto'] == 'tcp' else ['t', 'from', 'src', 'dst', 'proto', 'sport', 'dport', 'len', 'type', 'code',
                                                    'rest', 'icmp_length', 'quoted_bytes', 'mf', 'frag_offset', 'quote']
        q = {k: p[k] for k in [*keys, *extra] if k in p and k not in drop}
        if q.get('urg') == 0: del q['urg']
        if q.get('quote'):
            q['quote'] = {k: v for k, v in q['quote'].items() if k not in ('seq_raw', 'ack_raw', 'flow', 'id') or k in extra}
        out.append(q)
    return out


# ---------------------------------------------------------------- output
def one_line(x):
    return json.dumps(x, separators=(', ', ': '))


def dump(x, depth=0, width=150):
    """JSON with one packet, step or other small object a line."""
    flat = one_line(x)
    if len(flat) <= width - depth or (isinstance(x, dict) and ('call' in x or 'from' in x)):
        return flat
    pad = ' ' * (depth + 1)
    if isinstance(x, dict):
        body = [f'{pad}{json.dumps(k)}: {dump(v, depth + 1, width)}' for k, v in x.items()]
        return '{\n' + ',\n'.join(body) + '\n' + ' ' * depth + '}'
    if isinstance(x, list):
        return '[\n' + ',\n'.join(pad + dump(v, depth + 1, width) for v in x) + '\n' + ' ' * depth + ']'
    return flat


def about(script, **more):
    return {'made_by': f'tests/data/kernel/{os.path.basename(script)}', 'kernel': 'Linux ' + os.uname().release, **more}


def save(script, content):
    name = os.path.splitext(os.path.basename(script))[0] + '.json'
    with open(os.path.join(HERE, name), 'w') as f:
        f.write(dump(content) + '\n')
    print('wrote', name, os.path.getsize(os.path.join(HERE, name)), 'bytes')
