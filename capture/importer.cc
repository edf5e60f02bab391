#include "capture/importer.h"

#include <algorithm>
#include <fmt/format.h>

#include "capture/names/name_finder.h"
#include "capture/names/name_text.h"
#include "capture/observed_hosts.h"
#include "capture/observed_sockets.h"

namespace fourtuple::capture {
namespace {

constexpr std::int64_t longest_gap_ns = 366LL * 24 * 3600 * 1'000'000'000;

// Capture times to trace times: instant 0 is the first frame, and time never runs backward.
class Clock {
 public:
  Time now(std::int64_t time_ns, CaptureReport& report) {
    if (!started_) {
      started_ = true;
      epoch_ns_ = time_ns;
      return {0};
    }
    const std::int64_t relative = time_ns - epoch_ns_;
    if (relative < last_.ns) {
      ++report.times_held;
    } else if (relative - last_.ns > longest_gap_ns) {
      ++report.times_cut;
    } else {
      last_ = {relative};
    }
    return last_;
  }
  std::int64_t epoch_ns() const { return epoch_ns_; }

 private:
  bool started_ = false;
  std::int64_t epoch_ns_ = 0;
  Time last_{0};
};

class Importer {
 public:
  Importer(ImportedCapture& out, SocketOwners lists, const ImportOptions& options)
      : out_(&out),
        records_wanted_(options.records),
        survey_(out.trace.mutable_tables().addresses, options.survey),
        names_(std::move(lists), out.trace.tables().addresses),
        hosts_(out.trace.mutable_tables()),
        sockets_(out.trace, hosts_, names_) {}

  void run(Reader& reader);

 private:
  void take(const Frame& frame, const Reader& reader);
  void tie_quote(Time now, HostId host, const FrameView& view, PacketId error);
  bool is_original(const FrameInfo& frame, std::uint64_t record, const FrameView& view) const;
  const FrameView& survey(const Frame& frame);
  void add_names(const Reader& reader);
  void fill_tables(const Reader& reader);

