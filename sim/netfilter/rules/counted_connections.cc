#include "sim/netfilter/rules/counted_connections.h"

namespace fourtuple::netfilter {

std::vector<CountedConnection>& CountedConnections::of(std::uint32_t object) {
  std::uint32_t at = index_.find({object});
  if (at == IndexMap<CountedObject>::absent) {
    at = static_cast<std::uint32_t>(lists_.size());
    lists_.emplace_back();
    index_.set({object}, at);
  }
  return lists_[at];
}

void CountedConnections::clear(std::uint32_t object) {
  const std::uint32_t at = index_.find({object});
  if (at != IndexMap<CountedObject>::absent) lists_[at].clear();
}

}  // namespace fourtuple::netfilter
