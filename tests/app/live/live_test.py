#!/usr/bin/env python3
"""`fourtuple live` in namespaces of its own: a real server and real clients, compared with what ss says.

As root on Linux with ip, ss and unshare; otherwise only what needs no privilege is tested, which is said.
"""
import json, os, signal, subprocess, sys, tempfile, time

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


def check(good, *words):
    if not good:
        print('FAILED:', *words)
        sys.exit(1)


def run(*arguments, **more):
    return subprocess.run([FOURTUPLE, *arguments], capture_output=True, text=True, timeout=60, **more)


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
    live = subprocess.Popen([FOURTUPLE, 'live', 'lo', '--seconds', '2.5', '--json', '-w', path],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    client = python(CLIENT)
    out, errors = live.communicate(timeout=60)
    check(live.returncode == 0, errors)
    return json.loads(out), path, server, client


def connections(folder):
    report, path, server, client = captured(folder)
    check(report['ended'] == '--seconds' and report['packets'] > 8 and report['link'] == 'Ethernet', report)
    flows = {flow['b_port']: flow for flow in report['tcp'] + report['udp']}
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
    check(all(names(flow) == ['ft-client', 'ft-server'] for flow in kept['tcp'] + kept['udp']), kept)
    # The same from a list of ss, joined to a capture without names.
    plain = os.path.join(folder, 'ss.txt')
    with open(plain, 'w') as out:
        subprocess.run(['ss', '-tuanp'], stdout=out, check=True)
    joined = json.loads(run('replay', path, '--sockets', plain, '--json').stdout)
    check(not any('contested' in end for flow in joined['tcp'] for end in flow['process']), joined)
    server.kill()
    client.kill()


def ways_to_end(folder):
    server = python(SERVER)
    server.stdout.readline()
    live = subprocess.Popen([FOURTUPLE, 'live', 'lo', '--packets', '3'], stdout=subprocess.PIPE, text=True)
    time.sleep(0.7)
    client = python(CLIENT)
    out, _ = live.communicate(timeout=60)
    check(live.returncode == 0 and '3 packets in' in out and 'ended by --packets' in out, out)
    live = subprocess.Popen([FOURTUPLE, 'live', 'lo', '--filter', 'udp port 9'], stdout=subprocess.PIPE, text=True)
    time.sleep(0.7)
    live.send_signal(signal.SIGINT)
    out, _ = live.communicate(timeout=60)
    check(live.returncode == 0 and '0 packets in' in out and 'ended by Ctrl-C' in out, out)
    check('no TCP or UDP conversations' in out, out)
    server.kill()
    client.kill()


def mistakes(folder):
    for arguments, words in [(('live', 'lo', '--filter', 'tcp prt'), "--filter: error: 'tcp prt'"),
                             (('live', 'lo', '--seconds', 'x'), "--seconds: error: 'x' is not a time"),
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


def inside():
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    with tempfile.TemporaryDirectory() as folder:
        connections(folder)
        ways_to_end(folder)
        mistakes(folder)
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
