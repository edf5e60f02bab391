// One of the two runs that RunFacts compares: its state, and the facts that records touched since the fork.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/replay/run_facts.h"
#include "sim/trace/events.h"

namespace fourtuple::replay {

// A fact in one run. Facts are equal when their values are; the rest is for words.
struct Fact {
  FactKind kind = FactKind::rule;
  HostId host;
  std::string subject;
  std::string value;                    // "" when there is nothing of this name
  Time begins{-1}, ends{-1};            // of a call; -1: not known, or not ended
  std::uint32_t entry = 0xffffffffu;    // of a tracked connection, while it lives
  std::uint64_t counts[3] = {0, 0, 0};  // of a rule: accepted, dropped, otherwise matched; of the others [0]
};

class FactSide {
 public:
  FactSide(const trace::Trace& trace, NetState before) : trace_(&trace), net_(std::move(before)) {}

  // Of the next record; never() at the end.
  Time next_time() const;
  // Takes one record and appends the names of the facts it may have changed.
  void take(std::vector<std::string>& touched);
  // What this run knows of the fact; null: no record touched it since the fork.
  const Fact* find(const std::string& name) const;
  // What a fact was in both runs before this one touched it first; null: this run did not, or there was nothing.
  const Fact* before(const std::string& name) const;
  // The value with what depends on the present: how long a call has waited, how long an entry will stay.
  std::string words(const Fact& fact, Time now) const;

 private:
  struct Named {
    std::string name;
    Fact fact;
  };

  const trace::Tables& tables() const { return trace_->tables(); }
  std::string host_name(HostId host) const;
  std::string process_words(ProcessId process) const;
  const trace::RulesetInfo* ruleset_of(HostId host) const;
  std::optional<Named> named_socket(SocketId socket) const;
  std::optional<Named> named_process(ProcessId process) const;
  std::optional<Named> named_entry(std::uint32_t entry) const;
  // The thing of the state that a record is about.
  std::optional<Named> subject_of(const trace::Slot& record) const;
  const std::vector<Named>& rules_of(HostId host);

  void remember(const Named& named);
  Fact& touch(const Named& named, std::vector<std::string>& touched);
  void take_call(const trace::Slot& record, bool was_connecting, std::vector<std::string>& touched);
  void take_verdict(const trace::Slot& record, std::vector<std::string>& touched);
  void take_count(const trace::Slot& record, std::vector<std::string>& touched);
  void change_rules(const std::vector<Named>& old, HostId host, std::vector<std::string>& touched);
  void take_change(const trace::Slot& record, std::vector<std::string>& touched);

  const trace::Trace* trace_;
  NetState net_;
  std::map<std::string, Fact> facts_, before_;
  std::map<const trace::RulesetInfo*, std::vector<Named>> rules_;  // named once for each revision of a ruleset
  std::map<std::string, std::uint32_t> calls_;                     // failed calls of one kind, to tell them apart
};

}  // namespace fourtuple::replay
