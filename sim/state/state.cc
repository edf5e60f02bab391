#include "sim/state/state.h"

namespace fourtuple::state {

const Descriptor* find_descriptor(const State& state, ProcessId process, std::int32_t fd) {
  const std::uint32_t index = state.descriptor_index.find({process, fd});
  return index == IndexMap<FdKey>::absent ? nullptr : &state.descriptors[index];
}

std::int32_t lowest_free_fd(const State& state, ProcessId process) {
  std::int32_t fd = state.processes.alive(process.value) ? state.processes[process.value].lowest_free_hint : 0;
  while (state.descriptor_index.contains({process, fd})) ++fd;
  return fd;
}

}  // namespace fourtuple::state
