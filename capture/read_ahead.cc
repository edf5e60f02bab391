#include "capture/read_ahead.h"

namespace fourtuple::capture {
namespace {

// What `all` gained behind the first `told`; how many.
template <class T>
std::size_t tell(const std::vector<T>& all, std::size_t told, std::vector<T>& news) {
  news.assign(all.begin() + static_cast<std::ptrdiff_t>(told), all.end());
  return news.size();
}

}  // namespace

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
  batch.bytes_.clear();
  if (batch.frames.empty()) batch.frames.resize(frames_per_batch);
  Frame frame;
  while (batch.count < frames_per_batch && batch.bytes_.size() < enough_bytes && reader_->next(frame)) {
    decode_frame(frame, verify_checksums_, batch.frames[batch.count++]);
    append_bytes(batch.bytes_, frame.bytes);
    batch.position = frame.file_offset + frame.bytes.size();
  }
  // Only now they stay where they are.
  Bytes left = batch.bytes_;
  for (DecodedFrame& decoded : batch.all()) {
    const std::size_t size = decoded.frame.bytes.size();
    decoded.frame.bytes = left.first(size);
    left = left.subspan(size);
  }
  processes_told_ += tell(reader_->processes(), processes_told_, batch.processes);
  interfaces_told_ += tell(reader_->interfaces(), interfaces_told_, batch.interfaces);
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
