// The cells of the port map: ground, uses, marks of what changed, names and the cursor.
#include <algorithm>
#include <fmt/format.h>

#include "viz/kit/labels.h"
#include "viz/kit/marks.h"
#include "viz/kit/strokes.h"
#include "viz/panels/common/names.h"
#include "viz/panels/sockets/port_look.h"
#include "viz/panels/sockets/port_map_view.h"

namespace fourtuple::viz {
namespace {

constexpr float close_cell = 6;            // pixels from which shapes are drawn in cells
constexpr std::size_t most_markers = 600;  // ports in use that get a mark larger than their cell in the overview
constexpr std::size_t most_rings = 400;    // changed ports that get rings; of more, only the number is told
constexpr float marker = 7, label_height = 20, line_room = 12;

std::uint8_t part(int channel) {
  return static_cast<std::uint8_t>(channel);
}

Pixel pixel_of(Color color) {
  return {part(red_of(color)), part(green_of(color)), part(blue_of(color)), 255};
}

bool is_close(const PortGrid& grid) {
  return std::min(grid.cell_w, grid.cell_h) >= close_cell;
}

// Wide enough for "65535" beside its mark.
bool has_numbers(const Canvas& canvas, const PortGrid& grid) {
  return grid.cell_h >= canvas.px(16) && grid.cell_w >= text_width(canvas, style::number, "65535") + canvas.px(16);
}

// The ground of each range, and hatching where the kernel chooses.
void draw_ground(const Canvas& canvas, const PortGrid& grid, const PortRanges& ranges) {
  for (const PortRange& range : ranges.iana)
    for (const Rect& r : grid.area_of(range.low, range.high))
      if (!r.empty()) canvas.fill(r, range_tint(canvas.colors(), range.low));
  // Faint behind numbers.
  const float lines = has_numbers(canvas, grid) ? 0.09F : 0.22F;
  for (const Rect& r : grid.area_of(ranges.ephemeral.low, ranges.ephemeral.high)) {
    if (r.empty()) continue;
    const float top = std::max(r.y, grid.view.y), bottom = std::min(r.bottom(), grid.view.bottom());
    if (bottom > top) hatch(canvas, {r.x, top, r.w, bottom - top}, with_alpha(canvas.colors().muted, lines), 8);
  }
}

// Where one range ends and the next begins, as far as it is in view.
void draw_borders(const Canvas& canvas, const PortGrid& grid, const PortRanges& ranges) {
  for (const std::uint16_t first : {first_user_port, first_dynamic_port}) {
    const float y = grid.cell(first).y;
    canvas.hline(grid.view.x, grid.view.right(), y, with_alpha(canvas.colors().text, 0.35F));
  }
  const Color dashes = canvas.colors().muted;
  const float hair = std::max(1.0F, canvas.px(1)), left = grid.view.x, right = grid.view.right();
  const Rect low = grid.cell(ranges.ephemeral.low), high = grid.cell(ranges.ephemeral.high);
  dashed_line(canvas, {low.x, low.y}, {right, low.y}, dashes, hair);
  if (low.x > left) dashed_line(canvas, {left, low.bottom()}, {low.x, low.bottom()}, dashes, hair);
  dashed_line(canvas, {left, high.bottom()}, {high.right(), high.bottom()}, dashes, hair);
  if (high.right() < right) dashed_line(canvas, {high.right(), high.y}, {right, high.y}, dashes, hair);
}

struct LabelText {
  std::string number, words;
};

LabelText text_of(const PortLabel& label) {
  return {std::to_string(label.port), label.words};
}

float width_of(const Canvas& canvas, const LabelText& text) {
  return text_width(canvas, style::number_strong, text.number) + text_width(canvas, style::label, text.words) +
         canvas.px(text.words.empty() ? 12 : 18);
}

Color edge_of(const Palette& colors, const PortLabel& label) {
  return label.change != RowChange::none ? change_color(colors, label.change) : colors.link;
}

void draw_label(const Canvas& canvas, const Rect& r, const PortLabel& label) {
  const Palette& colors = canvas.colors();
  const Color edge = edge_of(colors, label);
  const LabelText text = text_of(label);
  canvas.fill(r, colors.raised, canvas.px(4));
  canvas.stroke(r, edge, std::max(1.0F, canvas.px(1)), canvas.px(4));
  const float baseline = baseline_for_middle(canvas, TextSize::small, r.center().y);
  float x = r.x + canvas.px(6);
  x += draw_text(canvas, {x, baseline}, style::number_strong, colors.text, text.number) + canvas.px(6);
  draw_text(canvas, {x, baseline}, style::label, label.change == RowChange::none ? colors.muted : edge, text.words);
}

// "3 of 1,024 in use". `assumed`: nobody knows which system the host runs.
std::string use_words(const PortRange& range, bool assumed) {
  if (assumed) return fmt::format("{} in use, if it is Linux", grouped(range.in_use));
  if (range.in_use == 0) return "none in use";
  return fmt::format("{} of {} in use", grouped(range.in_use), grouped(std::uint64_t{range.high} - range.low + 1));
}

}  // namespace

void PortMapView::upload(const Palette& colors) {
  if (!texture_stale_ && texture_columns_ == grid_.columns && texture_dark_ == colors.dark) return;
  texture_stale_ = false;
  texture_columns_ = grid_.columns;
  texture_dark_ = colors.dark;
  if (!texture_) texture_ = std::make_unique<Texture>();
  texture_->upload(picture_of_cells(colors));
}

// A pixel for each port; those not in use are clear.
Image PortMapView::picture_of_cells(const Palette& colors) const {
  Image image(grid_.columns, grid_.rows());
  for (const std::uint16_t port : in_use_)
    image.set(port % grid_.columns, port / grid_.columns,
              pixel_of(port_color(colors, counts_.at(protocol_, port).use())));
  return image;
}

void PortMapView::draw_grid(const Canvas& canvas, bool close, bool numbers) {
  const Clip clip(canvas, grid_.view);
  draw_ground(canvas, grid_, ranges_);
  if (close) {
    draw_cells(canvas);
  } else {
    upload(canvas.colors());
    const Rect all{grid_.view.x, grid_.view.y - grid_.scroll, grid_.width(), grid_.height()};
    canvas.list->AddImage(texture_->id(), im(all.min()), im(all.max()));
    if (canvas.tape != nullptr) canvas.tape->image(all, picture_of_cells(canvas.colors()));
  }
  draw_borders(canvas, grid_, ranges_);
  if (numbers) draw_cell_texts(canvas);
}

void PortMapView::draw_map(const Ui& ui, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  {
    // Marks of the outermost cells are larger than these.
    const Clip wide(canvas, grid_.view.inset(-canvas.px(marker)));
    const bool close = is_close(grid_), numbers = has_numbers(canvas, grid_);
    draw_grid(canvas, close, numbers);
    const std::vector<PlacedLabel> labels = numbers ? std::vector<PlacedLabel>{} : placed_labels(canvas);
    for (const PlacedLabel& label : labels)
      draw_leader(canvas, label.place, grid_.cell(label.label->port).center(), edge_of(canvas.colors(), *label.label));
    if (!close) draw_markers(canvas);
    for (const PortChange& change : changes_)
      if (changes_.size() <= most_rings) draw_change_ring(canvas, grid_.cell(change.port), change.change);
    for (const PlacedLabel& label : labels) draw_label(canvas, label.place, *label.label);
  }
  draw_cursor(ui, context);
}

// Shapes in cells large enough for them; only rows in view, only ports in use.
void PortMapView::draw_cells(const Canvas& canvas) const {
  const Palette& colors = canvas.colors();
  const Color lines = with_alpha(colors.text, 0.07F);
  const int first_row = grid_.first_visible() / grid_.columns, last_row = grid_.last_visible() / grid_.columns;
  for (int row = first_row; row <= last_row; ++row)
    canvas.hline(grid_.view.x, grid_.view.right(), grid_.cell(static_cast<std::uint16_t>(row * grid_.columns)).y,
                 lines);
  for (int column = 1; column < grid_.columns; ++column)
    canvas.vline(grid_.view.x + grid_.cell_w * static_cast<float>(column), grid_.view.y, grid_.view.bottom(), lines);
  const bool numbers = has_numbers(canvas, grid_);
  const auto first = std::lower_bound(in_use_.begin(), in_use_.end(), grid_.first_visible());
  for (auto at = first; at != in_use_.end() && *at <= grid_.last_visible(); ++at) {
    const Rect cell = grid_.cell(*at);
    const PortUse use = counts_.at(protocol_, *at).use();
    if (!numbers) {
      draw_port_mark(canvas, cell.inset(std::max(1.0F, std::min(cell.w, cell.h) * 0.12F)), use);
      continue;
    }
    canvas.fill(cell.inset(1), with_alpha(port_color(colors, use), 0.2F), canvas.px(3));
    draw_port_mark(canvas, rect_around({cell.x + canvas.px(8), cell.center().y}, canvas.px(8), canvas.px(8)), use);
  }
}

void PortMapView::draw_cell_texts(const Canvas& canvas) const {
  const Palette& colors = canvas.colors();
  for (std::uint32_t port = grid_.first_visible(); port <= grid_.last_visible(); ++port) {
    const auto number = static_cast<std::uint16_t>(port);
    const bool used = counts_.at(protocol_, number).total() > 0;
    draw_text_in(canvas, grid_.cell(number), used ? style::number_strong : style::number,
                 used ? colors.text : colors.muted, std::to_string(port), Align::right, 5);
  }
}

// In the overview a single cell would not be seen: where few ports are in use, each has a mark of readable size.
void PortMapView::draw_markers(const Canvas& canvas) const {
  if (in_use_.size() > most_markers) return;
  const float size = std::round(canvas.px(marker));
  const auto place_of = [&](std::uint16_t port) {
    const Vec2 middle = grid_.cell(port).center();
    return Rect{std::round(middle.x - size / 2), std::round(middle.y - size / 2), size, size};
  };
  // All grounds first: that of a neighbour would cut a mark in half.
  for (const std::uint16_t port : in_use_) canvas.fill(place_of(port).inset(-1), canvas.colors().background);
  for (const std::uint16_t port : in_use_) draw_port_mark(canvas, place_of(port), counts_.at(protocol_, port).use());
}

std::vector<PortMapView::PlacedLabel> PortMapView::placed_labels(const Canvas& canvas) const {
  std::vector<LabelWish> wishes;
  std::vector<Rect> taken;
  std::vector<const PortLabel*> labels;
  for (const PortLabel& label : labels_) {
    const Vec2 point = grid_.cell(label.port).center();
    if (!grid_.view.contains(point)) continue;
    taken.push_back(rect_around(point, canvas.px(marker + 4), canvas.px(marker + 4)));
    const Vec2 size{std::ceil(width_of(canvas, text_of(label))), canvas.px(label_height)};
    LabelWish wish;
    for (const float offset : {14.0F, 30.0F, 52.0F, 80.0F, 112.0F}) {
      const std::vector<Rect> places = places_around(point, size, canvas.px(offset));
      wish.places.insert(wish.places.end(), places.begin(), places.end());
    }
    wish.anchor = point;
    wishes.push_back(std::move(wish));
    labels.push_back(&label);
  }
  const auto places = place_labels(wishes, taken, grid_.view.inset(canvas.px(2)));
  std::vector<PlacedLabel> placed;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i]) placed.push_back({*places[i], labels[i]});
  return placed;
}

