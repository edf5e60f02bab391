// Gates must stop no packet that its rule would match: the same packets through the same random rules with gates, and
// with records of every expression, which does without them.
#include "sim/netfilter/rules/gates.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"
#include "tests/sim/netfilter/rules/router.h"

namespace fourtuple::netfilter {
namespace {

GateRange range_of_ports(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& ports) {
  KeyShape shape;
  shape.add(16);
  std::vector<KeyRange> elements;
  for (const auto& [low, high] : ports) {
    KeyRange range;
    range.low[0] = low;
    range.high[0] = high;
    elements.push_back(range);
  }
  return leading_range(elements, shape);
}

TEST(GateRange, of_elements_has_them_all_and_little_else) {
  const GateRange range = range_of_ports({{25, 25}, {135, 139}, {60'000, 60'100}});
  for (const std::uint64_t port : {25, 135, 137, 139, 60'000, 60'050, 60'100}) EXPECT_TRUE(range.has(port)) << port;
  for (const std::uint64_t port : {0, 24, 5'000, 59'000, 60'101, 65'535}) EXPECT_FALSE(range.has(port)) << port;
}

TEST(GateRange, of_neighbours_is_exact) {
  const GateRange range = range_of_ports({{80, 80}, {82, 82}, {100, 110}});
  for (std::uint64_t port = 0; port < 200; ++port)
    EXPECT_EQ(range.has(port), port == 80 || port == 82 || (port >= 100 && port <= 110)) << port;
}

TEST(GateRange, of_no_element_has_nothing) {
  for (const std::uint64_t port : {0, 1, 65'535}) EXPECT_FALSE(range_of_ports({}).has(port));
}

TEST(GateRange, of_the_element_for_all_others_has_everything) {
  KeyShape shape;
  shape.add(16);
  KeyRange others;
  others.all = true;
  EXPECT_TRUE(leading_range({others}, shape).has(0));
  EXPECT_TRUE(leading_range({others}, shape).has(~std::uint64_t{0}));
}

// Conditions over few values, so that each is met and missed often.
std::string condition(Random& random) {
  static constexpr const char* const numbers[] = {"tcp dport", "tcp sport",   "udp dport", "th dport",
                                                  "ip ttl",    "meta length", "meta mark", "ip dscp"};
  static constexpr const char* const tests[] = {"", "!= ", "< ", "<= ", "> ", ">= "};
  static constexpr const char* const others[] = {
      "iifname \"lan\"",
      "iifname != \"lan\"",
      "iifname \"l*\"",
      "oifname \"wan\"",
      "oifname { \"wan\", \"lan\" }",
      "ip saddr 192.168.1.3",
      "ip saddr 192.168.1.0/30",
      "ip saddr != 192.168.1.0/30",
      "ip saddr 192.168.1.2-192.168.1.4",
      "ip daddr != 198.51.100.2-198.51.100.6",
      "ip daddr { 198.51.100.3, 198.51.100.5-198.51.100.6 }",
      "ip saddr != { 192.168.1.2, 192.168.1.4 }",
      "ip saddr . tcp dport { 192.168.1.3 . 3, 192.168.1.4-192.168.1.5 . 1-4 }",
      "tcp dport { 3, 5, 6-7 }",
      "th dport != { 1, 4 }",
      "ct state new",
      "ct state invalid",
      "ct state != new",
      "ct state { new, related }",
      "tcp flags syn",
      "tcp flags & (syn | ack) == syn",
      "tcp flags != syn",
      "meta l4proto { tcp, icmp }",
      "ip protocol udp",
      "ip6 saddr fe80::/10",
      "ip6 daddr 2001:db8::1",
      "ip6 saddr fe80::3-fe80::5",
      "ip6 daddr != 2001:db8::2",
      "ip6 daddr { 2001:db8::3, 2001:db8::5-2001:db8::6 }",
      "ip6 saddr . th dport { fe80::3 . 3, fe80::4 . 4 }",
      "ct mark 3",
      "ct mark != 0",
      "th sport { 1, 3, 200, 60000-61000 }",
      "ct original ip saddr 192.168.1.3",
      "ct original ip daddr { 198.51.100.3, 198.51.100.4 }",
      "tcp dport @ports",
      "ip saddr . ip daddr @pairs"};
  const std::uint64_t which = random.below(std::size(others) + std::size(numbers));
  if (which < std::size(others)) return others[which];
  const std::string field = numbers[which - std::size(others)];
  if (random.below(4) == 0) {
    const std::uint64_t low = random.below(6);
    return field + (random.below(2) == 0 ? " " : " != ") + std::to_string(low) + "-" +
           std::to_string(low + 1 + random.below(4));
  }
  return field + " " + tests[random.below(std::size(tests))] + std::to_string(1 + random.below(7));
}

std::string ruleset(const std::string& rules) {
  return "table inet f {\nset ports { type inet_service; flags interval; elements = { 2, 4-5 } }\n"
         "set pairs { type ipv4_addr . ipv4_addr; elements = { 192.168.1.3 . 198.51.100.3 } }\n"
         "chain forward { type filter hook forward priority 0; policy drop;\n" +
         rules +
         "}\nchain aside {\ntcp dport 3 counter accept\nmeta mark 2 counter return\nip6 daddr 2001:db8::4 "
         "counter\n}\n}\n";
}

std::string random_rule(Random& random) {
  std::string rule;
  for (std::uint64_t left = 1 + random.below(3); left != 0; --left) rule += condition(random) + " ";
  static constexpr const char* const changes[] = {"meta mark set ", "ct mark set "};
  if (random.below(4) == 0)
    rule += changes[random.below(2)] + std::to_string(random.below(8)) + " " + condition(random) + " ";
  rule += "counter";
  static constexpr const char* const verdicts[] = {" accept", " drop", " jump aside", " goto aside"};
  if (random.below(4) == 0) rule += verdicts[random.below(std::size(verdicts))];
  return rule + "\n";
}

// Twelve rules; those that nft refuses (no packet is both ip and ip6) are not among them.
std::string random_rules(Random& random) {
  std::string rules;
  for (int left = 12; left != 0;) {
    const std::string rule = random_rule(random);
    if (!Router(trace::Level::off).load(ruleset(rule)).empty()) continue;
    rules += rule;
    --left;
  }
  return ruleset(rules);
}

Packet random_packet(Router& router, Random& random) {
  const bool v6 = random.below(4) == 0;
  const std::string from = (v6 ? "fe80::" : "192.168.1.") + std::to_string(2 + random.below(5));
  const std::string to = (v6 ? "2001:db8::" : "198.51.100.") + std::to_string(1 + random.below(7));
  const auto port = [&] { return static_cast<std::uint16_t>(1 + random.below(8)); };
  const std::uint16_t from_port = port(), to_port = port();
  constexpr std::uint8_t flags[] = {TcpFlag::syn, TcpFlag::ack, TcpFlag::syn | TcpFlag::ack, TcpFlag::fin};
  const std::uint64_t kind = v6 ? 1 + random.below(7) : random.below(8);
  Packet packet = kind == 0   ? router.echo(from, to)
                  : kind <= 2 ? router.udp(from, from_port, to, to_port)
                              : router.tcp(from, from_port, to, to_port, flags[random.below(std::size(flags))]);
  packet.ttl = static_cast<std::uint8_t>(2 + random.below(7));
  return packet;
}

TEST(Gates, stop_no_packet_that_its_rule_would_match) {
  std::uint32_t matched = 0, sent = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed, "gates");
    Router with(trace::Level::off), without(trace::Level::expressions);
    const std::string rules = random_rules(random);
    ASSERT_EQ(with.load(rules), "") << rules;
    ASSERT_EQ(without.load(rules), "") << rules;
    for (int i = 0; i < 60; ++i) {
      Random same = random;
      const Journey fast = with.receive(Router::lan, random_packet(with, random));
      const Journey slow = without.receive(Router::lan, random_packet(without, same));
      ASSERT_EQ(fast.end, slow.end) << "seed " << seed << ", packet " << i << "\n" << rules;
      ASSERT_EQ(fast.mark, slow.mark) << "seed " << seed << ", packet " << i << "\n" << rules;
      ++sent;
    }
    ASSERT_EQ(with.listing(), without.listing()) << "seed " << seed;
    for (std::uint32_t i = 0; i < with.visible.objects.size(); ++i)
      matched += with.visible.objects[i].first != 0 ? 1 : 0;
  }
  EXPECT_EQ(sent, 3600u);
  EXPECT_GT(matched, 100u) << "too few rules match for the comparison to say much";
}

}  // namespace
}  // namespace fourtuple::netfilter
