#include "viz/panels/sockets/port_counts.h"

#include <gtest/gtest.h>

#include "tests/viz/panels/sockets/desk.h"

namespace fourtuple::viz {
namespace {

using test::Desk;

state::Socket socket(Protocol protocol, std::uint16_t local, std::uint16_t remote, TcpState tcp = TcpState::closed) {
  state::Socket made;
  made.host = {0};
  made.protocol = protocol;
  made.tuple.local_port = local;
  made.tuple.remote_port = remote;
  made.tcp_state = tcp;
  return made;
}

std::uint32_t add(state::State& state, const state::Socket& made) {
  const std::uint32_t index = state.sockets.allocate();
  state.sockets.mut(index) = made;
  return index;
}

TEST(PortCounts, tells_what_sockets_do_with_their_ports) {
  state::State state;
  add(state, socket(Protocol::tcp, 80, 0, TcpState::listen));
  add(state, socket(Protocol::tcp, 443, 50000, TcpState::established));
  add(state, socket(Protocol::tcp, 443, 50001, TcpState::time_wait));
  add(state, socket(Protocol::tcp, 9000, 0));
  add(state, socket(Protocol::tcp, 40000, 80, TcpState::fin_wait_2));
  add(state, socket(Protocol::udp, 53, 0));
  add(state, socket(Protocol::udp, 123, 123, TcpState::established));
  add(state, socket(Protocol::udp, 0, 0));  // not yet bound: holds no port
  PortCounts counts;
  EXPECT_TRUE(counts.update(state, {0}));
  EXPECT_EQ(counts.at(Protocol::tcp, 80).use(), PortUse::waiting);
  EXPECT_EQ(counts.at(Protocol::tcp, 443).use(), PortUse::several);
  EXPECT_EQ(counts.at(Protocol::tcp, 9000).use(), PortUse::bound);
  EXPECT_EQ(counts.at(Protocol::tcp, 40000).use(), PortUse::closing);
  EXPECT_EQ(counts.at(Protocol::tcp, 53).use(), PortUse::free) << "TCP and UDP have ports of their own";
  EXPECT_EQ(counts.at(Protocol::udp, 53).use(), PortUse::waiting);
  EXPECT_EQ(counts.at(Protocol::udp, 123).use(), PortUse::connected);
  EXPECT_EQ(counts.in_use(Protocol::tcp), 4u);
  EXPECT_EQ(counts.in_use(Protocol::tcp, 0, 1023), 2u);
  EXPECT_EQ(counts.in_use(Protocol::udp), 2u);
}

TEST(PortCounts, counts_again_only_what_changed) {
  constexpr std::uint32_t many = 100'000;
  state::State state;
  for (std::uint32_t i = 0; i < many; ++i)
    add(state, socket(Protocol::tcp, 443, static_cast<std::uint16_t>(1024 + i % 60000), TcpState::established));
  PortCounts counts;
  EXPECT_TRUE(counts.update(state, {0}));
  EXPECT_EQ(counts.looked_at(), many);
  EXPECT_EQ(counts.at(Protocol::tcp, 443).of(PortRole::connected), many);
  EXPECT_FALSE(counts.update(state, {0}));
  EXPECT_EQ(counts.looked_at(), 0u);
  const state::State before = state;
  state.sockets.mut(70'000).tcp_state = TcpState::fin_wait_1;
  EXPECT_TRUE(counts.update(state, {0}));
  EXPECT_LE(counts.looked_at(), PagedArray<state::Socket>::page_elements);
  EXPECT_EQ(counts.at(Protocol::tcp, 443).of(PortRole::closing), 1u);
  EXPECT_EQ(counts.changes_since(before, Protocol::tcp), (std::vector<PortChange>{{443, RowChange::changed}}));
  EXPECT_TRUE(counts.update(before, {0})) << "going back";
  EXPECT_EQ(counts.at(Protocol::tcp, 443).of(PortRole::closing), 0u);
}

TEST(PortCounts, notices_sockets_that_went_away_in_a_shared_page) {
  state::State state;
  state.sockets.claim(0);
  state.sockets.mut(0) = socket(Protocol::udp, 53, 0);
  PortCounts counts;
  counts.update(state, {0});
  const state::State before = state;
  state.sockets.unclaim(0);
  EXPECT_TRUE(counts.update(state, {0}));
  EXPECT_EQ(counts.at(Protocol::udp, 53).use(), PortUse::free);
  EXPECT_EQ(counts.changes_since(before, Protocol::udp), (std::vector<PortChange>{{53, RowChange::removed}}));
  EXPECT_TRUE(counts.changes_since(before, Protocol::tcp).empty());
}

TEST(PortCounts, are_the_same_however_an_instant_was_reached) {
  Desk desk;
  PortCounts walked;
  const HostId server = desk.story->server;
  for (const std::uint64_t record :
       {desk.indexes.packets().end(desk.story->alice_syn), desk.indexes.packets().end(desk.story->alice_data),
        std::uint64_t{0}, desk.indexes.packets().end(desk.story->bob_syn)}) {
    desk.cursor.seek_record(record);
    walked.update(desk.cursor.state(), server);
    PortCounts fresh;
    fresh.update(desk.cursor.state(), server);
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp})
      for (std::uint32_t port = 0; port < port_count; ++port)
        ASSERT_EQ(walked.at(protocol, static_cast<std::uint16_t>(port)),
                  fresh.at(protocol, static_cast<std::uint16_t>(port)))
            << port;
  }
  walked.update(desk.cursor.state(), desk.story->alice);
  EXPECT_EQ(walked.at(Protocol::tcp, 80).use(), PortUse::free) << "another host";
}

}  // namespace
}  // namespace fourtuple::viz
