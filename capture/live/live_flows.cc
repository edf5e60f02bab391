#include "capture/live/live_flows.h"

#include <algorithm>

#include "capture/machine/steady_clock.h"

namespace fourtuple::capture {
namespace {

constexpr std::int64_t ms = 1'000'000;
// A conversation's owners are looked for that long: what is accepted late is found, what is over is given up, and a
// server that hands the connection to another process has done so.
constexpr std::int64_t patience_ns = 2'000 * ms;
// Looks while conversations wait for an owner, while all have one but some are young, and else.
constexpr std::int64_t short_pause_ns = 5 * ms, young_pause_ns = 50 * ms, long_pause_ns = 500 * ms;

bool same_socket(const Attribution& a, const Attribution& b) {
  return a.inode != 0 && a.inode == b.inode;
}

}  // namespace

LiveFlows::LiveFlows(MachineWatch& watch, const std::vector<LocalInterface>& interfaces) : watch_(&watch) {
  set_interfaces(interfaces);
}

void LiveFlows::set_interfaces(const std::vector<LocalInterface>& interfaces) {
  own_addresses_.clear();
  for (const LocalInterface& interface : interfaces)
    own_addresses_.insert(own_addresses_.end(), interface.addresses.begin(), interface.addresses.end());
  sockets_.set_own_addresses(own_addresses_);
}

bool LiveFlows::own(const IpAddress& address) const {
  return address.is_loopback() ||
         std::find(own_addresses_.begin(), own_addresses_.end(), address) != own_addresses_.end();
}

const FrameView& LiveFlows::add(const Frame& frame) {
  const FrameView& view = survey_.add(frame);
  if (!view.place.valid()) return view;
  const std::uint32_t flow = view.place.flow;
  finder_.observe(*view.decoded, view.place, flows()[flow], view.payload,
                  static_cast<std::uint32_t>(survey_.report().packets));
  if (flow < owners_.size()) return view;
  owners_.resize(flow + 1);
  waits_.resize(flow + 1, {now_ns_, false});
  young_.push_back(flow);
  wanted_ = true;
  return view;
}

// True when every end that is this machine's has the socket itself.
bool LiveFlows::find_owners(std::uint32_t flow) {
  const Flow& known = survey_.flows().flows()[flow];
  const auto ends = ends_of(known, addresses_);
  const PerDirection<AddressId> locals{known.a, known.b};
  bool all = true;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!own(locals[i])) continue;
    Attribution& owner = owners_[flow][i];
    const Attribution now = sockets_.find(ends[i]);
    // Once exact only the same socket in other hands counts: the port may be another socket's by now.
    const bool another = owner.match == OwnerMatch::exact && !same_socket(owner, now);
    if (!another && now.match >= owner.match) owner = now;
    all = all && owner.match == OwnerMatch::exact;
  }
  return all;
}

Outcome<void> LiveFlows::look(std::int64_t now_ns) {
  now_ns_ = now_ns;
  if (now_ns < next_idle_look_ns_ && (!wanted_ || now_ns < next_look_ns_)) return {};
  const std::int64_t start = steady_ns();
  if (auto taken = take(watch_->look_briefly()); !taken) return taken;
  // On a machine with very many sockets a look takes long: it gets a fifth of the time at most.
  // (Searching all processes is held back by the watch itself.)
  const std::int64_t spent = steady_ns() - start - machine_.search_ns;
  next_look_ns_ = now_ns + std::max(short_pause_ns, spent * 5);
  next_idle_look_ns_ = now_ns + std::max(young_.empty() ? long_pause_ns : young_pause_ns, spent * 5);
  return {};
}

Outcome<void> LiveFlows::finish() {
  return take(watch_->look());
}

Outcome<void> LiveFlows::take(Outcome<Machine> machine) {
  if (!machine) return tl::unexpected<Error>(machine.error());
  machine_ = std::move(*machine);
  sockets_.forget_sockets();
  sockets_.add(machine_.list);
  wanted_ = false;
  std::erase_if(young_, [&](std::uint32_t flow) {
    const bool old = now_ns_ - waits_[flow].since_ns > patience_ns;
    waits_[flow].settled = find_owners(flow) || old;
    wanted_ = wanted_ || !waits_[flow].settled;
    return old;
  });
  return {};
}

std::size_t LiveFlows::unknown() {
  std::size_t count = 0;
  for (std::size_t i = 0; i < owners_.size(); ++i) {
    const Flow& flow = flows()[i];
    count += (own(flow.a) && !owners_[i][0].known()) || (own(flow.b) && !owners_[i][1].known());
  }
  return count;
}

}  // namespace fourtuple::capture
