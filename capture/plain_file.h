// Opens capture files so that gzip-compressed ones read like plain ones: those are first unpacked into a temporary file
// that is gone when it is closed.
#pragma once

#include <string>

#include "capture/pcapng_reader.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

struct PlainFile {
  OwnedFile file;       // at its start
  std::string message;  // why unpacking ended early; what came before is there
};

// An unreadable file, or one that is a folder, is an error that names the file.
Outcome<PlainFile> open_plain(const std::string& path);

}  // namespace fourtuple::capture
