// A file as panels see it, without a window: what its trace holds, with one cursor and one selection.
#pragma once

#include <string>

#include "app/view/documents.h"
#include "tests/app/support/places.h"
#include "viz/panel/context.h"

namespace fourtuple::app {

struct PanelBench {
  // `path` below the source tree.
  explicit PanelBench(const std::string& path)
      : document(*open_document(source_dir + "/" + path)), indexes(*document.trace), cursor(*document.trace) {
    indexes.refresh();
    cursor.refresh();
  }

  viz::PanelContext context() {
    return {*document.trace,     indexes,        cursor, playback, selection, document.frame_bytes, true, wishes,
            document.value_text, *document.tools};
  }
  Time end() const { return document.trace->end_time(); }

  viz::Document document;
  replay::Indexes indexes;
  replay::Cursor cursor;
  replay::Playback playback;
  viz::Selection selection;
  std::vector<viz::Wish> wishes;
};

}  // namespace fourtuple::app
