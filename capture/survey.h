// Goes through a capture frame by frame: decodes, sorts into conversations and keeps the coverage report and the frame
// table. Knows nothing of traces; the importer adds those.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "capture/analysis/tcp_analysis.h"
#include "capture/decoded_frame.h"
#include "capture/flow_table.h"
#include "capture/fragments.h"
#include "capture/frame_table.h"
#include "capture/report.h"
#include "sim/wire/address.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

// What was found in one frame; valid until the next one is added.
struct FrameView {
  FrameKind kind = FrameKind::other_network;
  bool has_packet = false;           // `decoded->packet` is filled, addresses included
  DecodedPacket* decoded = nullptr;  // of the innermost packet; never null once a frame was added
  Bytes payload;                     // its transport payload as far as captured, while the frame is there
  FlowPlace place;
  SegmentJudgement judged;  // of a TCP segment
  FlowPlace fragment_of;    // of a later fragment: the conversation its first one belongs to
  DecodedPacket quoted;     // of an ICMP error
  FlowPlace quoted_place;
};

struct SurveyOptions {
  bool verify_checksums = true;
  bool analyse_tcp = true;
  bool enter_tunnels = true;  // conversations inside tunnels are counted beside the tunnel's own
};

class Survey {
 public:
  // What it is given must outlive the survey. Without `frames` no index is kept.
  explicit Survey(AddressTable& addresses, SurveyOptions options = {}, FrameTable* frames = nullptr)
      : addresses_(&addresses), options_(options), frames_(frames) {}

  const FrameView& add(const Frame& frame);
  // The same for a frame that was decoded before. Its packet becomes the innermost one; the view refers to it.
  const FrameView& add(DecodedFrame& frame);
  // Asks for the memory that adding these frames will touch, so that the waits for it overlap; for a few dozen at once.
  // Changes no result.
  static constexpr std::size_t prefetched_at_once = 32;
  void prefetch(std::span<DecodedFrame> frames) const;
  void finish(const Reader& reader) { report_.end = reader.end(); }

  const CaptureReport& report() const { return report_; }
  CaptureReport& report() { return report_; }
  FlowTable& flows() { return flows_; }
  TcpAnalysis& analysis() { return analysis_; }

 private:
  void count_frame(const DecodedFrame& frame);
  void take_link(DecodedFrame& frame, FrameInfo& info);
  void take_ip(DecodedFrame& frame, FrameInfo& info);
  // One IP header and what it carries, in frame.packet; `depth` counts IP headers from 1.
  void take_packet(Bytes bytes, DecodedFrame& frame, std::uint8_t depth);
  void count_headers(const DecodedPacket& decoded);
  void analyse(const Frame& frame);
  void tie_fragment();
  void tie_early(const Fragments::Early& early);
  void take_icmp(Bytes bytes);
  void count_checksums(const DecodedPacket& decoded, const ChecksumVerdict& verdict);
  FrameKind kind_of(const DecodedPacket& decoded) const;
  void remember(FrameInfo& info);

  AddressTable* addresses_;
  SurveyOptions options_;
  FrameTable* frames_;
  CaptureReport report_;
  FlowTable flows_;
  TcpAnalysis analysis_;
  Fragments fragments_;
  DecodedFrame frame_;  // of add(Frame)
  FrameView view_;
  std::vector<std::uint32_t> last_of_flow_;  // frame index
  std::int64_t previous_time_ns_ = 0;
  // Headers met in this frame, each counted once a frame.
  bool saw_ipv4_ = false, saw_ipv6_ = false, saw_tcp_ = false, saw_udp_ = false, saw_icmp_ = false, saw_icmpv6_ = false;
};

}  // namespace fourtuple::capture
