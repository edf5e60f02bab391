#!/usr/bin/python3
"""bind_matrix.py - which second bind() and listen() the running kernel allows; writes bind_matrix.csv. Run as root.

Socket A (address, IPV6_V6ONLY, SO_REUSEADDR/SO_REUSEPORT, bound or listening) holds a port; socket B wants the same one.
Columns: proto, A's address, v6only, options and state, B's address, v6only and options, what B's bind() and, when that
succeeds, B's listen() answer.
"""
import csv, ctypes, errno, itertools, os, socket, subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ADDRESSES = [('0.0.0.0', '-'), ('127.0.0.1', '-'), ('10.9.9.9', '-'), ('::', '0'), ('::', '1'), ('::1', '0'), ('::1', '1'),
             ('::ffff:127.0.0.1', '0'), ('::ffff:0.0.0.0', '0')]
OPTIONS = {'none': (), 'reuseaddr': (socket.SO_REUSEADDR,), 'reuseport': (socket.SO_REUSEPORT,),
           'both': (socket.SO_REUSEADDR, socket.SO_REUSEPORT)}


def answer(call, *arguments):
    try:
        call(*arguments)
        return 'ok'
    except OSError as e:
        return errno.errorcode[e.errno]


def make(proto, address, v6only, options):
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET,
                      socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM)
    if v6only != '-': s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(v6only))
    for option in OPTIONS[options]: s.setsockopt(socket.SOL_SOCKET, option, 1)
    return s


def main():
    if ctypes.CDLL(None).unshare(0x40000000): raise OSError('unshare')
    subprocess.run(['sh', '-c', 'ip link set lo up; ip addr add 10.9.9.9/32 dev lo'], check=True)
    with open(os.path.join(HERE, 'bind_matrix.csv'), 'w', newline='') as f:
        out = csv.writer(f, lineterminator='\n')
        out.writerow('proto,a_addr,a_v6only,a_opts,a_state,b_addr,b_v6only,b_opts,b_bind,b_listen'.split(','))
        for proto in ('tcp', 'udp'):
            for a, a_options, state, b, b_options in itertools.product(
                    ADDRESSES, OPTIONS, ('bound', 'listen') if proto == 'tcp' else ('bound',), ADDRESSES, OPTIONS):
                with make(proto, *a, a_options) as first, make(proto, *b, b_options) as second:
                    first.bind((a[0], 5000))
                    if state == 'listen': first.listen(8)
                    bound = answer(second.bind, (b[0], 5000))
                    listening = answer(second.listen, 8) if proto == 'tcp' and bound == 'ok' else ''
                out.writerow([proto, *a, a_options, state, *b, b_options, bound, listening])


if __name__ == '__main__':
    main()
