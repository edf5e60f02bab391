// Beside the port map: everything about one port, or the ports that were searched for.
#include <fmt/format.h>

#include "viz/kit/marks.h"
#include "viz/kit/strokes.h"
#include "viz/panels/common/names.h"
#include "viz/panels/sockets/port_look.h"
#include "viz/panels/sockets/port_map_view.h"

namespace fourtuple::viz {
namespace {

constexpr float two_lines = 44;

// Two lines in a row of a list: what, and about whom.
struct RowText {
  std::string_view first, second;
  TextStyle style = style::number;
};

void draw_row_text(const Canvas& canvas, const Rect& r, const RowText& text) {
  const Palette& colors = canvas.colors();
  const float half = canvas.px(18);
  Rect lines{r.x, r.center().y - half, r.w, half};
  draw_text_in(canvas, lines, text.style, colors.text, text.first);
  draw_text_in(canvas, lines.moved(0, half), style::label, colors.muted, text.second);
}

Rect row_at(const Canvas& canvas, const Rect& content, std::size_t index) {
  const float margin = canvas.px(10), height = canvas.px(two_lines);
  return {content.x + margin, content.y + height * static_cast<float>(index), content.w - 2 * margin,
          height - canvas.px(2)};
}

PortUse use_of(PortRole role) {
  return static_cast<PortUse>(static_cast<std::size_t>(role) + 1);
}

}  // namespace

void PortMapView::draw_detail(const Ui& ui, Rect rest, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const PortDetail& about = detail(context, cursor_);
  const float line = canvas.px(20);
  Rect title = rest.take_top(canvas.px(30));
  title.take_left(draw_text_in(canvas, title, style::title, colors.text, port_title(about)) + canvas.px(10));
  if (!about.aliases.empty()) draw_text_in(canvas, title, style::label, colors.muted, "also " + about.aliases);
  draw_text_in(canvas, rest.take_top(line), style::label_medium, colors.text, about.holders);
  const bool ephemeral = cursor_ >= ranges_.ephemeral.low && cursor_ <= ranges_.ephemeral.high;
  draw_text_in(canvas, rest.take_top(line), style::label, colors.muted, about.range);
  draw_text_in(canvas, rest.take_top(line), style::label, colors.muted,
               !ephemeral                ? "the kernel does not choose it by itself"
               : ranges_.ephemeral_known ? "ephemeral: the kernel may choose it"
                                         : "ephemeral, if the host runs Linux");
  rest.take_top(canvas.px(8));
  canvas.hline(rest.x, rest.right(), rest.y, colors.line);
  rest.take_top(canvas.px(8));
  if (about.sockets.empty()) {
    draw_paragraph(canvas, rest, style::label, colors.muted,
                   "No socket holds this port. Arrow keys move from port to port, Page Up and Page Down to the next "
                   "one in use; Enter or a click selects its socket.");
    return;
  }
  if (about.more > 0)
    draw_text_in(canvas, rest.take_bottom(line), style::label, colors.muted,
                 fmt::format("and {} more sockets", grouped(about.more)));
  ScrollArea scroll(ui, "port-holders", rest.inset(-canvas.px(4), 0));
  const auto chosen = list_.update(scroll, "port-holder-keys", about.sockets.size(), canvas.px(two_lines));
  const auto visible = scroll.visible_rows(about.sockets.size(), canvas.px(two_lines));
  for (std::size_t i = visible.first; i < visible.last; ++i) {
    const PortHolder& holder = about.sockets[i];
    Rect r = row_at(canvas, scroll.content(), i);
    const bool selected = holder.socket == context.selection.socket;
    const Touch state =
        table_row(scroll.ui(), fmt::format("holder{}", i), r, {selected, RowChange::none, false, list_.is_on(i)});
    if (state.clicked || chosen == i) {
      list_.set(i);
      context.select(holder.socket);
    }
    const Canvas& inner = scroll.ui().canvas;
    const Rect mark = r.take_left(canvas.px(22));
    draw_port_mark(inner, rect_around({mark.x + canvas.px(6), mark.center().y}, canvas.px(11), canvas.px(11)),
                   use_of(holder.role));
    if (holder.flow)
      inner.fill(rect_around({r.right() - canvas.px(6), r.center().y}, canvas.px(9), canvas.px(9)),
                 flow_color(*holder.flow), canvas.px(2));
    if (holder.inferred)
      draw_pill(inner, {r.right() - canvas.px(18), r.center().y}, "inferred", colors.muted, PillLook::dashed,
                Align::right);
    r.take_right(canvas.px(16));
    const std::string tuple = holder.peer == "*" ? holder.local : fmt::format("{} to {}", holder.local, holder.peer);
    const std::string whose = fmt::format("{}, {}", holder.state, holder.process);
    draw_row_text(inner, r, {tuple, whose});
    if (state.hovered) show_tooltip(ui, tuple, whose);
  }
  scroll.set_height(canvas.px(two_lines) * static_cast<float>(about.sockets.size()));
}

void PortMapView::draw_matches(const Ui& ui, Rect rest, const PanelContext& context, std::string& search, bool enter) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  search_for(context, search);
  const std::size_t count = matches_.size();
  const std::string found = count == 0 ? "No service is called so" : fmt::format("{} found", count);
  draw_text_in(canvas, rest.take_top(canvas.px(28)), style::heading, colors.text, found);
  if (!context.tools.services_from_file) {
    const float used =
        draw_paragraph(canvas, rest, style::label, colors.rewrite,
                       "This computer has no /etc/services: only well-known names are found. The package netbase "
                       "brings the file. Numbers always work.");
    rest.take_top(used + canvas.px(8));
  }
  canvas.hline(rest.x, rest.right(), rest.y, colors.line);
  rest.take_top(canvas.px(8));
  std::optional<PortMatch> wanted;
  ScrollArea scroll(ui, "port-matches", rest.inset(-canvas.px(4), 0));
  const auto chosen = list_.update(scroll, "port-match-keys", count, canvas.px(two_lines));
  if (chosen) wanted = matches_[*chosen];
  if (enter && count > 0) wanted = matches_.front();
  const auto visible = scroll.visible_rows(count, canvas.px(two_lines));
  for (std::size_t i = visible.first; i < visible.last; ++i) {
    const PortMatch& match = matches_[i];
    Rect r = row_at(canvas, scroll.content(), i);
    const Touch state =
        table_row(scroll.ui(), fmt::format("match{}", i), r, {false, RowChange::none, false, list_.is_on(i)});
    if (state.clicked) wanted = match;
    const Canvas& inner = scroll.ui().canvas;
    const Rect mark = r.take_left(canvas.px(22));
    draw_port_mark(inner, rect_around({mark.x + canvas.px(6), mark.center().y}, canvas.px(11), canvas.px(11)),
                   match.holders.use());
    const std::string title =
        fmt::format("{} {}  {}", match.protocol == Protocol::udp ? "UDP" : "TCP", match.port, match.name);
    const std::string held = holders_words(match.holders, match.protocol);
    draw_row_text(inner, r,
                  {title, match.aliases.empty() ? held : held + "; also " + match.aliases, style::number_strong});
  }
  scroll.set_height(canvas.px(two_lines) * static_cast<float>(count));
  if (wanted) choose_match(*wanted, search);
}

}  // namespace fourtuple::viz
