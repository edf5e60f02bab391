#include "sim/state/state.h"

namespace fourtuple::state {

void assign(State& to, const State& from) {
  auto& [hosts, processes, sockets, descriptors, locals, descriptor_index, rulesets, conntrack, objects, set_elements,
         tcp_variables] = to;
  hosts = from.hosts;
  processes.assign(from.processes);
  sockets.assign(from.sockets);
  descriptors.assign(from.descriptors);
  locals.assign(from.locals);
  descriptor_index.assign(from.descriptor_index);
  rulesets = from.rulesets;
  conntrack.assign(from.conntrack);
  objects.assign(from.objects);
  set_elements.assign(from.set_elements);
  tcp_variables.assign(from.tcp_variables);
}

const Descriptor* find_descriptor(const State& state, ProcessId process, std::int32_t fd) {
  const std::uint32_t index = state.descriptor_index.find({process, fd});
  return index == DescriptorIndex::absent ? nullptr : &state.descriptors[index];
}

std::int32_t lowest_free_fd(const State& state, ProcessId process) {
  std::int32_t fd = state.processes.alive(process.value) ? state.processes[process.value].lowest_free_hint : 0;
  while (state.descriptor_index.contains({process, fd})) ++fd;
  return fd;
}

}  // namespace fourtuple::state
