// The columns of a ladder: one for each host, or, where several of its processes take part, one for each of them and
// one for what no process had to do with. Pure.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "viz/panels/ladder/ladder_model.h"

namespace fourtuple::viz {

class LadderColumns {
 public:
  // `hosts` from left to right; `packets`: those of the ladder.
  LadderColumns(const PanelContext& context, const std::vector<HostId>& hosts, const std::vector<PacketId>& packets);

  const std::vector<LadderColumn>& list() const { return list_; }
  // The column a packet leaves. `first`: the host made it, it did not pass it on. Nothing for a host without a column.
  std::optional<std::size_t> left(PacketId packet, HostId host, bool first) const;
  // The column a packet reaches with the hop that `record` tells of.
  std::optional<std::size_t> reached(PacketId packet, HostId host, std::uint64_t record) const;

 private:
  using Side = std::pair<std::uint32_t, std::uint32_t>;  // flow, host

  void learn_from_deliveries(const std::vector<PacketId>& packets);
  void learn_from_sockets(const std::vector<PacketId>& packets);
  void add_host(HostId host, const std::vector<PacketId>& packets);
  std::vector<std::string> names_on(HostId host) const;
  std::string name_of(std::uint32_t flow, HostId host) const;
  std::optional<std::size_t> column(HostId host, const std::string& process) const;
  bool serves_without_process(HostId host, const std::vector<PacketId>& packets) const;

  const PanelContext& context_;
  std::map<Side, std::string> processes_;
  std::vector<Side> seen_;  // in the order they were learnt
  std::vector<LadderColumn> list_;
};

}  // namespace fourtuple::viz
