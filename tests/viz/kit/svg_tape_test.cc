#include "viz/kit/svg_tape.h"

#include <gtest/gtest.h>

#include "tests/viz/panels/pictures.h"
#include "viz/kit/capsule.h"
#include "viz/kit/strokes.h"
#include "viz/kit/text.h"

namespace fourtuple::viz {
namespace {

std::string drawn(const std::function<void(DrawTape&)>& draw) {
  SvgTape tape(100, 50, rgb(0x12161c), "a title");
  draw(tape);
  return tape.document();
}

bool holds(const std::string& document, std::string_view part) {
  return document.find(part) != std::string::npos;
}

TEST(SvgTape, is_as_large_as_the_picture_and_filled_with_its_background) {
  const std::string svg = drawn([](DrawTape&) {});
  EXPECT_TRUE(svg.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "));
  EXPECT_TRUE(holds(svg, "viewBox=\"0 0 100 50\""));
  EXPECT_TRUE(holds(svg, "<rect x=\"0\" y=\"0\" width=\"100\" height=\"50\" fill=\"#12161c\"/>"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(SvgTape, keeps_text_as_text_with_its_marks_escaped) {
  const std::string svg = drawn([](DrawTape& tape) {
    tape.text({10, 20}, "a<b & \"c\" 日本\x01", {Face::mono_strong, 12, 80.5F, rgb(0xff8000)});
  });
  EXPECT_TRUE(holds(svg, "<text class=\"m6\" x=\"10\" y=\"20\" font-size=\"12\" textLength=\"80.5\""));
  EXPECT_TRUE(holds(svg, "fill=\"#ff8000\">a&lt;b &amp; &quot;c&quot; 日本 </text>"));
}

TEST(SvgTape, tells_how_much_shines_through) {
  const std::string svg = drawn([](DrawTape& tape) { tape.disc({1, 2}, 3, with_alpha(rgb(0x0000ff), 0.5F)); });
  EXPECT_TRUE(holds(svg, "<circle cx=\"1\" cy=\"2\" r=\"3\" fill=\"#0000ff\" fill-opacity=\"0.5\"/>"));
}

TEST(SvgTape, nests_clips_and_closes_them) {
  const std::string svg = drawn([](DrawTape& tape) {
    tape.begin_clip({0, 0, 50, 50});
    tape.begin_clip({10, 0, 20, 20});
    tape.end_clip();
    tape.end_clip();
  });
  EXPECT_TRUE(holds(svg, "<clipPath id=\"c2\"><rect x=\"10\" y=\"0\" width=\"20\" height=\"20\"/></clipPath>"));
  EXPECT_TRUE(holds(svg, "<g clip-path=\"url(#c1)\">\n<g clip-path=\"url(#c2)\">\n</g>\n</g>\n"));
}

TEST(SvgTape, defines_a_hatch_once_however_often_it_is_used) {
  const std::string svg = drawn([](DrawTape& tape) {
    tape.hatch({0, 0, 10, 10}, 6, {rgb(0x808080), 1});
    tape.hatch({20, 0, 10, 10}, 6, {rgb(0x808080), 1});
    tape.hatch({40, 0, 10, 10}, 6, {rgb(0xff0000), 1});
  });
  EXPECT_TRUE(holds(svg, "<pattern id=\"h2\""));
  EXPECT_FALSE(holds(svg, "<pattern id=\"h3\""));
  EXPECT_TRUE(holds(svg, "x=\"20\" y=\"0\" width=\"10\" height=\"10\" fill=\"url(#h1)\""));
}

TEST(SvgTape, holds_a_picture_as_png) {
  const std::string svg = drawn([](DrawTape& tape) { tape.image({0, 0, 10, 10}, Image(2, 2)); });
  EXPECT_TRUE(holds(svg, "xlink:href=\"data:image/png;base64,iVBORw0KGgo"));
}

// What the kit draws on a canvas with this tape.
std::string taped(const std::function<void(const Canvas&)>& draw) {
  test::Easel easel(200, 100);
  std::string document;
  easel.paint([&](Ui& ui, Rect) {
    SvgTape tape(200, 100, 0, "");
    Canvas canvas = ui.canvas;
    canvas.tape = &tape;
    draw(canvas);
    document = tape.document();
  });
  return document;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(SvgTape, takes_a_dashed_line_as_one_line) {
  const std::string svg = taped([](const Canvas& canvas) {
    dashed_line(canvas, {0, 10}, {100, 10}, canvas.colors().text, 1.5F, {4, 3});
  });
  EXPECT_EQ(count(svg, "<polyline"), 1u);
  EXPECT_TRUE(holds(svg, "stroke-dasharray=\"4,3\""));
}

TEST(SvgTape, takes_a_trail_of_dots_as_one_line) {
  const std::string svg = taped([](const Canvas& canvas) {
    dotted_line(canvas, {0, 10}, {100, 10}, canvas.colors().text);
  });
  EXPECT_EQ(count(svg, "<polyline"), 1u);
  EXPECT_EQ(count(svg, "<circle"), 0u);
  EXPECT_TRUE(holds(svg, "stroke-linecap=\"round\" stroke-dasharray=\"0,8\""));
}

TEST(SvgTape, takes_what_a_faded_canvas_draws) {
  const std::string svg = taped([](const Canvas& canvas) { canvas.faded(0.5F).fill({1, 1, 5, 5}, rgb(0x010203), 2); });
  EXPECT_TRUE(holds(svg, "rx=\"2\" fill=\"#010203\" fill-opacity=\"0.5\""));
}

TEST(SvgTape, gives_the_same_bytes_every_time) {
  const auto capsule = [](const Canvas& canvas) {
    CapsuleLook look;
    look.text = "50432->443";
    look.badge = 'S';
    draw_capsule(canvas, {100, 50}, look);
  };
  EXPECT_EQ(taped(capsule), taped(capsule));
  EXPECT_TRUE(holds(taped(capsule), ">50432-&gt;443</text>"));
}

}  // namespace
}  // namespace fourtuple::viz
