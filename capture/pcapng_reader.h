// Reads the blocks of a pcapng file (draft-ietf-opsawg-pcapng): sections of either byte order, any mix of link types.
// Enhanced, simple and the obsolete packet block give frames; process blocks (as macOS writes them) name processes;
// every other block is skipped.
#pragma once

#include <cstdio>
#include <memory>

#include "capture/reader.h"

namespace fourtuple::capture {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OwnedFile = std::unique_ptr<std::FILE, CloseFile>;

// True when the file starts with a section header block.
bool is_pcapng(Bytes first_bytes);

// REQUIRES: `file` is at its start. `size`: bytes in the file.
std::unique_ptr<Reader> read_pcapng(OwnedFile file, std::uint64_t size);

}  // namespace fourtuple::capture
