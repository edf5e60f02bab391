#include "sim/drill/run/run.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/drill/run/runner.h"

namespace fourtuple::drill {
namespace {

std::string seconds_text(Duration span) {
  const std::int64_t us = span.ns / 1000;
  return fmt::format("{}.{:06} s", us / 1'000'000, us % 1'000'000);
}

std::string seconds_text(Time at) {
  return seconds_text(at - Time{0});
}

}  // namespace

std::string text_of(const Remark& remark) {
  const bool skipped = remark.kind == Remark::Kind::skipped;
  return fmt::format("{}: {}{}", remark.where.line, remark.text, skipped ? ": skipped" : "");
}

bool Runner::fault(Place where, std::string message, std::string expectation) {
  report_.failure = Error{{script_.file, where.line, where.column}, std::move(message), std::move(expectation), {}};
  return false;
}

bool Runner::differs(Place where, bool forgiven, const std::string& message, const std::string& expectation) {
  if (!forgiven) return fault(where, message, expectation);
  const std::string expected = expectation.empty() ? "" : "; expected " + expectation;
  report_.remarks.push_back({where, Remark::Kind::forgiven, message + expected});
  return true;
}

void Runner::note(Place where, std::string text) {
  report_.remarks.push_back({where, Remark::Kind::note, std::move(text)});
}

bool Runner::skip(Place where, const std::string& text) {
  report_.remarks.push_back({where, Remark::Kind::skipped, text});
  ++report_.skipped;
  return true;
}

Report Runner::run() {
  report_.events = script_.events.size();
  bool good = !script_.before || command(*script_.before);
  for (const Event& next : script_.events) {
    good = good && event(next);
    if (!good) break;
    ++report_.done;
    report_.order.push_back({next.time.where, kernel_.now()});
  }
  good = good && finish_call();
  if (good && script_.after) command(*script_.after);
  return std::move(report_);
}

// What the relative times of an event count from. Packets in a row to the kernel count from when they were due, so that
// their distances do not add up errors.
Time Runner::base(const Event& event) const {
  const auto* packet = std::get_if<PacketSpec>(&event.action);
  const bool inbound = packet != nullptr && packet->inbound;
  return inbound && previous_inbound_ ? previous_scheduled_ : previous_end_;
}

Time Runner::scheduled(const EventTime& time, Duration point, Time base) const {
  return time.is_relative() ? base + point : Time{point.ns};
}

bool Runner::on_time(const EventTime& time, Place where, Time actual, Time first, Time last, Time since,
                     const std::string& what) {
  if (time.kind == EventTime::Kind::any) return true;
  const Duration share = (last - since) * setup_.tolerance_per_mille / 1000;
  const Duration slack = std::max(setup_.tolerance, share);
  if (actual >= first - slack && actual <= last + slack) return true;
  const std::string wanted =
      first == last ? seconds_text(first) : fmt::format("{} to {}", seconds_text(first), seconds_text(last));
  const bool late = actual > last;
  const Duration by = late ? actual - last : first - actual;
  return fault(
      where, fmt::format("{} at {}, {} too {}", what, seconds_text(actual), seconds_text(by), late ? "late" : "early"),
      fmt::format("it at {}, {} more or less", wanted, seconds_text(slack)));
}

// Waits until an event that the script makes is due.
bool Runner::start_at(const Event& event, Time at) {
  if (kernel_.now() < at) kernel_.pass_until(at);
  return on_time(event.time, event.time.where, kernel_.now(), at, at, previous_scheduled_, "this begins");
}

bool Runner::event(const Event& event) {
  const bool makes_call = std::holds_alternative<CallSpec>(event.action);
  if (makes_call && !finish_call()) return false;
  const auto* spec = std::get_if<PacketSpec>(&event.action);
  const bool is_inbound = spec != nullptr && spec->inbound;
  const Time due = scheduled(event.time, event.time.first, base(event));
  if (spec == nullptr || is_inbound) {
    if (!start_at(event, due)) return false;
  }
  bool good = false;
  if (spec != nullptr)
    good = packet(event, *spec);
  else if (makes_call)
    good = call(event, std::get<CallSpec>(event.action));
  else if (const auto* shell = std::get_if<CommandSpec>(&event.action))
    good = command(*shell);
  else
    good = code(std::get<CodeSpec>(event.action));
  previous_inbound_ = is_inbound;
  previous_scheduled_ = event.time.kind == EventTime::Kind::any ? kernel_.now() : due;
  previous_end_ = kernel_.now();
  return good;
}

Report run_script(const Script& script, const Setup& setup, Kernel& kernel) {
  return Runner(script, setup, kernel).run();
}

}  // namespace fourtuple::drill
