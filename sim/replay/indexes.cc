#include "sim/replay/indexes.h"

namespace fourtuple::replay {

Indexes::Indexes(const trace::Trace& trace)
    : trace_(&trace), records_(trace), packets_(trace), lanes_(trace, packets_) {}

bool Indexes::refresh(std::uint64_t max_slots) {
  records_.refresh(max_slots);
  const std::uint64_t published = records_.end();
  std::uint64_t position = trace_->skip_padding(end_);
  while (position < published) {
    const trace::Slot* record = trace_->at(position);
    // The packet index comes first: the others ask it about the packet.
    packets_.add(position, record);
    lanes_.add(position, record);
    marks_.add(position, record, packets_);
    streams_.add(position, record);
    position = trace_->next(position);
    end_ = position < published ? position : published;
  }
  return end_ >= trace_->published();
}

std::uint64_t Indexes::bytes() const {
  return records_.bytes() + packets_.bytes() + lanes_.bytes() + marks_.bytes() + streams_.bytes();
}

}  // namespace fourtuple::replay
