#include "viz/kit/svg_tape.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sim/base/check.h"

namespace fourtuple::viz {
namespace {

constexpr float turn = 6.2831853F;

// Hundredths of a pixel, without the zeros that say nothing.
std::string number(float value) {
  std::string text = fmt::format("{:.2f}", std::isfinite(value) ? value : 0.0F);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

// For text and for attributes in double quotes. XML 1.0 has no way to write control characters.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    } else {
      out += ' ';
    }
  }
  return out;
}

// ` NAME="#rrggbb"` and, where it lets something through, its opacity.
std::string paint(std::string_view name, Color color) {
  std::string text = fmt::format(" {}=\"#{:02x}{:02x}{:02x}\"", name, red_of(color), green_of(color), blue_of(color));
  const unsigned alpha = color >> 24;
  if (alpha < 255) text += fmt::format(" {}-opacity=\"{}\"", name, number(static_cast<float>(alpha) / 255));
  return text;
}

std::string stroked(const TapePen& pen) {
  std::string text = " fill=\"none\"" + paint("stroke", pen.color) + " stroke-width=\"" + number(pen.width) + "\"";
  if (pen.dots) {
    text += " stroke-linecap=\"round\" stroke-dasharray=\"0," + number(pen.off) + "\"";
  } else if (pen.on > 0) {
    text += " stroke-dasharray=\"" + number(pen.on) + "," + number(pen.off) + "\"";
  }
  return text;
}

std::string list_of(std::span<const Vec2> points) {
  std::string text;
  for (const Vec2 point : points) text += (text.empty() ? "" : " ") + number(point.x) + "," + number(point.y);
  return text;
}

std::string box_of(const Rect& r) {
  return " x=\"" + number(r.x) + "\" y=\"" + number(r.y) + "\" width=\"" + number(r.w) + "\" height=\"" + number(r.h) +
         "\"";
}

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t three = 0;
    for (std::size_t n = 0; n < 3; ++n) three = three << 8 | (n < left ? bytes[i + n] : 0U);
    for (std::size_t n = 0; n < 4; ++n) out += n <= left ? letters[three >> (18 - 6 * n) & 63] : '=';
  }
  return out;
}

// How the faces are called in a style sheet.
constexpr std::array<std::string_view, face_count> classes = {"w4", "w5", "w6", "m4", "m6"};
constexpr std::string_view sheet =
    ".w4,.w5,.w6{font-family:Inter,'Noto Sans CJK JP','Noto Sans JP','DejaVu Sans',sans-serif}"
    ".m4,.m6{font-family:'JetBrains Mono','Noto Sans CJK JP','DejaVu Sans Mono',monospace}"
    ".w5{font-weight:500}.w6,.m6{font-weight:600}";

}  // namespace

SvgTape::SvgTape(float width, float height, Color background, std::string_view title)
    : width_(width), height_(height), title_(title) {
  SvgTape::fill({0, 0, width, height}, background, 0);
}

std::string SvgTape::document() const {
  FT_CHECK(depth_ == 0);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\" "
      "width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
      "<title>{2}</title>\n<style type=\"text/css\">{3}</style>\n<defs>\n{4}</defs>\n{5}</svg>\n",
      number(width_), number(height_), escaped(title_), sheet, definitions_, body_);
}

void SvgTape::rectangle(const Rect& r, float radius, std::string_view attributes) {
  if (r.empty()) return;
  const float corner = clamped(radius, 0.0F, std::min(r.w, r.h) / 2);
  body_ += "<rect" + box_of(r);
  if (corner > 0) body_ += " rx=\"" + number(corner) + "\"";
  body_.append(attributes).append("/>\n");
}

void SvgTape::fill(const Rect& r, Color color, float radius) {
  rectangle(r, radius, paint("fill", color));
}

