// A saved trace with rules, made by hand: "server" drops what comes to port 22 and, by its policy, to 443; port 80 is
// counted and tracked. Packet 0 goes to 22, 1 to 443, 2 to 80, 3 is lost on the way.
#pragma once

#include <string>

#include "sim/netfilter/nft/types.h"
#include "sim/trace/file.h"
#include "tests/sim/replay/ruleset_builder.h"

namespace fourtuple::app {

class Firewall {
 public:
  explicit Firewall(trace::Level level = trace::Level::expressions) : builder_(level) {
    using Kind = trace::ListingPiece::Kind;
    input_ = rules_.base_chain("input", "input", "drop");
    rules_.rule({{"tcp dport 22", "tcp dport"}, {"drop", ""}});
    rules_.rule({{"ip saddr 10.0.0.1", "ip saddr"}, {"tcp dport 80", "tcp dport"}, {"counter", "", 0}, {"accept", ""}});
    trace::RulesetInfo& info = rules_.info();
    for (trace::ExpressionInfo& expression : info.expressions) {
      if (expression.subject.empty()) continue;
      const bool address = expression.subject == "ip saddr";
      expression.types = {static_cast<std::uint8_t>(address ? nft::Type::ipv4_addr : nft::Type::inet_service)};
      expression.widths = {static_cast<std::uint8_t>(address ? 32 : 16)};
    }
    info.objects = {{0, trace::NetfilterObjectKind::counter, ""}};
    info.listing = {{Kind::text, "table inet filter {\n\tchain input {\n\t\ttcp dport 80 counter ", 0},
                    {Kind::counter, "", 0},
                    {Kind::text, " accept\n\t}\n}\n", 0}};
    rules_.load(builder_, 0, 1);
    refused();
    accepted();
    const PacketId lost = builder_.send(6000, 0, 1, builder_.udp(0, 1, 5000, 53, 20));
    builder_.add(6500, 0,
                 trace::PacketDropped{lost, trace::DropReason::link_loss, trace::Stage::interface_out, {0}, {}});
  }
  void save(const std::string& path) { ASSERT_TRUE(trace::save(builder_.trace(), path).has_value()); }

 private:
  using Result = trace::ExpressionResult;
  static constexpr std::uint32_t client_v4 = 0x0a000001;

  PacketId arriving(std::int64_t us, std::uint16_t port) {
    return builder_.send(us, 0, 1, builder_.tcp(0, 1, 50432, port, TcpFlag::syn, 100));
  }
  void refused() {
    test::Judging ssh(builder_, 2000, 1, arriving(1000, 22));
    ssh.stage(trace::Stage::input);
    ssh.looked(0, 0, Result::matched, {22});
    ssh.looked(0, 1, Result::done);
    ssh.verdict(input_, 0, trace::RuleVerdict::drop);
    ssh.drop(trace::Stage::input);
    test::Judging https(builder_, 3500, 1, arriving(2500, 443));
    https.stage(trace::Stage::input);
    https.looked(0, 0, Result::failed, {443});
    https.looked(1, 0, Result::matched, {client_v4});
    https.looked(1, 1, Result::failed, {443});
    https.policy(input_, trace::RuleVerdict::drop);
    https.drop(trace::Stage::input);
  }
  void accepted() {
    test::Judging web(builder_, 5000, 1, arriving(4000, 80));
    web.stage(trace::Stage::input);
    web.looked(0, 0, Result::failed, {80});
    web.looked(1, 0, Result::matched, {client_v4});
    web.looked(1, 1, Result::matched, {80});
    web.add(trace::NetfilterObjectChanged{0, 1, 60});
    web.looked(1, 2, Result::done);
    web.looked(1, 3, Result::done);
    web.verdict(input_, 1, trace::RuleVerdict::accept);
    trace::ConntrackCreated entry;
    entry.packet = {2};
    entry.original_source = entry.reply_destination = builder_.address(0);
    entry.original_destination = entry.reply_source = builder_.address(1);
    entry.original_source_port = entry.reply_destination_port = 50432;
    entry.original_destination_port = entry.reply_source_port = 80;
    entry.protocol = Protocol::tcp;
    entry.tcp = 1;
    entry.timeout_s = 120;
    entry.bytes = 60;
    entry.mark = 5;
    web.add(entry);
  }

  test::TraceBuilder builder_;
  test::RulesetBuilder rules_;
  std::uint32_t input_ = 0;
};

}  // namespace fourtuple::app
