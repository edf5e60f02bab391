#include "capture/bpf.h"

#include <pcap/pcap.h>

namespace fourtuple::capture {
namespace {

// libpcap's own numbers for links (DLT_…) are those of files but for raw IP (www.tcpdump.org/linktypes.html).
int dlt_of(LinkType link) {
  switch (link) {
    case LinkType::raw:
    case LinkType::raw_12:
    case LinkType::raw_14:
      return DLT_RAW;
    default:
      return static_cast<int>(link);
  }
}

struct Close {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};

}  // namespace

void BpfFilter::Free::operator()(bpf_program* program) const {
  pcap_freecode(program);
  delete program;
}

Outcome<BpfFilter> BpfFilter::compile(const std::string& text, LinkType link) {
  const std::unique_ptr<pcap_t, Close> handle(pcap_open_dead(dlt_of(link), static_cast<int>(max_frame_length)));
  if (!handle) return fail("libpcap cannot be used for " + name_of(link));
  BpfFilter filter(new bpf_program{});
  if (pcap_compile(handle.get(), filter.program_.get(), text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fail(pcap_geterr(handle.get()));
  return filter;
}

bool BpfFilter::matches(Bytes bytes, std::uint32_t original) const {
  const auto captured = static_cast<u_int>(bytes.size());
  return bpf_filter(program_->bf_insns, bytes.data(), std::max<u_int>(original, captured), captured) != 0;
}

}  // namespace fourtuple::capture
