#include "capture/importer.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "capture/names/name_finder.h"
#include "capture/names/name_text.h"
#include "capture/nat/joined_records.h"
#include "capture/nat/sides_text.h"
#include "capture/observed_hosts.h"
#include "capture/observed_sockets.h"
#include "capture/read_ahead.h"

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
        options_(options),
        survey_(out.trace.mutable_tables().addresses, options.survey, &out.frames),
        names_(std::move(lists), out.trace.tables().addresses),
        hosts_(out.trace.mutable_tables()),
        sockets_(out.trace, hosts_, names_) {
    if (options.records && options.join_sides && out.sides && !out.sides->pairs.empty())
      joined_.emplace(*out.sides, out.trace, hosts_, sockets_);
  }

  void run(Reader& reader);

 private:
  // False when it was stopped before the end of the file.
  bool take_batches(Reader& reader);
  // False when no more packets can be counted.
  bool take(FrameBatch& batch);
  void take(DecodedFrame& decoded);
  void record(DecodedFrame& decoded, PacketId id, Time now);
  void take_joined(Time now, const Packet& packet, const Frame& frame, const FrameView& view);
  PacketId quoted_by(const FrameView& view);
  bool is_original(const FrameInfo& frame, std::uint64_t record, const FrameView& view) const;
  const FrameView& survey(DecodedFrame& frame);
  void add_names(const Reader& reader);
  void fill_tables(const Reader& reader);

  ImportedCapture* out_;
  const ImportOptions& options_;
  Survey survey_;
  FlowNames names_;
  NameFinder seen_;
  ObservedHosts hosts_;
  ObservedSockets sockets_;
  Clock clock_;
  std::vector<CaptureProcess> processes_;     // those of the reader, as far as batches were taken
  std::vector<CaptureInterface> interfaces_;  // the same
  std::vector<std::uint64_t> records_;        // position of each packet's packet_created, by packet id
  std::optional<JoinedRecords> joined_;
  std::vector<std::uint32_t> frames_of_file_;
};

void Importer::run(Reader& reader) {
  if (take_batches(reader)) survey_.finish(reader);
  fill_tables(reader);
}

bool Importer::take_batches(Reader& reader) {
  const std::uint64_t size = reader.file_size();
  ReadAhead batches(reader, options_.survey.verify_checksums, size >= ReadAhead::least_for_thread);
  for (FrameBatch* batch = batches.next(); batch != nullptr; batch = batches.next()) {
    const bool room = take(*batch);
    if (room && (!options_.watch || options_.watch({batch->position, size, survey_.report().packets}))) continue;
    survey_.report().unread = size - std::min(size, batch->position);
    return false;
  }
  return true;
}

bool Importer::take(FrameBatch& batch) {
  processes_.insert(processes_.end(), batch.processes.begin(), batch.processes.end());
  interfaces_.insert(interfaces_.end(), batch.interfaces.begin(), batch.interfaces.end());
  std::span<DecodedFrame> left = batch.all();
  while (!left.empty()) {
    const std::span<DecodedFrame> some = left.first(std::min(left.size(), Survey::prefetched_at_once));
    left = left.subspan(some.size());
    survey_.prefetch(some);
    for (DecodedFrame& frame : some) {
      if (survey_.report().packets >= FrameTable::most) return false;
      take(frame);
    }
  }
  return true;
}

void Importer::take(DecodedFrame& decoded) {
  const PacketId id{static_cast<std::uint32_t>(survey_.report().packets)};
  const Time now = clock_.now(decoded.frame.time_ns, survey_.report());
  if (options_.records) return record(decoded, id, now);
  const FrameView& view = survey(decoded);
  if (view.place.valid()) names_.observe(view.decoded->packet, view.place, decoded.frame, processes_);
}