void PortMapView::draw_cursor(const Ui& ui, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  if (focused_) draw_focus(canvas, grid_.view.inset(canvas.px(2)), 0);
  const auto frame = [&](std::uint16_t port, Color color, float width) {
    const Rect cell = grid_.cell(port);
    const float least = canvas.px(11);
    const Rect r = rect_around(cell.center(), std::max(cell.w, least) + 2, std::max(cell.h, least) + 2);
    const Clip clip(canvas, grid_.view.inset(-canvas.px(8)));
    if (cell.bottom() > grid_.view.y && cell.y < grid_.view.bottom())
      canvas.stroke(r, color, std::max(1.5F, canvas.px(width)), canvas.px(3));
  };
  frame(cursor_, colors.background, 5);  // a ground of its own, for connected ports have nearly its colour
  frame(cursor_, colors.accent, 2);
  const state::Socket* socket = find_socket(context.cursor.state(), context.selection.socket);
  const bool here = socket != nullptr && socket->host == host_ && socket->protocol == protocol_;
  if (here && socket->tuple.local_port != cursor_ && socket->tuple.local_port != 0)
    frame(socket->tuple.local_port, colors.outline, 2);
  if (!hovered_ || drag_from_) return;
  frame(*hovered_, colors.text, 1);
  const PortDetail& about = detail(context, *hovered_);
  std::string words = about.holders;
  if (!about.sockets.empty()) words += "\n" + about.sockets.front().process;
  const bool ephemeral = *hovered_ >= ranges_.ephemeral.low && *hovered_ <= ranges_.ephemeral.high;
  show_tooltip(ui, port_title(about), fmt::format("{}\n{}{}", words, about.range, ephemeral ? ", ephemeral" : ""));
}