  ImportedCapture* out_;
  bool records_wanted_;
  Survey survey_;
  FlowNames names_;
  NameFinder seen_;
  ObservedHosts hosts_;
  ObservedSockets sockets_;
  Clock clock_;
  std::vector<std::uint64_t> records_;  // position of each packet's packet_created, by packet id
};

void Importer::run(Reader& reader) {
  constexpr std::uint64_t most_packets = 0xffff'fff0;
  Frame frame;
  while (survey_.report().packets < most_packets && reader.next(frame)) take(frame, reader);
  survey_.finish(reader);
  fill_tables(reader);
}

void Importer::take(const Frame& frame, const Reader& reader) {
  trace::Trace& trace = out_->trace;
  const PacketId id{static_cast<std::uint32_t>(survey_.report().packets)};
  const Time now = clock_.now(frame.time_ns, survey_.report());
  if (!records_wanted_) {
    const FrameView& view = survey(frame);
    if (view.place.valid()) names_.observe(view.decoded.packet, view.place, frame, reader.processes());
    return;
  }
  sockets_.expire(now);
  const FrameView& view = survey(frame);
  records_.push_back(0);
  if (!view.has_packet) return;
  Packet packet = view.decoded.packet;
  packet.id = id;
  if (packet.payload_length != 0) {
    packet.payload_kind = PayloadKind::capture;
    packet.payload_offset = frame.file_offset + survey_.frames().back().ip_offset + view.decoded.payload_at;
  }
  const HostId from = hosts_.host_of(packet.source), to = hosts_.host_of(packet.destination);
  records_.back() = trace.append(now, from, trace::PacketCreated{packet});
  if (view.place.valid())
    sockets_.observe(now, packet, view.place, names_.observe(packet, view.place, frame, reader.processes()));
  if (view.kind == FrameKind::icmp_error) tie_quote(now, from, view, id);
  trace.append(now, from,
               trace::PacketSent{id, hosts_.interface_of(from), hosts_.interface_of(to), packet.ttl, Duration{0}});
  trace.set_end_time(now);
}

const FrameView& Importer::survey(const Frame& frame) {
  const FrameView& view = survey_.add(frame);
  if (view.place.valid())
    seen_.observe(view.decoded, view.place, survey_.flows().flows()[view.place.flow], view.payload,
                  static_cast<std::uint32_t>(survey_.report().packets));
  return view;
}

bool Importer::is_original(const FrameInfo& frame, std::uint64_t record, const FrameView& view) const {
  if (frame.kind != FrameKind::conversation || frame.direction != view.quoted_place.direction) return false;
  const Packet packet = trace::unpack_packet_created(out_->trace.at(record)).packet;
  const Packet& quoted = view.quoted.packet;
  if (packet.ip_id != quoted.ip_id || packet.protocol != quoted.protocol) return false;
  // IPv6 and unfragmentable IPv4 packets often have no identification: what else the quote shows must agree.
  return packet.protocol == Protocol::tcp ? packet.seq == quoted.seq : packet.payload_length == quoted.payload_length;
}

// Looks for the packet an ICMP error quotes among the latest ones of its conversation.
void Importer::tie_quote(Time now, HostId host, const FrameView& view, PacketId error) {
  constexpr int most_steps = 1024;
  const std::vector<FrameInfo>& frames = survey_.frames();
  std::uint32_t at = frames.back().previous_in_flow;
  for (int step = 0; step < most_steps && at != FlowPlace::no_flow; ++step) {
    if (is_original(frames[at], records_[at], view)) {
      out_->trace.append(now, host, trace::PacketQuoted{error, {at}, 0});
      return;
    }
    at = frames[at].previous_in_flow;
  }
}

// What the file says goes before what its packets say.
void Importer::add_names(const Reader& reader) {
  for (const CaptureName& known : reader.names())
    seen_.names().add_host(known.address, escaped(known.name), NameSource::file, 0);
  hosts_.name_after(seen_.names());
  out_->names = std::move(seen_.names());
}

void Importer::fill_tables(const Reader& reader) {
  trace::Tables& tables = out_->trace.mutable_tables();
  tables.source = trace::Source::capture;
  tables.file_name = out_->path.substr(out_->path.find_last_of('/') + 1);
  tables.title = tables.file_name;
  tables.epoch_ns = clock_.epoch_ns();
  tables.notes = notes_of(survey_.report(), tables.addresses);
  if (hosts_.addresses_shared() != 0)
    tables.notes.push_back(fmt::format("more than {} addresses: {} of them are drawn as one host",
                                       ObservedHosts::max_hosts, hosts_.addresses_shared()));
  add_names(reader);
  for (std::string& note : notes_of(reader.interfaces())) tables.notes.push_back(std::move(note));
  for (std::string& note : notes_of(out_->names)) tables.notes.push_back(std::move(note));
  for (std::string& note : notes_of(names_, survey_.flows().flows(), tables.addresses))
    tables.notes.push_back(std::move(note));
  out_->trace.publish();
  out_->frames = std::move(survey_.frames());
  out_->frames.shrink_to_fit();
  out_->flows = std::move(survey_.flows());
  out_->analysis = std::move(survey_.analysis());
  out_->flow_owners = names_.owners();
  out_->owners = names_.lists();
  out_->report = std::move(survey_.report());
  out_->interfaces = reader.interfaces();
  out_->format = reader.format();
}

}  // namespace

Outcome<ImportedCapture> import_capture(const std::string& path, SocketOwners lists, const ImportOptions& options) {
  auto reader = open_capture(path);
  if (!reader) return tl::unexpected<Error>(reader.error());
  Outcome<ImportedCapture> out{tl::in_place};
  out->path = path;
  Importer importer(*out, std::move(lists), options);
  importer.run(**reader);
  return out;
}

}  // namespace fourtuple::capture
