#include "capture/names/stream_start.h"

#include <algorithm>

namespace fourtuple::capture {

void StreamStart::add(SeqNumber seq, Bytes payload) {
  const std::int32_t offset = seq - first_;
  if (++segments_ > most_segments) full_ = true;
  if (offset < 0) {
    const auto before = static_cast<std::uint32_t>(-static_cast<std::int64_t>(offset));
    if (before >= payload.size()) return;
    payload = payload.subspan(before);
  }
  Piece added{static_cast<std::uint32_t>(std::max(offset, 0)), 0};
  if (added.from >= most_bytes) {
    full_ = true;
    return;
  }
  added.to = static_cast<std::uint32_t>(std::min<std::size_t>(most_bytes, added.from + payload.size()));
  full_ = full_ || added.to == most_bytes;
  if (added.from == added.to) return;
  if (bytes_.size() < added.to) bytes_.resize(added.to);
  std::vector<Piece> pieces;
  std::uint32_t next = added.from;
  const auto fill = [&](std::uint32_t to) {
    if (next < to) std::copy_n(payload.begin() + (next - added.from), to - next, bytes_.begin() + next);
  };
  Piece whole = added;
  for (const Piece& piece : pieces_) {
    if (piece.to < added.from || piece.from > added.to) {
      pieces.push_back(piece);
      continue;
    }
    fill(std::min(piece.from, added.to));
    next = std::max(next, piece.to);
    whole = {std::min(whole.from, piece.from), std::max(whole.to, piece.to)};
  }
  fill(added.to);
  const auto place = std::find_if(pieces.begin(), pieces.end(), [&](const Piece& p) { return p.from > whole.from; });
  pieces.insert(place, whole);
  pieces_ = std::move(pieces);
  full_ = full_ || pieces_.size() > most_pieces;
}

Bytes StreamStart::contiguous() const {
  if (pieces_.empty() || pieces_.front().from != 0) return {};
  return Bytes(bytes_).first(pieces_.front().to);
}

void StreamStart::drop(std::uint32_t bytes) {
  first_ = first_ + bytes;
  bytes_.erase(bytes_.begin(), bytes_.begin() + bytes);
  for (Piece& piece : pieces_) {
    piece.from -= std::min(piece.from, bytes);
    piece.to -= bytes;
  }
  std::erase_if(pieces_, [](const Piece& piece) { return piece.to == 0; });
  segments_ = 0;
}

}  // namespace fourtuple::capture
