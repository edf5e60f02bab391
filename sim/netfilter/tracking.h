// How a packet is tied to connection tracking.
#pragma once

#include <cstdint>

#include "sim/trace/vocabulary.h"

namespace fourtuple::netfilter {

inline constexpr std::uint32_t none = 0xffffffffu;

// How a packet is tied to conntrack: sk_buff's _nfct and ctinfo.
struct Tracking {
  std::uint32_t entry = none;                // State::conntrack id when confirmed, else Netfilter::pending id
  trace::CtInfo info = trace::CtInfo::none;  // none before conntrack ran; invalid afterwards when it has no entry
  bool confirmed = false;
  bool has_entry() const { return entry != none; }
  bool reply_direction() const {
    return info == trace::CtInfo::established_reply || info == trace::CtInfo::related_reply;
  }
};

}  // namespace fourtuple::netfilter
