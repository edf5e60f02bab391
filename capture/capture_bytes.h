// The bytes of captured frames, read from their files again when the hex view asks. Opens a file on first use.
#pragma once

#include <string>
#include <vector>

#include "capture/frame.h"
#include "capture/importer.h"
#include "capture/pcapng_reader.h"

namespace fourtuple::capture {

class CaptureBytes {
 public:
  // Refers to the capture, which must outlive it.
  explicit CaptureBytes(const ImportedCapture& capture) : capture_(&capture) {}

  // The captured bytes of a frame, link header included; empty when the file can no longer be read.
  std::vector<std::uint8_t> frame(PacketId packet);
  // Where the IP packet shown for this frame starts in those bytes.
  std::uint32_t ip_offset(PacketId packet) const;
  // The link type of the frame.
  LinkType link(PacketId packet) const;

 private:
  const FrameInfo* find(PacketId packet) const;

  const ImportedCapture* capture_;
  std::vector<OwnedFile> files_;  // by number of the file
};

}  // namespace fourtuple::capture
