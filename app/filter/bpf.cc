#include "app/filter/bpf.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "capture/bpf.h"
#include "capture/capture_bytes.h"
#include "capture/packet_bytes.h"
#include "sim/trace/codec.h"
#include "sim/wire/bytes.h"

namespace fourtuple::app {
namespace {

using capture::BpfFilter;
using capture::LinkType;

constexpr std::uint32_t link_header = 14;  // of Ethernet

Error readable(const Error& error, const std::string& text) {
  std::string words = error.message;
  for (const std::string_view start : {"can't parse filter expression: ", "syntax error in filter expression: "})
    if (words.starts_with(start)) words.erase(0, start.size());
  return {{}, "libpcap cannot read '" + text + "': " + words, "its language, such as 'tcp port 443'", {}};
}

// The bytes of simulated packets, for all programs of one trace.
class RunFrames {
 public:
  explicit RunFrames(const trace::Trace& trace) : trace_(&trace), bytes_(trace), end_(trace.first()) {}

  // The frame behind the record at `position`; empty when it is not a packet's.
  Bytes frame(PacketId packet, std::uint64_t position, std::uint32_t& original) {
    for (; end_ <= position && end_ < trace_->published(); end_ = trace_->next(end_)) bytes_.add(end_);
    frame_.assign(link_header, 0);
    const auto ttl = trace_->at(position)->kind == trace::Kind::packet_created
                         ? trace::unpack_packet_created(trace_->at(position)).packet.ttl
                         : std::uint8_t{64};
    const std::uint32_t length = bytes_.encode(packet, position, ttl, frame_);
    if (length == 0 || frame_.size() <= link_header) return {};
    store16(frame_.data() + 12, (frame_[link_header] >> 4) == 6 ? 0x86dd : 0x0800);
    original = link_header + length;
    return frame_;
  }

 private:
  const trace::Trace* trace_;
  capture::PacketBytes bytes_;
  std::uint64_t end_;
  std::vector<std::uint8_t> frame_;
};

// One program for each link type of a capture; none for those that know nothing of the kind asked for.
struct LinkProgram {
  LinkType link;
  std::optional<BpfFilter> filter;
};

Outcome<std::shared_ptr<std::vector<LinkProgram>>> compile_for(const std::vector<LinkType>& links,
                                                               const std::string& text) {
  auto programs = std::make_shared<std::vector<LinkProgram>>();
  std::optional<Error> failed;
  bool any = false;
  for (const LinkType link : links) {
    auto filter = BpfFilter::compile(text, link);
    if (!filter && !failed) failed = filter.error();
    any |= filter.has_value();
    programs->push_back({link, filter ? std::optional(std::move(*filter)) : std::nullopt});
  }
  if (!any && failed) return tl::unexpected<Error>(readable(*failed, text));
  return programs;
}

std::vector<LinkType> links_of(const capture::ImportedCapture& capture) {
  std::vector<LinkType> links;
  for (const capture::CaptureInterface& interface : capture.interfaces)
    if (std::find(links.begin(), links.end(), interface.link) == links.end()) links.push_back(interface.link);
  if (links.empty()) links.push_back(LinkType::ethernet);
  return links;
}

}  // namespace

replay::BpfCompiler bpf_for_run(const trace::Trace& trace) {
  auto frames = std::make_shared<RunFrames>(trace);
  return [frames](const std::string& text) -> Outcome<replay::BpfProgram> {
    auto compiled = BpfFilter::compile(text, LinkType::ethernet);
    if (!compiled) return tl::unexpected<Error>(readable(compiled.error(), text));
    const auto filter = std::make_shared<BpfFilter>(std::move(*compiled));
    return [frames, filter](PacketId packet, std::uint64_t position) {
      std::uint32_t original = 0;
      const Bytes bytes = frames->frame(packet, position, original);
      return !bytes.empty() && filter->matches(bytes, original);
    };
  };
}

replay::BpfCompiler bpf_for_capture(const std::shared_ptr<const capture::ImportedCapture>& capture) {
  auto bytes = std::make_shared<capture::CaptureBytes>(*capture);
  return [capture, bytes](const std::string& text) -> Outcome<replay::BpfProgram> {
    auto programs = compile_for(links_of(*capture), text);
    if (!programs) return tl::unexpected<Error>(programs.error());
    return [capture, bytes, programs = *programs](PacketId packet, std::uint64_t) {
      const LinkType link = bytes->link(packet);
      const auto program = std::find_if(programs->begin(), programs->end(),
                                        [&](const LinkProgram& known) { return known.link == link; });
      if (program == programs->end() || !program->filter) return false;
      const std::vector<std::uint8_t> frame = bytes->frame(packet);
      return !frame.empty() && program->filter->matches(frame, capture->frames[packet.value].original);
    };
  };
}

}  // namespace fourtuple::app
