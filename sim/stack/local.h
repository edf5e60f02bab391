// What processes of one host tell each other without a network: AF_UNIX stream sockets (net/unix/af_unix.c), pipes
// (fs/pipe.c) and epoll instances (fs/eventpoll.c). Addresses are paths; those that begin with '@' are abstract and
// vanish with their socket, the others are files that stay until unlink().
//
// Two simplifications: room in a queue is counted in bytes, where Linux counts its buffers; and epoll reports in the
// order in which descriptors were added, where Linux reports in the order in which they became ready.
#pragma once

#include <vector>

#include "sim/stack/asking.h"

namespace fourtuple::stack {

inline constexpr std::uint32_t pipe_capacity = 65536;
inline constexpr std::uint32_t unix_capacity = 212992;  // net.core.wmem_default

// An AF_UNIX stream socket.
Result sys_unix_socket(Context& c, ProcessId process);
// EADDRINUSE: the name exists, even if nobody has it bound any more. EINVAL: bound already.
Result sys_unix_bind(Context& c, ProcessId process, std::int32_t fd, StringId path);
// ENOENT: no such file. ECONNREFUSED: nobody listens there. EAGAIN: the accept queue is full. EISCONN, EINVAL.
Result sys_unix_connect(Context& c, ProcessId process, std::int32_t fd, StringId path);
// ENOENT. The socket bound there lives on without a name others could find.
Result sys_unlink(Context& c, ProcessId process, StringId path);
// Two descriptors: `value` to read, `second` to write.
struct PipeEnds {
  Result result;
  std::int32_t write_fd = -1;
};
PipeEnds sys_pipe(Context& c, ProcessId process);

Result sys_epoll_create(Context& c, ProcessId process);
// EPOLL_CTL_ADD for reading. EBADF; EPERM: a file; EINVAL: not an epoll instance, or itself. REQUIRES: not watched
// under this number yet (Linux: EEXIST).
Result sys_epoll_add(Context& c, ProcessId process, std::int32_t epoll_fd, std::int32_t fd);
// The descriptors with something to read, to accept or to hear of; EAGAIN when there is none: the process would sleep.
Result sys_epoll_wait(Context& c, ProcessId process, std::int32_t epoll_fd, std::vector<std::int32_t>& ready);
// Whether `descriptor`'s open file is in the interest list under this number.
bool epoll_watches(const Context& c, LocalId epoll, const state::Descriptor& descriptor);
// `last` was the last descriptor of its open file: epoll instances let go of it.
void forget_watched(Context& c, const state::Descriptor& last);
// Whether reading (or accept) would return at once, or the socket is not connected (EPOLLHUP).
bool is_readable(const Context& c, SocketId socket);
bool is_readable(const Context& c, LocalId local);

// read() and write(): for pipes, and for every socket as recv() and send(). EBADF: the other end of the pipe.
Result sys_write(Context& c, ProcessId process, std::int32_t fd, const Payload& payload);
Result sys_read(Context& c, ProcessId process, std::int32_t fd, std::uint32_t limit, Payload& part);

// The calls that TCP sockets have, too; `ask.local` is the object.
Result local_listen(Asking& ask, std::uint32_t backlog);
Result local_accept(Asking& ask, std::int32_t new_fd);
Result local_send(Asking& ask, const Payload& payload);
Result local_receive(Asking& ask, std::uint32_t limit, Payload& part);
Result local_shutdown(Asking& ask, Shut how);

// The last descriptor is gone.
void release_local(Context& c, LocalId local);

}  // namespace fourtuple::stack
