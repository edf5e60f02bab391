#include "viz/panels/sockets/sockets_panel.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/controls.h"
#include "viz/panels/common/names.h"
#include "viz/panels/host/visit.h"
#include "viz/panels/sockets/process_view.h"

namespace fourtuple::viz {
namespace {

constexpr float socket_row_height = 44, search_width = 232, gap = 20;
constexpr float one_row = 1180;      // design pixels from which hosts, tabs and "changes since" stand in one row
constexpr float least_height = 300;  // below, there is no room for a second row of tools
// While time runs, a host with very many sockets is read this often.
constexpr std::uint32_t many_sockets = 20'000;
constexpr double often_s = 0.25;

}  // namespace

void SocketsPanel::show_tab(std::size_t tab) {
  tab_ = std::min(tab, socket_tabs.size() - 1);
  if (tab_ != map_tab) table_tab_ = tab_;
  stale_ = true;
}

void SocketsPanel::find() {
  if (!has_search()) show_tab(0);
  find_ = true;
}

void SocketsPanel::zoom_by(int levels) {
  if (tab_ == map_tab) map_.zoom_by(levels);
}

void SocketsPanel::fit() {
  if (tab_ == map_tab) map_.fit();
}

bool SocketsPanel::has_search() const {
  return tab_ == map_tab || (tab_ != fd_tab && !listing_.plain);
}

bool SocketsPanel::is_due(const PanelContext& context) {
  if (stale_ || map_.wants_refresh() || search_ != searched_) return true;
  if (tab_ == map_tab && context.selection.socket != socket_) return true;
  if (context.cursor.position() == position_ && context.indexes.end() == end_) return false;
  const bool slow = context.cursor.state().sockets.live() > many_sockets && context.playback.playing();
  return !slow || ImGui::GetTime() - refreshed_at_ >= often_s;
}

void SocketsPanel::refresh(const PanelContext& context) {
  if (context.selection.host != selected_) {
    selected_ = context.selection.host;
    if (selected_.valid()) host_ = selected_;
    stale_ = true;
  }
  if (!host_.valid()) host_ = choose_host(context);
  if (!is_due(context)) return;
  stale_ = false;
  position_ = context.cursor.position();
  end_ = context.indexes.end();
  searched_ = search_;
  socket_ = context.selection.socket;
  refreshed_at_ = ImGui::GetTime();
  const std::uint64_t boundary = since_start_ ? context.cursor.index().first() : boundary_of_last_step(context);
  const replay::NetState before = context.cursor.state_at(boundary);
  model_ = build_sockets(context, host_, before.state);
  if (tab_ == map_tab) {
    map_.refresh(context, host_, before.state);
    // The selection's socket may be of the other protocol.
    if (map_.wants_refresh()) map_.refresh(context, host_, before.state);
  } else if (tab_ != fd_tab) {
    listing_ = build_listing(context, host_, std::string(socket_tabs[tab_]), before.state, search_);
  }
}

std::string SocketsPanel::summary() const {
  if (tab_ == map_tab) return map_.summary();
  const std::size_t processes = model_.processes.size();
  if (tab_ == fd_tab) return fmt::format("{} process{}", processes, processes == 1 ? "" : "es");
  const auto changed = std::count_if(listing_.rows.begin(), listing_.rows.end(),
                                     [](const ListingRow& row) { return row.change != RowChange::none; });
  if (listing_.plain) return changed == 0 ? "" : "changed";
  std::string words = fmt::format("{} row{}", grouped(listing_.rows.size()), listing_.rows.size() == 1 ? "" : "s");
  return changed == 0 ? words : words + fmt::format(", {} changed", grouped(static_cast<std::uint64_t>(changed)));
}

void SocketsPanel::draw_hosts(const Ui& ui, Rect& row, const PanelContext& context) {
  const std::vector<std::string_view> names(model_.host_names.begin(), model_.host_names.end());
  const float room = std::min(row.w, ui.canvas.px(row.w > ui.canvas.px(one_row) ? 300 : 460));
  Ui own = ui;
  own.canvas = ui.canvas.as_written();
  const Chosen chosen = choose_in(own, "sockets-host", row.left_middle(), names, model_.host, room);
  if (chosen.part) {
    host_ = model_.hosts[*chosen.part];
    context.select(host_);
    stale_ = true;
  }
  row.take_left(chosen.width + ui.canvas.px(gap));
}

void SocketsPanel::draw_tabs(const Ui& ui, Rect& row) {
  const Chosen chosen = choose_in(ui, "sockets-tab", row.left_middle(), socket_tabs, tab_, row.w);
  if (chosen.part) show_tab(*chosen.part);
  row.take_left(chosen.width + ui.canvas.px(gap));
}

void SocketsPanel::draw_since(const Ui& ui, Rect& row) {
  constexpr std::array<std::string_view, 2> since = {"last step", "start"};
  const Rect place = row.take_right(segmented_width(ui.canvas, since));
  if (const auto chosen = segmented(ui, "sockets-since", place.left_middle(), since, since_start_ ? 1 : 0)) {
    since_start_ = *chosen == 1;
    stale_ = true;
  }
  constexpr std::string_view words = "changes since";
  const float width = text_width(ui.canvas, style::label, words) + ui.canvas.px(24);
  if (width < row.w)
    draw_text_in(ui.canvas, row.take_right(width), style::label, ui.canvas.colors().muted, words, Align::right, 12);
}

// Search field, and for the map its protocol and zoom; then how much there is.
void SocketsPanel::draw_tools(const Ui& ui, Rect row) {
  const Canvas& canvas = ui.canvas;
  if (tab_ == map_tab) {
    constexpr std::array<std::string_view, 2> protocols = {"TCP", "UDP"};
    const std::size_t now = map_.protocol() == Protocol::udp ? 1 : 0;
    const Rect place = row.take_left(segmented_width(canvas, protocols));
    if (const auto chosen = segmented(ui, "map-protocol", place.left_middle(), protocols, now))
      map_.set_protocol(*chosen == 1 ? Protocol::udp : Protocol::tcp);
    row.take_left(canvas.px(12));
  }
  entered_ = false;
  if (has_search()) {
    const Rect field = row.take_left(std::min(canvas.px(search_width), row.w * 0.6F));
    const float height = canvas.px(28);
    const std::string_view hint = tab_ == map_tab ? "port or service" : "port, service or word";
    text_input(ui, "sockets-search", {field.x, field.center().y - height / 2, field.w, height}, search_,
               std::string(hint), find_);
    entered_ = ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false);
    find_ = false;
    row.take_left(canvas.px(12));
  }
  if (tab_ == map_tab) {
    const float size = canvas.px(28);
    const Rect left{row.x, row.center().y - size / 2, size, size};
    if (icon_button(ui, "map-out", left, Icon::minus)) map_.zoom_by(-1);
    if (icon_button(ui, "map-in", left.moved(size + canvas.px(4), 0), Icon::plus)) map_.zoom_by(1);
    row.take_left(2 * size + canvas.px(20));
  }
  draw_text_in(canvas, row, style::label, canvas.colors().muted, summary());
}

