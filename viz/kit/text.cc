#include "viz/kit/text.h"

#include <cfloat>
#include <cmath>

namespace fourtuple::viz {
namespace {

// Inter and JetBrains Mono have capitals of 0.73 em; their middle is 0.36 em above the baseline.
constexpr float half_capital = 0.36F;
constexpr std::string_view dots = "…";

ImFont* font_of(const Canvas& canvas, TextStyle style) {
  return canvas.theme->fonts().at(style.face, style.size);
}

float left_end(float x, float width, Align align) {
  return align == Align::left ? x : align == Align::center ? x - width / 2 : x - width;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}
// Three- and four-byte letters from U+2E80 on: kana, ideographs, full-width signs.
bool is_wide(char c) {
  return static_cast<unsigned char>(c) >= 0xE3;
}

std::size_t letter_end(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && is_continuation(text[at])) ++at;
  return at;
}

// Marks that must not begin a line: 、 。 ） 」 and the like.
bool may_not_begin_line(std::string_view letter) {
  for (const std::string_view mark : {"、", "。", "）", "」", "』", "？", "！", "：", "ー", "ょ", "ゃ", "ゅ", "っ"}) {
    if (letter == mark) return true;
  }
  return false;
}

// End of the next unbreakable piece: a word with the spaces before it, or one wide letter.
std::size_t piece_end(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  if (at >= text.size() || text[at] == '\n') return at;
  if (is_wide(text[at])) {
    at = letter_end(text, at);
  } else {
    while (at < text.size() && text[at] != ' ' && text[at] != '\n' && !is_wide(text[at])) ++at;
  }
  while (at < text.size() && is_wide(text[at]) && may_not_begin_line(text.substr(at, letter_end(text, at) - at))) {
    at = letter_end(text, at);
  }
  return at;
}

// In the language of the window. Code, the large monospaced kind, stays as it is written.
std::string_view in_language(const Canvas& canvas, TextStyle style, std::string_view text) {
  const bool mono = style.face == Face::mono || style.face == Face::mono_strong;
  return canvas.verbatim || (mono && style.size == TextSize::normal) ? text : canvas.theme->words(text);
}

}  // namespace

float text_width(const Canvas& canvas, TextStyle style, std::string_view text) {
  // A view of nothing has no address, which ImGui would take for a C string.
  if (text.empty()) return 0;
  text = in_language(canvas, style, text);
  canvas.theme->fonts().want(text);
  ImFont* font = font_of(canvas, style);
  return font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, text.data(), text.data() + text.size()).x;
}

float line_height(const Canvas& canvas, TextSize size) {
  return canvas.px(size == TextSize::small ? 18 : size == TextSize::normal ? 20 : 28);
}

float baseline_for_middle(const Canvas& canvas, TextSize size, float middle_y) {
  return middle_y + canvas.px(em_of(size)) * half_capital;
}

float draw_text(const Canvas& canvas, Vec2 at, TextStyle style, Color color, std::string_view text, Align align) {
  text = in_language(canvas, style, text);
  if (text.empty()) return 0;
  const float width = text_width(canvas.as_written(), style, text);
  ImFont* font = font_of(canvas, style);
  const float x = left_end(at.x, width, align);
  const float y = std::round(at.y) - std::round(font->Ascent);
  canvas.list->AddText(font, font->FontSize, {std::round(x), y}, canvas.ink(color), text.data(),
                       text.data() + text.size());
  if (canvas.tape != nullptr) {
    canvas.tape->text({std::round(x), std::round(at.y)}, text,
                      {style.face, canvas.px(em_of(style.size)), width, canvas.ink(color)});
  }
  return width;
}

float draw_text_in(const Canvas& canvas, const Rect& r, TextStyle style, Color color, std::string_view text,
                   Align align, float padding) {
  const float pad = canvas.px(padding);
  const float y = baseline_for_middle(canvas, style.size, r.y + r.h / 2);
  const float x = align == Align::left ? r.x + pad : align == Align::right ? r.right() - pad : r.x + r.w / 2;
  const float room = r.w - 2 * pad;
  if (text_width(canvas, style, text) <= room + 0.5F) return draw_text(canvas, {x, y}, style, color, text, align);
  return draw_text(canvas.as_written(), {x, y}, style, color, fit_text(canvas, style, text, room), align);
}

