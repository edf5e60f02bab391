// Playing up to breakpoints, and the commands of marks: bookmarks, the loop, where playback pauses by itself.
#include <algorithm>
#include <fmt/format.h>

#include "viz/viewer/happening.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {
namespace {

using replay::BreakCause;

std::string_view cause_words(BreakCause cause) {
  switch (cause) {
    case BreakCause::drop:
      return "a drop";
    case BreakCause::reset:
      return "a reset";
    case BreakCause::retransmission:
      return "data sent again";
    case BreakCause::state_change:
      return "a change of state";
    case BreakCause::packet:
      return "the chosen packet";
    case BreakCause::flow:
      return "the chosen connection";
    case BreakCause::match:
      return "a match of the filter";
  }
  return "a breakpoint";
}

}  // namespace

void Viewer::play(Shown& shown, std::int64_t elapsed_us) {
  if (!shown.playback.playing()) return;
  // At the end of what there is so far, it waits for more.
  const bool waits = shown.growth.growing && !shown.playback.reverse();
  if (waits && shown.cursor.time() >= shown.cursor.end_time()) return;
  replay::Breakpoints& points = shown.stops.points;
  points.packet = shown.stops.on_selection ? shown.selection.packet : PacketId::none();
  // A chosen packet says more than the connection it belongs to.
  points.flow = shown.stops.on_selection && !points.packet.valid() ? shown.selection.flow : replay::FlowTable::none;
  if (points.flow >= shown.indexes.flows().size()) points.flow = replay::FlowTable::none;
  points.matches = {};
  if (const replay::FilterResult* filter = shown.filter.result(); shown.stops.on_match && filter != nullptr) {
    points.matches = [filter](std::uint64_t position, const trace::Slot&) {
      return std::binary_search(filter->positions().begin(), filter->positions().end(), position);
    };
  }
  const std::uint64_t before = shown.cursor.position();
  const auto stopped = replay::play(shown.cursor, shown.playback, shown.indexes, points, elapsed_us,
                                    shown.play_until.value_or(Time::never()));
  if (shown.quiz.on() && shown.cursor.position() > before && stop_to_ask(shown, before)) return;
  if (!shown.playback.playing() && shown.play_until && (stopped || shown.cursor.time() >= *shown.play_until))
    shown.play_until.reset();
  if (!stopped && waits && !shown.play_until && shown.cursor.time() >= shown.cursor.end_time()) shown.playback.play();
  if (!stopped) return;
  const PacketId packet = replay::packet_of(*shown.document.trace->at(stopped->record));
  if (packet.valid()) fulfil(shown, {Wish::Kind::select_packet, packet.value, {}, {}});
  say(fmt::format("Paused at {}: {}", cause_words(stopped->cause),
                  happening(shown.cursor, shown.indexes, shown.document.value_text)));
}

Bookmarks* Viewer::bookmarks() {
  return shown_ ? &shown_->bookmarks : nullptr;
}

Stops* Viewer::stops() {
  return shown_ ? &shown_->stops : nullptr;
}

bool Viewer::growing() const {
  return shown_ && shown_->growth.growing;
}

void Viewer::set_busy(std::string words, float part) {
  busy_ = std::move(words);
  busy_part_ = part;
}

void Viewer::stop_busy() {
  busy_.clear();
  if (calls_.cancel) calls_.cancel();
}

bool Viewer::shows(const trace::Trace& trace) const {
  return shown_ && shown_->document.trace == &trace;
}

// Stops what goes on beside the picture; false when nothing does.
bool Viewer::stop_growth() {
  if (!busy_.empty()) {
    stop_busy();
    return true;
  }
  if (!shown_ || !shown_->growth.growing) return false;
  shown_->document.stop_growing();
  say("Stopped; what was simulated so far stays");
  return true;
}

// Where playback pauses by itself.
void Viewer::run_stops(Shown& shown, Command command) {
  Stops& stops = shown.stops;
  const auto flip = [this](bool& on, std::string_view what) {
    on = !on;
    say(fmt::format("Playback {} at {}", on ? "pauses" : "no longer pauses", what));
  };
  switch (command) {
    case Command::stop_at_drops:
      return flip(stops.points.on_drop, "drops");
    case Command::stop_at_resets:
      return flip(stops.points.on_reset, "resets");
    case Command::stop_at_resends:
      return flip(stops.points.on_retransmission, "data sent again");
    case Command::stop_at_states:
      return flip(stops.points.on_state_change, "changes of TCP state");
    case Command::stop_at_matches:
      return flip(stops.on_match, "packets that fit the filter");
    case Command::stop_at_selection:
      return flip(stops.on_selection, "the chosen packet or connection");
    default:
      return;
  }
}

void Viewer::run_marks(Shown& shown, Command command) {
  Bookmarks& bookmarks = shown.bookmarks;
  const Time now = shown.cursor.time();
  const auto go = [&](const Bookmark* mark) {
    if (mark == nullptr) return say("No bookmark there; B sets one");
    const Bookmark there = *mark;
    shown.playback.pause();
    seek(shown, there.at);
    if (!there.name.empty()) say(there.name);
  };
  switch (command) {
    case Command::bookmark:
      say(bookmarks.toggle(now, happening(shown.cursor, shown.indexes, shown.document.value_text))
              ? "Bookmark set: a click on its flag, Page Up and Page Down go to it, a double click names it"
              : "Bookmark taken away");
      return;
    case Command::name_bookmark: {
      const Bookmark* here = bookmarks.at(now);
      shown.playback.pause();
      naming_.open(now,
                   here != nullptr ? here->name : happening(shown.cursor, shown.indexes, shown.document.value_text));
      return;
    }
    case Command::next_bookmark:
      return go(bookmarks.after(now));
    case Command::previous_bookmark:
      return go(bookmarks.before(now));
    case Command::loop:
      if (bookmarks.loop()) return run_marks(shown, Command::loop_clear);
      if (bookmarks.loop_begin == now) return say("A is here; go on to where the loop ends and press AB again");
      return run_marks(shown, bookmarks.loop_begin ? Command::loop_end : Command::loop_start);
    case Command::loop_start:
      bookmarks.loop_begin = now;
      return say(bookmarks.loop() ? "The loop begins here" : "A is here; O or AB sets B, the other end of the loop");
    case Command::loop_end:
      bookmarks.loop_end = now;
      return say(bookmarks.loop() ? "Playback loops from A to B" : "B is here; I sets A, the other end of the loop");
    case Command::loop_clear:
      bookmarks.clear_loop();
      return say("No loop");
    case Command::speed_mode:
      return shown.playback.set_mode(shown.playback.mode() == replay::SpeedMode::equal_hops
                                         ? replay::SpeedMode::true_time
                                         : replay::SpeedMode::equal_hops);
    case Command::skip_idle:
      return shown.playback.set_skip_idle(!shown.playback.skip_idle());
    case Command::play_back:
      shown.play_until.reset();
      shown.playback.set_reverse(true);
      return shown.playback.playing() ? shown.playback.pause() : shown.playback.play();
    default:
      return run_stops(shown, command);
  }
}

}  // namespace fourtuple::viz
