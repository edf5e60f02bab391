#include "capture/export.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <set>

#include "capture/drop_rules.h"
#include "capture/names/written_names.h"
#include "capture/packet_bytes.h"
#include "capture/pcapng_writer.h"

namespace fourtuple::capture {
namespace {

using trace::DropReason;

// A packet passing an interface.
struct Passing {
  Time at;
  std::uint64_t position = 0;  // of the packet_sent record
  PacketId packet;
  InterfaceId interface;  // whose file it goes to
  InterfaceId from, to;
  std::uint8_t ttl = 0;
  bool inbound = false;
  DropReason dropped = DropReason::none;  // the packet's end, noted where it was last seen
  ProcessId reader;                       // whose socket it came to
};

bool ends_on_the_network(DropReason reason) {
  switch (reason) {
    case DropReason::link_loss:
    case DropReason::link_fault:
    case DropReason::queue_full:
    case DropReason::link_failed:
    case DropReason::no_neighbour:
      return true;
    default:
      return false;
  }
}

class Exporter {
 public:
  Exporter(const trace::Trace& trace, const std::vector<CaptureName>* names)
      : trace_(&trace), names_(names), bytes_(trace), rules_(trace) {}

  void scan();
  Outcome<std::vector<ExportedFile>> write(const std::filesystem::path& directory);

 private:
  void see(Time at, std::uint64_t position, const trace::PacketSent& sent);
  void see_drop(Time at, const trace::PacketDropped& drop);
  void see_delivery(const trace::PacketDelivered& delivery);
  std::string comment_on(const Passing& passing) const;
  bool is_loopback(InterfaceId interface) const;
  NetworkId network_of(InterfaceId interface) const;
  Outcome<ExportedFile> write_file(const std::filesystem::path& path, InterfaceId interface, std::size_t first,
                                   std::size_t last) const;
  void frame_bytes(const Passing& passing, std::vector<std::uint8_t>& out, std::uint32_t& original) const;
  std::string file_name(InterfaceId interface, std::set<std::string>& taken) const;

