#include "sim/trace/describe.h"

#include <gtest/gtest.h>

#include "tests/sim/support/random_history.h"

namespace fourtuple::trace {
namespace {

using fourtuple::test::add_random_history;
using fourtuple::test::TraceBuilder;

// Fields as "key=value" words.
class Written : public Fields {
 public:
  void number(std::string_view key, std::int64_t value) override { add(key, std::to_string(value)); }
  void text(std::string_view key, std::string_view value) override { add(key, value); }
  void flag(std::string_view key, bool value) override { add(key, value ? "true" : "false"); }
  std::string line;

 private:
  void add(std::string_view key, std::string_view value) {
    line += (line.empty() ? "" : " ") + std::string(key) + "=" + std::string(value);
  }
};

TEST(Describe, writes_times_with_grouped_digits) {
  EXPECT_EQ(time_text(Time{0}), "0.000 000 s");
  EXPECT_EQ(time_text(Time{101'000'000}), "0.101 000 s");
  EXPECT_EQ(time_text(Time{12'000'000'345}), "12.000 000 345 s");
  EXPECT_EQ(time_text(Time{-1'500'000}), "-0.001 500 s");
}

TEST(Describe, packets_speak_their_protocol) {
  TraceBuilder builder;
  EXPECT_EQ(packet_text(builder.tcp(0, 1, 50432, 80, TcpFlag::syn | TcpFlag::ack, 5)),
            "TCP 50432→80 [SYN, ACK] seq 5 ack 0");
  EXPECT_EQ(packet_text(builder.udp(0, 1, 5353, 53, 1)), "UDP 5353→53 1 byte");
  Packet icmp = builder.udp(0, 1, 3 << 8 | 3, 0);
  icmp.protocol = Protocol::icmp;
  EXPECT_EQ(packet_text(icmp), "ICMP port unreachable");
  icmp.source_port = 40 << 8 | 1;
  EXPECT_EQ(packet_text(icmp), "ICMP type 40 code 1");
}

TEST(Describe, drops_are_told_in_words) {
  TraceBuilder builder;
  const Packet udp = builder.udp(0, 1, 1, 53), reset = builder.tcp(0, 1, 1, 80, TcpFlag::rst);
  EXPECT_EQ(drop_text({{0}, DropReason::no_socket, {}, {}, {}}, &udp),
            "refused: nothing listens on 53 (ICMP port unreachable)");
  EXPECT_EQ(drop_text({{0}, DropReason::no_socket, {}, {}, {}}, &reset), "refused: nothing listens on 80");
  EXPECT_EQ(drop_text({{0}, DropReason::link_loss, {}, {}, {}}, nullptr), "lost on the link");
}

TEST(Describe, fields_have_stable_keys) {
  TraceBuilder builder;
  const PacketId packet = builder.send(1, 0, 1, builder.tcp(0, 1, 4000, 80, TcpFlag::syn, 7));
  const std::uint64_t drop =
      builder.add(2, 1, PacketDropped{packet, DropReason::no_socket, Stage::transport_lookup, {}, {3}});
  Written created, dropped;
  describe_fields(builder.trace(), 0, Names(), created);
  EXPECT_EQ(created.line,
            "time_ns=1000 kind=packet-created host=anna packet=0 protocol=TCP source=10.0.0.1 destination=10.0.0.2 "
            "ttl=64 source_port=4000 destination_port=80 flags=SYN seq=7 ack=0 window=0 length=0");
  describe_fields(builder.trace(), drop, Names(), dropped);
  EXPECT_EQ(dropped.line,
            "time_ns=2000 kind=packet-dropped host=server packet=0 reason=no-socket "
            "words=refused: nothing listens on that port stage=transport-lookup socket=3");
}

TEST(Describe, every_record_of_a_random_history_has_words_and_fields) {
  TraceBuilder builder(Level::expressions, 4);
  add_random_history(builder, 12, 2000);
  const Trace& trace = builder.trace();
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    EXPECT_FALSE(describe(trace, at, Names()).empty());
    Written fields;
    describe_fields(trace, at, Names(), fields);
    EXPECT_NE(fields.line.find("kind="), std::string::npos);
    Kind kind;
    ASSERT_TRUE(from_name(name_of(trace.at(at)->kind), kind));
    EXPECT_EQ(kind, trace.at(at)->kind);
  }
}

}  // namespace
}  // namespace fourtuple::trace
