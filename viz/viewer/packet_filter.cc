#include "viz/viewer/packet_filter.h"

#include <chrono>

#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

constexpr std::uint64_t slots_between_looks_at_the_clock = 2048;
// Looked through at once when a filter is applied, so that a misspelt program is noticed: some 10 ms.
constexpr std::uint64_t slots_for_names = 2'000'000;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t") == std::string::npos;
}

}  // namespace

PacketFilter::PacketFilter(const replay::Indexes& indexes, replay::BpfCompiler bpf)
    : indexes_(&indexes), bpf_(std::move(bpf)), names_(indexes.trace()) {}

Outcome<void> PacketFilter::set(const std::string& text) {
  if (is_blank(text)) {
    clear();
    return {};
  }
  wants_names_ = true;
  names_.refresh(slots_for_names);
  auto parsed = replay::parse_filter(text, names_, bpf_);
  if (!parsed) return tl::unexpected<Error>(parsed.error());
  text_ = text;
  result_ = std::make_unique<replay::FilterResult>(*indexes_, std::move(*parsed));
  return {};
}

void PacketFilter::clear() {
  text_.clear();
  result_.reset();
}

std::optional<Error> PacketFilter::check(const std::string& text) {
  if (is_blank(text)) return std::nullopt;
  const auto parsed = replay::parse_filter(text, names_, bpf_);
  return parsed ? std::nullopt : std::optional(parsed.error());
}

const replay::FilterNames& PacketFilter::names() {
  wants_names_ = true;
  return names_;
}

std::string PacketFilter::count() const {
  return result_ ? grouped(result_->positions().size()) + " of " + grouped(result_->packets()) : std::string();
}

bool PacketFilter::busy() const {
  return (wants_names_ && !names_.complete()) || (result_ && !result_->finished());
}

void PacketFilter::advance(std::int64_t budget_us) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + std::chrono::microseconds(budget_us);
  while (busy() && Clock::now() < until) {
    if (wants_names_ && !names_.complete()) {
      names_.refresh(slots_between_looks_at_the_clock);
    } else {
      result_->advance(slots_between_looks_at_the_clock);
    }
  }
}

}  // namespace fourtuple::viz
