#include "app/run/summary.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "sim/replay/drop_causes.h"
#include "sim/state/netfilter.h"
#include "sim/trace/describe.h"
#include "sim/trace/digest.h"

namespace fourtuple::app {
namespace {

using Json = nlohmann::ordered_json;

std::string expectations_text(const RunSummary& summary) {
  if (summary.verdicts.empty()) return "none";
  std::string text = fmt::format("{} of {} met", summary.count(Verdict::Result::met), summary.verdicts.size());
  const std::size_t not_reached = summary.count(Verdict::Result::not_reached);
  if (not_reached != 0) text += fmt::format(", {} not reached", not_reached);
  return text;
}

std::string hosts_text(const world::Scenario& scenario) {
  constexpr std::size_t most = 12;
  std::string text;
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
    if (i == most) return text + fmt::format(" and {} more", scenario.hosts.size() - most);
    if (i != 0) text += ", ";
    text += scenario.hosts[i].name;
  }
  return text;
}

std::string_view result_name(Verdict::Result result) {
  constexpr std::string_view names[] = {"met", "failed", "not-reached"};
  return names[static_cast<std::size_t>(result)];
}

Json verdict_json(const Verdict& verdict, const world::Scenario& scenario) {
  const world::Mark where = scenario.expects[verdict.number].where;
  Json json{{"line", where.line},
            {"column", where.column},
            {"result", result_name(verdict.result)},
            {"expected", verdict.expected}};
  if (!verdict.found.empty()) json["found"] = verdict.found;
  return json;
}

constexpr std::size_t most_rules = 5;

// Counts the packets each rule dropped.
std::vector<RuleDrops> rules_that_drop(const trace::Trace& trace) {
  using Key = std::tuple<HostId, std::uint32_t, std::uint32_t, std::uint32_t>;
  std::map<Key, RuleDrops> counts;
  for (const replay::DropCause& cause : replay::drop_causes(trace)) {
    if (cause.reason != trace::DropReason::rule) continue;
    RuleDrops& drops = counts[{cause.host, cause.ruleset, cause.chain, cause.rule}];
    if (drops.count++ != 0) continue;
    drops.host = trace::host_name(trace.tables(), cause.host);
    drops.rule = replay::rule_text(trace, cause);
  }
  std::vector<RuleDrops> rules;
  for (auto& [key, drops] : counts) rules.push_back(std::move(drops));
  std::stable_sort(rules.begin(), rules.end(),
                   [](const RuleDrops& a, const RuleDrops& b) { return a.count > b.count; });
  return rules;
}

std::string rules_text(const RunSummary& summary) {
  std::string text;
  for (std::size_t i = 0; i < summary.rules.size() && i < most_rules; ++i)
    text += fmt::format("  {:<14}{}: on {}, {}\n", i == 0 ? "by rules" : "", summary.rules[i].count,
                        summary.rules[i].host, summary.rules[i].rule);
  if (summary.rules.size() > most_rules)
    text += fmt::format("  {:<14}and {} more rules\n", "", summary.rules.size() - most_rules);
  if (summary.tracked != 0)
    text += fmt::format("  flows         {} tracked, {} translated\n", summary.tracked, summary.translated);
  return text;
}

}  // namespace

std::size_t RunSummary::count(Verdict::Result result) const {
  return static_cast<std::size_t>(std::count_if(verdicts.begin(), verdicts.end(),
                                                [&](const Verdict& verdict) { return verdict.result == result; }));
}

