// What every panel sees: a trace with its indexes and the state at the time cursor, read only; the shared selection;
// and the list of wishes it may append to. A panel never changes anything else.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/replay/cursor.h"
#include "sim/replay/filter/result.h"
#include "sim/replay/host_tools.h"
#include "sim/replay/indexes.h"
#include "sim/replay/playback.h"
#include "sim/replay/step.h"
#include "sim/replay/value_text.h"
#include "sim/trace/trace.h"
#include "viz/kit/geometry.h"

namespace fourtuple::viz {

enum class PanelKind : std::uint8_t { map, host, ladder, rules, conntrack, sockets, tcp, packet, why };

// One selection for all panels. Absent parts are none().
struct Selection {
  PacketId packet;
  HostId host;
  SocketId socket;
  std::uint32_t flow = 0xffffffffu;
};

// What a panel asks of the viewer, as data.
struct Wish {
  enum class Kind : std::uint8_t {
    select_packet,
    select_host,
    select_socket,
    select_flow,
    seek,
    seek_record,
    step,
    open_panel,
    clear
  };
  Kind kind = Kind::clear;
  std::uint32_t id = 0xffffffffu;  // of what is selected
  Time time{0};                    // seek
  PanelKind panel = PanelKind::map;
  std::uint64_t record = 0;                     // seek_record: the state right after it
  replay::Grain grain = replay::Grain::record;  // step
  replay::Direction direction = replay::Direction::forward;
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
  const replay::ValueText& value_text;  // values of rules as nft prints them, given by the application
  const replay::HostTools& tools;       // tables of ss, lsof and others, names of ports, given by the application
  const replay::FilterResult* filter = nullptr;  // packets people want to see; null: all

  Time now() const { return cursor.time(); }
  bool shows(PacketId packet) const { return filter == nullptr || filter->matches(packet); }
  void select(PacketId packet) const { wishes.push_back({Wish::Kind::select_packet, packet.value, {}, {}}); }
  void select(HostId host) const { wishes.push_back({Wish::Kind::select_host, host.value, {}, {}}); }
  void select(SocketId socket) const { wishes.push_back({Wish::Kind::select_socket, socket.value, {}, {}}); }
  void select_flow(std::uint32_t flow) const { wishes.push_back({Wish::Kind::select_flow, flow, {}, {}}); }
  void seek(Time time) const { wishes.push_back({Wish::Kind::seek, 0, time, {}}); }
  void seek_record(std::uint64_t record) const { wish(Wish::Kind::seek_record).record = record; }
  void step(replay::Grain grain, replay::Direction direction) const {
    Wish& wanted = wish(Wish::Kind::step);
    wanted.grain = grain;
    wanted.direction = direction;
  }
  void open(PanelKind panel) const { wishes.push_back({Wish::Kind::open_panel, 0, {}, panel}); }

 private:
  Wish& wish(Wish::Kind kind) const {
    wishes.push_back({});
    wishes.back().kind = kind;
    return wishes.back();
  }
};

}  // namespace fourtuple::viz
