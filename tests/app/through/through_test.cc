// A capture through a router with rules: what is printed of it, in full, and what is said when that cannot be done.
#include "app/through/through.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/replay/packet_index.h"
#include "tests/app/support/files.h"

namespace fourtuple::app {
namespace {

// tests/captures/nat_inside.pcap: two web connections from 10.0.1.0/24 to 10.0.2.2 with the same source port, a
// datagram to a closed port, two pings.
const std::string capture = FT_SOURCE_DIR "/tests/captures/nat_inside.pcap";

const std::string rules = R"(table inet filter {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related counter accept
    iifname "lan" tcp dport 80 counter accept
    iifname "lan" ip protocol icmp counter drop
  }
}
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "wan" counter masquerade
  }
}
)";

replay::PacketIndex index_of(const trace::Trace& trace) {
  replay::PacketIndex index(trace);
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) index.add(at, trace.at(at));
  return index;
}

class ThroughTest : public testing::Test {
 protected:
  ReplayOptions options(const std::string& text) {
    ReplayOptions result;
    result.files = {capture};
    result.through.ruleset = folder.write("rules.nft", text);
    result.through.inside = {"10.0.1.0/24"};
    return result;
  }
  Printed replayed(const ReplayOptions& wanted) {
    return printed_by([&] { return replay(wanted); });
  }
  // What is printed on the error stream when nothing else is; the ruleset's path shortened to its name.
  std::string fault(const ReplayOptions& wanted) {
    const Printed printed = replayed(wanted);
    EXPECT_EQ(printed.code, exit_bad_input);
    EXPECT_EQ(printed.out, "");
    std::string text = printed.err;
    const std::string path = folder.file("");
    if (const std::size_t at = text.find(path); at != std::string::npos) text.erase(at, path.size());
    return text;
  }

  TemporaryFolder folder;
};

TEST_F(ThroughTest, TheSummaryCountsFatesReasonsAndRules) {
  const Printed printed = replayed(options(rules));
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_EQ(printed.err, "");
  EXPECT_EQ(printed.out, R"(router: inside is lan, outside is wan
  passed      20
  delivered   0
  dropped     6
  not-routed  0
dropped
       2  by rule 3 of chain inet filter forward: iifname "lan" ip protocol icmp counter drop
       4  by the policy of chain inet filter forward: no rule accepted the packet
rules afterwards
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related counter packets 18 bytes 1402 accept
		iifname "lan" tcp dport 80 counter packets 2 bytes 120 accept
		iifname "lan" ip protocol icmp counter packets 2 bytes 168 drop
	}
}
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" counter packets 2 bytes 120 masquerade
	}
}
)");
}

// Both connections use port 40000: the second one is given another, and its answers come to that one.
TEST_F(ThroughTest, PacketsShowWhatEachFrameBecame) {
  ReplayOptions wanted = options(rules);
  wanted.packets = true;
  const std::string text = replayed(wanted).out;
  const auto line = [&](int number) {
    std::size_t at = 0;
    while (number-- > 0) at = text.find('\n', at) + 1;
    std::string found = text.substr(at, text.find('\n', at) - at);
    // Columns are as wide as the widest entry: one blank stands for any number.
    for (std::size_t blank = 0; (blank = found.find("  ")) != std::string::npos;) found.erase(blank, 1);
    return found;
  };
  EXPECT_EQ(line(0), "FRAME FATE WHAT FROM → TO LEFT AS WHY");
  EXPECT_EQ(line(1),
            " 1 passed TCP 40000→80 [SYN] seq 3739034834 10.0.1.1:40000 → 10.0.2.2:80 192.0.2.2:40000 → "
            "10.0.2.2:80");
  EXPECT_EQ(line(11),
            " 11 passed TCP 40000→80 [SYN] seq 1847383845 10.0.1.2:40000 → 10.0.2.2:80 192.0.2.2:40211 → "
            "10.0.2.2:80");
  EXPECT_EQ(line(12),
            " 12 passed TCP 80→40211 [SYN, ACK] seq 2258165048 ack 1847383846 10.0.2.2:80 → "
            "192.0.2.2:40211 10.0.2.2:80 → 10.0.1.2:40000");
  EXPECT_EQ(line(21),
            " 21 dropped UDP 40000→7777 16 bytes 10.0.1.2:40000 → 10.0.2.2:7777 by the policy of chain "
            "inet filter forward: no rule accepted the packet");
  EXPECT_EQ(line(23),
            " 23 dropped ICMP echo request 56 bytes 10.0.1.1 → 10.0.2.2 by rule 3 of chain inet filter "
            "forward: iifname \"lan\" ip protocol icmp counter drop");
  EXPECT_EQ(line(27), "") << "26 frames";
}

TEST_F(ThroughTest, JsonHoldsTheSame) {
  ReplayOptions wanted = options(rules);
  wanted.json = true;
  const auto json = nlohmann::json::parse(replayed(wanted).out);
  EXPECT_EQ(json["inside"], "lan");
  EXPECT_EQ(json["outside"], "wan");
  ASSERT_EQ(json["packets"].size(), 26u);
  EXPECT_EQ(json["packets"][11], (nlohmann::json{{"frame", 12},
                                                 {"fate", "passed"},
                                                 {"ends", "10.0.2.2:80 → 192.0.2.2:40211"},
                                                 {"left_as", "10.0.2.2:80 → 10.0.1.2:40000"}}));
  EXPECT_EQ(json["packets"][21],
            (nlohmann::json{{"frame", 22},
                            {"fate", "dropped"},
                            {"ends", "10.0.2.2 → 10.0.1.2"},
                            {"why", "by the policy of chain inet filter forward: no rule accepted the packet"}}));
  EXPECT_NE(json["ruleset"].get<std::string>().find("counter packets 18 bytes 1402 accept"), std::string::npos);
}

