#include "sim/trace/streams.h"

#include <algorithm>

#include "sim/trace/codec.h"

namespace fourtuple::trace {
namespace {

// Streams are numbered as they begin; a far larger number can only come from a damaged trace.
constexpr std::uint32_t id_slack = 1u << 16;
// A payload of one packet or one send; a damaged trace may claim more.
constexpr std::uint32_t longest_payload = 1u << 24;

StreamWritten write_at(const Trace& trace, std::uint32_t position) {
  return unpack_stream_written(trace.at(position));
}

}  // namespace

void Streams::add(std::uint64_t position, const Slot* record) {
  if (record->kind != Kind::stream_written) return;
  const std::uint32_t stream = record->subject;
  if (stream > writes_.size() + id_slack) return;
  if (stream >= writes_.size()) writes_.resize(std::size_t{stream} + 1);
  writes_[stream].push_back(static_cast<std::uint32_t>(position));
}

bool Streams::read(const Trace& trace, StreamId stream, std::uint64_t offset, std::uint32_t length, char* to) const {
  if (stream.value >= writes_.size()) return false;
  const auto& writes = writes_[stream.value];
  auto later = std::upper_bound(writes.begin(), writes.end(), offset, [&](std::uint64_t at, std::uint32_t position) {
    return at < write_at(trace, position).offset;
  });
  if (later == writes.begin()) return false;
  for (auto write = std::prev(later); length != 0; ++write) {
    if (write == writes.end()) return false;
    const StreamWritten written = write_at(trace, *write);
    if (written.offset > offset || offset - written.offset >= written.length) return false;
    const std::uint64_t skip = offset - written.offset;
    const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(length, written.length - skip));
    read_content(trace.tables(), written.content, written.content_offset + skip, part, to);
    offset += part;
    length -= part;
    to += part;
  }
  return true;
}

std::uint64_t Streams::write_of(const Trace& trace, StreamId stream, std::uint64_t offset) const {
  constexpr std::uint64_t nowhere = ~std::uint64_t{0};
  if (stream.value >= writes_.size()) return nowhere;
  const auto& writes = writes_[stream.value];
  const auto later =
      std::upper_bound(writes.begin(), writes.end(), offset,
                       [&](std::uint64_t at, std::uint32_t position) { return at < write_at(trace, position).offset; });
  if (later == writes.begin()) return nowhere;
  const StreamWritten written = write_at(trace, *std::prev(later));
  return offset - written.offset < written.length ? *std::prev(later) : nowhere;
}

std::uint64_t Streams::length(const Trace& trace, StreamId stream) const {
  if (stream.value >= writes_.size() || writes_[stream.value].empty()) return 0;
  const StreamWritten last = write_at(trace, writes_[stream.value].back());
  return last.offset + last.length;
}

std::uint64_t Streams::bytes() const {
  std::uint64_t bytes = writes_.capacity() * sizeof(writes_[0]);
  for (const auto& writes : writes_) bytes += writes.capacity() * sizeof(std::uint32_t);
  return bytes;
}

PayloadFound payload_bytes(const Trace& trace, const Streams& streams, const Packet& packet, std::string& out) {
  out.clear();
  if (packet.payload_length == 0 || packet.payload_kind == PayloadKind::quote) return PayloadFound::none;
  if (packet.payload_kind == PayloadKind::capture) return PayloadFound::in_capture;
  if (packet.payload_kind == PayloadKind::none || packet.payload_length > longest_payload) return PayloadFound::unknown;
  out.resize(packet.payload_length);
  if (packet.payload_kind == PayloadKind::content) {
    read_content(trace.tables(), {packet.payload_source}, packet.payload_offset, packet.payload_length, out.data());
    return PayloadFound::bytes;
  }
  if (streams.read(trace, {packet.payload_source}, packet.payload_offset, packet.payload_length, out.data()))
    return PayloadFound::bytes;
  out.clear();
  return PayloadFound::unknown;
}

}  // namespace fourtuple::trace
