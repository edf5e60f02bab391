// Chains of causes on traces made by hand: a capture says what it supposes, an index of events that grows finds what
// one built at once finds.
#include "sim/replay/causes/causes.h"

#include <gtest/gtest.h>

#include "sim/replay/causes/cause_text.h"
#include "sim/trace/codec.h"
#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::replay {
namespace {

using test::TraceBuilder;

struct Reader {
  explicit Reader(const trace::Trace& trace) : indexes(trace), events(trace, indexes.packets()), cursor(trace) {
    indexes.refresh();
    events.refresh(indexes.end());
    cursor.refresh();
  }
  CauseSources sources() const { return {indexes, events, cursor}; }

  Indexes indexes;
  EventIndex events;
  Cursor cursor;
};

Packet acknowledgment(TraceBuilder& build, std::uint32_t ack) {
  Packet packet = build.tcp(1, 0, 80, 50432, TcpFlag::ack, 900);
  packet.ack = {ack};
  return packet;
}

TEST(CapturedCauses, a_reset_behind_a_syn_is_observed_and_its_reason_inferred) {
  TraceBuilder build;
  build.trace().mutable_tables().source = trace::Source::capture;
  build.send(100, 0, 1, build.tcp(0, 1, 50432, 81, TcpFlag::syn, 7));
  const PacketId reset = build.send(200, 1, 0, build.tcp(1, 0, 81, 50432, TcpFlag::rst | TcpFlag::ack, 0));
  const Reader reader(build.trace());
  const CauseChain chain = causes_of(reader.sources(), reader.indexes.packets().created(reset));
  ASSERT_EQ(chain.causes.size(), 3u) << chain_text(build.trace().tables(), chain);
  EXPECT_FALSE(chain.causes[0].inferred);
  EXPECT_FALSE(chain.causes[1].inferred);
  EXPECT_EQ(chain.causes[1].headline, "anna sent a SYN");
  EXPECT_TRUE(chain.causes[2].inferred);
  EXPECT_EQ(chain.causes[2].headline, "nothing listens on port 81 there, or a firewall refuses");
  EXPECT_NE(chain_text(build.trace().tables(), chain).find("(inferred)"), std::string::npos);
}

TEST(CapturedCauses, three_repeated_acknowledgments_explain_a_segment_sent_again) {
  TraceBuilder build;
  build.trace().mutable_tables().source = trace::Source::capture;
  const Packet data = build.tcp(0, 1, 50432, 80, TcpFlag::ack, 1000, 100);
  build.send(100, 0, 1, data);
  for (int i = 0; i < 3; ++i) build.send(200 + i, 1, 0, acknowledgment(build, 1000));
  Packet again = data;
  again.id = build.next_packet();
  build.tcp(0, 1, 50432, 80, TcpFlag::ack);  // takes that number
  build.send(300, 0, 1, again);
  const Reader reader(build.trace());
  const CauseChain chain = causes_of(reader.sources(), reader.indexes.packets().created(again.id));
  EXPECT_EQ(chain.title, "Why is this sent again?");
  ASSERT_GE(chain.causes.size(), 3u) << chain_text(build.trace().tables(), chain);
  EXPECT_EQ(chain.causes[1].headline, "3 acknowledgments in a row asked for the same byte");
  EXPECT_TRUE(chain.causes.back().inferred);
}

TEST(CapturedCauses, data_goes_back_to_the_question_and_to_how_the_conversation_began) {
  TraceBuilder build;
  build.trace().mutable_tables().source = trace::Source::capture;
  build.send(100, 0, 1, build.tcp(0, 1, 50432, 80, TcpFlag::syn, 7));
  build.send(200, 0, 1, build.tcp(0, 1, 50432, 80, TcpFlag::ack, 8, 100));
  const PacketId data = build.send(300, 1, 0, build.tcp(1, 0, 80, 50432, TcpFlag::ack, 50, 400));
  const Reader reader(build.trace());
  const CauseChain chain = causes_of(reader.sources(), reader.indexes.packets().created(data));
  ASSERT_EQ(chain.causes.size(), 4u) << chain_text(build.trace().tables(), chain);
  EXPECT_EQ(chain.causes[1].at.ns, 200'000);
  EXPECT_EQ(chain.causes[2].headline, "anna had begun the conversation");
  EXPECT_EQ(chain.causes[2].at.ns, 100'000);
  EXPECT_TRUE(chain.causes[3].inferred);
  EXPECT_NE(chain.causes[3].headline, chain.causes[0].headline);
}

TEST(EventIndex, finds_the_same_however_it_grew) {
  TraceBuilder build;
  build.add(1, 0, trace::SocketCreated{{4}, Protocol::tcp, Family::ipv4, 0, 9, {}, {}});
  build.add(2, 0, trace::SocketBound{{4}, build.address(0), 80, 0});
  for (int i = 0; i < 50; ++i)
    build.send(10 + i, 0, 1, build.tcp(0, 1, static_cast<std::uint16_t>(5000 + i % 3), 80, TcpFlag::ack, 1, 10));
  build.add(100, 0, trace::SocketClosed{{4}});
  Indexes indexes(build.trace());
  indexes.refresh();
  EventIndex slow(build.trace(), indexes.packets()), quick(build.trace(), indexes.packets());
  while (!slow.refresh(indexes.end(), 7)) {
  }
  EXPECT_TRUE(quick.refresh(indexes.end()));
  for (std::uint64_t at = 0; at < indexes.end(); ++at)
    EXPECT_EQ(slow.socket_before({4}, at), quick.socket_before({4}, at));
  EXPECT_EQ(build.trace().at(quick.socket_before({4}, indexes.end()))->kind, trace::Kind::socket_closed);
  EXPECT_EQ(quick.socket_before({4}, 0), EventIndex::none);
  EXPECT_EQ(quick.socket_before({99}, indexes.end()), EventIndex::none);
  for (std::uint32_t packet = 0; packet < 50; ++packet) {
    EXPECT_EQ(slow.previous_of_flow({packet}), quick.previous_of_flow({packet}));
    EXPECT_EQ(quick.previous_of_flow({packet}), packet < 3 ? PacketId::none() : PacketId{packet - 3});
  }
}

TEST(RecordToExplain, prefers_the_selected_packet_and_else_the_most_telling_record_of_the_instant) {
  TraceBuilder build;
  const Packet syn = build.tcp(0, 1, 50432, 81, TcpFlag::syn, 7);
  build.send(100, 0, 1, syn);
  const std::uint64_t drop = build.add(
      1100, 1, trace::PacketDropped{syn.id, trace::DropReason::no_socket, trace::Stage::transport_lookup, {}, {}});
  const Packet other = build.tcp(0, 1, 50433, 81, TcpFlag::syn, 7);
  const std::uint64_t created = build.add(1100, 0, trace::PacketCreated{other});
  const Reader reader(build.trace());
  EXPECT_EQ(record_to_explain(reader.sources(), reader.indexes.end(), {}), drop);
  EXPECT_EQ(record_to_explain(reader.sources(), reader.indexes.end(), {other.id, {}}), created);
  EXPECT_EQ(record_to_explain(reader.sources(), drop, {syn.id, {}}), 0u);
  EXPECT_EQ(record_to_explain(reader.sources(), 0, {}), trace::Index::none);
}

}  // namespace
}  // namespace fourtuple::replay
