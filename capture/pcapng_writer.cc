#include "capture/pcapng_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "capture/pcapng_format.h"

namespace fourtuple::capture {
namespace {

constexpr std::size_t longest_option = 0xffff, longest_host_name = 0x8000;

}  // namespace

Outcome<PcapngWriter> PcapngWriter::create(const std::string& path, std::string_view interface, LinkType link) {
  auto writer = create(path);
  if (writer) writer->add_interface(interface, link);
  return writer;
}

Outcome<PcapngWriter> PcapngWriter::create(const std::string& path) {
  OwnedFile file(std::fopen(path.c_str(), "wb"));
  if (!file) return fail(SourcePosition{path, 0, 0}, std::strerror(errno));
  std::setvbuf(file.get(), nullptr, _IOFBF, 256 * 1024);
  PcapngWriter writer(std::move(file), path);
  static constexpr std::string_view application = "fourtuple";
  writer.begin(block_section);
  writer.put32(0x1a2b3c4d);
  writer.put16(1);
  writer.put16(0);
  writer.put32(0xffffffff);  // section length: not specified
  writer.put32(0xffffffff);
  writer.put_option(option_application, application.data(), application.size());
  writer.put32(0);
  writer.finish();
  return writer;
}

std::uint32_t PcapngWriter::add_interface(std::string_view name, LinkType link, std::uint32_t snap_length) {
  static constexpr std::uint8_t nanoseconds_resolution = 9;
  begin(block_interface);
  put16(static_cast<std::uint16_t>(link));
  put16(0);
  put32(snap_length);
  if (!name.empty()) put_option(option_name, name.data(), name.size());
  put_option(option_resolution, &nanoseconds_resolution, 1);
  put32(0);
  finish();
  return interfaces_++;
}

std::uint32_t PcapngWriter::add_process(const CaptureProcess& process) {
  begin(block_process);
  put32(process.pid);
  put_option(option_name, process.name.data(), process.name.size());
  if (process.listens) put_option(option_comment, listens_comment.data(), listens_comment.size());
  put32(0);
  finish();
  return processes_++;
}

void PcapngWriter::add_names(const std::vector<CaptureName>& names) {
  constexpr std::size_t length_v4 = 4, length_v6 = 16;
  if (names.empty()) return;
  begin(block_names);
  std::string record;
  for (const CaptureName& known : names) {
    const bool v4 = known.address.family == Family::ipv4;
    record.assign(reinterpret_cast<const char*>(known.address.bytes.data()), v4 ? length_v4 : length_v6);
    record.append(known.name, 0, std::min(known.name.find('\0'), longest_host_name)).push_back('\0');
    put_option(v4 ? name_record_v4 : name_record_v6, record.data(), record.size());
  }
  put32(name_record_end);
  finish();
}

void PcapngWriter::flush() {
  if (std::fflush(file_.get()) != 0) note_failure();
}

void PcapngWriter::note_failure() {
  constexpr int unknown = EIO;
  if (problem_ == 0) problem_ = errno != 0 ? errno : unknown;
}

void PcapngWriter::write(const OutgoingFrame& frame) {
  const auto ticks = static_cast<std::uint64_t>(frame.time_ns);
  begin(block_enhanced);
  put32(frame.interface);
  put32(static_cast<std::uint32_t>(ticks >> 32));
  put32(static_cast<std::uint32_t>(ticks));
  put32(static_cast<std::uint32_t>(frame.bytes.size()));
  put32(frame.original);
  put_bytes(frame.bytes.data(), frame.bytes.size());
  if (!frame.comment.empty()) put_option(option_comment, frame.comment.data(), frame.comment.size());
  const std::uint8_t direction[4] = {static_cast<std::uint8_t>(frame.inbound ? 1 : 2), 0, 0, 0};
  if (frame.direction_known) put_option(option_packet_flags, direction, sizeof(direction));
  if (frame.process != Frame::no_process) {
    std::uint8_t process[4];
    for (int i = 0; i < 4; ++i) process[i] = static_cast<std::uint8_t>(frame.process >> (8 * i));
    put_option(option_packet_process, process, sizeof(process));
  }
  put32(0);
  finish();
}

Outcome<void> PcapngWriter::close() {
  flush();
  if (std::fclose(file_.release()) != 0) note_failure();  // network file systems tell here
  if (failed()) return fail(SourcePosition{path_, 0, 0}, std::string("cannot be written: ") + std::strerror(problem_));
  return {};
}

void PcapngWriter::begin(std::uint32_t type) {
  body_.clear();
  put32(type);
  put32(0);  // the length, set by finish()
}

void PcapngWriter::put16(std::uint32_t value) {
  body_.push_back(static_cast<std::uint8_t>(value));
  body_.push_back(static_cast<std::uint8_t>(value >> 8));
}

void PcapngWriter::put32(std::uint32_t value) {
  put16(value);
  put16(value >> 16);
}

void PcapngWriter::put_bytes(const void* bytes, std::size_t size) {
  const auto* from = static_cast<const std::uint8_t*>(bytes);
  body_.insert(body_.end(), from, from + size);
  body_.resize((body_.size() + 3) & ~std::size_t{3});
}

void PcapngWriter::put_option(std::uint16_t code, const void* value, std::size_t size) {
  size = size < longest_option ? size : longest_option;
  put16(code);
  put16(static_cast<std::uint32_t>(size));
  put_bytes(value, size);
}

void PcapngWriter::finish() {
  const auto length = static_cast<std::uint32_t>(body_.size() + 4);
  put32(length);
  for (int i = 0; i < 4; ++i) body_[4 + i] = static_cast<std::uint8_t>(length >> (8 * i));
  if (std::fwrite(body_.data(), 1, body_.size(), file_.get()) != body_.size()) note_failure();
}

}  // namespace fourtuple::capture
