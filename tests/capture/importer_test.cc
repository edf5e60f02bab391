#include "capture/importer.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/capture_bytes.h"
#include "sim/state/apply.h"
#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr std::uint8_t syn = TcpFlag::syn, ack = TcpFlag::ack, fin = TcpFlag::fin, rst = TcpFlag::rst;

class ImporterTest : public ::testing::Test {
 protected:
  void add(std::uint32_t us, const Packet& packet, bool from_client, const Buffer& payload = {}) {
    const char* client = "10.0.0.1";
    const char* server = "10.0.0.2";
    file.add(100 + us / 1'000'000, us % 1'000'000,
             ip_bytes(packet, from_client ? client : server, from_client ? server : client, payload));
  }
  const ImportedCapture& import() {
    auto imported = import_capture(write_file(folder / "test.pcap", file.bytes));
    EXPECT_TRUE(imported.has_value());
    capture = std::make_unique<ImportedCapture>(std::move(*imported));
    return *capture;
  }
  // All records applied; every one must be acceptable.
  state::State fold() {
    state::State state;
    state.hosts.resize(capture->trace.tables().topology.hosts.size());
    const trace::Trace& trace = capture->trace;
    Time last{0};
    for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
      EXPECT_TRUE(state::apply_record(state, trace.at(at))) << "record " << at;
      EXPECT_GE(trace.at(at)->at, last) << "record " << at;
      last = trace.at(at)->at;
    }
    EXPECT_LE(last, trace.end_time());
    return state;
  }
  std::vector<std::string> sockets() {
    const state::State state = fold();
    std::vector<std::string> lines;
    for (std::uint32_t i = 0; i < state.sockets.end(); ++i) {
      if (!state.sockets.alive(i)) continue;
      const state::Socket& socket = state.sockets[i];
      EXPECT_TRUE(socket.has(state::SocketFlag::inferred));
      lines.push_back(std::string(ss_name_of(socket.tcp_state)) + " " + std::to_string(socket.tuple.local_port) + " " +
                      std::to_string(socket.tuple.remote_port));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  void handshake() {
    add(0, tcp_packet(5000, 80, syn, 10, 0), true);
    add(10, tcp_packet(80, 5000, syn | ack, 90, 11), false);
    add(20, tcp_packet(5000, 80, ack, 11, 91), true);
  }

  TemporaryFolder folder;
  PcapFile file;
  std::unique_ptr<ImportedCapture> capture;
};

using Lines = std::vector<std::string>;

TEST_F(ImporterTest, makes_a_host_of_every_address_and_flags_it_inferred) {
  handshake();
  const auto& topology = import().trace.tables().topology;
  ASSERT_EQ(topology.hosts.size(), 2u);
  for (const trace::HostInfo& host : topology.hosts) {
    EXPECT_EQ(host.kind, trace::HostKind::observed);
    EXPECT_TRUE(host.inferred);
  }
  ASSERT_EQ(topology.networks.size(), 1u);
  EXPECT_EQ(topology.networks[0].kind, trace::NetworkKind::observed);
  EXPECT_EQ(capture->trace.tables().epoch_ns, 100'000'000'000);
}

TEST_F(ImporterTest, takes_all_loopback_addresses_for_one_host) {
  file.add(1, 0, ip_bytes(udp_packet(1, 2), "127.0.0.1", "127.0.0.53"));
  file.add(1, 0, ip_bytes(udp_packet(1, 2), "::1", "::1"));
  const auto& topology = import().trace.tables().topology;
  ASSERT_EQ(topology.hosts.size(), 1u);
  EXPECT_TRUE(topology.interfaces[0].loopback);
}

TEST_F(ImporterTest, gives_multicast_no_host) {
  file.add(1, 0, ip_bytes(udp_packet(5353, 5353), "10.0.0.1", "224.0.0.251"));
  EXPECT_EQ(import().trace.tables().topology.hosts.size(), 1u);
  fold();
}

TEST_F(ImporterTest, infers_a_listener_and_both_ends_from_a_handshake) {
  handshake();
  import();
  EXPECT_EQ(sockets(), (Lines{"ESTAB 5000 80", "ESTAB 80 5000", "LISTEN 80 0"}));
}

TEST_F(ImporterTest, guesses_the_program_of_a_well_known_port_and_flags_it) {
  handshake();
  import();
  const state::State state = fold();
  ASSERT_EQ(state.processes.live(), 1u);
  EXPECT_TRUE(state.processes[0].guessed);
  EXPECT_EQ(capture->trace.tables().strings[state.processes[0].name], "http");
}

TEST_F(ImporterTest, leaves_the_first_closer_in_time_wait_for_a_minute) {
  handshake();
  add(30, tcp_packet(5000, 80, fin | ack, 11, 91), true);
  import();
  EXPECT_EQ(sockets(), (Lines{"CLOSE-WAIT 80 5000", "FIN-WAIT-1 5000 80", "LISTEN 80 0"}));
  add(40, tcp_packet(80, 5000, ack, 91, 12), false);
  import();
  EXPECT_EQ(sockets(), (Lines{"CLOSE-WAIT 80 5000", "FIN-WAIT-2 5000 80", "LISTEN 80 0"}));
  add(50, tcp_packet(80, 5000, fin | ack, 91, 12), false);
  add(60, tcp_packet(5000, 80, ack, 12, 92), true);
  import();
  EXPECT_EQ(sockets(), (Lines{"LISTEN 80 0", "TIME-WAIT 5000 80"}));
  add(60'000'070, udp_packet(1, 2), true);
  import();
  EXPECT_EQ(sockets(), (Lines{"LISTEN 80 0", "UNCONN 1 0"}));
}

TEST_F(ImporterTest, closes_both_ends_at_a_reset_and_does_not_reopen_them) {
  handshake();
  add(30, tcp_packet(80, 5000, rst, 91, 0), false);
  add(40, tcp_packet(5000, 80, ack, 11, 91), true);
  import();
  EXPECT_EQ(sockets(), (Lines{"LISTEN 80 0"}));
}

TEST_F(ImporterTest, takes_a_conversation_that_began_earlier_for_established) {
  add(0, tcp_packet(80, 5000, ack, 5, 6), false, {'x'});
  import();
  EXPECT_EQ(sockets(), (Lines{"ESTAB 5000 80", "ESTAB 80 5000"}));
}

TEST_F(ImporterTest, proves_no_socket_for_a_syn_without_an_answer) {
  add(0, tcp_packet(5000, 80, syn, 5, 0), true);
  import();
  EXPECT_EQ(sockets(), (Lines{"SYN-SENT 5000 80"}));
}

TEST_F(ImporterTest, ties_an_icmp_error_to_the_packet_it_quotes) {
  Packet query = udp_packet(4000, 9);
  query.ip_id = 7;
  add(0, query, true);
  query.ip_id = 8;
  add(10, query, true);
  Packet error;
  error.protocol = Protocol::icmp;
  error.source_port = 3 << 8 | 3;
  add(20, error, false, ip_bytes(query, "10.0.0.1", "10.0.0.2"));
  const ImportedCapture& imported = import();
  EXPECT_EQ(imported.frames[2].kind, FrameKind::icmp_error);
  EXPECT_EQ(imported.frames[2].flow, 0u);
  EXPECT_EQ(imported.flows.flows()[0].packets[0], 2u);
  EXPECT_EQ(imported.flows.flows()[0].icmp_errors, 1u);
  PacketId original;
  const trace::Trace& trace = imported.trace;
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at))
    if (trace.at(at)->kind == trace::Kind::packet_quoted) original = trace::unpack_packet_quoted(trace.at(at)).original;
  EXPECT_EQ(original.value, 1u);
}

