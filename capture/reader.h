// Reads a capture file frame by frame: classic pcap through libpcap, pcapng with our own block reader, because libpcap
// refuses files whose interfaces differ and hides their names. What precedes a fault is delivered; how it ended is
// said.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capture/frame.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

// How reading ended. An empty message is a clean end of file.
struct ReadEnd {
  std::string message;
  std::uint64_t offset = 0;  // where the damaged record starts

  bool clean() const { return message.empty(); }
};

class Reader {
 public:
  virtual ~Reader() = default;
  // The next frame; false at the end of the file or at a fault, see end(). Stays false from then on.
  virtual bool next(Frame& frame) = 0;

  const ReadEnd& end() const { return end_; }
  // Grows while a pcapng file is read; Frame::interface indexes it.
  const std::vector<CaptureInterface>& interfaces() const { return interfaces_; }
  // Grows while a pcapng file is read; Frame::process indexes it.
  const std::vector<CaptureProcess>& processes() const { return processes_; }
  // Grows while a pcapng file is read.
  const std::vector<CaptureName>& names() const { return names_; }
  std::string_view format() const { return format_; }  // "pcap", "pcapng"

 protected:
  ReadEnd end_;
  std::vector<CaptureInterface> interfaces_;
  std::vector<CaptureProcess> processes_;
  std::vector<CaptureName> names_;
  std::string_view format_;
};

// An unreadable file, or one that is no capture, is an error that names the file.
Outcome<std::unique_ptr<Reader>> open_capture(const std::string& path);

}  // namespace fourtuple::capture
