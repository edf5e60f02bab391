#include "sim/replay/shortlist.h"

#include <gtest/gtest.h>

#include "sim/replay/cursor.h"
#include "sim/state/digest.h"
#include "tests/sim/support/random_history.h"

namespace fourtuple::replay {
namespace {

using fourtuple::test::add_random_history;
using fourtuple::test::TraceBuilder;

// A crowd of sockets, and then records about random ones of them: variables, queues, states, owners, packets, and some
// that close and come again under the same number.
class Crowd {
 public:
  static constexpr std::uint32_t sockets = 20'000;

  explicit Crowd(std::uint64_t seed) : random_(seed, "crowd") {
    builder_.add(0, 0, trace::ProcessStarted{{0}, builder_.text("server"), builder_.text("root"), 100});
    for (std::uint32_t i = 0; i < sockets; ++i) {
      create({i});
      add(trace::DescriptorOpened{{0}, static_cast<std::int32_t>(i), 2, {i}});
    }
  }
  void storm(std::uint32_t records) {
    builder_.publish_each(false);
    for (std::uint32_t i = 0; i < records; ++i) about({static_cast<std::uint32_t>(random_.below(sockets))});
    builder_.trace().publish();
  }
  // A record about a socket that does not exist.
  void contradict() { add(trace::SocketQueues{{sockets + 5}, 1, 2}); }
  const trace::Trace& trace() { return builder_.trace(); }

 private:
  template <class Event>
  void add(const Event& event) {
    builder_.add(++us_, 0, event);
  }
  void create(SocketId socket) {
    trace::SocketCreated created;
    created.socket = socket;
    created.owner = {0};
    created.protocol = Protocol::tcp;
    created.inode = static_cast<std::uint32_t>(us_);
    add(created);
  }
  void about(SocketId socket) {
    const auto number = static_cast<std::uint32_t>(random_.below(1u << 30));
    switch (random_.below(12)) {
      case 0:
        add(trace::SocketClosed{socket});
        return create(socket);
      case 1:
        return add(trace::SocketListening{socket, number});
      case 2:
        return add(trace::SocketStateChanged{socket, TcpState::closed, TcpState::established, {}});
      case 3:
        return add(trace::SocketStateChanged{socket, TcpState::established, TcpState::close_wait, {}});
      case 4:
        return add(trace::SocketOwner{socket, {number % 2 == 0 ? 0 : 0xffffffffu}, static_cast<std::int32_t>(number)});
      case 5:
        return add(trace::PacketSent{{number}, {0}, {1}, 64, microseconds(10)});
      case 6:
        return add(trace::ProcessActivity{{0}, static_cast<std::uint8_t>(number % 2), {}, -1, {}});
      case 7:
      case 8:
        return add(trace::SocketQueues{socket, number, number / 2});
      default:
        trace::TcpVariablesChanged changed;
        changed.socket = socket;
        for (std::size_t i = 0; i < sizeof(changed.image); ++i)
          changed.image[i] = static_cast<std::uint8_t>(number >> (i % 4 * 8));
        return add(changed);
    }
  }

