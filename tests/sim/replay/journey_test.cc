#include "sim/replay/journey.h"

#include <gtest/gtest.h>

#include "sim/replay/narrator.h"
#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::TraceBuilder;

class StoryTest : public ::testing::Test {
 protected:
  StoryTest() {
    builder_.add(0, 1, trace::ProcessStarted{{0}, builder_.text("httpd"), builder_.text("root"), 80, false});
    builder_.add(0, 1, trace::SocketCreated{{0}, Protocol::tcp, Family::ipv4, 0, 1, {}, {0}});
    builder_.add(0, 1, trace::DescriptorOpened{{0}, 4, 2, {0}});
    builder_.add(0, 1, trace::SocketOwner{{0}, {0}, 4});
    builder_.add(0, 1, trace::SocketBound{{0}, wildcard_v4, 80, 8});
  }
  std::string story(PacketId packet) {
    Indexes indexes(builder_.trace());
    indexes.refresh();
    const Cursor cursor(builder_.trace());
    return journey_text(journey(indexes, cursor, packet));
  }

  TraceBuilder builder_;
};

TEST_F(StoryTest, a_delivered_packet_names_the_process_and_the_lookup) {
  const PacketId syn = builder_.send(1000, 0, 1, builder_.tcp(0, 1, 50432, 80, TcpFlag::syn, 100));
  builder_.add(2000, 1, trace::StageEntered{syn, trace::Stage::routing, {}});
  builder_.add(2000, 1, trace::LookupTried{syn, {0}, trace::MatchQuality::listener_wildcard, trace::Mismatch::none});
  builder_.add(2000, 1, trace::PacketDelivered{syn, {0}, trace::MatchQuality::listener_wildcard, 0, {0}});
  EXPECT_EQ(story(syn),
            "0.001 000 s  anna: created: TCP 50432→80 [SYN] seq 100\n"
            "0.001 000 s  anna eth0: sent on lan\n"
            "0.002 000 s  server eth0: received, ttl 64\n"
            "0.002 000 s  server: routing\n"
            "0.002 000 s  server: fits TCP *:80: a listener on any address\n"
            "0.002 000 s  server: delivered to httpd (pid 80, fd 4)\n");
}

TEST_F(StoryTest, a_refused_packet_names_the_reason_and_the_answer) {
  const PacketId syn = builder_.send(1000, 0, 1, builder_.tcp(0, 1, 50432, 3000, TcpFlag::syn, 100));
  builder_.add(2000, 1,
               trace::PacketDropped{syn, trace::DropReason::no_socket, trace::Stage::transport_lookup, {}, {}});
  builder_.send(2000, 1, 0, builder_.tcp(1, 0, 3000, 50432, TcpFlag::rst | TcpFlag::ack, 0));
  EXPECT_EQ(story(syn),
            "0.001 000 s  anna: created: TCP 50432→3000 [SYN] seq 100\n"
            "0.001 000 s  anna eth0: sent on lan\n"
            "0.002 000 s  server eth0: received, ttl 64\n"
            "0.002 000 s  server: refused: nothing listens on 3000 (RST)\n"
            "0.002 000 s  server: answered: TCP 3000→50432 [RST, ACK] seq 0 ack 0\n");
}

TEST_F(StoryTest, an_unknown_packet_has_no_journey) {
  EXPECT_EQ(story({77}), "");
  EXPECT_EQ(story(PacketId::none()), "");
}

TEST_F(StoryTest, the_narrator_tells_each_record_with_the_names_of_its_moment) {
  builder_.add(5, 1, trace::Syscall{{0}, trace::Call::bind, 98, 4, {0}, -1, {wildcard_v4, {}, 80, 0}, {0}});
  const PacketId syn = builder_.send(1000, 0, 1, builder_.tcp(0, 1, 50432, 3000, TcpFlag::syn, 100));
  builder_.add(2000, 1,
               trace::PacketDropped{syn, trace::DropReason::no_socket, trace::Stage::transport_lookup, {}, {}});
  builder_.add(3000, 1, trace::SocketClosed{{0}});
  builder_.add(3000, 1, trace::ProcessEnded{{0}});
  Narrator narrator(builder_.trace());
  std::string text;
  while (narrator.next()) text += narrator.text() + "\n";
  EXPECT_EQ(text,
            "0.000 000 s      server  httpd (pid 80) started by root\n"
            "0.000 000 s      server  TCP socket created by httpd (pid 80)\n"
            "0.000 000 s      server  httpd (pid 80): descriptor 4 is TCP *:0\n"
            "0.000 000 s      server  TCP *:0 belongs to httpd (pid 80), descriptor 4\n"
            "0.000 000 s      server  TCP *:80 bound to *:80\n"
            "0.000 005 s      server  httpd (pid 80): bind(4, 0.0.0.0:80) = -1 EADDRINUSE, in the way: TCP *:80\n"
            "0.001 000 s      anna  TCP 50432→3000 [SYN] seq 100, created\n"
            "0.001 000 s      anna → server  TCP 50432→3000 [SYN] seq 100, sent on lan\n"
            "0.002 000 s      server  TCP 50432→3000 [SYN] seq 100, refused: nothing listens on 3000 (RST)\n"
            "0.003 000 s      server  TCP *:80 gone\n"
            "0.003 000 s      server  httpd (pid 80) ended\n");
}

}  // namespace
}  // namespace fourtuple::replay
