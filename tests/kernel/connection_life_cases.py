"""The cases of connection_life.py."""

IPV4 = 'net.ipv4.'


def at(t, call, host='server', **more):
    return {'at': round(t, 3), 'host': host, 'call': call, **more}


def listen(backlog=16, t=0.0):
    return at(t, 'listen', sock='L', backlog=backlog)


def syn(t, sport, *opt):
    return at(t, 'segment', 'crafted', sport=sport, flags='S', opt=list(opt))


def ack(t, sport, length=0, **more):
    return at(t, 'segment', 'crafted', **{'sport': sport, 'flags': 'PA' if length else 'A', 'seq': 1, 'ack': 1, 'len': length, **more})


def connect(t, name='c', **more):
    return at(t, 'connect', 'client', sock=name, **more)


def opened(*settings):
    """A connection c to s; settings: (option, value) of c."""
    return [listen(), connect(0.1), *[at(0.15, o, 'client', sock='c', value=v) for o, v in settings],
            at(0.2, 'accept', sock='L', **{'as': 's'})]


def sysctls(host='server', **values):
    return {host: {('net.core.' if k == 'somaxconn' else IPV4) + k: v for k, v in values.items()}}


FULL = ('mss', 'sack', 'ts', 'ws')
CASES = {}


def case(name, about, until, steps, sysctl=None):
    CASES[name] = {'about': about, 'until': until, 'steps': steps, **({'sysctl': sysctl} if sysctl else {})}


# ---------------------------------------------------------------- listening
for n in (0, 1, 2):
    case(f'backlog_{n}', 'clients connect 0.1 s apart, nobody accepts until 4.9 s', 8,
         [listen(n), *[connect(0.1 + 0.1 * i, f'c{i}') for i in range(5)], at(2, 'error', 'client', sock='c4'),
          at(4.9, 'accept', sock='L', **{'as': 's'}), at(7.9, 'accept', sock='L', **{'as': 's1'})])
case('backlog_somaxconn', 'listen(100) with somaxconn 1', 3,
     [listen(100), *[connect(0.1 + 0.1 * i, f'c{i}') for i in range(4)]], sysctls(somaxconn=1))
case('backlog_raised', 'listen() again with a larger backlog', 4,
     [listen(0), connect(0.1, 'c0'), connect(0.2, 'c1'), listen(3, 0.5), connect(0.6, 'c2'), connect(0.7, 'c3')])
overflow = [listen(1), connect(0.1, 'c0'), syn(0.2, 5001), syn(0.3, 5002), ack(0.4, 5001), ack(0.5, 5002)]
case('last_ack_overflows', 'the accept queue fills between SYN and ACK: the ACK is ignored, the SYN-ACK repeated', 40,
     overflow)
case('last_ack_overflows_then_accept', 'room by the time the client answers the repeated SYN-ACK', 8,
     [*overflow, at(2, 'accept', sock='L', **{'as': 's0'}), ack(2.5, 5002), at(3, 'accept', sock='L', **{'as': 's1'}),
      at(3.1, 'accept', sock='L', **{'as': 's2'}), at(3.2, 'accept', sock='L', **{'as': 's3'})])
case('data_into_overflow', 'data instead of the ACK, into a full accept queue', 6, [*overflow, ack(0.7, 5002, 10)])
case('abort_on_overflow', 'tcp_abort_on_overflow 1: the ACK is answered with RST', 6, [*overflow, ack(0.7, 5002)],
     sysctls(tcp_abort_on_overflow=1))
case('abort_on_overflow_syn', 'a SYN to a full accept queue is dropped all the same', 3,
     [listen(0), connect(0.1, 'c0'), connect(0.2, 'c1')], sysctls(tcp_abort_on_overflow=1))
for cookies in (0, 1, 2):
    for n in (0, 3):
        case(f'flood_backlog_{n}_syncookies_{cookies}', 'nine SYNs without answer', 40,
             [listen(n), *[syn(0.1 + 0.02 * i, 5001 + i) for i in range(9)]], sysctls(tcp_syncookies=cookies))
