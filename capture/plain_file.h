// Opens capture files so that gzip-compressed ones read like plain ones: those are first unpacked into a temporary file
// that is gone when it is closed.
#pragma once

#include <cstdint>
#include <string>

#include "capture/pcapng_reader.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

struct PlainFile {
  OwnedFile file;       // at its start
  std::string message;  // why unpacking ended early; what came before is there
};

// A small file can claim to hold terabytes. Traffic does not shrink to less than a 200th: what unpacks to more, beyond
// `trusted_bytes`, is left out.
constexpr std::uint64_t most_unpacked_ratio = 200, always_unpacked_bytes = 1ull << 30;

// An unreadable file, or one that is a folder, is an error that names the file.
Outcome<PlainFile> open_plain(const std::string& path, std::uint64_t trusted_bytes = always_unpacked_bytes);

}  // namespace fourtuple::capture
