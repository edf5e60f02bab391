#include "sim/trace/streams.h"

#include <gtest/gtest.h>

#include "sim/replay/indexes.h"
#include "tests/sim/replay/trace_builder.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::TraceBuilder;

TEST(Streams, find_the_bytes_behind_a_packet_across_writes) {
  TraceBuilder builder;
  builder.trace().mutable_tables().contents.push_back({"GET / HTTP/1.1"});
  builder.add(0, 0, trace::StreamWritten{{0}, {0}, 0, {1}, 0, 14});
  builder.add(1, 0, trace::StreamWritten{{0}, {0}, 14, {0}, 2, 10});
  Packet packet = builder.tcp(0, 1, 1, 2, TcpFlag::ack, 0, 8);
  packet.payload_kind = PayloadKind::stream;
  packet.payload_source = 0;
  packet.payload_offset = 10;
  Indexes indexes(builder.trace());
  indexes.refresh();
  std::string bytes;
  EXPECT_EQ(payload_bytes(builder.trace(), indexes.streams(), packet, bytes), trace::PayloadFound::bytes);
  EXPECT_EQ(bytes, "/1.1cdef");
  packet.payload_offset = 20;
  EXPECT_EQ(payload_bytes(builder.trace(), indexes.streams(), packet, bytes), trace::PayloadFound::unknown);
  EXPECT_EQ(indexes.streams().length(builder.trace(), {0}), 24u);
  packet.payload_kind = PayloadKind::content;
  packet.payload_source = 1;
  packet.payload_offset = 0;
  EXPECT_EQ(payload_bytes(builder.trace(), indexes.streams(), packet, bytes), trace::PayloadFound::bytes);
  EXPECT_EQ(bytes, "GET / HT");
  packet.payload_kind = PayloadKind::capture;
  EXPECT_EQ(payload_bytes(builder.trace(), indexes.streams(), packet, bytes), trace::PayloadFound::in_capture);
}

}  // namespace
}  // namespace fourtuple::replay
