#include "app/view/settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;

std::string fresh_folder(const std::string& name) {
  const std::string folder = testing::TempDir() + name;
  fs::remove_all(folder);
  return folder;
}

void write_text(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

TEST(Settings, come_back_as_they_were_written) {
  const std::string path = fresh_folder("settings") + "/fourtuple/settings.json";
  Settings settings;
  settings.look.look = viz::Look::high_contrast;
  settings.look.scale = 1.75F;
  settings.look.japanese = settings.look.reduced_motion = true;
  settings.keys = {{"next-drop", {"Ctrl+D", "X"}}, {"keys", {}}};
  ASSERT_TRUE(write_settings(path, settings));
  Settings again;
  std::vector<std::string> notes;
  EXPECT_TRUE(read_settings(path, again, notes));
  EXPECT_TRUE(notes.empty());
  EXPECT_EQ(again.look.look, viz::Look::high_contrast);
  EXPECT_EQ(again.look.scale, 1.75F);
  EXPECT_TRUE(again.look.japanese);
  EXPECT_TRUE(again.look.reduced_motion);
  EXPECT_EQ(again.keys, settings.keys);
}

TEST(Settings, are_the_usual_ones_where_no_file_is) {
  Settings settings;
  std::vector<std::string> notes;
  EXPECT_TRUE(read_settings(testing::TempDir() + "no/such/settings.json", settings, notes));
  EXPECT_TRUE(read_settings("", settings, notes));
  EXPECT_TRUE(notes.empty());
  EXPECT_EQ(settings.look.look, viz::Look::dark);
}

TEST(Settings, say_what_they_do_not_understand_and_keep_the_rest) {
  const std::string path = fresh_folder("odd") + "/settings.json";
  write_text(path, R"({
  // people may write comments
  "theme": "pink", "scale": 9, "language": "fr", "less_motion": "no", "keys": {"play": "P"}
})");
  Settings settings;
  std::vector<std::string> notes;
  EXPECT_FALSE(read_settings(path, settings, notes));
  ASSERT_EQ(notes.size(), 5u);
  EXPECT_EQ(notes[0], path + ": \"theme\" is not understood, expected dark, light or high-contrast");
  EXPECT_EQ(settings.look.scale, 1);
}

TEST(Settings, survive_files_of_any_kind) {
  const std::string path = fresh_folder("any") + "/settings.json";
  for (const char* text : {"", "[1, 2]", "{\"theme\":", "\xff\xfe\x00", "null", "{\"keys\": {\"a\": [1]}}"}) {
    write_text(path, text);
    Settings settings;
    std::vector<std::string> notes;
    EXPECT_FALSE(read_settings(path, settings, notes)) << text;
    EXPECT_EQ(notes.size(), 1u) << text;
  }
}

TEST(Settings, tell_when_they_cannot_be_written) {
  const std::string file = fresh_folder("blocked");
  write_text(file, "a file where a folder is needed");
  EXPECT_FALSE(write_settings(file + "/fourtuple/settings.json", {}));
  EXPECT_FALSE(write_settings("", {}));
}

TEST(WindowMemory, keeps_the_latest_files_once_each) {
  WindowMemory memory;
  for (int i = 0; i < 20; ++i) remember(memory, "/captures/" + std::to_string(i) + ".pcap");
  remember(memory, "/captures/12.pcap");
  ASSERT_EQ(memory.recent.size(), most_recent);
  EXPECT_EQ(memory.recent[0], "/captures/12.pcap");
  EXPECT_EQ(memory.recent[1], "/captures/19.pcap");
  EXPECT_EQ(std::count(memory.recent.begin(), memory.recent.end(), "/captures/12.pcap"), 1);
  const std::string path = fresh_folder("memory") + "/window.json";
  memory.width = 1000;
  ASSERT_TRUE(write_window_memory(path, memory));
  WindowMemory again;
  std::vector<std::string> notes;
  EXPECT_TRUE(read_window_memory(path, again, notes));
  EXPECT_EQ(again.recent, memory.recent);
  EXPECT_EQ(again.width, 1000);
}

TEST(Settings, stand_where_xdg_says) {
  setenv("XDG_CONFIG_HOME", "/somewhere/config", 1);
  EXPECT_EQ(settings_path(), "/somewhere/config/fourtuple/settings.json");
  setenv("XDG_CONFIG_HOME", "relative is ignored", 1);
  setenv("HOME", "/home/anna", 1);
  EXPECT_EQ(settings_path(), "/home/anna/.config/fourtuple/settings.json");
  unsetenv("XDG_STATE_HOME");
  EXPECT_EQ(window_memory_path(), "/home/anna/.local/state/fourtuple/window.json");
  unsetenv("XDG_CONFIG_HOME");
}

}  // namespace
}  // namespace fourtuple::app