TEST_F(ThroughTest, PacketsToTheRouterAreDelivered) {
  ReplayOptions wanted = options("table ip f {\n}\n");
  wanted.through.own = {"10.0.2.2"};
  const std::string text = replayed(wanted).out;
  EXPECT_NE(text.find("  delivered   13\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  not-routed  13\n"), std::string::npos) << text;
}

TEST_F(ThroughTest, TheRunCanBeSavedAsATrace) {
  ReplayOptions wanted = options(rules);
  wanted.trace_file = folder.file("run.trace");
  EXPECT_EQ(replayed(wanted).code, exit_ok);
  const Printed shown = printed_by([&] { return show({wanted.trace_file, "", "nft", "router", false}); });
  EXPECT_EQ(shown.code, exit_ok);
  EXPECT_NE(shown.out.find("counter packets 2 bytes 168 drop"), std::string::npos) << shown.out;
}

TEST_F(ThroughTest, AFaultOfTheRulesetHasItsPlace) {
  EXPECT_EQ(fault(options("table ip f {\n  chain x {\n    tcp dprt 80 accept\n  }\n}\n")),
            "rules.nft:3:9: error: unexpected 'dprt'; expected a field of tcp: sport dport sequence ackseq doff "
            "reserved flags window checksum urgptr; did you mean 'dport'?\n");
  ReplayOptions absent = options(rules);
  absent.through.ruleset = folder.file("absent.nft");
  EXPECT_EQ(fault(absent), "absent.nft: error: the ruleset cannot be read; expected a file in the nft language\n");
}

TEST_F(ThroughTest, BothSidesOfTheRouterMustBeKnown) {
  ReplayOptions wanted = options(rules);
  wanted.through.inside = {};
  EXPECT_EQ(fault(wanted),
            capture +
                ": error: all its addresses are on one side of the router; expected the inner ones, such "
                "as --inside 10.0.1.1\n");
  wanted.through.inside = {"10.0.1.0/33"};
  EXPECT_EQ(fault(wanted),
            "error: --inside: '10.0.1.0/33' is neither an address nor a prefix such as 192.168.1.0/24\n");
  wanted.through.inside = {"10.0.1.0/24"};
  wanted.through.own = {"10.0.2"};
  EXPECT_EQ(fault(wanted), "error: --router: '10.0.2' is not an address such as 192.168.1.1\n");
  wanted.through.own = {};
  wanted.through.inside_name = wanted.through.outside_name = "eth0";
  EXPECT_EQ(fault(wanted), "error: both interfaces of the router are called 'eth0'\n");
}

TEST_F(ThroughTest, AnAbsentCaptureIsNamed) {
  ReplayOptions wanted = options(rules);
  wanted.files = {"absent.pcap"};
  EXPECT_EQ(fault(wanted), "absent.pcap: error: No such file or directory\n");
}

// Fates of all frames, a letter each.
std::string fates_of(const Through& through) {
  std::string fates;
  for (const ThroughPacket& packet : through.packets) fates += "pdxn"[static_cast<std::size_t>(packet.fate)];
  return fates;
}

TEST_F(ThroughTest, AChangeIsMetByThePacketsFromItsInstantOn) {
  const auto imported = capture::import_capture(capture);
  ASSERT_TRUE(imported);
  const ThroughOptions wanted = options(rules).through;
  const auto before = send_through(*imported, wanted);
  ASSERT_TRUE(before);
  const std::string accept = R"(router: replace rule 3 of inet filter forward: iifname "lan" ip protocol icmp accept)";
  const auto always = send_through(*imported, wanted, {{{Time{0}, {accept}}}});
  ASSERT_TRUE(always) << always.error().to_string();
  const std::string was = fates_of(**before), other = fates_of(**always);
  // The first ping: the change comes at its instant, and just after it.
  const auto ping = static_cast<std::size_t>(std::mismatch(was.begin(), was.end(), other.begin()).first - was.begin());
  ASSERT_LT(ping, was.size());
  const replay::PacketIndex index = index_of((*before)->trace);
  const std::uint64_t sent = index.created((*before)->packets[ping].packet);
  const Time at = (*before)->trace.at(sent)->at;
  for (const bool late : {false, true}) {
    const auto after = send_through(*imported, wanted, {{{late ? at + nanoseconds(1) : at, {accept}}}});
    ASSERT_TRUE(after) << after.error().to_string();
    const std::string is = fates_of(**after);
    EXPECT_EQ(is.substr(0, ping), was.substr(0, ping));
    EXPECT_EQ(is[ping], late ? 'x' : 'p') << was << "\n" << is;
  }
}

TEST_F(ThroughTest, AChangeThatCannotBeMadeIsAnError) {
  const auto imported = capture::import_capture(capture);
  ASSERT_TRUE(imported);
  const auto none =
      send_through(*imported, options(rules).through, {{{Time{0}, {"router: remove rule 9 of inet filter forward"}}}});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "there is no rule 9 in 'inet filter forward'");
  const auto stopped = send_through(*imported, options(rules).through, {{}, [](Time) { return false; }});
  EXPECT_EQ(stopped.error().message, "stopped");
}

}  // namespace
}  // namespace fourtuple::app
