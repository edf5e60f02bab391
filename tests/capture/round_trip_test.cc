// trace to capture files and back: the import agrees with the trace on everything one interface can see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/capture_bytes.h"
#include "capture/export.h"
#include "capture/importer.h"
#include "tests/capture/builders.h"

namespace fourtuple::capture {
namespace {

using namespace test;
namespace fs = std::filesystem;

// What of a packet can be seen, as text, so that a difference reads well.
std::string visible(const AddressTable& addresses, const Packet& p) {
  std::string text = addresses[p.source].to_string() + " " + std::to_string(p.source_port) + " > " +
                     addresses[p.destination].to_string() + " " + std::to_string(p.destination_port);
  for (const std::uint32_t value :
       {std::uint32_t{static_cast<std::uint8_t>(p.protocol)}, std::uint32_t{p.ttl}, std::uint32_t{p.flags},
        std::uint32_t{p.options}, std::uint32_t{p.window}, std::uint32_t{p.ip_id}, p.payload_length, p.seq.raw,
        p.ack.raw, p.ts_value, p.ts_echo, std::uint32_t{p.mss}, std::uint32_t{p.window_scale},
        std::uint32_t{p.fragment_flags}, std::uint32_t{p.traffic_class}, std::uint32_t{p.fragment_offset}})
    text += " " + std::to_string(value);
  return text;
}

std::vector<std::string> visible_packets(const trace::Trace& trace) {
  std::vector<std::string> lines;
  for (const Packet& packet : packets_of(trace)) lines.push_back(visible(trace.tables().addresses, packet));
  return lines;
}

struct Exported {
  explicit Exported(trace::Trace& trace) {
    trace.publish();
    auto result = export_run(trace, folder.string());
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().to_string());
    files = std::move(*result);
  }
  ImportedCapture import(const std::string& name) {
    auto imported = import_capture(folder / name);
    EXPECT_TRUE(imported.has_value()) << (imported ? "" : imported.error().to_string());
    return std::move(*imported);
  }

