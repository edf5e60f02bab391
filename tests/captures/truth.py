#!/usr/bin/python3
"""truth.py - make a JSON "truth" of a capture by asking tshark.

usage: truth.py CAPTURE [-o OUT.json] [--no-checksums] [--no-crosscheck]
       truth.py --list LIST.txt --root DIR --outdir DIR     (one path a line, relative to the root)

Only Python's standard library, `tshark` and `capinfos` are used. The JSON is
described in README.md beside this file. Deterministic: the same file and the same tshark give
the same bytes (no times of day, no absolute paths).
"""
import argparse, atexit, hashlib, json, os, re, shutil, subprocess, sys, tempfile
from collections import OrderedDict, Counter

PREFS = [                                   # pinned: nothing comes from a profile
    'tcp.relative_sequence_numbers:FALSE',  # raw 32-bit seq/ack
    'tcp.analyze_sequence_numbers:TRUE',    # the tcp.analysis.* engine
    'tcp.fastrt_supersedes_ooo:TRUE',       # Wireshark's default
    'tcp.track_bytes_in_flight:TRUE',
    'tcp.calculate_timestamps:TRUE',
    'tcp.desegment_tcp_streams:FALSE',      # no TCP reassembly
    'tcp.reassemble_out_of_order:FALSE',
    'tcp.check_checksum:FALSE', 'udp.check_checksum:FALSE', 'ip.check_checksum:FALSE',
    'tcp.default_window_scaling:Not known',
    'tcp.ignore_tcp_timestamps:FALSE',
    'tcp.try_heuristic_first:FALSE', 'udp.try_heuristic_first:FALSE',
    'ip.defragment:FALSE', 'ipv6.defragment:FALSE',   # ports are seen on the FIRST fragment only
    'ip.tso_support:TRUE',                  # IPv4 total length 0 -> use frame length
    'ipv6.tso_support:FALSE',
    'ip.use_geoip:FALSE', 'ipv6.use_geoip:FALSE',
]
FLAGS = ['retransmission', 'fast_retransmission', 'spurious_retransmission', 'out_of_order',
         'lost_segment', 'ack_lost_segment', 'duplicate_ack', 'keep_alive', 'keep_alive_ack',
         'zero_window', 'zero_window_probe', 'zero_window_probe_ack', 'window_full',
         'window_update', 'reused_ports']
F_ONE = ['frame.number', 'frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.protocols',
         'frame.interface_id', '_ws.malformed']
F_ALL = ['ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'ip.flags.mf', 'ip.frag_offset', 'ip.id',
         'ipv6.fraghdr.offset', 'ipv6.fraghdr.more', 'vlan.id', 'ip.ttl',
         'tcp.stream', 'tcp.srcport', 'tcp.dstport', 'tcp.len', 'tcp.flags', 'tcp.seq_raw',
         'tcp.ack_raw', 'tcp.window_size_value',
         'udp.stream', 'udp.srcport', 'udp.dstport', 'udp.length',
         'tcp.options.mss_val', 'tcp.options.wscale.shift', 'tcp.options.sack_perm',
         'tcp.options.sack_le', 'tcp.options.timestamp.tsval', 'tcp.analysis.initial_rtt',
         'tcp.analysis.bytes_in_flight', 'tcp.analysis.ack_rtt']
FIELDS = F_ONE + F_ALL + ['tcp.analysis.' + f for f in FLAGS]
SEP, AGG = '\x1f', '\x1e'

def env():
    d = tempfile.mkdtemp(prefix='truthcfg')
    atexit.register(shutil.rmtree, d, ignore_errors=True)
    return dict(os.environ, WIRESHARK_CONFIG_DIR=d, HOME=d, LC_ALL='C', TZ='UTC',
                WIRESHARK_ABORT_ON_DISSECTOR_BUG=''), d

def clean(err, path):
    t = err.decode('utf8', 'replace').replace(path, 'FILE')
    t = re.sub(r'Running as user "root".*?dangerous\.\n?', '', t)
    t = re.sub(r'^\s*\*\* \(.*?\) ', '', t, flags=re.M)
    return ' '.join(t.split())[:400]

def tshark(path, fields, e, extra=()):
    cmd = ['tshark', '-n', '-Q', '-r', path]
    for p in list(PREFS) + list(extra):
        cmd += ['-o', p]
    cmd += ['-T', 'fields', '-E', 'occurrence=a', '-E', 'separator=' + SEP, '-E', 'aggregator=' + AGG]
    for f in fields:
        cmd += ['-e', f]
    r = subprocess.run(cmd, capture_output=True, env=e, timeout=900)
    return r.returncode, r.stdout, r.stderr