TEST_F(ImporterTest, never_lets_time_run_backward) {
  add(500, udp_packet(1, 2), true);
  add(100, udp_packet(1, 2), true);
  add(600, udp_packet(1, 2), true);
  import();
  fold();
  EXPECT_EQ(capture->report.times_held, 1u);
  EXPECT_EQ(capture->report.time_went_backwards, 1u);
  EXPECT_EQ(capture->trace.end_time().ns, 100'000);
  EXPECT_THAT(capture->trace.tables().notes, Contains(HasSubstr("clock ran backwards")));
}

TEST_F(ImporterTest, does_not_follow_a_date_in_the_far_future) {
  add(0, udp_packet(1, 2), true);
  file.add(0xfffffff0, 0, ip_bytes(udp_packet(1, 2), "10.0.0.1", "10.0.0.2"));
  add(1000, udp_packet(1, 2), true);
  import();
  fold();
  EXPECT_EQ(capture->report.times_cut, 1u);
  EXPECT_EQ(capture->trace.end_time().ns, 1'000'000);
}

TEST_F(ImporterTest, gives_the_bytes_of_a_frame_again) {
  handshake();
  add(30, tcp_packet(5000, 80, ack, 11, 91), true, {'G', 'E', 'T'});
  import();
  CaptureBytes bytes(*capture);
  const Buffer frame = bytes.frame({3});
  EXPECT_EQ(Buffer(frame.end() - 3, frame.end()), (Buffer{'G', 'E', 'T'}));
  EXPECT_TRUE(bytes.frame({99}).empty());
  const Packet packet = packets_of(capture->trace)[3];
  EXPECT_EQ(packet.payload_kind, PayloadKind::capture);
  EXPECT_EQ(file.bytes[packet.payload_offset], 'G');
}

TEST_F(ImporterTest, counts_conversations_inside_a_tunnel) {
  Buffer inner = ip_bytes(udp_packet(53, 5353), "192.0.2.1", "192.0.2.2", {1, 2});
  Packet outer = udp_packet(0, 0);
  Buffer bytes;
  encode_ip(outer, *IpAddress::parse("10.0.0.1"), *IpAddress::parse("10.0.0.2"), inner, bytes);
  bytes[9] = 4;
  file.add(1, 0, bytes);
  const ImportedCapture& imported = import();
  ASSERT_EQ(imported.flows.flows().size(), 1u);
  EXPECT_EQ(imported.flows.flows()[0].depth, 2);
  EXPECT_EQ(imported.report.tunnelled, 1u);
}

TEST_F(ImporterTest, accepts_a_capture_without_packets) {
  EXPECT_EQ(import().report.packets, 0u);
  EXPECT_TRUE(capture->report.end.clean());
  fold();
}

TEST_F(ImporterTest, makes_traces_that_fold_from_every_committed_capture) {
  for (const auto& entry : fs::directory_iterator(fs::path(FT_SOURCE_DIR) / "tests/captures")) {
    if (!entry.is_regular_file() || entry.path().extension().string().rfind(".pcap", 0) != 0) continue;
    SCOPED_TRACE(entry.path().filename());
    auto imported = import_capture(entry.path());
    ASSERT_TRUE(imported.has_value());
    capture = std::make_unique<ImportedCapture>(std::move(*imported));
    fold();
  }
}

}  // namespace
}  // namespace fourtuple::capture