  TemporaryFolder folder;
  std::vector<ExportedFile> files;
};

Packet with_content(Packet packet, std::uint32_t length) {
  packet.payload_kind = PayloadKind::content;
  packet.payload_source = 0;
  packet.payload_length = length;
  return packet;
}

TEST(RoundTrip, shows_a_connection_at_both_ends_with_the_times_of_each) {
  TwoHosts net;
  Packet syn = tcp_packet(5000, 80, TcpFlag::syn, 10, 0);
  syn.options = TcpOption::mss | TcpOption::sack_permitted | TcpOption::timestamps | TcpOption::window_scale;
  syn.mss = 1460;
  syn.window_scale = 7;
  syn.ts_value = 99;
  net.send({0}, syn, true);
  net.send({10'000'000}, tcp_packet(80, 5000, TcpFlag::syn | TcpFlag::ack, 90, 11), false);
  net.send({20'000'000}, with_content(tcp_packet(5000, 80, TcpFlag::ack, 11, 91), 30), true);
  Exported exported(net.trace);
  ASSERT_EQ(exported.files.size(), 2u);
  const ImportedCapture client = exported.import("client-eth0.pcapng"), server = exported.import("server-eth0.pcapng");
  EXPECT_EQ(visible_packets(client.trace), visible_packets(net.trace));
  EXPECT_EQ(visible_packets(server.trace), visible_packets(net.trace));
  EXPECT_EQ(client.frames[1].time_ns - default_epoch_ns, 20'000'000);
  EXPECT_EQ(server.frames[1].time_ns - default_epoch_ns, 10'000'000);
  EXPECT_EQ(client.interfaces[0].name, "eth0");
  EXPECT_EQ(client.report.tcp_checksums.bad, 0u);
  EXPECT_EQ(client.report.tcp_checksums.good, 3u);
  EXPECT_EQ(client.report.ip_checksums.good, 3u);
}

TEST(RoundTrip, carries_the_bytes_a_stream_was_written_with) {
  TwoHosts net;
  net.trace.mutable_tables().contents.push_back({"hello world"});
  net.trace.append({0}, net.client, trace::StreamWritten{{0}, {0}, 0, {1}, 6, 5});
  net.trace.append({0}, net.client, trace::StreamWritten{{0}, {0}, 5, {1}, 0, 11});
  Packet packet = tcp_packet(5000, 80, TcpFlag::ack, 1, 1);
  packet.payload_kind = PayloadKind::stream;
  packet.payload_source = 0;
  packet.payload_offset = 2;
  packet.payload_length = 10;
  net.send({0}, packet, true);
  Exported exported(net.trace);
  const ImportedCapture capture = exported.import("client-eth0.pcapng");
  CaptureBytes bytes(capture);
  const Buffer frame = bytes.frame({0});
  EXPECT_EQ(std::string(frame.end() - 10, frame.end()), "rldhello w");
}

TEST(RoundTrip, leaves_out_at_the_receiver_what_was_lost_on_the_way) {
  TwoHosts net;
  for (int i = 0; i < 3; ++i) {
    const PacketId id = net.send({i * 1000}, udp_packet(1, 2), true);
    if (i == 1)
      net.trace.append(
          {i * 1000}, net.client,
          trace::PacketDropped{id, trace::DropReason::link_loss, trace::Stage::interface_out, net.link, {}});
  }
  Exported exported(net.trace);
  EXPECT_EQ(exported.import("client-eth0.pcapng").report.packets, 3u);
  EXPECT_EQ(exported.import("server-eth0.pcapng").report.packets, 2u);
}

TEST(RoundTrip, quotes_the_original_with_the_ttl_it_died_with) {
  TwoHosts net;
  Packet query = with_content(udp_packet(4000, 9), 100);
  query.ip_id = 5;
  const PacketId original = net.send({0}, query, true);
  Packet error;
  error.protocol = Protocol::icmp;
  error.source_port = 3 << 8 | 3;
  error.payload_kind = PayloadKind::quote;
  error.payload_length = 128;
  net.trace.append({10}, net.server, trace::PacketQuoted{{net.next_packet}, original, 0});
  net.send({10}, error, false);
  Exported exported(net.trace);
  const ImportedCapture capture = exported.import("client-eth0.pcapng");
  EXPECT_EQ(visible_packets(capture.trace), visible_packets(net.trace));
  EXPECT_EQ(capture.flows.flows()[0].icmp_errors, 1u);
  CaptureBytes bytes(capture);
  const Buffer query_frame = bytes.frame({0}), error_frame = bytes.frame({1});
  EXPECT_EQ(Buffer(error_frame.begin() + 14 + 28, error_frame.end()),
            Buffer(query_frame.begin() + 14, query_frame.end()));
}

TEST(RoundTrip, cuts_fragments_from_one_datagram) {
  TwoHosts net;
  Packet part = with_content(udp_packet(7, 8), 0);
  part.ip_id = 77;
  part.fragment_flags = FragmentFlag::is_fragment | FragmentFlag::more_fragments;
  part.payload_length = 64;
  net.send({0}, part, true);
  part.fragment_flags = FragmentFlag::is_fragment;
  part.fragment_offset = 8;
  part.payload_offset = 56;
  part.payload_length = 20;
  net.send({1}, part, true);
  Exported exported(net.trace);
  const ImportedCapture capture = exported.import("server-eth0.pcapng");
  CaptureBytes bytes(capture);
  const Buffer first = bytes.frame({0}), second = bytes.frame({1});
  Buffer datagram(first.begin() + 34, first.end());
  datagram.insert(datagram.end(), second.begin() + 34, second.end());
  ASSERT_EQ(datagram.size(), 84u);
  EXPECT_EQ(load16(datagram.data() + 4), 84) << "UDP length of the whole";
  EXPECT_EQ(datagram[8], 'a');
  EXPECT_EQ(datagram[64], 'a' + 56 % 26);
  EXPECT_EQ(capture.report.fragments_other, 1u);
}

TEST(RoundTrip, shows_a_packet_on_lo_once_with_zero_mac_addresses) {
  TwoHosts net;
  Packet packet = udp_packet(1, 2);
  packet.id = {0};
  packet.source = packet.destination = net.client_address;
  net.trace.append({0}, net.client, trace::PacketCreated{packet});
  net.trace.append({0}, net.client, trace::PacketSent{{0}, net.client_lo, net.client_lo, 64, Duration{0}});
  Exported exported(net.trace);
  const ImportedCapture capture = exported.import("client-lo.pcapng");
  ASSERT_EQ(capture.report.packets, 1u);
  CaptureBytes bytes(capture);
  const Buffer frame = bytes.frame({0});
  EXPECT_EQ(Buffer(frame.begin(), frame.begin() + 12), Buffer(12, 0));
}

TEST(RoundTrip, keeps_every_committed_capture_the_same_but_for_its_payload) {
  for (const auto& entry : fs::directory_iterator(fs::path(FT_SOURCE_DIR) / "tests/captures")) {
    if (!entry.is_regular_file() || entry.path().extension().string().rfind(".pcap", 0) != 0) continue;
    SCOPED_TRACE(entry.path().filename());
    auto imported = import_capture(entry.path());
    ASSERT_TRUE(imported.has_value());
    // All hosts hang on one observed network: what a sender's file shows is what it sent or received.
    Exported exported(imported->trace);
    const auto& tables = imported->trace.tables();
    for (const ExportedFile& file : exported.files) {
      const HostId host = tables.topology.interfaces[file.interface.value].host;
      const ImportedCapture again = exported.import(fs::path(file.path).filename());
      std::vector<std::string> expected;
      const trace::Trace& trace = imported->trace;
      std::vector<Packet> packets(imported->frames.size());
      for (const Packet& packet : packets_of(trace)) packets[packet.id.value] = packet;
      for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
        if (trace.at(at)->kind != trace::Kind::packet_sent) continue;
        const trace::PacketSent sent = trace::unpack_packet_sent(trace.at(at));
        const bool here = sent.from == file.interface || sent.to == file.interface;
        const int times =
            here ? (sent.from == sent.to && !tables.topology.interfaces[sent.to.value].loopback ? 2 : 1) : 0;
        for (int i = 0; i < times; ++i) expected.push_back(visible(tables.addresses, packets[sent.packet.value]));
      }
      EXPECT_EQ(visible_packets(again.trace), expected) << "host " << host.value;
    }
  }
}

}  // namespace
}  // namespace fourtuple::capture
