#include "app/view/watcher.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace fourtuple::app {
namespace {

class WatcherTest : public testing::Test {
 protected:
  void SetUp() override {
    write("a", "one");
    write("b", "two");
    watcher_.watch({folder_.file("a"), folder_.file("b")});
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.file(name), std::ios::binary) << text;
  }
  // Asks every 50 ms for so long; how often it told a change.
  int changes_within(std::int64_t ms) {
    int changes = 0;
    for (std::int64_t i = 0; i < ms / 50; ++i) changes += watcher_.changed(now_us_ += 50'000) ? 1 : 0;
    return changes;
  }

  TemporaryFolder folder_;
  FileWatcher watcher_;
  std::int64_t now_us_ = 0;
};

TEST_F(WatcherTest, says_nothing_while_nothing_changes) {
  EXPECT_EQ(changes_within(2000), 0);
  EXPECT_EQ(watcher_.next_look_s(), 0.5);
}

TEST_F(WatcherTest, tells_a_change_of_any_of_its_files_once_when_it_is_complete) {
  write("b", "longer than before");
  EXPECT_FALSE(watcher_.changed(now_us_ += 50'000));
  EXPECT_EQ(watcher_.next_look_s(), 0.05);
  EXPECT_EQ(changes_within(1000), 1);
}

TEST_F(WatcherTest, waits_while_a_file_is_still_being_written) {
  for (int i = 0; i < 10; ++i) {
    write("a", std::string(static_cast<std::size_t>(i) + 10, 'x'));
    EXPECT_EQ(changes_within(100), 0) << i;
  }
  EXPECT_EQ(changes_within(500), 1);
}

TEST_F(WatcherTest, does_not_flash_while_an_editor_truncates_or_renames) {
  write("a", "");
  EXPECT_EQ(changes_within(400), 0);
  write("a", "whole again");
  EXPECT_EQ(changes_within(500), 1);
  std::filesystem::rename(folder_.file("b"), folder_.file("b~"));
  EXPECT_EQ(changes_within(400), 0);
  write("b.new", "the new one");
  std::filesystem::rename(folder_.file("b.new"), folder_.file("b"));
  EXPECT_EQ(changes_within(500), 1);
}

TEST_F(WatcherTest, tells_a_file_that_stays_away_and_one_that_comes_back) {
  std::filesystem::remove(folder_.file("a"));
  EXPECT_EQ(changes_within(900), 0);
  EXPECT_EQ(changes_within(600), 1);
  EXPECT_EQ(changes_within(2000), 0);
  write("a", "back");
  EXPECT_EQ(changes_within(500), 1);
}

TEST_F(WatcherTest, forgets_a_change_that_was_taken_back) {
  std::filesystem::rename(folder_.file("a"), folder_.file("away"));
  EXPECT_EQ(changes_within(200), 0);
  std::filesystem::rename(folder_.file("away"), folder_.file("a"));
  EXPECT_EQ(changes_within(2000), 0);
}

}  // namespace
}  // namespace fourtuple::app
