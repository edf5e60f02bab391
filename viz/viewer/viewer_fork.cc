// What if: asking, running on a thread, and the two runs side by side with one time cursor.
#include <cmath>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/kit/icons.h"
#include "viz/kit/strokes.h"
#include "viz/viewer/forked.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {
namespace {

constexpr std::uint64_t facts_per_frame = 100'000;            // records
constexpr float timeline_controls = 52, timeline_ticks = 26;  // design pixels above the bars and below the lanes
constexpr auto worth_waiting = std::chrono::milliseconds(60);

// The packet at the first difference: its flow is what the ladders show.
PacketId packet_at(const trace::Trace& trace, std::uint64_t position) {
  return position < trace.published() ? replay::packet_of(*trace.at(position)) : PacketId::none();
}

// The same conversation in another run, which may number it otherwise.
std::uint32_t same_flow(const replay::Indexes& from, std::uint32_t flow, const replay::Indexes& to) {
  if (flow >= from.flows().size()) return 0xffffffffu;
  return to.flows().find(from.flows()[flow].protocol, from.flows()[flow].tuple);
}

}  // namespace

Viewer::Forked::Pair::Pair(const Shown& a, Document document, ForkRequest made)
    : request(std::move(made)),
      b(std::make_unique<Shown>(std::move(document))),
      first(trace::first_difference(*a.document.trace, *b->document.trace, trace::Compared::story)),
      facts(*a.document.trace, replay::state_before(*a.document.trace, request.at), *b->document.trace,
            replay::state_before(*b->document.trace, request.at), request.at) {
  if (!first) same = trace::count_compared(*a.document.trace, trace::Compared::story);
  b_leads = b->cursor.end_time() > a.cursor.end_time();
  b->playback = a.playback;
  b->grain = a.grain;
  b->selection.host = a.selection.host;
}

Viewer::Shown* Viewer::leading() const {
  return fork_->pair && fork_->pair->b_leads ? fork_->pair->b.get() : shown_.get();
}

bool Viewer::comparing() const {
  return fork_->pair != nullptr;
}
bool Viewer::asking_what_if() const {
  return fork_->editor.is_open();
}

const std::string& Viewer::what_if_error() const {
  return fork_->editor.error();
}
const trace::Difference* Viewer::first_difference() const {
  return fork_->pair && fork_->pair->first ? &*fork_->pair->first : nullptr;
}

void Viewer::ask_what_if(const std::string& words) {
  if (!shown_) return;
  if (!shown_->document.fork)
    return say(shown_->document.no_fork.empty() ? "This cannot be run again" : shown_->document.no_fork);
  shown_->playback.pause();
  fork_->editor.open(fork_choices(context(*shown_)), shown_->cursor.time(), words);
}

// The link whose card is open on the map, as a word to look for; "" for none.
std::string Viewer::link_in_question() {
  const NetworkId link = shown_ && panel_ == PanelKind::map ? panels_.map().open_link() : NetworkId::none();
  if (!link.valid()) return {};
  panels_.map().close_link();
  return std::string(trace::network_name(shown_->document.trace->tables(), link));
}

void Viewer::edit_fork() {
  const ForkRequest request = fork_->pair->request;
  fork_->editor.open(fork_choices(context(*shown_)), request.at,
                     request.changes.empty() ? "" : request.changes.front());
}

void Viewer::start_fork(ForkRequest request) {
  auto job = std::make_unique<Forked::Job>();
  job->request = std::move(request);
  job->result = std::async(std::launch::async,
                           [run = shown_->document.fork, job = job.get()] { return run(job->request, job->progress); });
  // What is quick is there at once, without a frame between.
  job->result.wait_for(worth_waiting);
  fork_->job = std::move(job);
  take_fork();
}

