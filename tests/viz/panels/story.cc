#include "tests/viz/panels/story.h"

#include <cstring>

#include "tests/viz/panels/trace_writer.h"

namespace fourtuple::viz::test {
namespace {

using trace::MatchQuality;
using trace::Mismatch;
using trace::Stage;

constexpr std::uint8_t tcp_bound = state::SocketFlag::bound;

class Writer : TraceWriter {
 public:
  Writer(Story& story, const StoryOptions& options) : TraceWriter(story.trace), story_(story), options_(options) {}

  void write() {
    tables();
    processes();
    connection();
    refusals();
    trace_.publish();
    trace_.set_end_time(Time{} + milliseconds(1400));
  }

 private:
  void tables() {
    auto& tables = trace_.mutable_tables();
    tables.source = options_.source;
    tables.title = "Two laptops behind one router";
    tables.contents.resize(1);
    story_.alice = host("alice", trace::HostKind::computer, false, options_.inferred);
    story_.bob = host("bob", trace::HostKind::computer, false, options_.inferred);
    story_.router = host("home router", trace::HostKind::router, true, options_.inferred);
    story_.server = host("web server", trace::HostKind::server, false, options_.inferred);
    alice_if_ = interface(story_.alice, "eth0", "203.0.113.7/24");
    bob_if_ = interface(story_.bob, "eth0", "203.0.113.8/24");
    lan_ = interface(story_.router, "lan0", "203.0.113.1/24");
    wan_ = interface(story_.router, "wan0", "198.51.100.1/24");
    server_if_ = interface(story_.server, "eth0", "198.51.100.80/24");
    alice_ = address("203.0.113.7");
    bob_ = address("203.0.113.8");
    server_ = address("198.51.100.80");
    other_ = address("192.0.2.90");
  }

  std::uint8_t guess() const { return options_.inferred ? state::SocketFlag::inferred : std::uint8_t{0}; }

  SocketId listen(HostId host, ProcessId owner, std::int32_t fd, AddressId local, std::uint16_t port) {
    const SocketId id = open(host, owner, fd, Protocol::tcp, guess());
    const auto flags = static_cast<std::uint8_t>(tcp_bound | guess());
    note(host, trace::SocketBound{id, local, port, flags});
    note(host, trace::SocketStateChanged{id, TcpState::closed, TcpState::listen, {}});
    note(host, trace::SocketListening{id, 511});
    return id;
  }

  void processes() {
    story_.caddy = process(story_.server, "caddy", 811, options_.inferred);
    const ProcessId node = process(story_.server, "node", 902, options_.inferred),
                    sshd = process(story_.server, "sshd", 640, options_.inferred);
    const ProcessId cron = process(story_.server, "cron", 655, options_.inferred);
    (void)cron;
    any443_ = listen(story_.server, story_.caddy, 7, wildcard_v4, 443);
    any80_ = listen(story_.server, story_.caddy, 8, wildcard_v4, 80);
    ssh_ = listen(story_.server, sshd, 3, server_, 22);
    node_ = listen(story_.server, node, 19, loopback_v4, 3000);
    idle_ = connect(story_.server, story_.caddy, 14, {server_, other_, 443, 50432}, TcpState::established, guess());
    bobs_ = connect(story_.server, story_.caddy, 13, {server_, alice_, 443, 23817}, TcpState::established, guess());
    const SocketId udp = open(story_.server, story_.caddy, 10, Protocol::udp, guess());
    note(story_.server, trace::SocketBound{udp, wildcard_v4, 443, tcp_bound});
    udp_ = udp;
    browser_ = process(story_.alice, "firefox", 1204, options_.inferred);
    mumble_ = process(story_.bob, "mumble", 771, options_.inferred);
  }

  Packet tcp(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack, std::uint32_t length, bool reply = false) {
    Packet packet;
    packet.source = reply ? server_ : alice_;
    packet.destination = reply ? alice_ : server_;
    packet.source_port = reply ? 443 : 50432;
    packet.destination_port = reply ? 50432 : 443;
    packet.protocol = Protocol::tcp;
    packet.flags = flags;
    packet.seq = {seq};
    packet.ack = {ack};
    packet.window = 64240;
    packet.payload_length = length;
    if (length > 0) {
      packet.payload_kind = PayloadKind::content;
      packet.payload_source = 0;
    }
    if ((flags & TcpFlag::syn) != 0) {
      packet.options = TcpOption::mss | TcpOption::sack_permitted | TcpOption::timestamps | TcpOption::window_scale;
      packet.mss = 1460;
      packet.window_scale = 7;
    }
    return packet;
  }

