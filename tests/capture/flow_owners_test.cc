#include "capture/flow_owners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/importer.h"
#include "capture/pcapng_writer.h"
#include "sim/state/apply.h"
#include "tests/capture/builders.h"
#include "tests/capture/machine_data.h"

namespace fourtuple::capture {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SocketOwners owners_of(const std::vector<std::string>& texts) {
  SocketOwners owners;
  for (const std::string& text : texts) {
    const auto list = parse_socket_list(text, "list.txt");
    EXPECT_TRUE(list.has_value()) << list.error().to_string();
    if (list) owners.add(*list);
  }
  return owners;
}

std::vector<std::string> flows_of(const ImportedCapture& capture) {
  std::vector<std::string> lines;
  const AddressTable& addresses = capture.trace.tables().addresses;
  for (std::size_t i = 0; i < capture.flows.flows().size(); ++i) {
    const Flow& flow = capture.flows.flows()[i];
    lines.push_back(fmt::format("{} {} {}", end_text(addresses[flow.b], flow.b_port),
                                owner_text(capture.flow_owners[i][0], capture.owners),
                                owner_text(capture.flow_owners[i][1], capture.owners)));
  }
  return lines;
}

// Sockets at the end: "80 LISTEN web 9 fd 5", "?" behind a guess.
std::vector<std::string> sockets_of(const ImportedCapture& capture) {
  state::State state;
  state.hosts.resize(capture.trace.tables().topology.hosts.size());
  for (std::uint64_t at = capture.trace.first(); at < capture.trace.published(); at = capture.trace.next(at))
    EXPECT_TRUE(state::apply_record(state, capture.trace.at(at))) << at;
  std::vector<std::string> lines;
  for (std::uint32_t i = 0; i < state.sockets.end(); ++i) {
    if (!state.sockets.alive(i) || !state.sockets[i].owner.valid()) continue;
    const state::Process& process = state.processes[state.sockets[i].owner.value];
    lines.push_back(fmt::format("{} {} {} {}{}", state.sockets[i].tuple.local_port,
                                ss_name_of(state.sockets[i].tcp_state), capture.trace.tables().strings[process.name],
                                process.pid, process.guessed ? " ?" : ""));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Descriptors open at the end.
std::uint32_t descriptors_of(const ImportedCapture& capture) {
  state::State state;
  state.hosts.resize(capture.trace.tables().topology.hosts.size());
  for (std::uint64_t at = capture.trace.first(); at < capture.trace.published(); at = capture.trace.next(at))
    state::apply_record(state, capture.trace.at(at));
  return static_cast<std::uint32_t>(state.descriptors.live());
}

TEST(FlowOwnersTest, a_capture_and_the_list_of_its_machine_join) {
  const auto capture = import_capture(machine_path("lo.pcap"), owners_of({text_of(machine_path("ss_tuanpe.txt"))}));
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(flows_of(*capture), ElementsAre("127.0.0.1:80 client[11] worker[10]", "127.0.0.1:8080 dual[12] dual[12]",
                                              "[::1]:8080 dual[12] dual[12]", "127.0.0.1:5353 udp[13] udp[13]",
                                              "127.0.0.1:7000  closer[14]~", "127.0.0.1:7000 closer[14] closer[14]"));
  EXPECT_THAT(capture->trace.tables().notes,
              Contains(HasSubstr("of 6 conversations 5 joined to a process, 1 to the one")));
  const std::vector<std::string> sockets = sockets_of(*capture);
  EXPECT_THAT(sockets, Contains("80 LISTEN web 9"));
  EXPECT_THAT(sockets, Contains("80 ESTAB worker 10"));
  EXPECT_THAT(sockets, Contains("5353 UNCONN udp 13"));
  EXPECT_EQ(descriptors_of(*capture), 13u);
}

TEST(FlowOwnersTest, without_a_list_programs_stay_guesses) {
  const auto capture = import_capture(machine_path("lo.pcap"));
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(sockets_of(*capture), Contains("80 LISTEN http 0 ?"));
  for (const FlowOwners& owners : capture->flow_owners) EXPECT_FALSE(owners[0].known() || owners[1].known());
}

class TwoMachines : public ::testing::Test {
 protected:
  void add(const Packet& packet, bool from_client) {
    file.add(100, next_us++,
             ip_bytes(packet, from_client ? "10.0.0.1" : "10.0.0.2", from_client ? "10.0.0.2" : "10.0.0.1"));
  }
  Outcome<ImportedCapture> import(const std::vector<std::string>& lists) {
    return import_capture(write_file(folder / "test.pcap", file.bytes), owners_of(lists));
  }

  TemporaryFolder folder;
  PcapFile file;
  std::uint32_t next_us = 0;
};

TEST_F(TwoMachines, a_refusal_contradicts_a_listener) {
  add(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true);
  add(tcp_packet(80, 5000, TcpFlag::rst | TcpFlag::ack, 0, 2), false);
  const auto capture = import({"tcp LISTEN 0 5 10.0.0.2:80 0.0.0.0:* users:((\"web\",pid=9,fd=5))\n"});
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(capture->trace.tables().notes, Contains(HasSubstr("refused in the capture, though the port is listed")));
}

TEST_F(TwoMachines, lists_that_differ_mark_the_conversation) {
  add(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true);
  const std::string one = "tcp ESTAB 0 0 10.0.0.1:5000 10.0.0.2:80 users:((\"a\",pid=1,fd=3))\n";
  const std::string two = "tcp ESTAB 0 0 10.0.0.1:5000 10.0.0.2:80 users:((\"b\",pid=2,fd=3))\n";
  const auto capture = import({one, two});
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(flows_of(*capture), ElementsAre("10.0.0.2:80 a[1]! "));
  EXPECT_THAT(capture->trace.tables().notes, Contains(HasSubstr("1 marked !")));
}

TEST_F(TwoMachines, a_port_on_any_address_joins_as_a_guess) {
  add(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true);
  add(tcp_packet(80, 5000, TcpFlag::syn | TcpFlag::ack, 1, 2), false);
  const auto capture = import({"tcp LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:((\"web\",pid=9,fd=5))\n"});
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(flows_of(*capture), ElementsAre("10.0.0.2:80  web[9]?"));
  EXPECT_THAT(sockets_of(*capture), Contains("80 LISTEN web 9 ?"));
}

// A file that names processes, written packet by packet.
class CaptureProcessTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(writer.has_value()); }
  void write(const Packet& packet, bool from_client, std::uint32_t process, bool direction_known = true) {
    const Buffer bytes =
        ip_bytes(packet, from_client ? "127.0.0.1" : "127.0.0.2", from_client ? "127.0.0.2" : "127.0.0.1");
    OutgoingFrame frame;
    frame.bytes = bytes;
    frame.original = static_cast<std::uint32_t>(bytes.size());
    frame.process = process;
    frame.direction_known = direction_known;
    writer->write(frame);
  }

  TemporaryFolder folder;
  const std::string path = folder.file("named.pcapng");
  Outcome<PcapngWriter> writer = PcapngWriter::create(path, "lo", LinkType::raw);
};

TEST_F(CaptureProcessTest, packets_of_one_end_that_name_different_processes_mark_it) {
  const std::uint32_t parent = writer->add_process({"parent", 9}), child = writer->add_process({"child", 10});
  write(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true, parent);
  write(tcp_packet(5000, 80, TcpFlag::ack, 2, 2), true, parent);
  write(tcp_packet(5001, 80, TcpFlag::syn, 1, 0), true, parent);
  write(tcp_packet(5001, 80, TcpFlag::ack, 2, 2), true, child);
  ASSERT_TRUE(writer->close().has_value());
  const auto capture = import_capture(path);
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(flows_of(*capture), ElementsAre("127.0.0.2:80 parent[9] ", "127.0.0.2:80 parent[9]! "));
  EXPECT_THAT(capture->trace.tables().notes, Contains(HasSubstr("1 marked !")));
}

TEST_F(CaptureProcessTest, a_packet_whose_direction_is_not_told_is_counted_and_not_joined) {
  const std::uint32_t process = writer->add_process({"one", 9});
  write(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true, process, false);
  ASSERT_TRUE(writer->close().has_value());
  const auto capture = import_capture(path);
  ASSERT_TRUE(capture.has_value());
  EXPECT_FALSE(capture->flow_owners[0][0].known());
  EXPECT_THAT(capture->trace.tables().notes, Contains(HasSubstr("for 1 packet without their direction")));
}

TEST_F(CaptureProcessTest, conversations_the_file_names_nobody_for_are_not_said_to_be_missing_in_a_list) {
  write(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true, writer->add_process({"one", 9}));
  write(tcp_packet(5001, 80, TcpFlag::syn, 1, 0), true, Frame::no_process);
  ASSERT_TRUE(writer->close().has_value());
  const auto capture = import_capture(path);
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(
      capture->trace.tables().notes,
      Contains("of 2 conversations 1 joined to a process, 1 to none: the file names no process for their packets"));
}

TEST_F(CaptureProcessTest, a_file_that_names_processes_joins_by_itself) {
  const std::uint32_t listens = writer->add_process({"web", 9, true}), client = writer->add_process({"client", 11});
  write(tcp_packet(5000, 80, TcpFlag::syn, 1, 0), true, Frame::no_process);
  write(tcp_packet(80, 5000, TcpFlag::syn | TcpFlag::ack, 1, 2), false, listens);
  write(tcp_packet(5000, 80, TcpFlag::ack, 2, 2), true, client);
  ASSERT_TRUE(writer->close().has_value());
  auto capture = import_capture(path);
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(flows_of(*capture), ElementsAre("127.0.0.2:80 client[11] web[9]~"));
  EXPECT_THAT(sockets_of(*capture), Contains("5000 ESTAB client 11"));
  EXPECT_THAT(sockets_of(*capture), Contains("80 ESTAB web 9"));
  // A list that says something else of the same socket.
  capture =
      import_capture(path, owners_of({"tcp ESTAB 0 0 127.0.0.1:5000 127.0.0.2:80 users:((\"other\",pid=5,fd=3))\n"}));
  EXPECT_THAT(flows_of(*capture), ElementsAre("127.0.0.2:80 client[11]! web[9]~"));
}

}  // namespace
}  // namespace fourtuple::capture
