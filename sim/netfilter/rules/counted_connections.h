// What `ct count` remembers: for every counter the connections that passed it and still live (nf_conncount).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/index_map.h"
#include "sim/state/netfilter.h"

namespace fourtuple::netfilter {

struct CountedConnection {
  state::ConntrackTuple tuple;  // of the original direction
  Protocol protocol = Protocol::none;
};

struct CountedObject {
  std::uint32_t id = 0;
  friend bool operator==(CountedObject, CountedObject) = default;
};
inline std::uint64_t hash_of(CountedObject object) {
  return mix_bits(object.id);
}

class CountedConnections {
 public:
  // The connections of an object, oldest first.
  std::vector<CountedConnection>& of(std::uint32_t object);
  // Forgets an object's connections.
  void clear(std::uint32_t object);

 private:
  IndexMap<CountedObject> index_;
  std::vector<std::vector<CountedConnection>> lists_;
};

}  // namespace fourtuple::netfilter