void SocketsPanel::draw_head(const Ui& ui, Rect& rest, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const bool low = rest.h < canvas.px(least_height);
  rest.take_top(canvas.px(8));
  Rect row = rest.take_top(canvas.px(socket_row_height));
  if (rest.w >= canvas.px(one_row)) {
    draw_hosts(ui, row, context);
    draw_since(ui, row);
    draw_tabs(ui, row);
  } else if (low) {
    Rect tabs = row.take_right(row.w / 2);
    draw_hosts(ui, row, context);
    draw_tabs(ui, tabs);
  } else {
    draw_since(ui, row);
    draw_hosts(ui, row, context);
    Rect tabs = rest.take_top(canvas.px(socket_row_height - 8));
    draw_tabs(ui, tabs);
  }
  draw_tools(ui, rest.take_top(canvas.px(socket_row_height - 8)));
  rest.take_top(canvas.px(6));
}

void SocketsPanel::draw_tool(const Ui& ui, Rect rest, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const ProcessTable* process = shown_process(model_, context.selection);
  if (process != nullptr && !listing_.plain && rest.h > canvas.px(380)) {
    draw_process_strip(ui, rest.take_bottom(canvas.px(process_strip_height)), *process, context);
    rest.take_bottom(canvas.px(8));
  }
  if (entered_) tool_.take_keyboard();
  tool_.draw(ui, rest, listing_, context);
}

void SocketsPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  refresh(context);
  const Canvas& canvas = ui.canvas;
  canvas.fill(area, canvas.colors().background);
  const Clip clip(canvas, area);
  Rect rest = area.inset(canvas.px(16), 0);
  draw_head(ui, rest, context);
  if (tab_ == map_tab) {
    rest.take_bottom(canvas.px(8));
    return map_.draw(ui, rest, context, search_, entered_);
  }
  if (tab_ == fd_tab) return draw_process_tables(ui, rest, model_.processes, context);
  draw_tool(ui, rest, context);
}

}  // namespace fourtuple::viz
