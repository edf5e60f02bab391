#!/usr/bin/python3
"""Asks the running kernel how descriptors, pipes and AF_UNIX sockets behave; writes descriptors.json.

A case is a list of steps of processes ("p socket", "p dup 3", "q close 4"); each step is answered with "ok ..." or the
name of an error. Descriptors never block: what would sleep answers EAGAIN. tests/sim/stack/descriptors_test.cc gives
the same steps to the simulator. Runs in a network namespace of its own: unshare -n python3 descriptors.py [--print]
"""
import ctypes, errno, fcntl, json, os, resource, select, signal, socket, subprocess, sys, tempfile

CONTROL = 200                       # own descriptors live from here on, out of the way of the lowest free numbers
HARD = 4096

CASES = {
    'lowest free number first': ['p fds', 'p open', 'p socket', 'p open', 'p close 3', 'p close 4', 'p socket', 'p open',
                                 'p open', 'p fds', 'p close 9', 'p close 0', 'p open', 'p fds'],
    'dup takes the lowest, dup2 the one asked for': ['p socket', 'p dup 3', 'p dup2 3 7', 'p dup 3', 'p fds', 'p dup2 3 3',
                                                     'p dup2 9 3', 'p dup2 9 9', 'p dup 9', 'p dup2 3 0', 'p fds'],
    'the limit counts numbers': ['p limit 6', 'p open', 'p open', 'p open', 'p open', 'p socket', 'p pipe', 'p dup 3',
                                 'p dup2 3 6', 'p dup2 3 5', 'p close 4', 'p pipe', 'p open', 'p open'],
    'a limit below what is open': ['p open', 'p open', 'p open', 'p limit 4', 'p open', 'p close 3', 'p open', 'p open',
                                   'p close 1', 'p open', 'p fds'],
    'a pipe needs two numbers': ['p limit 5', 'p open', 'p pipe', 'p fds', 'p close 3', 'p pipe', 'p fds'],
    'a pipe carries bytes one way': ['p pipe', 'p read 3', 'p write 4 5', 'p read 3', 'p read 3', 'p write 3 1', 'p read 4',
                                     'p close 4', 'p read 3'],
    'a pipe without readers': ['p pipe', 'p write 4 2', 'p close 3', 'p write 4 2', 'p close 4'],
    'a pipe ends with its last writer': ['p pipe', 'p dup 4', 'p close 4', 'p read 3', 'p write 5 3', 'p close 5', 'p read 3',
                                         'p read 3'],
    'a pipe between parent and child': ['p pipe', 'p fork q', 'p close 3', 'q close 4', 'p write 4 7', 'q read 3', 'q read 3',
                                        'p close 4', 'q read 3', 'q fds', 'p fds'],
    'a full pipe': ['p pipe', 'p write 4 65536', 'p write 4 1', 'p read 3 4096', 'p write 4 4096', 'p write 4 1'],
    'fork copies numbers and flags': ['p open', 'p pipe', 'p cloexec 4', 'p socket', 'p close 3', 'p fork q', 'q fds',
                                      'q flags 4', 'q flags 5', 'q open', 'p fds', 'q dup 4', 'q flags 7'],
    'exec closes what is close-on-exec': ['p open', 'p pipe', 'p cloexec 3', 'p cloexec 5', 'p dup 5', 'p exec', 'p fds'],
    'a connection ends with its last descriptor': ['p listen', 'q connect', 'p accept 3', 'p fork r', 'p close 4', 'q read 3',
                                                  'r write 4 2', 'q read 3', 'r close 4', 'q read 3'],
    'a listener lives in the child': ['p listen', 'p fork r', 'p close 3', 'q connect', 'r accept 3', 'r close 3', 'q connect'],
    'shutdown works on the description': ['p listen', 'q connect', 'p accept 3', 'p fork r', 'p shutdown 4', 'q read 3',
                                          'r write 4 1', 'r close 4'],
    'accept at the limit leaves the connection': ['p listen', 'q connect', 'q connect', 'p limit 4', 'p accept 3', 'p waiting 3',
                                                  'p close 0', 'p accept 3', 'p waiting 3', 'p accept 3', 'p waiting 3'],
    'the limit comes before the queue': ['p listen', 'p limit 4', 'p accept 3', 'p limit 9', 'p accept 3', 'p open', 'p limit 5',
                                         'p accept 4', 'p accept 8', 'p limit 9', 'p accept 4'],
    'send on what is no socket': ['p open', 'p pipe', 'p send 3', 'p send 5', 'p accept 3', 'p accept 4', 'p send 9'],
    'names of AF_UNIX': ['p unix', 'p bind 3 /a', 'p unix', 'p bind 4 /a', 'p bind 4 /b', 'p bind 4 /c', 'p bind 4 /b',
                         'p bind 3 @x', 'p close 3', 'p unix', 'p bind 3 /a', 'p unlink /a', 'p bind 3 /a', 'p unlink /a',
                         'p unlink /a'],
    'abstract names go with their socket': ['p unix', 'p bind 3 @x', 'q unix', 'q bind 3 @x', 'q connect 3 @x', 'p ulisten 3 1',
                                            'q connect 3 @x', 'p close 3', 'q unix', 'q connect 4 @x', 'q bind 4 @x'],
    'who can be connected to': ['p unix', 'q unix', 'q connect 3 /a', 'p bind 3 /a', 'q connect 3 /a', 'p ulisten 3 4',
                                'q connect 3 /a', 'q connect 3 /a', 'q connect 3 /none', 'p connect 3 /a', 'p unix',
                                'p connect 4 @none', 'p close 3', 'p connect 4 /a', 'p unlink /a', 'p connect 4 /a'],
    'an unlinked listener is out of reach': ['p unix', 'p bind 3 /a', 'p ulisten 3 4', 'q unix', 'q connect 3 /a', 'p unlink /a',
                                            'q unix', 'q connect 4 /a', 'p accept 3', 'q write 3 2', 'p read 4'],
    'the accept queue of AF_UNIX': ['p unix', 'p bind 3 /a', 'p ulisten 3 1', 'q unix', 'q unix', 'q unix', 'q connect 3 /a',
                                    'q connect 4 /a', 'q connect 5 /a', 'p accept 3', 'q connect 5 /a', 'p accept 3', 'p accept 3',
                                    'p accept 3'],
    'listen and accept need a name': ['p unix', 'p ulisten 3 1', 'p accept 3', 'p bind 3 /a', 'p accept 3', 'p ulisten 3 1',
                                      'p accept 3', 'p ulisten 3 9', 'q unix', 'q connect 3 /a', 'q ulisten 3 1', 'q accept 3'],
    'bytes over AF_UNIX': ['p unix', 'p bind 3 /a', 'p ulisten 3 4', 'q unix', 'q write 3 1', 'q read 3', 'q connect 3 /a',
                           'q write 3 4', 'p accept 3', 'p read 4', 'p read 4', 'p write 4 3', 'q read 3', 'p close 4', 'q read 3',
                           'q write 3 1', 'q read 3'],
    'AF_UNIX closed with bytes unread': ['p unix', 'p bind 3 /a', 'p ulisten 3 4', 'q unix', 'q connect 3 /a', 'p accept 3',
                                         'q write 3 4', 'p write 4 2', 'p close 4', 'q read 3', 'q read 3', 'q read 3',
                                         'q write 3 1'],
    'AF_UNIX closed before accept': ['p unix', 'p bind 3 /a', 'p ulisten 3 4', 'q unix', 'q connect 3 /a', 'q write 3 4',
                                     'p close 3', 'q write 3 1', 'q read 3', 'q read 3'],
    'AF_UNIX shut down': ['p unix', 'p bind 3 /a', 'p ulisten 3 4', 'q unix', 'q connect 3 /a', 'p accept 3', 'q shutdown 3',
                          'q write 3 1', 'p read 4', 'p write 4 2', 'q read 3', 'p unix', 'p shutdown 5'],
    'AF_UNIX ends with its last descriptor': ['p unix', 'p bind 3 /a', 'p ulisten 3 4', 'q unix', 'q connect 3 /a', 'p accept 3',
                                              'p fork r', 'p close 4', 'q read 3', 'r write 4 1', 'q read 3', 'r close 4',
                                              'q read 3'],
    'AF_UNIX at the limit': ['p unix', 'p bind 3 /a', 'p ulisten 3 4', 'q unix', 'q connect 3 /a', 'p limit 4', 'p accept 3',
                             'p unix', 'p limit 5', 'p accept 3'],
    'epoll reports what can be read': ['p pipe', 'p pipe', 'p epoll', 'p watch 7 3', 'p watch 7 5', 'p ready 7', 'p write 6 1',
                                       'p ready 7', 'p write 4 1', 'p ready 7', 'p read 5', 'p ready 7', 'p read 3', 'p ready 7',
                                       'p close 4', 'p ready 7'],
    'epoll and sockets': ['p listen', 'p epoll', 'p watch 4 3', 'p ready 4', 'q connect', 'p ready 4', 'p accept 3', 'p ready 4',
                          'p watch 4 5', 'q write 3 2', 'p ready 4', 'p read 5', 'p ready 4', 'q close 3', 'p ready 4',
                          'p read 5', 'p ready 4'],
    'epoll takes no files': ['p open', 'p epoll', 'p watch 4 3', 'p watch 4 9', 'p watch 9 3', 'p watch 3 4', 'p ready 3',
                             'p limit 5', 'p epoll'],
}
PORT = 8000


