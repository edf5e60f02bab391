// A packet on screen. Colour is the flow, shape the protocol, letter the flag, ring a retransmission;
// never colour alone. Text stays horizontal. Main thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "viz/kit/canvas.h"

namespace fourtuple::viz {

enum class PacketShape : std::uint8_t { tcp, udp, icmp };

struct CapsuleLook {
  PacketShape shape = PacketShape::tcp;
  std::size_t flow = 0;        // palette position, see flow_color
  std::string_view text = {};  // "50432→443"
  char badge = 0;              // 'S', 'F', 'R' or 0
  bool ring = false;           // sent again
  bool rewritten = false;      // NAT changed it: the word stands at its upper right corner
  bool selected = false;
  bool inferred = false;  // dashed outline, no fill
  bool future = false;    // hollow, dashed, muted
  float height = 24;      // design pixels; 20 in the ladder
};

// Room that a rewritten capsule's mark takes above it, in design pixels.
constexpr float nat_mark_room = 13;
// Size in framebuffer pixels without halo, ring and mark.
Vec2 capsule_size(const Canvas& canvas, const CapsuleLook& look);
// Draws it centred on `at` and returns its rectangle (for hit tests).
Rect draw_capsule(const Canvas& canvas, Vec2 at, const CapsuleLook& look);
// The small sign of a flow in lists and legends: 16x10 capsule, 10 square or diamond.
void draw_flow_sign(const Canvas& canvas, Vec2 at, PacketShape shape, Color color);
// One packet of many: a single quad, no outline.
void draw_sprite(const Canvas& canvas, Vec2 at, PacketShape shape, Color color);

}  // namespace fourtuple::viz
