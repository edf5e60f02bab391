#include "viz/panels/sockets/tool_listing.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "sim/replay/columns.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

using replay::ToolRow;
using replay::ToolTable;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool is_plain(const ToolTable& table) {
  return table.columns.size() == 1 && table.columns.front().title.empty();
}

// `ss` splits an end at its colon so that the colons line up; here the two are one cell.
bool continues(const ToolTable& table, std::size_t column) {
  return column > 0 && table.columns[column].before.empty() && table.columns[column - 1].title.ends_with(':');
}

// Letters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// An old value that is short stands before the new one.
std::size_t width_of(const ListingCell& cell) {
  const std::size_t width = width_of(cell.text) + width_of(cell.tail);
  return cell.shows_before() ? width + width_of(cell.before) + 1 : width;
}

std::vector<ListingColumn> columns_of(const ToolTable& table) {
  std::vector<ListingColumn> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const replay::ToolColumn& column = table.columns[i];
    if (continues(table, i)) {
      columns.back().title += column.title;
      columns.back().right = false;
    } else {
      columns.push_back({std::string(trimmed(column.title)), {}, column.right, 0});
    }
  }
  for (ListingColumn& column : columns) {
    column.meaning = replay::column_meaning(table.meanings, column.title);
    column.characters = width_of(column.title);
  }
  return columns;
}

std::vector<ListingCell> cells_of(const ToolTable& table, const ToolRow& row) {
  std::vector<ListingCell> cells;
  for (std::size_t i = 0; i < row.cells.size() && i < table.columns.size(); ++i) {
    if (continues(table, i)) {
      // An address ends in a colon; what is no address (the path of an AF_UNIX socket) does not.
      std::string& text = cells.back().text;
      const bool colon = text.ends_with(':');
      if (colon) text.pop_back();
      cells.back().tail = (colon ? ":" : " ") + row.cells[i];
    } else {
      // Lines of text keep their blanks.
      cells.push_back({is_plain(table) ? row.cells[i] : std::string(trimmed(row.cells[i])), "", ""});
    }
  }
  return cells;
}

void mark_changes(ListingRow& row, const std::vector<ListingCell>& old) {
  for (std::size_t i = 0; i < row.cells.size() && i < old.size(); ++i) {
    ListingCell& cell = row.cells[i];
    if (cell.text == old[i].text && cell.tail == old[i].tail) continue;
    cell.before = old[i].text + old[i].tail;
    if (cell.before.empty()) cell.before = "nothing";
    row.change = RowChange::changed;
  }
}

ListingRow make_row(const PanelContext& context, const state::State& state, const ToolTable& table,
                    const ToolRow& source) {
  ListingRow row;
  row.socket = source.socket;
  row.cells = cells_of(table, source);
  const state::Socket* socket = source.socket.valid() ? find_socket(state, source.socket) : nullptr;
  if (socket == nullptr) return row;
  row.inferred = socket->has(state::SocketFlag::inferred);
  row.waiting = socket->tuple.remote_port == 0;
  if (row.waiting) return row;
  const std::uint32_t flow = context.indexes.flows().find(socket->protocol, socket->tuple);
  if (flow != replay::FlowTable::none) row.flow = flow_slot(flow);
  return row;
}

// Lines about no socket have only their place in the listing.
void compare_lines(const ToolTable& old, std::vector<ListingRow>& rows) {
  for (std::size_t i = 0; i < rows.size() && i < old.rows.size(); ++i)
    if (!rows[i].socket.valid()) mark_changes(rows[i], cells_of(old, old.rows[i]));
}

