#!/usr/bin/env python3
"""`fourtuple live` in namespaces of its own: a real server and real clients, compared with what ss says.

As root on Linux with ip, ss and unshare; otherwise only what needs no privilege is tested, which is said.
"""
import json, os, shutil, signal, socket, struct, subprocess, sys, tempfile, time

ROOT = os.environ.get('SOURCE_DIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
FOURTUPLE = os.environ.get('FOURTUPLE') or os.path.join(ROOT, 'build', 'fourtuple')
INSIDE = 'FOURTUPLE_LIVE_TEST_INSIDE'
NOBODY = 65534
SKIPPED = 77

SERVER = '''
import socket, time
def name(text):
    open('/proc/self/comm', 'w').write(text)
name('ft-server')
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', 8099)); s.listen(8)
six = socket.socket(socket.AF_INET6)
six.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
six.bind(('::1', 8098)); six.listen(8)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(('127.0.0.1', 5399))
print('ready', flush=True)
a, _ = s.accept()
b, _ = six.accept()
data, who = u.recvfrom(100)
u.sendto(b'answer', who)
a.sendall(b'x' * 5000)
time.sleep(60)
'''
CLIENT = '''
import socket, time
open('/proc/self/comm', 'w').write('ft-client')
a = socket.create_connection(('127.0.0.1', 8099))
b = socket.create_connection(('::1', 8098))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.connect(('127.0.0.1', 5399))
u.send(b'question')
a.recv(5000)
time.sleep(60)
'''
# Accepts, and gives the connection to a child as sshd and inetd do.
PARENT = '''
import os, socket, time
def name(text):
    open('/proc/self/comm', 'w').write(text)
name('ft-parent')
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', 8097)); s.listen(8)
print('ready', flush=True)
a, _ = s.accept()
time.sleep(0.1)
child = os.fork()
if child == 0:
    name('ft-child')
    s.close()
    time.sleep(60)
print(child, flush=True)
a.close()
time.sleep(60)
'''
CALLER = '''
import socket, time
open('/proc/self/comm', 'w').write('ft-caller')
a = socket.create_connection(('127.0.0.1', 8097))
time.sleep(60)
'''


def check(good, *words):
    if not good:
        print('FAILED:', *words)
        sys.exit(1)


def run(*arguments, **more):
    return subprocess.run([FOURTUPLE, *arguments], capture_output=True, text=True, timeout=60, **more)


def start(*arguments, **more):
    """The program in the background, when it has had time to begin."""
    process = subprocess.Popen([FOURTUPLE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    time.sleep(0.7)
    return process


def python(text):
    return subprocess.Popen([sys.executable, '-c', text], stdout=subprocess.PIPE, text=True)


def ss_listeners():
    """(protocol, address, port, names of its processes) as ss prints them."""
    rows = set()
    for line in subprocess.run(['ss', '-Htulnp'], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        address, port = words[4].rsplit(':', 1)
        rows.add((words[0], address.strip('[]'), int(port), tuple(sorted(part.split('"')[1] for part in words[6:] if '"' in part))))
    return rows


def our_listeners(rows):
    return {(row['protocol'], row['local']['address'], row['local']['port'], (row['process']['name'],) if 'process' in row else ())
            for row in rows}


def names(flow):
    return [(end or {}).get('name') for end in flow['process']]


def captured(folder):
    """Captures while a server and a client talk; the report and the file."""
    path = os.path.join(folder, 'kept.pcapng')
    server = python(SERVER)
    check(server.stdout.readline() == 'ready\n', 'the server did not start')
    live = start('live', 'lo', '--seconds', '2.5', '--json', '-w', path)
    client = python(CLIENT)
    out, errors = live.communicate(timeout=60)
    check(live.returncode == 0, errors)
    return json.loads(out), path, server, client


def connections(folder):
    report, path, server, client = captured(folder)
    check(report['ended'] == '--seconds' and report['packets'] > 8 and report['link'] == 'Ethernet', report)
    flows = {flow['b_port']: flow for flow in report['conversations']}
    check(set(flows) == {8099, 8098, 5399}, sorted(flows))
    for port, flow in flows.items():
        check(names(flow) == ['ft-client', 'ft-server'], port, flow['process'])
        check([end['pid'] for end in flow['process']] == [client.pid, server.pid], port, flow['process'])
        check(all(end['match'] == 'exact' for end in flow['process']), port, flow['process'])
    check(flows[8099]['payload_ba'] == 5000, flows[8099])
    check({row['name'] for row in report['processes']} == {'ft-client', 'ft-server'}, report['processes'])
    check(our_listeners(report['sockets']) == ss_listeners(), report['sockets'], ss_listeners())
    once = run('live', '--json')
    check(once.returncode == 0 and our_listeners(json.loads(once.stdout)['sockets']) == ss_listeners(), once.stdout)
    kept = json.loads(run('replay', path, '--json').stdout)
    check(all(names(flow) == ['ft-client', 'ft-server'] for flow in kept['conversations']), kept)
    join_to_ss(folder, path)
    server.kill()
    client.kill()


def without_names(path, plain):
    """The same packets without process blocks and options."""
    with open(path, 'rb') as file:
        data = file.read()
    kept, at = b'', 0
    while at < len(data):
        kind, length = struct.unpack_from('<II', data, at)
        body = data[at + 8:at + length - 4]
        at += length
        if kind == 0x80000001:
            continue
        if kind == 6:
            body = body[:20 + (struct.unpack_from('<I', body, 12)[0] + 3) // 4 * 4]
        kept += struct.pack('<II', kind, len(body) + 12) + body + struct.pack('<I', len(body) + 12)
    with open(plain, 'wb') as file:
        file.write(kept)


def join_to_ss(folder, path):
    """The same names from a list of ss and a capture that names nobody."""
    plain, listed = os.path.join(folder, 'plain.pcapng'), os.path.join(folder, 'ss.txt')
    without_names(path, plain)
    unnamed = json.loads(run('replay', plain, '--json').stdout)
    check(not any('process' in flow and any(flow['process']) for flow in unnamed['conversations']), unnamed)
    with open(listed, 'w') as out:
        subprocess.run(['ss', '-tuanp'], stdout=out, check=True)
    joined = json.loads(run('replay', plain, '--sockets', listed, '--json').stdout)
    flows = joined['conversations']
    check(len(flows) == 3, joined)
    for flow in flows:
        check(names(flow) == ['ft-client', 'ft-server'], flow)
        check([end['match'] for end in flow['process']] == ['exact', 'exact'], flow)


def handed_over():
    server = python(PARENT)
    server.stdout.readline()
    live = start('live', 'lo', '--seconds', '2.5', '--json')
    caller = python(CALLER)
    out, errors = live.communicate(timeout=60)
    check(live.returncode == 0, errors)
    flow, = json.loads(out)['conversations']
    check(names(flow) == ['ft-caller', 'ft-child'], flow)
    os.kill(int(server.stdout.readline()), signal.SIGKILL)
    server.kill()
    caller.kill()


def ways_to_end():
    server = python(SERVER)
    server.stdout.readline()
    live = start('live', 'lo', '--packets', '3')
    client = python(CLIENT)
    out, _ = live.communicate(timeout=60)
    check(live.returncode == 0 and '3 packets in' in out and 'ended by --packets' in out, out)
    server.kill()
    client.kill()
    for number, word in [(signal.SIGINT, 'Ctrl-C'), (signal.SIGTERM, 'SIGTERM'), (signal.SIGHUP, 'SIGHUP')]:
        live = start('live', 'lo', '--filter', 'udp port 9')
        live.send_signal(number)
        out, _ = live.communicate(timeout=60)
        check(live.returncode == 0 and '0 packets in' in out and f'ended by {word}' in out, word, out)
        check('no TCP or UDP conversations' in out, out)


def ended_by_failure(process, words):
    out, errors = process.communicate(timeout=60)
    check(process.returncode == 2 and words in errors, process.returncode, errors)
    return out


def failures():
    """What was captured before is shown, and the exit code tells."""
    out = ended_by_failure(start('live', 'lo', '--seconds', '50', '-w', '/dev/full'),
                           '/dev/full: error: cannot be written: No space left on device')
    check('packets in' in out and 'ended by an error' in out, out)
    subprocess.run(['ip', 'link', 'add', 'ft0', 'type', 'veth', 'peer', 'name', 'ft1'], check=True)
    subprocess.run(['ip', 'link', 'set', 'ft0', 'up'], check=True)
    live = start('live', 'ft0', '--seconds', '50', '--json')
    subprocess.run(['ip', 'link', 'del', 'ft0'], check=True)
    report = json.loads(ended_by_failure(live, 'error: '))
    check(report['ended'] == 'an error' and report['error'], report)
    with open('/dev/full', 'w') as full:
        for more in ([], ['lo', '--seconds', '0.3']):
            done = subprocess.run([FOURTUPLE, 'live', *more], stdout=full, stderr=subprocess.PIPE, text=True)
            check(done.returncode == 2 and 'standard output: error: cannot be written: No space' in done.stderr, done)


def raw_ip_has_its_number(folder):
    """A tun interface has no link layer: the file says LINKTYPE_RAW (101), not libpcap's own number for it."""
    if subprocess.run(['ip', 'tuntap', 'add', 'dev', 'ft2', 'mode', 'tun'], capture_output=True).returncode != 0:
        return
    subprocess.run(['ip', 'link', 'set', 'ft2', 'up'], check=True)
    path = os.path.join(folder, 'tun.pcapng')
    done = run('live', 'ft2', '--seconds', '0.2', '-w', path)
    check(done.returncode == 0, done.stderr)
    with open(path, 'rb') as file:
        data = file.read()
    kind, _, link = struct.unpack_from('<IIH', data, struct.unpack_from('<I', data, 4)[0])
    check((kind, link) == (1, 101), kind, link)


def view_leaves_nothing():
    """The packets the window would show are in a file without a name; without a display there is no window."""
    with tempfile.TemporaryDirectory() as folder:
        env = {key: value for key, value in os.environ.items() if key not in ('DISPLAY', 'WAYLAND_DISPLAY')}
        live = start('live', 'lo', '--seconds', '1.5', '--view', env=dict(env, TMPDIR=folder))
        check(os.listdir(folder) == [], os.listdir(folder))
        out, errors = live.communicate(timeout=60)
        check(live.returncode == 2 and 'display' in errors and 'the packets are in' not in out, out, errors)
        check(os.listdir(folder) == [], os.listdir(folder))


def mistakes(folder):
    for arguments, words in [(('live', 'lo', '--filter', 'tcp prt'), "--filter: error: 'tcp prt'"),
                             (('live', 'lo', '--seconds', 'x'), "--seconds: error: 'x' is not a time"),
                             (('live', 'lo', '--seconds', ''), '--seconds: the time is empty'),
                             (('live', 'lo', '--seconds', '-1'), "--seconds: error: '-1' is not a time"),
                             (('live', 'lo', '--seconds', '9' * 22), 'is not a time'),
                             (('live', 'lo', '--packets', '-1'), "--packets: '-1' is not a whole number from 1"),
                             (('live', 'lo', '--packets', '9' * 22), 'is not a whole number from 1'),
                             (('live', 'lo', '-w', folder), 'Is a directory'),
                             (('live', 'lo', '-w', os.path.join(folder, 'no', 'file')), 'No such file')]:
        done = run(*arguments)
        check(done.returncode == 2 and words in done.stderr, arguments, done.stderr)


def without_privilege():
    """What anybody can do."""
    more = {'user': NOBODY, 'group': NOBODY, 'extra_groups': []} if os.getuid() == 0 else {}
    server = python(SERVER)
    server.stdout.readline()
    table = run('live', **more)
    check(table.returncode == 0 and table.stdout.startswith('Netid State'), table)
    check('8099' in table.stdout and '5399' in table.stdout, table.stdout)
    check('CAP_NET_RAW' in table.stderr and 'setcap' in table.stderr, table.stderr)
    if more:
        check('ft-server' not in table.stdout and 'cannot be looked into' in table.stderr, table)
    refused = run('live', 'lo', **more)
    check(refused.returncode == 2 and '8099' in refused.stdout and 'sudo' in refused.stderr, refused)
    unknown = run('live', 'eth99', **more)
    check(unknown.returncode == 2 and "there is no interface 'eth99'; expected one of" in unknown.stderr, unknown.stderr)
    server.kill()


def root_without_ptrace():
    """In a container root may list the descriptors of others, but not read them: these processes are hidden."""
    if not shutil.which('setpriv'):
        return
    listener = socket.create_server(('127.0.0.1', 0))
    other = os.fork()
    if other == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        time.sleep(30)
        os._exit(0)
    listener.close()
    time.sleep(0.3)
    done = subprocess.run(['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace', FOURTUPLE, 'live', '--json'],
                          capture_output=True, text=True)
    check(done.returncode == 0, done.stderr)
    machine = json.loads(done.stdout)
    check(machine['processes_hidden'] >= 1, machine)
    check(any('cannot be looked into' in note for note in machine['notes']), machine['notes'])
    os.kill(other, signal.SIGKILL)
    os.waitpid(other, 0)


def inside():
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    with tempfile.TemporaryDirectory() as folder:
        connections(folder)
        ways_to_end()
        mistakes(folder)
        raw_ip_has_its_number(folder)
    handed_over()
    failures()
    view_leaves_nothing()
    root_without_ptrace()
    without_privilege()
    print('ok')


def may_unshare():
    return os.getuid() == 0 and subprocess.run(['unshare', '-n', 'true'], capture_output=True).returncode == 0


if __name__ == '__main__':
    if not os.access(FOURTUPLE, os.X_OK):
        sys.exit(SKIPPED)
    if os.environ.get(INSIDE):
        inside()
    elif may_unshare():
        sys.exit(subprocess.run(['unshare', '-n', sys.executable, '-B', __file__], env=dict(os.environ, **{INSIDE: '1'})).returncode)
    else:
        print('not root, or no namespaces: capturing is not tested')
        if os.getuid() != 0:
            without_privilege()
        sys.exit(SKIPPED)