void Importer::record(DecodedFrame& decoded, PacketId id, Time now) {
  const Frame& frame = decoded.frame;
  trace::Trace& trace = out_->trace;
  sockets_.expire(now);
  const FrameView& view = survey(decoded);
  records_.push_back(0);
  if (frames_of_file_.size() <= frame.file) frames_of_file_.resize(frame.file + 1);
  ++frames_of_file_[frame.file];
  if (!view.has_packet) return;
  Packet packet = view.decoded->packet;
  packet.id = id;
  if (packet.payload_length != 0) {
    packet.payload_kind = PayloadKind::capture;
    packet.payload_offset = frame.file_offset + out_->frames.back().ip_offset + view.decoded->payload_at;
  }
  if (joined_) return take_joined(now, packet, frame, view);
  const HostId from = hosts_.host_of(packet.source), to = hosts_.host_of(packet.destination);
  records_.back() = trace.append(now, from, trace::PacketCreated{packet});
  if (view.place.valid())
    sockets_.observe(now, packet, view.place, names_.observe(packet, view.place, frame, processes_));
  if (const PacketId quoted = quoted_by(view); quoted.valid())
    trace.append(now, from, trace::PacketQuoted{id, quoted, 0});
  trace.append(now, from,
               trace::PacketSent{id, hosts_.interface_of(from), hosts_.interface_of(to), packet.ttl, Duration{0}});
  trace.set_end_time(now);
}

