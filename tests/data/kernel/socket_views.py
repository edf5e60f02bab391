#!/usr/bin/python3
"""Ask ss, lsof, netstat, ls and /proc/net how they show one situation; writes socket_views.json.

The situation is that of socket_views.yaml: the same hosts, processes, process ids, addresses and ports, so that only
what nobody chooses differs (inodes, kernel pointers, the order of hash tables, how far timers have run).
`socket_views.py --print` prints the answers instead of writing them.
"""
import json, os, pty, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

CONTROL, ANSWER = 200, 201      # descriptors of a process for its orders; left out of listings

SERVER, CLIENT = '10.0.0.2', '10.0.0.1'
SERVER6, CLIENT6 = '2001:db8::2', '2001:db8::1'
PROCESSES = {  # name: (host, pid, user)
    'httpd': ('server', 80, 'root'), 'dual': ('server', 81, 'www-data'), 'six': ('server', 82, 'root'),
    'local': ('server', 83, 'root'), 'full': ('server', 84, 'www-data'), 'dnsd': ('server', 85, 'root'),
    'a-very-long-process-name': ('server', 86, 'root'),
    'browser': ('client', 150, 'anna'), 'resolver': ('client', 151, 'anna')}
USERS = {'root': 0, 'www-data': 33, 'anna': 1000}

COMMANDS = {
    'ss -tanp': ['server', 'client'], 'ss -tuanp': ['server', 'client'], 'ss -tulnp': ['server', 'client'],
    'ss -tan': ['server'], 'ss -tn': ['client'], 'ss -uan': ['client'], 'ss -4tan': ['server'], 'ss -6tan': ['server'],
    'ss -tano': ['server', 'client'], 'ss -tanoe': ['server', 'client'], 'ss -tanH': ['client'], 'ss -tanope': ['server', 'client'],
    'ss -tan state established': ['client'], 'ss -uane': ['server'],
    'ss -tl': ['server'], 'ss -ta': ['server', 'client'], 'ss -tua': ['server'], 'ss -tulp': ['server'],
    'ss -s': ['server', 'client'],
    'netstat -an': ['server', 'client'], 'netstat -tulpn': ['server'], 'netstat -tanp': ['server', 'client'],
    'netstat -tno': ['client'], 'netstat -tane': ['server', 'client'], 'netstat -taep': ['client'], 'netstat -ta': ['server'], 'netstat -tl': ['server'],
    'netstat -taW': ['server'],
    'lsof -i -nP': ['server', 'client'], 'lsof -i': ['server', 'client'], 'lsof -i :80 -nP': ['server'],
    'lsof -nP -iTCP -sTCP:LISTEN': ['server'], 'lsof -nP -i4UDP': ['server', 'client'], 'lsof -nPi @10.0.0.1': ['server'],
    'lsof -nP -a -i -c dual': ['server'], 'lsof -nP -a -i -p 80': ['server'], 'lsof -nP -a -i -u www-data': ['server'],
    'lsof -t -i :80': ['server'],
    'cat /proc/net/tcp': ['server', 'client'], 'cat /proc/net/tcp6': ['server', 'client'],
    'cat /proc/net/udp': ['server', 'client'], 'cat /proc/net/udp6': ['server'],
    'ls -l /proc/80/fd': ['server'], 'ls -l /proc/150/fd': ['client']}


