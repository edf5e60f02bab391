#include "sim/drill/run/simulated_kernel.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "sim/drill/run/symbols.h"
#include "sim/tcp/endpoint.h"
#include "sim/wire/encode.h"
#include "sim/world/builder.h"
#include "sim/world/scenario/quantity.h"
#include "sim/world/scenario/words.h"

namespace fourtuple::drill {
namespace {

constexpr InterfaceId kernel_interface{1}, remote_interface{3};  // lo comes first on each host
constexpr HostId kernel_host{0};
constexpr std::uint32_t endless = 1u << 31;

world::HostSpec host_spec(const std::string& name, const Prefix& address, std::uint32_t mtu) {
  world::HostSpec host;
  host.name = name;
  world::InterfaceSpec interface;
  interface.name = "tun0";
  interface.network = 0;
  interface.addresses = {address};
  interface.mtu = mtu;
  host.interfaces = {interface};
  host.routes.push_back({{IpAddress::wildcard(address.address.family), 0}, {}, std::nullopt, 0});
  return host;
}

world::Scenario scenario_of(const Script& script, const Setup& setup) {
  world::Scenario scenario;
  scenario.file_name = script.file;
  const std::size_t slash = script.file.find_last_of('/');
  const std::string name = slash == std::string::npos ? script.file : script.file.substr(slash + 1);
  scenario.title.versions = {{"en", name}};
  world::NetworkSpec network;
  network.name = "script";
  network.queue_packets = 0;
  network.mtu = setup.mtu;
  scenario.networks = {network};
  world::HostSpec kernel = host_spec("kernel", {setup.local, setup.prefix_length}, setup.mtu);
  world::ProcessSpec process;
  process.name = "test";
  process.user = "root";
  process.uid = 0;
  kernel.processes = {process};
  const auto whole = static_cast<std::uint8_t>(setup.ipv6_wire() ? 128 : 32);
  world::HostSpec remote = host_spec("remote", {setup.remote, whole}, setup.mtu);
  remote.silent = true;
  scenario.hosts = {kernel, remote};
  return scenario;
}

Segment segment_of(const Packet& packet) {
  Segment segment;
  segment.protocol = packet.protocol;
  segment.source_port = packet.source_port;
  segment.destination_port = packet.destination_port;
  segment.flags = packet.flags;
  segment.seq = packet.seq.raw;
  segment.ack = packet.ack.raw;
  segment.window = packet.window;
  segment.length = packet.payload_length;
  segment.traffic_class = packet.traffic_class;
  segment.ttl = packet.ttl;
  if (packet.protocol != Protocol::tcp) return segment;
  std::vector<std::uint8_t> header;
  encode_transport(packet, {}, {}, {}, header);
  constexpr std::size_t fixed = 20;
  segment.options = read_options(header.data() + fixed, header.size() - fixed);
  return segment;
}

// Settings whose one value is how the simulator works.
struct Fixed {
  std::string_view name, value;
};
constexpr Fixed fixed_settings[] = {
    {"tcp_ecn", "0"},
    {"tcp_congestion_control", "reno"},
    {"tcp_no_metrics_save", "1"},
    {"tcp_fastopen", "0"},
    {"tcp_mtu_probing", "0"},
    {"tcp_stdurg", "0"},
    {"tcp_thin_linear_timeouts", "0"},
    {"tcp_frto", "0"},
};

// The last of three numbers, as in tcp_rmem.
bool read_three(std::string_view text, std::uint32_t (&out)[3]) {
  std::size_t at = 0;
  for (std::uint32_t& value : out) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
    const auto read = std::from_chars(text.data() + at, text.data() + text.size(), value);
    if (read.ec != std::errc()) return false;
    at = static_cast<std::size_t>(read.ptr - text.data());
  }
  return true;
}

// tcp_select_initial_window: how often 64 KiB must be doubled to reach the largest window.
std::uint8_t scale_for(std::uint32_t largest) {
  std::uint8_t scale = 0;
  while (scale < 14 && (largest >> 16) != 0) {
    largest >>= 1;
    ++scale;
  }
  return scale;
}

bool set_tcp_config(tcp::Config& config, std::string_view name, std::string_view value) {
  std::uint32_t three[3] = {};
  if (name == "tcp_timestamps" && (value == "0" || value == "1")) {
    config.offer_timestamps = value == "1";
  } else if (name == "tcp_window_scaling" && (value == "0" || value == "1")) {
    config.offer_window_scale = value == "1";
  } else if (name == "tcp_sack" && (value == "0" || value == "1")) {
    config.announce_sack = value == "1";
  } else if (name == "tcp_rmem" && read_three(value, three)) {
    config.receive_buffer = three[1];
    config.receive_buffer_max = std::max(three[1], three[2]);
    config.window_scale = scale_for(three[2]);
  } else if (name == "tcp_wmem" && read_three(value, three)) {
    config.send_buffer = three[2];
  } else {
    return false;
  }
  return true;
}

}  // namespace

