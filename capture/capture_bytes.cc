#include "capture/capture_bytes.h"

#include "capture/plain_file.h"

namespace fourtuple::capture {

const FrameInfo* CaptureBytes::find(PacketId packet) const {
  return packet.value < capture_->frames.size() ? &capture_->frames[packet.value] : nullptr;
}

std::vector<std::uint8_t> CaptureBytes::frame(PacketId packet) {
  std::vector<std::uint8_t> bytes;
  const FrameInfo* info = find(packet);
  if (info == nullptr) return bytes;
  if (!file_)
    if (auto plain = open_plain(capture_->path)) file_ = std::move(plain->file);
  if (!file_ || fseeko(file_.get(), static_cast<off_t>(info->file_offset), SEEK_SET) != 0) return bytes;
  bytes.resize(info->captured);
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file_.get()));
  return bytes;
}

std::uint32_t CaptureBytes::ip_offset(PacketId packet) const {
  const FrameInfo* info = find(packet);
  return info == nullptr ? 0 : info->ip_offset;
}

LinkType CaptureBytes::link(PacketId packet) const {
  const FrameInfo* info = find(packet);
  const bool known = info != nullptr && info->interface < capture_->interfaces.size();
  return known ? capture_->interfaces[info->interface].link : LinkType::ethernet;
}

}  // namespace fourtuple::capture
