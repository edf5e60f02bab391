// What is different at an instant between two runs that were the same up to some moment: rules and what they decided,
// calls, sockets, tracked connections, processes, bytes read, drops. Each fact with its value in both runs and the
// instant since which it has differed.
//
// A fact has a name of its own (host, addresses, ports, text), never a number of one trace, so that it is found in both
// runs. Only what a record touched since the fork is looked at. One thread; the traces must not grow meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/replay/net_state.h"

namespace fourtuple::replay {

enum class FactKind : std::uint8_t { rule, call, socket, tracked, process, read, dropped };  // in the order of a list

struct DifferentFact {
  FactKind kind = FactKind::rule;
  HostId host;
  std::string subject;  // "server, socket *:1004"
  std::string a, b;     // values in words; "" when the run has, and had, nothing of this name
  Time since{0};
};

struct Fact;
class FactSide;

class RunFacts {
 public:
  // The runs agree on everything before `fork`. `before_a`, `before_b`: their states then (Cursor::state_at).
  RunFacts(const trace::Trace& a, NetState before_a, const trace::Trace& b, NetState before_b, Time fork);
  ~RunFacts();
  RunFacts(const RunFacts&) = delete;
  RunFacts& operator=(const RunFacts&) = delete;

  // Goes to `now`, taking in about `most` records at most. False: there are more; call again. Back starts anew.
  bool seek(Time now, std::uint64_t most = UINT64_MAX);
  // How far seek() has come.
  Time time() const { return now_; }
  // In order of kind, then of `since`. Changes only with seek().
  const std::vector<DifferentFact>& differences() const { return list_; }

 private:
  void restart();
  void compare(const std::string& name, Time at);
  const Fact* value(std::size_t side, const std::string& name) const;
  void make_list();

  const trace::Trace* traces_[2];
  NetState before_[2];
  Time fork_, now_{-1};
  std::unique_ptr<FactSide> sides_[2];
  std::map<std::string, Time> differs_;  // names of facts that differ, and since when
  std::vector<DifferentFact> list_;
};

// "no such rule": the value of a fact that a run does not have.
std::string_view absent_words(FactKind kind);

// The state before everything that happens at `at`: a fold from the start.
NetState state_before(const trace::Trace& trace, Time at);

}  // namespace fourtuple::replay
