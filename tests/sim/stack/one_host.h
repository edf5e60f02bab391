// A simulated host on which tests do what programs do, in the words of tests/data/kernel/ports/choice.py: steps such as
// "bind a 0.0.0.0 80" on sockets with names, and answers such as "ok 80" or "EADDRINUSE". Calls block as they do there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/stack/syscalls.h"
#include "sim/world/driver.h"

namespace fourtuple::test {

// 10.9.9.9 and 127.0.0.0/8 are its addresses; "root" and a user of id 12345 run a process each.
class OneHost {
 public:
  explicit OneHost(const world::HostSpec& like = {});

  // Does one step and returns the answer. Unknown verbs end the test program.
  std::string step(const std::string& text);
  stack::Context context() { return driver().context(); }
  stack::Host& host() { return context().host({0}); }
  const state::Socket& socket(const std::string& name) { return context().socket(sockets_.at(name).id); }

 private:
  struct Named {
    ProcessId process;
    std::int32_t fd = -1;
    SocketId id;
  };
  using Words = std::vector<std::string>;

  world::WorldDriver driver() { return {world_, trace_}; }
  void pass(Duration time);
  AddressId address(const std::string& text);
  std::string answer(const stack::Result& result, const std::string& name);
  void set_sysctl(const std::string& name, const Words& words);
  std::string make_socket(const Words& words);
  std::string connect(const Words& words);
  std::string who();
  std::string hang_up();

  trace::Trace trace_{trace::Level::facts};
  world::World world_;
  ProcessId root_, user_;
  std::map<std::string, Named> sockets_;
  std::vector<Named> accepted_;
};

// The rows of a file below tests/data, its header left out; fields may be quoted.
std::vector<std::vector<std::string>> csv_rows(const std::string& file);

}  // namespace fourtuple::test
