// Conversations while they are captured, joined to the processes of this machine as they come: each new one makes the
// tables of sockets be read at once, so that most short-lived sockets still get an owner. What was not seen in time
// stays unknown, or is the listener's, and says so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/flow_owners.h"
#include "capture/live/interfaces.h"
#include "capture/machine/machine.h"
#include "capture/names/name_finder.h"
#include "capture/survey.h"

namespace fourtuple::capture {

class LiveFlows {
 public:
  LiveFlows(MachineWatch& watch, const std::vector<LocalInterface>& interfaces);

  // The machine's addresses changed, perhaps.
  void set_interfaces(const std::vector<LocalInterface>& interfaces);
  // Takes in a frame; where it belongs, valid until the next call.
  const FrameView& add(const Frame& frame);
  // Reads the tables of sockets when that is worth it: a conversation is without its owner, or some time has passed.
  // `now_ns`: of one steady clock.
  Outcome<void> look(std::int64_t now_ns);
  // Reads them and asks all processes, for a last time.
  Outcome<void> finish();
  // Whether the sockets of a conversation's ends were found, or were given up. While it is young, such a socket may
  // still pass to another process.
  bool settled(std::uint32_t flow) const { return waits_[flow].settled; }
  // What is known of a conversation's ends by now.
  const FlowOwners& owners(std::uint32_t flow) const { return owners_[flow]; }
  // Whether an address is this machine's.
  bool own(const IpAddress& address) const;
  bool own(AddressId address) const { return own(addresses_[address]); }

  const std::vector<Flow>& flows() { return survey_.flows().flows(); }
  // What the packets called hosts and conversations so far.
  const SeenNames& names() const { return finder_.names(); }
  const TcpAnalysis& analysis() { return survey_.analysis(); }
  const AddressTable& addresses() const { return addresses_; }
  const SocketOwners& processes() const { return sockets_; }
  const CaptureReport& report() const { return survey_.report(); }
  const Machine& machine() const { return machine_; }
  // Of how many conversations an end of this machine stayed without any process.
  std::size_t unknown();

 private:
  // How long a conversation has been looked after.
  struct Wait {
    std::int64_t since_ns = 0;
    bool settled = false;
  };
  bool find_owners(std::uint32_t flow);
  Outcome<void> take(Outcome<Machine> machine);

  AddressTable addresses_;
  Survey survey_{addresses_, {false}};
  NameFinder finder_;
  MachineWatch* watch_;
  Machine machine_;
  SocketOwners sockets_;
  std::vector<FlowOwners> owners_;    // by flow
  std::vector<Wait> waits_;           // by flow
  std::vector<std::uint32_t> young_;  // conversations whose owners may still be found or change
  std::vector<IpAddress> own_addresses_;
  bool wanted_ = false;  // a look soon: a young conversation has no owner yet
  std::int64_t next_look_ns_ = 0, next_idle_look_ns_ = 0, now_ns_ = 0;
};

}  // namespace fourtuple::capture
