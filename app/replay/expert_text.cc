#include "app/replay/expert_text.h"

#include <array>
#include <fmt/format.h>

#include "capture/analysis/tcp_measures.h"
#include "capture/plural.h"

namespace fourtuple::app {
namespace {

using capture::Flow;
using capture::plural;
using capture::TcpConversation;
using capture::TcpEnding;
using capture::TcpMark;

std::uint32_t marked(const TcpConversation& conversation, TcpMark mark) {
  return conversation.sent()[0].count(mark) + conversation.sent()[1].count(mark);
}

// The side that sent the SYN, else the one that spoke first.
std::size_t client_of(const Flow& flow) {
  return flow.tcp.syn[1] != 0 && flow.tcp.syn[0] == 0 ? 1 : 0;
}

bool opened(const Flow& flow) {
  return flow.tcp.syn_ack[0] + flow.tcp.syn_ack[1] != 0;
}

bool asked(const Flow& flow) {
  return flow.tcp.syn[0] + flow.tcp.syn[1] != 0;
}

bool reset_by(const Flow& flow, const TcpConversation& conversation, bool client) {
  const TcpEnding& ending = conversation.ending();
  const bool refused = asked(flow) && !opened(flow);
  return !refused && flow.tcp.rst[client ? client_of(flow) : 1 - client_of(flow)] != 0 &&
         (ending.with != TcpEnding::With::rst || (ending.direction == client_of(flow)) == client);
}

struct Finding {
  std::string_view words;  // behind "3 TCP conversations"
  bool (*holds)(const Flow& flow, const TcpConversation& conversation);
};

constexpr double many_retransmissions = 0.01;

constexpr Finding findings[] = {
    {"never answered",
     [](const Flow& flow, const TcpConversation&) {
       return asked(flow) && flow.packets[1 - client_of(flow)] == 0 && flow.icmp_errors == 0;
     }},
    {"refused (RST in answer to the SYN)",
     [](const Flow& flow, const TcpConversation&) {
       return asked(flow) && !opened(flow) && flow.tcp.rst[1 - client_of(flow)] != 0;
     }},
    {"with an ICMP error", [](const Flow& flow, const TcpConversation&) { return flow.icmp_errors != 0; }},
    {"reset by the server",
     [](const Flow& flow, const TcpConversation& conversation) { return reset_by(flow, conversation, false); }},
    {"reset by the client",
     [](const Flow& flow, const TcpConversation& conversation) { return reset_by(flow, conversation, true); }},
    {"seen in one direction only",
     [](const Flow& flow, const TcpConversation&) {
       return !asked(flow) && (flow.packets[0] == 0 || flow.packets[1] == 0);
     }},
    {"that began before the capture",
     [](const Flow& flow, const TcpConversation&) { return !asked(flow) && !opened(flow); }},
    {"that sent more than 1 % of their data again",
     [](const Flow&, const TcpConversation& conversation) {
       return retransmission_share(conversation.sent()[0]) > many_retransmissions ||
              retransmission_share(conversation.sent()[1]) > many_retransmissions;
     }},
    {"in which a receiver had no room (window 0)",
     [](const Flow&, const TcpConversation& conversation) { return marked(conversation, TcpMark::zero_window) != 0; }},
    {"with gaps (segments lost before the place of capture, or not captured)",
     [](const Flow&, const TcpConversation& conversation) {
       return marked(conversation, TcpMark::lost_segment) + marked(conversation, TcpMark::ack_lost_segment) != 0;
     }},
    {"that used the ports of an earlier one again",
     [](const Flow&, const TcpConversation& conversation) { return marked(conversation, TcpMark::reused_ports) != 0; }},
};

}  // namespace

std::string expert_text(const std::vector<Flow>& flows, const capture::TcpAnalysis& analysis,
                        const std::vector<capture::CaptureInterface>& interfaces) {
  std::array<std::uint64_t, std::size(findings)> counts{};
  std::uint64_t unanswered = 0;
  for (const Flow& flow : flows) {
    if (flow.protocol != Protocol::tcp) {
      unanswered += flow.packets[1] == 0;
      continue;
    }
    const TcpConversation& conversation = analysis.of(flow);
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += findings[i].holds(flow, conversation);
  }
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0) text += fmt::format("  {} {}\n", plural(counts[i], "TCP conversation"), findings[i].words);
  if (unanswered != 0) text += fmt::format("  {} one way only\n", plural(unanswered, "UDP conversation"));
  std::uint64_t dropped = 0;
  for (const capture::CaptureInterface& interface : interfaces) dropped += interface.dropped();
  if (dropped != 0)
    text += fmt::format("  {} dropped by the capturing machine: gaps may be from that\n", plural(dropped, "packet"));
  return text.empty() ? text : "what stands out\n" + text;
}

}  // namespace fourtuple::app
