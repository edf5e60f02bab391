#include "viz/viewer/viewer.h"

#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <utility>

#include "sim/trace/find_host.h"
#include "viz/kit/controls.h"
#include "viz/kit/text.h"
#include "viz/viewer/empty_capture.h"
#include "viz/viewer/forked.h"
#include "viz/viewer/narration.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/status_line.h"

namespace fourtuple::viz {
namespace {

constexpr float top_bar_height = 48, overlay_sheet_below = 1200;
constexpr std::int64_t toast_stays_us = 4'000'000;
constexpr std::uint64_t prepare_slots = 60'000;  // keyframes laid ahead in one frame
constexpr std::int64_t filter_us = 8'000;        // for the filter in one frame
// With so many sockets a slot may cost a page of 64 KiB.
constexpr std::uint32_t crowd = 100'000;
constexpr std::uint64_t prepare_slots_in_crowd = 8'000;

bool is_capture(const trace::Trace& trace) {
  return trace.tables().source == trace::Source::capture;
}

// The middle of the first hop at which a handful of packets is in flight, else the most there ever are.
Time interesting_time(const replay::Indexes& indexes, Time end) {
  const auto& created = indexes.marks().positions(replay::Mark::packet);
  std::vector<replay::Transit> transits;
  Time best = end;
  std::size_t most = 0;
  const std::size_t step = std::max<std::size_t>(created.size() / 200, 1);
  for (std::size_t i = 0; i < created.size(); i += step) {
    const Time at = indexes.trace().at(created[i])->at;
    const std::uint64_t hop = indexes.packets().last_hop({indexes.trace().at(created[i])->subject});
    if (hop == replay::PacketIndex::none) continue;
    const replay::Transit transit = indexes.lanes().transit(hop);
    const Time middle = transit.departs + (transit.arrives - transit.departs) / 2;
    if (middle < at) continue;
    indexes.lanes().in_flight(middle, transits);
    if (transits.size() > most || most == 0) {
      most = std::max<std::size_t>(transits.size(), 1);
      best = middle;
    }
    // A handful can be read; more is no better.
    if (most >= 4) break;
  }
  return best;
}

}  // namespace

Viewer::Viewer(ViewerCalls calls) : calls_(std::move(calls)), fork_(std::make_unique<Forked>()) {}
Viewer::~Viewer() = default;

void Viewer::show(Document document, std::optional<Time> at) {
  toast_us_ = 0;  // what was said is about another file
  // A file shown again keeps its filter, if that still means something.
  const std::string filter = shown_ && shown_->document.path == document.path ? shown_->filter.text() : std::string();
  fork_ = std::make_unique<Forked>();
  reload_errors_.clear();
  left_.reset();
  shown_ = std::make_unique<Shown>(std::move(document));
  if (!filter.empty() && !shown_->filter.set(filter)) say("The filter no longer fits this file: " + filter);
  name_document();
  panels_.reset();
  panels_.map().restore(shown_->document.positions);
  filter_bar_.stop();
  errors_.clear();
  naming_.close();
  open_.close();
  help_.close();
  notes_.close();
  palette_.close();
  if (at) seek(*shown_, *at);
  if (!shown_->document.notes.empty()) {
    const std::size_t more = shown_->document.notes.size() - 1;
    say(shown_->document.notes.front() +
        (more > 0 ? fmt::format(", and {} more note{}", more, more == 1 ? "" : "s") : ""));
    told_notes_ = true;
  }
}

void Viewer::name_document() {
  const std::string& title = shown_->document.trace->tables().title;
  const std::string file = std::filesystem::path(shown_->document.path).filename().string();
  title_ = title.empty() ? file : title;
  subtitle_ = title_ == file ? std::string() : file;
}

void Viewer::go_home() {
  if (!preview_ && calls_.fill_home) calls_.fill_home();
  if (!shown_ || (!preview_ && gallery_.entries().empty())) return;
  if (comparing()) set_fork_aside();
  say("Esc goes back to " + title_);
  left_ = std::move(shown_);
  left_->playback.pause();
  title_.clear();
  subtitle_.clear();
}

void Viewer::come_back() {
  // A run that was still growing when it was left has no more to come.
  if (left_->growth.growing && calls_.open) {
    calls_.open(std::string(left_->document.path));
    return;
  }
  shown_ = std::move(left_);
  name_document();
}

void Viewer::set_preview(Document document) {
  preview_ = std::make_unique<Shown>(std::move(document));
  preview_->playback.set_skip_idle(true);
  preview_->playback.play();
  const Time end = preview_->cursor.end_time();
  if (end.ns > 0) preview_->playback.set_loop(Time{0}, end);
}

void Viewer::show_errors(const std::string& file, std::vector<Error> errors) {
  error_file_ = file;
  errors_ = std::move(errors);
  open_.close();
  help_.close();
  palette_.close();
}

void Viewer::say(std::string words) {
  toast_ = std::move(words);
  told_notes_ = false;
  toast_us_ = toast_stays_us;
}

PanelContext Viewer::context(Shown& shown) {
  return {*shown.document.trace, shown.indexes,        shown.cursor,
          shown.playback,        shown.selection,      shown.document.frame_bytes,
          look_.reduced_motion,  shown.wishes,         shown.document.value_text,
          *shown.document.tools, shown.filter.result()};
}

bool Viewer::select_host_named(std::string_view name) {
  if (!shown_) return false;
  const HostId host = trace::find_host(shown_->document.trace->tables(), name);
  if (!host.valid()) return false;
  shown_->selection.host = host;
  return true;
}

std::string Viewer::host_names() const {
  std::string names;
  if (!shown_) return names;
  const trace::Tables& tables = shown_->document.trace->tables();
  for (const trace::HostInfo& host : tables.topology.hosts) {
    names += (names.empty() ? "" : ", ") + std::string(tables.strings[host.name]);
  }
  return names;
}

void Viewer::set_recent(std::vector<std::string> paths) {
  gallery_.set_recent(paths);
  recent_ = std::move(paths);
}

void Viewer::seek(Time time) {
  if (shown_) seek(*shown_, time);
}

void Viewer::seek_interesting() {
  Shown* shown = shown_ ? shown_.get() : preview_.get();
  if (shown != nullptr) seek(*shown, interesting_time(shown->indexes, shown->cursor.end_time()));
}

void Viewer::start_playing() {
  if (shown_) shown_->playback.play();
}

void Viewer::select_packet(PacketId packet) {
  if (shown_) fulfil(*shown_, {Wish::Kind::select_packet, packet.value, {}, {}});
}

Time Viewer::now() const {
  return shown_ ? leading()->cursor.time() : preview_ ? preview_->cursor.time() : Time{0};
}

bool Viewer::playing() const {
  return shown_ && shown_->playback.playing();
}

const Selection& Viewer::selection() const {
  static const Selection nothing;
  return shown_ ? shown_->selection : nothing;
}

bool Viewer::animating() const {
  const Shown* shown = shown_ ? leading() : preview_.get();
  if (!busy_.empty() || fork_->job != nullptr) return true;
  return shown != nullptr && (shown->playback.playing() || shown->filter.busy() || shown->growth.growing);
}

const replay::FilterResult* Viewer::filter() const {
  return shown_ ? shown_->filter.result() : nullptr;
}

void Viewer::advance(Shown& shown, std::int64_t elapsed_us) {
  if (shown.document.grow && shown.growth.growing) shown.growth = shown.document.grow();
  shown.indexes.refresh();
  shown.cursor.refresh(shown.cursor.state().sockets.end() > crowd ? prepare_slots_in_crowd : prepare_slots);
  shown.filter.advance(filter_us);
  play(shown, elapsed_us);
}

void Viewer::fulfil(Shown& shown, const Wish& wish) {
  switch (wish.kind) {
    case Wish::Kind::select_packet:
      shown.selection.packet = {wish.id};
      shown.selection.flow = shown.indexes.packets().flow({wish.id});
      break;
    case Wish::Kind::select_host:
      shown.selection.host = {wish.id};
      break;
    case Wish::Kind::select_socket:
      shown.selection.socket = {wish.id};
      break;
    case Wish::Kind::select_flow:
      shown.selection.flow = wish.id;
      break;
    case Wish::Kind::seek:
      seek(shown, wish.time);
      break;
    case Wish::Kind::seek_record:
      shown.playback.pause();
      shown.play_until.reset();
      shown.cursor.seek_record(wish.record);
      break;
    case Wish::Kind::step:
      step(shown, wish.grain, wish.direction);
      break;
    case Wish::Kind::open_panel:
      if (wish.panel == PanelKind::why) return show_why(shown);
      panel_ = wish.panel;
      break;
    case Wish::Kind::what_if:
      ask_what_if(wish.words);
      break;
    case Wish::Kind::clear:
      shown.selection = {};
      shown.following = false;
      break;
  }
}

void Viewer::fulfil(Shown& shown) {
  std::vector<Wish> wishes;
  wishes.swap(shown.wishes);
  for (const Wish& wish : wishes) fulfil(shown, wish);
}

void Viewer::draw_map(Ui& ui, const Rect& area, const PanelContext& now) {
  const Canvas& canvas = ui.canvas;
  const float margin = canvas.px(16);
  MapSurroundings around{area.inset(canvas.px(8), canvas.px(12)), {}, true, true};
  around.interactive = !dialog_open();
  const LegendNeeds needs{is_capture(now.trace), !now.trace.tables().rulesets.empty()};
  Rect story, legend;
  const Rect zoom{area.right() - canvas.px(136), area.bottom() - canvas.px(60), canvas.px(136), canvas.px(60)};
  around.covered.push_back(zoom);
  if (!now.trace.tables().captions.empty()) {
    const float height = canvas.px(area.h < canvas.px(520) ? 132 : narration_height);
    story = {area.x + margin, area.bottom() - height - margin,
             std::min(clamped(area.w * 0.5F, canvas.px(narration_width), canvas.px(widest_narration)),
                      area.w - 2 * margin - canvas.px(120)),
             height};
    legend = {story.right() + canvas.px(24), story.y + canvas.px(6), area.right() - story.right() - canvas.px(40),
              story.h};
    around.covered.push_back(story);
  } else {
    legend = {area.x + margin, area.bottom() - canvas.px(42), area.w - canvas.px(168), canvas.px(24)};
  }
  const float lower = story.h > 0 ? area.bottom() - story.y : canvas.px(44);
  around.content.h -= lower;
  around.words = {story, legend, zoom};
  if (shown_->following) around.follow = shown_->selection.packet;
  panels_.map().draw(ui, area, now, around);
  keep_positions(*shown_);
  if (story.h <= 0) {
    draw_legend(canvas, legend, true, needs);
    return;
  }
  if (legend.w > canvas.px(348)) draw_legend(canvas, legend, false, needs);
  if (shown_->quiz.current() != nullptr) return;  // the question stands there
  const GalleryEntry* next = next_lesson();
  tell_story(*shown_, draw_narration(ui, story, now, next != nullptr ? next->title : std::string_view()));
}

Rect Viewer::draw_map_beside(Ui& ui, Rect area, const PanelContext& now) {
  const Canvas& canvas = ui.canvas;
  const Rect map = area.take_left(area.w - clamped(area.w * 0.5F, canvas.px(600), canvas.px(760)));
  const MapSurroundings around{map.inset(canvas.px(8), canvas.px(12)), {}, true, true};
  const Clip clip(canvas, map);
  panels_.map().draw(ui, map, now, around);
  return area;
}

void Viewer::draw_document(Ui& ui, Rect area) {
  const Canvas& canvas = ui.canvas;
  Shown& shown = *leading();
  const Rect timeline = area.take_bottom(canvas.px(timeline_height));
  const Rect question_area = question_place(canvas, area, shown);
  const bool narrow = area.w < canvas.px(overlay_sheet_below), tiny = area.w < canvas.px(small_window_below);
  // Its journey would tell the answer.
  const PanelContext now = context(shown);
  const bool empty = is_empty_capture(now) && !shown.growth.growing;
  const bool wants_sheet = panel_ == PanelKind::map && !empty && !comparing() && !tiny && !shown.quiz.waits() &&
                           (!narrow || shown.selection.packet.valid());
  Rect sheet;
  if (wants_sheet)
    sheet = area.take_right(
        std::min(clamped(area.w * 0.24F, canvas.px(sheet_width), canvas.px(widest_sheet)), area.w * 0.45F));
  if (panel_ == PanelKind::why && !empty && !comparing() && !narrow) area = draw_map_beside(ui, area, now);
  // What was asked is looked at now: the panel ends above the answer.
  if (shown.quiz.current() != nullptr && panel_ != PanelKind::map && question_area.y > area.y)
    area.h = question_area.y - area.y;
  if (empty) {
    if (draw_empty_capture(ui, area, shown.document.notes)) run(Command::open);
  } else if (comparing()) {
    draw_compare(ui, area);
    if (leading() != &shown) return;  // closed, or B was kept
  } else if (panel_ == PanelKind::map) {
    draw_map(ui, area, now);
  } else {
    const Clip clip(canvas, area);
    panels_.draw(panel_, ui, area, now);
  }
  if (wants_sheet && panels_.map().dense() && !shown.selection.packet.valid()) {
    if (dense_sheet_.draw(ui, sheet, now, panels_.map())) run_time(shown, Command::next_drop);
  } else if (wants_sheet) {
    const Sheet::Answer answer = sheet_.draw(ui, sheet, now, shown.following, shown.document.names);
    if (answer.follow) follow(shown);
    if (answer.close) shown.wishes.push_back({});
  }
  draw_question(ui, question_area, shown);
  const TimelineAction action = draw_timeline(ui, timeline, now);
  using Kind = TimelineAction::Kind;
  if (action.kind == Kind::home) run_time(shown, Command::home);
  if (action.kind == Kind::end) run_time(shown, Command::end);
  if (action.kind == Kind::back) run_time(shown, Command::step_back);
  if (action.kind == Kind::forward) run_time(shown, Command::step_forward);
  if (action.kind == Kind::toggle_play) run_time(shown, Command::toggle_play);
  if (action.kind == Kind::bookmark) run_time(shown, Command::bookmark);
  if (action.kind == Kind::loop) run_time(shown, Command::loop);
  if (action.kind == Kind::grain) shown.grain = action.grain;
  if (action.kind == Kind::seek) seek(shown, action.time);
  if (action.kind == Kind::what_if) run(Command::what_if);
  if (action.kind == Kind::name_bookmark) {
    seek(shown, action.time);
    run_time(shown, Command::name_bookmark);
  }
  keep_bookmarks();
  fulfil(shown);
}

void Viewer::draw_gallery(Ui& ui, const Rect& area) {
  Gallery::Preview preview;
  if (preview_) {
    const trace::Tables& tables = preview_->document.trace->tables();
    const auto step = caption_at(tables.captions, preview_->cursor.time());
    preview.title = tables.title;
    preview.caption = step ? tables.captions[*step].title : std::string();
    preview.playing = preview_->playback.playing();
    preview.draw = [this](Ui& inner, const Rect& r) {
      MapSurroundings around{r.inset(inner.canvas.px(8)), {}, false, false};
      preview_map_.draw(inner, r, context(*preview_), around);
    };
  }
  act(gallery_.draw(ui, area, preview));
}

void Viewer::act(const GalleryAction& action) {
  switch (action.kind) {
    case GalleryAction::Kind::none:
      return;
    case GalleryAction::Kind::open:
      if (calls_.open) calls_.open(action.path);
      return;
    case GalleryAction::Kind::open_preview:
      if (preview_ && calls_.open) calls_.open(std::string(preview_->document.path));
      return;
    case GalleryAction::Kind::choose_scenario:
      open_.open(gallery_.entries(), recent_, OpenDialog::Offer::scenarios);
      return;
    case GalleryAction::Kind::choose_capture:
      open_.open(gallery_.entries(), recent_, OpenDialog::Offer::captures);
      return;
    case GalleryAction::Kind::choose_ruleset:
      open_.open(gallery_.entries(), recent_, OpenDialog::Offer::rulesets);
      return;
    case GalleryAction::Kind::play_pause:
      if (preview_) preview_->playback.toggle();
      return;
    case GalleryAction::Kind::step_back:
    case GalleryAction::Kind::step_forward:
      if (preview_)
        run_time(*preview_, action.kind == GalleryAction::Kind::step_back ? Command::step_back : Command::step_forward);
      return;
  }
}

bool Viewer::dialog_open() const {
  return help_.is_open() || notes_.is_open() || open_.is_open() || palette_.is_open() || naming_.is_open() ||
         !errors_.empty() || asking_what_if();
}

std::string Viewer::path() const {
  return shown_ ? shown_->document.path : std::string();
}

void Viewer::open_palette() {
  std::vector<PaletteItem> items = palette_commands(keymap_);
  if (shown_) {
    const trace::Tables& tables = shown_->document.trace->tables();
    for (const trace::HostInfo& host : tables.topology.hosts) {
      const std::string name(tables.strings[host.name]);
      items.push_back({PaletteItem::Kind::host, Command::show_host, "look into " + name, "host", {}, name});
    }
  }
  for (const std::string& path : recent_) {
    const std::string name = std::filesystem::path(path).filename().string();
    items.push_back({PaletteItem::Kind::file, Command::open, "open " + name, "recent file", {}, path});
  }
  palette_.open(std::move(items));
}

// What a dialog chose in this frame.
void Viewer::take_chosen() {
  if (const std::optional<std::string> path = open_.chosen(); path && calls_.open) calls_.open(*path);
  if (const std::optional<Bookmark> named = naming_.chosen(); named && shown_) {
    shown_->bookmarks.rename(named->at, named->name);
    keep_bookmarks();
  }
  const std::optional<PaletteItem> item = palette_.chosen();
  if (!item) return;
  switch (item->kind) {
    case PaletteItem::Kind::command:
      return run(item->command);
    case PaletteItem::Kind::host:
      select_host_named(item->value);
      return run(Command::show_host);
    case PaletteItem::Kind::file:
      if (calls_.open) calls_.open(item->value);
      return;
  }
}

// Dialogs have a window of their own: scrolling areas below are drawn after everything in the root window.
void Viewer::draw_overlays(Ui& ui, const Rect& area) {
  ImGui::SetNextWindowPos(im(area.min()));
  ImGui::SetNextWindowSize({area.w, area.h});
  ImGui::Begin("overlay", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoNav);
  Ui above = ui;
  above.canvas.list = ImGui::GetWindowDrawList();
  // One at a time, in the order in which they are left.
  if (help_.is_open()) {
    help_.draw(above, area, keymap_);
  } else if (notes_.is_open() && shown_) {
    notes_.draw(above, area, std::filesystem::path(shown_->document.path).filename().string(), shown_->document.notes);
  } else if (palette_.is_open()) {
    palette_.draw(above, area);
  } else if (open_.is_open()) {
    open_.draw(above, area);
  } else if (naming_.is_open()) {
    naming_.draw(above, area);
  } else if (!errors_.empty()) {
    if (draw_errors(above, area, error_file_, errors_)) errors_.clear();
  } else {
    draw_fork_dialog(above, area);
  }
  ImGui::End();
}

void Viewer::draw(Ui& ui, const Rect& area, std::int64_t elapsed_us) {
  if (picture_ && shown_) return draw_picture(ui, area);
  const Canvas& canvas = ui.canvas;
  take_fork();
  if (shown_) advance(*leading(), elapsed_us);
  if (!shown_ && preview_) advance(*preview_, elapsed_us);
  toast_us_ = std::max<std::int64_t>(toast_us_ - elapsed_us, 0);
  Rect rest = area;
  const bool presents = shown_ && look_.presenter;
  const Rect bar = presents ? Rect{} : rest.take_top(canvas.px(top_bar_height));
  const Rect status = presents ? Rect{} : take_status(canvas, rest);
  const bool below_dialog = dialog_open();
  {
    // Below a dialog nothing reacts.
    if (below_dialog) ImGui::BeginDisabled();
    Ui lower = ui;
    if (below_dialog) lower.focus = nullptr;
    if (!presents) draw_top_bar(lower, bar);
    if (presents) {
      draw_presenter(lower, rest);
    } else if (shown_) {
      draw_document(lower, rest);
    } else {
      draw_gallery(lower, rest);
    }
    if (status.h > 0) draw_status_line(lower, status);
    if (below_dialog) ImGui::EndDisabled();
  }
  if (!reload_errors_.empty()) draw_reload_strip(ui, rest);
  if (below_dialog) draw_overlays(ui, area);
  take_chosen();
  if (!below_dialog && shown_) filter_bar_.draw_list(ui, area, shown_->filter);
  // What was said about a dialog stands above its dimmed ground.
  if (toast_us_ > 0 && below_dialog && status.h > 0)
    draw_status({{ImGui::GetForegroundDrawList(), canvas.theme, 1}, nullptr, nullptr}, status,
                {toast_, {}, {}, {}, false});
  if (later_) run(*std::exchange(later_, std::nullopt));
}

}  // namespace fourtuple::viz
