#include "capture/live/live_capture.h"

#include <algorithm>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fourtuple::capture {
namespace {

// Of the kernel's ring, so that a short pause of this program loses nothing.
constexpr int buffer_bytes = 32 << 20;
// The kernel hands packets over in blocks, at the latest after this time. In libpcap's immediate mode it would keep a
// place of the largest size for each packet instead, and on lo the buffer would hold 250 of them.
constexpr int longest_delay_ms = 2;

std::string reason(pcap_t* handle, int status) {
  const std::string words = pcap_statustostr(status), detail = pcap_geterr(handle);
  return detail.empty() || detail == words ? words : words + ": " + detail;
}

struct Handing {
  const std::function<void(const Frame&)>* take;
  LinkType link;
};

void hand_over(u_char* user, const pcap_pkthdr* header, const u_char* bytes) {
  const auto* handing = reinterpret_cast<const Handing*>(user);
  Frame frame;
  frame.bytes = {bytes, std::min(header->caplen, max_frame_length)};
  frame.original = header->len;
  frame.link = handing->link;
  // Opened with nanosecond precision: tv_usec holds nanoseconds.
  frame.time_ns = std::int64_t{header->ts.tv_sec} * 1'000'000'000 + header->ts.tv_usec;
  (*handing->take)(frame);
}

Outcome<void> set_filter(pcap_t* handle, const std::string& filter) {
  if (filter.empty()) return {};
  bpf_program program{};
  const SourcePosition here{"--filter", 0, 0};
  if (pcap_compile(handle, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fail(here, "'" + filter + "': " + pcap_geterr(handle), "a filter of libpcap, such as 'tcp port 80'");
  const int set = pcap_setfilter(handle, &program);
  pcap_freecode(&program);
  if (set != 0) return fail(here, pcap_geterr(handle));
  return {};
}

// libpcap's own numbers (DLT_…) are those of files (LINKTYPE_…) but for a few that differ between systems:
// www.tcpdump.org/linktypes.html.
LinkType link_of(int dlt) {
  return dlt == DLT_RAW ? LinkType::raw : static_cast<LinkType>(dlt);
}

}  // namespace

bool may_capture() {
  const int socket = ::socket(AF_PACKET, SOCK_RAW, 0);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

void LiveCapture::Close::operator()(pcap* handle) const {
  pcap_close(handle);
}

Outcome<LiveCapture> LiveCapture::open(const LiveOptions& options) {
  const SourcePosition here{options.interface, 0, 0};
  char message[PCAP_ERRBUF_SIZE] = {};
  pcap_t* handle = pcap_create(options.interface.c_str(), message);
  if (handle == nullptr) return fail(here, message);
  LiveCapture capture(handle);
  pcap_set_snaplen(handle, static_cast<int>(std::clamp(options.snap_length, 1u, max_frame_length)));
  pcap_set_promisc(handle, 0);
  pcap_set_timeout(handle, longest_delay_ms);
  pcap_set_buffer_size(handle, buffer_bytes);
  pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
  const int status = pcap_activate(handle);
  if (status < 0) return fail(here, "cannot be captured: " + reason(handle, status));
  if (pcap_get_tstamp_precision(handle) != PCAP_TSTAMP_PRECISION_NANO)
    return fail(here, "cannot be captured: it has no times in nanoseconds");
  capture.link_ = link_of(pcap_datalink(handle));
  if (auto set = set_filter(handle, options.filter); !set) return tl::unexpected<Error>(set.error());
  if (pcap_setnonblock(handle, 1, message) != 0) return fail(here, message);
  return capture;
}

Outcome<std::uint64_t> LiveCapture::read(int timeout_ms, std::uint64_t most,
                                         const std::function<void(const Frame&)>& take) {
  pollfd wait{pcap_get_selectable_fd(handle_.get()), POLLIN, 0};
  poll(&wait, 1, timeout_ms);
  Handing handing{&take, link_};
  constexpr std::uint64_t batch = 4096;
  const int count = pcap_dispatch(handle_.get(), static_cast<int>(std::min(most, batch)), hand_over,
                                  reinterpret_cast<u_char*>(&handing));
  if (count < 0 && count != PCAP_ERROR_BREAK) return fail(pcap_geterr(handle_.get()));
  return static_cast<std::uint64_t>(std::max(count, 0));
}

std::uint64_t LiveCapture::dropped() const {
  pcap_stat counts{};
  return pcap_stats(handle_.get(), &counts) == 0 ? counts.ps_drop : 0;
}

}  // namespace fourtuple::capture
