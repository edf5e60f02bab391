// A capture that is read beside the window, on a thread of its own: soon what its first packets show, then the whole
// file, or as much as was read when somebody stopped it.
//
// Threads: all public members belong to the window's thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/base/outcome.h"
#include "viz/viewer/document.h"

namespace fourtuple::app {

class CaptureReading {
 public:
  using Loaded = tl::expected<viz::Document, std::vector<Error>>;

  // Begins to read, so long for the first look.
  explicit CaptureReading(std::string path, std::chrono::milliseconds first_look = std::chrono::milliseconds(300));
  ~CaptureReading();  // stops, and waits for the thread: at most some milliseconds
  CaptureReading(const CaptureReading&) = delete;
  CaptureReading& operator=(const CaptureReading&) = delete;

  const std::string& path() const { return path_; }
  // What there was after a short while, once; only of files that take longer.
  std::optional<viz::Document> first_look();
  // The result, once; empty while it is being read.
  std::optional<Loaded> take();
  // Ends reading here: the result is what was read so far.
  void stop() { shared_->stop = true; }
  bool stopped() const { return shared_->stop; }
  // "reading web.pcap: 12 MB of 1.1 GB", and the part of it that was read.
  std::string words() const;
  float part() const;

 private:
  struct Shared {
    std::atomic<std::uint64_t> read{0}, size{0};
    std::atomic<bool> stop{false};
    std::promise<viz::Document> first;
  };
  static Loaded read(const std::string& path, std::chrono::milliseconds first_look, Shared& shared);

  std::string path_;
  std::shared_ptr<Shared> shared_;
  std::future<viz::Document> first_;
  std::future<Loaded> whole_;
};

}  // namespace fourtuple::app