void draw_range_names(const Canvas& canvas, const Rect& r, const PortGrid& grid, const PortRanges& ranges) {
  const Palette& colors = canvas.colors();
  struct Name {
    const PortRange* range;
    float top, bottom;  // of its rows in view
  };
  std::vector<Name> names;
  const auto add = [&](const PortRange& range) {
    const float top = std::max(grid.cell(range.low).y, grid.view.y);
    const float bottom = std::min(grid.cell(range.high).bottom(), grid.view.bottom());
    if (bottom > top) names.push_back({&range, top, bottom});
  };
  for (const PortRange& range : ranges.iana) add(range);
  add(ranges.ephemeral);
  std::stable_sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.top < b.top; });
  const float line = line_height(canvas, TextSize::small), height = 2 * line + canvas.px(line_room);
  // From the last upwards: each stands at its range's top unless those below need the room.
  std::vector<float> places(names.size());
  float limit = grid.view.bottom();
  for (std::size_t i = names.size(); i-- > 0;) limit = places[i] = std::min(names[i].top, limit - height);
  float next = r.y;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Name& name = names[i];
    const PortRange& range = *name.range;
    const bool ephemeral = name.range == &ranges.ephemeral;
    const float y = std::max(places[i], next);
    next = y + height;
    const float bar = r.right() - canvas.px(ephemeral ? 10 : 4);
    if (ephemeral) {
      dashed_line(canvas, {bar, name.top}, {bar, name.bottom}, colors.muted, canvas.px(2));
    } else {
      canvas.fill({bar, name.top, canvas.px(4), name.bottom - name.top}, range_color(colors, range.low));
    }
    if (y + height > r.bottom() + canvas.px(line_room)) continue;  // a low window has no room for all names
    const Rect words{r.x, y, r.w - canvas.px(18), line};
    std::string title = fmt::format("{} {}–{}", range.name, range.low, range.high);
    draw_text_in(canvas, words, style::label_medium, colors.text, title);
    const std::string use = use_words(range, ephemeral && !ranges.ephemeral_known);
    const bool full = range.in_use == std::uint32_t{range.high} - range.low + 1;
    draw_text_in(canvas, words.moved(0, line), style::label, full ? colors.drop : colors.muted, use);
  }
}

}  // namespace fourtuple::viz
