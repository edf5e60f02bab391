#include "tests/kernel/session.h"

#include "sim/state/state.h"

namespace fourtuple::kernel_case {
namespace {

constexpr std::uint64_t usual_seed = 1;
constexpr std::uint32_t filler_bytes = 65536;

// Addresses must be in the tables of the System and of the trace, in the same order, before the run.
void intern_addresses(const Json& value, stack::System& system, trace::Tables& tables) {
  if (value.is_structured()) {
    for (const Json& part : value) intern_addresses(part, system, tables);
    return;
  }
  if (!value.is_string() || value.get_ref<const std::string&>().size() > 45) return;
  const Outcome<IpAddress> address = IpAddress::parse(value.get<std::string>());
  if (!address) return;
  system.addresses.intern(*address);
  tables.addresses.intern(*address);
}

}  // namespace

Session::Session(const Json& spec, const Names& nodes)
    : test_case(spec), names(nodes), labels(spec.dump()), trace(trace::Level::stages) {
  world = std::make_unique<world::World>(names.scenario(), spec.value("seed", usual_seed), trace);
  world::WorldDriver run = driver();
  stack::System& system = run.context().system;
  intern_addresses(test_case["steps"], system, trace.mutable_tables());
  std::vector<trace::Content>& all = trace.mutable_tables().contents;
  filler = {static_cast<std::uint32_t>(all.size())};
  all.push_back({std::string(filler_bytes, 'x')});
  system.tcp_config.offer_timestamps = false;
  system.tcp_config.announce_sack = true;
  run.watch();
  run.pass_until({seconds(1).ns});
}

}  // namespace fourtuple::kernel_case
