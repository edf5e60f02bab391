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
#include "capture/survey.h"

namespace fourtuple::capture {

class LiveFlows {
 public:
  LiveFlows(MachineWatch& watch, const std::vector<LocalInterface>& interfaces);

  // Takes in a frame; where it belongs, valid until the next call.
  const FrameView& add(const Frame& frame);
  // Reads the tables of sockets when that is worth it: a conversation is without its owner, or some time has passed.
  // `now_ns`: of one steady clock.
  Outcome<void> look(std::int64_t now_ns);
  // Whether nothing more is going to be known of a conversation's ends.
  bool settled(std::uint32_t flow) const { return waits_[flow].settled; }
  // What is known of a conversation's ends by now.
  const FlowOwners& owners(std::uint32_t flow) const { return owners_[flow]; }
  bool own(AddressId address) const;

  const std::vector<Flow>& flows() { return survey_.flows().flows(); }
  const AddressTable& addresses() const { return addresses_; }
  const SocketOwners& processes() const { return sockets_; }
  const CaptureReport& report() const { return survey_.report(); }
  const Machine& machine() const { return machine_; }
  // Of how many conversations an end of this machine stayed without any process.
  std::size_t unknown();

 private:
  // A conversation some end of which may still be found.
  struct Wait {
    std::int64_t since_ns = 0;
    bool settled = false;
  };
  bool find_owners(std::uint32_t flow);

  AddressTable addresses_;
  Survey survey_{addresses_, {false, false}};
  MachineWatch* watch_;
  Machine machine_;
  SocketOwners sockets_;
  std::vector<FlowOwners> owners_;  // by flow
  std::vector<Wait> waits_;         // by flow
  std::vector<std::uint32_t> waiting_;
  std::vector<IpAddress> own_addresses_;
  bool fresh_ = false;  // a conversation began after the last look
  std::int64_t next_look_ns_ = 0, next_idle_look_ns_ = 0, now_ns_ = 0;
};

}  // namespace fourtuple::capture
