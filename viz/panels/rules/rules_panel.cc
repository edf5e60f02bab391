#include "viz/panels/rules/rules_panel.h"

#include <filesystem>

#include "viz/kit/capsule.h"
#include "viz/kit/controls.h"
#include "viz/kit/marks.h"
#include "viz/panels/rules/rules_draw.h"
#include "viz/panels/sockets/sockets_model.h"

namespace fourtuple::viz {
namespace {

constexpr float rules_head_height = 52, steps_height = 48, side_width = 640, side_from = 1000;

}  // namespace

void RulesPanel::refresh(const PanelContext& context) {
  const HostId host = choose_filter_host(context);
  const bool grown = context.indexes.end() != end_;
  const bool moved =
      grown || context.cursor.position() != position_ || host != host_ || context.selection.packet != selected_;
  // Timers of flows run between records.
  if (!moved && context.now() == time_) return;
  host_ = host;
  selected_ = context.selection.packet;
  position_ = context.cursor.position();
  time_ = context.now();
  end_ = context.indexes.end();
  if (moved) {
    read(context, grown);
    before_ = context.cursor.state_at(boundary_of_last_step(context));
  }
  tracked_ = build_conntrack(context, host, before_.state);
  const auto& rulesets = context.trace.tables().rulesets;
  sets_ = model_.ruleset < rulesets.size() ? set_rows(context, rulesets[model_.ruleset], before_.state)
                                           : std::vector<SetRow>{};
}

void RulesPanel::read(const PanelContext& context, bool grown) {
  const std::uint32_t ruleset = ruleset_of(context, host_);
  const auto& rulesets = context.trace.tables().rulesets;
  if (ruleset != code_of_ || grown) code_ = ruleset < rulesets.size() ? read_code(rulesets[ruleset]) : CodeText{};
  code_of_ = ruleset;
  const PacketId packet = choose_judged_packet(context, host_);
  if (packet != walk_of_ || grown) {
    walk_ = packet.valid() ? replay::walk_of(context.indexes, context.cursor, packet, context.value_text)
                           : replay::RuleWalk{};
  }
  walk_of_ = packet;
  hits_.refresh(context.indexes);
  const std::size_t before = model_.focus;
  model_ = build_rules({context, host_, packet, walk_, code_, hits_});
  if (model_.focus != before) scroll_frames_ = 2;
}

void RulesPanel::draw_head(const Ui& ui, const Rect& head, const PanelContext& context) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  const float middle = head.center().y;
  float x = head.x + canvas.px(16);
  const std::vector<std::string_view> names(model_.host_names.begin(), model_.host_names.end());
  Ui own = ui;
  own.canvas = canvas.as_written();
  if (names.size() > 1 && segmented_width(own.canvas, names) < head.w * 0.35F) {
    if (const auto chosen = segmented(own, "rules-host", {x, middle}, names, model_.host))
      context.select(model_.hosts[*chosen]);
    x += segmented_width(own.canvas, names) + canvas.px(16);
  } else if (!names.empty()) {
    x += draw_text(own.canvas, {x, baseline_for_middle(canvas, TextSize::title, middle)}, style::title, colors.text,
                   fit_text(own.canvas, style::title, names[model_.host], head.w * 0.3F)) +
         canvas.px(14);
  }
  const trace::RulesetInfo& ruleset = context.trace.tables().rulesets[model_.ruleset];
  const float small = baseline_for_middle(canvas, TextSize::small, middle);
  const std::string file = std::filesystem::path(ruleset.source_name).filename().string();
  x += draw_text(canvas, {x, small}, style::number, colors.muted, file) + canvas.px(24);
  float right = head.right() - canvas.px(20);
  if (!model_.verdict.empty()) {
    const Color color = model_.tone == RulesModel::Tone::drop ? colors.drop
                        : model_.tone == RulesModel::Tone::ok ? colors.ok
                                                              : colors.accent;
    right = draw_pill(canvas, {right, middle}, model_.verdict, color, PillLook::tinted, Align::right).x - canvas.px(16);
  }
  if (!model_.capsule) return;
  CapsuleLook look = model_.capsule->look();
  look.selected = model_.packet == context.selection.packet;
  const Vec2 size = capsule_size(canvas, look);
  if (x + size.x + canvas.px(40) > right) return;
  const Rect body = draw_capsule(canvas, {x + size.x / 2 + canvas.px(4), middle}, look);
  if (touch(ui, "rules-packet", body).clicked) context.select(model_.packet);
  x = body.right() + canvas.px(16);
  draw_text(canvas, {x, baseline_for_middle(canvas, TextSize::normal, middle)}, style::body, colors.muted,
            fit_text(canvas, style::body, model_.headline, right - x));
}

