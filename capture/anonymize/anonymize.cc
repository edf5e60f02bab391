#include "capture/anonymize/anonymize.h"

#include <algorithm>
#include <filesystem>

#include "capture/anonymize/scrubber.h"
#include "capture/pcapng_writer.h"

namespace fourtuple::capture {
namespace {

namespace fs = std::filesystem;

class Copier {
 public:
  explicit Copier(const AnonymizeOptions& options) : map_(options.key), scrubber_(map_), cut_(options.cut_payload) {}

  void run(Reader& reader, PcapngWriter& writer);
  Anonymized result(const Reader& reader) const {
    return {packets_, map_.replaced(), scrubber_.payload_bytes(), scrubber_.opaque_frames(), reader.end()};
  }

 private:
  AddressMap map_;
  Scrubber scrubber_;
  bool cut_;
  std::uint64_t packets_ = 0;
};

void Copier::run(Reader& reader, PcapngWriter& writer) {
  Frame frame;
  std::vector<std::uint8_t> bytes;
  std::size_t interfaces = 0;
  const auto add_interfaces = [&] {
    for (; interfaces < reader.interfaces().size(); ++interfaces)
      writer.add_interface({}, reader.interfaces()[interfaces].link, reader.interfaces()[interfaces].snap_length);
  };
  while (!writer.failed() && reader.next(frame)) {
    add_interfaces();
    bytes.assign(frame.bytes.begin(), frame.bytes.end());
    const std::size_t headers = scrubber_.scrub(frame.link, bytes, frame.original);
    if (cut_) bytes.resize(headers);
    OutgoingFrame out;
    out.time_ns = std::max<std::int64_t>(0, frame.time_ns);
    out.bytes = bytes;
    // A damaged record may claim less than it holds; what was there must still be told from what is.
    out.original = cut_ ? std::max(frame.original, static_cast<std::uint32_t>(frame.bytes.size())) : frame.original;
    out.interface = frame.interface;
    out.inbound = frame.direction == FrameDirection::inbound;
    out.direction_known = frame.direction != FrameDirection::unknown;
    writer.write(out);
    ++packets_;
  }
  add_interfaces();
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return fs::equivalent(a, b, error);
}

void remove_file(const std::string& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) fs::remove(path, error);
}

}  // namespace

Outcome<Anonymized> anonymize(const std::string& path, const std::string& out, const AnonymizeOptions& options) {
  if (same_file(path, out))
    return fail(SourcePosition{out, 0, 0}, "this is the capture itself", "another file to write");
  const auto reader = open_capture(path);
  if (!reader) return tl::unexpected<Error>(reader.error());
  auto writer = PcapngWriter::create(out);
  if (!writer) return tl::unexpected<Error>(writer.error());
  Copier copier(options);
  copier.run(**reader, *writer);
  if (const auto closed = writer->close(); !closed) {
    remove_file(out);
    return tl::unexpected<Error>(closed.error());
  }
  return copier.result(**reader);
}

}  // namespace fourtuple::capture
