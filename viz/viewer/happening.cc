#include "viz/viewer/happening.h"

#include "sim/replay/narrator.h"
#include "sim/trace/describe.h"

namespace fourtuple::viz {
namespace {

constexpr int most_skipped = 64;  // records

// Numbers that change along with what happens, and say nothing by themselves.
bool is_bookkeeping(trace::Kind kind) {
  switch (kind) {
    case trace::Kind::tcp_variables:
    case trace::Kind::tcp_segment_judged:
    case trace::Kind::socket_queues:
    case trace::Kind::local_queues:
    case trace::Kind::conntrack_seen:
    case trace::Kind::netfilter_object:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string happening(const replay::Cursor& cursor, const replay::Indexes& indexes, const replay::ValueText& value) {
  std::uint64_t last = cursor.last_record();
  for (int i = 0; i < most_skipped && last != trace::Index::none; ++i) {
    if (!is_bookkeeping(cursor.trace().at(last)->kind)) break;
    last = cursor.index().previous(last);
  }
  if (last == trace::Index::none) return {};
  const replay::StateNames names(cursor.trace(), indexes.packets(), cursor.state(), last, value);
  return trace::describe_event(cursor.trace(), last, names);
}

}  // namespace fourtuple::viz
