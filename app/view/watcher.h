// Looks whether files changed, by asking the file system now and then: that works on every file system, and costs
// nothing while the window is still. Editors write in several steps (truncate and write, or write beside and rename):
// a change counts when the files have stayed the same for a moment, and an empty or vanished file only after longer.
// Main thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fourtuple::app {

class FileWatcher {
 public:
  static constexpr std::int64_t stable_us = 150'000;  // a change that nothing followed for so long is complete
  static constexpr std::int64_t gone_us = 1'000'000;  // the same of a file that is empty or not there

  // These from now on, as they are now. No files: nothing is watched.
  void watch(std::vector<std::string> files);
  bool watching() const { return !files_.empty(); }
  // True once for every completed change. `now_us` counts from anywhere and never goes back.
  bool changed(std::int64_t now_us);
  // Seconds after which changed() should be asked again.
  double next_look_s() const { return waiting_ ? 0.05 : 0.5; }

 private:
  struct Look {
    bool exists = false;
    std::int64_t modified_ns = 0;
    std::uint64_t size = 0, inode = 0;
    bool operator==(const Look&) const = default;
  };
  std::vector<Look> look() const;

  std::vector<std::string> files_;
  std::vector<Look> known_, latest_;  // when last told or watched; when last looked at
  std::int64_t since_us_ = 0;         // since when `latest_` has been so
  bool waiting_ = false;
};

}  // namespace fourtuple::app
