// Filters in libpcap's language (pcap-filter(7)), compiled by libpcap for one link type and run over bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "capture/frame.h"
#include "sim/base/outcome.h"

struct bpf_program;

namespace fourtuple::capture {

class BpfFilter {
 public:
  // The error is libpcap's sentence, without a place. May ask the machine's lists of services and protocols for a name
  // in `text`, and its resolver for the name of a host: the caller refuses those it does not want looked up.
  static Outcome<BpfFilter> compile(const std::string& text, LinkType link);

  // `bytes`: from the link header on; `original`: the frame's length on the wire, which may be more.
  bool matches(Bytes bytes, std::uint32_t original) const;

 private:
  struct Free {
    void operator()(bpf_program* program) const;
  };
  explicit BpfFilter(bpf_program* program) : program_(program) {}

  std::unique_ptr<bpf_program, Free> program_;
};

}  // namespace fourtuple::capture
