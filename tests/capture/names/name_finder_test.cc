// Names of hosts and conversations of whole captures.
#include <gmock/gmock.h>

#include "capture/importer.h"
#include "capture/names/conversation_names.h"
#include "tests/capture/names/messages.h"
#include "tests/capture/pcapng_builder.h"

namespace fourtuple::capture {
namespace {

using test::address;
using test::Buffer;
using test::DnsMessage;
using test::ip_bytes;
using test::PcapFile;
using test::PcapngFile;
using test::TemporaryFolder;
using test::to_question;
using ::testing::ElementsAre;

constexpr const char *client = "192.0.2.1", *server = "192.0.2.80", *resolver = "192.0.2.53";

class Names : public ::testing::Test {
 protected:
  ImportedCapture import(const Buffer& bytes) {
    auto capture = import_capture(test::write_file(folder_.file("file"), bytes));
    EXPECT_TRUE(capture.has_value());
    return std::move(*capture);
  }
  // What each conversation is about.
  static std::vector<std::string> about(const ImportedCapture& capture) {
    std::vector<std::string> words;
    for (std::uint32_t i = 0; i < capture.flows.flows().size(); ++i)
      words.push_back(conversation_words(capture.names, i, capture.flows.flows()[i], capture.trace.tables().addresses));
    return words;
  }
  static std::vector<std::string> hosts(const ImportedCapture& capture) {
    std::vector<std::string> names;
    for (const trace::HostInfo& host : capture.trace.tables().topology.hosts)
      names.emplace_back(capture.trace.tables().strings[host.name]);
    return names;
  }
  void dns_answer(const Buffer& message) {
    file_.add(time_++, 0, ip_bytes(test::udp_packet(53, 4000), resolver, client, message));
  }
  // A segment of the client's to port 443.
  void segment(std::uint8_t flags, std::uint32_t seq, Bytes payload) {
    file_.add(time_++, 0,
              ip_bytes(test::tcp_packet(50000, 443, flags, seq, 1), client, server, {payload.begin(), payload.end()}));
  }

