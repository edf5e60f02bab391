// Commands about the network map.
#include "viz/viewer/shown.h"
#include "viz/viewer/viewer.h"

namespace fourtuple::viz {
namespace {

constexpr float nudge = 0.02F;  // part of the map's width or height a key moves a host

}  // namespace

// False: it is none of them.
bool Viewer::run_map(Shown& shown, Command command) {
  MapPanel& map = panels_.map();
  const auto host = [&](bool forward) {
    const HostId next = map.neighbour(shown.selection.host, forward);
    if (next.valid()) fulfil(shown, {Wish::Kind::select_host, next.value, {}, {}});
    return true;
  };
  const auto packet = [&](bool forward) {
    const PacketId next = map.neighbour(shown.selection.packet, forward);
    if (next.valid()) {
      fulfil(shown, {Wish::Kind::select_packet, next.value, {}, {}});
    } else {
      say("No packet is under way");
    }
    return true;
  };
  const auto move = [&](Vec2 by) {
    if (!shown.selection.host.valid()) {
      say("Choose a host first");
    } else {
      map.move_host(shown.selection.host, by);
    }
    return true;
  };
  switch (command) {
    case Command::next_host:
    case Command::previous_host:
      return host(command == Command::next_host);
    case Command::next_under_way:
    case Command::previous_under_way:
      return packet(command == Command::next_under_way);
    case Command::move_host_left:
      return move({-nudge, 0});
    case Command::move_host_right:
      return move({nudge, 0});
    case Command::move_host_up:
      return move({0, -nudge});
    case Command::move_host_down:
      return move({0, nudge});
    case Command::zoom_out:
      if (panel_ != PanelKind::host) return false;
      // Out of a host lies the map, where it was left.
      panel_ = PanelKind::map;
      return true;
    case Command::reset_positions:
      map.reset_positions();
      return true;
    default:
      return false;
  }
}

void Viewer::keep_positions(const Shown& shown) {
  const std::optional<MapPositions> positions = panels_.map().take_changed_positions();
  if (positions && calls_.save_layout) calls_.save_layout(shown.document.path, *positions);
}

}  // namespace fourtuple::viz
