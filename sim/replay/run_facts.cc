#include "sim/replay/run_facts.h"

#include <algorithm>

#include "sim/replay/fact_side.h"

namespace fourtuple::replay {
namespace {

constexpr std::size_t most_rows = 500;

}  // namespace

RunFacts::RunFacts(const trace::Trace& a, NetState before_a, const trace::Trace& b, NetState before_b, Time fork)
    : traces_{&a, &b}, before_{std::move(before_a), std::move(before_b)}, fork_(fork) {
  restart();
}

RunFacts::~RunFacts() = default;

void RunFacts::restart() {
  for (std::size_t i = 0; i < 2; ++i) sides_[i] = std::make_unique<FactSide>(*traces_[i], before_[i]);
  differs_.clear();
  now_ = fork_ - nanoseconds(1);
}

bool RunFacts::seek(Time now, std::uint64_t most) {
  if (now < now_) restart();
  std::vector<std::string> touched;
  std::uint64_t taken = 0;
  bool done = true;
  // Whole instants: within one, the run that is taken first is not ahead of the other.
  while (true) {
    const Time next = std::min(sides_[0]->next_time(), sides_[1]->next_time());
    if (next > now) break;
    if (taken >= most) {
      done = false;
      break;
    }
    for (const auto& side : sides_) {
      for (; side->next_time() == next; ++taken) side->take(touched);
    }
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (const std::string& name : touched) compare(name, next);
    touched.clear();
    now_ = next;
  }
  if (done) now_ = std::max(now_, now);
  make_list();
  return done;
}

// The fact in one run; where only the other run touched it, what it was before that.
const Fact* RunFacts::value(std::size_t side, const std::string& name) const {
  const Fact* fact = sides_[side]->find(name);
  return fact != nullptr ? fact : sides_[1 - side]->before(name);
}

void RunFacts::compare(const std::string& name, Time at) {
  const Fact *a = value(0, name), *b = value(1, name);
  const bool same = a == nullptr || b == nullptr
                        ? (a == nullptr || a->value.empty()) && (b == nullptr || b->value.empty())
                        : a->value == b->value;
  if (same)
    differs_.erase(name);
  else
    differs_.emplace(name, at);
}

void RunFacts::make_list() {
  list_.clear();
  for (const auto& [name, since] : differs_) {
    if (list_.size() >= most_rows) break;
    const Fact *a = value(0, name), *b = value(1, name);
    const Fact& any = b != nullptr ? *b : *a;
    DifferentFact row{any.kind, any.host, any.subject, {}, {}, since};
    if (a != nullptr) row.a = sides_[0]->words(*a, now_);
    if (b != nullptr) row.b = sides_[1]->words(*b, now_);
    if (row.b.empty() && a != nullptr) row.subject = a->subject;
    list_.push_back(std::move(row));
  }
  std::stable_sort(list_.begin(), list_.end(), [](const DifferentFact& x, const DifferentFact& y) {
    return x.kind != y.kind ? x.kind < y.kind : x.since < y.since;
  });
}

std::string_view absent_words(FactKind kind) {
  switch (kind) {
    case FactKind::rule:
      return "no such rule";
    case FactKind::call:
      return "not called";
    case FactKind::socket:
      return "no such socket";
    case FactKind::tracked:
      return "no entry";
    case FactKind::process:
      return "no such process";
    case FactKind::read:
      return "nothing";
    case FactKind::dropped:
      return "none";
  }
  return "";
}

NetState state_before(const trace::Trace& trace, Time at) {
  NetState net = initial_state(trace);
  std::uint64_t boundary = trace.first();
  while (boundary < trace.published() && trace.at(boundary)->at < at) boundary = trace.next(boundary);
  fold_to(net, trace, boundary);
  return net;
}

}  // namespace fourtuple::replay
