#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/world/scenario/support.h"

namespace fourtuple::world {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Scenario parsed(const std::string& text) {
  ParseResult result = parse_scenario(text, "t.yaml");
  EXPECT_THAT(error_lines(result), IsEmpty());
  return std::move(result.scenario);
}

TEST(ParseScenario, reads_a_base_file_with_its_defaults) {
  const Scenario s = parsed(two_hosts());
  ASSERT_EQ(s.hosts.size(), 2u);
  EXPECT_EQ(s.hosts[0].kind, trace::HostKind::computer);
  EXPECT_EQ(s.hosts[1].kind, trace::HostKind::server);
  EXPECT_EQ(s.hosts[1].where.line, 8u);
  EXPECT_EQ(s.hosts[1].where.column, 3u);
  EXPECT_EQ(s.hosts[0].interfaces[0].addresses.size(), 2u);
  EXPECT_EQ(s.networks[0].delay, milliseconds(5));
  EXPECT_EQ(s.networks[0].queue_packets, 1000u);
  EXPECT_EQ(s.hosts[1].processes[0].listen[0].local.port, 80);
  EXPECT_EQ(s.hosts[1].processes[0].program, Program::http);
  EXPECT_FALSE(s.until);
}

TEST(ParseScenario, a_hosts_name_becomes_its_nearest_address) {
  const Scenario s =
      parsed(two_hosts("timeline:\n"
                       "  - { at: 1 ms, process: a/app, connect: \"b:80\", as: four }\n"
                       "  - { at: 2 ms, process: a/app, connect: \"b:80\", family: ipv6, as: six }\n"
                       "  - { at: 3 ms, process: b/web, connect: \"localhost:80\" }\n"
                       "  - { at: 4 ms, process: a/app, connect: \"udp [2001:db8::2]:53\", from: 1000 }\n"));
  EXPECT_EQ(s.timeline[0].endpoint.address.to_string(), "192.0.2.2");
  EXPECT_EQ(s.timeline[1].endpoint.address.to_string(), "2001:db8::2");
  EXPECT_EQ(s.timeline[1].family, Family::ipv6);
  EXPECT_EQ(s.timeline[2].endpoint.address.to_string(), "127.0.0.1");
  EXPECT_EQ(s.timeline[3].protocol, Protocol::udp);
  EXPECT_EQ(s.timeline[3].from->port, 1000);
  EXPECT_EQ(s.timeline[3].from->address.family, Family::ipv6);
}

TEST(ParseScenario, a_socket_brings_its_process_along) {
  const Scenario s =
      parsed(two_hosts("timeline:\n"
                       "  - { at: 1 ms, process: a/app, connect: \"b:80\", as: c }\n"
                       "  - { after: { socket: c, state: ESTABLISHED, delay: 1 ms }, on: c, send: { bytes: 3 KB } }\n"
                       "  - { after: 5 ms, close: c, linger: 0 }\n"));
  EXPECT_EQ(s.timeline[1].process.host, 0u);
  EXPECT_EQ(s.timeline[1].trigger.kind, Trigger::Kind::socket_state);
  EXPECT_EQ(s.timeline[1].trigger.delay, milliseconds(1));
  EXPECT_EQ(s.timeline[1].payload.length, 3000u);
  EXPECT_TRUE(s.timeline[1].payload.text.empty());
  EXPECT_EQ(s.timeline[2].trigger.kind, Trigger::Kind::previous);
  EXPECT_EQ(s.timeline[2].linger_s, 0);
  EXPECT_EQ(words_of(s, s.timeline[0]), "a/app: connect to b:80");
  EXPECT_EQ(words_of(s, s.timeline[2]), "a/app: close c with a reset");
}

TEST(ParseScenario, listeners_have_options_and_names) {
  const Scenario s = parsed(
      "fourtuple: 1\n"
      "hosts:\n"
      "  h:\n"
      "    processes:\n"
      "      s:\n"
      "        listen:\n"
      "          - \"127.0.0.1:8000\"\n"
      "          - { on: \"tcp [::]:8000\", as: l, v6only: true, reuse-address: true, backlog: 2 }\n"
      "      later: { start: later, user: root }\n"
      "timeline:\n"
      "  - { at: 1 s, accept: l, as: taken }\n"
      "  - { at: 2 s, start: h/later }\n");
  const ProcessSpec& process = s.hosts[0].processes[0];
  ASSERT_EQ(process.listen.size(), 2u);
  EXPECT_TRUE(process.listen[1].options.v6only);
  EXPECT_EQ(process.listen[1].backlog, 2u);
  EXPECT_EQ(s.sockets[process.listen[1].name].name, "l");
  EXPECT_EQ(s.timeline[0].process.process, 0u);
  EXPECT_FALSE(s.hosts[0].processes[1].start);
  EXPECT_EQ(s.hosts[0].processes[1].uid, 0u);
}

TEST(ParseScenario, expectations_carry_selectors) {
  const Scenario s = parsed(
      two_hosts("timeline:\n"
                "  - { at: 1 ms, process: a/app, connect: \"b:80\", as: c }\n"
                "expect:\n"
                "  - { packet: { socket: c, flags: SYN, nth: [1, 2] }, dropped-by: { host: b, reason: no-socket }, "
                "answered-with: RST }\n"
                "  - { process: a/app, call: connect, error: ECONNREFUSED, nth: 1 }\n"
                "  - { packets: { network: wire, protocol: tcp, after: 1 s }, at-most: 7 }\n"
                "  - { socket: c, peer-sees: { address: 192.0.2.0/24, port: 1024-65535, not-port: 80 }, fd: 3 }\n"
                "  - { not-listening: \"b:81\" }\n"
                "  - { process: a/app, received: \"hi\\n\" }\n"));
  const auto& e = s.expects;
  EXPECT_EQ(e[0].packet.nth, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(e[0].dropped_by->host, 1u);
  EXPECT_EQ(e[0].answered_with, Expectation::Answer::rst);
  EXPECT_EQ(e[1].kind, Expectation::Kind::call);
  EXPECT_EQ(e[1].error, state::Errno::econnrefused);
  EXPECT_EQ(e[2].count.most, 7u);
  EXPECT_EQ(e[2].count.least, 0u);
  EXPECT_EQ(e[3].peer_sees->not_port, 80);
  EXPECT_EQ(e[3].fd, 3);
  EXPECT_FALSE(e[4].is);
  EXPECT_EQ(e[5].text, "hi\n");
}

TEST(ParseScenario, routes_find_their_interface) {
  const Scenario s = parsed(
      "fourtuple: 1\n"
      "networks: { n: {}, m: {} }\n"
      "hosts:\n"
      "  r:\n"
      "    kind: router\n"
      "    interfaces: { e0: { network: n, address: 10.0.0.1/24 }, e1: { network: m, address: [10.1.0.1/24, "
      "\"fd00::1/64\"] } }\n"
      "    routes: { default: [10.1.0.9, \"fd00::9\"], 10.2.0.0/16: e0 }\n"
      "  h: { interfaces: { e0: { network: n, address: 10.0.0.2/24 }, e1: { network: m, address: 10.1.0.2/24 } } }\n");
  const HostSpec& router = s.hosts[0];
  EXPECT_TRUE(router.forwarding);
  ASSERT_EQ(router.routes.size(), 3u);
  EXPECT_EQ(router.routes[0].interface, 1u);
  EXPECT_EQ(router.routes[1].destination.address.family, Family::ipv6);
  EXPECT_FALSE(router.routes[2].gateway);
  EXPECT_EQ(router.routes[2].interface, 0u);
}

TEST(ParseScenario, conflicting_listeners_are_a_lesson_and_no_error) {
  parsed(
      "fourtuple: 1\n"
      "hosts: { h: { processes: { one: { listen: \"tcp 0.0.0.0:80\" }, two: { listen: \"tcp 0.0.0.0:80\" } } } }\n"
      "expect: [{ process: h/two, call: bind, error: EADDRINUSE }]\n");
}

TEST(ParseScenario, overrides_change_the_tree_before_it_is_read) {
  const std::string text = two_hosts("timeline:\n  - { at: 1 ms, process: a/app, connect: \"b:80\" }\n");
  const ParseResult result = parse_scenario(text, "t.yaml",
                                            {{"networks.wire.loss", "5 %"},
                                             {"seed", "9"},
                                             {"timeline.0.at", "7 ms"},
                                             {"hosts.a.sysctls", "{ somaxconn: 1 }"}});
  EXPECT_THAT(error_lines(result), IsEmpty());
  EXPECT_EQ(result.scenario.networks[0].loss.denominator, 20u);
  EXPECT_EQ(result.scenario.seed, 9u);
  EXPECT_EQ(result.scenario.timeline[0].trigger.at.ns, 7'000'000);
  EXPECT_EQ(result.scenario.hosts[0].sysctls[0].value, 1);
}

TEST(ParseScenario, a_bad_override_is_named_in_its_error) {
  const ParseResult result =
      parse_scenario(two_hosts(), "t.yaml", {{"networks.wire.los", "5 %"}, {"hosts.a.0.x", "["}, {"seed", "no"}});
  ASSERT_EQ(result.errors.size(), 3u);
  const std::vector<std::string> lines = error_lines(result);
  EXPECT_THAT(lines, testing::Contains(
                         "--set networks.wire.los=5 %: error: 'los' is not a key of a network; did you mean 'loss'?"));
  EXPECT_THAT(lines, testing::Contains(HasSubstr("--set hosts.a.0.x=[")));
  EXPECT_THAT(lines, testing::Contains(HasSubstr("--set seed=no: error: 'no' is not a valid value of 'seed'")));
}

TEST(ParseScenario, settings_are_key_and_value) {
  EXPECT_EQ(parse_override("a.b=c = d")->path, "a.b");
  EXPECT_EQ(parse_override("a.b=c = d")->value, "c = d");
  for (const char* bad : {"", "a", "=b", "a="}) EXPECT_FALSE(parse_override(bad)) << bad;
}

TEST(ParseScenario, texts_fall_back_to_english_then_to_the_first) {
  const Scenario s =
      parsed("fourtuple: 1\ntitle: { ja: 題, en: Title }\nsummary: { ja: 要約 }\nwatch: plain\nhosts: { h: {} }\n");
  EXPECT_EQ(s.title.in("ja"), "題");
  EXPECT_EQ(s.title.in("fr"), "Title");
  EXPECT_EQ(s.summary.in("en"), "要約");
  EXPECT_EQ(s.watch.in("ja"), "plain");
}

TEST(ParseScenario, a_byte_order_mark_and_windows_line_ends_are_fine) {
  parsed(
      "\xef\xbb\xbf"
      "fourtuple: 1\r\nhosts:\r\n  h: {}\r\n");
}

TEST(ParseScenario, the_same_address_on_two_networks_is_only_a_warning) {
  const ParseResult result = parse_scenario(
      "fourtuple: 1\n"
      "networks: { n: {}, m: {} }\n"
      "hosts:\n"
      "  a: { interfaces: { e: { network: n, address: 10.0.0.1/24 } } }\n"
      "  b: { interfaces: { e: { network: m, address: 10.0.0.1/24 } } }\n"
      "  r: { interfaces: { e: { network: n, address: 10.0.0.2/24 }, f: { network: m, address: 10.9.0.2/24 } } }\n",
      "t.yaml");
  EXPECT_THAT(error_lines(result), IsEmpty());
  EXPECT_EQ(result.warnings.size(), 1u);
}

}  // namespace
}  // namespace fourtuple::world
