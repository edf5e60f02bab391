#include "capture/read_ahead.h"

namespace fourtuple::capture {

ReadAhead::ReadAhead(Reader& reader, bool verify_checksums, bool threaded)
    : reader_(&reader), verify_checksums_(verify_checksums) {
  if (threaded) thread_ = std::thread([this] { work(); });
}

ReadAhead::~ReadAhead() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool ReadAhead::fill(FrameBatch& batch) {
  batch.count = 0;
  batch.processes.clear();
  batch.kept_.clear();
  batch.bytes_.clear();
  if (batch.frames.empty()) batch.frames.resize(frames_per_batch);
  Frame frame;
  while (batch.count < frames_per_batch && batch.bytes_.size() < most_bytes_kept && reader_->next(frame)) {
    DecodedFrame& decoded = batch.frames[batch.count];
    decode_frame(frame, verify_checksums_, decoded);
    batch.position = frame.file_offset + frame.bytes.size();
    decoded.frame.bytes = {};
    if (needs_bytes(decoded)) {
      batch.kept_.push_back({batch.count, batch.bytes_.size(), frame.bytes.size()});
      append_bytes(batch.bytes_, frame.bytes);
    }
    ++batch.count;
  }
  for (const FrameBatch::Kept& kept : batch.kept_)
    batch.frames[kept.frame].frame.bytes = Bytes(batch.bytes_).subspan(kept.at, kept.size);
  const std::vector<CaptureProcess>& processes = reader_->processes();
  batch.processes.assign(processes.begin() + static_cast<std::ptrdiff_t>(processes_told_), processes.end());
  processes_told_ = processes.size();
  return batch.count != 0;
}

void ReadAhead::work() {
  for (std::uint64_t number = 0;; ++number) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || number - emptied_ < batches; });
      if (stop_) return;
    }
    const bool more = fill(ring_[number % batches]);
    {
      const std::scoped_lock lock(mutex_);
      filled_ += more ? 1 : 0;
      over_ = !more;
    }
    changed_.notify_all();
    if (!more) return;
  }
}

FrameBatch* ReadAhead::next() {
  if (!thread_.joinable()) return fill(ring_[0]) ? &ring_[0] : nullptr;
  std::unique_lock lock(mutex_);
  if (given_ != nullptr) {
    ++emptied_;
    given_ = nullptr;
    changed_.notify_all();
  }
  changed_.wait(lock, [&] { return over_ || filled_ > emptied_; });
  if (filled_ > emptied_) given_ = &ring_[emptied_ % batches];
  return given_;
}

}  // namespace fourtuple::capture
