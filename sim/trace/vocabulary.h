// The closed vocabularies records speak: stages of the packet path, reasons to drop, qualities of a socket match,
// system calls. Persistent numbers. Each has a name for files and filters and words for a person.
#pragma once

#include <cstdint>
#include <string_view>

namespace fourtuple::trace {

// Where in a host a packet is, in the order a packet meets them (incoming, then outgoing).
enum class Stage : std::uint8_t {
  interface_in = 1,
  defragment = 2,
  prerouting = 3,
  routing = 4,
  input = 5,
  forward = 6,
  transport_lookup = 7,
  socket_queue = 8,
  process_wakeup = 9,
  process_write = 16,
  transport_output = 17,
  routing_output = 18,
  output = 19,
  postrouting = 20,
  interface_out = 21,
};

enum class DropReason : std::uint8_t {
  none = 0,
  link_loss = 1,          // the link's configured loss
  link_fault = 2,         // a named fault of the scenario
  queue_full = 3,         // the interface's queue was at its limit
  no_route = 4,           // answered with ICMP unreachable
  ttl_expired = 5,        // answered with ICMP time exceeded
  too_big = 6,            // answered with ICMP fragmentation needed / packet too big
  no_socket = 7,          // answered with RST or ICMP port unreachable
  not_for_this_host = 8,  // forwarding is off
  no_neighbour = 9,       // nobody on the network has the next hop's address
  receive_queue_full = 10,
  accept_queue_full = 11,
  tcp_unacceptable = 12,  // outside the window, old or duplicate; TCP answered or ignored it
  reassembly_failed = 13,
  rule = 14,  // a netfilter verdict
  interface_down = 15,
  martian = 16,         // loopback address from outside
  link_failed = 17,     // the network is switched off
  no_process = 18,      // no process takes this protocol
  nat_filtered = 20,    // a middlebox translator lets nobody in whom the inside has not sent to
  nat_exhausted = 21,   // it has no port left
  bad_checksum = 19,    // the transport checksum is wrong: dropped in silence
  syn_queue_full = 22,  // the listener has too many half-open connections
  bad_cookie = 23,      // synproxy: a keep-alive of a client whose cookie does not fit
};

// Lookup order: a smaller number is a better match. The same order as Linux's inet_lookup.
enum class MatchQuality : std::uint8_t {
  none = 0,
  established = 1,        // all four values of the tuple
  listener_address = 2,   // listening or bound on the packet's destination address
  listener_wildcard = 3,  // listening or bound on any address of the family
  listener_dual = 4,      // an IPv6 wildcard that also takes IPv4
  chance = 5,             // `ports: off`: one of the programs, whichever
  synproxy = 6,           // no socket: netfilter's synproxy took the segment of a handshake
};

// The first value of a packet's tuple that did not fit a socket.
enum class Mismatch : std::uint8_t {
  none = 0,  // everything fits
  protocol = 1,
  local_address = 2,
  local_port = 3,
  remote_address = 4,
  remote_port = 5,
  family = 6,
  better_match = 7,  // fits, but an earlier class already matched
};

enum class Call : std::uint8_t {
  socket = 1,
  bind = 2,
  listen = 3,
  accept = 4,
  connect = 5,
  send = 6,
  receive = 7,
  shutdown = 8,
  close = 9,
  exit = 10,
  setsockopt = 11,
  open = 12,
  read = 13,
  write = 14,
  sendto = 15,
  recvfrom = 16,
  kill = 17,
  lseek = 18,
  getsockopt = 19,
  dup = 20,
  dup2 = 21,
  pipe = 22,
  fork = 23,
  execve = 24,
  fcntl = 25,
  epoll_create = 26,
  epoll_ctl = 27,
  epoll_wait = 28,
  unlink = 29,
};

// What netfilter did with a packet at a rule (`nft monitor trace` words).
enum class RuleVerdict : std::uint8_t {
  accept = 0,
  drop = 1,
  jump = 2,
  goto_ = 3,
  return_ = 4,
  continue_ = 5,
  stolen = 6,
  queue = 7,
};

// How conntrack sees a packet. `none`: no entry; where conntrack ran that is `invalid`.
enum class CtInfo : std::uint8_t {
  none = 0,
  fresh = 1,  // new
  established = 2,
  related = 3,
  established_reply = 4,
  related_reply = 5,
  untracked = 6,
  invalid = 7,
};

// What became of one statement of a rule.
enum class ExpressionResult : std::uint8_t {
  matched = 0,
  failed = 1,   // the value differed: the rule ends here
  absent = 2,   // the packet has no such field: the rule ends here
  done = 3,     // an action was carried out
  skipped = 4,  // not simulated: passed over
};

std::string_view name_of(Stage stage);           // "transport-lookup"
std::string_view name_of(DropReason reason);     // "no-socket"
std::string_view words_of(DropReason reason);    // "nothing listens on that port"
std::string_view name_of(MatchQuality quality);  // "wildcard-listener"
std::string_view words_of(MatchQuality quality);
std::string_view name_of(Mismatch mismatch);
std::string_view name_of(Call call);            // "bind"
std::string_view name_of(RuleVerdict verdict);  // "goto"
std::string_view name_of(CtInfo info);          // "new", "established"; both directions alike; "" for none
std::string_view name_of(ExpressionResult result);

bool from_name(std::string_view name, Stage& stage);
bool from_name(std::string_view name, DropReason& reason);
bool from_name(std::string_view name, MatchQuality& quality);

}  // namespace fourtuple::trace
