#include "sim/stack/streams.h"

#include <algorithm>

namespace fourtuple::stack {
namespace {

StreamId outgoing_stream(Context& c, SocketId id) {
  SocketCore& core = c.mut_core(id);
  if (!core.outgoing.valid()) {
    core.outgoing = {c.system.streams.size()};
    c.system.streams.push_back({});
  }
  return core.outgoing;
}

bool continues(const Extent& last, const Payload& piece) {
  constexpr std::uint32_t longest = 1u << 30;
  return last.content == piece.content && last.content_offset + last.length == piece.offset &&
         last.length + piece.length < longest;
}

}  // namespace

void append_to_stream(Context& c, SocketId id, const Payload& piece) {
  System& s = c.system;
  const StreamId stream_id = outgoing_stream(c, id);
  Stream& stream = s.streams.mut(stream_id.value);
  note(c, c.socket(id).host,
       trace::StreamWritten{stream_id, id, stream.length, piece.content, static_cast<std::uint32_t>(piece.offset),
                            piece.length});
  if (stream.last_extent != nil && continues(s.extents[stream.last_extent], piece)) {
    s.extents.mut(stream.last_extent).length += piece.length;
  } else {
    const std::uint32_t index = s.extents.size();
    s.extents.push_back({stream.length, piece.offset, piece.length, piece.content, nil});
    if (stream.last_extent == nil) {
      stream.first_extent = index;
    } else {
      s.extents.mut(stream.last_extent).next = index;
    }
    stream.last_extent = index;
  }
  stream.length += piece.length;
}

Payload stream_piece(Context& c, SocketId id, std::uint64_t offset, std::uint32_t limit) {
  System& s = c.system;
  SocketCore& core = c.mut_core(id);
  FT_CHECK(core.incoming.valid());
  if (core.read_extent == nil) core.read_extent = s.streams[core.incoming.value].first_extent;
  while (s.extents[core.read_extent].offset + s.extents[core.read_extent].length <= offset)
    core.read_extent = s.extents[core.read_extent].next;
  const Extent& extent = s.extents[core.read_extent];
  const std::uint64_t inside = offset - extent.offset;
  return {extent.content, extent.content_offset + inside,
          static_cast<std::uint32_t>(std::min<std::uint64_t>(limit, extent.length - inside))};
}

}  // namespace fourtuple::stack
