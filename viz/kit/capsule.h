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
// Packets of a crowd: a single quad each, 3 x 2.6, `square` for those without a connection.
struct SpriteQuad {
  Vec2 at;
  Color color = 0;
  bool square = false;
};
// `quad_of(i)` for i from 0 to count - 1; all in one reservation of the draw list.
template <class QuadOf>
void draw_sprite_quads(const Canvas& canvas, std::size_t count, const QuadOf& quad_of) {
  // An index has 16 bits unless ImGui is built otherwise: PrimReserve starts a new draw when they run out.
  constexpr std::size_t at_once = 4096;
  const float half_h = canvas.px(1.3F), half_w = canvas.px(1.5F);
  for (std::size_t from = 0; from < count; from += at_once) {
    const std::size_t to = std::min(count, from + at_once);
    canvas.list->PrimReserve(static_cast<int>(6 * (to - from)), static_cast<int>(4 * (to - from)));
    for (std::size_t i = from; i < to; ++i) {
      const SpriteQuad quad = quad_of(i);
      const float w = quad.square ? half_h : half_w;
      canvas.list->PrimRect({quad.at.x - w, quad.at.y - half_h}, {quad.at.x + w, quad.at.y + half_h},
                            canvas.tint(quad.color));
    }
  }
}

}  // namespace fourtuple::viz