SimulatedKernel::SimulatedKernel(const Script& script, const Setup& setup, trace::Trace& trace)
    : trace_(trace), setup_(setup) {
  world_ = std::make_unique<world::World>(scenario_of(script, setup), 1, trace);
  world::WorldDriver run = driver();
  run.watch();
  run.pass_until({0});  // the process starts
  stack::System& system = run.context().system;
  system.tcp_config.announce_sack = true;
  local_ = system.addresses.find(setup.local);
  remote_ = system.addresses.find(setup.remote);
  process_ = world_->script().processes[0][0];
}

bool SimulatedKernel::step(Time limit) {
  if (!driver().step(limit)) return false;
  collect();
  retry();
  return true;
}

// What left the kernel since the last time.
void SimulatedKernel::collect() {
  for (const world::Sighting& seen : driver().take_sightings())
    if (seen.leaving && seen.interface == kernel_interface &&
        (seen.packet.protocol == Protocol::tcp || seen.packet.protocol == Protocol::udp))
      sent_.push_back({seen.at, segment_of(seen.packet)});
}

void SimulatedKernel::pass_until(Time instant) {
  while (step(std::min(instant, poll_ends_))) {
  }
  if (poll_ends_ <= instant) {  // a poll() that nothing woke
    driver().pass_until(poll_ends_);
    retry();
    return pass_until(instant);
  }
  driver().pass_until(instant);
}

std::optional<Sent> SimulatedKernel::next_sent(Time limit) {
  while (taken_ == sent_.size()) {
    sent_.clear();
    taken_ = 0;
    if (poll_ends_ <= limit && !step(poll_ends_)) {
      pass_until(poll_ends_);
      continue;
    }
    if (poll_ends_ > limit && !step(limit)) {
      pass_until(limit);
      return std::nullopt;
    }
  }
  return sent_[taken_++];
}

Packet SimulatedKernel::packet_of(const Segment& segment, std::string& left_out) const {
  Packet packet;
  packet.source = remote_;
  packet.destination = local_;
  packet.protocol = segment.protocol;
  packet.source_port = segment.source_port;
  packet.destination_port = segment.destination_port;
  packet.flags = segment.flags;
  packet.seq = {segment.seq};
  packet.ack = {segment.ack};
  packet.window = segment.window;
  packet.payload_length = segment.length;
  packet.traffic_class = segment.traffic_class;
  packet.ttl = segment.ttl;
  for (const TcpOptionSpec& option : segment.options) {
    std::uint8_t bit = 0;
    switch (option.kind) {
      case OptionKind::end:
      case OptionKind::nop:
        continue;
      case OptionKind::mss:
        bit = TcpOption::mss;
        packet.mss = static_cast<std::uint16_t>(option.numbers[0]);
        break;
      case OptionKind::window_scale:
        bit = TcpOption::window_scale;
        packet.window_scale = static_cast<std::uint8_t>(option.numbers[0]);
        break;
      case OptionKind::sack_permitted:
        bit = TcpOption::sack_permitted;
        break;
      case OptionKind::timestamps:
        bit = TcpOption::timestamps;
        packet.ts_value = option.numbers[0];
        packet.ts_echo = option.numbers[1];
        break;
      default:
        left_out += (left_out.empty() ? "" : ", ") + text_of({option});
    }
    packet.options = static_cast<std::uint8_t>(packet.options | bit);
  }
  if (segment.accurate_ecn) left_out += (left_out.empty() ? "" : ", ") + std::string("the flag A");
  return packet;
}

// The script's bytes are the test pattern, one stream for each connection.
void SimulatedKernel::give_stream(Packet& packet) {
  auto flow = std::find_if(flows_.begin(), flows_.end(), [&](const Flow& one) {
    return one.remote_port == packet.source_port && one.local_port == packet.destination_port;
  });
  stack::System& system = driver().context().system;
  if (flow == flows_.end() || packet.has(TcpFlag::syn)) {
    if (flow == flows_.end()) flow = flows_.insert(flows_.end(), {packet.destination_port, packet.source_port, {}, {}});
    flow->stream = {system.streams.size()};
    flow->first = packet.has(TcpFlag::syn) ? packet.seq + 1 : packet.seq;
    stack::Stream stream;
    stream.first_extent = stream.last_extent = system.extents.size();
    stream.length = endless;
    system.streams.push_back(stream);
    system.extents.push_back({0, 0, endless, ContentId{0}, stack::nil});
  }
  if (packet.payload_length == 0) return;
  packet.payload_kind = PayloadKind::stream;
  packet.payload_source = flow->stream.value;
  packet.payload_offset =
      packet.seq.at_or_after(flow->first) ? static_cast<std::uint64_t>(packet.seq - flow->first) : 0;
}

