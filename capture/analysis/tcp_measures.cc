#include "capture/analysis/tcp_measures.h"

#include <algorithm>

namespace fourtuple::capture {

std::uint64_t new_payload(const Flow& flow, const TcpConversation& conversation, std::size_t direction) {
  return flow.payload[direction] - std::min(flow.payload[direction], conversation.sent()[direction].repeated_payload);
}

std::uint64_t bits_per_second(std::uint64_t bytes, const TcpSent& sent) {
  const std::int64_t time_ns = sent.last_data_ns - sent.first_data_ns;
  if (time_ns <= 0) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * 8e9 / static_cast<double>(time_ns));
}

double retransmission_share(const TcpSent& sent) {
  if (sent.data_segments == 0) return 0;
  return std::min(1.0, static_cast<double>(sent.repeated_segments) / sent.data_segments);
}

}  // namespace fourtuple::capture
