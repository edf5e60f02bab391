#include "viz/viewer/name_dialog.h"

#include <utility>

#include "viz/kit/controls.h"
#include "viz/kit/panel.h"
#include "viz/kit/text.h"
#include "viz/panels/common/names.h"
#include "viz/viewer/dialog.h"

namespace fourtuple::viz {
namespace {

constexpr float name_dialog_width = 560, name_dialog_height = 188;
constexpr std::size_t longest_name = 200;  // bytes

}  // namespace

void NameDialog::open(Time at, std::string name) {
  open_ = fresh_ = true;
  ++opened_;
  at_ = at;
  name_ = std::move(name);
  chosen_.reset();
}

void NameDialog::take() {
  if (name_.size() > longest_name) {
    // Not within a letter of several bytes.
    std::size_t end = longest_name;
    while (end > 0 && (static_cast<unsigned char>(name_[end]) & 0xC0U) == 0x80U) --end;
    name_.resize(end);
  }
  chosen_ = Bookmark{at_, name_};
  open_ = false;
}

bool NameDialog::handle(const InputEvent& event) {
  if (event.kind != InputKind::key_down || event.key != Key::enter) return false;
  take();
  return true;
}

std::optional<Bookmark> NameDialog::chosen() {
  return std::exchange(chosen_, std::nullopt);
}

void NameDialog::draw(const Ui& ui, const Rect& screen) {
  const Canvas& canvas = ui.canvas;
  const Palette& colors = canvas.colors();
  dim(canvas, screen);
  const Rect card = draw_dialog(canvas, screen, name_dialog_width, name_dialog_height);
  Rect inner = card.inset(canvas.px(28), canvas.px(20));
  draw_text_in(canvas, inner.take_top(canvas.px(32)), style::title, colors.text, "Name this bookmark");
  draw_text_in(canvas, inner.take_top(canvas.px(22)), style::number, colors.muted, clock_text(at_) + " s");
  inner.take_top(canvas.px(8));
  text_input(ui, "bookmark-name-" + std::to_string(opened_), inner.take_top(canvas.px(32)), name_, "what happens here",
             std::exchange(fresh_, false));
  Rect foot = inner.take_bottom(canvas.px(32));
  const Button keep{.label = "Keep", .key = "Enter", .look = ButtonLook::primary};
  const Button cancel{.label = "Cancel", .key = "Esc"};
  if (button(ui, "name-keep", foot.take_right(button_width(canvas, keep)), keep)) take();
  foot.take_right(canvas.px(8));
  if (button(ui, "name-cancel", foot.take_right(button_width(canvas, cancel)), cancel)) close();
  if (close_button(ui, card) || pressed_outside(card)) close();
}

}  // namespace fourtuple::viz
