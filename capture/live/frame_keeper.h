// Keeps captured frames in a pcapng file with the process each belongs to. A frame is held back for a moment, because
// its owner is often found only after it; frames keep their order.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "capture/live/live_flows.h"
#include "capture/pcapng_writer.h"

namespace fourtuple::capture {

class FrameKeeper {
 public:
  static Outcome<FrameKeeper> create(const std::string& path, const std::string& interface, LinkType link);

  // `view`: what LiveFlows::add() said of the frame. `now_ns`: of one steady clock.
  void add(const Frame& frame, const FrameView& view, const LiveFlows& flows, std::int64_t now_ns);
  // Writes the frames whose owners are known, or that waited long enough.
  void release(const LiveFlows& flows, std::int64_t now_ns);
  // Whether the file could not be written; close() says why.
  bool failed() const { return writer_.failed(); }
  // Writes all frames and what hosts were called in them, and closes the file.
  Outcome<void> close(const LiveFlows& flows);

 private:
  struct Held {
    std::vector<std::uint8_t> bytes;
    std::uint32_t original = 0;
    std::int64_t time_ns = 0, since_ns = 0;
    FlowPlace place;
    FrameDirection direction = FrameDirection::unknown;
  };
  explicit FrameKeeper(PcapngWriter writer) : writer_(std::move(writer)) {}
  void write(const Held& held, const LiveFlows& flows);
  std::uint32_t process_number(const Attribution& owner, const SocketOwners& processes);

  PcapngWriter writer_;
  std::deque<Held> held_;
  std::uint64_t held_bytes_ = 0;
  // In the file, by process of LiveFlows and whether it only listens.
  std::vector<std::array<std::uint32_t, 2>> numbers_;
};

}  // namespace fourtuple::capture
