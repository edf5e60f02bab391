// A trace to filter: anna's browser connects to the server's httpd through NAT, is refused on another port, and loses a
// segment to a rule. And a libpcap that only notes what it is given.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "sim/replay/filter/parse.h"
#include "sim/replay/filter/result.h"
#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::test {

class FilterBench {
 public:
  FilterBench() : indexes_(builder_.trace()) {
    trace::RulesetInfo ruleset;
    ruleset.chains.resize(2);
    ruleset.chains[0].name = "input";
    ruleset.chains[1].name = "forward";
    ruleset.rules.resize(3);
    ruleset.rules[1].number = 1;
    ruleset.rules[2].chain = 1;
    builder_.trace().mutable_tables().rulesets.push_back(ruleset);
    builder_.add(0, 1, trace::RulesetLoaded{0});
    start(0, {0}, "browser", 1204);
    start(1, {1}, "httpd", 812);
    listen();
    connect();
    refuse();
    again();
    indexes_.refresh();
  }

  replay::FilterNames names() const {
    replay::FilterNames names(indexes_.trace());
    names.refresh();
    return names;
  }
  // Texts for libpcap are kept in `asked`; "port N" takes packets with that port, everything else all packets.
  replay::BpfCompiler bpf() {
    return [this](const std::string& text) -> Outcome<replay::BpfProgram> {
      asked.push_back(text);
      if (text.find("bad") != std::string::npos) return fail("syntax error");
      const int port = text.starts_with("port ") ? std::atoi(text.c_str() + 5) : 0;
      return [this, port](PacketId id, std::uint64_t position) {
        const Packet packet = *indexes_.packets().packet_at(id, position);
        return port == 0 || packet.source_port == port || packet.destination_port == port;
      };
    };
  }
  Outcome<replay::FilterExpression> parse(std::string_view text) { return replay::parse_filter(text, names(), bpf()); }
  // Numbers of the packets it takes; {9999} when it cannot be read.
  std::vector<std::uint32_t> packets(std::string_view text) {
    auto parsed = parse(text);
    if (!parsed) return {9999};
    replay::FilterResult result(indexes_, std::move(*parsed));
    result.advance();
    std::vector<std::uint32_t> ids;
    for (const std::uint64_t position : result.positions()) ids.push_back(indexes_.trace().at(position)->subject);
    return ids;
  }
  const replay::Indexes& indexes() const { return indexes_; }
  TraceBuilder& builder() { return builder_; }
  replay::Indexes& growing() { return indexes_; }

  static constexpr std::uint32_t syn = 0, syn_ack = 1, lost = 2, refused = 3, reset = 4, data = 5, data_again = 6;
  std::vector<std::string> asked;

 private:
  void start(std::uint32_t host, ProcessId process, std::string_view name, std::uint32_t pid) {
    builder_.add(0, host, trace::ProcessStarted{process, builder_.text(name), builder_.text("root"), pid, false, 0});
  }
  void open(std::int64_t us, std::uint32_t host, SocketId socket, ProcessId owner, std::uint32_t inode) {
    builder_.add(us, host, trace::SocketCreated{socket, Protocol::tcp, Family::ipv4, 0, inode, {}, owner});
  }
  void state(std::int64_t us, std::uint32_t host, SocketId socket, TcpState from, TcpState to) {
    builder_.add(us, host, trace::SocketStateChanged{socket, from, to, {}});
  }
  FourTuple anna(std::uint16_t port) { return {builder_.address(0), builder_.address(1), port, 80}; }

  void listen() {
    open(0, 1, {0}, {1}, 100);
    builder_.add(0, 1, trace::SocketBound{{0}, builder_.address(1), 80, 0});
    state(0, 1, {0}, TcpState::closed, TcpState::listen);
  }
  void connect() {
    open(10, 0, {1}, {0}, 101);
    builder_.add(10, 0, trace::SocketConnected{{1}, anna(50432)});
    state(10, 0, {1}, TcpState::closed, TcpState::syn_sent);
    builder_.send(10, 0, 1, builder_.tcp(0, 1, 50432, 80, TcpFlag::syn, 100));
    builder_.add(1010, 1, trace::PacketDelivered{{syn}, {0}, trace::MatchQuality::listener_address, 0, {1}});
    open(1010, 1, {2}, {}, 102);
    builder_.add(1010, 1, trace::SocketConnected{{2}, anna(50432).reversed()});
    state(1010, 1, {2}, TcpState::closed, TcpState::syn_received);
    builder_.send(1010, 1, 0, builder_.tcp(1, 0, 80, 50432, TcpFlag::syn | TcpFlag::ack, 900));
    builder_.add(2010, 0, trace::PacketDelivered{{syn_ack}, {1}, trace::MatchQuality::established, 0, {0}});
    state(2010, 0, {1}, TcpState::syn_sent, TcpState::established);
    // A rule drops the acknowledgment.
    builder_.send(2010, 0, 1, builder_.tcp(0, 1, 50432, 80, TcpFlag::ack, 101));
    builder_.add(3010, 1, trace::RuleVerdictReached{{lost}, 0, 1, trace::RuleVerdict::drop});
    builder_.add(3010, 1, trace::PacketDropped{{lost}, trace::DropReason::rule, trace::Stage::input, {}, {}});
  }
  void refuse() {
    builder_.send(4000, 0, 1, builder_.tcp(0, 1, 50433, 3000, TcpFlag::syn, 7));
    builder_.add(5000, 1, trace::PacketDropped{{refused}, trace::DropReason::no_socket, trace::Stage::input, {}, {}});
    builder_.send(5000, 1, 0, builder_.tcp(1, 0, 3000, 50433, TcpFlag::rst | TcpFlag::ack));
  }
  void again() {
    builder_.send(6000, 0, 1, builder_.tcp(0, 1, 50432, 80, TcpFlag::ack, 101, 10));
    builder_.add(6100, 0, trace::PacketRewritten{{data}, builder_.address(0), builder_.address(1), 23817, 80});
    builder_.send(9000, 0, 1, builder_.tcp(0, 1, 50432, 80, TcpFlag::ack, 101, 10));
  }

  TraceBuilder builder_;
  replay::Indexes indexes_;
};

}  // namespace fourtuple::test
