// Scripts as trees, and faults with their place.
#include "sim/drill/language/parse.h"

#include <string>
#include <string_view>

#include "sim/wire/packet.h"

namespace fourtuple::drill {
namespace {

Script parsed(std::string_view text, const Definitions& definitions = {}) {
  auto script = parse_script(text, "a.pkt", definitions);
  EXPECT_TRUE(script) << script.error().to_string();
  return script ? *script : Script{};
}

std::string fault_of(std::string_view text) {
  const auto script = parse_script(text, "a.pkt");
  return script ? "no fault" : script.error().to_string();
}

TEST(DrillParse, readsTimesOfEveryKind) {
  const Script script = parsed("0 > . 1:1(0)\n+.25 > . 1:1(0)\n* > . 1:1(0)\n1~2.5 > . 1:1(0)\n+0~+1 > . 1:1(0)");
  ASSERT_EQ(script.events.size(), 5u);
  EXPECT_EQ(script.events[1].time.first, milliseconds(250));
  EXPECT_EQ(script.events[2].time.kind, EventTime::Kind::any);
  EXPECT_EQ(script.events[3].time.last, milliseconds(2500));
  EXPECT_TRUE(script.events[4].time.is_relative());
  EXPECT_EQ(script.events[4].time.where.line, 5);
}

TEST(DrillParse, readsASegmentWithOptions) {
  const Script script =
      parsed("0 < 9 > 80 FP. 5:15(10) ack 3 win 7 urg 2 <sack 1:3 5:9,nop,nop,TS val 8 ecr 9,nop,nop>");
  const auto& tcp = std::get<TcpSpec>(std::get<PacketSpec>(script.events.at(0).action).content);
  EXPECT_EQ(tcp.flags, TcpFlag::fin | TcpFlag::psh | TcpFlag::ack);
  EXPECT_EQ(tcp.ports->destination, 80);
  EXPECT_EQ(tcp.length, 10u);
  EXPECT_EQ(tcp.urgent, 2);
  ASSERT_EQ(tcp.options.size(), 6u);
  EXPECT_EQ(tcp.options[0].numbers, (std::vector<std::uint32_t>{1, 3, 5, 9}));
  EXPECT_EQ(tcp.options[3].numbers, (std::vector<std::uint32_t>{8, 9}));
}

TEST(DrillParse, readsACallThatBlocksAndItsError) {
  const Script script = parsed("+.1...+.4 connect(3, {sin_port=htons(80)}, ...) = -1 ETIMEDOUT (Connection timed out)");
  const auto& call = std::get<CallSpec>(script.events.at(0).action);
  EXPECT_EQ(call.end->first, milliseconds(400));
  EXPECT_EQ(call.result.number, -1);
  EXPECT_EQ(call.error, "ETIMEDOUT");
  EXPECT_EQ(call.note, "Connection timed out");
  EXPECT_EQ(call.arguments.at(1).fields.at(0).name, "sin_port");
}

TEST(DrillParse, putsDefinedValuesInThePlaceOfWords) {
  const Script script = parsed("0 > S 0:0(0) <FO COOKIE>\n0 close(FD) = 0", {{"COOKIE", "30c1"}, {"FD", "7"}});
  const auto& tcp = std::get<TcpSpec>(std::get<PacketSpec>(script.events.at(0).action).content);
  EXPECT_EQ(tcp.options.at(0).bytes, (std::vector<std::uint8_t>{0x30, 0xc1}));
  EXPECT_EQ(std::get<CallSpec>(script.events.at(1).action).arguments.at(0).number, 7);
}

TEST(DrillParse, tellsAFaultWithItsPlace) {
  EXPECT_EQ(fault_of("0 > S 0:5(4)"), "a.pkt:1:7: error: 0 and 4 bytes make 4, not 5; expected 0:4(4)");
  EXPECT_EQ(
      fault_of("0 > S 0:0(0) <msss 5>"),
      "a.pkt:1:15: error: 'msss' does not belong here; expected an option: mss, wscale, sackOK, sack, TS, nop, eol, "
      "md5, FO, FOEXP or ECN; did you mean 'mss'?");
  EXPECT_EQ(fault_of("0 > S 0:0(0) <nop>"),
            "a.pkt:1:14: error: the options take 1 bytes, which is no multiple of 4; expected 3 more nop or eol");
  EXPECT_EQ(fault_of("--mtuu=5"), "a.pkt:1:1: error: there is no option --mtuu; did you mean 'mtu'?");
  EXPECT_EQ(fault_of("0 < . 1:1(0) ack 1"),
            "a.pkt:1:5: error: a packet given to the kernel needs a window; expected 'win' "
            "and the window field behind the numbers");
  EXPECT_EQ(fault_of("0 socket(3) = 3\n* close(3) = 0"),
            "a.pkt:2:1: error: only a packet of the kernel may come at any "
            "time or within a range; expected '>' behind it");
}

}  // namespace
}  // namespace fourtuple::drill
