#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/rule_text.h"
#include "app/views/views.h"
#include "sim/netfilter/nft/types.h"
#include "tests/app/support/files.h"
#include "tests/app/support/firewall.h"

namespace fourtuple::app {
namespace {

class NetfilterViews : public ::testing::Test {
 protected:
  NetfilterViews() { Firewall().save(folder_.file("firewall.trace")); }
  Printed shown(const std::string& view, const std::string& at, bool json = false) {
    ShowOptions options{folder_.file("firewall.trace"), at, view, "server", json};
    return printed_by([&] { return show(options); });
  }
  TemporaryFolder folder_;
};

TEST_F(NetfilterViews, conntrack_is_as_its_tool_prints_it) {
  EXPECT_EQ(shown("conntrack", "6 ms").out,
            "ipv4     2 tcp      6 119 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=50432 dport=80 packets=1 bytes=60 "
            "[UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=50432 packets=0 bytes=0 mark=5 use=1\n");
  EXPECT_EQ(shown("conntrack", "2 ms").out, "no flows are tracked\n");
}

TEST_F(NetfilterViews, expired_entries_are_hidden) {
  EXPECT_THAT(shown("conntrack", "2 min").out, ::testing::HasSubstr(" 0 SYN_SENT "));
  EXPECT_EQ(shown("conntrack", "121 s").out, "no flows are tracked\n");
}

TEST_F(NetfilterViews, nft_lists_the_ruleset_with_the_values_of_the_instant) {
  const std::string text = "table inet filter {\n\tchain input {\n\t\ttcp dport 80 counter packets ";
  EXPECT_EQ(shown("nft", "2 ms").out, text + "0 bytes 0 accept\n\t}\n}\n");
  EXPECT_EQ(shown("nft", "").out, text + "1 bytes 60 accept\n\t}\n}\n");
}

TEST_F(NetfilterViews, report_as_json) {
  const auto flow = nlohmann::json::parse(shown("conntrack", "6 ms", true).out).at("hosts").at(0).at("rows").at(0);
  EXPECT_EQ(flow.at("state"), "SYN_SENT");
  EXPECT_EQ(flow.at("seconds_left"), 119);
  EXPECT_EQ(flow.at("reply").at("source_port"), 80);
  EXPECT_EQ(flow.at("replied"), false);
  const auto chain = nlohmann::json::parse(shown("nft", "", true).out).at("hosts").at(0).at("rows").at(0);
  EXPECT_EQ(chain.at("policy"), "drop");
  EXPECT_EQ(chain.at("rules").at(1).at("counter"), nlohmann::json::parse(R"({"packets": 1, "bytes": 60})"));
}

// Lines of `conntrack -L -o extended` (conntrack-tools 1.4.7, Linux 6.18) for a ping, a translated UDP packet and an
// answered flow over IPv6.
TEST(ConntrackView, writes_every_protocol_as_the_tool_does) {
  trace::Tables tables;
  state::State state;
  const auto entry = [&](Protocol protocol, const char* source, const char* destination) -> state::ConntrackEntry& {
    const std::uint32_t id = state.conntrack.allocate();
    state::ConntrackEntry& made = state.conntrack.mut(id);
    made.host = {0};
    made.protocol = protocol;
    made.original.source = made.reply.destination = tables.addresses.intern(*IpAddress::parse(source));
    made.original.destination = made.reply.source = tables.addresses.intern(*IpAddress::parse(destination));
    made.expires = Time{29'500'000'000};
    made.mark = 5;
    return made;
  };
  state::ConntrackEntry& ping = entry(Protocol::icmp, "10.0.0.1", "10.0.0.99");
  ping.original.source_port = ping.reply.source_port = 77;
  ping.original.destination_port = 8 << 8;
  ping.packets[0] = 2;
  ping.bytes[0] = 56;
  state::ConntrackEntry& translated = entry(Protocol::udp, "10.0.0.1", "10.0.0.2");
  translated.original.source_port = 54247;
  translated.original.destination_port = translated.reply.source_port = 999;
  translated.reply.destination = tables.addresses.intern(*IpAddress::parse("10.0.0.77"));
  translated.reply.destination_port = 4000;
  translated.packets[0] = 1;
  translated.bytes[0] = 29;
  state::ConntrackEntry& echo = entry(Protocol::icmpv6, "2001:db8::1", "2001:db8::2");
  echo.original.source_port = echo.reply.source_port = 77;
  echo.original.destination_port = 128 << 8;
  echo.reply.destination_port = 129 << 8;
  echo.packets[0] = echo.packets[1] = 2;
  echo.bytes[0] = echo.bytes[1] = 96;
  echo.status = state::ConntrackStatus::seen_reply;
  state::ConntrackEntry& web = entry(Protocol::tcp, "10.0.0.1", "10.0.0.2");
  web.original.source_port = web.reply.destination_port = 50432;
  web.original.destination_port = web.reply.source_port = 80;
  web.status = state::ConntrackStatus::seen_reply | state::ConntrackStatus::assured;
  web.tcp = state::TcpTracking::established;
  web.expires = Time{431'998'000'000'000};
  web.packets[0] = 3;
  web.packets[1] = 2;
  web.bytes[0] = 166;
  web.bytes[1] = 112;
  EXPECT_EQ(
      conntrack_text({tables, state, Time{0}, Services::parse("")}, {0}),
      "ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.99 type=8 code=0 id=77 packets=2 bytes=56 [UNREPLIED] "
      "src=10.0.0.99 dst=10.0.0.1 type=0 code=0 id=77 packets=0 bytes=0 mark=5 use=1\n"
      "ipv4     2 udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=54247 dport=999 packets=1 bytes=29 [UNREPLIED] "
      "src=10.0.0.2 dst=10.0.0.77 sport=999 dport=4000 packets=0 bytes=0 mark=5 use=1\n"
      "ipv6     10 icmpv6   58 29 src=2001:db8::1 dst=2001:db8::2 type=128 code=0 id=77 packets=2 bytes=96 "
      "src=2001:db8::2 dst=2001:db8::1 type=129 code=0 id=77 packets=2 bytes=96 mark=5 use=1\n"
      "ipv4     2 tcp      6 431998 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=50432 dport=80 packets=3 bytes=166 "
      "src=10.0.0.2 dst=10.0.0.1 sport=80 dport=50432 packets=2 bytes=112 [ASSURED] mark=5 use=1\n");
}

// As nftables 1.0.6 lists such elements.
TEST(RuleText, writes_values_and_intervals_as_nft_does) {
  trace::Tables tables;
  const replay::ListingStyle style = nft_listing(tables);
  constexpr auto ipv4_addr = static_cast<std::uint8_t>(nft::Type::ipv4_addr);
  constexpr auto inet_service = static_cast<std::uint8_t>(nft::Type::inet_service);
  trace::SetInfo set;
  set.types = {ipv4_addr, inet_service};
  set.widths = {32, 16};
  using Words = std::vector<std::uint32_t>;
  EXPECT_EQ(style.value({0}, set.types, set.widths, Words{0x0a000001, 443}), "10.0.0.1 . 443");
  EXPECT_EQ(style.interval(set, Words{0x0a000000, 80}, Words{0x0affffff, 90}), "10.0.0.0/8 . 80-90");
  EXPECT_EQ(style.interval(set, Words{0x0a000001, 80}, Words{0x0a000003, 80}), "10.0.0.1-10.0.0.3 . 80");
  // By the last byte of the port first: 22, 80, 443 (0x1bb).
  EXPECT_TRUE(style.before(set, Words{0x0a000002, 22}, Words{0x0a000001, 80}));
  EXPECT_TRUE(style.before(set, Words{0x0a000001, 80}, Words{0x0a000001, 443}));
  EXPECT_FALSE(style.before(set, Words{0x0a000001, 443}, Words{0x0a000001, 80}));
  set.types = {ipv4_addr};
  EXPECT_EQ(style.line(set, {"a", "b", "c"}), "\t\telements = { a, b,\n\t\t\t     c }\n");
  set.types = {200};
  EXPECT_EQ(style.value({0}, set.types, {32}, Words{255}), "0xff");
}

TEST(RuleText, names_the_interfaces_of_the_host) {
  test::TraceBuilder builder;
  constexpr auto iface_index = static_cast<std::uint8_t>(nft::Type::iface_index);
  const replay::ValueText value = rule_values(builder.trace().tables());
  EXPECT_EQ(value({0}, {iface_index}, {32}, std::vector<std::uint32_t>{1}), "\"eth0\"");
  EXPECT_EQ(value({0}, {iface_index}, {32}, std::vector<std::uint32_t>{9}), "9");
}

}  // namespace
}  // namespace fourtuple::app
