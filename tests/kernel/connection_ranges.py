#!/usr/bin/python3
"""connection_ranges.py - asks the kernel which values settings and socket options of connections take.

Writes tests/data/kernel/sockets/connection_ranges.csv: name, least, most, default (least and most of those tried).
"""
import errno, os, socket, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests/data/kernel'))
import lab as laboratory

TRIED = [-2**31, -1, 0, 1, 2, 127, 128, 255, 256, 1000, 32767, 32768, 65535, 65536, 2147483, 2147484, 8589934, 8589935, 2**31 - 1]
SYSCTLS = ['net.core.somaxconn', *('net.ipv4.' + n for n in (
    'tcp_max_syn_backlog', 'tcp_abort_on_overflow', 'tcp_syncookies', 'tcp_syn_retries', 'tcp_syn_linear_timeouts',
    'tcp_synack_retries', 'tcp_fin_timeout', 'tcp_retries2', 'tcp_orphan_retries', 'tcp_keepalive_time',
    'tcp_keepalive_intvl', 'tcp_keepalive_probes'))]
OPTIONS = {'TCP_KEEPIDLE': 4, 'TCP_KEEPINTVL': 5, 'TCP_KEEPCNT': 6, 'TCP_SYNCNT': 7, 'TCP_USER_TIMEOUT': 18}


def accepted(attempt):
    good = []
    for value in TRIED:
        try: attempt(value)
        except OSError: continue
        good.append(value)
    return min(good), max(good)


def main():
    lab = laboratory.Lab(['h'], [])
    rows = []
    for name, option in OPTIONS.items():
        s = lab.socket('h')
        default = s.getsockopt(6, option)
        rows.append([name, *accepted(lambda v: s.setsockopt(6, option, v)), default])
    for name in SYSCTLS:
        with lab.inside('h'), open('/proc/sys/' + name.replace('.', '/')) as f: default = f.read().strip()
        rows.append([name.split('.')[-1], *accepted(lambda v: laboratory.sysctl(lab.ns['h'], name, v)), default])
    lab.close()
    with open(os.path.join(ROOT, 'tests/data/kernel/sockets/connection_ranges.csv'), 'w') as f:
        f.write('name,least,most,default\n')
        for row in rows: f.write(','.join(map(str, row)) + '\n')


if __name__ == '__main__':
    main()