# ---------------------------------------------------------------- a process of the situation
def process_main(name):
    with open('/proc/self/comm', 'w') as f:
        f.write(name[:15])
    s = {}
    orders, answers = os.fdopen(CONTROL, 'r'), os.fdopen(ANSWER, 'w')

    def made(key, v6, kind, **flags):
        s[key] = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, kind)
        if v6 and 'v6only' in flags:
            s[key].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, flags['v6only'])
        return s[key]

    for line in orders:
        verb, key, *a = json.loads(line)
        if verb == 'listen':
            x = made(key, ':' in a[0], socket.SOCK_STREAM, v6only=a[3] if len(a) > 3 else 0)
            x.bind((a[0], a[1]))
            x.listen(a[2])
        elif verb == 'bind':
            made(key, ':' in a[0], socket.SOCK_DGRAM).bind((a[0], a[1]))
        elif verb == 'udp':
            made(key, ':' in a[0], socket.SOCK_DGRAM).bind((a[0], a[1]))
            s[key].connect((a[2], a[3]))
        elif verb == 'connect':
            x = made(key, ':' in a[0], socket.SOCK_STREAM)
            x.bind((a[0], a[1]))
            x.setblocking(False)
            x.connect_ex((a[2], a[3]))
        elif verb == 'accept':
            s[key] = s[a[0]].accept()[0]
        elif verb == 'send':
            s[key].send(b'x' * a[0])
        elif verb == 'receive':
            s[key].recv(a[0])
        elif verb == 'shut':
            s[key].shutdown(socket.SHUT_WR)
        elif verb == 'close':
            s.pop(key).close()
        answers.write('ok\n')
        answers.flush()


class Process:
    def __init__(self, lab, name, terminal):
        from lab import inside
        host, pid, user = PROCESSES[name]
        order_out, order_in = os.pipe()
        answer_out, answer_in = os.pipe()
        with inside(lab.ns[host]):
            with open('/proc/sys/kernel/ns_last_pid', 'w') as f:
                f.write(str(pid - 1))
            child = os.fork()
            if child == 0:
                for fd in (0, 1, 2):
                    os.dup2(terminal, fd)
                os.dup2(order_out, CONTROL)
                os.dup2(answer_in, ANSWER)
                os.closerange(3, CONTROL)
                os.setgid(USERS[user])
                os.setuid(USERS[user])
                os.set_inheritable(CONTROL, True)
                os.set_inheritable(ANSWER, True)
                os.execv('/usr/bin/python3', [name, '-B', os.path.abspath(__file__), '--process', name])
        assert child == pid, f'process id {child} instead of {pid}'
        os.close(order_out)
        os.close(answer_in)
        self.orders, self.answers = os.fdopen(order_in, 'w'), os.fdopen(answer_out)

    def __call__(self, *order):
        self.orders.write(json.dumps(order) + '\n')
        self.orders.flush()
        assert self.answers.readline() == 'ok\n', order


# ---------------------------------------------------------------- the situation
def situation(lab, p):
    lab.nft('server', '''table inet filter { chain input { type filter hook input priority filter;
      tcp sport 50002 tcp flags & psh != 0 drop
      tcp sport { 50006, 50015 } tcp flags & fin != 0 drop
      tcp dport 81 drop
    }
    }''')
    lab.nft('client', '''table inet filter { chain input { type filter hook input priority filter;
      tcp sport 82 drop
      tcp sport 80 tcp dport 50014 tcp flags & fin != 0 drop
    }
    }''')
    p['httpd']('listen', 'web', '0.0.0.0', 80, 128)
    p['dual']('listen', 'dual', '::', 8080, 5)
    p['six']('listen', 'six', '::', 80, 128, 1)
    p['six']('listen', 'quiet', '::', 82, 128)
    p['local']('listen', 'local4', '127.0.0.1', 9000, 128)
    p['local']('listen', 'local6', '::1', 9001, 128)
    p['full']('listen', 'full', SERVER, 7000, 5)
    p['dnsd']('bind', 'dns', '0.0.0.0', 53)
    p['dnsd']('bind', 'mdns', '::', 5353)
    p['a-very-long-process-name']('bind', 'log', SERVER, 514)
    p['a-very-long-process-name']('udp', 'out', SERVER, 5000, CLIENT, 514)
    for port in (50001, 50002, 50003, 50004, 50005, 50006, 50014, 50015):
        p['browser']('connect', port, CLIENT, port, SERVER, 80)
        time.sleep(0.05)
        p['httpd']('accept', port, 'web')
    p['browser']('connect', 50007, CLIENT, 50007, SERVER, 81)
    p['browser']('connect', 50008, CLIENT, 50008, SERVER, 82)
    p['browser']('connect', 50009, CLIENT, 50009, SERVER, 8080)
    time.sleep(0.05)
    p['dual']('accept', 50009, 'dual')
    p['browser']('connect', 50010, CLIENT6, 50010, SERVER6, 8080)
    time.sleep(0.05)
    p['dual']('accept', 50010, 'dual')
    p['browser']('connect', 50011, CLIENT6, 50011, SERVER6, 80)
    time.sleep(0.05)
    p['six']('accept', 50011, 'six')
    p['browser']('connect', 50012, CLIENT, 50012, SERVER, 7000)
    p['browser']('connect', 50013, CLIENT, 50013, SERVER, 7000)
    p['local']('connect', 50020, '127.0.0.1', 50020, '127.0.0.1', 9000)
    time.sleep(0.05)
    p['local']('accept', 'in', 'local4')
    p['resolver']('udp', 'ask', CLIENT, 40000, SERVER, 53)
    p['resolver']('bind', 'any', '0.0.0.0', 40001)
    p['resolver']('send', 'ask', 5)
    p['browser']('send', 50001, 5)
    p['browser']('send', 50002, 18)
    p['browser']('shut', 50003)
    p['browser']('close', 50004)
    p['browser']('close', 50005)
    p['browser']('shut', 50006)
    p['browser']('shut', 50014)
    p['browser']('close', 50015)
    time.sleep(0.05)
    p['httpd']('close', 50004)
    p['httpd']('close', 50014)
    time.sleep(0.1)


