#include "app/views/holders.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

#include "app/views/rows.h"

namespace fourtuple::app {
namespace {

// `fd`: one of the numbers, `count`: how many holders there are. Copies by fork() have the same number, so a look at
// every descriptor there is, for each socket, is rarely needed.
template <class Leads>
std::vector<Holder> find_holders(const ViewInput& input, std::int32_t fd, std::uint32_t count, Leads leads) {
  std::vector<Holder> holders;
  const auto& processes = input.state.processes;
  for (std::uint32_t i = 0; i < processes.end(); ++i) {
    if (!processes.alive(i)) continue;
    const state::Descriptor* same_number = state::find_descriptor(input.state, {i}, fd);
    if (same_number != nullptr && leads(*same_number)) holders.push_back({{i}, fd});
  }
  const auto& all = input.state.descriptors;
  if (holders.size() < count) holders.clear();
  for (std::uint32_t i = 0; i < all.end() && holders.size() < count; ++i)
    if (all.alive(i) && leads(all[i])) holders.push_back({all[i].process, all[i].fd});
  const auto order = [&](const Holder& holder) {
    return std::tuple(input.state.processes[holder.process.value].pid, holder.fd);
  };
  std::sort(holders.begin(), holders.end(), [&](const Holder& a, const Holder& b) { return order(a) < order(b); });
  return holders;
}

}  // namespace

std::vector<Holder> holders_of(const ViewInput& input, SocketId socket) {
  const state::Socket& seen = input.state.sockets[socket.value];
  if (seen.holders <= 1 && !(seen.owner.valid() && seen.fd >= 0)) return {};
  if (seen.holders <= 1) return {{seen.owner, seen.fd}};
  return find_holders(input, seen.fd, seen.holders, [&](const state::Descriptor& d) { return d.socket == socket; });
}

std::vector<Holder> holders_of(const ViewInput& input, LocalId local) {
  const state::Local& seen = input.state.locals[local.value];
  return find_holders(input, seen.fd, seen.holders + seen.writers,
                      [&](const state::Descriptor& d) { return d.local() == local; });
}

std::string users_words(const ViewInput& input, const std::vector<Holder>& holders) {
  std::string text;
  for (std::size_t i = holders.size(); i-- > 0;) {
    if (!input.state.processes.alive(holders[i].process.value)) continue;
    const state::Process& process = input.state.processes[holders[i].process.value];
    text += fmt::format("{}(\"{}\",pid={},fd={})", text.empty() ? "" : ",", comm(input.tables.strings[process.name]),
                        process.pid, holders[i].fd);
  }
  return text.empty() ? "" : " users:(" + text + ")";
}

}  // namespace fourtuple::app
