#include "tests/viz/panels/nat_story.h"

#include "sim/trace/codec.h"
#include "tests/viz/panels/trace_writer.h"

namespace fourtuple::viz::test {
namespace {

using trace::CtInfo;
using trace::ExpressionResult;
using trace::RuleVerdict;
using trace::Stage;

constexpr std::string_view rules = R"(# home router: masquerade, one open port, a firewall
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "wan0" | tcp dport 8080 | dnat to 192.168.1.20:80
  }

  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "wan0" | masquerade
  }
}

table inet fw {
  set blocked {
    type ipv4_addr
    elements = { 192.0.2.66, 192.0.2.90 }
  }

  chain input {
    type filter hook input priority filter; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    iifname "lan0" | accept
    tcp dport 22 | counter | drop comment "no ssh from outside"
  }

  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    iifname "lan0" | oifname "wan0" | counter | accept
    iifname "wan0" | ct status dnat | jump inbound
  }

  chain inbound {
    ip saddr @blocked | counter | drop
    tcp dport 8080 | accept
    ip daddr 192.168.1.20 | tcp dport 80 | ct state new | counter | accept
  }
}
)";

constexpr std::uint32_t state_new = 8, state_established = 2;

// What the compared fields of a packet are while it is judged.
struct Header {
  std::string_view in, out;
  std::uint32_t source = 0, destination = 0, port = 0, state = state_new, status = 0;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

class Writer : TraceWriter {
 public:
  explicit Writer(NatStory& story) : TraceWriter(story.trace), story_(story) {}

  void write() {
    tables();
    note(story_.router, trace::RulesetLoaded{0});
    outward();
    inward();
    refused();
    trace_.publish();
    trace_.set_end_time(Time{} + milliseconds(900));
  }

 private:
  const trace::RulesetInfo& ruleset() const { return trace_.tables().rulesets.front(); }

  void tables() {
    auto& tables = trace_.mutable_tables();
    tables.title = "A port forward, rule by rule";
    tables.contents.resize(1);
    story_.anna = host("anna", trace::HostKind::computer);
    story_.nas = host("nas", trace::HostKind::server);
    story_.router = host("home router", trace::HostKind::router, true);
    story_.carol = host("carol", trace::HostKind::computer);
    anna_if_ = interface(story_.anna, "eth0", "192.168.1.10/24");
    nas_if_ = interface(story_.nas, "eth0", "192.168.1.20/24");
    lan_ = interface(story_.router, "lan0", "192.168.1.1/24");
    wan_ = interface(story_.router, "wan0", "203.0.113.7/24");
    carol_if_ = interface(story_.carol, "eth0", "198.51.100.23/24");
    network("home", {anna_if_, nas_if_, lan_});
    network("internet", {wan_, carol_if_});
    anna_ = address("192.168.1.10");
    nas_ = address("192.168.1.20");
    outside_ = address("203.0.113.7");
    carol_ = address("198.51.100.23");
    tables.rulesets.push_back(ruleset_from(rules, story_.router));
  }

