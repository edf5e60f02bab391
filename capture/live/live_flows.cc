#include "capture/live/live_flows.h"

#include <algorithm>
#include <chrono>

namespace fourtuple::capture {
namespace {

constexpr std::int64_t ms = 1'000'000;
// A conversation's owners are looked for that long: what is accepted late is found, what is over is given up.
constexpr std::int64_t patience_ns = 2'000 * ms;
// Looks while conversations wait, and while none does.
constexpr std::int64_t short_pause_ns = 5 * ms, long_pause_ns = 500 * ms;

std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace

LiveFlows::LiveFlows(MachineWatch& watch, const std::vector<LocalInterface>& interfaces) : watch_(&watch) {
  for (const LocalInterface& interface : interfaces)
    own_addresses_.insert(own_addresses_.end(), interface.addresses.begin(), interface.addresses.end());
  sockets_.set_own_addresses(own_addresses_);
}

bool LiveFlows::own(AddressId address) const {
  const IpAddress& ip = addresses_[address];
  return ip.is_loopback() || std::find(own_addresses_.begin(), own_addresses_.end(), ip) != own_addresses_.end();
}

const FrameView& LiveFlows::add(const Frame& frame) {
  const FrameView& view = survey_.add(frame);
  if (!view.place.valid()) return view;
  const std::uint32_t flow = view.place.flow;
  if (flow < owners_.size()) return view;
  owners_.resize(flow + 1);
  waits_.resize(flow + 1, {now_ns_, false});
  waiting_.push_back(flow);
  fresh_ = true;
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
    if (owner.match == OwnerMatch::exact) continue;
    const Attribution now = sockets_.find(ends[i]);
    if (now.match >= owner.match) owner = now;
    all = all && owner.match == OwnerMatch::exact;
  }
  return all;
}

Outcome<void> LiveFlows::look(std::int64_t now_ns) {
  now_ns_ = now_ns;
  const bool wanted = now_ns >= next_idle_look_ns_ || ((fresh_ || !waiting_.empty()) && now_ns >= next_look_ns_);
  if (!wanted) return {};
  fresh_ = false;
  const std::int64_t start = steady_ns();
  auto machine = watch_->look_briefly();
  if (!machine) return tl::unexpected<Error>(machine.error());
  machine_ = std::move(*machine);
  sockets_.forget_sockets();
  sockets_.add(machine_.list);
  std::erase_if(waiting_, [&](std::uint32_t flow) {
    waits_[flow].settled = find_owners(flow) || now_ns - waits_[flow].since_ns > patience_ns;
    return waits_[flow].settled;
  });
  // On a machine with very many sockets a look takes long: it gets a fifth of the time at most.
  // (Searching all processes is held back by the watch itself.)
  const std::int64_t spent = steady_ns() - start - machine_.search_ns;
  next_look_ns_ = now_ns + std::max(short_pause_ns, spent * 5);
  next_idle_look_ns_ = now_ns + std::max(long_pause_ns, spent * 5);
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
