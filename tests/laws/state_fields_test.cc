// The comparison that the laws rest on sees every kind of change.
#include "tests/laws/state_fields.h"

#include <functional>
#include <gtest/gtest.h>

namespace fourtuple::test {
namespace {

// One of everything.
replay::NetState small_world() {
  replay::NetState net;
  state::State& state = net.state;
  state.hosts.resize(2);
  state.rulesets = {0, state::no_ruleset};
  state.processes.claim(0);
  state.sockets.claim(0);
  state.descriptors.mut(state.descriptors.allocate()).fd = 3;
  state.descriptor_index.set({state.descriptors[0].process, 3}, 0);
  state.locals.claim(0);
  state.conntrack.claim(0);
  state.objects.push_back({});
  state.set_elements.claim(0);
  state.tcp_variables.push_back({});
  return net;
}

struct Tampering {
  std::function<void(replay::NetState&)> change;
  std::string seen;
};

TEST(StateFields, notice_each_single_change) {
  const std::vector<Tampering> tamperings = {
      {[](auto& net) { ++net.position; }, " 0 position: 0, but 1"},
      {[](auto& net) { net.time = Time{1}; }, " 0 time: 0, but 1"},
      {[](auto& net) { ++net.state.hosts[1].dropped; }, "host 1 dropped: 0, but 1"},
      {[](auto& net) { net.state.rulesets[0] = 4; }, "host 0 ruleset: 0, but 4"},
      {[](auto& net) { net.state.processes.mut(0).nofile = 5; }, "process 0 nofile: 1024, but 5"},
      {[](auto& net) { net.state.sockets.mut(0).receive_queue = 9; }, "socket 0 receive_queue: 0, but 9"},
      {[](auto& net) { net.state.sockets.mut(0).tuple.remote_port = 80; }, "socket 0 tuple: 0, but 80"},
      {[](auto& net) { net.state.sockets.unclaim(0); }, "socket 0 tuple on one side, socket 0 live on the other"},
      {[](auto& net) { net.state.descriptors.mut(0).close_on_exec = true; }, "descriptor 0 close_on_exec: 0, but 1"},
      {[](auto& net) {
         net.state.descriptor_index.set({ProcessId{1}, 1}, 0);
       },
       "descriptor index 1 size: 1, but 2"},
      {[](auto& net) { net.state.locals.mut(0).writers = 2; }, "local 0 writers: 0, but 2"},
      {[](auto& net) { net.state.conntrack.mut(0).expires = Time{7}; }, "conntrack entry 0 expires: 0, but 7"},
      {[](auto& net) { net.state.conntrack.mut(0).bytes[1] = 40; }, "conntrack entry 0 bytes: 0, but 40"},
      {[](auto& net) { net.state.objects.mut(0).second = 1; }, "netfilter object 0 second: 0, but 1"},
      {[](auto& net) { net.state.set_elements.mut(0).words[3] = 1; }, "set element 0 words: 0, but 1"},
      {[](auto& net) { net.state.tcp_variables.mut(0).cwnd = 10; }, "tcp variables 0 cwnd: 0, but 10"},
      {[](auto& net) { net.state.tcp_variables.mut(0).timer_expires = Time{3}; },
       "tcp variables 0 timer_expires: 0, but 3"},
  };
  const replay::NetState original = small_world();
  EXPECT_EQ(first_difference(original, small_world()), "");
  EXPECT_EQ(fingerprint(original), fingerprint(small_world()));
  for (const Tampering& tampering : tamperings) {
    replay::NetState tampered = original;
    tampering.change(tampered);
    EXPECT_EQ(first_difference(original, tampered), tampering.seen);
    EXPECT_NE(fingerprint(original), fingerprint(tampered)) << tampering.seen;
  }
}

}  // namespace
}  // namespace fourtuple::test
