// Reads and decodes a capture in batches. Of a large file that happens on a thread of its own, a few batches ahead of
// whoever works on them; the batches are the same either way.
//
// Threads: the reader belongs to the thread until the end of the file was reached; all public members belong to the
// caller's thread.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "capture/decoded_frame.h"
#include "capture/reader.h"

namespace fourtuple::capture {

struct FrameBatch {
  std::vector<DecodedFrame> frames;  // the first `count` are filled
  std::size_t count = 0;
  // What the file named since the batch before; Frame::process and Frame::interface count them all.
  std::vector<CaptureProcess> processes;
  std::vector<CaptureInterface> interfaces;
  std::uint64_t position = 0;  // in the file, behind its last frame

  std::span<DecodedFrame> all() { return {frames.data(), count}; }

 private:
  friend class ReadAhead;
  std::vector<std::uint8_t> bytes_;  // of all its frames
};

class ReadAhead {
 public:
  // The reader must outlive it. Smaller files are read without a thread.
  static constexpr std::uint64_t least_for_thread = 4u << 20;

  ReadAhead(Reader& reader, bool verify_checksums, bool threaded);
  ~ReadAhead();  // stops reading
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // The next batch, nullptr at the end; valid until the next call. Its frames may be changed.
  FrameBatch* next();

 private:
  static constexpr std::size_t batches = 4, frames_per_batch = 512, enough_bytes = 256u << 10;

  void work();
  // False at the end of the file, with no frame in it.
  bool fill(FrameBatch& batch);

  Reader* reader_;
  bool verify_checksums_;
  std::size_t processes_told_ = 0, interfaces_told_ = 0;
  std::array<FrameBatch, batches> ring_;
  FrameBatch* given_ = nullptr;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t filled_ = 0, emptied_ = 0;  // batches; guarded by mutex_
  bool over_ = false, stop_ = false;        // guarded by mutex_
  std::thread thread_;
};

}  // namespace fourtuple::capture
