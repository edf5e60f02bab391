#include "sim/world/scenario/words.h"

#include <algorithm>

#include "sim/trace/describe_netfilter.h"

namespace fourtuple::world {
namespace {

template <class E>
struct Named {
  E value;
  std::string_view name;
};

constexpr Named<Protocol> protocols[] = {{Protocol::tcp, "tcp"}, {Protocol::udp, "udp"}, {Protocol::icmp, "icmp"}};
constexpr Named<trace::HostKind> host_kinds[] = {
    {trace::HostKind::computer, "computer"}, {trace::HostKind::server, "server"}, {trace::HostKind::router, "router"}};
constexpr Named<OperatingSystem> operating_systems[] = {{OperatingSystem::linux_kernel, "linux"},
                                                        {OperatingSystem::macos, "macos"},
                                                        {OperatingSystem::windows, "windows"},
                                                        {OperatingSystem::freebsd, "freebsd"}};
constexpr Named<Program> programs[] = {{Program::none, "none"},
                                       {Program::http, "http"},
                                       {Program::echo, "echo"},
                                       {Program::discard, "discard"},
                                       {Program::sink, "sink"},
                                       {Program::chargen, "chargen"},
                                       {Program::request_response, "request-response"},
                                       {Program::proxy, "proxy"},
                                       {Program::gateway, "gateway"}};
constexpr Named<Sysctl> sysctls[] = {
    {Sysctl::ip_local_port_range, "ip_local_port_range"},
    {Sysctl::ip_unprivileged_port_start, "ip_unprivileged_port_start"},
    {Sysctl::ip_default_ttl, "ip_default_ttl"},
    {Sysctl::somaxconn, "somaxconn"},
    {Sysctl::tcp_tw_reuse, "tcp_tw_reuse"},
    {Sysctl::ip_nonlocal_bind, "ip_nonlocal_bind"},
    {Sysctl::ip_local_reserved_ports, "ip_local_reserved_ports"},
    {Sysctl::max_syn_backlog, "tcp_max_syn_backlog"},
    {Sysctl::syncookies, "tcp_syncookies"},
    {Sysctl::abort_on_overflow, "tcp_abort_on_overflow"},
    {Sysctl::syn_retries, "tcp_syn_retries"},
    {Sysctl::syn_linear_timeouts, "tcp_syn_linear_timeouts"},
    {Sysctl::synack_retries, "tcp_synack_retries"},
    {Sysctl::fin_timeout, "tcp_fin_timeout"},
    {Sysctl::retries2, "tcp_retries2"},
    {Sysctl::orphan_retries, "tcp_orphan_retries"},
    {Sysctl::keepalive_time, "tcp_keepalive_time"},
    {Sysctl::keepalive_intvl, "tcp_keepalive_intvl"},
    {Sysctl::keepalive_probes, "tcp_keepalive_probes"},
    {Sysctl::conntrack_max, "nf_conntrack_max"},
    {Sysctl::conntrack_tcp_loose, "nf_conntrack_tcp_loose"},
    {Sysctl::conntrack_tcp_be_liberal, "nf_conntrack_tcp_be_liberal"},
    {Sysctl::conntrack_udp_timeout, "nf_conntrack_udp_timeout"},
    {Sysctl::conntrack_udp_timeout_stream, "nf_conntrack_udp_timeout_stream"},
    {Sysctl::conntrack_icmp_timeout, "nf_conntrack_icmp_timeout"},
    {Sysctl::conntrack_generic_timeout, "nf_conntrack_generic_timeout"},
    {Sysctl::conntrack_tcp_timeout_syn_sent, "nf_conntrack_tcp_timeout_syn_sent"},
    {Sysctl::conntrack_tcp_timeout_syn_recv, "nf_conntrack_tcp_timeout_syn_recv"},
    {Sysctl::conntrack_tcp_timeout_established, "nf_conntrack_tcp_timeout_established"},
    {Sysctl::conntrack_tcp_timeout_fin_wait, "nf_conntrack_tcp_timeout_fin_wait"},
    {Sysctl::conntrack_tcp_timeout_close_wait, "nf_conntrack_tcp_timeout_close_wait"},
    {Sysctl::conntrack_tcp_timeout_last_ack, "nf_conntrack_tcp_timeout_last_ack"},
    {Sysctl::conntrack_tcp_timeout_time_wait, "nf_conntrack_tcp_timeout_time_wait"},
    {Sysctl::conntrack_tcp_timeout_close, "nf_conntrack_tcp_timeout_close"}};
constexpr Named<NatDependence> nat_dependences[] = {
    {NatDependence::endpoint_independent, "endpoint-independent"},
    {NatDependence::address_dependent, "address-dependent"},
    {NatDependence::address_and_port_dependent, "address-and-port-dependent"}};
constexpr Named<Cone> cones[] = {
    {{NatDependence::endpoint_independent, NatDependence::endpoint_independent}, "full-cone"},
    {{NatDependence::endpoint_independent, NatDependence::address_dependent}, "restricted-cone"},
    {{NatDependence::endpoint_independent, NatDependence::address_and_port_dependent}, "port-restricted-cone"},
    {{NatDependence::address_and_port_dependent, NatDependence::address_and_port_dependent}, "symmetric"}};
using Answer = Expectation::Answer;
constexpr Named<Answer> answers[] = {{Answer::nothing, "nothing"},
                                     {Answer::rst, "RST"},
                                     {Answer::port_unreachable, "port-unreachable"},
                                     {Answer::host_unreachable, "host-unreachable"},
                                     {Answer::network_unreachable, "network-unreachable"},
                                     {Answer::time_exceeded, "time-exceeded"},
                                     {Answer::fragmentation_needed, "fragmentation-needed"},
                                     {Answer::echo_reply, "echo-reply"},
                                     {Answer::admin_prohibited, "admin-prohibited"}};
constexpr Named<Verb> verbs[] = {{Verb::start, "start"},         {Verb::socket, "socket"},   {Verb::bind, "bind"},
                                 {Verb::listen, "listen"},       {Verb::accept, "accept"},   {Verb::connect, "connect"},
                                 {Verb::send, "send"},           {Verb::sendto, "sendto"},   {Verb::receive, "receive"},
                                 {Verb::shutdown, "shutdown"},   {Verb::close, "close"},     {Verb::kill, "kill"},
                                 {Verb::exit, "exit"},           {Verb::ping, "ping"},       {Verb::request, "request"},
                                 {Verb::link_down, "link-down"}, {Verb::link_up, "link-up"}, {Verb::set, "set"},
                                 {Verb::open, "open"},           {Verb::nft, "nft"},         {Verb::dup, "dup"},
                                 {Verb::pipe, "pipe"},           {Verb::fork, "fork"},       {Verb::exec, "exec"},
                                 {Verb::epoll, "epoll"},         {Verb::unlink, "unlink"}};

template <class E, std::size_t n>
std::optional<E> value_of(const Named<E> (&table)[n], std::string_view name) {
  for (const Named<E>& entry : table)
    if (entry.name == name) return entry.value;
  return std::nullopt;
}

template <class E, std::size_t n>
std::string_view name_in(const Named<E> (&table)[n], E value) {
  for (const Named<E>& entry : table)
    if (entry.value == value) return entry.name;
  return "?";
}

template <class E, std::size_t n>
std::vector<std::string_view> names_in(const Named<E> (&table)[n]) {
  std::vector<std::string_view> names;
  for (const Named<E>& entry : table) names.push_back(entry.name);
  return names;
}

// Names of an enumeration of bytes that has gaps: name_of() answers with `unknown` there.
template <class E>
std::vector<std::string_view> names_of_enum(std::string_view unknown) {
  std::vector<std::string_view> names;
  for (unsigned value = 0; value < 256; ++value) {
    const std::string_view name = name_of(static_cast<E>(value));
    if (name != unknown) names.push_back(name);
  }
  return names;
}

// The lesson ids P1 to P17, T1 to T8 and so on.
std::vector<std::string_view> lesson_ids() {
  static const std::vector<std::string> ids = [] {
    constexpr std::pair<char, int> topics[] = {{'P', 17}, {'T', 8}, {'O', 12}, {'X', 5},
                                               {'N', 7},  {'F', 8}, {'W', 4},  {'Q', 6}};
    std::vector<std::string> made;
    for (const auto& [topic, count] : topics)
      for (int i = 1; i <= count; ++i) made.push_back(topic + std::to_string(i));
    return made;
  }();
  return {ids.begin(), ids.end()};
}

// States of the TCP tracker, and the two marks an entry of any protocol may have.
std::vector<std::string_view> tracked_states() {
  std::vector<std::string_view> names = {"UNREPLIED", "ASSURED"};
  for (std::uint8_t value = 1; trace::tracking_name(value) != "?"; ++value)
    names.push_back(trace::tracking_name(value));
  return names;
}

std::vector<std::string_view> make_words(Words vocabulary) {
  switch (vocabulary) {
    case Words::none:
      return {};
    case Words::protocols:
      return {"tcp", "udp"};
    case Words::packet_protocols:
      return names_in(protocols);
    case Words::families:
      return {"ipv4", "ipv6"};
    case Words::host_kinds:
      return names_in(host_kinds);
    case Words::operating_systems:
      return names_in(operating_systems);
    case Words::programs:
      return names_in(programs);
    case Words::tcp_states:
      return names_of_enum<TcpState>("?");
    case Words::errnos:
      return names_of_enum<state::Errno>("E?");
    case Words::drop_reasons:
      return names_of_enum<trace::DropReason>("?");
    case Words::match_qualities:
      return names_of_enum<trace::MatchQuality>("?");
    case Words::calls:
      return names_of_enum<trace::Call>("?");
    case Words::socket_kinds:
      return {"tcp", "udp", "unix"};
    case Words::calls_or_none: {
      std::vector<std::string_view> names = names_of_enum<trace::Call>("?");
      names.insert(names.begin(), "none");
      return names;
    }
    case Words::shutdown_hows:
      return {"read", "write", "both"};
    case Words::fates:
      return {"delivered", "dropped"};
    case Words::answers:
      return names_in(answers);
    case Words::lessons:
      return lesson_ids();
    case Words::on_off:
      return {"on", "off"};
    case Words::nat_dependences:
      return names_in(nat_dependences);
    case Words::cone_names:
      return names_in(cones);
    case Words::nat_ports:
      return {"preserve", "random"};
    case Words::tracked_states:
      return tracked_states();
  }
  return {};
}

}  // namespace

const std::vector<std::string_view>& words_in(Words vocabulary) {
  static const std::vector<std::vector<std::string_view>> all = [] {
    std::vector<std::vector<std::string_view>> made;
    for (unsigned i = 0; i <= static_cast<unsigned>(Words::tracked_states); ++i)
      made.push_back(make_words(static_cast<Words>(i)));
    return made;
  }();
  return all[static_cast<std::size_t>(vocabulary)];
}

bool is_word(Words vocabulary, std::string_view word) {
  const auto& words = words_in(vocabulary);
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<Protocol> protocol_from(std::string_view word) {
  return value_of(protocols, word);
}
std::optional<trace::HostKind> host_kind_from(std::string_view word) {
  return value_of(host_kinds, word);
}
std::optional<Program> program_from(std::string_view word) {
  return value_of(programs, word);
}
std::optional<Expectation::Answer> answer_from(std::string_view word) {
  return value_of(answers, word);
}

std::optional<TcpState> tcp_state_from(std::string_view word) {
  for (unsigned value = 1; value <= 11; ++value)
    if (name_of(static_cast<TcpState>(value)) == word) return static_cast<TcpState>(value);
  return std::nullopt;
}

std::optional<trace::Call> call_from(std::string_view word) {
  for (unsigned value = 1; value < 256; ++value)
    if (trace::name_of(static_cast<trace::Call>(value)) == word) return static_cast<trace::Call>(value);
  return std::nullopt;
}

std::string_view name_of(Verb verb) {
  return name_in(verbs, verb);
}
std::string_view name_of(Program program) {
  return name_in(programs, program);
}
std::optional<NatDependence> nat_dependence_from(std::string_view word) {
  return value_of(nat_dependences, word);
}
std::optional<Cone> cone_from(std::string_view word) {
  return value_of(cones, word);
}
std::optional<OperatingSystem> operating_system_from(std::string_view word) {
  return value_of(operating_systems, word);
}
std::string_view name_of(OperatingSystem os) {
  return name_in(operating_systems, os);
}
std::optional<Sysctl> sysctl_from(std::string_view word) {
  return value_of(sysctls, word);
}
std::string_view name_of(Sysctl sysctl) {
  return name_in(sysctls, sysctl);
}

}  // namespace fourtuple::world
