#!/usr/bin/python3
"""How much of the receive buffer one datagram takes (Recv-Q of ss), by payload length, over veth; writes udp_charge.csv."""
import os, socket, time
from lab import HERE, Lab, sh

SIZES = [0, 1, 64, 128, 180, 192, 200, 256, 512, 640, 648, 700, 1000, 1400, 1472, 1473, 1664, 1700, 2000, 2112, 2952, 3000,
         4000, 8000, 16000, 60000, 65507]


def charge(lab, size):
    receiver = lab.socket('b', kind=socket.SOCK_DGRAM)
    receiver.bind(('10.0.0.2', 5000))
    lab.socket('a', kind=socket.SOCK_DGRAM).sendto(b'x' * size, ('10.0.0.2', 5000))
    time.sleep(0.02)
    queued = sh('ip', 'netns', 'exec', lab.ns['b'], 'ss', '-uanH').split()[1]
    receiver.close()
    return queued


def main():
    lab = Lab(['a', 'b'], [('a', '10.0.0.1/24', 'b', '10.0.0.2/24', 1500)])
    with open(os.path.join(HERE, 'udp_charge.csv'), 'w') as out:
        out.write(f'# made by tests/data/kernel/udp_charge.py, Linux {os.uname().release}\nlength,charged\n')
        for size in SIZES:
            out.write(f'{size},{charge(lab, size)}\n')


main()