  const trace::Trace* trace_;
  const std::vector<CaptureName>* names_;  // null: of the hosts
  PacketBytes bytes_;
  DropRules rules_;
  std::vector<Passing> passings_;
  std::vector<std::uint32_t> last_sighting_;  // by PacketId: index + 1
  struct Program {
    std::string_view name;
    std::uint32_t pid = 0;
  };
  std::map<std::uint32_t, Program> programs_;  // by ProcessId
};

bool Exporter::is_loopback(InterfaceId interface) const {
  const auto& interfaces = trace_->tables().topology.interfaces;
  return interface.value < interfaces.size() && interfaces[interface.value].loopback;
}

NetworkId Exporter::network_of(InterfaceId interface) const {
  return trace_->tables().topology.interfaces[interface.value].network;
}

void Exporter::scan() {
  for (std::uint64_t at = trace_->first(); at < trace_->published(); at = trace_->next(at)) {
    const trace::Slot* slot = trace_->at(at);
    bytes_.add(at);
    rules_.add(slot);
    if (slot->kind == trace::Kind::packet_sent) see(slot->at, at, trace::unpack_packet_sent(slot));
    if (slot->kind == trace::Kind::packet_dropped) see_drop(slot->at, trace::unpack_packet_dropped(slot));
    if (slot->kind == trace::Kind::packet_delivered) see_delivery(trace::unpack_packet_delivered(slot));
    if (slot->kind == trace::Kind::process_started) {
      const trace::ProcessStarted started = trace::unpack_process_started(slot);
      programs_[started.process.value] = {trace_->tables().strings[started.name], started.pid};
    }
  }
  std::stable_sort(passings_.begin(), passings_.end(), [](const Passing& a, const Passing& b) {
    return a.interface != b.interface ? a.interface < b.interface : a.at < b.at;
  });
}

void Exporter::see(Time at, std::uint64_t position, const trace::PacketSent& sent) {
  const std::size_t interfaces = trace_->tables().topology.interfaces.size();
  Passing passing{at, position, sent.packet, sent.from, sent.from, sent.to, sent.ttl, false, DropReason::none, {}};
  if (sent.from.value < interfaces) passings_.push_back(passing);
  if (sent.to.value < interfaces && !(sent.from == sent.to && is_loopback(sent.to))) {
    passing.at = at + sent.transit;
    passing.interface = sent.to;
    passing.inbound = true;
    passings_.push_back(passing);
  }
  constexpr std::uint32_t id_slack = 1u << 20;
  if (sent.packet.value > last_sighting_.size() + id_slack) return;
  if (last_sighting_.size() <= sent.packet.value) last_sighting_.resize(sent.packet.value + 1);
  last_sighting_[sent.packet.value] = static_cast<std::uint32_t>(passings_.size());
}

void Exporter::see_drop(Time at, const trace::PacketDropped& drop) {
  if (drop.packet.value >= last_sighting_.size()) return;
  std::uint32_t& last = last_sighting_[drop.packet.value];
  if (last == 0) return;
  // Lost on the way: the receiver's interface never saw it.
  const bool newest = last == passings_.size() && last >= 2 && passings_[last - 1].inbound;
  const bool on_the_way = newest && ends_on_the_network(drop.reason) && passings_[last - 2].packet == drop.packet &&
                          passings_[last - 2].at == at && drop.network == network_of(passings_[last - 2].from);
  if (on_the_way) {
    passings_.pop_back();
    --last;
  }
  passings_[last - 1].dropped = drop.reason;
}

void Exporter::see_delivery(const trace::PacketDelivered& delivery) {
  if (!delivery.process.valid() || delivery.packet.value >= last_sighting_.size()) return;
  const std::uint32_t last = last_sighting_[delivery.packet.value];
  if (last != 0) passings_[last - 1].reader = delivery.process;
}

std::string Exporter::comment_on(const Passing& passing) const {
  if (passing.dropped != DropReason::none) {
    const std::string rule = passing.dropped == DropReason::rule ? rules_.rule_of(passing.packet) : std::string();
    return fmt::format("dropped: {}", rule.empty() ? std::string(words_of(passing.dropped)) : rule);
  }
  const auto program = programs_.find(passing.reader.value);
  if (!passing.reader.valid() || program == programs_.end()) return {};
  return fmt::format("to process {} (pid {})", program->second.name, program->second.pid);
}

void put_mac(InterfaceId interface, bool loopback, std::vector<std::uint8_t>& out) {
  if (loopback) return append16(out, 0), append32(out, 0);
  if (!interface.valid()) return append16(out, 0xffff), append32(out, 0xffffffff);
  append16(out, 0x0200);  // locally administered
  append32(out, interface.value + 1);
}

void Exporter::frame_bytes(const Passing& passing, std::vector<std::uint8_t>& out, std::uint32_t& original) const {
  out.clear();
  const bool loopback = is_loopback(passing.interface);
  put_mac(passing.to, loopback, out);
  put_mac(passing.from, loopback, out);
  append16(out, 0x0800);
  const std::uint32_t length = bytes_.encode(passing.packet, passing.position, passing.ttl, out);
  original = 14 + length;
  if (length != 0 && (out[14] >> 4) == 6) store16(out.data() + 12, 0x86dd);
  if (length == 0) out.clear();
}

Outcome<ExportedFile> Exporter::write_file(const std::filesystem::path& path, InterfaceId interface, std::size_t first,
                                           std::size_t last) const {
  const trace::Tables& tables = trace_->tables();
  const std::string_view name = tables.strings[tables.topology.interfaces[interface.value].name];
  auto writer = PcapngWriter::create(path.string(), name, LinkType::ethernet);
  if (!writer) return tl::unexpected<Error>(writer.error());
  writer->add_names(names_ != nullptr ? *names_ : host_names(tables, interface));
  ExportedFile file{path.string(), interface, 0};
  const std::int64_t epoch = tables.epoch_ns != 0 ? tables.epoch_ns : default_epoch_ns;
  std::vector<std::uint8_t> bytes;
  std::string comment;
  for (std::size_t i = first; i < last; ++i) {
    const Passing& passing = passings_[i];
    OutgoingFrame frame;
    frame_bytes(passing, bytes, frame.original);
    if (bytes.empty()) continue;
    comment = comment_on(passing);
    frame.time_ns = std::max<std::int64_t>(0, epoch + passing.at.ns);
    frame.bytes = bytes;
    frame.inbound = passing.inbound;
    frame.comment = comment;
    writer->write(frame);
    ++file.packets;
  }
  if (auto closed = writer->close(); !closed) return tl::unexpected<Error>(closed.error());
  return file;
}

std::string Exporter::file_name(InterfaceId interface, std::set<std::string>& taken) const {
  const trace::Tables& tables = trace_->tables();
  const trace::InterfaceInfo& info = tables.topology.interfaces[interface.value];
  std::string_view host = "host";
  if (info.host.value < tables.topology.hosts.size())
    host = tables.strings[tables.topology.hosts[info.host.value].name];
  std::string name = fmt::format("{}-{}", host, tables.strings[info.name]).substr(0, 128);
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!plain && c != '.') c = '_';
  }
  std::string unique = name;
  for (int n = 2; !taken.insert(unique).second; ++n) unique = fmt::format("{}-{}", name, n);
  return unique + ".pcapng";
}

Outcome<std::vector<ExportedFile>> Exporter::write(const std::filesystem::path& directory) {
  std::vector<ExportedFile> files;
  std::set<std::string> taken;
  for (std::size_t first = 0; first < passings_.size();) {
    const InterfaceId interface = passings_[first].interface;
    std::size_t last = first;
    while (last < passings_.size() && passings_[last].interface == interface) ++last;
    auto file = write_file(directory / file_name(interface, taken), interface, first, last);
    if (!file) return tl::unexpected<Error>(file.error());
    files.push_back(std::move(*file));
    first = last;
  }
  return files;
}

}  // namespace

Outcome<std::vector<ExportedFile>> export_run(const trace::Trace& trace, const std::string& directory,
                                              const std::vector<CaptureName>* names) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(SourcePosition{directory, 0, 0}, "the folder cannot be created: " + error.message());
  Exporter exporter(trace, names);
  exporter.scan();
  return exporter.write(directory);
}

}  // namespace fourtuple::capture
