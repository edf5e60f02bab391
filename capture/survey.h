// Goes through a capture frame by frame: decodes, sorts into conversations and keeps the coverage report and the frame
// table. Knows nothing of traces; the importer adds those.
#pragma once

#include <cstdint>
#include <vector>

#include "capture/analysis/tcp_analysis.h"
#include "capture/flow_table.h"
#include "capture/fragments.h"
#include "capture/frame.h"
#include "capture/report.h"
#include "sim/wire/address.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

// One frame of the file, by packet id (the frame's number minus one).
struct FrameInfo {
  static constexpr std::uint32_t no_rtt = 0xffffffffu;

  std::uint64_t file_offset = 0;
  std::int64_t time_ns = 0;  // since 1970 UTC
  std::uint32_t captured = 0;
  std::uint32_t original = 0;
  std::uint32_t flow = FlowPlace::no_flow;              // icmp_error: that it quotes; later_fragment: its first one's
  std::uint32_t previous_in_flow = FlowPlace::no_flow;  // frame index
  std::uint32_t in_flight = 0;                          // SegmentJudgement::in_flight
  std::uint32_t rtt_us = no_rtt;                        // of the segment it acknowledges, rounded down
  std::uint16_t interface = 0;
  TcpMarks marks;
  std::uint16_t ip_offset = 0;  // of the packet shown (the inner one of a tunnel), from the frame's start
  FrameKind kind = FrameKind::other_network;
  std::uint8_t direction = 0;
};
static_assert(sizeof(FrameInfo) == 48);

// What add() found in one frame; valid until the next call.
struct FrameView {
  FrameKind kind = FrameKind::other_network;
  bool has_packet = false;  // `decoded.packet` is filled, addresses included
  DecodedPacket decoded;    // of the innermost packet
  Bytes payload;            // its transport payload as far as captured, while the frame is there
  FlowPlace place;
  SegmentJudgement judged;  // of a TCP segment
  FlowPlace fragment_of;    // of a later fragment: the conversation its first one belongs to
  DecodedPacket quoted;     // of an ICMP error
  FlowPlace quoted_place;
};

struct SurveyOptions {
  bool verify_checksums = true;
  bool keep_frames = true;  // the frame table
  bool analyse_tcp = true;
  bool enter_tunnels = true;  // conversations inside tunnels are counted beside the tunnel's own
};

class Survey {
 public:
  // `addresses` must outlive the survey.
  explicit Survey(AddressTable& addresses, SurveyOptions options = {}) : addresses_(&addresses), options_(options) {}

  const FrameView& add(const Frame& frame);
  void finish(const Reader& reader) { report_.end = reader.end(); }

  const CaptureReport& report() const { return report_; }
  CaptureReport& report() { return report_; }
  FlowTable& flows() { return flows_; }
  TcpAnalysis& analysis() { return analysis_; }
  std::vector<FrameInfo>& frames() { return frames_; }

 private:
  void count_frame(const Frame& frame);
  void take_ip(Bytes bytes, std::uint32_t wire_length, const Frame& frame, FrameInfo& info);
  // One IP header and what it carries; `depth` counts IP headers from 1.
  void take_packet(Bytes bytes, const Frame& frame, std::uint8_t depth);
  void count_headers(const DecodedPacket& decoded);
  void analyse(const Frame& frame);
  void tie_fragment();
  void tie_early(const Fragments::Early& early);
  void take_icmp(Bytes bytes);
  void check(Bytes bytes);
  FrameKind kind_of(const DecodedPacket& decoded) const;
  void remember(FrameInfo& info);

  AddressTable* addresses_;
  SurveyOptions options_;
  CaptureReport report_;
  FlowTable flows_;
  TcpAnalysis analysis_;
  Fragments fragments_;
  FrameView view_;
  std::vector<FrameInfo> frames_;
  std::vector<std::uint32_t> last_of_flow_;  // frame index
  std::int64_t previous_time_ns_ = 0;
  // Headers met in this frame, each counted once a frame.
  bool saw_ipv4_ = false, saw_ipv6_ = false, saw_tcp_ = false, saw_udp_ = false, saw_icmp_ = false, saw_icmpv6_ = false;
};

}  // namespace fourtuple::capture