class Process:
    """What a child does; it never returns."""
    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return '\0' + name[1:] if name[0] == '@' else os.path.join(self.folder, name[1:])

    def fds(self):
        return sorted(int(fd) for fd in os.listdir('/proc/self/fd') if int(fd) < CONTROL and os.path.exists(f'/proc/self/fd/{fd}'))

    def made(self, fd):
        os.set_inheritable(fd, True)
        return fd

    def do(self, verb, *a):
        n = [int(x) if x.isdigit() else x for x in a]
        if verb == 'fds':          # reading the directory takes a number, too
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            numbers = self.fds()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            return ' '.join(map(str, numbers))
        if verb == 'open':
            return self.made(os.open('/dev/zero', os.O_RDWR))
        if verb == 'socket':
            return self.made(socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK).detach())
        if verb == 'unix':
            return self.made(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK).detach())
        if verb == 'pipe':
            r, w = os.pipe2(os.O_NONBLOCK)
            return f'{r} {w}'
        if verb == 'dup':
            return self.made(LIBC('dup', n[0]))
        if verb == 'dup2':
            return LIBC('dup2', n[0], n[1])
        if verb == 'close':
            return os.close(n[0])
        if verb == 'cloexec':
            return fcntl.fcntl(n[0], fcntl.F_SETFD, 1) or None
        if verb == 'flags':
            return fcntl.fcntl(n[0], fcntl.F_GETFD)
        if verb == 'limit':
            return resource.setrlimit(resource.RLIMIT_NOFILE, (n[0], HARD))
        if verb == 'read':
            return len(os.read(n[0], n[1] if len(n) > 1 else 100000))
        if verb == 'write':
            return os.write(n[0], b'x' * n[1])
        if verb == 'send':
            return LIBC('send', n[0], b'x', 1, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        if verb == 'shutdown':
            return LIBC('shutdown', n[0], socket.SHUT_WR) or None
        if verb == 'listen':
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            s.bind(('127.0.0.1', PORT))
            s.listen(8)
            return self.made(s.detach())
        if verb == 'accept':
            return self.made(LIBC('accept4', n[0], None, None, socket.SOCK_NONBLOCK))
        if verb == 'waiting':
            s = Borrowed(n[0])
            answer = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            s.detach()
            return int.from_bytes(answer[24:28], 'little')     # tcpi_unacked of a listener: its accept queue
        if verb == 'connect' and not n:
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                s.connect(('127.0.0.1', PORT))
            except OSError:
                s.close()
                raise
            s.setblocking(False)
            return self.made(s.detach())
        if verb in ('connect', 'bind', 'ulisten'):
            s = Borrowed(n[0])
            try:
                if verb == 'connect':
                    s.connect(self.path(a[1]))
                elif verb == 'bind':
                    s.bind(self.path(a[1]))
                else:
                    s.listen(n[1])
            finally:
                s.detach()
            return None
        if verb == 'unlink':
            return os.unlink(self.path(a[0]))
        if verb == 'epoll':
            return self.made(LIBC('epoll_create1', 0))
        if verb == 'watch':
            return LIBC('epoll_ctl', n[0], 1, n[1], (select.EPOLLIN).to_bytes(4, 'little') + n[1].to_bytes(8, 'little')) or None
        if verb == 'ready':
            room = bytearray(12 * 16)
            buffer = (ctypes.c_char * len(room)).from_buffer(room)
            count = LIBC('epoll_wait', n[0], buffer, 16, 0)
            return ' '.join(str(int.from_bytes(room[12 * i + 4:12 * i + 12], 'little')) for i in range(count))
        raise ValueError(verb)


class Borrowed(socket.socket):
    """A socket object on a descriptor that stays open."""
    def __init__(self, fd):
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM, fileno=fd)


