#include "sim/replay/filter/names.h"

#include <algorithm>

#include "sim/trace/codec.h"
#include "sim/trace/find_host.h"

namespace fourtuple::replay {
namespace {

constexpr std::size_t most_names = 100'000;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

FilterNames::FilterNames(const trace::Trace& trace) : trace_(&trace), end_(trace.first()) {
  const trace::Tables& tables = trace.tables();
  for (const trace::HostInfo& host : tables.topology.hosts) hosts_.emplace_back(tables.strings[host.name]);
  for (const trace::RulesetInfo& ruleset : tables.rulesets) {
    for (const trace::ChainInfo& chain : ruleset.chains)
      if (std::find(chains_.begin(), chains_.end(), chain.name) == chains_.end()) chains_.push_back(chain.name);
  }
}

bool FilterNames::refresh(std::uint64_t max_slots) {
  const std::uint64_t published = trace_->published();
  const std::uint64_t limit = published - end_ > max_slots ? end_ + max_slots : published;
  for (end_ = trace_->skip_padding(end_); end_ < limit; end_ = trace_->next(end_)) {
    const trace::Slot* record = trace_->at(end_);
    if (record->kind != trace::Kind::process_started) continue;
    const trace::ProcessStarted event = trace::unpack_process_started(record);
    if (pids_.size() < most_names) pids_.push_back(event.pid);
    if (event.name.value >= trace_->tables().strings.size() || processes_.size() >= most_names) continue;
    if (seen_.size() <= event.name.value) seen_.resize(event.name.value + 1);
    if (seen_[event.name.value]) continue;
    seen_[event.name.value] = true;
    processes_.emplace_back(trace_->tables().strings[event.name]);
  }
  return complete();
}

bool FilterNames::has_pid(std::uint32_t pid) const {
  return std::find(pids_.begin(), pids_.end(), pid) != pids_.end();
}

HostId FilterNames::host(std::string_view name) const {
  for (std::uint32_t i = 0; i < hosts_.size(); ++i)
    if (same_name(hosts_[i], name)) return {i};
  const auto address = IpAddress::parse(std::string(name));
  return address ? trace::host_at(trace_->tables(), *address) : HostId::none();
}

}  // namespace fourtuple::replay