void Viewer::take_fork() {
  if (!fork_->job) return;
  Forked::Job& job = *fork_->job;
  if (job.result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    const auto whole = static_cast<float>(std::max<std::int64_t>(shown_->cursor.end_time().ns, 1));
    fork_->editor.set_progress(std::min(static_cast<float>(job.progress.reached_ns) / whole, 1.0F));
    return;
  }
  const std::unique_ptr<Forked::Job> done = std::move(fork_->job);
  auto result = done->result.get();
  if (!result) return fork_->editor.show_error(result.error());
  fork_->editor.close();
  close_fork();
  fork_->pair = std::make_unique<Forked::Pair>(*shown_, std::move(**result), done->request);
  Forked::Pair& pair = *fork_->pair;
  pair.story = story_of(context(*shown_), pair.request.at, pair.request.changes);
  pair.opened_over = panel_;
  pair.now = pair.first ? pair.first->time : shown_->cursor.time();
  shown_->cursor.seek(pair.now);
  pair.b->cursor.seek(pair.now);
  if (!pair.first) return;
  // To where the runs part, with the conversation that parts them.
  if (const PacketId in_a = packet_at(*shown_->document.trace, pair.first->position_a); in_a.valid())
    fulfil(*shown_, {Wish::Kind::select_packet, in_a.value, {}, {}});
  if (const PacketId in_b = packet_at(*pair.b->document.trace, pair.first->position_b); in_b.valid())
    fulfil(*pair.b, {Wish::Kind::select_packet, in_b.value, {}, {}});
  pair.flows[0] = shown_->selection.flow;
  pair.flows[1] = pair.b->selection.flow;
}

void Viewer::set_fork_aside() {
  std::unique_ptr<Forked::Pair> pair = std::move(fork_->pair);
  fork_->pair = nullptr;
  if (pair->b_leads) {
    shown_->playback = pair->b->playback;
    shown_->grain = pair->b->grain;
    seek(*shown_, pair->now);
  }
  fork_->aside = std::move(pair);
  say("This is run A, as it was. Back to both runs: " + to_string(keymap_.chord_of(Command::what_if)));
}

void Viewer::bring_fork_back() {
  fork_->pair = std::move(fork_->aside);
  Forked::Pair& pair = *fork_->pair;
  pair.opened_over = panel_;
  pair.now = shown_->cursor.time();
  pair.b->cursor.seek(pair.now);
  pair.b->playback = shown_->playback;
  pair.b->grain = shown_->grain;
}

void Viewer::close_fork() {
  fork_->aside.reset();
  if (!fork_->pair) return;
  if (fork_->pair->b_leads) {
    shown_->playback = fork_->pair->b->playback;
    shown_->grain = fork_->pair->b->grain;
    seek(*shown_, fork_->pair->now);
  }
  fork_->pair.reset();
}

// B becomes what is shown; its trace keeps all that was before the change.
void Viewer::keep_fork() {
  const Time now = fork_->pair->now;
  std::unique_ptr<Shown> b = std::move(fork_->pair->b);
  if (!fork_->pair->b_leads) b->playback = shown_->playback;
  fork_->pair.reset();
  shown_ = std::move(b);
  panels_.reset();
  seek(*shown_, now);
  const std::string edited = ", changed";
  if (!title_.ends_with(edited)) title_ += edited;
  say("B is what you see now. Open the file again for the run as it was.");
}

// One time cursor and one chosen conversation for both runs.
void Viewer::sync_fork() {
  Forked::Pair& pair = *fork_->pair;
  Shown& lead = *leading();
  Shown& other = pair.b_leads ? *shown_ : *pair.b;
  if (other.cursor.time() != pair.now) lead.cursor.seek(other.cursor.time());  // a click in its ladder
  pair.now = lead.cursor.time();
  if (other.cursor.time() != pair.now) other.cursor.seek(pair.now);
  const std::uint32_t a = shown_->selection.flow, b = pair.b->selection.flow;
  if (a != pair.flows[0] && b == pair.flows[1])
    pair.b->selection.flow = same_flow(shown_->indexes, a, pair.b->indexes);
  else if (b != pair.flows[1] && a == pair.flows[0])
    shown_->selection.flow = same_flow(pair.b->indexes, b, shown_->indexes);
  pair.flows[0] = shown_->selection.flow;
  pair.flows[1] = pair.b->selection.flow;
}

