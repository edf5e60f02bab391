// Whose the two ends of every conversation are: from lists of sockets, and from the processes the capture file names.
#pragma once

#include <string>
#include <vector>

#include "capture/flow.h"
#include "capture/flow_table.h"
#include "capture/reader.h"
#include "capture/sockets/owners.h"

namespace fourtuple::capture {

using FlowOwners = PerDirection<Attribution>;  // of a and of b

// "192.0.2.1:80", "[::1]:80"
std::string end_text(const IpAddress& address, std::uint16_t port);

// The sender's end of a packet.
ConversationEnd sender_end(const Packet& packet, const AddressTable& addresses);
// The ends of a conversation.
PerDirection<ConversationEnd> ends_of(const Flow& flow, const AddressTable& addresses);

class FlowNames {
 public:
  // Without lists only what the file itself says is known.
  FlowNames(SocketOwners lists, const AddressTable& addresses) : lists_(std::move(lists)), addresses_(&addresses) {}

  // Takes in a packet of conversation `place`; the ends it belongs to, valid until the next call. `processes` are the
  // reader's.
  // A later packet that names another process marks the end as contested.
  const FlowOwners& observe(const Packet& packet, const FlowPlace& place, const Frame& frame,
                            const std::vector<CaptureProcess>& processes);
  // What is listed of the socket bound to an end's local address and port.
  Attribution bound(const ConversationEnd& end) const;

  const SocketOwners& lists() const { return lists_; }
  // Packets the file names a process for without saying whether it sent or received them: it is not told whose.
  std::uint64_t undirected() const { return undirected_; }
  // By flow; may be shorter than the flow table.
  const std::vector<FlowOwners>& owners() const { return owners_; }
  FlowOwners of(std::size_t flow) const { return flow < owners_.size() ? owners_[flow] : FlowOwners{}; }

 private:
  SocketOwners lists_;
  const AddressTable* addresses_;
  std::vector<FlowOwners> owners_;
  FlowOwners nobody_;
  std::vector<std::uint32_t> named_by_file_;  // by Frame::process
  std::uint64_t undirected_ = 0;
};

// "web[9]", followed by "~" (who listened), "?" (a guess) or "!" (lists differ); "" when nobody is known.
std::string owner_text(const Attribution& owner, const SocketOwners& lists);

// How many conversations were joined to a process and how surely, which contradict what is listed, and what these
// signs mean, and what was passed over; nothing when no list was given and the file names nobody.
std::vector<std::string> notes_of(const FlowNames& names, const std::vector<Flow>& flows,
                                  const AddressTable& addresses);

}  // namespace fourtuple::capture