void SvgTape::fill_top(const Rect& r, Color color, float radius) {
  const float corner = clamped(radius, 0.0F, std::min(r.w / 2, r.h));
  const std::string c = number(corner), bottom = number(r.bottom());
  body_ += fmt::format("<path d=\"M{0},{1}V{2}a{3},{3},0,0,1,{3},-{3}H{4}a{3},{3},0,0,1,{3},{3}V{1}Z\"{5}/>\n",
                       number(r.x), bottom, number(r.y + corner), c, number(r.right() - corner), paint("fill", color));
}

void SvgTape::stroke(const Rect& r, float radius, const TapePen& pen) {
  rectangle(r, radius, stroked(pen));
}

void SvgTape::polyline(std::span<const Vec2> points, bool closed, const TapePen& pen) {
  body_ += fmt::format("<{} points=\"{}\"{}/>\n", closed ? "polygon" : "polyline", list_of(points), stroked(pen));
}

void SvgTape::polygon(std::span<const Vec2> points, Color color) {
  body_ += "<polygon points=\"" + list_of(points) + "\"" + paint("fill", color) + "/>\n";
}

void SvgTape::disc(Vec2 center, float radius, Color color) {
  body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>\n", number(center.x), number(center.y), number(radius),
                       paint("fill", color));
}

void SvgTape::circle(Vec2 center, float radius, const TapePen& pen) {
  body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>\n", number(center.x), number(center.y), number(radius),
                       stroked(pen));
}

void SvgTape::arc(Vec2 center, float radius, float from_turn, float to_turn, const TapePen& pen) {
  if (to_turn - from_turn >= 1) return circle(center, radius, pen);
  const auto end = [&](float turns) {
    const float angle = (turns - 0.25F) * turn;
    return center + Vec2{std::cos(angle), std::sin(angle)} * radius;
  };
  const Vec2 from = end(from_turn), to = end(to_turn);
  body_ += fmt::format("<path d=\"M{},{}A{},{},0,{},1,{},{}\"{}/>\n", number(from.x), number(from.y), number(radius),
                       number(radius), to_turn - from_turn > 0.5F ? 1 : 0, number(to.x), number(to.y), stroked(pen));
}

void SvgTape::hatch(const Rect& r, float spacing, const TapePen& pen) {
  // Across the lines they stand this far apart; the pattern is turned as a whole.
  const std::string step = number(spacing * 0.70710678F);
  const std::string pattern = fmt::format(
      "width=\"{0}\" height=\"{0}\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><line x1=\"0\" "
      "y1=\"0\" x2=\"0\" y2=\"{0}\"{1}/></pattern>\n",
      step, stroked(pen));
  const auto found = std::find(hatches_.begin(), hatches_.end(), pattern);
  const auto id = static_cast<std::size_t>(found - hatches_.begin()) + 1;
  if (found == hatches_.end()) {
    hatches_.push_back(pattern);
    definitions_ += fmt::format("<pattern id=\"h{}\" {}", id, pattern);
  }
  rectangle(r, 0, fmt::format(" fill=\"url(#h{})\"", id));
}

void SvgTape::text(Vec2 at, std::string_view text, const Letters& letters) {
  body_ += fmt::format(
      "<text class=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" "
      "xml:space=\"preserve\"{}>{}</text>\n",
      classes[static_cast<std::size_t>(letters.face)], number(at.x), number(at.y), number(letters.em),
      number(letters.width), paint("fill", letters.color), escaped(text));
}

void SvgTape::image(const Rect& r, const Image& image) {
  body_ += "<image" + box_of(r) + " preserveAspectRatio=\"none\" image-rendering=\"optimizeSpeed\"" +
           " xlink:href=\"data:image/png;base64," + base64(png_bytes(image)) + "\"/>\n";
}

void SvgTape::begin_clip(const Rect& r) {
  ++depth_;
  ++clip_count_;
  definitions_ += fmt::format("<clipPath id=\"c{}\"><rect{}/></clipPath>\n", clip_count_, box_of(r));
  body_ += fmt::format("<g clip-path=\"url(#c{})\">\n", clip_count_);
}

void SvgTape::end_clip() {
  FT_CHECK(depth_ > 0);
  --depth_;
  body_ += "</g>\n";
}

}  // namespace fourtuple::viz
