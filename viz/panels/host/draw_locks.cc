// The key, the locks below it in lookup order, and the answer that leaves when none opened.
#include <algorithm>

#include "viz/kit/key_lock.h"
#include "viz/kit/marks.h"
#include "viz/kit/panel.h"
#include "viz/kit/strokes.h"
#include "viz/panels/host/host_draw.h"

namespace fourtuple::viz {
namespace {

constexpr float large_from = 1300;  // width from which key and locks may grow, design pixels

// Where the columns stand; `first` is the first of the key's values that has a column (the protocol may not).
struct LockColumns {
  std::vector<KeyColumn> key;
  std::size_t first = 0;
  float tip_x = 0, result_x = 0;
};

LockColumns lay_columns(const Canvas& canvas, const Rect& r, const std::vector<KeyValue>& key) {
  const float width = r.w / canvas.theme->scale();
  const bool roomy = width >= 900, large = width >= large_from;
  constexpr float largest[] = {84, 204, 96, 204, 104};
  constexpr float wide[] = {72, 148, 80, 148, 88}, narrow[] = {0, 124, 62, 116, 66};
  constexpr float smallest[] = {0, 120, 52, 102, 56};
  LockColumns columns;
  columns.first = roomy ? 0 : 1;
  const bool tiny = width < 620;  // no room for reasons: the cross tells
  const float(&widths)[5] = large ? largest : roomy ? wide : tiny ? smallest : narrow;
  const float owner = roomy ? 188 : tiny ? 124 : 146, gap = tiny ? 6 : 12, result = roomy ? 180 : tiny ? 0 : 150;
  float sum = 0;
  for (std::size_t i = columns.first; i < key.size(); ++i) sum += widths[i] + gap;
  // IPv6 addresses take what is left over; a narrow panel takes from every column.
  const float left = width - owner - result - sum;
  const float stretch = key.size() > 3 ? clamped(left / 2, 0.0F, 180.0F) : clamped(left, 0.0F, 180.0F);
  const float squeeze = left < 0 ? std::max((sum + left) / sum, 0.55F) : 1;
  float x = r.x + canvas.px(owner);
  const bool long_values = std::any_of(key.begin(), key.end(), [](const KeyValue& v) { return v.value.size() > 16; });
  for (std::size_t i = columns.first; i < key.size(); ++i) {
    const bool address = i == 1 || i == 3;
    const float natural = widths[i] * squeeze + (address && long_values ? stretch : 0);
    columns.key.push_back({key[i].title, key[i].value, std::round(x), std::round(canvas.px(natural))});
    x += canvas.px(natural + gap * squeeze);
  }
  columns.tip_x = std::min(x - canvas.px(gap) + canvas.px(roomy ? 28 : 10), r.right() - canvas.px(2));
  columns.result_x = tiny ? r.right() : columns.tip_x + canvas.px(roomy ? 20 : 4);
  return columns;
}

struct Spacing {
  float row, pitch, before_heading, after_heading;
};
constexpr Spacing roomy_rows{36, 41, 23, 18}, tight_rows{28, 32, 20, 14};
Spacing operator*(const Spacing& s, float k) {
  return {s.row * k, s.pitch * k, s.before_heading * k, s.after_heading * k};
}
constexpr float lone_heading = 7;  // more room below a heading without rows

struct Placed {
  enum class What : std::uint8_t { heading, row, answer };
  What what = What::heading;
  std::size_t group = 0, row = 0;
  float y = 0, h = 0;  // design pixels from the top of the panel
};

// Everything below the key, top to bottom, and the height of all.
std::vector<Placed> place(const HostModel& model, const Spacing& s, float top, float answer, float& height) {
  std::vector<Placed> list;
  float y = top;
  for (std::size_t group = 0; group < model.locks.classes.size(); ++group) {
    const LockClass& entry = model.locks.classes[group];
    if (group > 0) y += s.before_heading + (model.locks.classes[group - 1].locks.empty() ? lone_heading : 0);
    list.push_back({Placed::What::heading, group, 0, y, 0});
    if (!entry.locks.empty()) y += s.after_heading;
    for (std::size_t row = 0; row < entry.locks.size(); ++row) {
      list.push_back({Placed::What::row, group, row, y, s.row});
      y += row + 1 == entry.locks.size() ? s.row : s.pitch;
    }
  }
  if (model.answer) {
    y += 18;
    list.push_back({Placed::What::answer, 0, 0, y, answer});
    y += answer;
  }
  height = y + 16;
  return list;
}

void draw_head(const Canvas& canvas, const Rect& r, const HostModel& model, const LockColumns& columns, float grow) {
  const Palette& colors = canvas.colors();
  if (model.locks.key.empty()) {
    draw_paragraph(canvas, {r.x + canvas.px(20), r.y + canvas.px(18), r.w - canvas.px(40), canvas.px(40)}, style::body,
                   colors.muted, model.note, 2);
    return;
  }
  const float middle = r.y + canvas.px(56 * grow), title = middle - canvas.px(16 * grow + 8);
  const bool protocol_column = columns.first == 0;
  const std::string label = protocol_column ? "the packet" : model.locks.key.front().value + " only";
  draw_key(canvas, {r.x + canvas.px(52), middle}, columns.tip_x, columns.key, model.capsule.flow, grow);
  draw_text(canvas, {r.x + canvas.px(88), title}, protocol_column ? style::label : style::label_strong,
            protocol_column ? colors.muted : colors.text, label);
  if (model.visit->seen_only) {
    const float width = text_width(canvas, style::label_medium, "inferred") + canvas.px(24);
    const float x = std::min(columns.result_x, r.right() - width - canvas.px(8));
    draw_pill(canvas, {x, middle}, "inferred", colors.muted, PillLook::dashed);
  }
  if (columns.result_x >= r.right()) return;
  const Rect result{columns.result_x, title - canvas.px(14), r.right() - columns.result_x, canvas.px(20)};
  draw_text(canvas, {result.x, title}, style::label, colors.muted,
            fit_text(canvas, style::label, model.answer ? "why it stays shut" : "result", result.w));
}

std::optional<Vec2> draw_lock(const Ui& ui, const Rect& r, const LockColumns& columns, const Lock& lock,
                              const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Touch over = touch(ui, "lock" + std::to_string(lock.socket.value), r);
  LockRow row = lock.row;
  row.selected = lock.socket == context.selection.socket;
  row.cells.erase(row.cells.begin(),
                  row.cells.begin() + static_cast<std::ptrdiff_t>(std::min(columns.first, row.cells.size())));
  const float owner_room = columns.key.empty() ? canvas.px(90) : columns.key.front().x - r.x - canvas.px(48);
  if (text_width(canvas, style::name, row.owner) + text_width(canvas, style::number, row.detail) > owner_room)
    row.detail.clear();
  const float detail = row.detail.empty() ? 0 : text_width(canvas, style::number, row.detail) + canvas.px(12);
  if (columns.result_x >= r.right()) row.result.clear();
  // "opens: browser, fd 3": what does not fit is said by the row's own name already.
  for (std::size_t cut = row.result.rfind(", ");
       cut != std::string::npos &&
       text_width(canvas, style::label_strong, row.result) > r.right() - columns.result_x - canvas.px(8);
       cut = row.result.rfind(", "))
    row.result.resize(cut);
  row.owner = fit_text(canvas, style::name, row.owner, owner_room - detail);
  if (over.glow > 0) canvas.fill(r, with_alpha(canvas.colors().hover, over.glow * 0.6F), canvas.px(7));
  const Vec2 end = draw_lock_row(canvas, r, columns.key, columns.result_x, row);
  if (lock.inferred) dashed_rect(canvas, r, canvas.colors().muted, std::max(1.0F, canvas.px(1)), canvas.px(7));
  if (over.focused) draw_focus(canvas, r, canvas.px(7));
  if (over.clicked) context.select(lock.socket);
  if (over.hovered && lock.inferred)
    show_tooltip(ui, "inferred", "The capture shows its packets; nobody saw the socket.");
  return lock.row.state == LockState::open ? std::optional(end) : std::nullopt;
}

std::optional<Vec2> draw_list(const Ui& ui, const Rect& r, const std::vector<Placed>& list, const LockColumns& columns,
                              const HostModel& model, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  std::optional<Vec2> winner;
  for (const Placed& item : list) {
    const float y = r.y + canvas.px(item.y);
    if (item.what == Placed::What::answer) {
      draw_host_answer(ui, {r.x + canvas.px(12), y, r.w - canvas.px(24), canvas.px(item.h)}, *model.answer, context);
      continue;
    }
    const LockClass& entry = model.locks.classes[item.group];
    if (item.what == Placed::What::heading) {
      draw_step_heading(canvas, {r.x + canvas.px(26), y}, entry.number, entry.title, entry.remark, entry.state);
      continue;
    }
    const Rect row{r.x + canvas.px(14), y, r.w - canvas.px(26), canvas.px(item.h)};
    if (const auto end = draw_lock(ui, row, columns, entry.locks[item.row], context)) winner = end;
  }
  return winner;
}

// Without a packet the columns still say what the locks' values mean.
std::vector<KeyValue> column_titles(const HostModel& model) {
  if (!model.locks.key.empty()) return model.locks.key;
  return {{"protocol", ""}, {"own address", ""}, {"own port", ""}, {"peer address", ""}, {"peer port", ""}};
}

}  // namespace

std::optional<Vec2> draw_host_locks(const Ui& ui, const Rect& r, const HostModel& model, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.surface, canvas.px(10));
  canvas.fill({r.x, r.y, r.w, canvas.px(3)}, model.answer ? colors.drop : colors.accent, canvas.px(1.5F));
  const LockColumns columns = lay_columns(canvas, r, column_titles(model));
  const float normal_top = model.locks.key.empty() ? 84 : 102, answer = answer_height(ui);
  const float room = r.h / canvas.theme->scale();
  const bool may_grow = r.w / canvas.theme->scale() >= large_from;
  float height = 0, grow = 1;
  std::vector<Placed> list = place(model, roomy_rows, normal_top, answer, height);
  for (const float larger : {1.5F, 1.25F}) {
    if (!may_grow || grow > 1) continue;
    float tall = 0;
    std::vector<Placed> grown = place(model, roomy_rows * larger, normal_top * larger, answer, tall);
    if (tall > room) continue;
    list = std::move(grown);
    height = tall;
    grow = larger;
  }
  const float top = normal_top * grow;
  draw_head(canvas, r, model, columns, grow);
  if (height > room) list = place(model, tight_rows, top - 4, answer - 14, height);
  if (height <= room) return draw_list(ui, r, list, columns, model, context);

  const float head = canvas.px(top - 14);
  // Down to the last row that shows whole.
  float shown = r.h - head - canvas.px(4);
  for (const Placed& item : list) {
    const float bottom = canvas.px(item.y + std::max(item.h, 10.0F) + 3);
    if (bottom <= r.h - canvas.px(4)) shown = bottom - head;
  }
  const Rect below{r.x, r.y + head, r.w, shown};
  ScrollArea scroll(ui, "host-locks", below);
  scroll.set_height(canvas.px(height) - head);
  const Rect content{r.x, scroll.content().y - head, r.w, r.h};
  std::optional<Vec2> winner = draw_list(scroll.ui(), content, list, columns, model, context);
  if (winner && (winner->y < below.y || winner->y > below.bottom())) winner.reset();
  return winner;
}

}  // namespace fourtuple::viz
