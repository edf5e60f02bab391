#include "capture/reader.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <pcap/pcap.h>
#include <sys/stat.h>

#include "capture/pcapng_reader.h"
#include "capture/plain_file.h"

namespace fourtuple::capture {
namespace {

struct ClosePcap {
  void operator()(pcap_t* pcap) const { pcap_close(pcap); }
};

class ClassicReader final : public Reader {
 public:
  ClassicReader(pcap_t* pcap, Bytes magic) : pcap_(pcap), plain_(has_plain_records(magic)) {
    format_ = "pcap";
    CaptureInterface interface;
    interface.link = static_cast<LinkType>(pcap_datalink(pcap));
    interface.snap_length = static_cast<std::uint32_t>(pcap_snapshot(pcap));
    interfaces_.push_back(interface);
    offset_ = position();
  }

  bool next(Frame& frame) override {
    if (stopped_) return false;
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int result = pcap_next_ex(pcap_.get(), &header, &bytes);
    if (result != 1) {
      stopped_ = true;
      if (result != PCAP_ERROR_BREAK) end_ = {pcap_geterr(pcap_.get()), offset_};
      return false;
    }
    // Asking the file for its position costs half as much as reading the packet; only odd records need it.
    const bool regular = plain_ && header->caplen < interfaces_[0].snap_length;
    offset_ = regular ? offset_ + record_header + header->caplen : position();
    frame.bytes = {bytes, header->caplen};
    frame.original = header->len;
    frame.interface = 0;
    frame.link = interfaces_[0].link;
    // Opened with nanosecond precision: tv_usec holds nanoseconds, possibly more than a second of them.
    // The file's seconds are unsigned; libpcap hands them out signed.
    const auto s = static_cast<std::uint32_t>(header->ts.tv_sec);
    frame.time_ns = std::int64_t{s} * 1'000'000'000 + header->ts.tv_usec;
    frame.file_offset = offset_ - header->caplen;
    return true;
  }

 private:
  std::uint64_t position() const { return static_cast<std::uint64_t>(ftello(pcap_file(pcap_.get()))); }

  // Magic numbers of microsecond and nanosecond files in both byte orders; variants have longer record headers.
  static bool has_plain_records(Bytes magic) {
    if (magic.size() < 4) return false;
    const std::uint32_t number = load32(magic.data());
    return number == 0xa1b2c3d4 || number == 0xd4c3b2a1 || number == 0xa1b23c4d || number == 0x4d3cb2a1;
  }
  static constexpr std::uint64_t record_header = 16;

  std::unique_ptr<pcap_t, ClosePcap> pcap_;
  bool plain_;
  std::uint64_t offset_ = 0;  // end of the last whole record
  bool stopped_ = false;
};

// Reads what could be unpacked of a damaged compressed file, and says at its end what was wrong.
class DamagedReader final : public Reader {
 public:
  DamagedReader(std::unique_ptr<Reader> inner, std::string message)
      : inner_(std::move(inner)), message_(std::move(message)) {
    format_ = inner_->format();
    interfaces_ = inner_->interfaces();
  }

  bool next(Frame& frame) override {
    const bool more = inner_->next(frame);
    if (interfaces_.size() != inner_->interfaces().size()) interfaces_ = inner_->interfaces();
    if (processes_.size() != inner_->processes().size()) processes_ = inner_->processes();
    if (more) return true;
    // Counts and names may stand behind the last packet.
    interfaces_ = inner_->interfaces();
    names_ = inner_->names();
    end_ = {message_, inner_->end().offset};
    return false;
  }

 private:
  std::unique_ptr<Reader> inner_;
  std::string message_;
};

}  // namespace

Outcome<std::unique_ptr<Reader>> open_capture(const std::string& path) {
  auto plain = open_plain(path);
  if (!plain) return tl::unexpected<Error>(plain.error());
  std::FILE* file = plain->file.get();
  struct stat status {};
  if (fstat(fileno(file), &status) != 0)
    return fail(SourcePosition{path, 0, 0}, std::strerror(errno), "a pcap or pcapng file");
  std::setvbuf(file, nullptr, _IOFBF, 256 * 1024);
  std::uint8_t first[4] = {};
  const std::size_t got = std::fread(first, 1, sizeof(first), file);
  std::rewind(file);
  std::unique_ptr<Reader> reader;
  if (is_pcapng({first, got})) {
    reader = read_pcapng(std::move(plain->file), static_cast<std::uint64_t>(status.st_size));
  } else {
    char message[PCAP_ERRBUF_SIZE] = {};
    pcap_t* pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, message);
    if (pcap == nullptr) return fail(SourcePosition{path, 0, 0}, message, "a pcap or pcapng file");
    static_cast<void>(plain->file.release());  // libpcap closes it
    reader = std::make_unique<ClassicReader>(pcap, Bytes(first, got));
  }
  if (plain->message.empty()) return reader;
  return std::make_unique<DamagedReader>(std::move(reader), std::move(plain->message));
}

std::string name_of(LinkType type) {
  switch (type) {
    case LinkType::null_loopback:
      return "BSD loopback";
    case LinkType::ethernet:
      return "Ethernet";
    case LinkType::ppp:
      return "PPP";
    case LinkType::ppp_hdlc:
      return "PPP in HDLC framing";
    case LinkType::raw_12:
    case LinkType::raw_14:
    case LinkType::raw:
      return "raw IP";
    case LinkType::loop:
      return "OpenBSD loopback";
    case LinkType::linux_sll:
      return "Linux cooked";
    case LinkType::ipv4:
      return "raw IPv4";
    case LinkType::ipv6:
      return "raw IPv6";
    case LinkType::linux_sll2:
      return "Linux cooked v2";
  }
  return fmt::format("link type {}", static_cast<unsigned>(type));
}

}  // namespace fourtuple::capture
