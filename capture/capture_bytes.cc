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
  const auto& interfaces = capture_->interfaces;
  const std::uint32_t number = info->interface < interfaces.size() ? interfaces[info->interface].file : 0;
  if (files_.size() <= number) files_.resize(number + 1);
  OwnedFile& file = files_[number];
  if (!file)
    if (auto plain = open_plain(number == 0 ? capture_->path : capture_->files[number].path))
      file = std::move(plain->file);
  if (!file || fseeko(file.get(), static_cast<off_t>(info->file_offset), SEEK_SET) != 0) return bytes;
  bytes.resize(info->captured);
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
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
