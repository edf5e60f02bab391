#include "app/view/watcher.h"

#include <algorithm>
#include <sys/stat.h>

namespace fourtuple::app {

void FileWatcher::watch(std::vector<std::string> files) {
  files_ = std::move(files);
  known_ = latest_ = look();
  waiting_ = false;
}

std::vector<FileWatcher::Look> FileWatcher::look() const {
  std::vector<Look> looks;
  for (const std::string& file : files_) {
    struct stat found {};
    Look one;
    one.exists = ::stat(file.c_str(), &found) == 0;
    if (one.exists) {
      one.modified_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
      one.size = static_cast<std::uint64_t>(found.st_size);
      one.inode = found.st_ino;
    }
    looks.push_back(one);
  }
  return looks;
}

bool FileWatcher::changed(std::int64_t now_us) {
  if (files_.empty()) return false;
  std::vector<Look> now = look();
  if (now != latest_) {
    latest_ = std::move(now);
    since_us_ = now_us;
  }
  waiting_ = latest_ != known_;
  if (!waiting_) return false;
  const bool gone =
      std::any_of(latest_.begin(), latest_.end(), [](const Look& one) { return !one.exists || one.size == 0; });
  if (now_us - since_us_ < (gone ? gone_us : stable_us)) return false;
  known_ = latest_;
  waiting_ = false;
  return true;
}

}  // namespace fourtuple::app