_libc = ctypes.CDLL(None, use_errno=True)


def LIBC(name, *a):
    value = getattr(_libc, name)(*a)
    if value < 0:
        raise OSError(ctypes.get_errno(), name)
    return value


def serve(folder, name):
    """The loop of one process. Orders come through a named pipe, held above CONTROL."""
    def moved(fd):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        high = fcntl.fcntl(fd, fcntl.F_DUPFD, CONTROL)
        os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return high

    def channels():
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        ends = moved(os.open(f'{folder}/{name}.in', os.O_RDWR)), moved(os.open(f'{folder}/{name}.out', os.O_RDWR))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return ends
    orders, answers = channels()
    process = Process(folder)
    while True:
        words = read_line(orders).split()
        try:
            if words[0] == 'fork':
                for end in ('in', 'out'):
                    os.mkfifo(f'{folder}/{words[1]}.{end}')
                if os.fork() == 0:
                    os.close(orders), os.close(answers)
                    serve(folder, words[1])
                answer = 'ok'
            elif words[0] == 'exec':
                env = dict(os.environ, FT_NAME=name, FT_FOLDER=folder)
                os.write(answers, b'ok\n')
                os.close(orders), os.close(answers)
                os.execve(sys.executable, [sys.executable, '-S', '-E', __file__, '--serve', folder, name], env)
            elif words[0] == 'quit':
                os._exit(0)
            else:
                value = process.do(*words)
                answer = 'ok' if value is None or value == '' else f'ok {value}'
        except OSError as error:
            answer = errno.errorcode[error.errno]
        os.write(answers, answer.encode() + b'\n')