def run_tools(lab):
    from lab import sh
    answers = {}
    for command, hosts in COMMANDS.items():
        for host in hosts:
            text = sh('ip', 'netns', 'exec', lab.ns[host], *command.split(), check=False)
            assert text, command
            answers[f'{host}: {command}'] = text.split('\n')[:-1]
    return answers


def name_users():
    """Over the machine's own accounts, in this mount namespace only."""
    for file, line in (('/etc/passwd', '{0}:x:{1}:{1}::/:/bin/sh\n'), ('/etc/group', '{0}:x:{1}:\n')):
        with tempfile.NamedTemporaryFile('w', delete=False) as f:
            f.write(''.join(line.format(user, number) for user, number in USERS.items()))
        os.chmod(f.name, 0o644)
        subprocess.run(['mount', '--bind', f.name, file], check=True)
        os.unlink(f.name)


def main_inside():
    from lab import Lab, about
    name_users()
    lab = Lab(['client', 'server'], [('client', f'{CLIENT}/24 {CLIENT6}/64', 'server', f'{SERVER}/24 {SERVER6}/64', 1500)],
              quiet6=False)
    _, terminal = pty.openpty()
    p = {name: Process(lab, name, terminal) for name in PROCESSES}
    situation(lab, p)
    answers = run_tools(lab)
    tools = {'ss': 'ss -V', 'lsof': 'dpkg-query -W lsof', 'netstat': 'dpkg-query -W net-tools'}
    content = about(__file__, tools={k: os.popen(v + ' 2>/dev/null').read().strip() for k, v in tools.items()}, answers=answers)
    text = json.dumps(content, indent=1) + '\n'
    if '--print' in sys.argv:
        sys.stdout.write(text)
    else:
        with open(os.path.join(HERE, 'socket_views.json'), 'w') as f:
            f.write(text)


def main():
    """In a process id and mount namespace of its own, where process ids can be chosen and user 1000 is anna."""
    if '--process' in sys.argv:
        return process_main(sys.argv[-1])
    if '--inside' in sys.argv:
        return main_inside()
    command = ['unshare', '--pid', '--fork', '--mount', '--mount-proc', '--kill-child', '--propagation', 'private',
               sys.executable, '-B', os.path.abspath(__file__), '--inside', *sys.argv[1:]]
    return subprocess.run(command).returncode


if __name__ == '__main__':
    sys.exit(main())
