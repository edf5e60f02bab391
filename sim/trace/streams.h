// The bytes behind a packet's payload reference: which content an application wrote at which offset of a stream.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/trace/trace.h"

namespace fourtuple::trace {

enum class PayloadFound : std::uint8_t {
  none,        // the packet has no payload, or an ICMP error's quote (see PacketIndex::quoted)
  bytes,       // `out` holds it
  in_capture,  // at Packet::payload_offset of the capture file
  unknown,     // the trace does not say
};

class Streams {
 public:
  void add(std::uint64_t position, const Slot* record);
  // Copies [offset, offset + length) of a stream; false when a part of it was never written.
  bool read(const Trace& trace, StreamId stream, std::uint64_t offset, std::uint32_t length, char* to) const;
  // Position of the stream_written record with the byte at `offset`; the largest number when there is none.
  std::uint64_t write_of(const Trace& trace, StreamId stream, std::uint64_t offset) const;
  // Bytes written to a stream so far.
  std::uint64_t length(const Trace& trace, StreamId stream) const;
  std::uint64_t bytes() const;

 private:
  std::vector<std::vector<std::uint32_t>> writes_;  // by StreamId: positions of stream_written, offsets ascending
};

PayloadFound payload_bytes(const Trace& trace, const Streams& streams, const Packet& packet, std::string& out);

}  // namespace fourtuple::trace
