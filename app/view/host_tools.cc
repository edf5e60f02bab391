#include "app/view/host_tools.h"

#include <algorithm>

#include "app/services.h"
#include "app/views/views.h"

namespace fourtuple::app {

replay::ToolTable tool_table(const Services& services, const replay::ToolQuestion& question) {
  const auto listing = parse_listing({question.command});
  if (!listing || !listing->table) return {};
  ViewInput input{question.tables, question.state, question.now, services};
  input.port = question.port;
  input.most = question.most;
  return listing->table(input, question.host);
}

std::vector<replay::EphemeralRange> ephemeral_ranges(const world::Scenario& scenario, const ScenarioRun& run) {
  std::vector<replay::EphemeralRange> ranges;
  const auto& hosts = run.world().system().hosts;
  for (std::uint32_t i = 0; i < hosts.size(); ++i)
    ranges.push_back({{i}, Time{0}, hosts[i].sysctls.port_range_low, hosts[i].sysctls.port_range_high});
  for (const world::TimelineEntry& entry : scenario.timeline) {
    if (entry.verb != world::Verb::set || entry.trigger.kind != world::Trigger::Kind::at) continue;
    for (const world::SysctlSetting& setting : entry.sysctls)
      if (setting.sysctl == world::Sysctl::ip_local_port_range)
        ranges.push_back({{entry.host},
                          entry.trigger.at,
                          static_cast<std::uint16_t>(setting.value),
                          static_cast<std::uint16_t>(setting.high)});
  }
  std::stable_sort(ranges.begin(), ranges.end(),
                   [](const replay::EphemeralRange& a, const replay::EphemeralRange& b) { return a.from < b.from; });
  return ranges;
}

std::vector<replay::EphemeralRange> ephemeral_ranges(const trace::Tables& tables) {
  if (tables.scenario_text.empty()) return {};
  const world::ParseResult parsed = world::parse_scenario(tables.scenario_text, tables.file_name);
  if (!parsed.errors.empty()) return {};
  return ephemeral_ranges(parsed.scenario, ScenarioRun(parsed.scenario, tables.seed, trace::Level::facts));
}

std::shared_ptr<const replay::HostTools> make_host_tools(std::vector<replay::EphemeralRange> ephemeral) {
  auto tools = std::make_shared<replay::HostTools>();
  SystemServices services = load_services();
  tools->services = std::move(services.table);
  tools->services_from_file = services.from_file;
  tools->ephemeral = std::move(ephemeral);
  // The names outlive the question: the function holds its own.
  tools->table = [names = tools->services](const replay::ToolQuestion& question) {
    return tool_table(names, question);
  };
  return tools;
}

}  // namespace fourtuple::app
