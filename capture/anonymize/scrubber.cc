// The link layer and ARP.
#include "capture/anonymize/scrubber.h"

#include <algorithm>

namespace fourtuple::capture {

std::size_t Scrubber::scrub(LinkType link, MutableBytes frame, std::uint32_t original) {
  frame_ = frame;
  kept_ = 0;
  const LinkHeader header = decode_link(link, frame);
  const std::size_t offset = std::min<std::size_t>(header.offset, frame.size());
  opaque_frames_ += header.network != Network::ip && header.network != Network::arp;
  keep(frame.first(offset));
  if (header.network == Network::unsupported) {
    zero(frame);
    return 0;
  }
  hardware_addresses(link, frame);
  network(frame, header, std::max(original, static_cast<std::uint32_t>(frame.size())));
  return kept_;
}

void Scrubber::network(MutableBytes bytes, const LinkHeader& header, std::uint32_t wire) {
  const std::size_t offset = std::min<std::size_t>(header.offset, bytes.size());
  if (header.network == Network::ip) return ip(bytes.subspan(offset), wire - header.offset, 0);
  if (header.network == Network::arp) return arp(bytes.subspan(offset));
  zero(bytes.subspan(offset));
  keep(bytes.first(std::min(offset + 1, bytes.size())));  // something follows
}

void Scrubber::hardware_addresses(LinkType link, MutableBytes frame) {
  constexpr std::size_t cooked_length_at = 4, cooked_at = 6, cooked2_length_at = 11, cooked2_at = 12, room = 8;
  const auto cooked = [&](std::size_t length, std::size_t at) {
    if (frame.size() < at + room) return zero(frame.subspan(std::min(at, frame.size())));
    if (length == sizeof(MacAddress))
      map_mac(frame, at);
    else
      zero(frame.subspan(at, room));
  };
  if (link == LinkType::ethernet) {
    map_mac(frame, 0);
    map_mac(frame, sizeof(MacAddress));
  } else if (link == LinkType::linux_sll && frame.size() > cooked_length_at + 1) {
    cooked(load16(frame.data() + cooked_length_at), cooked_at);
  } else if (link == LinkType::linux_sll2 && frame.size() > cooked2_length_at) {
    cooked(frame[cooked2_length_at], cooked2_at);
  }
}

// RFC 826: hardware and protocol addresses of the sender, then of the target.
void Scrubber::arp(MutableBytes bytes) {
  constexpr std::size_t fixed = 8, whole = fixed + 2 * (6 + 4);
  constexpr std::uint16_t ipv4 = 0x0800;
  const bool known = bytes.size() >= fixed && load16(bytes.data() + 2) == ipv4 && bytes[4] == 6 && bytes[5] == 4;
  if (!known) return zero(bytes);
  for (const std::size_t at : {fixed, fixed + 10}) {
    map_mac(bytes, at);
    map_address(bytes, at + 6, Family::ipv4);
  }
  keep(bytes.first(std::min(whole, bytes.size())));
  if (bytes.size() > whole) zero(bytes.subspan(whole));
}

// The image of the address at `at`; what is cut off becomes zeros.
void Scrubber::map_address(MutableBytes bytes, std::size_t at, Family family) {
  const std::size_t length = family == Family::ipv4 ? 4 : 16;
  if (at > bytes.size() || bytes.size() - at < length) return zero(bytes.subspan(std::min(at, bytes.size())));
  IpAddress address = IpAddress::wildcard(family);
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, address.bytes.begin());
  address = map_->of(address);
  std::copy_n(address.bytes.begin(), length, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

void Scrubber::map_mac(MutableBytes bytes, std::size_t at) {
  MacAddress mac{};
  if (at > bytes.size() || bytes.size() - at < mac.size()) return zero(bytes.subspan(std::min(at, bytes.size())));
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), mac.size(), mac.begin());
  mac = map_->of(mac);
  std::copy_n(mac.begin(), mac.size(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

void Scrubber::zero(MutableBytes bytes) {
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
}

// Counts bytes of the frame as headers.
void Scrubber::keep(MutableBytes header) {
  kept_ = std::max(kept_, static_cast<std::size_t>(header.data() + header.size() - frame_.data()));
}

}  // namespace fourtuple::capture
