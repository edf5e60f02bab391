// `fourtuple render`: pictures for slides, drawn without a display.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/output.h"
#include "app/render/frame_times.h"
#include "app/render/picture.h"
#include "app/replay/lists.h"
#include "app/session.h"
#include "app/view/wanted.h"
#include "app/why/story.h"
#include "sim/replay/indexes.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

constexpr int largest_gif = 1920;

struct Plan {
  Wanted wanted;
  PictureKind kind = PictureKind::png;
  std::optional<Time> from, to;
  std::optional<std::int64_t> length_us;

  bool whole_ladder() const { return kind == PictureKind::svg && (from || to); }
  viz::PanelKind panel() const { return wanted.panel.value_or(viz::PanelKind::map); }
};

Outcome<std::optional<Time>> read_instant(const std::string& text, const std::string& option) {
  if (text.empty()) return std::optional<Time>();
  const auto time = parse_instant(text, option);
  if (!time) return tl::unexpected<Error>(time.error());
  return std::optional(*time);
}

Outcome<void> read_times(const RenderOptions& options, Plan& plan) {
  const auto from = read_instant(options.from, "--from"), to = read_instant(options.to, "--to");
  if (!from) return tl::unexpected<Error>(from.error());
  if (!to) return tl::unexpected<Error>(to.error());
  plan.from = *from;
  plan.to = *to;
  if (plan.from && plan.to && *plan.to < *plan.from) return fail({"--to", 0, 0}, "the end lies before --from");
  if (options.seconds.empty()) return {};
  const bool digits = options.seconds.find_first_not_of("0123456789.") == std::string::npos;
  const auto length = parse_instant(digits ? options.seconds + " s" : options.seconds, "--seconds");
  if (!length) return tl::unexpected<Error>(length.error());
  if (length->ns <= 0) return fail({"--seconds", 0, 0}, "an animation lasts longer than that", "0.1 to 60");
  plan.length_us = length->ns / 1000;
  return {};
}

// What belongs together, before any work is done.
Outcome<void> check_plan(const RenderOptions& options, const Plan& plan) {
  const bool range = plan.from || plan.to;
  if (plan.kind == PictureKind::png && range)
    return fail({options.out, 0, 0}, "a PNG shows one instant", "--at, or a name ending in .gif or .svg");
  if (plan.whole_ladder() && (plan.panel() != viz::PanelKind::ladder || options.window))
    return fail({options.out, 0, 0}, "an SVG of a stretch of time is a ladder", "--panel ladder, or --at");
  if (plan.kind != PictureKind::gif) return {};
  if (!options.view.at.empty())
    return fail({options.out, 0, 0}, "a GIF shows a stretch of time", "--from and --to, or a name ending in .png");
  if (std::max(plan.wanted.stage.width, plan.wanted.stage.height) > largest_gif)
    return fail(
        {"--size", 0, 0},
        fmt::format("a GIF of {}x{}", plan.wanted.stage.width, plan.wanted.stage.height) + " would be very large",
        fmt::format("at most {} pixels wide and high", largest_gif));
  return {};
}

Outcome<Plan> make_plan(const RenderOptions& options) {
  Plan plan;
  const auto kind = picture_kind(options.out);
  if (!kind) return tl::unexpected<Error>(kind.error());
  plan.kind = *kind;
  auto wanted = understand(options.view);
  if (!wanted) return tl::unexpected<Error>(wanted.error());
  plan.wanted = std::move(*wanted);
  if (auto done = read_times(options, plan); !done) return tl::unexpected<Error>(done.error());
  if (auto done = check_plan(options, plan); !done) return tl::unexpected<Error>(done.error());
  if (auto done = check_target(options.out); !done) return tl::unexpected<Error>(done.error());
  return plan;
}

// The middle of the packet's first hop, else when it came to be.
Time moment_of(const replay::Indexes& indexes, PacketId packet) {
  const auto hops = indexes.packets().hops(packet);
  if (hops.empty()) return indexes.trace().at(indexes.packets().created(packet))->at;
  const replay::Transit transit = indexes.lanes().transit(hops.front());
  return transit.departs + (transit.arrives - transit.departs) / 2;
}

Outcome<PacketId> find_packet(const replay::Indexes& indexes, std::uint64_t number) {
  const PacketId packet = packet_with_number(indexes.trace(), number);
  if (packet.valid() && indexes.packets().packet(packet)) return packet;
  return fail({"--packet", 0, 0}, fmt::format("there is no packet {}", number),
              "a number that `fourtuple run --events text` or `replay --packets` prints");
}

