// Every socket of a host as a lock, in the order Linux tries them, with the packet's values as the key. Rows that the
// trace says were tried come from its lookup records; without them the lookup is worked out from the state. Pure.
#pragma once

#include <string>
#include <vector>

#include "viz/kit/key_lock.h"
#include "viz/panels/host/visit.h"

namespace fourtuple::viz {

struct KeyValue {
  std::string title;
  std::string value;
};

struct Lock {
  SocketId socket;
  ProcessId owner;
  LockRow row;
  bool inferred = false;  // the capture shows its traffic, nobody saw the socket
};

struct LockClass {
  int number = 1;
  std::string title;
  std::string remark;
  StepState state = StepState::not_reached;
  std::vector<Lock> locks;
  std::size_t hidden = 0;  // sockets of this class that are not listed
};

struct LockModel {
  std::vector<KeyValue> key;  // empty: no packet
  std::vector<LockClass> classes;
  SocketId winner;          // once its record has happened
  std::size_t tried = 0;    // locks tried so far
  std::size_t sockets = 0;  // of the packet's protocol on the host
  bool exact = true;        // from lookup records; otherwise worked out
};

// `state` is that in which the lookup happened; `passed` the boundary up to which its records have happened.
// `visit` may be null: then all sockets are listed as locks nobody tries.
LockModel build_locks(const trace::Trace& trace, const state::State& state, HostId host, const Visit* visit,
                      std::uint64_t passed);

}  // namespace fourtuple::viz
