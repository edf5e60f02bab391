#include "viz/viewer/keymap.h"

#include <gtest/gtest.h>

#include "viz/theme/japanese.h"
#include "viz/viewer/command_palette.h"
#include "viz/viewer/panels.h"

namespace fourtuple::viz {
namespace {

std::optional<Command> pressed(const Keymap& keymap, const char* chord) {
  return keymap.command_for(key_event(InputKind::key_down, *parse_chord(chord)));
}

TEST(Keymap, gives_a_command_another_key_and_takes_the_old_one_away) {
  Keymap keymap;
  EXPECT_EQ(keymap.bind(Command::next_drop, *parse_chord("Ctrl+D")), std::nullopt);
  EXPECT_EQ(pressed(keymap, "Ctrl+D"), Command::next_drop);
  EXPECT_EQ(pressed(keymap, "X"), std::nullopt);
  EXPECT_EQ(to_string(keymap.chord_of(Command::next_drop)), "Ctrl+D");
}

TEST(Keymap, tells_which_command_lost_its_key) {
  Keymap keymap;
  EXPECT_EQ(keymap.bind(Command::next_drop, *parse_chord("M")), Command::show_map);
  EXPECT_EQ(pressed(keymap, "M"), Command::next_drop);
  EXPECT_EQ(pressed(keymap, "1"), Command::show_map) << "its other key stays";
}

TEST(Keymap, comes_back_from_its_changes) {
  Keymap keymap;
  keymap.bind(Command::next_drop, *parse_chord("M"));
  keymap.bind(Command::help, *parse_chord("F1"));
  Keymap again;
  EXPECT_TRUE(again.apply(keymap.changes()).empty());
  EXPECT_EQ(pressed(again, "M"), Command::next_drop);
  EXPECT_EQ(pressed(again, "F1"), Command::help);
  EXPECT_EQ(pressed(again, "?"), std::nullopt);
  EXPECT_EQ(again.changes(), keymap.changes());
  again.reset();
  EXPECT_TRUE(again.changes().empty());
  EXPECT_EQ(pressed(again, "M"), Command::show_map);
}

TEST(Keymap, tells_words_it_does_not_know_and_keeps_the_usual_keys) {
  Keymap keymap;
  const auto faults = keymap.apply({{"fly", {"A"}}, {"next-drop", {"Hyper+X", "Esc"}}});
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0], "there is no command 'fly'");
  EXPECT_EQ(faults[1], "'Hyper+X' is no key that next-drop can have");
  EXPECT_EQ(faults[2], "'Esc' is no key that next-drop can have");
  EXPECT_EQ(pressed(keymap, "X"), Command::next_drop);
  EXPECT_EQ(pressed(keymap, "Esc"), Command::leave);
}

TEST(Keymap, names_every_command_once) {
  std::vector<std::string_view> names;
  for (const Shortcut& shortcut : shortcuts()) {
    const std::string_view name = command_name(shortcut.command);
    EXPECT_FALSE(name.empty()) << shortcut.words << " cannot be named in settings";
    EXPECT_EQ(command_named(name), shortcut.command) << name;
  }
}

TEST(Palette, finds_actions_by_parts_of_their_words_best_first) {
  const std::vector<PaletteItem> items = palette_commands(Keymap());
  const auto first = [&](std::string_view typed) {
    const auto found = palette_matches(items, typed);
    return found.empty() ? std::string() : items[found.front()].words;
  };
  EXPECT_EQ(first("next drop"), "next drop");
  EXPECT_EQ(first("DROP next"), "next drop");
  EXPECT_EQ(first("zoom i"), "zoom in");
  EXPECT_EQ(first("no such action"), "");
  EXPECT_EQ(palette_matches(items, "").size(), items.size());
}

TEST(Japanese, has_a_word_for_every_action_and_panel) {
  for (const Shortcut& shortcut : shortcuts()) {
    for (const std::string_view label : {shortcut.words, shortcut.group}) {
      EXPECT_TRUE(label.empty() || in_japanese(label) != label) << "no Japanese for '" << label << "'";
    }
  }
  for (const PanelName& panel : panel_names) {
    const bool same_everywhere = panel.title == "NAT" || panel.title == "TCP";
    EXPECT_TRUE(same_everywhere || in_japanese(panel.title) != panel.title) << panel.title;
  }
  EXPECT_EQ(in_japanese("192.168.1.1"), "192.168.1.1");
}

}  // namespace
}  // namespace fourtuple::viz