// From the packet's creation to its end; else the whole trace.
Animation stretch(const RenderOptions& options, const Plan& plan, const replay::Indexes& indexes, PacketId packet,
                  Time end) {
  Animation animation{Time{0}, end, options.pace == "time" ? Pace::time : Pace::hops, options.fps, plan.length_us};
  if (packet.valid() && plan.kind == PictureKind::gif) {
    animation.from = indexes.trace().at(indexes.packets().created(packet))->at;
    const std::uint64_t last = indexes.packets().end(packet);
    if (last != replay::PacketIndex::none) animation.to = indexes.trace().at(last)->at;
  }
  animation.from = std::min(plan.from.value_or(animation.from), end);
  animation.to = std::max(std::min(plan.to.value_or(animation.to), end), animation.from);
  return animation;
}

void note_beyond(std::optional<Time> time, const char* option, Time end) {
  if (!time || *time <= end) return;
  fmt::print(stderr, "note: {} {} is after the end; {} is shown\n", option, trace::time_text(*time),
             trace::time_text(end));
}

Outcome<void> draw_whole_ladder(Stage& stage, const Plan& plan, const Animation& stretch, const std::string& path) {
  stage.viewer().seek(stretch.to);
  stage.settle();
  const viz::LadderExtent extent = stage.viewer().show_whole_ladder(stretch.from, stretch.to);
  if (extent.arrows == 0) return fail({path, 0, 0}, "no packet was sent between two hosts in that time");
  if (extent.left_out > 0)
    return fail({path, 0, 0}, fmt::format("{} packets more than a ladder can hold", extent.left_out),
                "a shorter stretch, or one conversation with --packet");
  const auto width = static_cast<float>(plan.wanted.stage.width);
  const float height = std::ceil(extent.height * plan.wanted.stage.scale);
  stage.viewer().draw_only(viz::PictureFrame{false, viz::Rect{0, 0, width, height}});
  return save_text(svg_of(stage, width, height), path);
}

Outcome<void> draw(Stage& stage, const RenderOptions& options, const Plan& plan, const Animation& animation,
                   const replay::Indexes& indexes) {
  if (plan.whole_ladder()) return draw_whole_ladder(stage, plan, animation, options.out);
  if (plan.kind == PictureKind::gif) {
    auto times = frame_times(animation, indexes.lanes());
    if (!times) return tl::unexpected<Error>(times.error());
    stage.viewer().seek(times->front());
    stage.settle();
    return save_gif(stage, {std::move(*times), options.fps}, options.out);
  }
  stage.settle();
  if (plan.kind == PictureKind::png) return viz::save_png(stage.surface().read_pixels(), options.out);
  const auto [width, height] = stage.surface().framebuffer_size();
  return save_text(svg_of(stage, static_cast<float>(width), static_cast<float>(height)), options.out);
}

Outcome<void> draw_document(Stage& stage, viz::Document document, const RenderOptions& options, const Plan& plan) {
  replay::Indexes indexes(*document.trace);
  indexes.refresh();
  viz::Viewer& viewer = stage.viewer();
  stage.show(options.view.files.front(), std::move(document));
  viewer.age_message(longest_animation_us);  // what opening had to say is on stderr
  if (auto done = set_the_scene(viewer, options.view, plan.wanted, true); !done) return done;
  PacketId packet = PacketId::none();
  if (options.packet) {
    const auto found = find_packet(indexes, *options.packet);
    if (!found) return tl::unexpected<Error>(found.error());
    packet = *found;
    viewer.select_packet(packet);
    if (!plan.wanted.at) viewer.seek(moment_of(indexes, packet));
  }
  const Time end = indexes.trace().end_time();
  note_beyond(plan.wanted.at, "--at", end);
  note_beyond(plan.from, "--from", end);
  note_beyond(plan.to, "--to", end);
  const bool clock = plan.kind == PictureKind::gif && plan.panel() != viz::PanelKind::ladder;
  if (!options.window) viewer.draw_only(viz::PictureFrame{clock, {}});
  return draw(stage, options, plan, stretch(options, plan, indexes, packet, end), indexes);
}

}  // namespace

int render(const RenderOptions& options) {
  const auto plan = make_plan(options);
  if (!plan) return refuse(plan.error());
  const auto lists = read_lists(options.view.sockets);
  if (!lists) return refuse(lists.error());
  auto document = open_wanted(options.view, lists->owners);
  if (!document) {
    print_errors(document.error());
    return exit_bad_input;
  }
  for (const std::string& note : document->notes) fmt::print(stderr, "note: {}\n", note);
  auto surface = viz::make_offscreen_surface(plan->wanted.stage.width, plan->wanted.stage.height);
  if (!surface) return refuse(surface.error());
  auto stage = Stage::make(std::move(*surface), plan->wanted.stage);
  if (!stage) return refuse(stage.error());
  if (auto done = draw_document(**stage, std::move(*document), options, *plan); !done) return refuse(done.error());
  return exit_ok;
}

}  // namespace fourtuple::app