  Packet tcp(std::uint8_t flags, AddressId from, std::uint16_t from_port, AddressId to, std::uint16_t to_port) {
    Packet packet;
    packet.source = from;
    packet.destination = to;
    packet.source_port = from_port;
    packet.destination_port = to_port;
    packet.protocol = Protocol::tcp;
    packet.flags = flags;
    packet.seq = {1'940'227'730};
    packet.window = 64240;
    if ((flags & TcpFlag::syn) != 0) {
      packet.options = TcpOption::mss;
      packet.mss = 1460;
    }
    return packet;
  }

  static std::size_t name_words(std::string_view name, std::uint32_t* words) {
    for (std::size_t i = 0; i < 16; ++i) {
      const std::uint32_t byte = i < name.size() ? static_cast<unsigned char>(name[i]) : 0;
      words[i / 4] |= byte << (24 - 8 * (i % 4));
    }
    return 4;
  }

  static std::size_t value_of(const Header& header, std::string_view subject, std::uint32_t* words) {
    if (subject == "iifname") return name_words(header.in, words);
    if (subject == "oifname") return name_words(header.out, words);
    words[0] = subject == "ip saddr"    ? header.source
               : subject == "ip daddr"  ? header.destination
               : subject == "tcp dport" ? header.port
               : subject == "ct state"  ? header.state
                                        : header.status;
    return subject.empty() ? 0 : 1;
  }

  // Statements of the rule up to `fails` (its number of statements: all match).
  void look(PacketId packet, std::string_view part, const Header& header, std::uint32_t fails = 99) {
    look_at(packet, rule_with(ruleset(), part), header, fails);
  }

  void look_at(PacketId packet, std::uint32_t number, const Header& header, std::uint32_t fails) {
    const trace::RuleInfo& rule = ruleset().rules[number];
    for (std::uint32_t i = 0; i < rule.expression_count && i <= fails; ++i) {
      const trace::ExpressionInfo& info = ruleset().expressions[rule.first_expression + i];
      trace::RuleExpressionEvaluated event;
      event.packet = packet;
      event.rule = number;
      event.expression = static_cast<std::uint16_t>(i);
      event.result = i == fails             ? ExpressionResult::failed
                     : info.subject.empty() ? ExpressionResult::done
                                            : ExpressionResult::matched;
      event.word_count = static_cast<std::uint8_t>(value_of(header, info.subject, event.words));
      note(story_.router, event);
      if (info.object != 0xffffffffu) count(info.object);
    }
  }

  void count(std::uint32_t object) {
    if (counts_.size() <= object) counts_.resize(object + 1);
    note(story_.router, trace::NetfilterObjectChanged{object, ++counts_[object], 60 * counts_[object]});
  }

  void judge(PacketId packet, std::string_view part, RuleVerdict verdict, std::string_view target = {}) {
    const std::uint32_t number = rule_with(ruleset(), part);
    trace::RuleVerdictReached event;
    event.packet = packet;
    event.chain = ruleset().rules[number].chain;
    event.rule = number;
    event.verdict = verdict;
    event.ct = CtInfo::fresh;
    if (!target.empty()) event.target = static_cast<std::uint16_t>(chain_named(ruleset(), target));
    note(story_.router, event);
  }

  void policy(PacketId packet, std::string_view chain, RuleVerdict verdict) {
    trace::RuleVerdictReached event;
    event.packet = packet;
    event.chain = chain_named(ruleset(), chain);
    event.rule = trace::RuleVerdictReached::policy;
    event.verdict = verdict;
    note(story_.router, event);
  }

  void rewrite(PacketId packet, const Packet& to, std::uint32_t entry) {
    note(story_.router, trace::PacketRewritten{packet, to.source, to.destination, to.source_port, to.destination_port,
                                               entry, false, 0});
  }

  void remember(std::uint32_t entry, PacketId packet, const Packet& first, const Packet& answer, std::uint16_t status) {
    trace::ConntrackCreated event;
    event.entry = entry;
    event.packet = packet;
    event.original_source = first.source;
    event.original_destination = first.destination;
    event.original_source_port = first.source_port;
    event.original_destination_port = first.destination_port;
    event.reply_source = answer.source;
    event.reply_destination = answer.destination;
    event.reply_source_port = answer.source_port;
    event.reply_destination_port = answer.destination_port;
    event.timeout_s = 120;
    event.bytes = 60;
    event.status = static_cast<std::uint16_t>(status | state::ConntrackStatus::confirmed);
    event.protocol = Protocol::tcp;
    event.tcp = static_cast<std::uint8_t>(state::TcpTracking::syn_sent);
    note(story_.router, event);
  }

  void saw_answer(std::uint32_t entry, PacketId packet, std::uint16_t status) {
    trace::ConntrackSeen event;
    event.entry = entry;
    event.packet = packet;
    event.bytes = 60;
    event.timeout_s = 60;
    event.status =
        static_cast<std::uint16_t>(status | state::ConntrackStatus::confirmed | state::ConntrackStatus::seen_reply);
    event.tcp = static_cast<std::uint8_t>(state::TcpTracking::syn_recv);
    event.reply = true;
    note(story_.router, event);
  }

  PacketId leave(HostId from, InterfaceId by, InterfaceId to, const Packet& packet, Duration way) {
    const PacketId id = create(from, packet);
    stages(from, id,
           {Stage::transport_output, Stage::routing_output, Stage::output, Stage::postrouting, Stage::interface_out},
           by);
    hop(id, from, by, to, 64, way);
    return id;
  }

  // From its interface to the forward hook, where established packets are accepted by the first rule.
  void answer_passes(PacketId id, Header header, InterfaceId in, InterfaceId out) {
    header.state = state_established;
    stages(story_.router, id, {Stage::routing, Stage::forward}, out);
    look_at(id, first_of("forward"), header, 99);
    accept_first(id);
    stages(story_.router, id, {Stage::postrouting, Stage::interface_out}, out);
    (void)in;
  }

  std::uint32_t first_of(std::string_view chain) const {
    return ruleset().chains[chain_named(ruleset(), chain)].first_rule;
  }

  void accept_first(PacketId id) {
    trace::RuleVerdictReached event;
    event.packet = id;
    event.chain = chain_named(ruleset(), "forward");
    event.rule = first_of("forward");
    event.ct = CtInfo::established_reply;
    note(story_.router, event);
  }

  void outward() {
    now_ = Time{} + milliseconds(100);
    const Packet first = tcp(TcpFlag::syn, anna_, 50432, carol_, 443);
    const PacketId id = story_.out_syn = leave(story_.anna, anna_if_, lan_, first, microseconds(340));
    Header header{"lan0", "", ip(192, 168, 1, 10), ip(198, 51, 100, 23), 443};
    stages(story_.router, id, {Stage::interface_in, Stage::prerouting}, lan_);
    look(id, "dnat to", header, 0);
    policy(id, "prerouting", RuleVerdict::accept);
    stages(story_.router, id, {Stage::routing, Stage::forward}, wan_);
    header.out = "wan0";
    look_at(id, first_of("forward"), header, 0);
    look(id, "oifname \"wan0\" counter", header);
    judge(id, "oifname \"wan0\" counter", RuleVerdict::accept);
    stages(story_.router, id, {Stage::postrouting}, wan_);
    look(id, "masquerade", header);
    judge(id, "masquerade", RuleVerdict::accept);
    Packet changed = first;
    changed.source = outside_;
    rewrite(id, changed, story_.out_entry);
    const Packet answer = tcp(TcpFlag::syn | TcpFlag::ack, carol_, 443, outside_, 50432);
    remember(story_.out_entry, id, first, answer, state::ConntrackStatus::source_nat);
    stages(story_.router, id, {Stage::interface_out}, wan_);
    hop(id, story_.router, wan_, carol_if_, 63, milliseconds(8));
    note(story_.carol, trace::PacketDelivered{id, {}, trace::MatchQuality::listener_wildcard, 0, {}});
    const PacketId back = story_.out_answer = leave(story_.carol, carol_if_, wan_, answer, milliseconds(8));
    stages(story_.router, back, {Stage::interface_in, Stage::prerouting}, wan_);
    saw_answer(story_.out_entry, back, state::ConntrackStatus::source_nat);
    Packet inside = answer;
    inside.destination = anna_;
    rewrite(back, inside, story_.out_entry);
    answer_passes(back, {"wan0", "lan0", ip(198, 51, 100, 23), ip(192, 168, 1, 10), 50432}, wan_, lan_);
    hop(back, story_.router, lan_, anna_if_, 63, microseconds(340));
    note(story_.anna, trace::PacketDelivered{back, {}, trace::MatchQuality::established, 0, {}});
  }

  void inward() {
    now_ = Time{} + milliseconds(300);
    const Packet first = tcp(TcpFlag::syn, carol_, 40112, outside_, 8080);
    const PacketId id = story_.in_syn = leave(story_.carol, carol_if_, wan_, first, milliseconds(8));
    Header header{"wan0", "", ip(198, 51, 100, 23), ip(203, 0, 113, 7), 8080};
    stages(story_.router, id, {Stage::interface_in, Stage::prerouting}, wan_);
    look(id, "dnat to", header);
    judge(id, "dnat to", RuleVerdict::accept);
    Packet changed = first;
    changed.destination = nas_;
    changed.destination_port = 80;
    rewrite(id, changed, 0xffffffffu);
    header.destination = ip(192, 168, 1, 20);
    header.port = 80;
    header.status = 0x20;
    header.out = "lan0";
    stages(story_.router, id, {Stage::routing, Stage::forward}, lan_);
    look_at(id, first_of("forward"), header, 0);
    look(id, "oifname \"wan0\" counter", header, 0);
    look(id, "jump inbound", header);
    judge(id, "jump inbound", RuleVerdict::jump, "inbound");
    look(id, "@blocked", header, 0);
    look(id, "tcp dport 8080 accept", header, 0);
    look(id, "ip daddr", header);
    judge(id, "ip daddr", RuleVerdict::accept);
    stages(story_.router, id, {Stage::postrouting}, lan_);
    look(id, "masquerade", header, 0);
    policy(id, "postrouting", RuleVerdict::accept);
    const Packet answer = tcp(TcpFlag::syn | TcpFlag::ack, nas_, 80, carol_, 40112);
    remember(story_.in_entry, id, first, answer, state::ConntrackStatus::destination_nat);
    stages(story_.router, id, {Stage::interface_out}, lan_);
    hop(id, story_.router, lan_, nas_if_, 63, microseconds(340));
    note(story_.nas, trace::PacketDelivered{id, {}, trace::MatchQuality::listener_wildcard, 0, {}});
    const PacketId back = story_.in_answer = leave(story_.nas, nas_if_, lan_, answer, microseconds(340));
    stages(story_.router, back, {Stage::interface_in, Stage::prerouting}, lan_);
    saw_answer(story_.in_entry, back, state::ConntrackStatus::destination_nat);
    Header reply{"lan0", "wan0", ip(192, 168, 1, 20), ip(198, 51, 100, 23), 40112};
    answer_passes(back, reply, lan_, wan_);
    Packet outside = answer;
    outside.source = outside_;
    outside.source_port = 8080;
    rewrite(back, outside, story_.in_entry);
    hop(back, story_.router, wan_, carol_if_, 63, milliseconds(8));
    note(story_.carol, trace::PacketDelivered{back, {}, trace::MatchQuality::established, 0, {}});
  }

  void refused() {
    now_ = Time{} + milliseconds(500);
    const PacketId id = story_.ssh =
        leave(story_.carol, carol_if_, wan_, tcp(TcpFlag::syn, carol_, 61000, outside_, 22), milliseconds(8));
    const Header header{"wan0", "", ip(198, 51, 100, 23), ip(203, 0, 113, 7), 22};
    stages(story_.router, id, {Stage::interface_in, Stage::prerouting}, wan_);
    look(id, "dnat to", header, 1);
    policy(id, "prerouting", RuleVerdict::accept);
    stages(story_.router, id, {Stage::routing, Stage::input}, wan_);
    look_at(id, first_of("input"), header, 0);
    look(id, "iifname \"lan0\" accept", header, 0);
    look(id, "tcp dport 22", header);
    judge(id, "tcp dport 22", RuleVerdict::drop);
    note(story_.router, trace::PacketDropped{id, trace::DropReason::rule, Stage::input, {}, {}});
  }

  NatStory& story_;
  InterfaceId anna_if_, nas_if_, lan_, wan_, carol_if_;
  AddressId anna_, nas_, outside_, carol_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace

std::unique_ptr<NatStory> make_nat_story(trace::Level level) {
  auto story = std::make_unique<NatStory>();
  story->trace = trace::Trace(level);
  Writer(*story).write();
  return story;
}

void NatBench::seek_expression(PacketId packet, std::string_view part, std::uint32_t expression) {
  const std::uint32_t rule = rule_with(ruleset(), part);
  for (std::uint64_t at = story->trace.first(); at < story->trace.published(); at = story->trace.next(at)) {
    if (story->trace.at(at)->kind != trace::Kind::rule_expression) continue;
    const trace::RuleExpressionEvaluated event = trace::unpack_rule_expression(story->trace.at(at));
    if (event.packet == packet && event.rule == rule && event.expression == expression) cursor.seek_record(at);
  }
}

void NatBench::seek_verdict(PacketId packet, std::string_view part) {
  const std::uint32_t rule = rule_with(ruleset(), part);
  for (std::uint64_t at = story->trace.first(); at < story->trace.published(); at = story->trace.next(at)) {
    if (story->trace.at(at)->kind != trace::Kind::rule_verdict) continue;
    const trace::RuleVerdictReached event = trace::unpack_rule_verdict(story->trace.at(at));
    if (event.packet == packet && event.rule == rule) cursor.seek_record(at);
  }
}

}  // namespace fourtuple::viz::test
