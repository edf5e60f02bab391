#include "viz/panels/sockets/port_map_view.h"

#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/marks.h"
#include "viz/panels/common/names.h"
#include "viz/panels/sockets/port_look.h"

namespace fourtuple::viz {
namespace {

constexpr float names_width = 186, ports_side_width = 320, least_map = 420, least_with_legend = 140;
constexpr std::size_t most_labels = 24;
constexpr float click_wander = 4;  // design pixels a click may move

}  // namespace

void PortMapView::refresh(const PanelContext& context, HostId host, const state::State& before) {
  const bool other = host != host_;
  host_ = host;
  wants_refresh_ = false;
  const bool counted = counts_.update(context.cursor.state(), host);
  if (counted || other || protocol_ != counted_protocol_) texture_stale_ = true;
  counted_protocol_ = protocol_;
  ranges_ = port_ranges(context, host, counts_, protocol_);
  changes_ = counts_.changes_since(before, protocol_);
  labels_ = port_labels(context, host, counts_, protocol_, changes_, most_labels);
  in_use_.clear();
  for (std::uint32_t port = 0; port < port_count; ++port)
    if (counts_.at(protocol_, static_cast<std::uint16_t>(port)).total() > 0)
      in_use_.push_back(static_cast<std::uint16_t>(port));
  if (other && !in_use_.empty()) cursor_ = in_use_.front();
  details_[0].reset();
  details_[1].reset();
  matches_stale_ = true;
  follow_selection(context);
}

void PortMapView::set_protocol(Protocol protocol) {
  if (protocol == protocol_) return;
  protocol_ = protocol;
  wants_refresh_ = true;  // until then the picture is of the other protocol
}

void PortMapView::go_to(std::uint16_t port) {
  cursor_ = port;
  bring_ = true;
}

// A socket chosen elsewhere shows its port here.
void PortMapView::follow_selection(const PanelContext& context) {
  if (context.selection.socket == selected_) return;
  selected_ = context.selection.socket;
  const state::Socket* socket = find_socket(context.cursor.state(), selected_);
  if (socket == nullptr || socket->host != host_ || socket->tuple.local_port == 0) return;
  set_protocol(socket->protocol);
  go_to(socket->tuple.local_port);
}

std::string PortMapView::summary() const {
  std::string words = fmt::format("{} {} port{} in use", grouped(in_use_.size()),
                                  protocol_ == Protocol::udp ? "UDP" : "TCP", in_use_.size() == 1 ? "" : "s");
  const PortRange& range = ranges_.ephemeral;
  if (range.in_use == std::uint32_t{range.high} - range.low + 1) words += ", all ephemeral ones";
  if (!changes_.empty()) words += fmt::format(", {} changed", grouped(changes_.size()));
  return words;
}

const PortDetail& PortMapView::detail(const PanelContext& context, std::uint16_t port) {
  for (const auto& known : details_)
    if (known && known->port == port) return *known;
  std::optional<PortDetail>& place = details_[port == cursor_ ? 0 : 1];
  place = describe_port(context, host_, counts_, protocol_, port);
  return *place;
}

// The cursor goes there; a port with sockets selects the next of them each time it is chosen.
void PortMapView::choose(const PanelContext& context, std::uint16_t port) {
  cursor_ = port;
  const std::vector<PortHolder>& sockets = detail(context, port).sockets;
  if (sockets.empty()) return;
  std::size_t next = 0;
  for (std::size_t i = 0; i < sockets.size(); ++i)
    if (sockets[i].socket == context.selection.socket) next = (i + 1) % sockets.size();
  context.select(sockets[next].socket);
}

void PortMapView::choose_match(const PortMatch& match, std::string& search) {
  set_protocol(match.protocol);
  go_to(match.port);
  search.clear();
  map_wants_focus_ = true;
}

void PortMapView::search_for(const PanelContext& context, const std::string& text) {
  if (!matches_stale_ && text == searched_) return;
  matches_stale_ = false;
  if (text != searched_) list_.show(0);
  searched_ = text;
  matches_ = find_ports(context.tools, counts_, text);
}

void PortMapView::place_grid(const Canvas& canvas, const Rect& space) {
  const float unit = canvas.px(1);
  const int levels = port_grid_levels({space.w, space.h}, unit);
  const PortGrid old = grid_;
  const int wanted = clamped(level_ + zoom_, 0, levels - 1);
  const bool zoomed = wanted != level_;
  level_ = wanted;
  zoom_ = 0;
  grid_ = make_port_grid(space, level_, unit);
  if (zoomed && old.cell_h > 0) {
    // The row under the pointer, or the cursor's, stays where it is.
    const std::uint16_t port = hovered_.value_or(cursor_);
    const float at = clamped(old.cell(port).center().y - old.view.y, 0.0F, grid_.view.h);
    const int row = port / grid_.columns;
    scroll_ = grid_.cell_h * (static_cast<float>(row) + 0.5F) - at;
    bring_ = bring_ || !hovered_;
  }
  grid_.scroll = clamped(scroll_, 0.0F, grid_.most_scroll());
  if (bring_) grid_.scroll = grid_.scroll_to(cursor_);
  bring_ = false;
  grid_.scroll = std::round(grid_.scroll);
  scroll_ = grid_.scroll;
}

std::optional<std::uint16_t> PortMapView::next_in_use(std::uint16_t from, int direction) const {
  if (direction > 0) {
    const auto found = std::upper_bound(in_use_.begin(), in_use_.end(), from);
    return found == in_use_.end() ? std::nullopt : std::optional(*found);
  }
  const auto found = std::lower_bound(in_use_.begin(), in_use_.end(), from);
  return found == in_use_.begin() ? std::nullopt : std::optional(*(found - 1));
}

void PortMapView::move_cursor(FocusSteps steps) {
  if (!steps.any()) return;
  constexpr int last = static_cast<int>(port_count) - 1;
  int port = cursor_ + steps.x;
  const int rows = port + steps.y * grid_.columns;
  if (rows >= 0 && rows <= last) port = rows;
  if (steps.ends != 0) port = steps.ends < 0 ? 0 : last;
  port = clamped(port, 0, last);
  if (steps.pages != 0) port = next_in_use(static_cast<std::uint16_t>(port), steps.pages).value_or(port);
  go_to(static_cast<std::uint16_t>(port));
}

// The pointer: a click chooses, a drag scrolls, the wheel zooms. The keyboard: arrows, Page keys, Enter.
void PortMapView::react(const Ui& ui, const PanelContext& context) {
  const ImGuiIO& io = ImGui::GetIO();
  const Vec2 mouse = from_im(io.MousePos);
  TouchOptions options;
  options.keys = FocusKeys::grid;
  const Touch state = touch(ui, "port-cells", grid_.view, options);
  if (map_wants_focus_ && ui.focus != nullptr) ui.focus->set(state.id);
  map_wants_focus_ = false;
  focused_ = state.focused;
  hovered_ = state.hovered || state.held ? grid_.port_at(mouse) : std::nullopt;
  if (state.hovered && io.MouseWheel != 0) zoom_by(io.MouseWheel > 0 ? 1 : -1);
  if (state.held && !drag_from_) {
    drag_from_ = mouse;
    drag_scroll_ = scroll_;
    dragged_ = 0;
  }
  if (state.held) {
    dragged_ = std::max(dragged_, distance(mouse, *drag_from_));
    if (dragged_ > ui.canvas.px(click_wander)) scroll_ = drag_scroll_ + drag_from_->y - mouse.y;
  }
  const bool was_drag = drag_from_ && dragged_ > ui.canvas.px(click_wander);
  if (!state.held) drag_from_.reset();
  move_cursor(state.steps);
  if (!state.clicked || was_drag) return;
  const bool by_pointer = hovered_ && ImGui::IsMouseReleased(ImGuiMouseButton_Left);
  // The keyboard goes on from where the pointer was.
  if (by_pointer && ui.focus != nullptr) ui.focus->set(state.id);
  choose(context, by_pointer ? *hovered_ : cursor_);
}

void PortMapView::draw(const Ui& ui, Rect rest, const PanelContext& context, std::string& search, bool enter) {
  const Canvas& canvas = ui.canvas;
  Rect side;
  const bool searching = !search.empty();
  if (rest.w > canvas.px(least_map + ports_side_width)) {
    side = rest.take_right(canvas.px(ports_side_width));
    rest.take_right(canvas.px(20));
  } else if (searching) {
    return draw_matches(ui, rest, context, search, enter);
  } else if (rest.h > canvas.px(300)) {
    side = rest.take_bottom(rest.h * 0.4F);
    rest.take_bottom(canvas.px(8));
  }
  // Where there is hardly room for the cells, they come first.
  Rect legend;
  if (rest.h > canvas.px(least_with_legend)) {
    const int lines = port_legend_lines(canvas, rest.w, protocol_);
    legend = rest.take_bottom(canvas.px(6 + legend_line * static_cast<float>(lines)));
  }
  Rect names;
  if (rest.w > canvas.px(least_map + names_width)) {
    names = rest.take_left(canvas.px(names_width));
    rest.take_left(canvas.px(10));
  }
  place_grid(canvas, rest);
  react(ui, context);
  draw_map(ui, context);
  if (!names.empty()) draw_range_names(canvas, names, grid_, ranges_);
  legend.take_top(canvas.px(6));
  if (!legend.empty()) draw_port_legend(canvas, legend, protocol_);
  if (side.empty()) return;
  if (searching) return draw_matches(ui, side, context, search, enter);
  draw_detail(ui, side, context);
}

}  // namespace fourtuple::viz