case('flood_backlog_16', 'twenty SYNs without answer, tcp_syncookies 0: old requests are pruned', 40,
     [listen(16), *[syn(0.1 + 0.02 * i, 5001 + i) for i in range(20)]], sysctls(tcp_syncookies=0))
case('flood_young_and_old', 'six SYNs, and six more after 4 s', 40,
     [listen(7), *[syn(0.1 + 0.02 * i, 5001 + i) for i in range(6)], *[syn(4.1 + 0.02 * i, 5011 + i) for i in range(6)]],
     sysctls(tcp_syncookies=0))
case('max_syn_backlog', 'tcp_max_syn_backlog 8 without cookies keeps its last quarter for proven peers', 5,
     [listen(100), *[syn(0.1 + 0.02 * i, 5001 + i) for i in range(10)]],
     sysctls(tcp_syncookies=0, tcp_max_syn_backlog=8))
case('max_syn_backlog_with_cookies', 'with cookies the setting means nothing', 3,
     [listen(100), *[syn(0.1 + 0.02 * i, 5001 + i) for i in range(10)]],
     sysctls(tcp_syncookies=1, tcp_max_syn_backlog=2))
case('cookie_options', 'SYN cookies: which options come back', 4,
     [listen(8), syn(0.1, 5001), syn(0.2, 5002, 'mss'), syn(0.3, 5003, 'mss', 'sack'), syn(0.4, 5004, 'mss', 'ws'),
      syn(0.5, 5005, *FULL), syn(0.6, 5006, 'mss', 'ts'), syn(0.7, 5007, 'ts', 'ws')], sysctls(tcp_syncookies=2))
case('cookie_completes', 'the ACK of a cookie makes the connection; data and close work', 4,
     [listen(8), syn(0.1, 5001, 'mss'), ack(0.2, 5001), at(0.3, 'accept', sock='L', **{'as': 's'}), ack(0.4, 5001, 10),
      at(0.5, 'recv', sock='s'), at(0.6, 'send', sock='s', len=20), at(0.7, 'accept', sock='L', **{'as': 's2'})],
     sysctls(tcp_syncookies=2))
case('cookie_completes_with_data', 'the ACK was lost: data brings the cookie', 4,
     [listen(8), syn(0.1, 5001, *FULL), ack(0.2, 5001, 10, opt=['ts']), at(0.3, 'accept', sock='L', **{'as': 's'}),
      at(0.5, 'recv', sock='s')], sysctls(tcp_syncookies=2))
case('cookie_wrong', 'an ACK one off is no cookie', 2,
     [listen(8), syn(0.1, 5001, 'mss'), ack(0.2, 5001, ack=2), ack(0.3, 5001, seq=2)], sysctls(tcp_syncookies=2))
case('cookie_without_flood', 'an ACK to a listener that has sent no cookie', 2, [listen(8), ack(0.2, 5001)])
case('cookie_too_old', 'an ACK comes 3 s after the cookie', 5,
     [listen(8), syn(0.1, 5001, 'mss'), ack(3.1, 5001), at(3.5, 'accept', sock='L', **{'as': 's'})], sysctls(tcp_syncookies=2))
case('cookie_into_full_accept_queue', 'the ACK of a cookie finds no room', 5,
     [listen(0), syn(0.1, 5001, 'mss'), syn(0.15, 5002, 'mss'), ack(0.2, 5001), ack(0.3, 5002), syn(0.4, 5003, 'mss'),
      at(0.5, 'accept', sock='L', **{'as': 's'}), ack(0.6, 5002), at(0.7, 'accept', sock='L', **{'as': 's2'})],
     sysctls(tcp_syncookies=2))
case('cookie_into_full_accept_queue_abort', 'the same with tcp_abort_on_overflow', 2,
     [listen(0), syn(0.1, 5001, 'mss'), syn(0.15, 5002, 'mss'), ack(0.2, 5001), ack(0.3, 5002)],
     sysctls(tcp_syncookies=2, tcp_abort_on_overflow=1))
