// The processes of the host as cards, and the answer box of a packet that found no socket.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/marks.h"
#include "viz/kit/path.h"
#include "viz/kit/strokes.h"
#include "viz/panels/common/names.h"
#include "viz/panels/host/host_draw.h"

namespace fourtuple::viz {
namespace {

// Linux's default receive buffer, net.ipv4.tcp_rmem: what the queue bar is measured against.
constexpr float receive_buffer = 131072;

Color flow_or_grey(const Canvas& canvas, const std::optional<std::size_t>& flow) {
  return flow ? flow_color(*flow) : canvas.colors().faint;
}

// Returns where it ends.
float draw_card_title(const Canvas& canvas, const Rect& r, const ProcessCard& card, float middle, bool large) {
  const Palette& colors = canvas.colors();
  canvas.fill({r.x + canvas.px(16), middle - canvas.px(10), canvas.px(20), canvas.px(20)},
              flow_or_grey(canvas, card.flow), canvas.px(4));
  const TextSize size = large ? TextSize::title : TextSize::normal;
  const TextStyle style = large ? style::title : style::heading;
  float x = r.x + canvas.px(46);
  const std::string name = fit_text(canvas, style, card.name, r.w * 0.45F);
  x += draw_text(canvas, {x, baseline_for_middle(canvas, size, middle)}, style, colors.text, name) + canvas.px(10);
  const TextSize small = large ? TextSize::normal : TextSize::small;
  const TextStyle number = large ? style::code : style::number;
  // "pid 811, sleeps in accept": without the room the number alone.
  const float room = r.right() - canvas.px(12) - x;
  const bool whole = text_width(canvas, number, card.pid) <= room;
  const std::string pid = whole ? card.pid : card.pid.substr(0, card.pid.find(", "));
  x += draw_text(canvas, {x, baseline_for_middle(canvas, small, middle)}, number, colors.muted,
                 fit_text(canvas, number, pid, room));
  if (card.guessed) draw_pill(canvas, {x + canvas.px(6), middle}, "guess", colors.muted, PillLook::dashed);
  return x;
}

// What if this process were killed now: only a scenario can be run again. `room` is kept free at the right.
void draw_kill(const Ui& ui, const Rect& r, float x, const ProcessCard& card, float middle, float room,
               const PanelContext& context) {
  const state::Process* process = find_process(context.cursor.state(), card.process);
  if (process == nullptr || context.trace.tables().source != trace::Source::scenario) return;
  const Button kill{.label = "Kill"};
  const float width = button_width(ui.canvas, kill);
  if (x + width + room + ui.canvas.px(16) > r.right()) return;
  const Rect place{x + ui.canvas.px(8), middle - ui.canvas.px(12), width, ui.canvas.px(24)};
  if (!button(ui, fmt::format("kill{}", card.process.value), place, kill)) return;
  context.what_if(fmt::format("{}: kill {}", trace::host_name(context.trace.tables(), process->host), card.name));
}

Rect line_rect(const Canvas& canvas, const Rect& r, float y, bool winner) {
  return {r.x + canvas.px(8), y, r.w - canvas.px(16), canvas.px(winner ? 52 : 28)};
}

void draw_line(const Ui& ui, const Rect& row, const DescriptorLine& line, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const Touch over = touch(ui, fmt::format("fd{}", line.socket.value), row);
  if (line.winner) canvas.fill(row, with_alpha(colors.ok, 0.15F), canvas.px(6));
  if (over.glow > 0) canvas.fill(row, with_alpha(colors.hover, over.glow), canvas.px(6));
  if (over.focused) draw_focus(canvas, row, canvas.px(6));
  if (over.clicked) context.select(line.socket);
  const float middle = row.y + canvas.px(line.winner ? 16 : 14);
  draw_text(canvas, {row.x + canvas.px(32), baseline_for_middle(canvas, TextSize::normal, middle)},
            line.winner ? style::code_strong : style::code, line.winner ? colors.text : colors.muted, line.fd,
            Align::right);
  const Rect square = rect_around({row.x + canvas.px(51), middle}, canvas.px(10), canvas.px(10));
  if (line.listening) {
    canvas.stroke(square, colors.muted, canvas.px(1.5F), canvas.px(3));
  } else {
    canvas.fill(square, flow_or_grey(canvas, line.flow), canvas.px(3));
  }
  const float baseline = baseline_for_middle(canvas, TextSize::small, middle);
  const float right = row.right() - canvas.px(12);
  const std::string remark = fit_text(canvas, style::label, line.remark, row.w * 0.3F);
  // What is at the other end says more than what it is.
  const bool both = row.x + canvas.px(76) + text_width(canvas, style::number_strong, line.text) +
                        text_width(canvas, style::label, remark) <=
                    right;
  const float remark_width =
      both ? draw_text(canvas, {right, baseline}, style::label, colors.muted, remark, Align::right) : 0;
  const float x = row.x + canvas.px(68), room = right - remark_width - canvas.px(8) - x;
  const TextStyle style = line.winner ? style::number_strong : style::number;
  draw_text(canvas, {x, baseline}, style, line.winner ? colors.text : colors.muted,
            fit_text(canvas, style, line.text, room));
  if (!line.winner) return;
  const float below = row.y + canvas.px(36);
  const std::string waiting = line.queued > 0 ? fmt::format("{} B to read", line.queued) : "nothing to read";
  const float words = draw_text(canvas, {right, baseline_for_middle(canvas, TextSize::small, below)}, style::label,
                                colors.muted, waiting, Align::right);
  const Rect bar{x, below - canvas.px(4), right - words - canvas.px(12) - x, canvas.px(8)};
  if (bar.w < canvas.px(16)) return;
  canvas.fill(bar, colors.raised, canvas.px(4));
  if (line.queued == 0) return;
  const float part = clamped(static_cast<float>(line.queued) / receive_buffer, 0.0F, 1.0F);
  canvas.fill({bar.x, bar.y, std::max(bar.w * part, canvas.px(14)), bar.h}, flow_or_grey(canvas, line.flow),
              canvas.px(4));
}

float winner_height(const ProcessCard& card) {
  float height = 54 + 10;
  for (const DescriptorLine& line : card.lines) height += line.winner ? 54 : 30;
  return height + 10 + (card.hidden > 0 ? 22 : 0);
}

Vec2 draw_winner(const Ui& ui, const Rect& r, const ProcessCard& card, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.halo(r, colors.ok, canvas.px(4), canvas.px(8), 0.14F);
  canvas.fill(r, colors.surface, canvas.px(8));
  canvas.stroke(r, colors.ok, canvas.px(2), canvas.px(8));
  const float middle = r.y + canvas.px(26);
  const float title_end = draw_card_title(canvas, r, card, middle, true);
  // In a narrow card the lines below say how many sockets there are.
  const float summary = card.guessed ? 0 : text_width(canvas, style::label, card.summary) + canvas.px(28);
  const bool fits = !card.guessed && title_end + summary < r.right();
  draw_kill(ui, r, title_end, card, middle, fits ? summary : 0, context);
  if (fits) {
    draw_text(canvas, {r.right() - canvas.px(16), baseline_for_middle(canvas, TextSize::small, middle)}, style::label,
              colors.muted, card.summary, Align::right);
  }
  canvas.hline(r.x + canvas.px(1), r.right() - canvas.px(1), r.y + canvas.px(52), colors.line);
  Vec2 anchor{r.x, middle};
  float y = r.y + canvas.px(62);
  for (const DescriptorLine& line : card.lines) {
    const Rect row = line_rect(canvas, r, y, line.winner);
    if (row.bottom() > r.bottom()) break;
    draw_line(ui, row, line, context);
    if (line.winner) anchor = {r.x, row.y + canvas.px(16)};
    y += canvas.px(line.winner ? 54 : 30);
  }
  if (card.hidden > 0) {
    draw_text(canvas, {r.x + canvas.px(76), r.bottom() - canvas.px(12)}, style::label, colors.muted,
              fmt::format("and {} more", card.hidden));
  }
  return anchor;
}

// What the title had no room for: "sleeps in accept". Empty: it had.
std::string asleep(const Canvas& canvas, const Rect& r, const ProcessCard& card) {
  const std::size_t comma = card.pid.find(", ");
  const std::string name = fit_text(canvas, style::heading, card.name, r.w * 0.45F);
  const float used = canvas.px(46 + 10 + 12) + text_width(canvas, style::heading, name);
  if (comma == std::string::npos || used + text_width(canvas, style::number, card.pid) <= r.w) return {};
  return card.pid.substr(comma + 2);
}

void draw_other(const Ui& ui, const Rect& r, const ProcessCard& card, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.surface, canvas.px(8));
  if (card.guessed) {
    dashed_rect(canvas, r, colors.muted, std::max(1.0F, canvas.px(1)), canvas.px(8));
  } else {
    canvas.stroke(r, colors.line, std::max(1.0F, canvas.px(1)), canvas.px(8));
  }
  const float title = r.y + canvas.px(19);
  draw_kill(ui, r, draw_card_title(canvas, r, card, title, false), card, title, 0, context);
  const std::string does = asleep(canvas, r, card);
  std::string text;
  for (const DescriptorLine& line : card.lines) text += (text.empty() ? "" : ", ") + line.text;
  if (card.hidden > 0) text += fmt::format(" +{}", card.hidden);
  const float baseline = baseline_for_middle(canvas, TextSize::small, r.y + canvas.px(40));
  if (!does.empty())
    draw_text(canvas, {r.x + canvas.px(46), baseline + canvas.px(18)}, style::number, colors.muted,
              fit_text(canvas, style::number, does, r.w - canvas.px(58)));
  const float summary = draw_text(
      canvas, {r.right() - canvas.px(16), baseline}, style::label, colors.muted,
      fit_text(canvas, style::label, card.summary, text.empty() ? r.w - canvas.px(64) : r.w * 0.5F), Align::right);
  const float x = r.x + canvas.px(46);
  draw_text(canvas, {x, baseline}, style::number, colors.muted,
            fit_text(canvas, style::number, text, r.right() - canvas.px(28) - summary - x));
  if (!card.lines.empty() && touch(ui, fmt::format("process{}", card.process.value), r).clicked) {
    context.select(card.lines.front().socket);
  }
}

void draw_what_if(const Canvas& canvas, const Rect& r, const HostModel& model) {
  const Palette& colors = canvas.colors();
  dashed_rect(canvas, r, colors.line, std::max(1.0F, canvas.px(1)), canvas.px(8));
  const float x = r.x + canvas.px(16);
  draw_text(canvas, {x, r.y + canvas.px(26)}, style::heading, colors.text,
            model.answer ? "Why an answer leaves" : "If no lock had opened");
  constexpr std::string_view lines[] = {"TCP: a RST leaves by the same door", "UDP: ICMP port unreachable leaves"};
  float y = r.y + canvas.px(50);
  const float room = r.w - canvas.px(52);
  for (const std::string_view line : lines) {
    canvas.line({x, y}, {x + canvas.px(15), y}, colors.drop, canvas.px(1.5F));
    arrow_head(canvas, {x + canvas.px(15), y}, {1, 0}, colors.drop, 4, 1.5F);
    y += draw_paragraph(canvas, {x + canvas.px(26), y - canvas.px(9), room, canvas.px(36)}, style::label, colors.text,
                        line, 2) +
         canvas.px(6);
  }
  draw_paragraph(canvas, {x, y - canvas.px(6), r.w - canvas.px(32), r.bottom() - y}, style::label, colors.muted,
                 "Linux hashes the four values and looks in one bucket; its neighbours on this port are shown.", 4);
}

}  // namespace