const FrameView& Importer::survey(DecodedFrame& frame) {
  const FrameView& view = survey_.add(frame);
  if (view.place.valid())
    seen_.observe(*view.decoded, view.place, survey_.flows().flows()[view.place.flow], view.payload,
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

void Importer::take_joined(Time now, const Packet& packet, const Frame& frame, const FrameView& view) {
  SeenPacket seen;
  seen.packet = packet;
  seen.tie = out_->sides->ties.id(frame.file, frames_of_file_[frame.file] - 1);
  seen.where = {frame.file, interfaces_[frame.interface].number};
  seen.place = view.place;
  if (view.place.valid()) seen.owners = names_.observe(packet, view.place, frame, processes_);
  seen.quoted = quoted_by(view);
  seen.quoted_headers = view.quoted.packet;
  seen.ip_length = view.decoded->ip_length;
  if (const std::uint64_t created = joined_->take(now, seen); created != JoinedRecords::none) records_.back() = created;
  out_->trace.set_end_time(now);
}

// Looks for the packet an ICMP error quotes among the latest ones of its conversation.
PacketId Importer::quoted_by(const FrameView& view) {
  if (view.kind != FrameKind::icmp_error) return PacketId::none();
  constexpr int most_steps = 1024;
  const FrameTable& frames = out_->frames;
  std::uint32_t at = frames.back().previous_in_flow;
  for (int step = 0; step < most_steps && at != FlowPlace::no_flow; ++step) {
    const PacketId shown = joined_ ? joined_->packet_of({at}) : PacketId{at};
    if (shown.valid() && is_original(frames[at], records_[shown.value], view)) return shown;
    at = frames[at].previous_in_flow;
  }
  return PacketId::none();
}

bool was_told(const std::vector<SeenName>& names, std::string_view text) {
  return std::any_of(names.begin(), names.end(),
                     [&](const SeenName& name) { return !name.inferred() && name.text == text; });
}

// What the file says goes before what its packets say.
void Importer::add_names(const Reader& reader) {
  for (const CaptureName& known : reader.names()) {
    const std::string text = escaped(known.name);
    // The packet that told it says more: such files hold again what their packets told.
    if (!was_told(seen_.names().of(known.address), text))
      seen_.names().add_host(known.address, text, NameSource::file, 0);
  }
  hosts_.name_after(seen_.names());
  out_->names = std::move(seen_.names());
}

void Importer::fill_tables(const Reader& reader) {
  trace::Tables& tables = out_->trace.mutable_tables();
  tables.source = trace::Source::capture;
  for (const CaptureFile& file : out_->files) tables.file_name += (tables.file_name.empty() ? "" : " + ") + file.name();
  tables.title = tables.file_name;
  tables.epoch_ns = clock_.epoch_ns();
  if (out_->sides) tables.notes = notes_of(*out_->sides, joined_.has_value());
  for (std::string& note : notes_of(survey_.report(), tables.addresses)) tables.notes.push_back(std::move(note));
  if (hosts_.addresses_shared() != 0)
    tables.notes.push_back(fmt::format("more than {} addresses: {} of them are drawn as one host",
                                       ObservedHosts::max_hosts, hosts_.addresses_shared()));
  add_names(reader);
  for (std::string& note : notes_of(reader.interfaces())) tables.notes.push_back(std::move(note));
  for (std::string& note : notes_of(out_->names)) tables.notes.push_back(std::move(note));
  for (std::string& note : notes_of(names_, survey_.flows().flows(), tables.addresses))
    tables.notes.push_back(std::move(note));
  out_->trace.publish();
  out_->flows = std::move(survey_.flows());
  out_->analysis = std::move(survey_.analysis());
  out_->flow_owners = names_.owners();
  out_->owners = names_.lists();
  out_->report = std::move(survey_.report());
  out_->interfaces = reader.interfaces();
  out_->format = reader.format();
}

// Interfaces with packets.
std::size_t places_of(const CaptureReport& report) {
  return static_cast<std::size_t>(std::count_if(report.packets_per_interface.begin(),
                                                report.packets_per_interface.end(),
                                                [](std::uint64_t packets) { return packets != 0; }));
}

Outcome<ImportedCapture> import_alone(const std::string& path, SocketOwners lists, const ImportOptions& options,
                                      std::shared_ptr<const BothSides> sides) {
  auto reader = open_capture(path);
  if (!reader) return tl::unexpected<Error>(reader.error());
  Outcome<ImportedCapture> out{tl::in_place};
  out->path = path;
  out->sides = std::move(sides);
  out->files = {{path, std::string((*reader)->format()), 0, {}, 0}};
  Importer importer(*out, std::move(lists), options);
  importer.run(**reader);
  out->files.front().packets = out->report.packets;
  out->files.front().end = out->report.end;
  return out;
}

}  // namespace

Outcome<ImportedCapture> import_capture(const std::string& path, SocketOwners lists, const ImportOptions& options) {
  const SocketOwners again = options.sides && options.join_sides ? lists : SocketOwners();
  auto out = import_alone(path, std::move(lists), options, nullptr);
  if (!out || !options.sides || places_of(out->report) < 2) return out;
  auto sides = find_both_sides({path}, {});
  if (!sides) return out;
  auto found = std::make_shared<const BothSides>(std::move(*sides));
  if (options.records && options.join_sides && !found->pairs.empty())
    return import_alone(path, again, options, std::move(found));
  out->sides = std::move(found);
  return out;
}

Outcome<ImportedCapture> import_captures(const std::vector<std::string>& paths, const SocketOwners& lists,
                                         const ImportOptions& options) {
  if (paths.size() == 1) return import_capture(paths.front(), lists, options);
  std::shared_ptr<const BothSides> sides;
  std::vector<std::int64_t> offsets = options.clocks.offsets_ns;
  offsets.insert(offsets.begin(), 0);
  if (options.sides) {
    auto found = find_both_sides(paths, options.clocks);
    if (!found) return tl::unexpected<Error>(found.error());
    offsets = found->offsets_ns;
    sides = std::make_shared<const BothSides>(std::move(*found));
  }
  auto reader = open_captures(paths, offsets);
  if (!reader) return tl::unexpected<Error>(reader.error());
  Outcome<ImportedCapture> out{tl::in_place};
  out->path = paths.front();
  out->sides = std::move(sides);
  out->files = (*reader)->files();
  Importer importer(*out, lists, options);
  importer.run(**reader);
  out->files = (*reader)->files();
  return out;
}

}  // namespace fourtuple::capture
