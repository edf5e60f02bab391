#include "sim/state/apply.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"
#include "sim/state/digest.h"

namespace fourtuple::state {
namespace {

State two_hosts() {
  State state;
  state.hosts.resize(2);
  return state;
}

const HostId host{1};

void start(State& state, std::uint32_t id) {
  ASSERT_TRUE(apply(state, host, trace::ProcessStarted{{id}, {}, {}, 100 + id, false}));
}
bool open(State& state, std::uint32_t process, std::int32_t fd) {
  return apply(state, host, trace::DescriptorOpened{{process}, fd, 1, {}});
}
bool create(State& state, std::uint32_t id, Protocol protocol = Protocol::tcp) {
  return apply(state, host, trace::SocketCreated{{id}, protocol, Family::ipv6, 0, 7, {}, {}});
}

TEST(Apply, descriptors_take_the_lowest_free_number) {
  State state = two_hosts();
  start(state, 0);
  for (std::int32_t fd = 0; fd < 5; ++fd) {
    EXPECT_EQ(lowest_free_fd(state, {0}), fd);
    EXPECT_TRUE(open(state, 0, fd));
  }
  EXPECT_FALSE(open(state, 0, 3)) << "in use";
  EXPECT_TRUE(apply(state, host, trace::DescriptorClosed{{0}, 1}));
  EXPECT_TRUE(apply(state, host, trace::DescriptorClosed{{0}, 3}));
  EXPECT_FALSE(apply(state, host, trace::DescriptorClosed{{0}, 3})) << "closed already";
  EXPECT_EQ(lowest_free_fd(state, {0}), 1);
  EXPECT_TRUE(open(state, 0, 1));
  EXPECT_EQ(lowest_free_fd(state, {0}), 3);
  EXPECT_EQ(find_descriptor(state, {0}, 3), nullptr);
  ASSERT_NE(find_descriptor(state, {0}, 4), nullptr);
  EXPECT_EQ(state.processes[0].descriptor_count, 4u);
}

TEST(Apply, the_list_of_descriptors_survives_any_order_of_closing) {
  State state = two_hosts();
  start(state, 0);
  Random random(1, "fds");
  std::vector<bool> is_open(50);
  for (int i = 0; i < 3000; ++i) {
    const auto fd = static_cast<std::int32_t>(random.below(50));
    const auto slot = static_cast<std::size_t>(fd);
    if (is_open[slot]) {
      ASSERT_TRUE(apply(state, host, trace::DescriptorClosed{{0}, fd}));
    } else {
      ASSERT_TRUE(open(state, 0, fd));
    }
    is_open[slot] = !is_open[slot];
    std::vector<bool> listed(50);
    for (std::uint32_t at = state.processes[0].first_descriptor; at != 0xffffffffu; at = state.descriptors[at].next)
      listed[static_cast<std::size_t>(state.descriptors[at].fd)] = true;
    ASSERT_EQ(listed, is_open);
    std::int32_t lowest = 0;
    while (lowest < 50 && is_open[static_cast<std::size_t>(lowest)]) ++lowest;
    ASSERT_EQ(lowest_free_fd(state, {0}), lowest);
  }
}

TEST(Apply, the_end_of_a_process_closes_its_descriptors_only) {
  State state = two_hosts();
  start(state, 0);
  start(state, 1);
  for (std::int32_t fd = 0; fd < 3; ++fd) {
    EXPECT_TRUE(open(state, 0, fd));
    EXPECT_TRUE(open(state, 1, fd));
  }
  EXPECT_TRUE(apply(state, host, trace::ProcessEnded{{0}}));
  EXPECT_FALSE(apply(state, host, trace::ProcessEnded{{0}}));
  EXPECT_EQ(state.descriptors.live(), 3u);
  EXPECT_EQ(find_descriptor(state, {0}, 0), nullptr);
  EXPECT_NE(find_descriptor(state, {1}, 2), nullptr);
  start(state, 0);
  EXPECT_EQ(lowest_free_fd(state, {0}), 0);
}

TEST(Apply, a_socket_begins_as_the_wildcard_of_its_family) {
  State state = two_hosts();
  EXPECT_TRUE(create(state, 0, Protocol::udp));
  EXPECT_EQ(state.sockets[0].tuple, (FourTuple{wildcard_v6, wildcard_v6, 0, 0}));
  EXPECT_TRUE(apply(state, host, trace::SocketBound{{0}, loopback_v6, 53, SocketFlag::bound}));
  EXPECT_TRUE(apply(state, host, trace::SocketConnected{{0}, {loopback_v6, loopback_v6, 53, 99}}));
  EXPECT_EQ(state.sockets[0].tcp_state, TcpState::established) << "as ss shows a connected UDP socket";
  EXPECT_TRUE(state.sockets[0].has(SocketFlag::bound));
  EXPECT_TRUE(state.sockets[0].has(SocketFlag::connected));
  EXPECT_TRUE(apply(state, host, trace::SocketClosed{{0}}));
  EXPECT_FALSE(state.sockets.alive(0));
}

TEST(Apply, variables_of_an_earlier_socket_do_not_reach_a_later_one) {
  State state = two_hosts();
  EXPECT_TRUE(create(state, 3));
  trace::TcpVariablesChanged event;
  event.socket = {3};
  for (std::uint8_t& byte : event.image) byte = 1;
  EXPECT_TRUE(apply(state, host, event));
  EXPECT_EQ(state.tcp_variables[3].cwnd, 0x01010101u);
  EXPECT_TRUE(apply(state, host, trace::SocketClosed{{3}}));
  EXPECT_FALSE(apply(state, host, event));
  EXPECT_TRUE(create(state, 3));
  EXPECT_EQ(state.tcp_variables[3].cwnd, 0u);
}

TEST(Apply, refuses_what_only_a_damaged_trace_says) {
  State state = two_hosts();
  const std::uint64_t before = state_digest(state);
  EXPECT_FALSE(apply(state, {2}, trace::ProcessStarted{{0}, {}, {}, 1, false}));
  EXPECT_FALSE(apply(state, HostId::none(), trace::PacketSent{}));
  EXPECT_FALSE(apply(state, host, trace::ProcessStarted{{0xfffffffeu}, {}, {}, 1, false}));
  EXPECT_FALSE(create(state, max_sockets));
  EXPECT_FALSE(create(state, id_slack + 1)) << "far beyond the ids in use";
  EXPECT_FALSE(apply(state, host, trace::SocketClosed{{5}}));
  EXPECT_FALSE(apply(state, host, trace::SocketClosed{SocketId::none()}));
  EXPECT_FALSE(apply(state, host, trace::DescriptorOpened{{0}, 3, 1, {}}));
  EXPECT_EQ(state_digest(state), before);
  EXPECT_TRUE(create(state, 0));
  EXPECT_FALSE(create(state, 0));
  EXPECT_FALSE(apply(state, host, trace::SocketStateChanged{{0}, TcpState::closed, static_cast<TcpState>(99), {}}));
  start(state, 0);
  EXPECT_FALSE(open(state, 0, -1));
  EXPECT_FALSE(open(state, 0, max_fd + 1));
  EXPECT_FALSE(apply(state, host, trace::ProcessActivity{{0}, 9, {}, -1, {}}));
}

TEST(Apply, random_bytes_never_break_it) {
  Random random(5, "bytes");
  State state = two_hosts();
  for (int i = 0; i < 50'000; ++i) {
    trace::Slot slots[trace::max_record_slots];
    auto* bytes = reinterpret_cast<unsigned char*>(slots);
    for (std::size_t b = 0; b < sizeof(slots); ++b) bytes[b] = static_cast<unsigned char>(random.next());
    slots[0].host = static_cast<std::uint16_t>(random.below(3));
    slots[0].subject = static_cast<std::uint32_t>(random.below(20));
    slots[0].a = static_cast<std::uint32_t>(random.below(9));
    apply_record(state, slots);
  }
  EXPECT_LE(state.sockets.live(), 20u);
}

TEST(StateDigest, differs_when_anything_visible_differs) {
  State a = two_hosts(), b = two_hosts();
  EXPECT_EQ(state_digest(a), state_digest(b));
  start(a, 0);
  EXPECT_NE(state_digest(a), state_digest(b));
  start(b, 0);
  EXPECT_TRUE(open(a, 0, 0));
  EXPECT_TRUE(open(b, 0, 1));
  EXPECT_NE(state_digest(a), state_digest(b));
  State copy = a;
  EXPECT_EQ(state_digest(copy), state_digest(a));
  EXPECT_TRUE(apply(copy, host, trace::PacketSent{}));
  EXPECT_NE(state_digest(copy), state_digest(a));
}

}  // namespace
}  // namespace fourtuple::state