void RulesPanel::draw_steps(const Ui& ui, Rect bar, const PanelContext& context) const {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(bar, colors.surface);
  canvas.hline(bar.x, bar.right(), bar.y, colors.line);
  bar = bar.inset(canvas.px(16), 0);
  const float middle = bar.center().y;
  const Button change{.label = "Change a rule", .key = "E"};
  if (const float width = button_width(canvas, change); bar.w > width + canvas.px(360)) {
    const Rect place = bar.take_right(width);
    if (button(ui, "rules-what-if", rect_around(place.center(), width, canvas.px(30)), change)) context.what_if("rule");
  }
  struct Choice {
    std::string_view word, back, forward;
    replay::Grain grain;
  };
  for (const Choice& choice : {Choice{"rule", "Alt+Left", "Alt+Right", replay::Grain::rule},
                               Choice{"expression", ",", ".", replay::Grain::expression}}) {
    const float word = text_width(canvas, style::name, choice.word);
    const float width = canvas.px(2 * 32 + 40) + word;
    if (bar.w < width) return;
    const auto square = [&] {
      const Rect place = bar.take_left(canvas.px(32));
      return rect_around(place.center(), canvas.px(30), canvas.px(30));
    };
    const std::string id(choice.word);
    const Rect back = square();
    if (icon_button(ui, id + "-back", back, Icon::step_back)) context.step(choice.grain, replay::Direction::backward);
    bar.take_left(canvas.px(10));
    draw_text(canvas, {bar.x, baseline_for_middle(canvas, TextSize::normal, middle)}, style::name, colors.text,
              choice.word);
    bar.take_left(word + canvas.px(10));
    const Rect forward = square();
    if (icon_button(ui, id + "-forward", forward, Icon::step_forward))
      context.step(choice.grain, replay::Direction::forward);
    bar.take_left(canvas.px(10));
    if (bar.w > canvas.px(180)) {
      const Rect first = draw_keycap(canvas, {bar.x, middle}, choice.back);
      const Rect second = draw_keycap(canvas, {first.right() + canvas.px(4), middle}, choice.forward);
      bar.take_left(second.right() - bar.x);
    }
    bar.take_left(canvas.px(28));
  }
}

void RulesPanel::draw(Ui& ui, Rect area, const PanelContext& context) {
  refresh(context);
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  canvas.fill(area, colors.background);
  const Clip clip(canvas, area);
  if (model_.ruleset >= context.trace.tables().rulesets.size()) {
    draw_note_in(canvas, area, model_.note);
    return;
  }
  Rect rest = area;
  draw_head(ui, rest.take_top(canvas.px(rules_head_height)), context);
  if (!model_.stops.empty() && rest.h > canvas.px(300)) {
    draw_hook_line(ui, rest.take_top(canvas.px(hook_line_height)), model_, context);
  }
  canvas.hline(rest.x, rest.right(), rest.y, colors.line);
  rest.take_top(1);
  if (rest.w >= canvas.px(side_from)) {
    const Rect side = rest.take_right(std::min(canvas.px(side_width), rest.w * 0.42F));
    draw_rule_side(ui, side, model_, tracked_, sets_);
    canvas.vline(side.x, side.y, side.bottom(), colors.line);
  }
  // The keys work without the buttons.
  if (rest.h > canvas.px(260)) draw_steps(ui, rest.take_bottom(canvas.px(steps_height)), context);
  const float height = rest.h / canvas.theme->scale();
  if (height != shown_height_) scroll_frames_ = 2;
  shown_height_ = height;
  draw_code(ui, rest, code_, context.trace.tables().rulesets[model_.ruleset], model_, context, scroll_frames_ > 0);
  if (scroll_frames_ > 0 && --scroll_frames_ > 0 && ui.animating != nullptr) *ui.animating = true;
}

}  // namespace fourtuple::viz
