// Cards of the network map: a host with its programs, and the chip of one program with its port. Main thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "viz/kit/canvas.h"
#include "viz/kit/icons.h"

namespace fourtuple::viz {

struct ProcessChip {
  std::string name = {};                 // "caddy"
  std::string pid = {};                  // "811"; may be empty
  std::string port = {};                 // ":443", "lo :3000"; may be empty
  std::optional<std::size_t> flow = {};  // nothing: no traffic yet, grey square
  bool loopback_only = false;            // dashed outline round the port
  bool selected = false;
  bool changed = false;
};

struct HostCard {
  Icon icon = Icon::server;
  std::string name = {};
  std::string address = {};
  std::vector<ProcessChip> chips = {};
  bool selected = false;
  bool hovered = false;
};

constexpr float host_card_header = 43;  // design pixels
constexpr float host_card_width = 216;  // the narrowest

// A plain card: surface, 1 px line, radius 8; `edge` replaces the line's colour when not 0.
void draw_card(const Canvas& canvas, const Rect& r, Color edge = 0, float radius = 8);
// Of the name in its header; a very long one is cut there.
float host_name_width(const Canvas& canvas, std::string_view name);
// Wide enough for its texts, high enough for its chips; framebuffer pixels.
Vec2 host_card_size(const Canvas& canvas, const HostCard& card);
// Draws it and returns where each chip is (same order), for hit tests. With more room below the chips,
// the caller draws its own content there (a router's NAT table).
std::vector<Rect> draw_host_card(const Canvas& canvas, const Rect& r, const HostCard& card);
void draw_process_chip(const Canvas& canvas, const Rect& r, const ProcessChip& chip);
// Port in a small outlined tag, right edge at `right_middle`; returns its rectangle.
Rect draw_port_tag(const Canvas& canvas, Vec2 right_middle, std::string_view port, Color edge, bool dashed);

}  // namespace fourtuple::viz
