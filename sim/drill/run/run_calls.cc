// System calls of a script: their symbols become numbers, its descriptors those of the kernel, and results are
// compared.
#include <fmt/format.h>

#include "sim/drill/run/arguments.h"
#include "sim/drill/run/runner.h"
#include "sim/drill/run/symbols.h"

namespace fourtuple::drill {
namespace {

constexpr std::int32_t unknown_descriptor = 1 << 20;  // the script's own: EBADF for every kernel

bool makes_descriptor(const CallSpec& spec) {
  return spec.name == "socket" || spec.name == "accept" || spec.name == "open" || spec.name == "epoll_create" ||
         spec.name == "epoll_create1";
}

std::string result_text(std::int64_t value, std::int32_t error) {
  return value >= 0 ? std::to_string(value) : fmt::format("-1 {}", error_name(error));
}

}  // namespace

// What it would have returned is taken as said, so that the script can go on.
bool Runner::skip_call(const CallSpec& spec, const std::string& why) {
  if (makes_descriptor(spec) && spec.result.number >= 0) not_simulated_[spec.result.number] = true;
  return skip(spec.where, spec.name + ": " + why);
}

bool Runner::call(const Event& event, const CallSpec& spec) {
  const Arguments arguments(spec, script_.file, setup_);
  const auto read = arguments.read();
  if (!read) {
    report_.failure = read.error();
    return false;
  }
  if (!read->why_not.empty()) return skip_call(spec, read->why_not);
  KernelCall kernel_call = read->call;
  const auto live = [&](std::int32_t fd) {
    const auto known = descriptors_.find(fd);
    return known == descriptors_.end() ? unknown_descriptor + fd : known->second;
  };
  if (kernel_call.fd >= 0 && not_simulated_.count(kernel_call.fd) != 0)
    return skip_call(spec, "what made its descriptor is not simulated");
  const std::int32_t script_fd = kernel_call.fd;
  kernel_call.fd = live(script_fd);
  for (Polled& one : kernel_call.polled) one.fd = live(one.fd);
  const Answer known = kernel_.knows(kernel_call);
  if (known.kind == Answer::Kind::cannot) return skip_call(spec, known.why);
  if (kernel_call.kind == CallKind::socket) current_ = nothing;
  if (kernel_call.kind == CallKind::connect) {
    Connection made;
    made.remote_port = kernel_call.port;
    // A second connect() of a socket whose SYN is out asks for its outcome.
    const bool again = current_ != nothing && connections_[current_].remote_port == made.remote_port;
    if (!again) {
      current_ = connections_.size();
      connections_.push_back(made);
    }
  }
  const Time started = kernel_.now();
  kernel_.begin(kernel_call);
  if (spec.end) {
    const Time end = scheduled(*spec.end, spec.end->first, base(event));
    under_way_ = UnderWay{&spec, started, end, end};
    return true;
  }
  const auto outcome = kernel_.outcome();
  if (!outcome)
    return fault(spec.where, spec.name + "() blocks", "it to return at once, or a time when it ends: T...E");
  return call_returned(spec, *outcome);
}

// A call that blocks must have returned before the next one begins, and at its time.
bool Runner::finish_call() {
  if (!under_way_) return true;
  const UnderWay one = *under_way_;
  under_way_.reset();
  while (!kernel_.outcome()) {
    const Time limit = std::max(one.last, kernel_.now()) + patience;
    auto sent = kernel_.next_sent(limit);
    if (sent) waiting_.push_back(std::move(*sent));
    if (!sent && !kernel_.outcome())
      return fault(one.spec->where, one.spec->name + "() still blocks", "it to have returned by now");
  }
  const CallOutcome outcome = *kernel_.outcome();
  return call_returned(*one.spec, outcome) && on_time(*one.spec->end, one.spec->where, outcome.at, one.first, one.last,
                                                      one.started, one.spec->name + "() returned");
}

bool Runner::call_returned(const CallSpec& spec, const CallOutcome& outcome) {
  if (makes_descriptor(spec) && outcome.value >= 0 && spec.result.kind == Expression::Kind::integer)
    descriptors_[spec.result.number] = static_cast<std::int32_t>(outcome.value);
  if (spec.name == "close" && outcome.value >= 0) descriptors_.erase(spec.arguments[0].number);
  return compare_call(spec, outcome);
}

bool Runner::compare_call(const CallSpec& spec, const CallOutcome& outcome) {
  const std::string actual = result_text(outcome.value, outcome.error);
  const auto wrong = [&](const std::string& expectation) {
    return differs(spec.where, setup_.calls_may_differ, fmt::format("{}() returned {}", spec.name, actual),
                   expectation);
  };
  if (spec.result.kind == Expression::Kind::integer) {
    const std::int64_t wanted = spec.result.number;
    const std::string expectation =
        spec.error.empty() ? std::to_string(wanted) : fmt::format("{} {}", wanted, spec.error);
    const bool same = makes_descriptor(spec) ? (wanted < 0) == (outcome.value < 0) : wanted == outcome.value;
    if (!same) return wrong(expectation);
    if (!spec.error.empty() && symbol(spec.error) != outcome.error) return wrong(expectation);
  }
  if (outcome.value < 0) return true;
  const auto why = Arguments(spec, script_.file, setup_).differing_output(outcome);
  return !why ||
         differs(spec.where, setup_.calls_may_differ, fmt::format("{}(): {}", spec.name, why->first), why->second);
}

}  // namespace fourtuple::drill
