// What keys and buttons do to time, selection and panels.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "viz/panels/sockets/sockets_panel.h"
#include "viz/panels/why/why_panel.h"
#include "viz/viewer/narration.h"
#include "viz/viewer/packet_words.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {

using replay::Direction;
using replay::Grain;

namespace {

bool has_ruleset(const state::State& state, HostId host) {
  return host.value < state.rulesets.size() && state.rulesets[host.value] != state::no_ruleset;
}

// What to say when there is nothing of this grain ahead.
std::string_view no_more(Grain grain) {
  switch (grain) {
    case Grain::drop:
      return "No packet is dropped after this";
    case Grain::packet:
      return "No packet is sent after this";
    case Grain::flow:
      return "No packet of this conversation is sent after this";
    case Grain::record:
    case Grain::stage:
    case Grain::hop:
      return "Nothing happens after this";
    default:
      return "Nothing more of this kind";
  }
}

}  // namespace

void Viewer::seek(Shown& shown, Time time) {
  shown.play_until.reset();
  shown.cursor.seek(clamped(time, Time{0}, shown.cursor.end_time()));
}

void Viewer::step(Shown& shown, Grain grain, Direction direction) {
  shown.playback.pause();
  shown.play_until.reset();
  replay::Selection about;
  about.flow = shown.selection.flow == 0xffffffffu ? replay::FlowTable::none : shown.selection.flow;
  if (grain == Grain::rule || grain == Grain::expression) return step_rule(shown, grain, direction);
  // Stepping by hops stays with a packet only while it is followed.
  if (shown.following) about.packet = shown.selection.packet;
  if (shown.filter.result() != nullptr) about.matches = &shown.filter.result()->positions();
  if (grain == Grain::flow && about.flow == replay::FlowTable::none) grain = Grain::packet;
  if (grain == Grain::same_kind) {
    const std::uint64_t last = shown.cursor.last_record();
    if (last == trace::Index::none) return;
    about.kind = shown.document.trace->at(last)->kind;
  }
  const auto found = replay::step(shown.indexes, grain, direction, shown.cursor.position(), about);
  if (found) {
    shown.cursor.seek_record(found->record);
    return;
  }
  if (direction == Direction::backward) {
    seek(shown, Time{0});
  } else {
    if (std::exchange(shown.following, false)) return say("The packet ends here; from now on all packets are followed");
    say(std::string(no_more(grain)));
  }
}

// Through the rules with the selected packet; with none, or at the end of one that no person chose, with the next that
// meets rules.
void Viewer::step_rule(Shown& shown, Grain grain, Direction direction) {
  const bool forward = direction == Direction::forward;
  replay::Selection about;
  about.packet = shown.selection.packet;
  if (has_ruleset(shown.cursor.state(), shown.selection.host)) about.host = shown.selection.host;
  auto found = replay::step(shown.indexes, grain, direction, shown.cursor.position(), about);
  if (!found && about.packet.valid() && about.packet == shown.walked) {
    about.packet = PacketId::none();
    found = replay::step(shown.indexes, grain, direction, shown.cursor.position(), about);
  }
  if (!found) {
    if (forward)
      return say(about.packet.valid() ? "No more rules for this packet" : "No packet meets rules after this");
    if (shown.selection.packet == shown.walked) {
      shown.selection.packet = PacketId::none();
      shown.selection.flow = replay::FlowTable::none;
    }
    return seek(shown, Time{0});
  }
  shown.cursor.seek_record(found->record);
  const PacketId packet = replay::packet_of(*shown.document.trace->at(found->record));
  if (packet == shown.selection.packet) return;
  const bool next = shown.walked.valid();
  fulfil(shown, {Wish::Kind::select_packet, packet.value, {}, {}});
  shown.walked = packet;
  if (const auto header = shown.indexes.packets().packet(packet); next && header)
    say((forward ? "Next packet: " : "Packet before: ") + headline(shown.document.trace->tables(), *header));
}

