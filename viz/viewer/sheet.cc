#include "viz/viewer/sheet.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/kit/controls.h"
#include "viz/kit/panel.h"
#include "viz/kit/pipeline.h"
#include "viz/kit/table.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/common/names.h"
#include "viz/viewer/packet_words.h"

namespace fourtuple::viz {
namespace {

constexpr float sheet_side = 20, sheet_row = 22, journey_row = 24, roomy_list = 400;

// Packets created before the cursor, newest first. `positions`: of their records.
template <class Positions>
std::vector<PacketId> latest_of(const PanelContext& context, const Positions& positions, std::size_t most) {
  auto at = std::lower_bound(positions.begin(), positions.end(), context.cursor.position());
  std::vector<PacketId> packets;
  while (at != positions.begin() && packets.size() < most) {
    --at;
    packets.push_back({context.trace.at(*at)->subject});
  }
  return packets;
}

// With a filter, those it takes.
std::vector<PacketId> latest_packets(const PanelContext& context, std::size_t most) {
  if (context.filter != nullptr) return latest_of(context, context.filter->positions(), most);
  return latest_of(context, context.indexes.marks().positions(replay::Mark::packet), most);
}

// "43 so far", "12 of 43 so far"
std::string so_far(const PanelContext& context) {
  const auto before = [&](const auto& positions) {
    const auto end = std::lower_bound(positions.begin(), positions.end(), context.cursor.position());
    return grouped(static_cast<std::uint64_t>(end - positions.begin()));
  };
  const std::string all = before(context.indexes.marks().positions(replay::Mark::packet)) + " so far";
  return context.filter == nullptr ? all : before(context.filter->positions()) + " of " + all;
}

// An arrival is told by the record that sent the packet, so both time and record count.
bool has_happened(const replay::JourneyStep& step, const PanelContext& context) {
  return step.record < context.cursor.position() && step.at <= context.now();
}

StageState state_of(const replay::JourneyStep& step, bool happened, bool current) {
  if (!happened) return StageState::coming;
  if (step.tone == replay::Tone::dropped) return StageState::dropped;
  if (current) return StageState::current;
  return step.tone == replay::Tone::mismatch ? StageState::missed : StageState::passed;
}

std::string words_of(const replay::JourneyStep& step) {
  return step.place.empty() ? step.words : step.place + ": " + step.words;
}

std::string options_words(const Packet& packet) {
  std::string words;
  const auto add = [&](const std::string& word) { words += (words.empty() ? "" : "  ") + word; };
  if (packet.has_option(TcpOption::mss)) add(fmt::format("mss {}", packet.mss));
  if (packet.has_option(TcpOption::sack_permitted)) add("sackOK");
  if (packet.has_option(TcpOption::timestamps)) add("ts");
  if (packet.has_option(TcpOption::window_scale)) add(fmt::format("wscale {}", packet.window_scale));
  return words;
}

}  // namespace

void Sheet::refresh(const PanelContext& context, const PacketNames& names) {
  chosen_ = context.selection.packet.valid();
  subject_ = context.selection.packet;
  if (!chosen_) {
    const std::vector<PacketId> latest = latest_packets(context, 1);
    subject_ = latest.empty() ? PacketId::none() : latest.front();
  }
  if (journey_of_ == subject_ && refreshed_end_ == context.indexes.end() && trace_ == &context.trace) return;
  trace_ = &context.trace;
  names_ = names ? names(subject_) : std::vector<NameLine>();
  journey_of_ = subject_;
  refreshed_end_ = context.indexes.end();
  journey_.clear();
  if (subject_.valid()) journey_ = replay::journey(context.indexes, context.cursor, subject_);
  for (replay::JourneyStep& step : journey_) {
    if (step.kind != trace::Kind::packet_dropped) continue;
    if (const auto cause = rule_cause(context, step.record)) step.words = *cause;
  }
}

float Sheet::draw_fields(const Canvas& canvas, Rect area, const PanelContext& context, const Packet& packet) const {
  const Palette& colors = canvas.colors();
  const trace::Tables& tables = context.trace.tables();
  const float top = area.y;
  const auto line = [&](std::string_view name, const std::string& value, std::string_view name_2 = {},
                        const std::string& value_2 = {}) {
    Rect r = area.take_top(canvas.px(20));
    draw_text_in(canvas, r.take_left(canvas.px(60)), style::label, colors.muted, name);
    if (name_2.empty()) {
      draw_text_in(canvas, r, style::number, colors.text, value);
      return;
    }
    draw_text_in(canvas, r.take_left(canvas.px(98)), style::number, colors.text, value);
    draw_text_in(canvas, r.take_left(canvas.px(34)), style::label, colors.muted, name_2);
    draw_text_in(canvas, r, style::number, colors.text, value_2);
  };
  // What NAT replaced stands above what it put there.
  const auto end = [&](std::string_view name, const std::string& before, const std::string& now) {
    if (before == now) return line(name, now);
    Rect r = area.take_top(canvas.px(20));
    draw_text_in(canvas, r.take_left(canvas.px(60)), style::label, colors.muted, name);
    draw_struck(canvas, {r.x, baseline_for_middle(canvas, TextSize::small, r.center().y)}, style::number, colors.muted,
                colors.rewrite, before);
    r = area.take_top(canvas.px(20));
    r.take_left(canvas.px(60));
    draw_text_in(canvas, r, style::number_strong, colors.rewrite, now);
  };
  const Packet created = context.indexes.packets().packet(packet.id).value_or(packet);
  end("from", source_text(tables, created), source_text(tables, packet));
  end("to", destination_text(tables, created), destination_text(tables, packet));
  if (packet.protocol == Protocol::tcp) {
    line("seq", std::to_string(packet.seq.raw), "ack",
         packet.has(TcpFlag::ack) ? std::to_string(packet.ack.raw) : "none");
    line("window", std::to_string(packet.window), "TTL", std::to_string(packet.ttl));
    if (const std::string options = options_words(packet); !options.empty()) line("options", options);
  } else {
    line("bytes", grouped(packet.payload_length), "TTL", std::to_string(packet.ttl));
  }
  return area.y - top;
}

// A name, and where it is from below it.
float Sheet::draw_names(const Canvas& canvas, Rect area, const std::vector<NameLine>& names) {
  const Palette& colors = canvas.colors();
  const float top = area.y;
  for (const NameLine& line : names) {
    Rect r = area.take_top(canvas.px(20));
    draw_text_in(canvas, r.take_left(canvas.px(60)), style::label, colors.muted, line.subject);
    draw_text_in(canvas, r, style::label_medium, colors.text, line.name);
    r = area.take_top(canvas.px(18));
    r.take_left(canvas.px(60));
    draw_text_in(canvas, r, style::label, colors.muted, line.place);
  }
  return area.y - top;
}

float Sheet::journey_height(const Canvas& canvas, float width, const PanelContext& context) const {
  float height = 0;
  for (const replay::JourneyStep& step : journey_)
    height += journey_row_height(canvas, width, words_of(step), short_time(step.at),
                                 state_of(step, has_happened(step, context), false));
  return height;
}

void Sheet::draw_journey(const Ui& ui, const Rect& area, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  std::size_t current = journey_.size();
  for (std::size_t i = 0; i < journey_.size(); ++i) {
    if (has_happened(journey_[i], context)) current = i;
  }
  const bool long_list = journey_height(canvas, area.w, context) > area.h;
  ScrollArea scroll(ui, "journey", area);
  Rect rest = scroll.content();
  rest.h = 1e6F;
  if (long_list) rest.w -= canvas.px(10);
  const float top = rest.y;
  for (std::size_t i = 0; i < journey_.size(); ++i) {
    const replay::JourneyStep& step = journey_[i];
    const std::string words = words_of(step), time = short_time(step.at);
    const StageState state = state_of(step, has_happened(step, context), i == current);
    const float y = rest.y - top;
    const Rect r = rest.take_top(journey_row_height(canvas, rest.w, words, time, state));
    if (long_list && i == current)
      scroll.scroll_to(std::max(y - 2 * canvas.px(journey_row), 0.0F), r.h + 4 * canvas.px(journey_row));
    if (touch(scroll.ui(), "step" + std::to_string(i), r, {.focusable = false}).clicked) {
      context.wishes.push_back({Wish::Kind::seek, 0, step.at, {}});
    }
    draw_journey_row(scroll.ui().canvas, r, words, time, state, i + 1 < journey_.size());
  }
  scroll.set_height(rest.y - top);
}

float Sheet::draw_packet(const Ui& ui, Rect area, const PanelContext& context, bool following, Answer& answer) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const trace::Tables& tables = context.trace.tables();
  const float top = area.y;
  const std::uint64_t now = context.cursor.position();
  const std::optional<Packet> packet = context.indexes.packets().packet_at(subject_, now == 0 ? 0 : now - 1);
  if (!packet) {
    draw_text_in(canvas, area.take_top(canvas.px(28)), style::heading, colors.text, "No packet yet");
    draw_text_in(canvas, area.take_top(canvas.px(22)), style::label, colors.muted, "Press play, or step forward.");
    return area.y - top;
  }
  const std::uint32_t flow = context.indexes.packets().flow(subject_);
  const std::size_t slot = flow_slot(flow);
  Rect title = area.take_top(canvas.px(24));
  draw_flow_sign(canvas, {title.x + canvas.px(8), title.center().y}, shape_of(packet->protocol),
                 slot >= named_flow_colors ? colors.muted : flow_color(slot));
  title.take_left(canvas.px(28));
  if (chosen_) {
    const Rect close = title.take_right(canvas.px(24));
    if (button(ui, "close sheet", close, {.label = "", .look = ButtonLook::quiet})) answer.close = true;
    draw_icon(canvas, Icon::cross, close.center(), colors.muted, 16);
  }
  draw_text_in(canvas, title, style::heading, colors.text,
               headline(tables, *context.indexes.packets().packet(subject_)));
  Rect under = area.take_top(canvas.px(22));
  under.take_left(canvas.px(28));
  const std::string kind = fmt::format("{}{}", trace::protocol_name(packet->protocol),
                                       context.indexes.packets().retransmission(subject_) ? ", sent again" : "");
  draw_text_in(canvas, under, style::label, colors.muted, chosen_ ? kind : kind + ", the latest packet");
  area.take_top(canvas.px(6));
  area.take_top(draw_fields(canvas, area, context, *packet));
  area.take_top(draw_names(canvas, area, names_));
  area.take_top(canvas.px(10));
  canvas.hline(area.x, area.right(), area.y, colors.line);
  area.take_top(canvas.px(6));
  const Rect heading = area.take_top(canvas.px(26));
  draw_text_in(canvas, heading, style::heading, colors.text, "Journey");
  if (journey_.size() > 1) {
    draw_text_in(canvas, heading, style::number, colors.muted,
                 span_text(journey_.back().at - journey_.front().at) + " in all", Align::right);
  }
  const float wanted = std::min(journey_height(canvas, area.w + canvas.px(16), context), canvas.px(12 * journey_row));
  Rect list = area;
  // Below it: the buttons, and a few packets.
  list.h = std::min(wanted, area.h - canvas.px(88 + 44 + 2 * sheet_row));
  if (list.h < wanted) list.h = std::floor(list.h / canvas.px(journey_row)) * canvas.px(journey_row);
  list = {list.x - canvas.px(8), list.y, list.w + canvas.px(16), std::max(list.h, canvas.px(2 * journey_row))};
  draw_journey(ui, list, context);
  area.take_top(list.h + canvas.px(10));
  Rect buttons = area.take_top(canvas.px(28));
  const Button follow{.label = following ? "Following" : "Follow",
                      .key = "F",
                      .look = following ? ButtonLook::primary : ButtonLook::normal};
  if (button(ui, "follow", buttons.take_left(button_width(canvas, follow)), follow)) answer.follow = true;
  buttons.take_left(canvas.px(8));
  const Button details{.label = "Fields", .key = "K"};
  if (button(ui, "fields", buttons.take_left(button_width(canvas, details)), details)) {
    context.select(subject_);
    context.open(PanelKind::packet);
  }
  area.take_top(canvas.px(8));
  buttons = area.take_top(canvas.px(28));
  const Button why{.label = "Why?", .key = "Y"};
  if (button(ui, "why", buttons.take_left(button_width(canvas, why)), why)) {
    context.select(subject_);
    context.open(PanelKind::why);
  }
  buttons.take_left(canvas.px(8));
  const Button lose{.label = "Lose it"};
  if (context.trace.tables().source == trace::Source::scenario &&
      button(ui, "lose it", buttons.take_left(button_width(canvas, lose)), lose)) {
    context.select(subject_);
    context.what_if("drop packet " + std::to_string(subject_.value));
  }
  area.take_top(canvas.px(14));
  return area.y - top;
}

