// Connection tracking entries as /proc/net/nf_conntrack prints them, without what two machines do not share.
#include <algorithm>
#include <set>

#include "tests/kernel/session.h"

namespace fourtuple::kernel_case {
namespace {

using state::ConntrackEntry;
using state::ConntrackStatus;
using state::ConntrackTuple;

constexpr std::int64_t default_timeouts[] = {10, 30, 60, 120, 180, 240, 300, 600, 432000};

std::string protocol_name(Protocol protocol) {
  switch (static_cast<int>(protocol)) {
    case 1:
      return "icmp";
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 33:
      return "dccp";
    case 47:
      return "gre";
    case 58:
      return "icmpv6";
    case 132:
      return "sctp";
    case 136:
      return "udplite";
    default:
      return "unknown";
  }
}

std::string tcp_state_name(state::TcpTracking state) {
  static constexpr const char* names[] = {"NONE",       "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
                                          "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2"};
  return names[static_cast<std::size_t>(state)];
}

// A timeout just set reads one second less when a moment has passed: shown as it was set.
std::int64_t shown_seconds(std::int64_t left, const std::set<std::int64_t>& timeouts) {
  const bool moment_ago = timeouts.count(left + 1) != 0 && timeouts.count(left) == 0;
  return moment_ago ? left + 1 : left;
}

// "2001:0db8:0000:…": /proc shortens nothing.
std::string all_digits(const IpAddress& address) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < address.bytes.size(); ++i) {
    if (i != 0 && i % 2 == 0) text += ':';
    text += digits[address.bytes[i] >> 4];
    text += digits[address.bytes[i] & 15];
  }
  return text;
}

struct Line {
  Session& session;
  bool counted;
  std::string text;

  std::string port(std::uint16_t value) const {
    const Json label = session.labels.port(value);
    return label.is_string() ? label.get<std::string>() : std::to_string(label.get<std::uint32_t>());
  }
  std::string address(AddressId id) const {
    const IpAddress& ip = session.system().addresses[id];
    return ip.family == Family::ipv4 ? ip.to_string() : all_digits(ip);
  }
  void tuple(const ConntrackTuple& t, Protocol protocol) {
    text += " src=" + address(t.source) + " dst=" + address(t.destination);
    if (protocol == Protocol::icmp || protocol == Protocol::icmpv6) {
      text += " type=" + std::to_string(t.destination_port >> 8) +
              " code=" + std::to_string(t.destination_port & 0xff) + " id=" + port(t.source_port);
    } else if (protocol == Protocol::tcp || protocol == Protocol::udp) {
      text += " sport=" + port(t.source_port) + " dport=" + port(t.destination_port);
    }
  }
  void counts(const ConntrackEntry& entry, std::size_t direction) {
    if (!counted) return;
    text += " packets=" + std::to_string(entry.packets[direction]) + " bytes=" + std::to_string(entry.bytes[direction]);
  }
};

std::string show_entry(Session& session, const ConntrackEntry& entry, bool counted,
                       const std::set<std::int64_t>& timeouts) {
  const std::int64_t left = std::max<std::int64_t>((entry.expires - session.world->now()).ns / seconds(1).ns, 0);
  Line line{session, counted, protocol_name(entry.protocol) + " " + std::to_string(shown_seconds(left, timeouts))};
  if (entry.protocol == Protocol::tcp) line.text += " " + tcp_state_name(entry.tcp);
  line.tuple(entry.original, entry.protocol);
  line.counts(entry, 0);
  if ((entry.status & ConntrackStatus::seen_reply) == 0) line.text += " [UNREPLIED]";
  line.tuple(entry.reply, entry.protocol);
  line.counts(entry, 1);
  if ((entry.status & ConntrackStatus::assured) != 0) line.text += " [ASSURED]";
  if (entry.mark != 0) line.text += " mark=" + std::to_string(entry.mark);
  return line.text;
}

const Json* router_spec(const Json& test_case, const std::string& name) {
  for (const Json& spec : test_case["routers"])
    if (spec["name"] == name) return &spec;
  return nullptr;
}

}  // namespace

Json Session::conntrack() {
  Json out = Json::object();
  for (const Node& node : names.nodes()) {
    if (!node.router) continue;
    std::set<std::int64_t> timeouts(std::begin(default_timeouts), std::end(default_timeouts));
    bool counted = true;
    const Json* spec = router_spec(test_case, node.name);
    if (spec != nullptr && spec->contains("sysctl"))
      for (const auto& [key, value] : (*spec)["sysctl"].items()) {
        if (key.find("timeout") != std::string::npos && value.is_number()) timeouts.insert(value.get<std::int64_t>());
        if (key == "net.netfilter.nf_conntrack_acct") counted = value != 0;
      }
    std::vector<std::string> rows;
    const Pool<ConntrackEntry>& entries = system().visible.conntrack;
    for (std::uint32_t id = 0; id < entries.end(); ++id)
      if (entries.alive(id) && entries[id].host == node.id && entries[id].expires > world->now())
        rows.push_back(show_entry(*this, entries[id], counted, timeouts));
    std::sort(rows.begin(), rows.end());
    out[node.name] = rows;
  }
  return out;
}

}  // namespace fourtuple::kernel_case