void Viewer::go_to_caption(Shown& shown, bool forward) {
  const auto& captions = shown.document.trace->tables().captions;
  const Time now = shown.cursor.time();
  const auto play_to = [&](Time until) {
    shown.play_until = until;
    shown.playback.set_reverse(false);
    shown.playback.play();
  };
  if (forward) {
    if (shown.play_until) {
      // Pressed again while it plays there: go there at once.
      const Time target = *shown.play_until;
      shown.playback.pause();
      return seek(shown, target);
    }
    for (const trace::Caption& caption : captions) {
      if (caption.from <= now) continue;
      return play_to(caption_moment(shown, static_cast<std::size_t>(&caption - captions.data())));
    }
    if (now < shown.cursor.end_time()) return play_to(shown.cursor.end_time());
    return say("That was the last step");
  }
  shown.playback.pause();
  const auto at = caption_at(captions, now);
  seek(shown, at && *at > 0 ? caption_moment(shown, *at - 1) : Time{0});
}

// Opens the panel with the question; pressed again on its chain, goes back.
void Viewer::show_why(Shown& shown) {
  shown.playback.pause();
  WhyPanel& why = panels_.why();
  const PanelContext now = context(shown);
  if (panel_ == PanelKind::why && why.on_chain(now)) {
    panel_ = why.opened_from;
    return;
  }
  why.ask(now);
  if (panel_ == PanelKind::why) return;
  why.opened_from = panel_;
  panel_ = PanelKind::why;
}

void Viewer::follow(Shown& shown) {
  if (shown.following) {
    shown.following = false;
    return;
  }
  if (!shown.selection.packet.valid()) {
    // Nothing chosen: the packet that moved last.
    const std::uint64_t last = shown.indexes.marks().previous(replay::Mark::packet, shown.cursor.position());
    if (last == trace::Index::none) return say("No packet has moved yet");
    const PacketId packet = replay::packet_of(*shown.document.trace->at(last));
    if (!packet.valid()) return say("Choose a packet first");
    fulfil(shown, {Wish::Kind::select_packet, packet.value, {}, {}});
  }
  shown.following = true;
  shown.grain = Grain::hop;
}

void Viewer::run_time(Shown& shown, Command command) {
  const auto speed = [&](int by) {
    shown.playback.set_speed(shown.playback.speed() + by);
    return;
  };
  switch (command) {
    case Command::toggle_play:
      shown.play_until.reset();
      if (!shown.playback.playing() && shown.cursor.time() >= shown.cursor.end_time()) seek(shown, Time{0});
      if (!shown.playback.playing()) shown.playback.set_reverse(false);
      return shown.playback.toggle();
    case Command::step_forward:
      return step(shown, shown.grain, Direction::forward);
    case Command::step_back:
      return step(shown, shown.grain, Direction::backward);
    case Command::hop_forward:
      return step(shown, Grain::hop, Direction::forward);
    case Command::hop_back:
      return step(shown, Grain::hop, Direction::backward);
    case Command::flow_forward:
      return step(shown, Grain::flow, Direction::forward);
    case Command::flow_back:
      return step(shown, Grain::flow, Direction::backward);
    case Command::rule_forward:
      return step(shown, Grain::rule, Direction::forward);
    case Command::rule_back:
      return step(shown, Grain::rule, Direction::backward);
    case Command::expression_forward:
      return step(shown, Grain::expression, Direction::forward);
    case Command::expression_back:
      return step(shown, Grain::expression, Direction::backward);
    case Command::next_same:
      return step(shown, Grain::same_kind, Direction::forward);
    case Command::previous_same:
      return step(shown, Grain::same_kind, Direction::backward);
    case Command::next_drop:
      step(shown, Grain::drop, Direction::forward);
      if (const std::uint64_t last = shown.cursor.last_record();
          last != trace::Index::none && shown.document.trace->at(last)->kind == trace::Kind::packet_dropped) {
        fulfil(shown, {Wish::Kind::select_packet, shown.document.trace->at(last)->subject, {}, {}});
      }
      return;
    case Command::home:
      shown.playback.pause();
      return seek(shown, Time{0});
    case Command::end:
      shown.playback.pause();
      return seek(shown, shown.cursor.end_time());
    case Command::faster:
      return speed(1);
    case Command::slower:
      return speed(-1);
    default:
      return run_marks(shown, command);
  }
}