def vals(s): return s.split(AGG) if s else []
def ns(s):                                   # "123.456789012" -> int ns (may be negative)
    if not s: return None
    neg = s.startswith('-'); s = s.lstrip('-')
    a, _, b = s.partition('.')
    if len(b) > 9 or (neg and ODD is not None): ODD.append(s)     # sub-second field out of range in the file
    v = int(a) * 10**9 + (int(b) if len(b) > 9 else int((b + '000000000')[:9]))
    return -v if neg else v
def sec(v):
    if v is None: return None
    s = '-' if v < 0 else ''; v = abs(v)
    return '%s%d.%09d' % (s, v // 10**9, v % 10**9)

ODD = []
ICMPERR = ('icmp', 'icmpv6')

def it_one(prot): return prot.count('tcp') == 1 and not any(x in ICMPERR for x in prot)

def conv_new(kind, stream, a, b, depth, n, t):
    c = OrderedDict(stream=stream, depth=depth, a=a[0], a_port=a[1], b=b[0], b_port=b[1],
        packets_ab=0, packets_ba=0, bytes_ab=0, bytes_ba=0, payload_ab=0, payload_ba=0,
        first_frame=n, last_frame=n, _t0=t, _t1=t)
    if kind == 'tcp':
        c['flags'] = OrderedDict((f, [0, 0]) for f in FLAGS)
        for k in ('syn', 'synack', 'fin', 'rst', 'sack_blocks_packets', 'ece', 'cwr'): c[k] = [0, 0]
        c['handshake'] = OrderedDict(syn=None, synack=None, ack=None)
        c['isn'] = [None, None]
        c['options'] = OrderedDict(mss=[None, None], wscale=[None, None], sack_perm=[False, False], timestamps=[False, False])
        c['initial_rtt'] = None; c['completeness'] = None; c['win0_frames'] = 0
        c['_hs'] = {}
    return c

def labels(path, e):
    """What tshark shows of each TCP stream's first request: stream -> text, source, frame. Segments are put together for
    it; of a frame captured in part tshark shows the rest of a name as the whole."""
    found = {}
    extra = ('tcp.desegment_tcp_streams:TRUE', 'tcp.reassemble_out_of_order:TRUE')
    _, so, _ = tshark(path, ['frame.number', 'tcp.stream', 'tls.handshake.extensions_server_name', 'http.host', 'frame.len', 'frame.cap_len'], e, extra)
    for line in so.decode('utf8', 'replace').split('\n'):
        p = line.split(SEP)
        if len(p) != 6 or p[4] != p[5] or not (p[2] or p[3]) or not p[1] or AGG in p[1]: continue
        found.setdefault(int(p[1]), OrderedDict(text=vals(p[2] or p[3])[0], source='tls-sni' if p[2] else 'http-host', frame=int(p[0])))
    return found

def build(path, checksums=True, crosscheck=True):
    e, cfg = env(); ODD.clear()
    try:
        return _build(path, e, checksums, crosscheck)
    finally:
        subprocess.run(['rm', '-rf', cfg])

def _build(path, e, checksums, crosscheck):
    raw = open(path, 'rb').read()
    out = OrderedDict()
    v = subprocess.run(['tshark', '--version'], capture_output=True, env=e).stdout.decode().split('\n')[0]
    out['schema'] = 1
    out['tool'] = v.strip()
    out['file'] = OrderedDict(name=os.path.basename(path), size=len(raw), sha256=hashlib.sha256(raw).hexdigest())
    ci = subprocess.run(['capinfos', '-M', '-T', '-m', '-t', '-E', '-I', '-c', '-o', '-l', '-N', path], capture_output=True, env=e)
    cols = {}
    ls = ci.stdout.decode('utf8', 'replace').strip('\n').split('\n')
    if len(ls) >= 2:
        import csv
        rows = list(csv.reader(ls)); cols = dict(zip(rows[0], rows[1]))
    rc, so, se = tshark(path, FIELDS, e)
    lines = so.decode('utf8', 'replace').split('\n')
    if lines and lines[-1] == '': lines.pop()
    out['file']['type'] = cols.get('File type'); out['file']['encapsulation'] = cols.get('File encapsulation')
    out['file']['time_precision'] = cols.get('File time precision')
    out['file']['time_ordered'] = cols.get('Strict time order')
    out['reader'] = OrderedDict(tshark_exit=rc, tshark_message=clean(se, path), capinfos_exit=ci.returncode,
                                capinfos_message=clean(ci.stderr, path), capinfos_packets=cols.get('Number of packets'))
    tot = OrderedDict(packets=0, bytes_wire=0, bytes_captured=0, packets_cut_by_snaplen=0, first_time=None, last_time=None,
        min_time=None, max_time=None, time_went_backwards=0, max_gap=None, ipv4=0, ipv6=0, tcp=0, udp=0, sctp=0, icmp=0, icmpv6=0, arp=0,
        icmp_errors_with_transport=0, fragments_first=0, fragments_other=0, vlan_tagged=0, tunnelled=0, malformed=0, no_network_layer=0)
    stacks = Counter(); convs = {'tcp': OrderedDict(), 'udp': OrderedDict()}; misaligned = []; prev = None; vlans = Counter(); ifs = Counter()
    total_flags = Counter(); gap = 0; judged = OrderedDict(); in_flight = OrderedDict(); ack_rtt = OrderedDict()
    idx = {f: i for i, f in enumerate(FIELDS)}
    for line in lines:
        p = line.split(SEP)
        if len(p) != len(FIELDS): misaligned.append('line'); continue
        g = lambda f: p[idx[f]]
        n = int(g('frame.number')); t = ns(g('frame.time_epoch')); wl = int(g('frame.len') or 0); cl = int(g('frame.cap_len') or 0)
        tot['packets'] += 1; tot['bytes_wire'] += wl; tot['bytes_captured'] += cl; tot['packets_cut_by_snaplen'] += cl < wl
        if t is not None:
            if tot['first_time'] is None: tot['first_time'] = sec(t); lo = hi = t
            tot['last_time'] = sec(t); lo = min(lo, t); hi = max(hi, t); tot['min_time'] = sec(lo); tot['max_time'] = sec(hi)
            if prev is not None:
                if t < prev: tot['time_went_backwards'] += 1
                gap = max(gap, t - prev)
            prev = t
        prot = g('frame.protocols').split(':'); stacks[':'.join(x for x in prot if x)] += 1
        if g('frame.interface_id') != '': ifs[g('frame.interface_id')] += 1
        for x in vals(g('vlan.id')): vlans[x] += 1
        tot['vlan_tagged'] += g('vlan.id') != ''
        if g('_ws.malformed'): tot['malformed'] += 1
        ip4 = list(zip(vals(g('ip.src')), vals(g('ip.dst')))); ip6 = list(zip(vals(g('ipv6.src')), vals(g('ipv6.dst'))))
        tot['ipv4'] += 'ip' in prot; tot['ipv6'] += 'ipv6' in prot; tot['arp'] += 'arp' in prot
        for k in ('tcp', 'udp', 'sctp', 'icmp', 'icmpv6'): tot[k] += k in prot
        if not ('ip' in prot or 'ipv6' in prot or 'arp' in prot): tot['no_network_layer'] += 1
        fo = [int(x or 0) for x in vals(g('ip.frag_offset'))] + [int(x or 0) for x in vals(g('ipv6.fraghdr.offset'))]
        mf = [x in ('1', 'True') for x in vals(g('ip.flags.mf'))] + [x in ('1', 'True') for x in vals(g('ipv6.fraghdr.more'))]
        if any(fo): tot['fragments_other'] += 1
        elif any(mf): tot['fragments_first'] += 1
        # walk the layers; tie each tcp/udp header to the nearest enclosing IP header
        i4 = i6 = it = iu = 0; cur = None; depth = 0; whole = 0; err = False; seen_t = False
        T = {k: vals(g(k)) for k in F_ALL if k.startswith('tcp.') or k.startswith('udp.')}
        fr_flags = [f for f in FLAGS if g('tcp.analysis.' + f)]
        if fr_flags and it_one(prot): judged[str(n)] = fr_flags
        if it_one(prot) and g('tcp.analysis.bytes_in_flight'): in_flight[str(n)] = int(g('tcp.analysis.bytes_in_flight'))
        if it_one(prot) and g('tcp.analysis.ack_rtt'): ack_rtt[str(n)] = g('tcp.analysis.ack_rtt')
        for f in fr_flags: total_flags[f] += 1
        tcp_hits = []
        for x in prot:
            if x == 'ip':
                cur = ip4[i4] if i4 < len(ip4) else None; i4 += 1; depth += 1
            elif x == 'ipv6':
                cur = ip6[i6] if i6 < len(ip6) else None; i6 += 1; depth += 1
            elif x in ICMPERR: whole = whole or depth; err = True
            elif x == 'tcp' or x == 'udp':
                i = it if x == 'tcp' else iu
                if x == 'tcp': it += 1
                else: iu += 1
                if err: tot['icmp_errors_with_transport'] += not seen_t; seen_t = True; continue
                q = lambda f, x=x, i=i: T[x + '.' + f][i] if i < len(T[x + '.' + f]) else ''
                if cur is None or q('stream') == '' or q('srcport') == '':
                    misaligned.append(n); continue
                st = int(q('stream')); src = (cur[0], int(q('srcport'))); dst = (cur[1], int(q('dstport')))
                key = st; c = convs[x].get(key)
                if c is None: c = convs[x][key] = conv_new(x, st, src, dst, depth, n, t)
                d = 0 if (c['a'], c['a_port']) == src and (c['b'], c['b_port']) == dst else 1
                s = 'ab' if d == 0 else 'ba'
                c['packets_' + s] += 1; c['bytes_' + s] += wl; c['last_frame'] = n
                if t is not None: c['_t0'] = min(c['_t0'], t); c['_t1'] = max(c['_t1'], t)
                if x == 'udp': c['payload_' + s] += max(0, int(q('length') or 8) - 8)
                else:
                    ln = int(q('len') or 0); c['payload_' + s] += ln
                    tcp_hits.append((c, d, q, ln, n, t))
        tot['tunnelled'] += (whole or depth) > 1      # what ICMP quotes is no tunnel
        for j, (c, d, q, ln, n, t) in enumerate(tcp_hits):
            try: fl = int(q('flags') or '0', 16)
            except ValueError: fl = 0
            SYN, ACK, FIN, RST = fl & 2, fl & 16, fl & 1, fl & 4
            if SYN and ACK: c['synack'][d] += 1
            elif SYN: c['syn'][d] += 1
            if FIN: c['fin'][d] += 1
            if RST: c['rst'][d] += 1
            if fl & 64: c['ece'][d] += 1
            if fl & 128: c['cwr'][d] += 1
            seq = int(q('seq_raw') or 0); ack = int(q('ack_raw') or 0)
            h = c['_hs']; H = c['handshake']
            if SYN and c['isn'][d] is None: c['isn'][d] = seq
            if SYN and not ACK and H['syn'] is None: H['syn'] = n; h['syn'] = (d, seq, ln)
            elif SYN and ACK and H['synack'] is None and 'syn' in h and h['syn'][0] != d and (ack - h['syn'][1]) % 2**32 in (1, (1 + h['syn'][2]) % 2**32):
                H['synack'] = n; h['sa'] = (d, seq)
            elif ACK and not SYN and not RST and H['ack'] is None and 'sa' in h and h['sa'][0] != d and 1 <= (ack - h['sa'][1]) % 2**32 < 2**31:
                H['ack'] = n
            if len(tcp_hits) == 1:      # options and analysis are only unambiguous with one TCP layer
                if SYN:
                    for k, f in (('mss', 'tcp.options.mss_val'), ('wscale', 'tcp.options.wscale.shift')):
                        vv = T.get(f)
                        if vv and c['options'][k][d] is None: c['options'][k][d] = int(vv[0])
                    if T['tcp.options.sack_perm']: c['options']['sack_perm'][d] = True
                if T['tcp.options.timestamp.tsval']: c['options']['timestamps'][d] = True
                if T['tcp.options.sack_le']: c['sack_blocks_packets'][d] += 1
                for f in fr_flags: c['flags'][f][d] += 1
                if T['tcp.analysis.initial_rtt'] and c['initial_rtt'] is None: c['initial_rtt'] = sec(ns(T['tcp.analysis.initial_rtt'][0]))
            if q('window_size_value') == '0' and not RST: c['win0_frames'] += 1
            # Wireshark's rule for tcp.completeness, but final (the field lags one packet in one pass)
            k = c['completeness']
            if k is None: k = (1 | (8 if ln > 0 else 0)) if SYN and not ACK else 0
            else:
                if SYN and ACK: k |= 2
                if ACK and not SYN: k |= 8 if ln > 0 else 4
                if FIN and ACK: k |= 16
                if RST: k |= 32
            c['completeness'] = k
    tot['max_gap'] = sec(gap) if tot['packets'] else None
    out['totals'] = tot
    out['link_stacks'] = OrderedDict(sorted(Counter(s.split(':')[0] for s in stacks.elements()).items()))
    out['protocol_stacks'] = OrderedDict(sorted(stacks.items(), key=lambda k: (-k[1], k[0]))[:40])
    if vlans: out['vlan_ids'] = OrderedDict(sorted(vlans.items()))
    if ifs: out['packets_per_interface'] = OrderedDict(sorted(ifs.items()))
    out['analysis_totals'] = OrderedDict((f, total_flags.get(f, 0)) for f in FLAGS)
    out['segment_flags'] = judged; out['in_flight'] = in_flight; out['ack_rtt'] = ack_rtt
    for kind in ('tcp', 'udp'):
        L = []
        for c in convs[kind].values():
            t0, t1 = c.pop('_t0'), c.pop('_t1'); c.pop('_hs', None)
            c['start'] = sec(t0); c['duration'] = sec(t1 - t0) if t0 is not None else None
            if kind == 'tcp': c['handshake']['complete'] = all(c['handshake'][k] for k in ('syn', 'synack', 'ack'))
            L.append(c)
        out[kind] = L
    for stream, label in labels(path, e).items():
        if len(tcp_of := [c for c in out['tcp'] if c['stream'] == stream]) == 1: tcp_of[0]['label'] = label
    out['misaligned_frames'] = misaligned
    out['times_reliable'] = not ODD     # false: the file's sub-second fields are out of range, tshark's times (and flags that use them) mean nothing
    if checksums:
        F = ['tcp.checksum.status', 'udp.checksum.status', 'ip.checksum.status']
        rc2, so2, _ = tshark(path, F, e, ('tcp.check_checksum:TRUE', 'udp.check_checksum:TRUE', 'ip.check_checksum:TRUE'))
        ck = OrderedDict((k, OrderedDict(bad=0, good=0, unverified=0)) for k in ('tcp', 'udp', 'ip'))
        for line in so2.decode('utf8', 'replace').split('\n'):
            p = line.split(SEP)
            for k, s in zip(ck, p):
                for x in vals(s): ck[k]['good' if x in ('1', 'Good') else 'bad' if x in ('0', 'Bad') else 'unverified'] += 1
        out['checksums'] = ck
    if crosscheck:   # our table against tshark's own -z conv,*
        cc = OrderedDict()
        for kind in ('tcp', 'udp'):
            cmd = ['tshark', '-n', '-Q', '-r', path]
            for p in PREFS: cmd += ['-o', p]
            r = subprocess.run(cmd + ['-z', 'conv,' + kind], capture_output=True, env=e, timeout=900)
            theirs = Counter()
            for l in r.stdout.decode('utf8', 'replace').split('\n'):
                m = re.match(r'^(\S+):(\d+)\s+<->\s+(\S+):(\d+)\s+(\d+)\s+([\d,]+ ?\S*)\s+(\d+)\s+([\d,]+ ?\S*)\s+(\d+)\s', l)
                if m: theirs[tuple(sorted([(m[1].split('%')[0], int(m[2])), (m[3].split('%')[0], int(m[4]))])) + (int(m[9]),)] += 1
            ours = Counter(tuple(sorted([(c['a'], c['a_port']), (c['b'], c['b_port'])])) + (c['packets_ab'] + c['packets_ba'],) for c in out[kind])
            cc[kind] = OrderedDict(ours=sum(ours.values()), tshark=sum(theirs.values()), equal=ours == theirs)
            if ours != theirs: cc[kind]['only_ours'] = [list(map(str, k)) for k in list((ours - theirs))[:5]]; cc[kind]['only_tshark'] = [list(map(str, k)) for k in list((theirs - ours))[:5]]
        out['crosscheck_conv'] = cc
    return out

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('capture', nargs='?'); ap.add_argument('-o', '--out')
    ap.add_argument('--list'); ap.add_argument('--root', default='.'); ap.add_argument('--outdir', default='.')
    ap.add_argument('--no-checksums', action='store_true'); ap.add_argument('--no-crosscheck', action='store_true')
    a = ap.parse_args()
    if a.list:
        for l in open(a.list):
            l = l.split('#')[0].strip()
            if not l: continue
            l = l.split('\t')[0]
            o = build(os.path.join(a.root, l), not a.no_checksums, not a.no_crosscheck); o['file']['path'] = l
            with open(os.path.join(a.outdir, l.replace('/', '__') + '.json'), 'w') as f: json.dump(o, f, indent=1); f.write('\n')
            print(l, o['totals']['packets'], len(o['tcp']), len(o['udp']), [c['equal'] for c in o.get('crosscheck_conv', {}).values()], len(o['misaligned_frames']), flush=True)
    else:
        o = build(a.capture, not a.no_checksums, not a.no_crosscheck); s = json.dumps(o, indent=1) + '\n'
        if a.out: open(a.out, 'w').write(s)
        else: sys.stdout.write(s)
if __name__ == '__main__': main()
