// Takes the steps of tests/data/kernel/sockets/connection_life.json on two simulated hosts and compares what every call
// answered and every TCP packet of both hosts with what Linux did: order, flags, numbers and lengths exactly, times
// with the grain of a loaded machine and of the kernel's timer wheel.
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/stack/packet_path.h"
#include "sim/stack/syscalls.h"
#include "sim/world/builder.h"
#include "sim/world/driver.h"
#include "sim/world/scenario/parse.h"
#include "sim/world/scenario/words.h"

namespace fourtuple::world {
namespace {

using Json = nlohmann::json;
using stack::Result;
using stack::SocketOption;
using state::Errno;

constexpr std::uint16_t service = 8080;
constexpr std::uint32_t crafted_isn = 1000;
constexpr Time start{seconds(10).ns};

const Json& kernel_cases() {
  static const Json file = [] {
    std::ifstream in(std::string(FT_SOURCE_DIR) + "/tests/data/kernel/sockets/connection_life.json");
    return Json::parse(in);
  }();
  return file["cases"];
}

Scenario lab() {
  ParseResult parsed = parse_scenario(
      "fourtuple: 1\n"
      "networks: { wire: { delay: 25 us } }\n"
      "hosts:\n"
      "  client: { interfaces: { e0: { network: wire, address: 10.0.0.1/24 } }, processes: { p: {} } }\n"
      "  server: { interfaces: { e0: { network: wire, address: 10.0.0.2/24 } }, processes: { p: {} } }\n"
      "  crafted: { interfaces: { e0: { network: wire, address: 10.0.0.9/24 } } }\n",
      "lab.yaml");
  EXPECT_TRUE(parsed.ok());
  parsed.scenario.hosts[2].silent = true;
  return parsed.scenario;
}

struct Line {
  double t = 0;
  std::string text;
};
// Packets one host sent in one connection, in order; keyed by the connection's place in order of appearance and host.
using Lines = std::map<std::pair<std::size_t, std::string>, std::vector<Line>>;

std::string line_of(std::string flags, std::uint32_t seq, std::uint32_t ack, std::uint32_t length) {
  std::sort(flags.begin(), flags.end());
  return flags + " " + std::to_string(seq) + ":" + std::to_string(ack) + " l" + std::to_string(length);
}

std::uint32_t number(const Json& value) {
  return value.is_string() ? 0 : value.get<std::uint32_t>();  // "zero"
}

Lines kernel_lines(const Json& test) {
  Lines lines;
  std::map<std::uint16_t, std::size_t> order;
  for (const Json& p : test["packets"]) {
    const std::uint16_t peer = p["from"] == "server" ? p["dport"] : p["sport"];
    const std::size_t flow = order.emplace(peer, order.size()).first->second;
    if (p["from"] == "crafted") continue;
    std::string text = line_of(p["flags"], number(p["seq"]), number(p["ack"]), p["len"]);
    if (p["from"] == "server" && p["flags"] == "SA" && peer < 10'000)
      for (const Json& option : p["opt"])
        if (option != "nop") text += " " + option.get<std::string>();
    lines[{flow, p["from"]}].push_back({p["t"], text});
  }
  return lines;
}

class Replay {
 public:
  explicit Replay(const Json& spec) : test_(spec), trace_(trace::Level::facts), world_(lab(), 1, trace_) {
    stack::System& system = run().context().system;
    for (const char* text : {"10.0.0.77", "192.0.2.1"}) {
      system.addresses.intern(*IpAddress::parse(text));
      trace_.mutable_tables().addresses.intern(*IpAddress::parse(text));
    }
    system.tcp_config.announce_sack = true;
    const Json sysctls = test_.value("sysctl", Json::object());
    for (const auto& [host, settings] : sysctls.items())
      for (const auto& [name, value] : settings.items()) set(host, name, value);
    run().watch();
    run().pass_until(start);
  }

  void perform() {
    for (const Json& step : test_["steps"]) {
      pass_to(step["at"]);
      const std::string answer = call(step);
      run().settle();
      if (step["call"] == "state") continue;  // Linux tells TIME-WAIT of no socket
      const Json& expected = step["result"];
      EXPECT_EQ(answer, expected.is_string() ? expected.get<std::string>() : expected.dump()) << step.dump();
    }
    pass_to(test_["until"]);
  }
  Lines lines() const { return lines_; }

 private:
  struct Held {
    ProcessId process;
    std::int32_t fd = -1;
    SocketId socket;
    FourTuple tuple;
  };

  WorldDriver run() { return {world_, trace_}; }
  HostId host(const std::string& name) const { return {name == "client" ? 0u : name == "server" ? 1u : 2u}; }

  void set(const std::string& where, const std::string& name, std::int64_t value) {
    const auto sysctl = sysctl_from(name.substr(name.rfind('.') + 1));
    ASSERT_TRUE(sysctl) << name;
    stack::System& system = run().context().system;
    const HostId id = host(where);
    apply_sysctl(system.hosts[id.value], system.netfilter.hosts[id.value], {*sysctl, {}, value, 0, {}});
  }

  void pass_to(double seconds_since_start) {
    run().pass_until(start + nanoseconds(static_cast<std::int64_t>(seconds_since_start * 1e9)));
    for (const Sighting& seen : run().take_sightings())
      if (seen.leaving) note_packet(seen);
  }

  void note_packet(const Sighting& seen) {
    const Packet& p = seen.packet;
    if (p.protocol != Protocol::tcp) return;
    const std::string from = run().context().address(p.source).to_string() == "10.0.0.1"   ? "client"
                             : run().context().address(p.source).to_string() == "10.0.0.2" ? "server"
                                                                                           : "crafted";
    const std::uint16_t peer = from == "server" ? p.destination_port : p.source_port;
    const std::size_t flow = order_.emplace(peer, order_.size()).first->second;
    if (p.has(TcpFlag::syn)) isn_.emplace(std::pair(from == "server", peer), p.seq.raw);
    last_[p.source_port] = p;
    if (from == "server" && p.has_option(TcpOption::timestamps)) timestamps_[peer] = p.ts_value;
    if (from == "crafted") return;
    const auto relative = [&](bool server, std::uint32_t raw) {
      const auto found = isn_.find({server, peer});
      return found == isn_.end() || (raw == 0 && p.has(TcpFlag::rst)) ? raw : raw - found->second;
    };
    std::string flags;
    for (const auto& [bit, letter] : {std::pair{TcpFlag::syn, 'S'},
                                      {TcpFlag::fin, 'F'},
                                      {TcpFlag::rst, 'R'},
                                      {TcpFlag::psh, 'P'},
                                      {TcpFlag::ack, 'A'}})
      if (p.has(bit)) flags += letter;
    const std::uint32_t ack = p.has(TcpFlag::ack) ? relative(from != "server", p.ack.raw) : 0;
    std::string text = line_of(flags, relative(from == "server", p.seq.raw), ack, p.payload_length);
    if (from == "server" && p.has(TcpFlag::syn) && peer < 10'000) {
      if (p.has_option(TcpOption::mss)) text += " mss";
      if (p.has_option(TcpOption::sack_permitted)) text += " sackOK";
      if (p.has_option(TcpOption::timestamps)) text += " ts";
      if (p.has_option(TcpOption::window_scale)) text += " wscale";
    }
    lines_[{flow, from}].push_back({static_cast<double>((seen.at - start).ns) / 1e9, text});
  }

  // --- calls ---
  static std::string words(const Result& result, bool counts = false) {
    if (result.error == Errno::ok) return counts ? std::to_string(result.value) : "ok";
    return std::string(name_of(result.error));
  }

  Held& new_socket(const Json& step) {
    stack::Context c = run().context();
    Held held;
    held.process =
        stack::start_process(c, host(step["host"]), {}, {}, 0, 100 + static_cast<std::uint32_t>(held_.size()));
    const Result made = stack::sys_socket(c, held.process, Protocol::tcp, Family::ipv4);
    held.fd = made.value;
    held.socket = made.socket;
    return held_[step["sock"]] = held;
  }
  Held& socket_of(const Json& step) {
    const auto found = held_.find(step["sock"]);
    return found == held_.end() ? new_socket(step) : found->second;
  }

  std::string call(const Json& step) {
    const std::string name = step["call"];
    if (name == "segment") return segment(step);
    if (name == "icmp") return icmp(step);
    if (name == "lose" || name == "stop losing") {
      run().context().host(host(step["host"])).silent = name == "lose";
      return "ok";
    }
    if (name == "sysctl") {
      set(step["host"], step["name"], step["value"]);
      return "ok";
    }
    if (name == "accept") return accept(step);
    const bool fresh = held_.find(step["sock"]) == held_.end();
    return socket_call(name, step, socket_of(step), fresh);
  }

  std::string accept(const Json& step) {
    stack::Context c = run().context();
    const Held listener = held_.at(step["sock"]);
    const Result taken = stack::sys_accept(c, listener.process, listener.fd);
    if (taken.error == Errno::ok) held_[step["as"]] = {listener.process, taken.value, taken.socket, {}};
    return words(taken);
  }

  std::string socket_call(const std::string& name, const Json& step, Held& s, bool fresh) {
    stack::Context c = run().context();
    const std::int32_t value = step.value("value", 0);
    if (name == "socket" || name == "state") return "ok";
    if (name == "listen") {
      if (fresh) stack::sys_bind(c, s.process, s.fd, wildcard_v4, service);
      return words(stack::sys_listen(c, s.process, s.fd, static_cast<std::uint32_t>(step["backlog"].get<int>())));
    }
    if (name == "connect") {
      const AddressId to = c.system.addresses.find(*IpAddress::parse(step.value("to", "10.0.0.2")));
      const Result result = stack::sys_connect(c, s.process, s.fd, {to, service});
      if (c.system.cores.alive(s.socket.value)) s.tuple = c.socket(s.socket).tuple;
      return words(result);
    }
    if (name == "send") return words(stack::sys_send(c, s.process, s.fd, {ContentId{0}, 0, step["len"]}), true);
    if (name == "recv") return receive(s);
    if (name == "shutdown") {
      const std::string how = step["how"];
      const stack::Shut shut = how == "read"    ? stack::Shut::read
                               : how == "write" ? stack::Shut::write
                                                : stack::Shut::both;
      return words(stack::sys_shutdown(c, s.process, s.fd, shut));
    }
    if (name == "close") return words(stack::sys_close(c, s.process, s.fd));
    if (name == "error") return words(stack::sys_get_error(c, s.process, s.fd));
    if (name == "linger") return words(stack::sys_linger(c, s.process, s.fd, static_cast<std::uint32_t>(value)));
    const std::map<std::string, SocketOption> options = {
        {"keepalive", SocketOption::keep_alive},     {"keepidle", SocketOption::keep_idle},
        {"keepintvl", SocketOption::keep_interval},  {"keepcnt", SocketOption::keep_count},
        {"syncnt", SocketOption::syn_count},         {"linger2", SocketOption::fin_timeout},
        {"user_timeout", SocketOption::user_timeout}};
    return words(stack::sys_set_option(c, s.process, s.fd, options.at(name), value));
  }

  std::string receive(const Held& s) {
    stack::Context c = run().context();
    stack::Payload part;
    stack::Peer peer;
    const Result got = stack::sys_receive(c, s.process, s.fd, 65536, part, peer);
    return got.error == Errno::ok ? std::to_string(part.length) : std::string(name_of(got.error));
  }

  // --- packets nobody's kernel sent ---
  void inject(const Packet& packet, HostId to) {
    stack::System& system = run().context().system;
    run().inject(system.hosts[2].interfaces[1], system.hosts[to.value].interfaces[1], packet);
  }

  std::string segment(const Json& step) {
    stack::Context c = run().context();
    Packet p;
    p.protocol = Protocol::tcp;
    p.source = c.system.addresses.find(*IpAddress::parse("10.0.0.9"));
    p.destination = c.system.addresses.find(*IpAddress::parse("10.0.0.2"));
    p.source_port = step["sport"];
    p.destination_port = service;
    p.window = step.value("win", std::uint16_t{1024});
    p.seq = {crafted_isn + step.value("seq", 0u)};
    for (const char flag : step["flags"].get<std::string>())
      p.flags |= flag == 'S' ? TcpFlag::syn : flag == 'A' ? TcpFlag::ack : flag == 'P' ? TcpFlag::psh : TcpFlag::rst;
    const auto isn = isn_.find({true, p.source_port});
    if (step.contains("ack")) p.ack = {(isn == isn_.end() ? 0 : isn->second) + step["ack"].get<std::uint32_t>()};
    for (const Json& option : step.value("opt", Json::array())) add_option(option, p);
    p.payload_length = step.value("len", 0u);
    if (p.payload_length != 0) give_payload(c.system, p);
    inject(p, {1});
    return "ok";
  }

  void add_option(const std::string& option, Packet& p) {
    if (option == "mss") p.options |= TcpOption::mss;
    if (option == "sack") p.options |= TcpOption::sack_permitted;
    if (option == "ws") p.options |= TcpOption::window_scale;
    if (option == "ts") p.options |= TcpOption::timestamps;
    p.mss = 1460;
    p.window_scale = 7;
    p.ts_value = p.has(TcpFlag::syn) ? 7000 : 7100;
    p.ts_echo = p.has(TcpFlag::syn) ? 0 : timestamps_[p.source_port];
  }

  static void give_payload(stack::System& system, Packet& p) {
    p.payload_kind = PayloadKind::stream;
    p.payload_source = system.streams.size();
    stack::Stream stream;
    stream.first_extent = stream.last_extent = system.extents.size();
    stream.length = 1u << 20;
    system.streams.push_back(stream);
    system.extents.push_back({0, 0, 1u << 20, ContentId{0}, stack::nil});
  }

  // About the last segment that left the named socket.
  std::string icmp(const Json& step) {
    pass_to(step["at"]);
    stack::Context c = run().context();
    const Packet& quoted = last_.at(held_.at(step["about"]).tuple.local_port);
    Packet p;
    p.protocol = Protocol::icmp;
    p.source = c.system.addresses.find(*IpAddress::parse("10.0.0.9"));
    p.destination = quoted.source;
    p.source_port = static_cast<std::uint16_t>((step["type"].get<unsigned>() << 8) | step["code"].get<unsigned>());
    p.payload_kind = PayloadKind::quote;
    p.payload_source = static_cast<std::uint32_t>(c.system.quotes.size());
    p.payload_length = 28;
    c.system.quotes.push_back(quoted);
    inject(p, {0});
    return "ok";
  }

  const Json& test_;
  trace::Trace trace_;
  World world_;
  std::map<std::string, Held> held_;
  std::map<std::uint16_t, std::size_t> order_;
  std::map<std::pair<bool, std::uint16_t>, std::uint32_t> isn_;  // (of the server, the other end's port)
  std::map<std::uint16_t, std::uint32_t> timestamps_;
  std::map<std::uint16_t, Packet> last_;  // by source port
  Lines lines_;
};

// A timer comes late by the machine's load and by up to an eighth of its length: the slots of the kernel's wheel.
void compare(const std::vector<Line>& ours, const std::vector<Line>& theirs) {
  for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
    ASSERT_LT(i, ours.size()) << "missing: " << theirs[i].text << " at " << theirs[i].t;
    ASSERT_LT(i, theirs.size()) << "too much: " << ours[i].text << " at " << ours[i].t;
    EXPECT_EQ(ours[i].text, theirs[i].text) << "packet " << i << " at " << theirs[i].t;
    const double waited = i == 0 ? 0 : theirs[i].t - theirs[i - 1].t;
    EXPECT_NEAR(ours[i].t, theirs[i].t, 0.06 + waited / 8 + theirs[i].t / 50) << theirs[i].text;
  }
}

// Which of several requests that time out in one tick go first is the order in a slot of the kernel's wheel. Where that
// decides who is pruned, the answers are compared without their ports.
std::vector<std::string> without_ports(const Lines& lines) {
  std::vector<std::string> flows;
  for (const auto& [key, packets] : lines) {
    std::string text;
    for (const Line& line : packets) text += line.text + ", ";
    flows.push_back(text);
  }
  std::sort(flows.begin(), flows.end());
  return flows;
}

class ConnectionLife : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ConnectionLife, goes_as_in_linux) {
  const Json& test = kernel_cases()[GetParam()];
  Replay replay(test);
  replay.perform();
  const Lines theirs = kernel_lines(test);
  Lines ours = replay.lines();
  const std::string name = test["case"];
  if (name == "flood_backlog_16" || name == "flood_young_and_old") {
    EXPECT_EQ(without_ports(ours), without_ports(theirs));
    return;
  }
  for (const auto& [key, packets] : theirs) {
    SCOPED_TRACE("connection " + std::to_string(key.first) + ", " + key.second);
    compare(ours[key], packets);
  }
  for (const auto& [key, packets] : ours)
    EXPECT_TRUE(theirs.contains(key)) << "connection " << key.first << ", " << key.second << ": " << packets[0].text;
}

std::string case_name(const ::testing::TestParamInfo<std::size_t>& instance) {
  return kernel_cases()[instance.param]["case"].get<std::string>();
}
INSTANTIATE_TEST_SUITE_P(Kernel, ConnectionLife, ::testing::Range<std::size_t>(0, kernel_cases().size()), case_name);

}  // namespace
}  // namespace fourtuple::world
