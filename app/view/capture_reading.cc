#include "app/view/capture_reading.h"

#include <filesystem>
#include <fmt/format.h>
#include <utility>

#include "app/text_table.h"
#include "app/view/documents.h"

namespace fourtuple::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto at_once = std::chrono::seconds(0);

template <class T>
bool is_ready(const std::future<T>& future) {
  return future.valid() && future.wait_for(at_once) == std::future_status::ready;
}

}  // namespace

CaptureReading::CaptureReading(std::string path, std::chrono::milliseconds first_look)
    : path_(std::move(path)), shared_(std::make_shared<Shared>()), first_(shared_->first.get_future()) {
  whole_ = std::async(std::launch::async,
                      [path = path_, first_look, shared = shared_] { return read(path, first_look, *shared); });
}

CaptureReading::~CaptureReading() {
  stop();
}

CaptureReading::Loaded CaptureReading::read(const std::string& path, std::chrono::milliseconds first_look,
                                            Shared& shared) {
  const auto end = Clock::now() + first_look;
  bool cut = false;
  Loaded first = open_document(path, {}, {}, false, [&](const capture::ImportProgress& progress) {
    shared.read = progress.read;
    shared.size = progress.size;
    cut = Clock::now() >= end;
    return !cut && !shared.stop;
  });
  if (!cut || !first) return first;
  shared.first.set_value(std::move(*first));
  const std::uint64_t shown = shared.read;
  return open_document(path, {}, {}, false, [&](const capture::ImportProgress& progress) {
    // What was shown already stays.
    if (progress.read < shown) return true;
    shared.read = progress.read;
    return !shared.stop;
  });
}

std::optional<viz::Document> CaptureReading::first_look() {
  if (!is_ready(first_)) return std::nullopt;
  return first_.get();
}

std::optional<CaptureReading::Loaded> CaptureReading::take() {
  if (!is_ready(whole_)) return std::nullopt;
  return whole_.get();
}

std::string CaptureReading::words() const {
  const std::string name = std::filesystem::path(path_).filename().string();
  if (shared_->size == 0) return "reading " + name;
  return fmt::format("reading {}: {} of {}", name, bytes_text(shared_->read), bytes_text(shared_->size));
}

float CaptureReading::part() const {
  const auto size = static_cast<float>(shared_->size.load());
  return size > 0 ? static_cast<float>(shared_->read.load()) / size : -1;
}

}  // namespace fourtuple::app
