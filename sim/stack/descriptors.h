// The descriptor table of a process (POSIX, fs/file.c): the lowest free number first, numbers that lead to one open
// file description together after dup() and fork(), RLIMIT_NOFILE, close-on-exec. A socket, pipe or AF_UNIX socket
// ends with the last descriptor that leads to it, in whatever process.
#pragma once

#include <vector>

#include "sim/stack/syscalls.h"

namespace fourtuple::stack {

inline constexpr std::uint32_t default_nofile = 1024;  // the soft limit a process has unless told otherwise
inline constexpr std::uint32_t most_nofile = 1048576;  // fs.nr_open

// The number the next descriptor gets, or -1 when RLIMIT_NOFILE stands in the way (EMFILE).
std::int32_t free_descriptor(const Context& c, ProcessId process);
// Lets `fd`, a free number, lead to a socket; the process becomes its owner.
void give_descriptor(Context& c, ProcessId process, std::int32_t fd, SocketId socket);

Result sys_close(Context& c, ProcessId process, std::int32_t fd);
// Opens a file: it takes the lowest free descriptor like any other.
Result sys_open(Context& c, ProcessId process, StringId path);
// EBADF, EMFILE. The new descriptor is not close-on-exec.
Result sys_dup(Context& c, ProcessId process, std::int32_t fd);
// Closes `wanted` first when it is in use. EBADF: `fd` is not open, or `wanted` is beyond the limit.
Result sys_dup2(Context& c, ProcessId process, std::int32_t fd, std::int32_t wanted);
// fcntl(F_SETFD): FD_CLOEXEC on or off.
Result sys_close_on_exec(Context& c, ProcessId process, std::int32_t fd, bool on);
// Closes what is close-on-exec; everything else stays with the new program.
Result sys_exec(Context& c, ProcessId process, StringId path);

// Starts a process with descriptors 0, 1 and 2.
ProcessId start_process(Context& c, HostId host, StringId name, StringId user, std::uint32_t uid, std::uint32_t pid);
// A copy of `parent` with the same descriptors, user and limit; `name` is what it calls itself (PR_SET_NAME).
ProcessId fork_process(Context& c, ProcessId parent, StringId name, std::uint32_t pid);
// RLIMIT_NOFILE, at most most_nofile.
void set_descriptor_limit(Context& c, ProcessId process, std::uint32_t nofile);
// Ends it: the kernel closes everything it held.
void end_process(Context& c, ProcessId process);

// Numbers of the open descriptors, rising.
std::vector<std::int32_t> open_descriptors(const Context& c, ProcessId process);

}  // namespace fourtuple::stack