void Viewer::leave() {
  if (help_.is_open()) {
    help_.close();
  } else if (notes_.is_open()) {
    notes_.close();
  } else if (palette_.is_open()) {
    palette_.close();
  } else if (open_.is_open()) {
    open_.close();
  } else if (naming_.is_open()) {
    naming_.close();
  } else if (!errors_.empty()) {
    errors_.clear();
  } else if (stop_growth()) {
    return;
  } else if (shown_ && panel_ == PanelKind::map && panels_.map().close_link()) {
    return;
  } else if (shown_ && look_.presenter) {
    look_.presenter = false;
  } else if (shown_ && panel_ != PanelKind::map) {
    panel_ = PanelKind::map;
  } else if (shown_ && (shown_->selection.packet.valid() || shown_->selection.host.valid())) {
    shown_->wishes.push_back({});
  } else if (shown_ && shown_->filter.result() != nullptr) {
    shown_->filter.clear();
  } else if (shown_) {
    go_home();
  } else if (left_) {
    come_back();
  }
}

// Commands that need no trace. False: it was none of them.
bool Viewer::run_window(Command command) {
  switch (command) {
    case Command::help:
      help_.is_open() ? help_.close() : help_.open();
      return true;
    case Command::show_notes:
      if (shown_) notes_.is_open() ? notes_.close() : notes_.open();
      return true;
    case Command::palette:
      palette_.is_open() ? palette_.close() : open_palette();
      return true;
    case Command::leave:
      leave();
      return true;
    case Command::open:
      open_.open(gallery_.entries(), recent_);
      return true;
    case Command::show_gallery:
      go_home();
      return true;
    default:
      return run_look(command);
  }
}

bool Viewer::run_look(Command command) {
  constexpr float step = 0.25F;
  const auto scale = [&](float wanted) {
    look_.scale = clamped(wanted, 1.0F, largest_scale);
    say(fmt::format("text at {} %", static_cast<int>(look_.scale * 100)));
  };
  switch (command) {
    case Command::theme:
      look_.look = look_after(look_.look);
      return true;
    case Command::presenter:
      look_.presenter = !look_.presenter;
      return true;
    case Command::scale_up:
      scale(look_.scale + step);
      return true;
    case Command::scale_down:
      scale(look_.scale - step);
      return true;
    case Command::scale_reset:
      scale(1);
      return true;
    case Command::language:
      look_.japanese = !look_.japanese;
      return true;
    case Command::reduced_motion:
      look_.reduced_motion = !look_.reduced_motion;
      say(look_.reduced_motion ? "less motion" : "usual motion");
      return true;
    default:
      return false;
  }
}

// The arrows tell the story while there is one. False: the command is none of presenting.
bool Viewer::present(Command command) {
  const bool forward = command == Command::step_forward;
  if (!forward && command != Command::step_back) return false;
  if (shown_->document.trace->tables().captions.empty()) {
    run_time(*shown_, command);
  } else {
    go_to_caption(*shown_, forward);
  }
  return true;
}

