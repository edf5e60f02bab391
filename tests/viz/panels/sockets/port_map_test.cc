#include "viz/panels/sockets/port_map.h"

#include <gtest/gtest.h>

#include "tests/viz/panels/sockets/desk.h"

namespace fourtuple::viz {
namespace {

using test::Desk;

struct Counted : Desk {
  Counted() {
    seek_end(story->alice_data);
    counts.update(cursor.state(), story->server);
  }
  PortDetail describe(Protocol protocol, std::uint16_t port) {
    return describe_port(context(), story->server, counts, protocol, port);
  }
  PortCounts counts;
};

TEST(PortMap, says_everything_about_a_port) {
  Counted desk;
  const PortDetail https = desk.describe(Protocol::tcp, 443);
  EXPECT_EQ(port_title(https), "TCP 443 https");
  EXPECT_EQ(https.range, "system port, 0 to 1023");
  EXPECT_EQ(https.holders, "listening, 3 connected");
  ASSERT_EQ(https.sockets.size(), 4u);
  EXPECT_EQ(https.sockets[0].state, "LISTEN");
  EXPECT_EQ(https.sockets[0].peer, "*");
  EXPECT_EQ(https.sockets[0].process, "caddy, pid 811, fd 7");
  EXPECT_EQ(https.sockets[1].state, "ESTAB");
  EXPECT_EQ(desk.describe(Protocol::udp, 443).holders, "open to anyone");
  EXPECT_EQ(desk.describe(Protocol::tcp, 5432).holders, "free");
  EXPECT_EQ(desk.describe(Protocol::tcp, 5432).service, "postgresql");
  EXPECT_EQ(desk.describe(Protocol::tcp, 5432).aliases, "postgres");
  EXPECT_EQ(desk.describe(Protocol::tcp, 49152).range, "dynamic port, 49152 to 65535");
  EXPECT_EQ(desk.describe(Protocol::tcp, 49151).range, "user port, 1024 to 49151");
}

TEST(PortMap, finds_ports_by_name_alias_and_number_those_in_use_first) {
  Counted desk;
  const auto ports = [&](std::string_view text) {
    std::vector<std::pair<Protocol, std::uint16_t>> found;
    for (const PortMatch& match : find_ports(desk.tools, desk.counts, text))
      found.emplace_back(match.protocol, match.port);
    return found;
  };
  using Ports = std::vector<std::pair<Protocol, std::uint16_t>>;
  EXPECT_EQ(ports("http"),
            (Ports{{Protocol::tcp, 80}, {Protocol::tcp, 443}, {Protocol::udp, 443}, {Protocol::tcp, 8080}}));
  EXPECT_EQ(ports("POSTGRES"), (Ports{{Protocol::tcp, 5432}}));
  EXPECT_EQ(ports("443"), (Ports{{Protocol::tcp, 443}, {Protocol::udp, 443}}));
  EXPECT_EQ(ports("50432"), (Ports{{Protocol::tcp, 50432}, {Protocol::udp, 50432}})) << "a number without a name";
  EXPECT_TRUE(ports("65536").empty());
  EXPECT_TRUE(ports("").empty());
  EXPECT_TRUE(ports("no such name").empty());
  EXPECT_EQ(find_ports(desk.tools, desk.counts, "443")[0].holders.total(), 4u);
}

TEST(PortMap, counts_the_ranges_and_takes_the_hosts_own_ephemeral_one) {
  Counted desk;
  const HostId server = desk.story->server;
  PortRanges ranges = port_ranges(desk.context(), server, desk.counts, Protocol::tcp);
  ASSERT_EQ(ranges.iana.size(), 3u);
  EXPECT_EQ(ranges.iana[0].in_use, 3u);
  EXPECT_EQ(ranges.iana[1].in_use, 1u);
  EXPECT_EQ(ranges.iana[2].high, 65535);
  EXPECT_FALSE(ranges.ephemeral_known);
  EXPECT_EQ(ranges.ephemeral.low, 32768);
  EXPECT_EQ(ranges.ephemeral.high, 60999);
  desk.tools.ephemeral = {{server, Time{0}, 49152, 65535},
                          {desk.story->alice, Time{0}, 1, 2},
                          {server, desk.cursor.time() + milliseconds(1), 5000, 6000}};
  ranges = port_ranges(desk.context(), server, desk.counts, Protocol::tcp);
  EXPECT_TRUE(ranges.ephemeral_known);
  EXPECT_EQ(ranges.ephemeral.low, 49152) << "what is set later does not count yet";
}

TEST(PortMap, names_ports_that_wait_and_those_that_changed) {
  Counted desk;
  const std::vector<PortChange> changes{{22, RowChange::added}, {4000, RowChange::removed}};
  const auto labels = port_labels(desk.context(), desk.story->server, desk.counts, Protocol::tcp, changes, 10);
  ASSERT_EQ(labels.size(), 5u);
  EXPECT_EQ(labels[0].port, 22);
  EXPECT_EQ(labels[0].words, "sshd");
  EXPECT_EQ(labels[0].change, RowChange::added);
  EXPECT_EQ(labels[3].port, 3000);
  EXPECT_EQ(labels[4].port, 4000);
  EXPECT_EQ(labels[4].words, "free now");
  EXPECT_EQ(port_labels(desk.context(), desk.story->server, desk.counts, Protocol::tcp, changes, 2).size(), 2u);
}

}  // namespace
}  // namespace fourtuple::viz
