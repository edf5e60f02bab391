// Runs of bytes received ahead of missing data: a few, sorted, inside the Connection. When a segment would need one
// run more than fit, it is dropped and the peer's retransmission brings it again; Linux keeps any number.
#include "sim/tcp/internal.h"

namespace fourtuple::tcp {

bool keep_range(Connection& c, SeqNumber first, SeqNumber last) {
  // Runs [from, to) overlap or touch the new one and merge with it.
  int from = 0;
  while (from < c.range_count && c.ranges[from].last.before(first)) ++from;
  int to = from;
  while (to < c.range_count && c.ranges[to].first.at_or_before(last)) ++to;
  if (from == to) {
    if (c.range_count == range_capacity) return false;
    for (int i = c.range_count; i > from; --i) c.ranges[i] = c.ranges[i - 1];
    c.ranges[from] = {first, last};
    ++c.range_count;
    return true;
  }
  Range& merged = c.ranges[from];
  if (first.before(merged.first)) merged.first = first;
  merged.last = later(last, c.ranges[to - 1].last);
  const int removed = to - from - 1;
  for (int i = to; i < c.range_count; ++i) c.ranges[i - removed] = c.ranges[i];
  c.range_count = static_cast<std::uint8_t>(c.range_count - removed);
  return true;
}

std::uint32_t absorb_ranges(Connection& c) {
  const SeqNumber before = c.rcv_nxt;
  int used = 0;
  while (used < c.range_count && c.ranges[used].first.at_or_before(c.rcv_nxt)) {
    c.rcv_nxt = later(c.rcv_nxt, c.ranges[used].last);
    ++used;
  }
  for (int i = used; i < c.range_count; ++i) c.ranges[i - used] = c.ranges[i];
  c.range_count = static_cast<std::uint8_t>(c.range_count - used);
  return c.rcv_nxt.raw - before.raw;
}

}  // namespace fourtuple::tcp