std::optional<Vec2> draw_host_processes(const Ui& ui, const Rect& r, const HostModel& model,
                                        const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  std::optional<Vec2> anchor;
  Rect rest = r;
  std::size_t at = 0;
  if (!model.processes.empty() && model.processes.front().winner) {
    const Rect card = rest.take_top(canvas.px(winner_height(model.processes.front())));
    anchor = draw_winner(ui, card, model.processes.front(), context);
    rest.take_top(canvas.px(16));
    at = 1;
  }
  for (; at < model.processes.size(); ++at) {
    const bool last = at + 1 == model.processes.size();
    const float height = canvas.px(asleep(canvas, rest, model.processes[at]).empty() ? 56 : 74);
    if (rest.h < height + (last ? 0 : canvas.px(28))) break;
    draw_other(ui, rest.take_top(height), model.processes[at], context);
    rest.take_top(canvas.px(12));
  }
  if (at < model.processes.size()) {
    draw_text_in(canvas, rest.take_top(canvas.px(22)), style::label, colors.muted,
                 fmt::format("and {} more processes", model.processes.size() - at));
  } else if (model.processes.empty()) {
    const Rect card = rest.take_top(canvas.px(56));
    dashed_rect(canvas, card, colors.line, std::max(1.0F, canvas.px(1)), canvas.px(8));
    draw_text_in(canvas, card, style::label, colors.muted,
                 model.router     ? "no process is involved: the kernel forwards"
                 : model.inferred ? "the capture does not say which programs run here"
                                  : "no process runs here",
                 Align::center);
    rest.take_top(canvas.px(12));
  }
  const float height = canvas.px(r.w < canvas.px(300) ? 198 : 132);
  if (!model.locks.key.empty() && rest.h >= height) draw_what_if(canvas, rest.take_top(height), model);
  return anchor;
}

