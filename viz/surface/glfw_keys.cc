#include "viz/surface/glfw_keys.h"

#include <GLFW/glfw3.h>
#include <array>
#include <utility>

namespace fourtuple::viz {
namespace {

constexpr std::array<std::pair<int, Key>, 17> special_keys = {{{GLFW_KEY_SPACE, Key::space},
                                                               {GLFW_KEY_ENTER, Key::enter},
                                                               {GLFW_KEY_KP_ENTER, Key::enter},
                                                               {GLFW_KEY_TAB, Key::tab},
                                                               {GLFW_KEY_ESCAPE, Key::escape},
                                                               {GLFW_KEY_BACKSPACE, Key::backspace},
                                                               {GLFW_KEY_INSERT, Key::insert},
                                                               {GLFW_KEY_DELETE, Key::del},
                                                               {GLFW_KEY_LEFT, Key::left},
                                                               {GLFW_KEY_RIGHT, Key::right},
                                                               {GLFW_KEY_UP, Key::up},
                                                               {GLFW_KEY_DOWN, Key::down},
                                                               {GLFW_KEY_HOME, Key::home},
                                                               {GLFW_KEY_END, Key::end},
                                                               {GLFW_KEY_PAGE_UP, Key::page_up},
                                                               {GLFW_KEY_PAGE_DOWN, Key::page_down},
                                                               {GLFW_KEY_SLASH, Key::slash}}};

constexpr std::array<std::pair<char, Key>, 12> punctuation = {{{'[', Key::left_bracket},
                                                               {']', Key::right_bracket},
                                                               {'/', Key::slash},
                                                               {'?', Key::question},
                                                               {',', Key::comma},
                                                               {'.', Key::period},
                                                               {'-', Key::minus},
                                                               {'=', Key::equal},
                                                               {';', Key::semicolon},
                                                               {'\'', Key::apostrophe},
                                                               {'\\', Key::backslash},
                                                               {'`', Key::grave}}};

Key shifted(Key first, int by) {
  return static_cast<Key>(static_cast<int>(first) + by);
}

}  // namespace

Key key_from_glfw(int glfw_key) {
  if (glfw_key >= GLFW_KEY_A && glfw_key <= GLFW_KEY_Z) return shifted(Key::a, glfw_key - GLFW_KEY_A);
  if (glfw_key >= GLFW_KEY_0 && glfw_key <= GLFW_KEY_9) return shifted(Key::digit_0, glfw_key - GLFW_KEY_0);
  if (glfw_key >= GLFW_KEY_KP_0 && glfw_key <= GLFW_KEY_KP_9) return shifted(Key::digit_0, glfw_key - GLFW_KEY_KP_0);
  if (glfw_key >= GLFW_KEY_F1 && glfw_key <= GLFW_KEY_F12) return shifted(Key::f1, glfw_key - GLFW_KEY_F1);
  for (const auto& [glfw, key] : special_keys) {
    if (glfw == glfw_key) return key;
  }
  return glfw_key > 0 && glfw_key < 128 ? key_from_character(static_cast<unsigned>(glfw_key)) : Key::none;
}

Modifiers modifiers_from_glfw(int glfw_mods) {
  return {(glfw_mods & GLFW_MOD_CONTROL) != 0, (glfw_mods & GLFW_MOD_SHIFT) != 0, (glfw_mods & GLFW_MOD_ALT) != 0};
}

Key key_from_character(unsigned codepoint) {
  for (const auto& [character, key] : punctuation) {
    if (static_cast<unsigned>(character) == codepoint) return key;
  }
  return Key::none;
}

bool is_punctuation(Key key) {
  for (const auto& [character, named] : punctuation) {
    if (named == key) return true;
  }
  return false;
}

}  // namespace fourtuple::viz
