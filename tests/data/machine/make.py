#!/usr/bin/env python3
"""Lays sockets of every kind out in namespaces of its own and stores what the machine says of them at one moment:
proc/ (the part of /proc that is read), ss_tanp.txt, ss_tulnp.txt, ss_uanp.txt, lsof.txt, and the packets (lo.pcap).

Run as root on Linux with iproute2, lsof and tcpdump; it replaces what is stored beside it.
"""
import ctypes, os, shutil, signal, socket, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
INSIDE = 'FOURTUPLE_MACHINE_INSIDE'


def name_me(name):
    ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)  # PR_SET_NAME


def tcp(family=socket.AF_INET, v6only=None):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if v6only is not None:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    return s


def in_process(name, uid, work):
    """Runs work() in a process of its own, which then keeps its sockets; returns when they are there."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        assert os.read(read, 1) == b'.', name
        os.close(read)
        return pid
    if uid:
        os.setgid(uid)
        os.setuid(uid)
    name_me(name)
    keep = work()
    os.write(write, b'.')
    signal.pause()
    del keep


def web():
    s = tcp()
    s.bind(('0.0.0.0', 80))
    s.listen(16)
    if os.fork() == 0:  # a worker that shares the listener and holds a connection
        name_me('worker')
        c, _ = s.accept()
        c.recv(10)
        signal.pause()
    return s


def client():
    time.sleep(0.1)
    c = socket.create_connection(('127.0.0.1', 80))
    c.send(b'GET /')
    return c


def dual():
    a = tcp(socket.AF_INET6, 0)
    a.bind(('::', 8080))
    a.listen(5)
    mapped = socket.create_connection(('127.0.0.1', 8080))
    six = socket.create_connection(('::1', 8080))
    c, _ = a.accept()
    d, _ = a.accept()
    only = tcp(socket.AF_INET6, 1)
    only.bind(('::', 8081))
    only.listen(5)
    return a, mapped, six, c, d, only


def udp():
    a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.bind(('0.0.0.0', 5353))
    b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    b.bind(('127.0.0.1', 40000))
    b.connect(('127.0.0.1', 5353))
    b.send(b'question')
    data, who = a.recvfrom(100)
    a.sendto(b'answer', who)
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    six.bind(('::', 546))
    link = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    link.bind(('fe80::1', 547, 0, socket.if_nametoindex('eth0')))
    return a, b, six, link


def time_wait():
    s = tcp()
    s.bind(('127.0.0.1', 7000))
    s.listen(5)
    c = socket.create_connection(('127.0.0.1', 7000))
    d, _ = s.accept()
    c.close()
    time.sleep(0.05)
    d.close()
    half = socket.create_connection(('127.0.0.1', 7000))
    e, _ = s.accept()
    e.send(b'unread')
    half.shutdown(socket.SHUT_WR)
    return s, half, e


def store(path, text):
    with open(os.path.join(HERE, path), 'w') as out:
        out.write(text)


def copy_proc():
    root = os.path.join(HERE, 'proc')
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, 'net'))
    for table in ('tcp', 'tcp6', 'udp', 'udp6'):
        store(f'proc/net/{table}', open(f'/proc/net/{table}').read())
    for pid in sorted(p for p in os.listdir('/proc') if p.isdigit()):
        if int(pid) == os.getpid() or open(f'/proc/{pid}/comm').read().startswith('tcpdump'):
            continue
        os.makedirs(os.path.join(root, pid, 'fd'))
        store(f'proc/{pid}/comm', open(f'/proc/{pid}/comm').read())
        status = [x for x in open(f'/proc/{pid}/status') if x.startswith(('Name:', 'Uid:'))]
        store(f'proc/{pid}/status', ''.join(status))
        for fd in os.listdir(f'/proc/{pid}/fd'):
            target = os.readlink(f'/proc/{pid}/fd/{fd}')
            if target.startswith('socket:'):
                os.symlink(target, os.path.join(root, pid, 'fd', fd))


def inside():
    setup = ('ip link set lo up; ip link add eth0 type veth peer name far; ip link set eth0 up; ip link set far up; ip addr add fe80::1/64 dev eth0 nodad')
    subprocess.run(setup, shell=True, check=True)
    dump = subprocess.Popen(['tcpdump', '-i', 'lo', '-U', '-Z', 'root', '--immediate-mode', '-w', os.path.join(HERE, 'lo.pcap')],
                            stderr=subprocess.DEVNULL)
    time.sleep(1)
    in_process('web', 0, web)
    in_process('client', 65534, client)
    in_process('dual', 0, dual)
    in_process('udp', 0, udp)
    in_process('closer', 65534, time_wait)
    time.sleep(0.5)
    dump.terminate()
    dump.wait()
    for path, command in [('ss_tanp.txt', 'ss -tanp'), ('ss_tulnp.txt', 'ss -tulnp'), ('ss_uanp.txt', 'ss -uanp'),
                          ('ss_tuanpe.txt', 'ss -tuanpe'), ('ss_wide.txt', 'COLUMNS=100 ss -tnp'), ('lsof.txt', 'lsof -i -nP')]:
        store(path, subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout)
    copy_proc()


if __name__ == '__main__':
    if os.environ.get(INSIDE):
        inside()
        os.kill(-1, signal.SIGKILL)
        sys.exit()
    env = dict(os.environ, **{INSIDE: '1'})
    subprocess.run(['unshare', '--net', '--pid', '--fork', '--mount-proc', sys.executable, __file__], env=env)
