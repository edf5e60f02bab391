// What a tool of the host (ss, lsof, netstat, /proc/net/tcp) prints at the cursor, with what changed since another
// instant. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "viz/kit/table.h"
#include "viz/panel/context.h"

namespace fourtuple::viz {

struct ListingColumn {
  std::string title;
  std::string_view meaning;  // of replay::column_meanings()
  bool right = false;
  std::size_t characters = 0;  // of the longest cell or the title
};

struct ListingCell {
  std::string text;
  std::string tail;    // ":443", set apart by its weight; empty for most
  std::string before;  // what it was, when it changed

  // Whether the old value is short enough to stand before the new one.
  bool shows_before() const { return !before.empty() && before.size() <= 12; }
};

struct ListingRow {
  SocketId socket;  // none: about no socket
  RowChange change = RowChange::none;
  std::vector<ListingCell> cells;  // as many as columns
  std::optional<std::size_t> flow;
  bool inferred = false, waiting = false;  // waiting: it has no peer
};

struct ToolListing {
  std::string_view table;  // of replay::column_meanings()
  std::vector<ListingColumn> columns;
  std::vector<ListingRow> rows;
  std::uint64_t left_out = 0;  // sockets not listed, because there are very many
  std::uint64_t listed = 0;    // sockets the tool was asked for, before any search
  bool plain = false;          // lines of text, without columns
  std::string note;            // instead of rows, when there are none
};

constexpr std::uint32_t most_listed = 5000;  // sockets of each protocol

// `filter`: a port or the name of a service: only sockets that have it; any other text: only rows that contain it.
ToolListing build_listing(const PanelContext& context, HostId host, const std::string& command,
                          const state::State& before, const std::string& filter = {});

// Whether both states have this socket, and it is the same one.
bool same_socket(const state::State& before, const state::State& now, SocketId id);

}  // namespace fourtuple::viz