  TraceBuilder builder_;
  Random random_;
  std::int64_t us_ = 0;
};

void expect_same(const NetState& net, const NetState& expected) {
  ASSERT_EQ(net.position, expected.position);
  EXPECT_EQ(net.time, expected.time);
  EXPECT_EQ(net.refused, expected.refused);
  EXPECT_EQ(state::state_digest(net.state), state::state_digest(expected.state));
}

TEST(Shortlist, leads_from_anywhere_to_anywhere_as_a_fold_does) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    TraceBuilder builder(trace::Level::expressions, 4);
    add_random_history(builder, seed, 20'000);
    const trace::Trace& trace = builder.trace();
    Random random(seed, "places");
    for (int i = 0; i < 30; ++i) {
      const std::uint64_t first = random.below(trace.published());
      const std::uint64_t second = first + random.below(trace.published() - first + 1);
      NetState net = fold(trace, first), expected = net;
      fold_far(net, trace, second);
      fold_to(expected, trace, second);
      expect_same(net, expected);
    }
  }
}

TEST(Shortlist, of_one_stretch_and_the_records_of_the_next_lead_where_a_fold_does) {
  Crowd crowd(3);
  const std::uint64_t from = crowd.trace().published();
  crowd.storm(60'000);
  const trace::Trace& trace = crowd.trace();
  const NetState start = fold(trace, from);
  for (const std::uint64_t part : {3, 5, 8}) {
    const std::uint64_t middle = fold(trace, from + (trace.published() - from) / part).position;
    NetState net = start;
    apply_listed(net, trace, shorten(trace, shorten(trace, {}, from, middle), middle, trace.published()));
    const state::State all = fold(trace, trace.published()).state;
    net.state.hosts = all.hosts;
    EXPECT_EQ(state::state_digest(net.state), state::state_digest(all));
  }
}

TEST(Shortlist, leaves_one_record_of_each_kind_that_overwrites) {
  TraceBuilder builder;
  builder.add(0, 0, trace::ProcessStarted{{0}, builder.text("server"), builder.text("root"), 100});
  trace::SocketCreated created;
  created.protocol = Protocol::tcp;
  for (std::uint32_t i = 0; i < 2; ++i) {
    created.socket = {i};
    builder.add(1, 0, created);
  }
  const std::uint64_t from = builder.trace().published();
  for (std::uint32_t i = 0; i < 100; ++i) {
    builder.add(2 + i, 0, trace::SocketQueues{{i % 2}, i, i});
    builder.add(2 + i, 0, trace::SocketOwner{{0}, {0}, static_cast<std::int32_t>(i)});
    builder.send(2 + i, 0, 1, builder.tcp(0, 1, 4000, 80, 0));
  }
  const trace::Trace& trace = builder.trace();
  const Shortlist list = shorten(trace, {}, from, trace.published());
  EXPECT_EQ(list.size(), 2u + 100);
  // The last about socket 0 is followed by one that it may not be taken past.
  EXPECT_EQ(list.images[Shortlist::queues].size(), 1u);
  EXPECT_EQ(list.ordered.size(), 1u + 100);
}

TEST(Shortlist, keyframes_of_a_crowd_lead_where_a_fresh_fold_does) {
  Crowd crowd(1);
  crowd.storm(150'000);
  Cursor cursor(crowd.trace(), std::uint64_t{6} << 20);
  while (!cursor.prepared()) cursor.refresh(60'000);
  EXPECT_LE(cursor.keyframe_bytes(), std::uint64_t{6} << 20);
  EXPECT_GE(cursor.keyframes(), 4u);
  Random random(1, "jumps");
  for (int i = 0; i < 12; ++i) {
    const std::uint64_t to = crowd.trace().skip_padding(cursor.index().position_of(random.below(190'000)));
    cursor.seek_position(to);
    expect_same(cursor.state_at(to), fold(crowd.trace(), to));
    const std::uint64_t elsewhere = cursor.index().position_of(random.below(190'000));
    expect_same(cursor.state_at(elsewhere), fold(crowd.trace(), elsewhere));
  }
}

TEST(Shortlist, records_that_contradict_the_state_are_counted_all_the_same) {
  Crowd crowd(2);
  crowd.storm(60'000);
  crowd.contradict();
  crowd.storm(60'000);
  Cursor cursor(crowd.trace(), std::uint64_t{6} << 20);
  while (!cursor.prepared()) cursor.refresh(60'000);
  Random random(1, "jumps");
  for (int i = 0; i < 6; ++i) {
    const std::uint64_t to = cursor.index().position_of(random.below(160'000));
    expect_same(cursor.state_at(to), fold(crowd.trace(), to));
  }
}

}  // namespace
}  // namespace fourtuple::replay