case('cookies_let_clients_in', 'a flood fills the SYN queue; a client connects by cookie', 4,
     [listen(2), *[syn(0.1 + 0.02 * i, 5001 + i) for i in range(8)], connect(0.5), at(0.7, 'accept', sock='L', **{'as': 's'}),
      at(0.8, 'send', 'client', sock='c', len=10), at(0.9, 'recv', sock='s')])
case('no_cookies_lock_clients_out', 'the same without cookies', 12,
     [listen(2), *[syn(0.1 + 0.02 * i, 5001 + i) for i in range(8)], connect(0.5), at(11, 'error', 'client', sock='c')],
     sysctls(tcp_syncookies=0))
for n in (0, 1, 3):
    case(f'synack_retries_{n}', 'repetitions of SYN-ACK; then the ACK comes too late', 20,
         [listen(), syn(0.1, 5001), ack(19, 5001)], sysctls(tcp_synack_retries=n))
case('synack_repeated_syn', 'the same SYN again brings the SYN-ACK again', 9,
     [listen(), syn(0.1, 5001), syn(0.5, 5001), syn(2, 5001)])
case('close_listener', 'requests, waiting connections and accepted ones when the listener closes', 3,
     [listen(), connect(0.1, 'c0'), connect(0.2, 'c1'), syn(0.3, 5001), at(0.4, 'accept', sock='L', **{'as': 's'}),
      at(0.5, 'close', sock='L'), ack(0.6, 5001), at(0.7, 'send', 'client', sock='c0', len=5),
      at(0.8, 'error', 'client', sock='c1'), syn(1, 5002)])

# ---------------------------------------------------------------- closing
case('linger_0', 'SO_LINGER 0: RST', 2,
     [*opened(), at(0.3, 'linger', 'client', sock='c', value=0), at(0.4, 'close', 'client', sock='c'),
      at(0.5, 'send', sock='s', len=5), at(0.6, 'recv', sock='s'), at(0.7, 'send', sock='s', len=5)])
case('linger_0_unsent', 'SO_LINGER 0 with data not yet acknowledged', 2,
     [*opened(), at(0.3, 'linger', 'client', sock='c', value=0), at(0.35, 'lose', 'server'),
      at(0.4, 'send', 'client', sock='c', len=100), at(0.45, 'close', 'client', sock='c')])
case('linger_3', 'SO_LINGER 3: close() waits for the ACK of the FIN only', 2,
     [*opened(), at(0.3, 'linger', 'client', sock='c', value=3), at(0.4, 'close', 'client', sock='c')])
case('linger_1_lost', 'SO_LINGER 1 and nobody answers: close() returns after a second, the FIN is repeated', 5,
     [*opened(), at(0.3, 'linger', 'client', sock='c', value=1), at(0.35, 'lose', 'server'),
      at(0.4, 'close', 'client', sock='c')])
case('unread_data', 'close() with unread data', 2,
     [*opened(), at(0.3, 'send', sock='s', len=10), at(0.4, 'close', 'client', sock='c'), at(0.5, 'send', sock='s', len=5),
      at(0.6, 'recv', sock='s'), at(0.7, 'recv', sock='s')])
case('unread_data_after_fin', 'close() with unread data in CLOSE-WAIT', 2,
     [*opened(), at(0.3, 'send', sock='s', len=10), at(0.35, 'close', sock='s'), at(0.4, 'close', 'client', sock='c')])
case('data_after_close', 'data for a socket that was closed: RST, then EPIPE', 3,
     [*opened(), at(0.3, 'close', 'client', sock='c'), at(0.4, 'recv', sock='s'), at(0.5, 'send', sock='s', len=5),
      at(0.6, 'send', sock='s', len=5), at(0.7, 'recv', sock='s'), at(0.8, 'error', sock='s')])
