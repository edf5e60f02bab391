#include "capture/pcapng_reader.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <vector>

#include "capture/pcapng_format.h"

namespace fourtuple::capture {
namespace {

constexpr std::uint32_t order_magic = 0x1a2b3c4d, swapped_magic = 0x4d3c2b1a;
constexpr std::uint32_t max_block = 16u << 20;
constexpr std::size_t max_interfaces = 65'536, max_processes = 1'048'576, max_name = 256, max_names = 65'536;

constexpr std::uint32_t swap32(std::uint32_t x) {
  return (x >> 24) | ((x >> 8) & 0xff00) | ((x << 8) & 0xff0000) | (x << 24);
}

// Time units of an interface.
struct InterfaceClock {
  std::uint64_t units_per_s = 1'000'000;
  int binary_digits = 0;  // non-zero: units of 2^-n seconds
  std::int64_t offset_s = 0;

  // if_tsresol: a power of 10, or with the highest bit of 2. False when it is too fine.
  bool set_resolution(std::uint8_t value);
  std::int64_t to_ns(std::uint64_t ticks) const;
};

constexpr const char* bad_resolution = "a time resolution below 2^-63 or 10^-19 seconds";

bool InterfaceClock::set_resolution(std::uint8_t value) {
  const int digits = value & 0x7f;
  const bool binary = (value & 0x80) != 0;
  if (digits > (binary ? 63 : 19)) return false;
  binary_digits = binary ? digits : 0;
  if (binary && digits != 0) return true;
  units_per_s = 1;
  for (int i = 0; !binary && i < digits; ++i) units_per_s *= 10;
  return true;
}

std::int64_t InterfaceClock::to_ns(std::uint64_t ticks) const {
  constexpr std::int64_t most_s = 9'000'000'000;  // keeps nanoseconds within 63 bits
  std::uint64_t whole, rest_ns;
  if (binary_digits != 0) {
    whole = ticks >> binary_digits;
    std::uint64_t rest = ticks - (whole << binary_digits);
    rest = binary_digits > 30 ? rest >> (binary_digits - 30) : rest << (30 - binary_digits);
    rest_ns = (rest * 1'000'000'000) >> 30;
  } else {
    whole = ticks / units_per_s;
    const std::uint64_t rest = ticks % units_per_s;
    rest_ns =
        units_per_s <= 1'000'000'000 ? rest * (1'000'000'000 / units_per_s) : rest / (units_per_s / 1'000'000'000);
  }
  const std::int64_t offset = std::clamp(offset_s, -most_s, most_s);
  const std::int64_t s =
      std::min<std::int64_t>(static_cast<std::int64_t>(std::min<std::uint64_t>(whole, most_s)) + offset, most_s);
  return std::max(s, -most_s) * 1'000'000'000 + static_cast<std::int64_t>(rest_ns);
}

class PcapngReader final : public Reader {
 public:
  PcapngReader(OwnedFile file, std::uint64_t size) : file_(std::move(file)), size_(size) { format_ = "pcapng"; }

  bool next(Frame& frame) override {
    while (!stopped_) {
      std::uint32_t type = 0;
      if (!read_block(type)) return false;
      if (take(type, frame)) return true;
    }
    return false;
  }

 private:
  bool stop(std::string message) {
    stopped_ = true;
    end_ = {std::move(message), at_};
    return false;
  }
  std::uint32_t u32(std::size_t at) const {
    std::uint32_t value;
    std::memcpy(&value, body_.data() + at, 4);
    return swapped_ ? swap32(value) : value;
  }
  std::uint64_t u64(std::size_t at) const {
    const std::uint64_t low = u32(at + (swapped_ ? 4 : 0)), high = u32(at + (swapped_ ? 0 : 4));
    return (high << 32) | low;
  }
  std::uint16_t u16(std::size_t at) const {
    std::uint16_t value;
    std::memcpy(&value, body_.data() + at, 2);
    return swapped_ ? static_cast<std::uint16_t>((value >> 8) | (value << 8)) : value;
  }

  bool read_block(std::uint32_t& type);
  bool take(std::uint32_t type, Frame& frame);
  bool start_section();
  bool add_interface();
  bool add_process();
  bool add_names();
  bool add_statistics();
  void take_packet_options(std::size_t at, Frame& frame);
  // Calls take(code, offset of the value, its length) for each option from `at` on; take returns false to stop.
  template <class Take>
  void each_option(std::size_t at, Take take) const;
  bool fill(Frame& frame, std::uint32_t interface, std::uint64_t ticks, std::uint32_t captured, std::uint32_t original,
            std::uint32_t data_at);
  bool take_simple(Frame& frame);

  OwnedFile file_;
  std::uint64_t size_;
  std::uint64_t at_ = 0;    // start of the current block
  std::uint64_t next_ = 0;  // start of the one after it
  bool stopped_ = false;
  bool swapped_ = false;
  bool in_section_ = false;
  std::uint32_t section_base_ = 0;      // interfaces of earlier sections
  std::uint32_t process_base_ = 0;      // processes of earlier sections
  std::vector<InterfaceClock> clocks_;  // beside interfaces_
  std::vector<std::uint8_t> body_;      // the whole block, its type and lengths included
  std::int64_t last_time_ns_ = 0;
};

bool PcapngReader::read_block(std::uint32_t& type) {
  at_ = next_;
  if (at_ == size_) return stopped_ = true, false;
  body_.resize(12);
  if (std::fread(body_.data(), 1, 12, file_.get()) != 12) return stop("the file is cut short inside a block header");
  std::memcpy(&type, body_.data(), 4);
  if (type == block_section) {
    std::uint32_t magic;
    std::memcpy(&magic, body_.data() + 8, 4);
    if (magic != order_magic && magic != swapped_magic) return stop("a section header without a byte-order mark");
    swapped_ = magic == swapped_magic;
  } else if (swapped_) {
    type = swap32(type);
  }
  const std::uint32_t length = u32(4);
  if (length < 12 || length % 4 != 0) return stop(fmt::format("a block of {} bytes is not possible", length));
  if (length > max_block)
    return stop(fmt::format("a block claims {} bytes, more than {} are not accepted", length, max_block));
  if (length > size_ - at_) return stop("the file is cut short in the middle of a block");
  body_.resize(length);
  if (std::fread(body_.data() + 12, 1, length - 12, file_.get()) != length - 12) return stop("the file cannot be read");
  if (u32(length - 4) != length) return stop("a block's two lengths differ");
  next_ = at_ + length;
  return true;
}

// True when the block gave a frame.
bool PcapngReader::take(std::uint32_t type, Frame& frame) {
  if (type == block_section) return start_section();
  if (!in_section_) return stop("a block before the first section header");
  const std::size_t size = body_.size();
  if (type == block_interface) return size < 20 ? stop("an interface block is too short") : add_interface();
  if (type == block_process) return add_process();
  if (type == block_names) return add_names();
  if (type == block_statistics) return add_statistics();
  if (type == block_simple) return size < 16 ? stop("a packet block is too short") : take_simple(frame);
  if (type != block_enhanced && type != block_packet) return false;
  if (size < 32) return stop("a packet block is too short");
  const std::uint32_t interface = type == block_packet ? u16(8) : u32(8);
  const std::uint64_t ticks = (std::uint64_t{u32(12)} << 32) | u32(16);
  if (!fill(frame, interface, ticks, u32(20), u32(24), 28)) return false;
  take_packet_options(28 + ((std::size_t{u32(20)} + 3) & ~std::size_t{3}), frame);
  return true;
}

bool PcapngReader::start_section() {
  if (body_.size() < 28) return stop("a section header is too short");
  if (u16(12) != 1) return stop(fmt::format("pcapng version {} is not known", u16(12)));
  in_section_ = true;
  section_base_ = static_cast<std::uint32_t>(interfaces_.size());
  process_base_ = static_cast<std::uint32_t>(processes_.size());
  return false;
}

template <class Take>
void PcapngReader::each_option(std::size_t at, Take take) const {
  const std::size_t end = body_.size() - 4;
  while (at + 4 <= end) {
    const std::uint16_t code = u16(at), length = u16(at + 2);
    if (code == option_end || at + 4 + length > end || !take(code, at + 4, length)) return;
    at += 4 + ((length + 3u) & ~3u);
  }
}

bool PcapngReader::add_process() {
  if (body_.size() < 16) return stop("a process block is too short");
  if (processes_.size() >= max_processes) return stop("more than 1048576 processes");
  CaptureProcess process;
  process.pid = u32(8);
  each_option(12, [&](std::uint16_t code, std::size_t value, std::uint16_t length) {
    const auto* text = reinterpret_cast<const char*>(body_.data() + value);
    if (code == option_name) process.name.assign(text, std::min<std::size_t>(length, max_name));
    if (code == option_comment) process.listens = std::string_view(text, length) == listens_comment;
    return true;
  });
  processes_.push_back(std::move(process));
  return false;
}

// Names stand in records of their own, behind an address and separated by zeros.
bool PcapngReader::add_names() {
  const std::size_t end = body_.size() - 4;
  for (std::size_t at = 8; at + 4 <= end && names_.size() < max_names;) {
    const std::uint16_t kind = u16(at), length = u16(at + 2);
    if (kind == name_record_end || at + 4 + length > end) break;
    const std::size_t address_length = kind == name_record_v6 ? 16 : 4;
    if ((kind == name_record_v4 || kind == name_record_v6) && length > address_length) {
      CaptureName known;
      known.address.family = kind == name_record_v4 ? Family::ipv4 : Family::ipv6;
      std::copy_n(body_.data() + at + 4, address_length, known.address.bytes.begin());
      const std::string_view texts(reinterpret_cast<const char*>(body_.data()) + at + 4 + address_length,
                                   length - address_length);
      known.name = texts.substr(0, std::min(texts.find('\0'), max_name));
      names_.push_back(std::move(known));
    }
    at += 4 + ((length + 3u) & ~3u);
  }
  return false;
}

// The counts run from the start of the capture, so the last ones hold.
bool PcapngReader::add_statistics() {
  constexpr std::size_t options_at = 20;
  // No packet depends on it: what does not fit is passed over.
  if (body_.size() < options_at + 4 || u32(8) >= interfaces_.size() - section_base_) return false;
  CaptureInterface& interface = interfaces_[section_base_ + u32(8)];
  each_option(options_at, [&](std::uint16_t code, std::size_t value, std::uint16_t length) {
    if (length != 8) return true;
    if (code == option_received) interface.received = u64(value);
    if (code == option_dropped) interface.dropped_by_interface = u64(value);
    if (code == option_system_dropped) interface.dropped_by_system = u64(value);
    return true;
  });
  return false;
}

void PcapngReader::take_packet_options(std::size_t at, Frame& frame) {
  each_option(at, [&](std::uint16_t code, std::size_t value, std::uint16_t length) {
    if (code == option_packet_drops && length == 8) interfaces_[frame.interface].lost_between += u64(value);
    if (length != 4) return true;
    if (code == option_packet_flags) {
      const std::uint32_t way = u32(value) & 3;
      if (way != 3) frame.direction = static_cast<FrameDirection>(way);
    }
    if (code == option_packet_process && u32(value) < processes_.size() - process_base_)
      frame.process = process_base_ + u32(value);
    return true;
  });
}

bool PcapngReader::add_interface() {
  if (interfaces_.size() >= max_interfaces) return stop("more than 65536 interfaces");
  CaptureInterface interface;
  InterfaceClock clock;
  interface.link = static_cast<LinkType>(u16(8));
  interface.snap_length = u32(12);
  each_option(16, [&](std::uint16_t code, std::size_t at, std::uint16_t length) {
    const std::uint8_t* value = body_.data() + at;
    if (code == option_name)
      interface.name.assign(reinterpret_cast<const char*>(value), std::min<std::size_t>(length, max_name));
    if (code == option_resolution && length >= 1) return clock.set_resolution(*value) || stop(bad_resolution);
    if (code == option_offset && length == 8) clock.offset_s = static_cast<std::int64_t>(u64(at));
    return true;
  });
  if (stopped_) return false;
  interface.number = static_cast<std::uint32_t>(interfaces_.size());
  interfaces_.push_back(std::move(interface));
  clocks_.push_back(clock);
  return false;
}

bool PcapngReader::take_simple(Frame& frame) {
  if (section_base_ >= interfaces_.size()) return stop("a packet of an interface the file does not define");
  const std::uint32_t original = u32(8), snap = interfaces_[section_base_].snap_length;
  const auto room = static_cast<std::uint32_t>(body_.size() - 16);
  const std::uint32_t captured = std::min({original, snap == 0 ? original : snap, room});
  // A simple packet block has no time; it keeps the one before it.
  const std::int64_t time = last_time_ns_;
  if (!fill(frame, 0, 0, captured, original, 12)) return false;
  frame.time_ns = last_time_ns_ = time;
  return true;
}

bool PcapngReader::fill(Frame& frame, std::uint32_t interface, std::uint64_t ticks, std::uint32_t captured,
                        std::uint32_t original, std::uint32_t data_at) {
  if (interface >= interfaces_.size() - section_base_) return stop("a packet of an interface the file does not define");
  if (captured > body_.size() - data_at - 4)
    return stop(fmt::format("a packet of {} bytes does not fit its block", captured));
  if (captured > max_frame_length)
    return stop(fmt::format("a packet claims {} captured bytes, more than {}", captured, max_frame_length));
  frame.interface = section_base_ + interface;
  frame.link = interfaces_[frame.interface].link;
  frame.bytes = Bytes(body_).subspan(data_at, captured);
  frame.original = original;
  frame.time_ns = last_time_ns_ = clocks_[frame.interface].to_ns(ticks);
  frame.file_offset = at_ + data_at;
  frame.process = Frame::no_process;
  frame.direction = FrameDirection::unknown;
  return true;
}

}  // namespace

bool is_pcapng(Bytes first_bytes) {
  return first_bytes.size() >= 4 && load32(first_bytes.data()) == block_section;
}

std::unique_ptr<Reader> read_pcapng(OwnedFile file, std::uint64_t size) {
  return std::make_unique<PcapngReader>(std::move(file), size);
}

}  // namespace fourtuple::capture