float answer_height(const Ui&) {
  return 102;
}

void draw_host_answer(const Ui& ui, const Rect& r, const AnswerBox& answer, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(r, colors.background, canvas.px(8));
  canvas.stroke(r, colors.drop, canvas.px(1.5F), canvas.px(8));
  const float middle = r.y + canvas.px(40), door_x = r.x + canvas.px(28);
  draw_icon(canvas, Icon::door, {door_x, middle}, colors.muted, 32);
  draw_text(canvas, {door_x, r.y + canvas.px(78)}, style::label, colors.muted, answer.door, Align::center);
  float x = r.x + canvas.px(56);
  if (answer.sent) {
    CapsuleLook look = answer.capsule.look();
    look.selected = answer.packet == context.selection.packet;
    const Vec2 size = capsule_size(canvas, look);
    const Vec2 at{x + canvas.px(52) + size.x / 2, middle};
    dotted_line(canvas, {at.x - size.x / 2 - canvas.px(6), middle}, {x + canvas.px(4), middle}, colors.drop);
    arrow_head(canvas, {x, middle}, {-1, 0}, colors.drop, 6, 2);
    dotted_line(canvas, {at.x + size.x / 2 + canvas.px(8), middle}, {at.x + size.x / 2 + canvas.px(34), middle},
                colors.drop);
    const Rect body = draw_capsule(canvas, at, look);
    if (touch(ui, "answer", body).clicked) context.select(answer.packet);
    x = body.right() + canvas.px(52);
  }
  float room = r.right() - x - canvas.px(16);
  if (const float home = canvas.px(220); !answer.lines[1].empty() && room > canvas.px(380) + home) {
    room -= home + canvas.px(16);
    const Rect column{x + room + canvas.px(16), r.y + canvas.px(14), home, r.h - canvas.px(28)};
    canvas.vline(column.x - canvas.px(8), column.y, column.bottom(), colors.line);
    draw_text(canvas, {column.x + canvas.px(8), r.y + canvas.px(30)}, style::heading, colors.text, "On its way home");
    draw_paragraph(canvas, {column.x + canvas.px(8), r.y + canvas.px(39), home - canvas.px(8), column.h}, style::label,
                   colors.muted, answer.lines[1], 3);
  }
  const std::string title = fit_text(canvas, style::code_strong, answer.title, room);
  const float width = draw_text(canvas, {x, r.y + canvas.px(30)}, style::code_strong, colors.drop, title);
  if (answer.sent && room - width > canvas.px(160)) {
    draw_text(canvas, {x + width + canvas.px(12), r.y + canvas.px(30)}, style::heading, colors.text,
              "leaves by the same door");
  }
  draw_text(canvas, {x, r.y + canvas.px(53)}, style::number, colors.muted,
            fit_text(canvas, style::number, answer.lines[0], room));
  if (answer.told.empty()) return;
  float at =
      x + draw_text(canvas, {x, r.y + canvas.px(76)}, style::label, colors.muted, "the sender's program reads: ");
  at += draw_text(canvas, {at, r.y + canvas.px(76)}, style::label_strong, colors.text,
                  fit_text(canvas, style::label_strong, answer.told, x + room - at));
  const float name = text_width(canvas, style::number_strong, answer.errno_name);
  if (at + canvas.px(16) + name < x + room) {
    draw_text(canvas, {at + canvas.px(16), r.y + canvas.px(76)}, style::number_strong, colors.drop, answer.errno_name);
  }
}

}  // namespace fourtuple::viz
