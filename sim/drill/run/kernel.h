// The kernel under test as a script sees it: packets in and out, system calls, settings, and time. The runner asks for
// nothing else, so that the same script can be judged by the simulator and by a real kernel.
//
// Numbers of calls (families, options, errors, flags) are Linux's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/time.h"
#include "sim/drill/run/segment.h"

namespace fourtuple::drill {

enum class CallKind : std::uint8_t {
  socket,   // first: family, second: type, third: protocol
  bind,     // port; any: the wildcard instead of the local address
  listen,   // first: backlog
  accept,   // third: SOCK_NONBLOCK
  connect,  // port
  read,     // length, first: MSG_ flags
  write,    // length, first: MSG_ flags
  send_to,  // length, port
  close,
  shutdown,    // first: how
  get_flags,   // fcntl(F_GETFL)
  set_flags,   // first: O_ flags
  set_option,  // first: level, second: name, third: value; of SO_LINGER: on, and time in `port`
  get_option,  // first: level, second: name
  poll,        // polled; first: timeout in ms
  unread,      // ioctl(SIOCINQ)
  unsent,      // ioctl(SIOCOUTQ)
};

struct Polled {
  std::int32_t fd = -1;
  std::int32_t wanted = 0, got = 0;  // POLL bits
};

struct KernelCall {
  CallKind kind = CallKind::socket;
  std::int32_t fd = -1;
  std::int32_t first = 0, second = 0, third = 0;
  std::uint16_t port = 0;
  bool any_address = false;
  std::uint32_t length = 0;
  std::vector<Polled> polled;
};

struct CallOutcome {
  std::int64_t value = 0;  // what the call returned; negative: -1
  std::int32_t error = 0;  // errno then
  std::int64_t out = 0;    // what it wrote through a pointer
  std::vector<Polled> polled;
  Time at{0};  // when it returned
};

struct Sent {
  Time at{0};
  Segment segment;
};

// What came of something that not every kernel can do.
struct Answer {
  enum class Kind : std::uint8_t { done, nothing_to_do, cannot };
  Kind kind = Kind::done;
  std::string why;  // for readers; empty when done
};

inline Answer cannot(std::string why) {
  return {Answer::Kind::cannot, std::move(why)};
}

class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  // Since the script began.
  virtual Time now() const = 0;
  // Lets time pass; what the kernel sends meanwhile waits for next_sent().
  virtual void pass_until(Time instant) = 0;
  // The oldest packet not yet taken, else the next one; none when `limit` is reached first.
  virtual std::optional<Sent> next_sent(Time limit) = 0;
  // What of the segment cannot be given to this kernel is told in the answer; `cannot`: nothing was.
  virtual Answer inject(const Segment& segment) = 0;
  virtual Answer inject(const IcmpMessage& message) = 0;

  // Whether it knows the call at all; else `cannot` and why.
  virtual Answer knows(const KernelCall& call) = 0;
  // Starts the call. REQUIRES: no other one is under way.
  virtual void begin(const KernelCall& call) = 0;
  // None while the call blocks. Lets no time pass.
  virtual std::optional<CallOutcome> outcome() = 0;

  // net.ipv4.tcp_… and others, with the value as text.
  virtual Answer set_sysctl(std::string_view name, std::string_view value) = 0;
  // A field of tcp_info ("tcpi_snd_cwnd") of the connection; none when it is not known.
  virtual std::optional<std::int64_t> tcp_info(std::uint16_t local_port, std::uint16_t remote_port,
                                               std::string_view field) = 0;
};

}  // namespace fourtuple::drill
