#include "sim/replay/histogram.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {

void Marks::add(std::uint64_t position, const trace::Slot* record, const PacketIndex& packets) {
  const auto at = static_cast<std::uint32_t>(position);
  const auto put = [&](Mark mark) { positions_[static_cast<std::size_t>(mark)].push_back(at); };
  if (record->kind == trace::Kind::packet_dropped) put(Mark::drop);
  if (record->kind != trace::Kind::packet_created) return;
  put(Mark::packet);
  const Packet packet = trace::unpack_packet_created(record).packet;
  if (packet.protocol == Protocol::tcp && packet.has(TcpFlag::rst)) put(Mark::reset);
  if (packets.retransmission(packet.id)) put(Mark::retransmission);
}

std::uint64_t Marks::next(Mark mark, std::uint64_t boundary) const {
  const std::vector<std::uint32_t>& list = positions(mark);
  const auto found = std::lower_bound(list.begin(), list.end(), boundary);
  return found == list.end() ? trace::Index::none : *found;
}

std::uint64_t Marks::previous(Mark mark, std::uint64_t boundary) const {
  const std::vector<std::uint32_t>& list = positions(mark);
  const auto found = std::lower_bound(list.begin(), list.end(), boundary);
  return found == list.begin() ? trace::Index::none : *std::prev(found);
}

std::uint64_t Marks::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& list : positions_) bytes += list.capacity() * sizeof(std::uint32_t);
  return bytes;
}

std::vector<Bin> histogram(const trace::Index& index, const Marks& marks, Time from, Time to, std::uint32_t bins) {
  FT_CHECK(bins > 0);
  std::vector<Bin> result(bins);
  if (to < from) return result;
  std::vector<std::uint64_t> bounds(bins + 1u);
  const std::int64_t whole = (to - from).ns / bins, rest = (to - from).ns % bins;
  for (std::uint32_t i = 0; i < bins; ++i)
    bounds[i] = index.boundary_before(from + nanoseconds(whole * i + rest * i / bins));
  bounds[bins] = index.boundary_after(to);
  for (std::size_t kind = 0; kind < mark_kinds; ++kind) {
    const std::vector<std::uint32_t>& list = marks.positions(static_cast<Mark>(kind));
    auto begin = std::lower_bound(list.begin(), list.end(), bounds[0]);
    for (std::uint32_t i = 0; i < bins; ++i) {
      const auto end = std::lower_bound(begin, list.end(), bounds[i + 1]);
      result[i].counts[kind] = static_cast<std::uint32_t>(end - begin);
      begin = end;
    }
  }
  return result;
}

}  // namespace fourtuple::replay
