#include "capture/importer.h"

#include <algorithm>
#include <fmt/format.h>

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

// What a quote must agree with to be of a packet.
struct Quotable {
  std::uint32_t seq_or_length = 0;  // TCP: the sequence number; else the payload's length
  std::uint16_t ip_id = 0;
  Protocol protocol = Protocol::none;

  friend bool operator==(const Quotable&, const Quotable&) = default;
};

// IPv6 and unfragmentable IPv4 packets often have no identification: what else the quote shows must agree.
Quotable quotable(const Packet& packet) {
  return {packet.protocol == Protocol::tcp ? packet.seq.raw : packet.payload_length, packet.ip_id, packet.protocol};
}

class Importer {
 public:
  Importer(ImportedCapture& out, SocketOwners lists, const ImportOptions& options)
      : out_(&out),
        options_(options),
        survey_(out.trace.mutable_tables().addresses, options.survey, &out.frames),
        names_(std::move(lists), out.trace.tables().addresses),
        hosts_(out.trace.mutable_tables()),
        sockets_(out.trace, hosts_, names_) {}

  void run(Reader& reader);

 private:
  // False when it was stopped before the end of the file.
  bool take_batches(Reader& reader);
  // False when no more packets can be counted.
  bool take(FrameBatch& batch);
  void take(DecodedFrame& frame);
  void record(DecodedFrame& frame, PacketId id, Time now);
  void tie_quote(Time now, HostId host, const FrameView& view, PacketId error);
  void fill_tables(const Reader& reader);

  ImportedCapture* out_;
  const ImportOptions& options_;
  Survey survey_;
  FlowNames names_;
  ObservedHosts hosts_;
  ObservedSockets sockets_;
  Clock clock_;
  std::vector<CaptureProcess> processes_;
  std::vector<Quotable> quotables_;  // by packet id
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

void Importer::take(DecodedFrame& frame) {
  const PacketId id{static_cast<std::uint32_t>(survey_.report().packets)};
  const Time now = clock_.now(frame.frame.time_ns, survey_.report());
  if (options_.records) return record(frame, id, now);
  const FrameView& view = survey_.add(frame);
  if (view.place.valid()) names_.observe(view.decoded->packet, view.place, frame.frame, processes_);
}

void Importer::record(DecodedFrame& frame, PacketId id, Time now) {
  trace::Trace& trace = out_->trace;
  sockets_.expire(now);
  const FrameView& view = survey_.add(frame);
  quotables_.emplace_back();
  if (!view.has_packet) return;
  Packet packet = view.decoded->packet;
  packet.id = id;
  if (packet.payload_length != 0) {
    packet.payload_kind = PayloadKind::capture;
    packet.payload_offset = frame.frame.file_offset + out_->frames.back().ip_offset + view.decoded->payload_at;
  }
  quotables_.back() = quotable(packet);
  const HostId from = hosts_.host_of(packet.source), to = hosts_.host_of(packet.destination);
  trace.append(now, from, trace::PacketCreated{packet});
  if (view.place.valid())
    sockets_.observe(now, packet, view.place, names_.observe(packet, view.place, frame.frame, processes_));
  if (view.kind == FrameKind::icmp_error) tie_quote(now, from, view, id);
  trace.append(now, from,
               trace::PacketSent{id, hosts_.interface_of(from), hosts_.interface_of(to), packet.ttl, Duration{0}});
  trace.set_end_time(now);
}

// Looks for the packet an ICMP error quotes among the latest ones of its conversation.
void Importer::tie_quote(Time now, HostId host, const FrameView& view, PacketId error) {
  constexpr int most_steps = 1024;
  const FrameTable& frames = out_->frames;
  const Quotable wanted = quotable(view.quoted.packet);
  std::uint32_t at = frames.back().previous_in_flow;
  for (int step = 0; step < most_steps && at != FlowPlace::no_flow; ++step) {
    const FrameInfo& frame = frames[at];
    if (frame.kind == FrameKind::conversation && frame.direction == view.quoted_place.direction &&
        quotables_[at] == wanted) {
      out_->trace.append(now, host, trace::PacketQuoted{error, {at}, 0});
      return;
    }
    at = frame.previous_in_flow;
  }
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
