// A trace on show: its indexes, the time cursor, playback and selection. Part of Viewer.
#pragma once

#include "sim/replay/breaks.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {

struct Viewer::Shown {
  explicit Shown(Document d) : document(std::move(d)), indexes(*document.trace), cursor(*document.trace) {
    if (document.grow) growth = document.grow();
    indexes.refresh();
    cursor.refresh();
  }

  Document document;
  replay::Indexes indexes;
  replay::Cursor cursor;
  replay::Playback playback;
  Selection selection;
  Bookmarks bookmarks;
  Stops stops;
  Growth growth;
  std::vector<Wish> wishes;
  replay::Grain grain = replay::Grain::hop;
  bool following = false;
  PacketId walked;                 // chosen by stepping through rules, so stepping may go on to another packet
  std::optional<Time> play_until;  // the story plays on to its next caption and stops there
};

}  // namespace fourtuple::viz