void Sheet::draw_list(const Ui& ui, Rect area, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Rect heading = area.take_top(canvas.px(36));
  Rect words = heading.inset(canvas.px(sheet_side), 0);
  draw_text_in(canvas, words, style::heading, colors.text, "Packets");
  draw_text_in(canvas, words, style::number, colors.muted, so_far(context), Align::right);
  const auto rows = static_cast<std::size_t>(std::max((area.h - canvas.px(8)) / canvas.px(sheet_row), 0.0F));
  area = area.inset(canvas.px(12), 0);
  for (const PacketId id : latest_packets(context, rows)) {
    const Rect r = area.take_top(canvas.px(sheet_row));
    const std::optional<Packet> packet = context.indexes.packets().packet(id);
    if (!packet) continue;
    if (table_row(ui, "packet" + std::to_string(id.value), r.inset(canvas.px(8), 0),
                  {.selected = id == subject_ && chosen_})
            .clicked) {
      context.select(id);
    }
    Rect cells = r.inset(canvas.px(8), 0);
    const Time at = context.trace.at(context.indexes.packets().created(id))->at;
    draw_text_in(canvas, cells.take_left(canvas.px(84)), style::number, colors.muted, short_time(at));
    const std::size_t slot = flow_slot(context.indexes.packets().flow(id));
    const Rect sign = cells.take_left(canvas.px(24));
    draw_flow_sign(canvas, {sign.x + canvas.px(8), sign.center().y}, shape_of(packet->protocol),
                   slot >= named_flow_colors ? colors.muted : flow_color(slot));
    const PacketRemark end = remark(context.indexes.packets(), *packet, context.cursor.position());
    using Tone = PacketRemark::Tone;
    const Color ink = end.tone == Tone::drop    ? colors.drop
                      : end.tone == Tone::again ? colors.again
                      : end.tone == Tone::reset ? colors.rewrite
                                                : colors.muted;
    const bool strong = end.tone != Tone::plain;
    const std::string ports = capsule_text(*packet);
    const float ports_width = std::min(text_width(canvas, style::number, ports) + canvas.px(10), cells.w * 0.7F);
    draw_text_in(canvas, cells.take_left(ports_width), style::number, colors.text, ports);
    // In a wide sheet there is room for who writes to whom.
    if (area.w > canvas.px(roomy_list)) {
      const trace::Tables& tables = context.trace.tables();
      draw_text_in(canvas, cells.take_left(cells.w * 0.6F), style::label, colors.muted,
                   owner_words(tables, packet->source) + " to " + owner_words(tables, packet->destination));
    }
    draw_text_in(canvas, cells, strong ? style::label_strong : style::label, ink, end.words, Align::right);
  }
}

Sheet::Answer Sheet::draw(const Ui& ui, const Rect& area, const PanelContext& context, bool following,
                          const PacketNames& names) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  Answer answer;
  canvas.fill(area, colors.surface);
  canvas.vline(area.x, area.y, area.bottom(), colors.line);
  const Clip clip(canvas, area);
  refresh(context, names);
  Rect inner = area;
  inner.take_top(canvas.px(16));
  const float used = draw_packet(ui, inner.inset(canvas.px(sheet_side), 0), context, following, answer);
  inner.take_top(used);
  canvas.hline(area.x, area.right(), inner.y, colors.line);
  draw_list(ui, inner, context);
  return answer;
}

}  // namespace fourtuple::viz
