// What a step's answer shows of packets: every one at every interface, and its walk through the chains of a router.
#include "tests/kernel/session.h"

namespace fourtuple::kernel_case {
namespace {

using trace::Kind;

constexpr std::uint32_t no_chain = 0xffffffffu;

// One packet on its way through one router.
struct Walk {
  HostId router;
  PacketId packet;
  Json shown;
  std::uint32_t base_chain = no_chain;  // that is running
};

std::string chain_name(const trace::ChainInfo& chain) {
  return chain.family + " " + chain.table + " " + chain.name;
}

Json show_hop(const trace::RulesetInfo& rules, const trace::RuleVerdictReached& record) {
  using Record = trace::RuleVerdictReached;
  const trace::ChainInfo& chain = rules.chains[record.chain];
  Json hop{{"chain", chain_name(chain)}};
  if (chain.base) hop["hook"] = chain.type + "/" + chain.hook + "@" + chain.priority_text;
  std::string verdict(name_of(record.verdict));
  if (record.rule == Record::policy) {
    hop["rule"] = "policy";
  } else {
    hop["rule"] = rules.rules[record.rule].number;
    const trace::RuleInfo& rule = rules.rules[record.rule];
    hop["text"] = rule.comment.empty() ? rule.text : rule.text + " comment \"" + rule.comment + "\"";
    if (record.verdict == trace::RuleVerdict::jump || record.verdict == trace::RuleVerdict::goto_)
      verdict += " " + rules.chains[record.target].name;
  }
  hop["verdict"] = verdict;
  if (record.mark != 0) hop["mark"] = record.mark;
  return hop;
}

// Walks begin where a packet arrives at a router or is made by it; verdicts then belong to its latest walk.
class WalkReader {
 public:
  WalkReader(Session& session, const std::vector<world::Sighting>& sightings)
      : session_(session), sightings_(sightings) {}

  std::vector<Walk> read() {
    std::uint64_t at = session_.trace.skip_padding(session_.reported);
    for (; at < session_.trace.published(); at = session_.trace.next(at)) look_at(session_.trace.at(at));
    session_.reported = at;
    return std::move(walks_);
  }

 private:
  void look_at(const trace::Slot* record) {
    const HostId host = record->host_id();
    if (!host.valid() || !session_.names.of(host).router) return;
    if (record->kind == Kind::packet_created) {
      begin(host, trace::unpack_packet_created(record).packet, "local");
    } else if (record->kind == Kind::stage) {
      const trace::StageEntered stage = trace::unpack_stage(record);
      if (stage.stage == trace::Stage::prerouting) arrive(host, stage);
    } else if (record->kind == Kind::rule_verdict) {
      add(host, trace::unpack_rule_verdict(record));
    }
  }

  // The packet as it was when it arrived: the sighting at this interface. Packets do not arrive twice at one.
  void arrive(HostId host, const trace::StageEntered& stage) {
    for (const world::Sighting& seen : sightings_)
      if (!seen.leaving && seen.interface == stage.interface && seen.packet.id == stage.packet)
        return begin(host, seen.packet, session_.names.interface_name(stage.interface));
  }

  void begin(HostId host, const Packet& packet, const std::string& from) {
    const Json shown = session_.labels.packet(show_packet(packet, session_.system(), Detail::traced));
    walks_.push_back(
        {host,
         packet.id,
         {{"router", session_.names.of(host).name}, {"from", from}, {"pkt", shown}, {"hops", Json::array()}}});
  }

  void add(HostId host, const trace::RuleVerdictReached& verdict) {
    const std::vector<std::uint32_t>& loaded = session_.system().visible.rulesets;
    if (host.value >= loaded.size() || loaded[host.value] == state::no_ruleset) return;
    const trace::RulesetInfo& rules = session_.trace.tables().rulesets[loaded[host.value]];
    for (auto walk = walks_.rbegin(); walk != walks_.rend(); ++walk) {
      if (walk->router != host || walk->packet != verdict.packet) continue;
      tell(*walk, rules, verdict);
      return;
    }
  }

  // The kernel's trace does not tell the end of a regular chain, and the state of the connection only with the first
  // record of a base chain, if that is a rule's and has not taken the packet away.
  void tell(Walk& walk, const trace::RulesetInfo& rules, const trace::RuleVerdictReached& verdict) {
    using Record = trace::RuleVerdictReached;
    if (verdict.rule == Record::chain_end) return;
    Json hop = show_hop(rules, verdict);
    const bool first = rules.chains[verdict.chain].base && walk.base_chain != verdict.chain;
    if (first) walk.base_chain = verdict.chain;
    const bool known = verdict.ct != trace::CtInfo::none && verdict.ct != trace::CtInfo::invalid &&
                       verdict.verdict != trace::RuleVerdict::stolen;
    if (first && known && verdict.rule != Record::policy) hop["ct"] = name_of(verdict.ct);
    walk.shown["hops"].push_back(std::move(hop));
  }

  Session& session_;
  const std::vector<world::Sighting>& sightings_;
  std::vector<Walk> walks_;
};

}  // namespace

void Session::report(Json& out) {
  const std::vector<world::Sighting> sightings = driver().take_sightings();
  const auto on_wire = [&](const world::Sighting& seen) { return !names.place(seen.interface).empty(); };
  for (const world::Sighting& seen : sightings)
    if (on_wire(seen) && seen.leaving && seen.packet.protocol == Protocol::tcp && seen.packet.has(TcpFlag::syn))
      labels.learn_initial(seen.packet.seq.raw);
  out["packets"] = Json::array();
  for (const world::Sighting& seen : sightings) {
    if (!on_wire(seen)) continue;
    const Json shown = show_packet(seen.packet, system());
    const Node& node = names.of(names.host_of(seen.interface));
    if (!seen.leaving && !node.router) last[node.name] = shown;
    Json line{{"at", names.place(seen.interface)}, {"dir", seen.leaving ? "out" : "in"}};
    line.update(labels.packet(shown));
    out["packets"].push_back(std::move(line));
  }
  std::vector<Walk> walks = WalkReader(*this, sightings).read();
  if (walks.empty()) return;
  Json& told = out["trace"] = Json::array();
  for (const Node& node : names.nodes())
    for (Walk& walk : walks)
      if (walk.router == node.id) told.push_back(std::move(walk.shown));
}

}  // namespace fourtuple::kernel_case
