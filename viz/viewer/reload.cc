// The same file again, after somebody changed it: what is chosen stays, as far as it is there by name; and what is
// wrong with it, while the last good version stays on show.
#include <filesystem>
#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/kit/controls.h"
#include "viz/kit/text.h"
#include "viz/panels/common/names.h"
#include "viz/viewer/forked.h"
#include "viz/viewer/packet_words.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {
namespace {

constexpr std::uint32_t none = 0xffffffffu;

HostId same_host(const trace::Tables& from, HostId host, const trace::Tables& to) {
  const std::string_view name = trace::host_name(from, host);
  for (std::uint32_t i = 0; !name.empty() && i < to.topology.hosts.size(); ++i)
    if (trace::host_name(to, {i}) == name) return {i};
  return HostId::none();
}

AddressId same_address(const trace::Tables& from, AddressId address, const trace::Tables& to) {
  return address.value < from.addresses.size() ? to.addresses.find(from.addresses[address]) : AddressId::none();
}

FourTuple same_tuple(const trace::Tables& from, const FourTuple& tuple, const trace::Tables& to) {
  FourTuple same = tuple;
  same.local = same_address(from, tuple.local, to);
  same.remote = same_address(from, tuple.remote, to);
  return same;
}

SocketId same_socket(const trace::Tables& from, const state::State& before, SocketId socket, const trace::Tables& to,
                     const state::State& now) {
  const state::Socket* old = find_socket(before, socket);
  if (old == nullptr) return SocketId::none();
  const HostId host = same_host(from, old->host, to);
  const FourTuple tuple = same_tuple(from, old->tuple, to);
  for (std::uint32_t i = 0; i < now.sockets.end(); ++i) {
    if (!now.sockets.alive(i)) continue;
    const state::Socket& other = now.sockets[i];
    if (other.host == host && other.protocol == old->protocol && other.tuple == tuple) return {i};
  }
  return SocketId::none();
}

// Packets have no names: the one of that number, if it says the same.
PacketId same_packet(const trace::Trace& from, const replay::PacketIndex& before, PacketId packet,
                     const trace::Trace& to, const replay::PacketIndex& now) {
  const auto old = before.packet(packet), other = now.packet(packet);
  if (!old || !other || headline(from.tables(), *old) != headline(to.tables(), *other)) return PacketId::none();
  return packet;
}

}  // namespace

void Viewer::reload(Document document, std::string words) {
  if (!shown_) return show(std::move(document));
  close_fork();
  fork_ = std::make_unique<Forked>();
  auto fresh = std::make_unique<Shown>(std::move(document));
  const Shown& old = *shown_;
  fresh->playback = old.playback;
  fresh->grain = old.grain;
  fresh->bookmarks = old.bookmarks;
  fresh->stops = old.stops;
  if (const std::string& filter = old.filter.text(); !filter.empty() && !fresh->filter.set(filter))
    words = "The filter no longer fits this file: " + filter;
  seek(*fresh, old.cursor.time());
  const trace::Trace &from = *old.document.trace, &to = *fresh->document.trace;
  Selection& chosen = fresh->selection;
  chosen.host = same_host(from.tables(), old.selection.host, to.tables());
  chosen.packet = same_packet(from, old.indexes.packets(), old.selection.packet, to, fresh->indexes.packets());
  chosen.socket =
      same_socket(from.tables(), old.cursor.state(), old.selection.socket, to.tables(), fresh->cursor.state());
  if (const std::uint32_t flow = old.selection.flow; flow < old.indexes.flows().size()) {
    const replay::Flow& told = old.indexes.flows()[flow];
    const std::uint32_t found =
        fresh->indexes.flows().find(told.protocol, same_tuple(from.tables(), told.tuple, to.tables()));
    chosen.flow = found == replay::FlowTable::none ? none : found;
  }
  fresh->following = old.following && chosen.packet.valid();
  shown_ = std::move(fresh);
  panels_.reset();
  panels_.map().restore(shown_->document.positions);
  errors_.clear();
  reload_errors_.clear();
  if (!to.tables().title.empty()) title_ = to.tables().title;
  if (!words.empty()) say(std::move(words));
}

void Viewer::show_reload_errors(std::vector<Error> errors) {
  reload_errors_ = std::move(errors);
}

// Above the timeline, over whatever panel; pressing it tells all faults.
void Viewer::draw_reload_strip(const Ui& ui, const Rect& area) {
  Ui above = ui;
  above.canvas.list = ImGui::GetForegroundDrawList();
  const Canvas& canvas = above.canvas;
  const Palette& colors = canvas.colors();
  const Rect strip{area.x + canvas.px(16), area.bottom() - canvas.px(timeline_height + 52), area.w - canvas.px(32),
                   canvas.px(40)};
  Rect inner = strip.inset(canvas.px(14), 0);
  const Rect close = inner.take_right(canvas.px(24));
  const Touch closing = touch(above, "close reload errors", close);
  const Touch whole = touch(above, "reload errors", inner);
  canvas.fill(strip, colors.raised, canvas.px(8));
  canvas.stroke(strip, whole.hovered ? colors.drop : with_alpha(colors.drop, 0.6F), canvas.px(1.5F), canvas.px(8));
  if (whole.focused || closing.focused) draw_focus(canvas, whole.focused ? inner : close, canvas.px(4));
  draw_icon(canvas, Icon::cross, close.center(), closing.hovered ? colors.text : colors.muted, 14);
  const Error& first = reload_errors_.front();
  std::string place = std::filesystem::path(first.where.file).filename().string();
  if (first.where.line > 0) place += fmt::format(":{}:{}", first.where.line, first.where.column);
  const std::string stays = reload_errors_.size() > 1
                                ? fmt::format("and {} more; the last good version stays", reload_errors_.size() - 1)
                                : "the last good version stays";
  draw_text_in(canvas, inner.take_right(text_width(canvas, style::label, stays) + canvas.px(12)), style::label,
               colors.muted, stays, Align::left, 6);
  draw_icon(canvas, Icon::cross, inner.take_left(canvas.px(18)).center(), colors.drop, 18);
  inner.take_left(canvas.px(6));
  inner.take_left(draw_text_in(canvas, inner, style::number_strong, colors.text, place) + canvas.px(12));
  std::string words = first.message;
  if (!first.expected.empty()) words += "; expected " + first.expected;
  draw_text_in(canvas, inner, style::label, colors.text, words);
  if (whole.clicked) show_errors(first.where.file, reload_errors_);
  if (closing.clicked) reload_errors_.clear();
}

}  // namespace fourtuple::viz