RunSummary summarize(const trace::Trace& trace) {
  RunSummary summary;
  std::uint64_t by_reason[256] = {};
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    const trace::Slot* slots = trace.at(at);
    switch (slots->kind) {
      case trace::Kind::packet_created:
        ++summary.made;
        break;
      case trace::Kind::packet_sent:
        ++summary.hops;
        break;
      case trace::Kind::packet_delivered:
        ++summary.delivered;
        break;
      case trace::Kind::packet_dropped:
        ++summary.dropped;
        ++by_reason[static_cast<std::uint8_t>(trace::unpack_packet_dropped(slots).reason)];
        break;
      case trace::Kind::ruleset_loaded:
        summary.has_rules = true;
        break;
      case trace::Kind::conntrack_created: {
        constexpr std::uint16_t nat = state::ConntrackStatus::source_nat | state::ConntrackStatus::destination_nat;
        ++summary.tracked;
        if ((trace::unpack_conntrack_created(slots).status & nat) != 0) ++summary.translated;
        break;
      }
      default:
        break;
    }
  }
  if (summary.has_rules) summary.rules = rules_that_drop(trace);
  for (std::size_t reason = 0; reason < std::size(by_reason); ++reason)
    if (by_reason[reason] != 0) summary.drops.push_back({static_cast<trace::DropReason>(reason), by_reason[reason]});
  summary.digest = trace::digest_text(trace::digest_of(trace));
  return summary;
}

std::string summary_text(const RunSummary& summary, const world::Scenario& scenario, const ScenarioRun& run,
                         std::uint64_t seed) {
  const std::string_view title = scenario.title.in("en");
  std::string text = fmt::format("{}\n", title.empty() ? std::string_view(scenario.file_name) : title);
  text += fmt::format("  hosts         {}\n", hosts_text(scenario));
  text += fmt::format("  simulated     {}, seed {}\n", trace::time_text(run.now()), seed);
  text += fmt::format("  packets       {} made, {} delivered, {} dropped, {} hops\n", summary.made, summary.delivered,
                      summary.dropped, summary.hops);
  for (const DropCount& drop : summary.drops)
    text += fmt::format("  {:<14}{}: {}\n", &drop == &summary.drops.front() ? "dropped" : "", drop.count,
                        trace::words_of(drop.reason));
  text += rules_text(summary);
  text += fmt::format("  expectations  {}\n", expectations_text(summary));
  for (const std::string& path : summary.written) text += fmt::format("  written       {}\n", path);
  return text;
}

std::string summary_json(const RunSummary& summary, const world::Scenario& scenario, const ScenarioRun& run,
                         std::uint64_t seed) {
  Json json{
      {"file", scenario.file_name}, {"title", scenario.title.in("en")}, {"seed", seed}, {"ended_ns", run.now().ns}};
  json["hosts"] = Json::array();
  for (const world::HostSpec& host : scenario.hosts) json["hosts"].push_back(host.name);
  json["packets"] = {
      {"made", summary.made}, {"delivered", summary.delivered}, {"dropped", summary.dropped}, {"hops", summary.hops}};
  json["drops"] = Json::array();
  for (const DropCount& drop : summary.drops)
    json["drops"].push_back({{"reason", trace::name_of(drop.reason)}, {"count", drop.count}});
  if (summary.has_rules) {
    json["rules"] = Json::array();
    for (const RuleDrops& drops : summary.rules)
      json["rules"].push_back({{"host", drops.host}, {"rule", drops.rule}, {"dropped", drops.count}});
    json["flows"] = {{"tracked", summary.tracked}, {"translated", summary.translated}};
  }
  json["met"] = summary.count(Verdict::Result::met);
  json["failed"] = summary.count(Verdict::Result::failed);
  json["not_reached"] = summary.count(Verdict::Result::not_reached);
  json["expectations"] = Json::array();
  for (const Verdict& verdict : summary.verdicts) json["expectations"].push_back(verdict_json(verdict, scenario));
  json["digest"] = summary.digest;
  json["written"] = summary.written;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string failures_text(const RunSummary& summary, const world::Scenario& scenario) {
  std::string text;
  for (const Verdict& verdict : summary.verdicts) {
    if (verdict.result != Verdict::Result::failed) continue;
    const SourcePosition where = scenario.position(scenario.expects[verdict.number].where);
    text +=
        fmt::format("{}:{}:{}: error: not as expected: {}\n", where.file, where.line, where.column, verdict.expected);
    text += fmt::format("    instead: {}\n", verdict.found);
  }
  return text;
}

}  // namespace fourtuple::app