  // From a laptop through the router to the server's input stage.
  PacketId to_server(HostId from, InterfaceId out, const Packet& header) {
    const PacketId packet = create(from, header);
    stages(from, packet,
           {Stage::transport_output, Stage::routing_output, Stage::output, Stage::postrouting, Stage::interface_out},
           out);
    hop(packet, from, out, lan_, 64, microseconds(340));
    stages(story_.router, packet, {Stage::interface_in, Stage::prerouting}, lan_);
    stages(story_.router, packet, {Stage::routing, Stage::forward, Stage::postrouting, Stage::interface_out}, wan_);
    hop(packet, story_.router, wan_, server_if_, 63, microseconds(8018));
    stages(story_.server, packet,
           {Stage::interface_in, Stage::prerouting, Stage::routing, Stage::input, Stage::transport_lookup}, server_if_);
    return packet;
  }

  void from_server(PacketId packet, InterfaceId back, bool lost = false) {
    hop(packet, story_.server, server_if_, wan_, 64, microseconds(8018));
    if (lost) {
      note(HostId::none(), trace::PacketDropped{packet, trace::DropReason::link_loss, Stage::interface_out, {}, {}});
      return;
    }
    hop(packet, story_.router, lan_, back, 63, microseconds(340));
  }

  void tried(PacketId packet, SocketId socket, MatchQuality quality, Mismatch mismatch) {
    note(story_.server, trace::LookupTried{packet, socket, quality, mismatch});
  }

  void variables(HostId host, SocketId socket, std::uint32_t una, std::uint32_t nxt, std::uint32_t cwnd) {
    state::TcpVariables values;
    values.iss = {1000};
    values.irs = {5000};
    values.snd_una = {1000 + una};
    values.snd_nxt = {1000 + nxt};
    values.rcv_nxt = {5215};
    values.snd_wnd = 64240;
    values.rcv_wnd = 65160;
    values.cwnd = cwnd;
    values.ssthresh = 0x7fffffff;
    values.srtt_us = 16872;
    values.rttvar_us = 8436;
    values.rto_ms = 216;
    values.mss = 1448;
    values.timer = 1;
    trace::TcpVariablesChanged event;
    event.socket = socket;
    std::memcpy(event.image, &values, sizeof values);
    note(host, event);
  }

  void deliver_data(PacketId packet, std::uint32_t queued) {
    tried(packet, idle_, MatchQuality::established, Mismatch::remote_address);
    tried(packet, bobs_, MatchQuality::established, Mismatch::remote_port);
    tried(packet, story_.connection, MatchQuality::established, Mismatch::none);
    note(story_.server, trace::StageEntered{packet, Stage::socket_queue, {}});
    note(story_.server,
         trace::PacketDelivered{packet, story_.connection, MatchQuality::established, queued, story_.caddy});
    note(story_.server, trace::SocketQueues{story_.connection, queued, 0});
  }

  void connection() {
    now_ = Time{} + milliseconds(240);
    story_.client = connect(story_.alice, browser_, 34, {alice_, server_, 50432, 443}, TcpState::syn_sent, guess());
    story_.alice_syn = to_server(story_.alice, alice_if_, tcp(TcpFlag::syn, 5000, 0, 0));
    tried(story_.alice_syn, idle_, MatchQuality::established, Mismatch::remote_address);
    tried(story_.alice_syn, bobs_, MatchQuality::established, Mismatch::remote_port);
    tried(story_.alice_syn, ssh_, MatchQuality::listener_address, Mismatch::local_port);
    tried(story_.alice_syn, node_, MatchQuality::listener_address, Mismatch::local_port);
    tried(story_.alice_syn, any443_, MatchQuality::listener_wildcard, Mismatch::none);
    note(story_.server, trace::StageEntered{story_.alice_syn, Stage::socket_queue, {}});
    note(story_.server,
         trace::PacketDelivered{story_.alice_syn, any443_, MatchQuality::listener_wildcard, 0, story_.caddy});
    story_.connection =
        connect(story_.server, story_.caddy, 12, {server_, alice_, 443, 50432}, TcpState::syn_received, guess());
    const PacketId syn_ack = create(story_.server, tcp(TcpFlag::syn | TcpFlag::ack, 1000, 5001, 0, true));
    from_server(syn_ack, alice_if_);
    note(story_.alice, trace::PacketDelivered{syn_ack, story_.client, MatchQuality::established, 0, browser_});
    note(story_.alice, trace::SocketStateChanged{story_.client, TcpState::syn_sent, TcpState::established, syn_ack});
    const PacketId ack = to_server(story_.alice, alice_if_, tcp(TcpFlag::ack, 5001, 1001, 0));
    deliver_data(ack, 0);
    note(story_.server,
         trace::SocketStateChanged{story_.connection, TcpState::syn_received, TcpState::established, ack});
    now_ = now_ + milliseconds(30);
    story_.alice_data = to_server(story_.alice, alice_if_, tcp(TcpFlag::psh | TcpFlag::ack, 5001, 1001, 214));
    deliver_data(story_.alice_data, 214);
    variables(story_.server, story_.connection, 1, 1, 10);
    transfer();
  }

