// What every panel sees: a trace with its indexes and the state at the time cursor, read only; the shared selection;
// and the list of wishes it may append to. A panel never changes anything else.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/replay/cursor.h"
#include "sim/replay/indexes.h"
#include "sim/replay/playback.h"
#include "sim/trace/trace.h"
#include "viz/kit/geometry.h"

namespace fourtuple::viz {

enum class PanelKind : std::uint8_t { map, host, ladder, sockets, tcp, packet };

// One selection for all panels. Absent parts are none().
struct Selection {
  PacketId packet;
  HostId host;
  SocketId socket;
  std::uint32_t flow = 0xffffffffu;
};

// What a panel asks of the viewer, as data.
struct Wish {
  enum class Kind : std::uint8_t { select_packet, select_host, select_socket, select_flow, seek, open_panel, clear };
  Kind kind = Kind::clear;
  std::uint32_t id = 0xffffffffu;  // of what is selected
  Time time{0};                    // seek
  PanelKind panel = PanelKind::map;
};

// Bytes of a captured frame's payload or of the whole frame, given by the application (viz knows no captures). False
// when the trace does not come from a capture.
using FrameBytes = std::function<bool(PacketId, std::string& frame, std::uint32_t& original_length)>;

struct PanelContext {
  const trace::Trace& trace;
  const replay::Indexes& indexes;
  const replay::Cursor& cursor;
  const replay::Playback& playback;
  const Selection& selection;
  const FrameBytes& frame_bytes;
  bool reduced_motion = false;
  std::vector<Wish>& wishes;

  Time now() const { return cursor.time(); }
  void select(PacketId packet) const { wishes.push_back({Wish::Kind::select_packet, packet.value, {}, {}}); }
  void select(HostId host) const { wishes.push_back({Wish::Kind::select_host, host.value, {}, {}}); }
  void select(SocketId socket) const { wishes.push_back({Wish::Kind::select_socket, socket.value, {}, {}}); }
  void select_flow(std::uint32_t flow) const { wishes.push_back({Wish::Kind::select_flow, flow, {}, {}}); }
  void seek(Time time) const { wishes.push_back({Wish::Kind::seek, 0, time, {}}); }
  void open(PanelKind panel) const { wishes.push_back({Wish::Kind::open_panel, 0, {}, panel}); }
};

}  // namespace fourtuple::viz