case('shutdown_read', 'SHUT_RD: data still comes and can be read; then the end', 2,
     [*opened(), at(0.3, 'shutdown', sock='s', how='read'), at(0.35, 'recv', sock='s'),
      at(0.4, 'send', 'client', sock='c', len=10), at(0.5, 'recv', sock='s'), at(0.6, 'recv', sock='s'),
      at(0.7, 'send', sock='s', len=10), at(0.8, 'recv', 'client', sock='c')])
case('shutdown_both', 'SHUT_RDWR', 2,
     [*opened(), at(0.3, 'shutdown', sock='s', how='both'), at(0.4, 'send', 'client', sock='c', len=10),
      at(0.5, 'recv', sock='s'), at(0.6, 'recv', sock='s'), at(0.7, 'send', sock='s', len=10),
      at(0.8, 'recv', 'client', sock='c'), at(0.9, 'close', 'client', sock='c')])
case('shutdown_write', 'half-close: the other direction goes on; send() is EPIPE', 3,
     [*opened(), at(0.3, 'shutdown', 'client', sock='c', how='write'), at(0.35, 'send', 'client', sock='c', len=5),
      at(0.4, 'recv', sock='s'), at(0.5, 'send', sock='s', len=10), at(0.6, 'recv', 'client', sock='c'),
      at(0.7, 'close', sock='s'), at(0.8, 'recv', 'client', sock='c'), at(0.9, 'shutdown', 'client', sock='c', how='write')])
case('shutdown_listener', 'shutdown() of a listener: it is closed', 2,
     [listen(), connect(0.1), at(0.3, 'shutdown', sock='L', how='read'), at(0.4, 'send', 'client', sock='c', len=5),
      syn(0.5, 5001), at(0.6, 'accept', sock='L', **{'as': 's'})])
case('close_in_syn_sent', 'close() before the answer: nothing is sent', 3,
     [at(0, 'lose', 'server'), connect(0.1), at(1.5, 'close', 'client', sock='c')])
case('fin_timeout_2', 'tcp_fin_timeout 2: an orphan in FIN-WAIT-2 is gone after 2 s, the FIN gets RST', 6,
     [*opened(), at(0.3, 'close', 'client', sock='c'), at(4, 'close', sock='s')], sysctls('client', tcp_fin_timeout=2))
case('fin_timeout_2_in_time', 'the FIN comes before: TIME-WAIT', 5,
     [*opened(), at(0.3, 'close', 'client', sock='c'), at(1.5, 'close', sock='s')], sysctls('client', tcp_fin_timeout=2))
case('fin_timeout_0', 'tcp_fin_timeout 0 is three and a half RTO: the FIN after 0.5 s is in time, after 1.5 s not', 4,
     [*opened(), connect(0.2, 'c2'), at(0.25, 'accept', sock='L', **{'as': 's2'}), at(0.5, 'close', 'client', sock='c'),
      at(0.5, 'close', 'client', sock='c2'), at(0.8, 'close', sock='s'), at(2.2, 'close', sock='s2')],
     sysctls('client', tcp_fin_timeout=0))
case('fin_timeout_90', 'more than a minute: half a minute as a socket and as long again as an entry, so 60 s', 80,
     [*opened(), connect(0.2, 'c2'), at(0.25, 'accept', sock='L', **{'as': 's2'}), at(0.5, 'close', 'client', sock='c'),
      at(0.5, 'close', 'client', sock='c2'), at(50, 'close', sock='s'), at(75, 'close', sock='s2')],
     sysctls('client', tcp_fin_timeout=90))
case('linger2_1', 'TCP_LINGER2 1 s of one socket', 5,
     [*opened(('linger2', 1)), at(0.3, 'close', 'client', sock='c'), at(3, 'close', sock='s')])
case('linger2_negative', 'TCP_LINGER2 -1: no FIN-WAIT-2, what comes gets RST', 3,
     [*opened(('linger2', -1)), at(0.3, 'close', 'client', sock='c'), at(1, 'close', sock='s')])
case('fin_wait_2_held', 'a socket that is only shut down stays in FIN-WAIT-2', 5,
     [*opened(), at(0.3, 'shutdown', 'client', sock='c', how='write'), at(4, 'close', sock='s'),
      at(4.5, 'state', 'client', sock='c')], sysctls('client', tcp_fin_timeout=1))
