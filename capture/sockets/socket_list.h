// The sockets of one machine as it lists them itself: read from /proc (capture/machine) or from what `ss` and `lsof`
// printed (list_text.h). Unlike the sockets a capture shows, these are facts, but of one moment only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/wire/address.h"
#include "sim/wire/packet.h"
#include "sim/wire/tcp_state.h"

namespace fourtuple::capture {

// A process with the socket among its descriptors.
struct SocketHolder {
  std::string name;  // as the kernel keeps it (15 bytes), or as lsof cut it (9)
  std::uint32_t pid = 0;
  std::int32_t fd = -1;  // -1: not told
  friend bool operator==(const SocketHolder&, const SocketHolder&) = default;
};

struct ListedSocket {
  Protocol protocol = Protocol::tcp;
  Family family = Family::ipv4;       // of the socket; an IPv6 one may hold IPv4 addresses (never mapped ones here)
  TcpState state = TcpState::closed;  // UDP: established when connected, else closed
  IpAddress local, remote;            // remote is the wildcard of `family` while there is no peer
  std::uint16_t local_port = 0, remote_port = 0;
  std::uint32_t receive_queue = 0, send_queue = 0;  // as the list has them
  std::uint32_t uid = 0;                            // 0 as well when the list does not tell
  std::uint32_t inode = 0;                          // 0: none (TIME-WAIT), or not told
  bool v6_only = false;                             // told by ss, not by /proc and lsof
  std::vector<SocketHolder> holders;                // by pid; empty: none, or it was not allowed to see them
  int line = 0;                                     // of the file it comes from, 0: none

  bool connected() const { return remote_port != 0; }
  bool listens() const { return protocol == Protocol::tcp && state == TcpState::listen; }
};

struct SocketList {
  std::string source;  // file name, or "/proc"
  std::vector<ListedSocket> sockets;
  std::vector<std::string> notes;  // what was left out or guessed while reading, as sentences
};

// Holders in order of pid and descriptor, each once.
void sort_holders(std::vector<SocketHolder>& holders);
// An IPv4-mapped IPv6 address (::ffff:192.0.2.1) as the IPv4 address it stands for; others as they are.
IpAddress unmapped(const IpAddress& address);

}  // namespace fourtuple::capture
