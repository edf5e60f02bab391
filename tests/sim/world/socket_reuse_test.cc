// What becomes of sockets that processes still hold when their connection is over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/trace/codec.h"
#include "sim/world/scenario/parse.h"
#include "sim/world/world.h"

namespace fourtuple::world {
namespace {

constexpr const char* two_machines =
    "fourtuple: 1\n"
    "until: 5 s\n"
    "networks: { lan: { delay: 2 ms } }\n"
    "hosts:\n"
    "  server:\n"
    "    interfaces: { eth0: { network: lan, address: 192.168.1.1/24 } }\n"
    "    processes: { srv: { user: root } }\n"
    "  anna:\n"
    "    interfaces: { eth0: { network: lan, address: 192.168.1.10/24 } }\n"
    "    processes: { app: { user: anna }, app2: { user: anna } }\n";

class SocketReuse : public testing::Test {
 protected:
  void run(const std::string& more, Time until) {
    const ParseResult parsed = parse_scenario(two_machines + more, "t");
    for (const Error& error : parsed.errors) ADD_FAILURE() << error.to_string();
    world_.emplace(parsed.scenario, 1, trace_);
    world_->run_until(until, trace_);
    trace_.publish();
  }
  const state::State& seen() const { return world_->system().visible; }
  std::uint32_t count(TcpState state) const {
    std::uint32_t n = 0;
    for (std::uint32_t i = 0; i < seen().sockets.end(); ++i)
      if (seen().sockets.alive(i) && seen().sockets[i].tcp_state == state) ++n;
    return n;
  }
  // Answers of a call, in order.
  std::vector<state::Errno> answers(trace::Call call) const {
    std::vector<state::Errno> all;
    for (std::uint64_t at = trace_.first(); at < trace_.published(); at = trace_.next(at)) {
      if (trace_.at(at)->kind != trace::Kind::syscall) continue;
      const auto record = trace::unpack_syscall(trace_.at(at));
      if (record.call == call) all.push_back(static_cast<state::Errno>(record.error));
    }
    return all;
  }

  trace::Trace trace_{trace::Level::facts};
  std::optional<World> world_;
};

constexpr const char* a_shut_down_and_not_closed =
    "timeline:\n"
    "  - { at: 1 ms, process: server/srv, listen: \"tcp 0.0.0.0:80\", as: l }\n"
    "  - { at: 10 ms, process: anna/app, connect: \"server:80\", from: 50000, reuse-address: true, as: a }\n"
    "  - { at: 30 ms, accept: l, as: sa }\n"
    "  - { at: 50 ms, shutdown: a }\n"
    "  - { at: 100 ms, close: sa }\n"
    "  - { at: 200 ms, process: anna/app2, connect: \"server:80\", from: 50000, reuse-address: true, as: b }\n"
    "  - { at: 500 ms, close: a }\n";

TEST_F(SocketReuse, a_descriptor_never_names_the_socket_that_took_the_place_of_its_own) {
  run(a_shut_down_and_not_closed, Time{0} + seconds(1));
  EXPECT_EQ(count(TcpState::established), 2u) << "closing the old socket must leave the new connection alone";
}

TEST_F(SocketReuse, a_socket_whose_connection_was_reset_stays_connected_and_cannot_connect_again) {
  run("timeline:\n"
      "  - { at: 1 ms, process: server/srv, listen: \"tcp 0.0.0.0:80\", as: l }\n"
      "  - { at: 10 ms, process: anna/app, connect: \"server:80\", as: a }\n"
      "  - { at: 30 ms, accept: l, as: sa }\n"
      "  - { at: 60 ms, close: sa, linger: 0 }\n"
      "  - { at: 100 ms, on: a, connect: \"server:80\" }\n",
      Time{0} + seconds(1));
  const auto connects = answers(trace::Call::connect);
  ASSERT_FALSE(connects.empty());
  EXPECT_EQ(connects.back(), state::Errno::eisconn);
}

TEST_F(SocketReuse, a_listener_made_of_a_refused_socket_is_reached) {
  run("timeline:\n"
      "  - { at: 10 ms, process: anna/app, connect: \"server:81\", from: 50000, as: a }\n"
      "  - { at: 50 ms, listen: a }\n"
      "  - { at: 60 ms, process: server/srv, connect: \"anna:50000\", as: b }\n",
      Time{0} + seconds(1));
  EXPECT_EQ(count(TcpState::listen), 1u);
  EXPECT_EQ(count(TcpState::established), 2u);
}

TEST_F(SocketReuse, a_host_without_ports_forgets_the_requests_of_a_listener_that_closes) {
  const std::string off =
      "timeline:\n"
      "  - { at: 1 ms, process: server/srv, listen: \"tcp 0.0.0.0:80\", as: l }\n"
      "  - { at: 10 ms, process: anna/app, connect: \"server:81\", as: a }\n"
      "  - { at: 13 ms, close: l }\n"
      "  - { at: 20 ms, process: server/srv, listen: \"tcp 0.0.0.0:82\", as: l2 }\n"
      "  - { at: 30 ms, process: anna/app, connect: \"server:82\", as: b }\n"
      "  - { at: 40 ms, close: a }\n";
  ParseResult parsed = parse_scenario(two_machines + off, "t");
  parsed.scenario.hosts[0].ports_off = true;
  world_.emplace(parsed.scenario, 1, trace_);
  world_->run_until(Time{0} + seconds(4), trace_);
  EXPECT_EQ(count(TcpState::listen), 1u);
}

}  // namespace
}  // namespace fourtuple::world
