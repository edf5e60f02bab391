// What the viewer does with the filter: the box in the bar, commands, and the packets it leads to.
#include <fmt/format.h>

#include "viz/viewer/packet_words.h"
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {
namespace {

// As a word of the filter: quoted when it must be.
std::string word_for(std::string_view name, std::string_view value) {
  const bool plain = value.find_first_of(" ()\"'") == std::string_view::npos;
  return plain ? fmt::format("{}:{}", name, value) : fmt::format("{}:\"{}\"", name, value);
}

}  // namespace

Outcome<void> Viewer::set_filter(const std::string& text) {
  if (!shown_) return {};
  if (auto done = shown_->filter.set(text); !done) return done;
  filter_bar_.remember(shown_->filter.text());
  return {};
}

// What a command made of what is selected.
void Viewer::apply_filter(const std::string& text) {
  if (const auto done = set_filter(text); !done) say(done.error().message);
}

void Viewer::draw_filter_bar(const Ui& ui) {
  if (!shown_) return;
  const PacketFilter& filter = shown_->filter;
  const replay::FilterResult* before = filter.result();
  const std::string text = filter.text();
  filter_bar_.draw(ui, shown_->filter);
  if (filter.result() != before || filter.text() != text) filter_is_new_ = true;
  // A long trace is searched over several frames.
  if (!filter_is_new_ || (filter.result() != nullptr && !filter.result()->finished())) return;
  filter_is_new_ = false;
  if (filter.result() != nullptr && filter.result()->positions().empty())
    say("No packet fits this filter: " + filter.count());
}

void Viewer::filter_to_flow(const Shown& shown) {
  std::uint32_t flow = shown.selection.flow;
  if (flow >= shown.indexes.flows().size()) flow = shown.indexes.packets().flow(shown.selection.packet);
  if (flow >= shown.indexes.flows().size()) return say("Choose a packet first: its conversation becomes the filter");
  apply_filter(fmt::format("flow:{}", flow + 1));
}

void Viewer::filter_to_host(const Shown& shown) {
  const trace::Tables& tables = shown.document.trace->tables();
  const HostId host = shown.selection.host;
  if (host.value >= tables.topology.hosts.size()) return say("Choose a host first: it becomes the filter");
  apply_filter(word_for("host", tables.strings[tables.topology.hosts[host.value].name]));
}

// To the next packet the filter takes, or the one before, and chooses it.
void Viewer::go_to_match(Shown& shown, replay::Direction direction) {
  const replay::FilterResult* result = shown.filter.result();
  if (result == nullptr) return say("No filter is set: click its box, or press /");
  shown.playback.pause();
  shown.play_until.reset();
  replay::Selection about;
  about.matches = &result->positions();
  const auto found = replay::step(shown.indexes, replay::Grain::packet, direction, shown.cursor.position(), about);
  if (!found) {
    const bool forward = direction == replay::Direction::forward;
    if (!result->finished()) return say("The trace is still being searched");
    return say(result->positions().empty() ? "No packet fits the filter"
               : forward                   ? "No packet after this fits the filter"
                                           : "No packet before this fits the filter");
  }
  shown.cursor.seek_record(found->record);
  fulfil(shown, {Wish::Kind::select_packet, shown.document.trace->at(found->record)->subject, {}, {}});
}

bool Viewer::run_filter(Shown& shown, Command command) {
  switch (command) {
    case Command::find:
      if (panel_ == PanelKind::sockets) return false;
      filter_bar_.start(shown.filter);
      return true;
    case Command::filter:
      filter_bar_.start(shown.filter);
      return true;
    case Command::filter_flow:
      filter_to_flow(shown);
      return true;
    case Command::filter_host:
      filter_to_host(shown);
      return true;
    case Command::filter_none:
      shown.filter.clear();
      return true;
    case Command::next_match:
      go_to_match(shown, replay::Direction::forward);
      return true;
    case Command::previous_match:
      go_to_match(shown, replay::Direction::backward);
      return true;
    default:
      return false;
  }
}

}  // namespace fourtuple::viz
