// Expectations about a process at an instant: what its descriptors lead to, how many it has, where it sleeps.
#include <fmt/format.h>

#include "app/expect/expect.h"
#include "app/views/views.h"
#include "sim/wire/services.h"

namespace fourtuple::app {
namespace {

using world::Expectation;

ProcessId process_at(const Evidence& evidence, const state::State& state, world::ProcessRef meant) {
  for (std::uint32_t i = 0; i < state.processes.end(); ++i)
    if (state.processes.alive(i) && evidence.is_process(state, ProcessId{i}, meant)) return {i};
  return ProcessId::none();
}

constexpr std::string_view not_running = "it was not running";

}  // namespace

std::string judge_descriptor(Evidence& evidence, const Expectation& expectation) {
  const Time at = instant_of(evidence, expectation);
  const state::State& state = evidence.state_at(at);
  const ProcessId process = process_at(evidence, state, expectation.process);
  if (!process.valid()) return std::string(not_running);
  const state::Descriptor* descriptor = state::find_descriptor(state, process, expectation.descriptor);
  if (descriptor == nullptr) return *expectation.text == "nothing" ? "" : "it was not open";
  const Services no_names;
  const std::string words = descriptor_words({evidence.tables(), state, at, no_names}, *descriptor);
  return words.find(*expectation.text) != std::string::npos ? "" : fmt::format("it led to {}", words);
}

std::string judge_descriptors(Evidence& evidence, const Expectation& expectation) {
  const state::State& state = evidence.state_at(instant_of(evidence, expectation));
  const ProcessId process = process_at(evidence, state, expectation.process);
  if (!process.valid()) return std::string(not_running);
  const std::uint32_t count = state.processes[process.value].descriptor_count;
  return expectation.count.contains(count) ? "" : fmt::format("it had {}", count);
}

std::string judge_asleep(Evidence& evidence, const Expectation& expectation) {
  const state::State& state = evidence.state_at(instant_of(evidence, expectation));
  const ProcessId id = process_at(evidence, state, expectation.process);
  if (!id.valid()) return std::string(not_running);
  const state::Process& process = state.processes[id.value];
  if (process.activity != state::Activity::blocked) return expectation.is ? "it was running" : "";
  if (expectation.is && process.waiting_in == expectation.call) return "";
  return fmt::format("it slept in {}({})", trace::name_of(process.waiting_in),
                     process.waiting_fd >= 0 ? std::to_string(process.waiting_fd) : std::string());
}

}  // namespace fourtuple::app