def read_line(fd):
    line = b''
    while not line.endswith(b'\n'):
        line += os.read(fd, 1)
    return line.decode().strip()


def ask(steps):
    with tempfile.TemporaryDirectory() as folder:
        known, pids, answers = {}, [], []

        def start(name):
            for end in ('in', 'out'):
                os.mkfifo(f'{folder}/{name}.{end}')
            pid = os.fork()
            if pid == 0:
                os.closerange(3, 1000)
                resource.setrlimit(resource.RLIMIT_NOFILE, (1024, HARD))
                serve(folder, name)
            pids.append(pid)
            know(name)

        def know(name):
            known[name] = os.open(f'{folder}/{name}.in', os.O_RDWR), os.open(f'{folder}/{name}.out', os.O_RDWR)
        for step in steps:
            name, order = step.split(' ', 1)
            if name not in known:
                start(name)
            os.write(known[name][0], order.encode() + b'\n')
            answers.append(read_line(known[name][1]))
            if order.startswith('fork'):
                know(order.split()[1])
        for orders, _ in known.values():
            os.write(orders, b'quit\n')
        for pid in pids:
            os.waitpid(pid, 0)
        for ends in known.values():
            os.close(ends[0]), os.close(ends[1])
        return answers


def main():
    if sys.argv[1:2] == ['--serve']:
        serve(sys.argv[2], sys.argv[3])
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    subprocess.run(['sysctl', '-qw', 'net.ipv4.tcp_rfc1337=0'], check=False)
    global PORT
    cases = []
    for number, (name, steps) in enumerate(CASES.items()):
        PORT = 8000 + number
        cases.append({'case': name, 'steps': steps, 'answers': ask(steps)})
    if sys.argv[1:] == ['--print']:
        for case in cases:
            print('#', case['case'])
            for step, answer in zip(case['steps'], case['answers']):
                print(f'  {step:24} {answer}')
        return
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, 'descriptors.json'), 'w') as f:
        f.write(json.dumps({'kernel': os.uname().release.split('-')[0], 'cases': cases}, indent=1) + '\n')


if __name__ == '__main__':
    main()