case('peer_reset_read', 'RST in ESTABLISHED: data that came is lost to recv()', 2,
     [*opened(), at(0.3, 'send', 'client', sock='c', len=10), at(0.35, 'linger', 'client', sock='c', value=0),
      at(0.4, 'close', 'client', sock='c'), at(0.5, 'recv', sock='s'), at(0.6, 'recv', sock='s'), at(0.7, 'send', sock='s', len=1)])
case('orphan_lost', 'a closed socket repeats its FIN; tcp_orphan_retries 2', 8,
     [*opened(), at(0.25, 'lose', 'server'), at(0.3, 'close', 'client', sock='c')], sysctls('client', tcp_orphan_retries=2))

# ---------------------------------------------------------------- keep-alive and giving up
keep = [('keepidle', 1), ('keepintvl', 1), ('keepcnt', 3), ('keepalive', 1)]
case('keepalive_dead_peer', 'TCP_KEEPIDLE 1, TCP_KEEPINTVL 1, TCP_KEEPCNT 3: probes, RST, ETIMEDOUT', 8,
     [*opened(*keep), at(0.5, 'lose', 'server'), at(4, 'error', 'client', sock='c'), at(6, 'error', 'client', sock='c'),
      at(6.1, 'error', 'client', sock='c'), at(6.2, 'send', 'client', sock='c', len=1)])
case('keepalive_live_peer', 'each probe is answered; data restarts the clock', 7,
     [*opened(*keep), at(3.6, 'send', sock='s', len=10), at(3.7, 'recv', 'client', sock='c')])
case('keepalive_sysctls', 'tcp_keepalive_time 2, intvl 1, probes 2', 9,
     [*opened(('keepalive', 1)), at(0.5, 'lose', 'server'), at(8, 'error', 'client', sock='c')],
     sysctls('client', tcp_keepalive_time=2, tcp_keepalive_intvl=1, tcp_keepalive_probes=2))
case('keepalive_sysctl_changed', 'the setting is read when the timer fires: 1 s becomes 3 s', 9,
     [*opened(('keepalive', 1)), at(0.5, 'sysctl', 'client', name=IPV4 + 'tcp_keepalive_time', value=3)],
     sysctls('client', tcp_keepalive_time=1))
case('keepalive_inherited', 'an accepted socket has the listener\'s keep-alive', 5,
     [listen(), at(0.05, 'keepalive', sock='L', value=1), at(0.05, 'keepidle', sock='L', value=1), connect(0.1),
      at(0.2, 'accept', sock='L', **{'as': 's'})])
case('keepalive_before_connect', 'options set before connect()', 4,
     [listen(), at(0.05, 'socket', 'client', sock='c'), at(0.06, 'keepalive', 'client', sock='c', value=1),
      at(0.06, 'keepidle', 'client', sock='c', value=1), connect(0.1), at(0.2, 'accept', sock='L', **{'as': 's'})])
case('keepalive_and_data', 'unacknowledged data: retransmissions, no probes', 7,
     [*opened(*keep), at(0.5, 'lose', 'server'), at(0.6, 'send', 'client', sock='c', len=10)])
case('keepalive_user_timeout', 'TCP_USER_TIMEOUT 2500 ms decides instead of the count', 8,
     [*opened(*keep, ('user_timeout', 2500)), at(0.5, 'lose', 'server'), at(7, 'error', 'client', sock='c')])
case('keepalive_half_closed', 'keep-alive in FIN-WAIT-2 of a socket still held', 5,
     [*opened(*keep), at(0.3, 'shutdown', 'client', sock='c', how='write')])
case('user_timeout_data', 'TCP_USER_TIMEOUT 1500 ms with unacknowledged data', 5,
     [*opened(('user_timeout', 1500)), at(0.5, 'lose', 'server'), at(0.6, 'send', 'client', sock='c', len=10),
      at(1.9, 'error', 'client', sock='c'), at(4, 'error', 'client', sock='c')])