void Viewer::draw_compare(Ui& ui, const Rect& area) {
  Forked::Pair& pair = *fork_->pair;
  // Another panel was asked for by its tab.
  if (panel_ != pair.opened_over) return set_fork_aside();
  sync_fork();
  if (!pair.facts.seek(pair.now, facts_per_frame) && ui.animating != nullptr) *ui.animating = true;
  const PanelContext a = context(*shown_), b = context(*pair.b);
  const CompareAction action = pair.view.draw(
      ui, area, {a, b, pair.request.at, pair.now, pair.story, pair.first, pair.same, pair.facts.differences()});
  // The leading run's wishes are fulfilled with the timeline's.
  fulfil(pair.b_leads ? *shown_ : *pair.b);
  switch (action.kind) {
    case CompareAction::Kind::none:
      return;
    case CompareAction::Kind::keep:
      return keep_fork();
    case CompareAction::Kind::edit:
      return edit_fork();
    case CompareAction::Kind::close:
      return close_fork();
    case CompareAction::Kind::seek:
      leading()->playback.pause();
      return seek(*leading(), action.time);
  }
}

// With two runs, a lane for each.
TimelineAction Viewer::draw_timeline(const Ui& ui, const Rect& area, const PanelContext& now) {
  Shown& shown = *leading();
  const TimelineMarks marks{shown.bookmarks, shown.stops};
  if (!comparing()) return timeline_.draw(ui, area, now, shown.playback, shown.grain, marks);
  const Forked::Pair& pair = *fork_->pair;
  const PanelContext a = context(*shown_), b = context(*pair.b);
  const TimelinePair runs{a, b, pair.first ? std::optional(pair.first->time) : std::nullopt};
  const TimelineAction action = timeline_.draw(ui, area, now, shown.playback, shown.grain, marks, &runs);
  draw_fork_on_timeline(ui.canvas, area);
  return action;
}

// Where the runs part, over the bars and lanes; what follows is tinted.
void Viewer::draw_fork_on_timeline(const Canvas& canvas, const Rect& timeline) const {
  const TimeAxis& axis = timeline_.axis();
  if (axis.to <= axis.from) return;
  const float x = std::round(axis.x_of(fork_->pair->request.at));
  const float top = timeline.y + canvas.px(timeline_controls), bottom = timeline.bottom() - canvas.px(timeline_ticks);
  const Color accent = canvas.colors().accent;
  canvas.fill({x, top, axis.x + axis.width - x, bottom - top}, with_alpha(accent, 0.05F));
  dashed_line(canvas, {x, top}, {x, bottom}, accent, canvas.px(1.5F));
  draw_icon(canvas, Icon::fork, {x + canvas.px(10), top + canvas.px(8)}, accent, 14);
}

void Viewer::draw_fork_dialog(const Ui& ui, const Rect& area) {
  if (!fork_->editor.is_open()) return;
  if (auto request = fork_->editor.draw(ui, area)) start_fork(std::move(*request));
  if (!fork_->editor.is_open()) fork_->job.reset();
}

// Keys while the dialog is open. False: it is not.
bool Viewer::handle_fork(const InputEvent& event, Focus& focus) {
  if (!fork_->editor.is_open()) return false;
  if (event.kind == InputKind::key_down && event.key == Key::escape) {
    fork_->editor.close();
    fork_->job.reset();
    return true;
  }
  // Enter on a button that Tab went to is that button's.
  const bool pressing = event.key == Key::enter && focus.keys() == FocusKeys::press;
  const bool ours = !pressing && (event.key == Key::enter || event.key == Key::up || event.key == Key::down);
  if (ours)
    fork_->editor.handle(event);
  else
    focus.handle(event);
  return true;
}

// True: the command was one of ours, or about the two runs.
bool Viewer::run_fork(Command command) {
  if (!shown_) return command == Command::what_if;  // nothing to ask about
  if (command == Command::what_if) {
    if (comparing()) {
      edit_fork();
      return true;
    }
    const std::string link = link_in_question();
    if (fork_->aside && link.empty())
      bring_fork_back();
    else
      ask_what_if(link);
    return true;
  }
  if (!comparing() || help_.is_open() || !errors_.empty()) return false;
  if (command == Command::leave) {
    close_fork();
    return true;
  }
  if (command == Command::into_host) {
    if (fork_->pair->first) seek(*leading(), fork_->pair->first->time);
    return true;
  }
  if (command == Command::out || (command >= Command::show_map && command <= Command::show_why)) {
    set_fork_aside();
    return false;
  }
  if (command >= Command::toggle_play && command <= Command::next_drop) {
    run_time(*leading(), command);
    return true;
  }
  return false;
}

}  // namespace fourtuple::viz
