// Several capture files read as one: the frames of all in order of time, each file's own in their order in the file.
// Interfaces and processes keep the file they come from. A file that is damaged, or is no capture, gives what it has
// and its message; the others are read to their ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capture/reader.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

// One of the files that a capture was read from.
struct CaptureFile {
  std::string path;
  std::string format;  // "pcap", "pcapng"; empty: it could not be opened, `end` says why
  std::uint64_t packets = 0;
  ReadEnd end;
  std::int64_t clock_offset_ns = 0;  // added to its times

  std::string name() const { return path.substr(path.find_last_of('/') + 1); }
};

class MergedReader : public Reader {
 public:
  static constexpr std::size_t most_files = 64;

  // Grows while the files are read.
  const std::vector<CaptureFile>& files() const { return files_; }

 protected:
  std::vector<CaptureFile> files_;
};

// `offsets_ns`: added to the times of each file; may be shorter than `paths`. It is an
// error when no file is a capture, the first one's; or when there are more than most_files.
Outcome<std::unique_ptr<MergedReader>> open_captures(const std::vector<std::string>& paths,
                                                     const std::vector<std::int64_t>& offsets_ns = {});

}  // namespace fourtuple::capture