  TemporaryFolder folder_;
  PcapFile file_;
  std::uint32_t time_ = 1;
};

TEST_F(Names, hosts_are_called_as_dns_answers_say) {
  dns_answer(DnsMessage().question("www.example.com").answer(to_question, 1, address).bytes);
  file_.add(time_, 0, ip_bytes(test::udp_packet(4001, 9000), client, server));
  const ImportedCapture capture = import(file_.bytes);
  EXPECT_THAT(hosts(capture), ElementsAre(resolver, client, "www.example.com"));
  EXPECT_THAT(about(capture), ElementsAre("", "www.example.com (DNS answer in frame 1)"));
  EXPECT_THAT(capture.trace.tables().notes, ElementsAre("1 address named: 1 by DNS answer"));
}

TEST_F(Names, hosts_with_one_name_are_numbered) {
  DnsMessage message;
  message.question("www.example.com").answer(to_question, 1, address).answer(to_question, 1, {192, 0, 2, 81});
  dns_answer(message.bytes);
  for (const char* to : {server, "192.0.2.81"}) file_.add(time_, 0, ip_bytes(test::udp_packet(4001, 9000), client, to));
  EXPECT_THAT(hosts(import(file_.bytes)), ElementsAre(resolver, client, "www.example.com", "www.example.com #2"));
}

TEST_F(Names, answers_over_tcp_are_read_across_segments) {
  Buffer stream;
  for (const auto& [name, last] : {std::pair("one.example", 80), std::pair("two.example", 81)}) {
    const Buffer data{192, 0, 2, static_cast<std::uint8_t>(last)};
    append_bytes(stream, test::counted(2, DnsMessage().question(name).answer(to_question, 1, data).bytes));
  }
  const auto part = [&](std::size_t from, std::size_t to) {
    const Buffer payload(stream.begin() + static_cast<std::ptrdiff_t>(from),
                         stream.begin() + static_cast<std::ptrdiff_t>(to));
    const Packet packet = test::tcp_packet(53, 4000, TcpFlag::ack, 101 + static_cast<std::uint32_t>(from), 1);
    file_.add(time_++, 0, ip_bytes(packet, resolver, client, payload));
  };
  file_.add(time_++, 0, ip_bytes(test::tcp_packet(53, 4000, TcpFlag::syn | TcpFlag::ack, 100, 1), resolver, client));
  part(60, stream.size());
  part(0, 1);
  part(1, 30);
  part(20, 60);
  const ImportedCapture capture = import(file_.bytes);
  const auto best = capture.names.best(*IpAddress::parse("192.0.2.81"));
  ASSERT_TRUE(best);
  EXPECT_EQ(place_words(*best), "DNS answer in frame 5");
  EXPECT_EQ(capture.names.best(*IpAddress::parse(server))->text, "one.example");
}

TEST_F(Names, a_client_hello_in_two_segments_labels_its_conversation) {
  const Buffer stream = test::tls_records(test::client_hello(
      {test::extension(0x0a0a, {}), test::extension(51, Buffer(1200)), test::server_name("split.example")}));
  const Bytes bytes(stream);
  segment(TcpFlag::syn, 100, {});
  segment(TcpFlag::ack, 1101, bytes.subspan(1000));  // overtakes the first one
  segment(TcpFlag::ack, 101, bytes.first(1000));
  segment(TcpFlag::ack, 101, bytes.first(1000));
  const ImportedCapture capture = import(file_.bytes);
  EXPECT_THAT(about(capture), ElementsAre("split.example (TLS SNI in frame 3)"));
  const auto host = capture.names.best(*IpAddress::parse(server));
  ASSERT_TRUE(host);
  EXPECT_TRUE(host->inferred());
}

TEST_F(Names, a_host_field_labels_and_addresses_name_nothing) {
  for (const std::string_view host : {"web.example:8080", "192.0.2.80"}) {
    const std::string request = "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
    const Packet packet = test::tcp_packet(static_cast<std::uint16_t>(40000 + time_), 8080, TcpFlag::ack, 100, 1);
    file_.add(time_++, 0, ip_bytes(packet, client, server, Buffer(request.begin(), request.end())));
  }
  const ImportedCapture capture = import(file_.bytes);
  EXPECT_THAT(about(capture),
              ElementsAre("web.example:8080 (HTTP Host in frame 1)", "192.0.2.80 (HTTP Host in frame 2)"));
  EXPECT_THAT(hosts(capture), ElementsAre(client, "web.example"));
}

TEST_F(Names, quic_is_named_with_its_version_beside_the_hosts_name) {
  dns_answer(DnsMessage().question("www.example.com").answer(to_question, 1, address).bytes);
  const Buffer initial{0xc3, 0, 0, 0, 1, 2, 0xab, 0xcd, 1, 0xef, 0};
  file_.add(time_, 0, ip_bytes(test::udp_packet(4001, 443), client, server, initial));
  const ImportedCapture capture = import(file_.bytes);
  EXPECT_EQ(about(capture)[1], "QUIC v1, www.example.com (DNS answer in frame 1)");
  ASSERT_NE(capture.names.quic_of(1), nullptr);
  EXPECT_EQ(capture.names.quic_of(1)->source, "ef");
}

TEST_F(Names, of_the_file_win_over_those_of_its_packets) {
  for (const bool big : {false, true}) {
    PcapngFile file(big);
    file.interface(101, "eth0");
    const Buffer answer = DnsMessage().question("www.example.com").answer(to_question, 1, address).bytes;
    file.packet(0, 1, ip_bytes(test::udp_packet(53, 4000), resolver, client, answer));
    file.packet(0, 2, ip_bytes(test::udp_packet(4001, 9000), client, server));
    Buffer names, record = address;
    test::append_text(record, std::string_view("mine\nnot yours\0alias\0", 21));
    file.option(names, 1, record);
    file.option(names, 9, {1, 2, 3});
    file.option(names, 1, {192, 0});
    file.put32(names, 0);
    file.block(4, names);
    const ImportedCapture capture = import(file.bytes);
    EXPECT_THAT(hosts(capture), ElementsAre(resolver, client, "mine\\010not\\032yours"));
    EXPECT_EQ(capture.names.of(*IpAddress::parse(server)).size(), 2U);
  }
}

TEST_F(Names, drops_of_the_capturing_machine_are_told) {
  PcapngFile file;
  file.interface(101, "eth0");
  Buffer drops;
  file.option(drops, 4, {2, 0, 0, 0, 0, 0, 0, 0});
  file.packet(0, 1, ip_bytes(test::udp_packet(4001, 9000), client, server), 0, drops);
  Buffer statistics(12);
  file.option(statistics, 4, {100, 0, 0, 0, 0, 0, 0, 0});
  file.option(statistics, 5, {12, 0, 0, 0, 0, 0, 0, 0});
  file.block(5, statistics);
  Buffer unknown{9, 0, 0, 0};
  unknown.resize(12);
  file.block(5, unknown);
  file.block(5, {});
  const ImportedCapture capture = import(file.bytes);
  EXPECT_TRUE(capture.report.end.clean());
  EXPECT_EQ(capture.interfaces[0].dropped(), 12U);
  EXPECT_THAT(capture.trace.tables().notes,
              ElementsAre("the capturing machine dropped 12 packets on eth0 (of 100 received): gaps may be from that"));
}

TEST_F(Names, are_bounded_whatever_comes) {
  SeenNames names;
  for (std::uint32_t i = 0; i < SeenNames::most_hosts + 10; ++i)
    names.add_host(IpAddress::v4(0x0a000000 + i), "a" + std::to_string(i % 7), NameSource::dns_answer, 1);
  EXPECT_EQ(names.hosts(), SeenNames::most_hosts);
  EXPECT_EQ(names.left_out(), 10U);
  for (int i = 0; i < 10; ++i) names.add_host(IpAddress::v4(0x0a000000), "b" + std::to_string(i), NameSource::file, 1);
  const auto known = names.of(IpAddress::v4(0x0a000000));
  ASSERT_EQ(known.size(), SeenNames::most_per_host);
  EXPECT_EQ(known.front().text, "b0") << "the file's first one stays the best";
}

}  // namespace
}  // namespace fourtuple::capture
