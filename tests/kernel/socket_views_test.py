#!/usr/bin/env python3
"""`fourtuple show` prints what ss, lsof, netstat, ls and /proc/net print of the same situation.

The situation is tests/data/kernel/socket_views.yaml. What the real tools print of it is stored (socket_views.json); as
root, and with the tools there, they are also asked now (socket_views.py). Compared line by line, blanks at the end of
lines aside, after making equal what nobody chooses: inodes, cookies, kernel pointers and reference counts, time left on
timers and how often they ran, cgroups, and the order of what comes out of hash tables.
"""
import difflib, json, os, re, shutil, subprocess, sys

ROOT = os.environ.get('SOURCE_DIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOURTUPLE = os.environ.get('FOURTUPLE') or os.path.join(ROOT, 'build', 'fourtuple')
DATA = os.path.join(ROOT, 'tests', 'data', 'kernel')
TOOLS = ['ss', 'lsof', 'netstat', 'ip', 'nft', 'unshare', 'mount']


# ---------------------------------------------------------------- making equal what nobody chooses
def ss(lines, command):
    if ' -s' in command:  # the kernel counts these over all namespaces, and its own and the tool's sockets in the total
        lines = [re.sub(r'Total: \d+', 'Total: N', x) for x in lines]
        return [re.sub(r'TCP: +\d+ \(estab (\d+), closed \d+, orphaned \d+,', r'TCP: N (estab \1,', x) for x in lines]
    out = []
    for x in lines:
        x = re.sub(r'ino:[1-9]\d*', 'ino:N', x)
        x = re.sub(r'sk:[0-9a-f]+', 'sk:N', x)
        x = re.sub(r' cgroup:\S+', '', x)
        out.append(re.sub(r'timer:\((\w+),[^,]*,\d+\)', r'timer:(\1)', x))
    return out


def netstat(lines, _):
    # Not internet sockets: a part of its own at the end.
    if 'Active UNIX domain sockets (servers and established)' in lines:
        lines = lines[:lines.index('Active UNIX domain sockets (servers and established)')]
    at = lines[1].find('Inode')
    if at > 0:
        lines = lines[:2] + [x[:at] + ('0' if x[at:at + 10].strip() == '0' else 'N').ljust(10) + x[at + 10:] for x in lines[2:]]
    return [re.sub(r'(on|timewait|probe) \([\d.]+/\d+/\d+\)', r'\1', x) for x in lines]


def lsof(lines, _):
    return [re.sub(r'\s+DEVICE', ' DEVICE', re.sub(r'\s+\d+(\s+0t0)', r' N\1', x)) for x in lines]


def proc_net(lines, _):
    out = lines[:1]
    for x in lines[1:]:
        x = re.sub(r'^ *\d+:', 'sl:', x)
        x = re.sub(r'(01|03|04):[0-9A-F]{8} [0-9A-F]{8}', r'\1:T N', x)
        # inode, references, pointer; with a timer running, what it has done to the windows
        x = re.sub(r' (\d+) \d+ [0-9a-f]{16}', lambda m: ' inode 0 P' if m[1] == '0' else ' inode N P', x)
        out.append(re.sub(r'(:T N .* P).*', r'\1', x))
    return out


def ls(lines, _):
    lines = [x for x in lines if not re.search(r' (200|201) -> pipe', x)]
    lines = [re.sub(r'64 \w+ +\d+ \d\d:\d\d', '64 DATE', x) for x in lines]
    return [re.sub(r'/dev/pts/\d+', '/dev/pts/N', re.sub(r'socket:\[\d+\]', 'socket:[N]', x)) for x in lines]


def comparable(command, lines):
    lines = [x.rstrip() for x in lines]
    while lines and not lines[-1]:
        lines.pop()
    tool = command.split()[0]
    lines = {'ss': ss, 'netstat': netstat, 'lsof': lsof, 'cat': proc_net, 'ls': ls}[tool](lines, command)
    if tool in ('lsof', 'ls') or ' -s' in command:
        return [x.rstrip() for x in lines]
    head = {'netstat': 2}.get(tool, 0 if 'H' in command else 1)
    return [x.rstrip() for x in lines[:head]] + sorted(x.rstrip() for x in lines[head:])


# ---------------------------------------------------------------- asking
def ours(host, command):
    run = subprocess.run([FOURTUPLE, 'show', os.path.join(DATA, 'socket_views.yaml'), '--at', '1250ms', '--host', host,
                          *command.split()], capture_output=True, text=True)
    assert run.returncode == 0 and not run.stderr, f'{command}: {run.stderr}'
    return run.stdout.split('\n')[:-1]


def compare(answers, where):
    failed = 0
    for key, real in answers.items():
        host, command = key.split(': ', 1)
        expected, found = comparable(command, real), comparable(command, ours(host, command))
        if expected == found:
            continue
        failed += 1
        print(f'{where}: `{command}` on {host} differs (- real, + fourtuple)')
        print('\n'.join(difflib.unified_diff(expected, found, lineterm='', n=0)))
    print(f'{where}: {len(answers) - failed} of {len(answers)} listings equal')
    return failed


def why_not_live():
    if os.geteuid() != 0:
        return 'not root'
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return 'no ' + ', '.join(missing)
    if subprocess.run(['unshare', '--net', '--pid', '--fork', '--mount-proc', 'true'], capture_output=True).returncode:
        return 'namespaces are not allowed here'
    return ''


def main():
    if not os.path.exists('/etc/services'):
        print('skipped: no /etc/services (package netbase), whose names the stored listings use')
        return 77
    with open(os.path.join(DATA, 'socket_views.json')) as f:
        failed = compare(json.load(f)['answers'], 'stored')
    reason = why_not_live()
    if reason:
        print(f'asking this machine: skipped: {reason}')
        return 1 if failed else 0
    asked = subprocess.run([sys.executable, '-B', os.path.join(DATA, 'socket_views.py'), '--print'], capture_output=True,
                           text=True, timeout=120)
    if asked.returncode:
        print(f'asking this machine failed:\n{asked.stderr}')
        return 1
    failed += compare(json.loads(asked.stdout)['answers'], 'this machine')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