float draw_struck(const Canvas& canvas, Vec2 at, TextStyle style, Color color, Color strike, std::string_view text,
                  Align align) {
  const float width = draw_text(canvas, at, style, color, text, align);
  const float x = left_end(at.x, width, align);
  const float y = std::round(at.y - canvas.px(em_of(style.size)) * 0.32F) + 0.5F;
  canvas.line({x - canvas.px(1), y}, {x + width + canvas.px(1), y}, strike, canvas.px(1.5F));
  return width;
}

std::string fit_text(const Canvas& canvas, TextStyle style, std::string_view text, float width) {
  text = in_language(canvas, style, text);
  if (text_width(canvas.as_written(), style, text) <= width) return std::string(text);
  const float room = width - text_width(canvas, style, dots);
  if (room <= 0) return std::string(dots);
  ImFont* font = font_of(canvas, style);
  const char* end = text.data();
  font->CalcTextSizeA(font->FontSize, room, 0, text.data(), text.data() + text.size(), &end);
  auto keep = static_cast<std::size_t>(end - text.data());
  while (keep > 0 && text[keep - 1] == ' ') --keep;
  return std::string(text.substr(0, keep)).append(dots);
}

float draw_runs(const Canvas& canvas, Vec2 at, const std::vector<TextRun>& runs) {
  const float start = at.x;
  for (const TextRun& run : runs) at.x += draw_text(canvas, at, run.style, run.color, run.text);
  return at.x - start;
}

std::vector<std::string_view> wrap_text(const Canvas& canvas, TextStyle style, std::string_view text, float width) {
  text = in_language(canvas, style, text);
  std::vector<std::string_view> lines;
  std::size_t begin = 0, end = 0;
  while (end < text.size()) {
    if (text[end] == '\n') {
      lines.push_back(text.substr(begin, end - begin));
      begin = ++end;
      continue;
    }
    const std::size_t next = piece_end(text, end);
    if (end > begin && text_width(canvas.as_written(), style, text.substr(begin, next - begin)) > width) {
      lines.push_back(text.substr(begin, end - begin));
      begin = end;
      while (begin < text.size() && text[begin] == ' ') ++begin;
      end = std::max(begin, end);
      continue;
    }
    end = std::max(next, end + 1);
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

float draw_paragraph(const Canvas& canvas, const Rect& r, TextStyle style, Color color, std::string_view text,
                     int max_lines) {
  const std::vector<std::string_view> lines = wrap_text(canvas, style, text, r.w);
  const Canvas drawn = canvas.as_written();  // the lines are in the language already
  const float step = line_height(canvas, style.size);
  const auto shown = std::min(lines.size(), static_cast<std::size_t>(std::max(max_lines, 0)));
  for (std::size_t i = 0; i < shown; ++i) {
    const float middle = r.y + step * (static_cast<float>(i) + 0.5F);
    const Vec2 at{r.x, baseline_for_middle(canvas, style.size, middle)};
    const bool cut = i + 1 == shown && shown < lines.size();
    const std::string line = cut ? std::string(lines[i]).append(dots) : std::string(lines[i]);
    draw_text(drawn, at, style, color, cut ? fit_text(drawn, style, line, r.w) : line);
  }
  return step * static_cast<float>(shown);
}

void draw_note_in(const Canvas& canvas, const Rect& r, std::string_view text) {
  const float room = std::min(r.w - 2 * canvas.px(24), canvas.px(640)), step = line_height(canvas, TextSize::normal);
  const std::vector<std::string_view> lines = wrap_text(canvas, style::body, text, room);
  Rect line{r.x, r.center().y - step * static_cast<float>(lines.size()) / 2, r.w, step};
  for (const std::string_view words : lines) {
    draw_text_in(canvas.as_written(), line, style::body, canvas.colors().muted, words, Align::center);
    line.y += step;
  }
}

}  // namespace fourtuple::viz