  void transfer() {
    for (std::uint32_t i = 0; i < 6; ++i) {
      now_ = now_ + milliseconds(i == 3 ? 40 : 3);
      const std::uint32_t offset = 1 + i * 1448;
      const PacketId data = create(story_.server, tcp(TcpFlag::ack, 1000 + offset, 5215, 1448, true));
      variables(story_.server, story_.connection, offset, offset + 1448, 10 + i);
      if (i == 4) story_.lost_data = data;
      const Time sent = now_;
      from_server(data, alice_if_, i == 4);
      if (i != 4) {
        note(story_.alice, trace::PacketDelivered{data, story_.client, MatchQuality::established, 0, browser_});
        const PacketId ack = to_server(story_.alice, alice_if_,
                                       tcp(TcpFlag::ack, 5215, 1000 + (i == 5 ? 1 + 4 * 1448 : offset + 1448), 0));
        deliver_data(ack, 0);
      }
      now_ = std::max(now_, sent + milliseconds(9));
    }
    now_ = now_ + milliseconds(180);
    story_.resent_data = create(story_.server, tcp(TcpFlag::ack, 1000 + 1 + 4 * 1448, 5215, 1448, true));
    variables(story_.server, story_.connection, 1 + 4 * 1448, 1 + 6 * 1448, 5);
    from_server(story_.resent_data, alice_if_);
    note(story_.alice,
         trace::PacketDelivered{story_.resent_data, story_.client, MatchQuality::established, 0, browser_});
  }

  void refusals() {
    now_ = Time{} + milliseconds(1071);
    Packet syn = tcp(TcpFlag::syn, 1640225177, 0, 0);
    syn.source = bob_;
    syn.source_port = 50440;
    syn.destination_port = 3000;
    story_.bob_syn = to_server(story_.bob, bob_if_, syn);
    tried(story_.bob_syn, ssh_, MatchQuality::listener_address, Mismatch::local_port);
    tried(story_.bob_syn, node_, MatchQuality::listener_address, Mismatch::local_address);
    tried(story_.bob_syn, any443_, MatchQuality::listener_wildcard, Mismatch::local_port);
    tried(story_.bob_syn, any80_, MatchQuality::listener_wildcard, Mismatch::local_port);
    Packet reset = tcp(TcpFlag::rst | TcpFlag::ack, 0, 1640225178, 0, true);
    reset.destination = bob_;
    reset.source_port = 3000;
    reset.destination_port = 50440;
    reset.window = 0;
    story_.reset = create(story_.server, reset);
    note(story_.server,
         trace::PacketDropped{story_.bob_syn, trace::DropReason::no_socket, Stage::transport_lookup, {}, {}});
    from_server(story_.reset, bob_if_);
    note(story_.bob, trace::PacketDelivered{story_.reset, {}, MatchQuality::established, 0, {}});

    now_ = Time{} + milliseconds(1204);
    Packet datagram;
    datagram.source = bob_;
    datagram.destination = server_;
    datagram.source_port = 38112;
    datagram.destination_port = 64738;
    datagram.protocol = Protocol::udp;
    datagram.payload_length = 32;
    datagram.payload_kind = PayloadKind::content;
    datagram.payload_source = 0;
    story_.datagram = to_server(story_.bob, bob_if_, datagram);
    tried(story_.datagram, udp_, MatchQuality::listener_wildcard, Mismatch::local_port);
    Packet error;
    error.source = server_;
    error.destination = bob_;
    error.protocol = Protocol::icmp;
    error.source_port = 3 << 8 | 3;
    error.payload_kind = PayloadKind::quote;
    error.payload_length = 60;
    story_.unreachable = create(story_.server, error);
    note(story_.server, trace::PacketQuoted{story_.unreachable, story_.datagram, 0});
    note(story_.server,
         trace::PacketDropped{story_.datagram, trace::DropReason::no_socket, Stage::transport_lookup, {}, {}});
    from_server(story_.unreachable, bob_if_);
  }

  Story& story_;
  StoryOptions options_;
  InterfaceId alice_if_, bob_if_, lan_, wan_, server_if_;
  AddressId alice_, bob_, server_, other_;
  SocketId any443_, any80_, ssh_, node_, idle_, bobs_, udp_;
  ProcessId browser_, mumble_;
};

}  // namespace

std::unique_ptr<Story> make_story(const StoryOptions& options) {
  auto story = std::make_unique<Story>();
  story->trace = trace::Trace(options.level);
  Writer(*story, options).write();
  return story;
}

}  // namespace fourtuple::viz::test
