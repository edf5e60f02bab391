// What happened last, in words: for the status line, for bookmarks and for pauses. Pure.
#pragma once

#include <string>

#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/replay/value_text.h"

namespace fourtuple::viz {

// What the last record before the cursor says that says something; empty at the start.
std::string happening(const replay::Cursor& cursor, const replay::Indexes& indexes, const replay::ValueText& value);

}  // namespace fourtuple::viz