void Viewer::run(Command command) {
  toast_us_ = 0;  // what was said is about the action before
  if (run_fork(command) || run_window(command) || run_save(command)) return;
  if (shown_ && look_.presenter && present(command)) return;
  if (!shown_) {
    if (command == Command::into_host) act({GalleryAction::Kind::open_preview, {}});
    // The keys 1 and 2 of the large choices.
    if (command == Command::show_map) act({GalleryAction::Kind::choose_scenario, {}});
    if (command == Command::show_host) act({GalleryAction::Kind::choose_capture, {}});
    if (command == Command::show_ladder) act({GalleryAction::Kind::choose_ruleset, {}});
    if (command == Command::find) gallery_.search();
    if (preview_) run_time(*preview_, command);
    return;
  }
  Shown& shown = *shown_;
  if (run_map(shown, command)) return;
  if (run_filter(shown, command)) return;
  switch (command) {
    case Command::show_map:
    case Command::out:
      panel_ = PanelKind::map;
      return;
    case Command::into_host:
      if (panel_ == PanelKind::why) return panels_.why().go_to_cause(context(shown));
      [[fallthrough]];
    case Command::show_host:
      panel_ = PanelKind::host;
      return;
    case Command::show_ladder:
      panel_ = PanelKind::ladder;
      return;
    case Command::show_rules:
      panel_ = PanelKind::rules;
      return;
    case Command::show_conntrack:
      panel_ = PanelKind::conntrack;
      return;
    case Command::show_sockets:
      panel_ = PanelKind::sockets;
      return panels_.sockets().show_table();
    case Command::show_ports:
      panel_ = PanelKind::sockets;
      return panels_.sockets().show_tab(map_tab);
    case Command::find:
      return panels_.sockets().find();
    case Command::show_tcp:
      panel_ = PanelKind::tcp;
      return;
    case Command::show_packet:
      panel_ = PanelKind::packet;
      return;
    case Command::predict:
      return toggle_quiz(shown);
    case Command::show_why:
      return show_why(shown);
    case Command::next_cause:
    case Command::previous_cause:
      if (panel_ == PanelKind::why) panels_.why().walk(context(shown), command == Command::next_cause ? 1 : -1);
      return;
    case Command::follow:
      return follow(shown);
    case Command::fit:
      return panel_ == PanelKind::sockets ? panels_.sockets().fit() : panels_.map().fit();
    case Command::zoom_in:
      return panel_ == PanelKind::sockets ? panels_.sockets().zoom_by(1) : panels_.map().zoom_by(1.25F);
    case Command::zoom_out:
      return panel_ == PanelKind::sockets ? panels_.sockets().zoom_by(-1) : panels_.map().zoom_by(1 / 1.25F);
    default:
      return run_time(shown, command);
  }
}

// A page of text above everything: keys scroll it, and leaving it takes one key, wherever the focus is.
bool Viewer::handle_page(const InputEvent& event, std::optional<Command> command, Focus& focus) {
  if (!help_.is_open() && !notes_.is_open() && errors_.empty()) return false;
  if (command == Command::leave) {
    focus.clear();
    leave();
    return true;
  }
  if (help_.is_open()) return help_.keys().handle(event);
  return notes_.is_open() && notes_.keys().handle(event);
}

void Viewer::handle(const InputEvent& event, Focus& focus) {
  if (event.kind == InputKind::file_drop) {
    if (calls_.open) calls_.open(event.text);
    return;
  }
  if (event.kind != InputKind::key_down) return;
  if (help_.awaiting()) return say(help_.take_key(event, keymap_));
  if (open_.is_open() && open_.handle(event)) return;
  if (palette_.is_open() && palette_.handle(event)) return;
  const std::optional<Command> command = keymap_.command_for(event);
  if (naming_.is_open()) {
    if (command == Command::leave) return leave();
    if (!naming_.handle(event)) focus.handle(event);
    return;
  }
  // These lists have a field to type in: only leaving gets past it.
  if (open_.is_open() || palette_.is_open()) {
    if (command == Command::leave || command == Command::palette) leave();
    return;
  }
  if (handle_page(event, command, focus) || handle_fork(event, focus) || walk_gallery(event, focus)) return;
  if (filter_bar_.handle(event, focus) || focus.handle(event)) return;
  if (handle_question(event)) return;
  if (!command) return;
  if (dialog_open() && *command != Command::leave && *command != Command::help && *command != Command::show_notes)
    return;
  run(*command);
}

}  // namespace fourtuple::viz