void SimulatedKernel::put_on_wire(const Packet& packet) {
  driver().inject(remote_interface, kernel_interface, packet);
  while (step(now())) {
  }
}

Answer SimulatedKernel::inject(const Segment& segment) {
  std::string left_out;
  Packet packet = packet_of(segment, left_out);
  if (packet.protocol == Protocol::tcp) {
    give_stream(packet);
  } else if (packet.payload_length != 0) {
    packet.payload_kind = PayloadKind::content;
  }
  put_on_wire(packet);
  if (left_out.empty()) return {};
  return {Answer::Kind::done, left_out + " not simulated: the packet goes without"};
}

Answer SimulatedKernel::inject(const IcmpMessage& message) {
  std::string left_out;
  Packet quoted = packet_of(message.about, left_out);
  std::swap(quoted.source, quoted.destination);
  stack::System& system = driver().context().system;
  Packet packet;
  packet.source = remote_;
  packet.destination = local_;
  packet.protocol = setup_.ipv6_wire() ? Protocol::icmpv6 : Protocol::icmp;
  packet.source_port = static_cast<std::uint16_t>((message.type << 8) | message.code);
  packet.seq = {message.mtu};
  packet.payload_kind = PayloadKind::quote;
  packet.payload_source = static_cast<std::uint32_t>(system.quotes.size());
  packet.payload_length = (setup_.ipv6_wire() ? 40 : 20) + 8;
  system.quotes.push_back(quoted);
  put_on_wire(packet);
  return {};
}

Answer SimulatedKernel::set_sysctl(std::string_view name, std::string_view value) {
  for (const std::string_view prefix : {"net.ipv4.", "net.core.", "net.ipv6."})
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  for (const Fixed& fixed : fixed_settings) {
    if (fixed.name != name) continue;
    if (fixed.value == value) return {Answer::Kind::nothing_to_do, "it is so already"};
    return cannot(fmt::format("{} is always {} here", name, fixed.value));
  }
  stack::System& system = driver().context().system;
  if (set_tcp_config(system.tcp_config, name, value)) return {};
  const auto known = world::sysctl_from(name);
  if (!known) return cannot(fmt::format("the setting {} is not simulated", name));
  world::apply_sysctl(system.hosts[kernel_host.value], system.netfilter.hosts[kernel_host.value],
                      world::parse_sysctl(*known, value));
  return {};
}

std::optional<std::int64_t> SimulatedKernel::tcp_info(std::uint16_t local_port, std::uint16_t remote_port,
                                                      std::string_view field) {
  const stack::System& system = world_->system();
  const std::uint32_t found = system.by_tuple.find({FourTuple{local_, remote_, local_port, remote_port}, kernel_host});
  if (found == stack::nil) return std::nullopt;
  const tcp::Connection* connection = connection_of({found});
  if (connection == nullptr) return std::nullopt;
  const tcp::Variables v = tcp::snapshot(*connection);
  // include/net/tcp_states.h, in the order of TcpState's names.
  const auto state = [&]() -> std::int64_t {
    switch (v.state) {
      case TcpState::established:
        return 1;
      case TcpState::syn_sent:
        return 2;
      case TcpState::syn_received:
        return 3;
      case TcpState::fin_wait_1:
        return 4;
      case TcpState::fin_wait_2:
        return 5;
      case TcpState::time_wait:
        return 6;
      case TcpState::close_wait:
        return 8;
      case TcpState::last_ack:
        return 9;
      case TcpState::listen:
        return 10;
      case TcpState::closing:
        return 11;
      default:
        return 7;
    }
  };
  struct Field {
    std::string_view name;
    std::int64_t value;
  };
  const Field fields[] = {
      {"tcpi_state", state()},
      {"tcpi_ca_state", static_cast<std::int64_t>(v.congestion_state)},
      {"tcpi_retransmits", connection->retransmits},
      {"tcpi_backoff", v.backoff},
      {"tcpi_snd_cwnd", v.cwnd},
      {"tcpi_snd_ssthresh", v.ssthresh},
      {"tcpi_rto", std::int64_t{v.rto_ms} * 1000},
      {"tcpi_rtt", v.srtt_us},
      {"tcpi_rttvar", v.rttvar_us},
      {"tcpi_snd_mss", v.mss},
      {"tcpi_advmss", connection->advertised_mss},
      {"tcpi_notsent_bytes", v.unsent},
      {"tcpi_snd_wscale", connection->snd_scale},
      {"tcpi_rcv_wscale", connection->rcv_scale},
      {"tcpi_probes", connection->probes},
  };
  for (const Field& one : fields)
    if (one.name == field) return one.value;
  return std::nullopt;
}

}  // namespace fourtuple::drill