case('user_timeout_connect', 'TCP_USER_TIMEOUT 2500 ms during connect()', 8,
     [at(0, 'lose', 'server'), at(0.05, 'socket', 'client', sock='c'),
      at(0.06, 'user_timeout', 'client', sock='c', value=2500), connect(0.1), at(2.2, 'error', 'client', sock='c'),
      at(7, 'error', 'client', sock='c')])
case('user_timeout_window', 'TCP_USER_TIMEOUT 2000 ms against a closed window', 8,
     [listen(), at(0.1, 'segment', 'crafted', sport=5001, flags='S', opt=['mss']), ack(0.2, 5001),
      at(0.3, 'accept', sock='L', **{'as': 's'}), at(0.3, 'user_timeout', sock='s', value=2000),
      at(0.4, 'send', sock='s', len=3000), ack(0.45, 5001, win=0, ack=1025), at(7, 'error', sock='s')])
for n in (0, 1, 3, 5):
    case(f'retries2_{n}', 'tcp_retries2: how long data is repeated', 16,
         [*opened(), at(0.5, 'lose', 'server'), at(0.6, 'send', 'client', sock='c', len=10),
          at(15.5, 'error', 'client', sock='c')], sysctls('client', tcp_retries2=n))
case('retries2_lowered', 'the setting is read when the timer fires', 12,
     [*opened(), at(0.5, 'lose', 'server'), at(0.6, 'send', 'client', sock='c', len=10),
      at(2, 'sysctl', 'client', name=IPV4 + 'tcp_retries2', value=3), at(11, 'error', 'client', sock='c')])
case('soft_error', 'ICMP host unreachable while data is repeated: told when the connection gives up', 6,
     [*opened(), at(0.5, 'lose', 'server'), at(0.6, 'send', 'client', sock='c', len=10),
      at(1, 'icmp', 'crafted', about='c', type=3, code=1),
      at(5, 'error', 'client', sock='c'), at(5.1, 'error', 'client', sock='c')], sysctls('client', tcp_retries2=3))
case('soft_error_asked', 'SO_ERROR tells of it at once', 3,
     [*opened(), at(0.5, 'lose', 'server'), at(0.6, 'send', 'client', sock='c', len=10),
      at(1, 'icmp', 'crafted', about='c', type=3, code=1), at(1.2, 'error', 'client', sock='c'),
      at(1.3, 'error', 'client', sock='c')])
case('syn_schedule', 'SYNs of a default socket until ETIMEDOUT', 140,
     [at(0, 'lose', 'server'), connect(0.1), at(130, 'error', 'client', sock='c'), at(139, 'error', 'client', sock='c')])
for n, linear, until in ((1, 4, 9), (2, 4, 14), (3, 4, 22), (2, 0, 14), (3, 1, 22), (1, 0, 9)):
    case(f'syn_retries_{n}_linear_{linear}', 'tcp_syn_retries and tcp_syn_linear_timeouts', until,
         [at(0, 'lose', 'server'), connect(0.1), at(until - 0.5, 'error', 'client', sock='c')],
         sysctls('client', tcp_syn_retries=n, tcp_syn_linear_timeouts=linear))
case('syncnt_1', 'TCP_SYNCNT 1', 9,
     [at(0, 'lose', 'server'), at(0.05, 'socket', 'client', sock='c'), at(0.06, 'syncnt', 'client', sock='c', value=1),
      connect(0.1), at(8.5, 'error', 'client', sock='c')])
case('absent_neighbour', 'nobody has the address: EHOSTUNREACH after 3.1 s', 5,
     [connect(0.1, to='10.0.0.77'), at(2.9, 'error', 'client', sock='c'), at(3.6, 'error', 'client', sock='c')])
case('no_route', 'ENETUNREACH at once', 1, [connect(0.1, to='192.0.2.1')])
case('refused', 'ECONNREFUSED', 2, [connect(0.1), at(0.3, 'error', 'client', sock='c'),
                                    at(0.4, 'error', 'client', sock='c')])
