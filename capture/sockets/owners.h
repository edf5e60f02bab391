// Which process an end of a conversation belongs to, by what machines said of their sockets. The kernel's own order: a
// socket with exactly these ends, else one bound to the local address and port, else one bound to the port on any
// address. Says how sure the answer is and where lists contradict each other.
//
// Each list is of a machine of its own: a socket of the port on any address is only taken for addresses of the machine
// that lists it. Two lists of one machine lose nothing but that: an address that only one of them shows is a guess, or
// no address, to the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/sockets/socket_list.h"
#include "sim/base/index_map.h"

namespace fourtuple::capture {

struct OwnerProcess {
  std::string name;
  std::uint32_t pid = 0;
  friend bool operator==(const OwnerProcess&, const OwnerProcess&) = default;
};
std::uint64_t hash_of(const OwnerProcess& process);

// What an answer rests on.
enum class OwnerMatch : std::uint8_t {
  none = 0,
  port = 1,      // a socket of the port on any address, and nothing says that the address is of that machine: a guess
  listener = 2,  // the socket that is bound to the port: of a TCP connection who listened, not surely who accepted
  exact = 3,     // a socket with these two ends, or a UDP socket that is bound to the port and has no peer
  packet = 4,    // the capture file itself names the process at the packet
};

struct Attribution {
  static constexpr std::uint32_t nobody = 0xffffffffu;
  std::uint32_t process = nobody;  // SocketOwners::process()
  OwnerMatch match = OwnerMatch::none;
  std::int32_t fd = -1;      // its descriptor; -1: not told, or of another socket
  std::uint16_t others = 0;  // further processes that hold the same socket
  bool contested = false;    // different processes are named for this socket
  std::uint32_t inode = 0;   // of the socket; 0: not told

  bool known() const { return process != nobody; }
  bool guessed() const { return match == OwnerMatch::port; }
};

// One end of a conversation, as seen from the process that has it.
struct ConversationEnd {
  Protocol protocol = Protocol::tcp;
  IpAddress local, remote;
  std::uint16_t local_port = 0, remote_port = 0;

  ConversationEnd other() const { return {protocol, remote, local, remote_port, local_port}; }
  friend bool operator==(const ConversationEnd&, const ConversationEnd&) = default;
};
std::uint64_t hash_of(const ConversationEnd& end);

class SocketOwners {
 public:
  // Adds what a machine says. Addresses its sockets are bound to or connected from are taken as its own.
  void add(const SocketList& list);
  // There is one machine, and its addresses are these and no others.
  void set_own_addresses(const std::vector<IpAddress>& addresses);

  // Leaves processes and the addresses that were set, so that a newer list can take the place of all before.
  void forget_sockets();

  bool empty() const { return sockets_.empty(); }
  // Without a remote port: the socket bound to the local end.
  Attribution find(const ConversationEnd& end) const;
  // Whether a list has a TCP listener there.
  bool lists_listener(const ConversationEnd& end) const;

  // The number of a process, a new one if it was not known.
  std::uint32_t intern(const std::string& name, std::uint32_t pid);
  const OwnerProcess& process(std::uint32_t index) const { return processes_[index]; }
  std::uint32_t process_count() const { return static_cast<std::uint32_t>(processes_.size()); }

 private:
  enum class Place : std::uint8_t { own, foreign, unknown };
  struct Entry {
    Attribution owner;
    bool listens = false;
  };

  using Keys = IndexMap<ConversationEnd>;  // to an index of sockets_; the remote end of bound sockets is empty
  struct OneMachine {
    Keys any;                    // sockets bound to a port on any address
    IndexMap<IpAddress> places;  // to a Place
    bool shows_addresses = false;
  };

  Place place_of(const OneMachine& machine, const IpAddress& address) const;
  void learn(OneMachine& machine, const IpAddress& address, Place place);
  void add_bound(OneMachine& machine, const ListedSocket& socket);
  void put(Keys& keys, const ConversationEnd& key, const ListedSocket& socket);
  void join(Entry& entry, const Entry& fresh, const ListedSocket& socket) const;
  const Entry* entry(const Keys& keys, const ConversationEnd& key) const;
  Attribution find_on_any_address(const ConversationEnd& end, OwnerMatch by_port) const;

  std::vector<OwnerProcess> processes_;
  IndexMap<OwnerProcess> process_index_;
  std::vector<Entry> sockets_;
  Keys exact_;  // sockets with a peer, and those bound to one address, of all machines
  std::vector<OneMachine> machines_;
  IndexMap<IpAddress> own_;  // addresses some machine shows as its own, or those that were set; to 0
  bool all_own_known_ = false;
};

}  // namespace fourtuple::capture
