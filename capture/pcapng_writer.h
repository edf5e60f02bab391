// Writes a pcapng file, times in nanoseconds. Processes are named in the blocks macOS uses, the only
// ones registered for it; Wireshark shows them. Errors (a full disk) are kept and told by close().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture/frame.h"
#include "capture/pcapng_reader.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

struct OutgoingFrame {
  std::int64_t time_ns = 0;  // since 1970 UTC, not negative
  Bytes bytes;
  std::uint32_t original = 0;  // length on the wire, at least bytes.size()
  std::uint32_t interface = 0;
  bool inbound = false;
  bool direction_known = true;
  std::uint32_t process = Frame::no_process;  // of add_process()
  std::string_view comment;                   // shown by Wireshark; may be empty
};

class PcapngWriter {
 public:
  // A file with one interface, whose number is 0.
  static Outcome<PcapngWriter> create(const std::string& path, std::string_view interface, LinkType link);
  // A file without interfaces so far.
  static Outcome<PcapngWriter> create(const std::string& path);

  // The number of a further interface for OutgoingFrame::interface. No name is written for an empty one; snap length 0
  // is unlimited.
  std::uint32_t add_interface(std::string_view name, LinkType link, std::uint32_t snap_length = 0);

  // The number of a process for OutgoingFrame::process.
  std::uint32_t add_process(const CaptureProcess& process);
  // Writes what addresses are called, a block for all; nothing without names. Bytes beyond 32 KB of a name are left
  // out.
  void add_names(const std::vector<CaptureName>& names);
  void write(const OutgoingFrame& frame);
  // Hands what was written to the operating system, so that a reader of the file sees it.
  void flush();
  // Whether something could not be written so far.
  bool failed() const { return problem_ != 0; }
  // Flushes and closes.
  Outcome<void> close();

 private:
  PcapngWriter(OwnedFile file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  // Blocks are built in body_ and written whole; all numbers are little-endian.
  void begin(std::uint32_t type);
  void put16(std::uint32_t value);
  void put32(std::uint32_t value);
  void put_bytes(const void* bytes, std::size_t size);  // padded to 4
  void put_option(std::uint16_t code, const void* value, std::size_t size);
  void finish();
  void note_failure();

  OwnedFile file_;
  std::string path_;
  std::vector<std::uint8_t> body_;
  std::uint32_t processes_ = 0, interfaces_ = 0;
  int problem_ = 0;  // errno of the first failure
};

}  // namespace fourtuple::capture
