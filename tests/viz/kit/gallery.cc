#include "tests/viz/kit/gallery.h"

#include <array>

#include "viz/kit/capsule.h"
#include "viz/kit/controls.h"
#include "viz/kit/host_card.h"
#include "viz/kit/key_lock.h"
#include "viz/kit/marks.h"
#include "viz/kit/pipeline.h"
#include "viz/kit/strokes.h"
#include "viz/kit/table.h"

namespace fourtuple::viz {
namespace {

// Everything is placed in design pixels of a 1440 x 900 page.
Rect at(const Canvas& c, float x, float y, float w, float h) {
  return {c.px(x), c.px(y), c.px(w), c.px(h)};
}
Vec2 at(const Canvas& c, float x, float y) {
  return {c.px(x), c.px(y)};
}

void top_bar(const Ui& ui) {
  const Canvas& c = ui.canvas;
  const Palette& p = c.colors();
  c.fill(at(c, 0, 0, 1440, 48), p.surface);
  c.hline(0, c.px(1440), c.px(47), p.line);
  draw_icon(c, Icon::logo, at(c, 24, 24), p.accent, 16);
  draw_text(c, at(c, 44, 29), style::heading, p.text, "Two laptops behind one address");
  static constexpr std::array<std::string_view, 7> tabs = {"Map",     "Host", "Ladder", "Rules",
                                                           "Sockets", "TCP",  "Packet"};
  tab_bar(ui, "tabs", at(c, 512, 0, 500, 48), tabs, 0);
  static constexpr std::array<std::string_view, 2> languages = {"EN", "日本語"};
  segmented(ui, "language", at(c, 1284, 24), languages, 0);
}

void map_part(const Ui& ui) {
  const Canvas& c = ui.canvas;
  const Palette& p = c.colors();
  c.fill(at(c, 16, 68, 248, 440), p.region, c.px(12));
  const Path green = Path::bezier(at(c, 248, 194), at(c, 320, 194), at(c, 320, 266), at(c, 392, 266));
  ribbon(c, green, flow_color(2), 8);
  ribbon(c, green.shifted(-c.px(8)), flow_color(0), 5);
  path_stroke(c, green.shifted(-c.px(4)), p.link);
  const Path bob = Path::bezier(at(c, 248, 408), at(c, 320, 408), at(c, 320, 318), at(c, 392, 318));
  path_stroke(c, bob, p.link);
  dotted_path(c, bob, flow_color(1));
  HostCard alice{
      Icon::laptop, "alice", "192.168.1.10", {{"chrome", "2101", ":50432", 0}, {"spotify", "2188", ":41874", 2}}};
  draw_host_card(c, at(c, 32, 112, 216, 124), alice);
  HostCard bob_card{
      Icon::laptop, "bob", "192.168.1.11", {{"firefox", "3054", ":50432", 1}, {"mumble", "3120", ":38112", {}}}};
  draw_host_card(c, at(c, 32, 340, 216, 124), bob_card);
  draw_text(c, at(c, 32, 258), style::label, p.muted, "0.3 ms to the router");
  draw_host_card(c, at(c, 392, 196, 200, 180), {Icon::router, "home router", "", {{"dnsmasq", "", ":53", {}}}});
  ProcessChip node{"node", "902", "lo :3000", {}, true};
  draw_host_card(c, at(c, 856, 104, 240, 124),
                 {Icon::server, "web server", "198.51.100.80", {{"caddy", "811", ":443", 0}, node}});
  draw_host_card(c, at(c, 856, 250, 240, 92),
                 {Icon::magnifier, "scanner", "192.0.2.66", {{"nmap", "5120", ":61000", 5}}, true});
  c.disc(at(c, 700, 272), c.px(22), p.surface);
  c.circle(at(c, 700, 272), c.px(22), p.link);
  draw_icon(c, Icon::globe, at(c, 700, 272), p.muted);
  dotted_path(c, Path::bezier(at(c, 700, 294), at(c, 672, 320), at(c, 650, 376), at(c, 604, 376)), p.drop, 2);
  draw_drop_disc(c, at(c, 592, 376));
  const Callout drop{
      "Dropped at input",
      {{{{style::number, p.text, "61000→22 SYN"}}}, {{{style::label, p.muted, "no rule accepts port 22"}}}},
      p.drop};
  const Vec2 size = callout_size(c, drop);
  const Rect box{c.px(616), c.px(400), size.x, size.y};
  draw_leader(c, box, at(c, 599, 384), p.drop);
  draw_callout(c, box, drop);
  const Callout nat{"Rewriting the source",
                    {{{{style::code, p.muted, "192.168.1.11:50432"}}, false, p.rewrite},
                     {{{style::code_strong, p.text, "203.0.113.7:23817"}}, true},
                     {{{style::label, p.muted, "alice uses 50432 to the same server"}}}},
                    p.rewrite};
  const Vec2 nat_size = callout_size(c, nat);
  draw_callout(c, {c.px(392), c.px(76), nat_size.x, nat_size.y}, nat);
}

void capsules(const Ui& ui) {
  const Canvas& c = ui.canvas;
  draw_capsule(c, at(c, 322, 228), {PacketShape::udp, 3, "39016→53"});
  draw_capsule(c, at(c, 788, 203), {PacketShape::tcp, 0, "50432→443"});
  CapsuleLook syn{PacketShape::tcp, 1, "23817→443", 'S'};
  syn.selected = true;
  draw_capsule(c, at(c, 612, 272), syn);
  CapsuleLook again{PacketShape::tcp, 2, "4070→41874"};
  again.ring = true;
  draw_capsule(c, at(c, 801, 321), again);
  CapsuleLook inferred{PacketShape::tcp, 6, "50410→80", 'F'};
  inferred.inferred = true;
  draw_capsule(c, at(c, 330, 480), inferred);
  CapsuleLook future{PacketShape::tcp, 1, "next: ACK"};
  future.future = true;
  draw_capsule(c, at(c, 450, 480), future);
  draw_capsule(c, at(c, 540, 480), {PacketShape::icmp, 5, "port unreachable"});
  draw_capsule(c, at(c, 730, 500), {PacketShape::tcp, 4, "40112→443", 'R'});
}

void xray_part(const Ui& ui) {
  const Canvas& c = ui.canvas;
  const Palette& p = c.colors();
  c.fill(at(c, 16, 524, 976, 220), p.surface, c.px(10));
  const auto column = [&](const char* title, const char* value, float x, float w) {
    return KeyColumn{title, value, c.px(x), c.px(w)};
  };
  const std::vector<KeyColumn> columns = {
      column("protocol", "TCP", 212, 72), column("to address", "198.51.100.80", 296, 148),
      column("to port", "443", 456, 80), column("from address", "203.0.113.7", 548, 148),
      column("from port", "50432", 708, 88)};
  draw_key(c, at(c, 76, 572), c.px(824), columns, 0);
  draw_step_heading(c, at(c, 50, 618), 1, "Connections", "all four values must match", StepState::reached);
  const auto cell = [](const char* v, CellState s) { return LockCell{v, s}; };
  const LockRow shut{
      "caddy",
      "fd 14",
      {cell("TCP", CellState::match), cell("198.51.100.80", CellState::match), cell("443", CellState::match),
       cell("192.0.2.90", CellState::mismatch), cell("50432", CellState::skipped)},
      LockState::shut,
      "other address"};
  draw_lock_row(c, at(c, 38, 636, 946, 36), columns, c.px(844), shut);
  const LockRow open{
      "caddy",
      "fd 12",
      {cell("TCP", CellState::match), cell("198.51.100.80", CellState::match), cell("443", CellState::match),
       cell("203.0.113.7", CellState::match), cell("50432", CellState::match)},
      LockState::open,
      "opens: caddy, fd 12"};
  draw_lock_row(c, at(c, 38, 680, 946, 36), columns, c.px(844), open);
}

void side_sheet(const Ui& ui) {
  const Canvas& c = ui.canvas;
  const Palette& p = c.colors();
  c.fill(at(c, 1112, 48, 328, 696), p.surface);
  c.vline(c.px(1112), c.px(48), c.px(744), p.line);
  draw_flow_sign(c, at(c, 1140, 76), PacketShape::tcp, flow_color(1));
  draw_text(c, at(c, 1158, 81), style::heading, p.text, "SYN from bob to web server");
  draw_text(c, at(c, 1132, 128), style::label, p.muted, "source");
  draw_rewrite(c, at(c, 1192, 128), ".11:50432", ".7:23817");
  const std::array<std::pair<const char*, StageState>, 5> journey = {
      {{"connect() by firefox", StageState::passed},
       {"forward: accepted by rule 2", StageState::passed},
       {"postrouting: masquerade", StageState::current},
       {"internet, 8 ms away", StageState::coming},
       {"dropped by rule 7 of chain input_lan", StageState::dropped}}};
  float y = 150;
  for (const auto& [words, state] : journey) {
    draw_journey_row(c, at(c, 1124, y, 304, 24), words, ".241 318", state, y < 240);
    y += 24;
  }
  button(ui, "why", at(c, 1132, 290, 90, 28), {"Why?", "Y"});
  button(ui, "next", at(c, 1228, 290, button_width(c, {"Next step", "→"}) / c.theme->scale(), 32),
         {"Next step", "→", ButtonLook::primary});
  button(ui, "off", at(c, 1360, 290, 60, 28), {"Pin", "", ButtonLook::normal, false});
  Rect pill = draw_pill(c, at(c, 1132, 348), "4 sent again", p.again);
  pill = draw_pill(c, {pill.right() + c.px(8), c.px(348)}, "no answer", p.drop);
  draw_pill(c, {pill.right() + c.px(8), c.px(348)}, "inferred", p.muted, PillLook::dashed);
  draw_moment(c, at(c, 1132, 384), "0.241 318 s", false, false);
  draw_timer_bar(c, at(c, 1290, 381, 80, 6), 0.6F);
  draw_timer_bar(c, at(c, 1290, 393, 80, 6), 0.6F, true);
  draw_book_note(c, at(c, 1132, 412, 288, 92), "NAT rewrites the addresses.",
                 "It may also rewrite ports, then mends both checksums.");
  static constexpr std::array<Column, 3> columns = {Column{"State", 80}, Column{"Local", 0},
                                                    Column{"Q", 40, Align::right}};
  draw_table_header(c, at(c, 1132, 520, 288, 28), columns);
  const std::array<RowChange, 4> changes = {RowChange::none, RowChange::changed, RowChange::added, RowChange::removed};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Rect row = at(c, 1132, 552 + 28 * static_cast<float>(i), 288, 26);
    table_row(ui, "row" + std::to_string(i), row, {i == 0, changes[i]});
    const auto cells = column_cells(row, columns, c.theme->scale());
    draw_text_in(c, cells[0], style::number, p.muted, "ESTAB", Align::left, 10);
    draw_text_in(c, cells[1], style::number, p.text, "198.51.100.80:443 and more");
    draw_text_in(c, cells[2], style::number, p.text, "186", Align::right);
  }
  hatch(c, at(c, 1132, 676, 288, 18), with_alpha(p.link, 0.6F));
  draw_paragraph(c, at(c, 1132, 700, 288, 40), style::label, p.muted,
                 "四つの値がすべて合うと、鍵が開きます。合わないときは、RST が同じ扉から出ていきます。");
}

void timeline(const Ui& ui) {
  const Canvas& c = ui.canvas;
  const Palette& p = c.colors();
  c.fill(at(c, 0, 744, 1440, 156), p.surface);
  c.hline(0, c.px(1440), c.px(744), p.line);
  const std::array<Icon, 5> icons = {Icon::to_start, Icon::step_back, Icon::pause, Icon::step_forward, Icon::to_end};
  const std::array<Rect, 5> places = {at(c, 18, 754, 32, 32), at(c, 58, 754, 32, 32), at(c, 96, 752, 36, 36),
                                      at(c, 138, 754, 32, 32), at(c, 178, 754, 32, 32)};
  for (std::size_t i = 0; i < icons.size(); ++i) icon_button(ui, "t" + std::to_string(i), places[i], icons[i], i == 2);
  draw_text(c, at(c, 236, 777), style::clock, p.text, "0.241 318 s");
  draw_text(c, at(c, 376, 777), style::number, p.muted, "of 2.4 s");
  static constexpr std::array<std::string_view, 5> steps = {"event", "packet", "hop", "rule", "flow"};
  segmented(ui, "steps", at(c, 510, 770), steps, 2);
  slider(ui, "speed", at(c, 1021, 754, 88, 32), 0.59F);
  draw_text(c, at(c, 1121, 774.5F), style::number, p.text, "0.6 s per hop");
  toggle(ui, "skip", at(c, 1396, 770), true);
  toggle(ui, "skip2", at(c, 1350, 770), false);
  const std::array<const char*, 3> names = {"eth0", "input", "transport lookup"};
  const std::array<const char*, 3> remarks = {"received", "accepted by rule 2", "3 of 7 sockets tried"};
  float x = 24;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto state = std::array{StageState::passed, StageState::passed, StageState::current, StageState::coming}[i];
    draw_stage_box(c, at(c, x, 812, 173, 60), i < 3 ? names[i] : "process", i < 3 ? remarks[i] : "caddy will wake",
                   state);
    if (i > 0) draw_stage_arrow(c, at(c, x - 28, 842), at(c, x - 3, 842), state);
    x += 203;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    draw_hook_stop(c, at(c, 860 + 40 * static_cast<float>(i), 842),
                   std::array{StageState::passed, StageState::current, StageState::coming, StageState::dropped}[i]);
  }
  float ix = 1030;
  for (const Icon icon : {Icon::door, Icon::padlock_closed, Icon::padlock_open, Icon::clock, Icon::file_drop, Icon::pin,
                          Icon::bookmark, Icon::fork, Icon::chevron_right, Icon::chevron_down, Icon::triangle,
                          Icon::ring, Icon::check, Icon::cross, Icon::plus}) {
    draw_icon(c, icon, at(c, ix, 842), p.muted);
    ix += 26;
  }
}

}  // namespace

void draw_gallery(const Ui& ui, const Rect& area) {
  ui.canvas.fill(area, ui.canvas.colors().background);
  top_bar(ui);
  map_part(ui);
  capsules(ui);
  xray_part(ui);
  side_sheet(ui);
  timeline(ui);
}

}  // namespace fourtuple::viz