void compare_sockets(const PanelContext& context, const state::State& before, const ToolTable& old,
                     ToolListing& listing) {
  const state::State& now = context.cursor.state();
  std::map<std::uint32_t, const ToolRow*> rows;
  for (const ToolRow& row : old.rows)
    if (row.socket.valid()) rows.emplace(row.socket.value, &row);
  for (ListingRow& row : listing.rows) {
    if (!row.socket.valid()) continue;
    const auto found = rows.find(row.socket.value);
    if (!same_socket(before, now, row.socket) || (found == rows.end() && listing.left_out == 0)) {
      row.change = RowChange::added;
    } else if (found != rows.end()) {
      mark_changes(row, cells_of(old, *found->second));
    }
  }
  std::map<std::uint32_t, bool> listed;
  for (const ListingRow& row : listing.rows)
    if (row.socket.valid()) listed.emplace(row.socket.value, true);
  for (const ToolRow& source : old.rows) {
    if (!source.socket.valid()) continue;
    const bool same = same_socket(before, now, source.socket);
    // In the same place of the pool may be another socket by now.
    if (same && (listed.contains(source.socket.value) || listing.left_out > 0)) continue;
    ListingRow row = make_row(context, before, old, source);
    row.change = RowChange::removed;
    listing.rows.push_back(std::move(row));
  }
}

std::optional<std::uint16_t> port_in(const replay::HostTools& tools, const std::string& filter) {
  std::uint16_t number = 0;
  const char* end = filter.data() + filter.size();
  const auto read = std::from_chars(filter.data(), end, number);
  if (!filter.empty() && read.ec == std::errc() && read.ptr == end) return number;
  if (const auto port = tools.services.port_of(Protocol::tcp, filter)) return port;
  return tools.services.port_of(Protocol::udp, filter);
}

bool contains(const ListingRow& row, const std::string& part) {
  return std::any_of(row.cells.begin(), row.cells.end(),
                     [&](const ListingCell& cell) { return (cell.text + cell.tail).find(part) != std::string::npos; });
}

std::string empty_note(const ToolListing& listing, const std::string& filter) {
  if (!listing.rows.empty()) return {};
  if (!filter.empty()) return "Nothing here has to do with '" + filter + "'.";
  return "The tool lists nothing on this host at this instant.";
}

}  // namespace

bool same_socket(const state::State& before, const state::State& now, SocketId id) {
  const state::Socket *old = find_socket(before, id), *socket = find_socket(now, id);
  return old != nullptr && socket != nullptr && old->inode == socket->inode && old->host == socket->host;
}

ToolListing build_listing(const PanelContext& context, HostId host, const std::string& command,
                          const state::State& before, const std::string& filter) {
  ToolListing listing;
  if (!context.tools.table) {
    listing.note = "The tables of the tools are not at hand.";
    return listing;
  }
  const replay::ToolQuestion question{context.trace.tables(),
                                      context.cursor.state(),
                                      context.now(),
                                      host,
                                      command,
                                      port_in(context.tools, filter),
                                      most_listed};
  const ToolTable now = context.tools.table(question);
  // At the same instant, so that time passing is no change: a timer that goes on running is the same timer.
  const replay::ToolQuestion earlier{context.trace.tables(), before,     context.now(), host, command,
                                     question.port,          most_listed};
  const ToolTable old = context.tools.table(earlier);
  listing.table = now.meanings;
  listing.left_out = now.left_out;
  listing.listed = now.rows.size();
  listing.plain = is_plain(now);
  listing.columns = columns_of(now);
  for (const ToolRow& row : now.rows) listing.rows.push_back(make_row(context, context.cursor.state(), now, row));
  compare_lines(old, listing.rows);
  compare_sockets(context, before, old, listing);
  if (!filter.empty() && !question.port && !listing.plain)
    std::erase_if(listing.rows, [&](const ListingRow& row) { return !contains(row, filter); });
  for (const ListingRow& row : listing.rows)
    for (std::size_t i = 0; i < row.cells.size() && i < listing.columns.size(); ++i)
      listing.columns[i].characters = std::max(listing.columns[i].characters, width_of(row.cells[i]));
  listing.note = empty_note(listing, filter);
  return listing;
}

}  // namespace fourtuple::viz
