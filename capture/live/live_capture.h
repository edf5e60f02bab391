// Packets of this machine as they pass an interface, through libpcap. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "capture/frame.h"
#include "sim/base/outcome.h"

struct pcap;

namespace fourtuple::capture {

struct LiveOptions {
  std::string interface;                         // must exist
  std::string filter;                            // in libpcap's language; empty: everything
  std::uint32_t snap_length = max_frame_length;  // bytes kept of each frame, 1 to max_frame_length
};

// Whether this process may capture: CAP_NET_RAW in the network namespace it is in.
bool may_capture();

class LiveCapture {
 public:
  // Not promiscuous. An interface that is missing or down, no permission, and a filter that cannot be compiled are
  // errors.
  static Outcome<LiveCapture> open(const LiveOptions& options);

  LinkType link() const { return link_; }
  // Waits at most `timeout_ms` for frames and hands over those that are there, `most` at most; how many. Fails when the
  // interface goes away. A signal ends the wait. Frame::direction stays unknown.
  Outcome<std::uint64_t> read(int timeout_ms, std::uint64_t most, const std::function<void(const Frame&)>& take);
  // Frames the kernel had no room for so far.
  std::uint64_t dropped() const;

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };
  explicit LiveCapture(pcap* handle) : handle_(handle) {}

  std::unique_ptr<pcap, Close> handle_;
  LinkType link_ = LinkType::ethernet;
};

}  // namespace fourtuple::capture
