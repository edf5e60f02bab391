#include "sim/netfilter/conntrack/config.h"

namespace fourtuple::netfilter {
namespace {

using state::TcpTracking;

struct Number {
  std::string_view name;
  std::uint32_t ConntrackConfig::*member;
};
constexpr Number numbers[] = {
    {"max", &ConntrackConfig::max},
    {"buckets", &ConntrackConfig::buckets},
    {"tcp_timeout_max_retrans", &ConntrackConfig::tcp_timeout_max_retrans},
    {"tcp_timeout_unacknowledged", &ConntrackConfig::tcp_timeout_unacknowledged},
    {"udp_timeout", &ConntrackConfig::udp_timeout},
    {"udp_timeout_stream", &ConntrackConfig::udp_timeout_stream},
    {"icmp_timeout", &ConntrackConfig::icmp_timeout},
    {"icmpv6_timeout", &ConntrackConfig::icmpv6_timeout},
    {"gre_timeout", &ConntrackConfig::gre_timeout},
    {"gre_timeout_stream", &ConntrackConfig::gre_timeout_stream},
    {"generic_timeout", &ConntrackConfig::generic_timeout},
};

struct Switch {
  std::string_view name;
  bool ConntrackConfig::*member;
};
constexpr Switch switches[] = {
    {"tcp_loose", &ConntrackConfig::tcp_loose},
    {"tcp_be_liberal", &ConntrackConfig::tcp_be_liberal},
    {"tcp_ignore_invalid_rst", &ConntrackConfig::tcp_ignore_invalid_rst},
    {"checksum", &ConntrackConfig::checksum},
};

struct StateTimeout {
  std::string_view name;
  TcpTracking tracking;
};
constexpr StateTimeout state_timeouts[] = {
    {"tcp_timeout_syn_sent", TcpTracking::syn_sent},       {"tcp_timeout_syn_recv", TcpTracking::syn_recv},
    {"tcp_timeout_established", TcpTracking::established}, {"tcp_timeout_fin_wait", TcpTracking::fin_wait},
    {"tcp_timeout_close_wait", TcpTracking::close_wait},   {"tcp_timeout_last_ack", TcpTracking::last_ack},
    {"tcp_timeout_time_wait", TcpTracking::time_wait},     {"tcp_timeout_close", TcpTracking::close},
};

constexpr std::string_view prefix = "nf_conntrack_";

// Calls `visit` with the named value of a const or mutable configuration; false: no such name.
template <class Config, class Visit>
bool visit_named(Config& config, std::string_view name, Visit visit) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  for (const Number& number : numbers)
    if (number.name == name) return visit(config.*number.member), true;
  for (const Switch& entry : switches)
    if (entry.name == name) return visit(config.*entry.member), true;
  for (const StateTimeout& entry : state_timeouts)
    if (entry.name == name) return visit(config.tcp_timeouts[static_cast<std::size_t>(entry.tracking)]), true;
  if (name == "tcp_max_retrans") return visit(config.tcp_max_retrans), true;
  return false;
}

}  // namespace

bool set_conntrack_sysctl(ConntrackConfig& config, std::string_view name, std::uint32_t value) {
  return visit_named(config, name, [value](auto& place) {
    using Place = std::remove_reference_t<decltype(place)>;
    place = static_cast<Place>(value);
  });
}

bool conntrack_sysctl(const ConntrackConfig& config, std::string_view name, std::uint32_t& value) {
  return visit_named(config, name, [&value](const auto& place) { value = static_cast<std::uint32_t>(place); });
}

}  // namespace fourtuple::netfilter
