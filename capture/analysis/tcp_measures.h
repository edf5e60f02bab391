// Figures people ask of a TCP conversation, from what the analysis counted.
#pragma once

#include <cstdint>

#include "capture/analysis/tcp_analysis.h"

namespace fourtuple::capture {

// Payload that was not sent a second time, in bytes; goodput is this over time.
std::uint64_t new_payload(const Flow& flow, const TcpConversation& conversation, std::size_t direction);

// Bits a second between the direction's first and last data segment; 0 with fewer than two of them.
std::uint64_t bits_per_second(std::uint64_t bytes, const TcpSent& sent);

// Data segments that were retransmissions, in parts of 1; 0 without data.
double retransmission_share(const TcpSent& sent);

}  // namespace fourtuple::capture
