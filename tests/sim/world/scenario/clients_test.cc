#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world/scenario/expand.h"
#include "sim/world/world.h"
#include "tests/sim/world/scenario/support.h"

namespace fourtuple::world {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// `a` is a crowd, `b` a server on 80.
std::string crowd(const std::string& clients, const std::string& processes = "{}") {
  return "fourtuple: 1\n"
         "networks: { wire: { delay: 1 ms } }\n"
         "hosts:\n"
         "  a:\n"
         "    interfaces: { eth0: { network: wire, address: 10.0.0.1/8 } }\n"
         "    processes: " +
         processes +
         "\n"
         "    clients: " +
         clients +
         "\n"
         "  b:\n"
         "    interfaces: { eth0: { network: wire, address: 10.0.0.80/8 } }\n"
         "    processes: { web: { user: root, listen: \"tcp 0.0.0.0:80\", program: discard } }\n";
}

TEST(Clients, stand_for_a_process_a_prefix_and_a_repeated_connect) {
  const ParseResult result =
      parse_scenario(crowd("{ count: 500, connect: \"b:80\", addresses: 10.2.0.1/16, start: 5 ms, over: 1 s }"), "t");
  ASSERT_THAT(error_lines(result), IsEmpty());
  const Scenario& s = result.scenario;
  ASSERT_EQ(s.timeline.size(), 1u);
  const TimelineEntry& entry = s.timeline[0];
  EXPECT_EQ(entry.verb, Verb::connect);
  EXPECT_EQ(entry.count, 500u);
  EXPECT_EQ(entry.every, milliseconds(2));
  EXPECT_EQ(entry.trigger.at, Time{0} + milliseconds(5));
  EXPECT_EQ(entry.from_length, 16);
  EXPECT_EQ(s.hosts[0].processes[entry.process.process].name, "clients");
  ASSERT_EQ(s.hosts[0].interfaces[0].local.size(), 1u);
  EXPECT_EQ(s.hosts[0].interfaces[0].local[0].to_string(), "10.2.0.1/16");
}

TEST(Clients, are_written_out_by_expansion_and_read_again) {
  const ParseResult first =
      parse_scenario(crowd("{ count: 3, connect: \"b:80\", addresses: 10.2.0.1/16, over: 3 ms }"), "t");
  ASSERT_THAT(error_lines(first), IsEmpty());
  const std::string text = expanded(first.scenario);
  EXPECT_THAT(text, HasSubstr("local: [\"10.2.0.1/16\"]"));
  EXPECT_THAT(text, HasSubstr("from: \"10.2.0.1/16\""));
  const ParseResult again = parse_scenario(text, "expanded");
  EXPECT_THAT(error_lines(again), IsEmpty());
  EXPECT_EQ(expanded(again.scenario), text);
}

TEST(Clients, need_as_many_addresses_as_there_are_of_them) {
  const ParseResult result =
      parse_scenario(crowd("{ count: 300, connect: \"b:80\", addresses: 10.2.0.250/24 }"), "t.yaml");
  EXPECT_THAT(
      error_lines(result),
      ElementsAre("t.yaml:7:56: error: there are 6 addresses from 10.2.0.250 to the end of its prefix, and 300 are "
                  "needed; expected a shorter prefix, or a smaller count"));
}

TEST(Clients, do_not_share_their_processs_name) {
  const ParseResult result = parse_scenario(crowd("{ count: 3, connect: \"b:80\" }", "{ clients: {} }"), "t.yaml");
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_THAT(error_lines(result)[0], HasSubstr("brings a process of this name"));
}

TEST(Clients, do_not_take_addresses_of_others_nor_all_there_are) {
  const ParseResult taken = parse_scenario(crowd("{ count: 3, connect: \"b:80\", addresses: 10.0.0.70/24 }"), "t.yaml");
  EXPECT_THAT(error_lines(taken), ElementsAre("t.yaml:5:19: error: 10.0.0.70/24 contains 10.0.0.80 of b; expected a "
                                              "prefix without addresses of other hosts"));
  const ParseResult all = parse_scenario(crowd("{ count: 3, connect: \"b:80\", addresses: 10.9.0.5/0 }"), "t.yaml");
  EXPECT_THAT(error_lines(all),
              ElementsAre("t.yaml:7:54: error: a host cannot answer for 10.9.0.5/0; expected a prefix "
                          "of unicast addresses"));
}

TEST(Clients, of_one_address_are_warned_of_when_the_ports_run_out) {
  const ParseResult result = parse_scenario(crowd("{ count: 30000, connect: \"b:80\" }"), "t.yaml");
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_THAT(result.warnings[0].message, HasSubstr("has 28232 ports toward one server port: the other 1768 clients"));
}

std::vector<std::string> peers_of_port_80(const World& world) {
  const state::State& seen = world.system().visible;
  std::vector<std::string> peers;
  for (std::uint32_t i = 0; i < seen.sockets.end(); ++i)
    if (seen.sockets.alive(i) && seen.sockets[i].tcp_state == TcpState::established &&
        seen.sockets[i].tuple.local_port == 80)
      peers.push_back(world.system().addresses[seen.sockets[i].tuple.remote].to_string());
  return peers;
}

TEST(Clients, come_to_the_server_from_an_address_each) {
  const ParseResult result =
      parse_scenario(crowd("{ count: 4, connect: \"b:80\", addresses: 10.2.0.254/16, over: 4 ms }"), "t");
  trace::Trace trace(trace::Level::facts);
  World world(result.scenario, 1, trace);
  world.run_until(Time{0} + seconds(1), trace);
  EXPECT_THAT(peers_of_port_80(world), ElementsAre("10.2.0.254", "10.2.0.255", "10.2.1.0", "10.2.1.1"));
}

TEST(Clients, without_addresses_come_from_the_hosts_own) {
  const ParseResult result = parse_scenario(crowd("{ count: 3, connect: \"b:80\", over: 3 ms }"), "t");
  trace::Trace trace(trace::Level::facts);
  World world(result.scenario, 1, trace);
  world.run_until(Time{0} + seconds(1), trace);
  EXPECT_THAT(peers_of_port_80(world), ElementsAre("10.0.0.1", "10.0.0.1", "10.0.0.1"));
}

}  // namespace
}  // namespace fourtuple::world
