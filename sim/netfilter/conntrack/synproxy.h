// synproxy between client and server (nf_synproxy_core.c): once the client has proved with a cookie that it is there, a
// connection to the server is opened in its name. The server chooses its own initial sequence number, so from then on
// its numbers are moved by what lies between that and the cookie.
//
//   client          router           server
//     | --- SYN ------> |               |     rules/synproxy.cc: nothing is remembered
//     | <-- SYN, ACK -- | cookie        |     window 0: the client must wait
//     | --- ACK ------> | --- SYN ----> |     an entry begins, with a SynproxyState
//     |                 | <- SYN, ACK - |     run_synproxy(): join
//     | <-- ACK ------- | --- ACK ----> |     the window opens
#pragma once

#include "sim/netfilter/context.h"
#include "sim/netfilter/rules/program.h"

namespace fourtuple::netfilter {

// The hook before the last at input and postrouting: takes the segments of the handshake with the server and moves the
// numbers of all others.
HookResult run_synproxy(Context& c, Walk& walk);

// The segments synproxy sends, but for TTL and fragmentation, which the host adds.
// Answers `syn` with `cookie`; `now_ms` is the clock of timestamps.
Packet synproxy_answer(const SynproxyCode& code, const Packet& syn, SeqNumber cookie, std::uint32_t now_ms);
// Asks the server in the client's name: `ack` brought a cookie that tells `mss`, and `sequence` is its number, or for a
// keep-alive the next. The field of the acknowledgement tells the hook the cookie.
Packet synproxy_request(const Packet& ack, SeqNumber sequence, std::uint16_t mss);
// What the server's SYN and ACK is answered with: `window` is the client's as it offered it.
Packet synproxy_confirmation(const Packet& syn_ack, std::uint16_t window);
// What tells the client that the server is there; its numbers are the server's until the hook moves them.
Packet synproxy_window_update(const Packet& syn_ack);

// The largest window the client offered, as its entry knows it. REQUIRES: walk.tracking has an entry of TCP.
std::uint16_t offered_window(const Context& c, const Walk& walk);
// From now on the server's numbers are moved to follow the cookie. REQUIRES: `syn_ack` holds an entry of synproxy.
void begin_moving(Context& c, const Walk& syn_ack);

}  // namespace fourtuple::netfilter
