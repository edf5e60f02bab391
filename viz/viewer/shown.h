// A trace on show: its indexes, the time cursor, playback and selection. Part of Viewer.
#pragma once

#include "sim/replay/breaks.h"
#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/replay/playback.h"
#include "sim/replay/quiz/quiz.h"
#include "viz/viewer/packet_filter.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {

struct Viewer::Shown {
  explicit Shown(Document d)
      : document(std::move(d)), indexes(*document.trace), cursor(*document.trace), filter(indexes, document.bpf) {
    if (document.grow) growth = document.grow();
    bookmarks.marks = document.bookmarks;
    indexes.refresh();
    cursor.refresh();
  }

  Document document;
  replay::Indexes indexes;
  replay::Cursor cursor;
  replay::Playback playback;
  PacketFilter filter;
  Selection selection;
  Bookmarks bookmarks;
  Stops stops;
  Growth growth;
  std::vector<Wish> wishes;
  replay::Grain grain = replay::Grain::hop;
  bool following = false;
  PacketId walked;  // chosen by stepping through rules, so stepping may go on to another packet
  replay::Quiz quiz;
  std::optional<Time> play_until;   // the story plays on to its next caption and stops there
  std::optional<std::size_t> told;  // presenter mode: the caption whose packet the panels show
};

}  // namespace fourtuple::viz
