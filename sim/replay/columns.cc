#include "sim/replay/columns.h"

#include <algorithm>

namespace fourtuple::replay {
namespace {

constexpr ColumnMeaning ss[] = {
    {"Netid", "Protocol of the socket. Absent when only one protocol is listed."},
    {"State", "TCP state (RFC 9293). UDP: ESTAB after connect(), else UNCONN."},
    {"Recv-Q",
     "LISTEN: connections that wait for accept(). Other TCP: bytes arrived and not yet read; the peer's FIN counts 1. "
     "UDP: buffer memory of the datagrams not yet read, which is more than their bytes."},
    {"Send-Q", "LISTEN: the backlog, how many may wait. Other TCP: bytes not yet acknowledged; SYN and FIN count 1."},
    {"Local Address:Port",
     "This end. 0.0.0.0 and [::] accept at any address of their family, * at any of both; ::ffff:a.b.c.d is an IPv4 "
     "address in an IPv6 socket."},
    {"Peer Address:Port", "The other end; * means anyone."},
    {"Process",
     "users: who holds the socket, with process id and descriptor; none when only the kernel holds it (TIME-WAIT, "
     "after "
     "close(), before accept()). -o timer:(name, time left, retransmissions). -e uid of the owner, ino inode, sk "
     "cookie, "
     "v6only, and which directions are open: <-> both, --> only sending, <-- only receiving, --- none."}};

constexpr ColumnMeaning ss_summary[] = {
    {"Total", "Sockets of all kinds that processes or the kernel hold; TIME-WAIT is not one of them."},
    {"estab", "TCP connections in ESTABLISHED or CLOSE-WAIT (CurrEstab of RFC 4022)."},
    {"closed", "TCP sockets without a place in a table: never bound, or over. The kernel's arithmetic adds timewait."},
    {"orphaned", "TCP connections no process holds any more, still finishing."},
    {"timewait", "Connections in TIME-WAIT, and closed ones in FIN-WAIT-2."},
    {"TCP, UDP, INET", "Sockets by protocol and family: IP is IPv4. TIME-WAIT and SYN-RECV are not counted."},
    {"RAW, FRAG", "Not simulated: 0."}};

constexpr ColumnMeaning ss_unix[] = {
    {"Netid", "u_str: an AF_UNIX stream socket. It has no IP address and no port, and no packet carries its data."},
    {"State", "LISTEN, ESTAB, or UNCONN before connect()."},
    {"Recv-Q", "Bytes arrived and not yet read; LISTEN: connections that wait for accept()."},
    {"Send-Q", "What the peer has not read; LISTEN: how many connections may wait."},
    {"Local Address:Port",
     "A path in the file system, @ and a name without a file, or * without a name. The number is no port: it is the "
     "inode of the socket."},
    {"Peer Address:Port", "The other end is known by its inode only."},
    {"Process", "Who holds the socket, with process id and descriptor."}};

constexpr ColumnMeaning gauges[] = {
    {"TCP sockets", "Held by processes; by the kernel alone while a connection ends; half open; in TIME-WAIT."},
    {"kernel memory", "What Linux 6.18 takes for each kind of socket, and bytes that wait in their queues."},
    {"packets", "Each costs the processor some time, whatever its size."},
    {"DESCRIPTORS", "Open descriptors of the process."},
    {"LIMIT", "RLIMIT_NOFILE: the next descriptor beyond it is EMFILE."}};

constexpr ColumnMeaning netstat[] = {
    {"Proto", "tcp, udp; with 6 when the socket is of IPv6, also if its peer is IPv4."},
    {"Recv-Q", "As in ss: bytes not yet read; LISTEN: connections that wait for accept()."},
    {"Send-Q", "Bytes not yet acknowledged. LISTEN: 0, for /proc/net/tcp does not tell the backlog."},
    {"Local Address",
     "This end; 0.0.0.0 and :: are any address. Cut to 22 characters with the port unless -W is given."},
    {"Foreign Address", "The other end; 0.0.0.0:* and :::* mean anyone."},
    {"State", "TCP state with underscores; UDP: ESTABLISHED after connect(), else empty."},
    {"User", "-e: number (-n) or name of the owner."},
    {"Inode", "-e: the socket's inode; 0 when no process holds it."},
    {"PID/Program name", "-p: who holds the socket; - when only the kernel does."},
    {"Timer",
     "-o: off, on (retransmission), probe (closed window) or timewait; then (seconds left/retransmissions/probes)."}};

constexpr ColumnMeaning lsof[] = {{"COMMAND", "The process, its first nine characters."},
                                  {"PID", "Process id."},
                                  {"USER", "Who runs it."},
                                  {"FD", "Number of the descriptor; u: open for reading and writing."},
                                  {"TYPE", "Family of the socket. An IPv6 socket may have an IPv4 peer."},
                                  {"DEVICE", "For a socket its inode, as in /proc/PID/fd."},
                                  {"SIZE/OFF", "0t0: a socket has no size and no offset."},
                                  {"NODE", "Protocol."},
                                  {"NAME", "Local end, -> remote end, and the TCP state. * is any address."}};

constexpr ColumnMeaning proc_net_tcp[] = {
    {"sl", "Number of the line."},
    {"local_address, rem_address",
     "Address and port in hexadecimal. The address is in 32-bit words as the CPU stores them (little-endian), the port "
     "is not."},
    {"st",
     "State: 01 ESTABLISHED, 02 SYN_SENT, 03 SYN_RECV, 04 FIN_WAIT1, 05 FIN_WAIT2, 06 TIME_WAIT, 07 CLOSE, 08 "
     "CLOSE_WAIT, "
     "09 LAST_ACK, 0A LISTEN, 0B CLOSING."},
    {"tx_queue, rx_queue", "Bytes not yet acknowledged and not yet read. LISTEN: rx_queue is the accept queue."},
    {"tr, tm->when", "Timer: 00 none, 01 retransmission, 03 TIME_WAIT, 04 window probe; hundredths of seconds left."},
    {"retrnsmt", "Retransmissions without an answer."},
    {"uid", "Number of the owner."},
    {"timeout", "Window probes without an answer."},
    {"inode", "As in /proc/PID/fd; 0 when no process holds the socket."},
    {"then",
     "References, the kernel's pointer (hidden: zeros), retransmission timeout and ACK timeout in hundredths of "
     "seconds, "
     "quick ACKs * 2 + interactive, congestion window in segments, slow start threshold (-1: not yet set)."}};

constexpr ColumnMeaning proc_net_udp[] = {
    {"sl", "Bucket of the hash table; here the port."},
    {"local_address, rem_address",
     "Address and port in hexadecimal. The address is in 32-bit words as the CPU stores them (little-endian), the port "
     "is not."},
    {"st", "07: not connected, 01: connected."},
    {"tx_queue, rx_queue", "Buffer memory of datagrams on their way out and not yet read."},
    {"tr, tm->when, retrnsmt", "Of TCP; zeros."},
    {"uid", "Number of the owner."},
    {"timeout", "Of TCP; 0."},
    {"inode", "As in /proc/PID/fd."},
    {"ref, pointer", "References; the kernel's pointer (hidden: zeros)."},
    {"drops", "Datagrams thrown away because the receive queue was full. Not counted here: 0."}};

constexpr ColumnMeaning proc_fd[] = {
    {"mode",
     "l: a link; then what the owner may do with the descriptor. A file's mode of opening is not simulated: rwx."},
    {"owner, group", "Of the process."},
    {"date", "The instant shown; a simulation begins at midnight on the first of January, UTC."},
    {"number ->", "The descriptor, and what it leads to: a terminal, a file, or socket:[inode]."}};

constexpr ColumnMeaning fds[] = {{"FD", "Number of the descriptor: the index into the process's table."},
                                 {"KIND", "terminal, file, socket, unix (AF_UNIX), an end of a pipe, or epoll."},
                                 {"WHAT", "For a socket: protocol, both ends and the TCP state."}};

constexpr ColumnMeaning ports[] = {
    {"PROTO", "TCP and UDP have ports of their own: TCP 53 and UDP 53 are two things."},
    {"PORT", "Local port."},
    {"SERVICE", "Its name in /etc/services: a custom, not a rule."},
    {"RANGE",
     "RFC 6335: system 0-1023 (root only), user 1024-49151, dynamic 49152-65535. ephemeral: the kernel may choose it "
     "for "
     "a socket without a port (ip_local_port_range, 32768-60999 on Linux)."},
    {"ADDRESS", "The local address it is bound to; 0.0.0.0, :: and * are all of them."},
    {"USE", "Listening (TCP), open (UDP), connections with a peer, and of these in TIME-WAIT."},
    {"PROCESS", "Who holds the sockets."}};

constexpr ColumnMeaning routes[] = {
    {"destination", "The route with the longest matching prefix wins; default matches everything."},
    {"via", "The next router. Without it the destination is on this link."},
    {"dev", "The interface."},
    {"src", "The address packets get when the sender did not choose one."}};

constexpr ColumnMeaning conntrack[] = {
    {"seconds", "Until the entry is forgotten unless another packet comes."},
    {"state", "Of the TCP tracker, a watcher in the middle: not the state of either end."},
    {"first tuple", "Source and destination of the packet that opened the flow, with counters."},
    {"second tuple", "What answers look like. It differs from the first one reversed where NAT changed something."},
    {"[UNREPLIED], [ASSURED]", "No answer yet; both directions seen: not dropped when the table is full."},
    {"mark", "ct mark: a number that rules store."}};

constexpr ColumnMeaning nft[] = {
    {"table, chain", "A base chain has a hook, a priority (lower first) and a policy for what no rule decided."},
    {"counter", "Packets and bytes that came as far as this statement."}};

struct Table {
  std::string_view name;
  std::span<const ColumnMeaning> columns;
};
constexpr Table tables[] = {{"ss", ss},
                            {"ss -s", ss_summary},
                            {"ss -x", ss_unix},
                            {"gauges", gauges},
                            {"netstat", netstat},
                            {"lsof", lsof},
                            {"/proc/net/tcp", proc_net_tcp},
                            {"/proc/net/udp", proc_net_udp},
                            {"/proc/PID/fd", proc_fd},
                            {"fds", fds},
                            {"ports", ports},
                            {"routes", routes},
                            {"conntrack", conntrack},
                            {"nft", nft}};

}  // namespace

std::span<const ColumnMeaning> column_meanings(std::string_view table) {
  for (const Table& known : tables)
    if (known.name == table) return known.columns;
  return {};
}

std::string_view column_meaning(std::string_view table, std::string_view title) {
  for (const ColumnMeaning& known : column_meanings(table)) {
    if (known.column == title) return known.meaning;
    // "a, b" is told by "a" and by "b"; a title "a b" by its first word.
    std::string_view names = known.column;
    while (!names.empty()) {
      const std::string_view name = names.substr(0, names.find(", "));
      if (name == title || name == title.substr(0, title.find(' '))) return known.meaning;
      names.remove_prefix(std::min(name.size() + 2, names.size()));
    }
  }
  return {};
}

}  // namespace fourtuple::replay
