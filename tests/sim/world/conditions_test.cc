// What captions and timeline entries wait for, when a router changes addresses on the way.
#include <gtest/gtest.h>

#include "sim/world/world.h"
#include "tests/sim/world/scenario/support.h"

namespace fourtuple::world {
namespace {

// A client behind a masquerading router: 1 ms to the router, 5 ms on to the server. It connects at 10 ms, the server
// accepts as `s` at 50 ms, the client sends at 100 ms.
std::string behind_nat(const std::string& captions) {
  return "fourtuple: 1\n"
         "until: 300 ms\n"
         "networks: { home: { delay: 1 ms }, wan: { delay: 5 ms } }\n"
         "hosts:\n"
         "  pc:\n"
         "    interfaces: { eth0: { network: home, address: 192.168.1.10/24 } }\n"
         "    routes: { default: 192.168.1.1 }\n"
         "    processes: { app: {} }\n"
         "  router:\n"
         "    kind: router\n"
         "    interfaces:\n"
         "      lan: { network: home, address: 192.168.1.1/24 }\n"
         "      wan: { network: wan, address: 203.0.113.5/24 }\n"
         "    nft: |\n"
         "      table ip n {\n"
         "        chain post {\n"
         "          type nat hook postrouting priority srcnat;\n"
         "          oifname \"wan\" masquerade\n"
         "        }\n"
         "      }\n"
         "  server:\n"
         "    interfaces: { eth0: { network: wan, address: 203.0.113.80/24 } }\n"
         "    processes: { web: {} }\n"
         "timeline:\n"
         "  - { at: 1 ms, process: server/web, listen: \"0.0.0.0:8081\", as: l }\n"
         "  - { at: 10 ms, process: pc/app, connect: \"203.0.113.80:8081\", from: 50432, as: c }\n"
         "  - { at: 50 ms, accept: l, as: s }\n"
         "  - { at: 100 ms, on: c, send: \"hello\" }\n"
         "captions:\n" +
         captions;
}

// "11 ms translated" for every caption, in the order of their instants.
std::vector<std::string> shown(const std::string& captions) {
  const ParseResult parsed = parse_scenario(behind_nat(captions), "t.yaml");
  EXPECT_EQ(error_lines(parsed), std::vector<std::string>{});
  trace::Trace trace;
  World world(parsed.scenario, 1, trace);
  world.run_until(Time{0} + milliseconds(300), trace);
  std::vector<std::string> texts;
  for (const trace::Caption& caption : trace.tables().captions)
    texts.push_back(std::to_string(caption.from.ns / 1'000'000) + " ms " + caption.text);
  return texts;
}

TEST(PacketConditions, HoldForAddressesAsTheyAreWhereThePacketIs) {
  EXPECT_EQ(shown("  - { when: { packet: { from: 203.0.113.5, flags: SYN } }, say: translated }\n"
                  "  - { when: { packet: { from: 192.168.1.10, flags: SYN } }, say: made }\n"
                  "  - { when: { packet: { to: \"192.168.1.10:50432\", flags: SYN ACK } }, say: translated back }\n"
                  "  - { when: { packet: { from: 192.168.1.10, network: wan } }, say: never }\n"),
            (std::vector<std::string>{"10 ms made", "11 ms translated", "21 ms translated back"}));
}

TEST(PacketConditions, KnowASocketByWhatItsPeerIsShown) {
  EXPECT_EQ(shown("  - { when: { packet: { socket: s, flags: PSH } }, say: sent on }\n"
                  "  - { when: { packet: { socket: s, flags: PSH, fate: delivered } }, say: arrived }\n"),
            (std::vector<std::string>{"101 ms sent on", "106 ms arrived"}));
}

// The handshake's ACK at 22 ms is the second packet from there, the data at 100 ms the third: none counts twice.
TEST(PacketConditions, CountAPacketOnceThoughItIsSentTwice) {
  EXPECT_EQ(shown("  - { when: { packet: { socket: c, from: pc, nth: 2 } }, say: second as made }\n"
                  "  - { when: { packet: { from: 203.0.113.5, nth: 3 } }, say: third as translated }\n"),
            (std::vector<std::string>{"22 ms second as made", "101 ms third as translated"}));
}

}  // namespace
}  // namespace fourtuple::world
