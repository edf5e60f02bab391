#include "capture/report.h"

#include <fmt/format.h>

#include "capture/frame.h"
#include "capture/names/name_text.h"
#include "capture/plural.h"

namespace fourtuple::capture {
namespace {

struct Words {
  std::string_view name, words;
};

constexpr Words kinds[frame_kinds] = {
    {"conversation", "in TCP and UDP conversations"},
    {"icmp", "ICMP messages"},
    {"icmp-error", "ICMP errors, tied to the conversation they quote"},
    {"later-fragment", "later fragments, which carry no ports"},
    {"other-transport", "of other transport protocols"},
    {"arp", "ARP"},
    {"other-network", "neither IP nor ARP"},
    {"unsupported-link", "of a link type that is not decoded"},
    {"cut", "cut short inside a header"},
    {"damaged", "with headers that contradict each other"},
    {"too-many-conversations", "beyond the limit of conversations"},
};

void note_checksums(const CaptureReport& report, const AddressTable& addresses, std::vector<std::string>& notes) {
  constexpr std::size_t most_listed = 8;
  for (std::size_t i = 0; i < report.bad_checksums.size() && i < most_listed; ++i) {
    const HostChecksums& host = report.bad_checksums[i];
    notes.push_back(
        fmt::format("{}: {} with a wrong checksum (normal on the sending machine: its network card fills "
                    "them in)",
                    addresses[host.sender].to_string(), plural(host.bad, "packet")));
  }
  if (report.bad_checksums.size() > most_listed)
    notes.push_back(fmt::format("wrong checksums from {} more hosts", report.bad_checksums.size() - most_listed));
}

}  // namespace

std::string_view name_of(FrameKind kind) {
  return kinds[static_cast<std::size_t>(kind)].name;
}
std::string_view words_of(FrameKind kind) {
  return kinds[static_cast<std::size_t>(kind)].words;
}

std::vector<std::string> notes_of(const std::vector<CaptureInterface>& interfaces) {
  constexpr std::size_t most_listed = 8;
  std::vector<std::string> notes;
  std::size_t dropping = 0;
  for (const CaptureInterface& interface : interfaces) {
    if (interface.dropped() == 0 || ++dropping > most_listed) continue;
    const std::string received = interface.received ? fmt::format(" (of {} received)", *interface.received) : "";
    const std::string where = interface.name.empty() ? "" : fmt::format(" on {}", escaped(interface.name));
    notes.push_back(fmt::format("the capturing machine dropped {}{}{}: gaps may be from that",
                                plural(interface.dropped(), "packet"), where, received));
  }
  if (dropping > most_listed)
    notes.push_back(fmt::format("it dropped some on {} more", plural(dropping - most_listed, "interface")));
  return notes;
}

std::vector<std::string> notes_of(const CaptureReport& report, const AddressTable& addresses) {
  std::vector<std::string> notes;
  if (!report.end.clean())
    notes.push_back(fmt::format("the file is damaged at byte {}: {}; the {} before it {} kept", report.end.offset,
                                report.end.message, plural(report.packets, "packet"),
                                report.packets == 1 ? "is" : "are"));
  for (const std::uint16_t link : report.unknown_links)
    notes.push_back(fmt::format("frames of {} are listed but not decoded", name_of(static_cast<LinkType>(link))));
  if (report.packets_cut_by_snaplen != 0)
    notes.push_back(
        fmt::format("{} captured only in part (snap length)", plural(report.packets_cut_by_snaplen, "packet")));
  if (report.times_held != 0)
    notes.push_back(fmt::format("the clock ran backwards: {} shown at the time of the packet before, in file order",
                                plural(report.times_held, "packet")));
  if (report.times_cut != 0)
    notes.push_back(fmt::format("{} dated more than a year after the one before: shown without the jump",
                                plural(report.times_cut, "packet")));
  if (report.tunnelled != 0)
    notes.push_back(
        fmt::format("{} travelled in a tunnel: shown as the inner packet", plural(report.tunnelled, "packet")));
  if (report.count(FrameKind::too_many_conversations) != 0)
    notes.push_back(fmt::format("{} beyond the limit of conversations: left out",
                                plural(report.count(FrameKind::too_many_conversations), "packet")));
  note_checksums(report, addresses, notes);
  return notes;
}

}  // namespace fourtuple::capture
