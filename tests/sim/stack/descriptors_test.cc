// Takes the steps of tests/data/kernel/descriptors.json on a simulated host and compares every answer with Linux's.
#include "sim/stack/descriptors.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/replay/net_state.h"
#include "sim/stack/local.h"
#include "sim/state/digest.h"
#include "sim/world/driver.h"

namespace fourtuple::stack {
namespace {

using Json = nlohmann::json;
using state::Errno;
using Words = std::vector<std::string>;

constexpr std::uint16_t service = 8000;

world::Scenario one_host() {
  world::Scenario scenario;
  scenario.networks.emplace_back().name = "lan";
  world::HostSpec& host = scenario.hosts.emplace_back();
  host.name = "host";
  world::InterfaceSpec& lan = host.interfaces.emplace_back();
  lan.name = "eth0";
  lan.network = 0;
  lan.addresses = {*Prefix::parse("10.9.9.9/24")};
  return scenario;
}

// Processes that do what those of descriptors.py do, in the same words.
class Processes {
 public:
  std::string step(const std::string& text) {
    std::istringstream in(text);
    Words words;
    for (std::string word; in >> word;) words.push_back(word);
    if (!processes_.contains(words[0])) processes_[words[0]] = start(words[0]);
    const std::string answer = act(processes_[words[0]], words[1], {words.begin() + 2, words.end()});
    driver().settle();
    driver().pass_until(world_.now() + milliseconds(5));
    return answer;
  }
  // Whether the state folded from the trace is that of the World.
  bool fold_agrees() {
    trace_.publish();
    return state::state_digest(replay::fold(trace_, trace_.published()).state) ==
           state::state_digest(world_.system().visible);
  }

  // AF_UNIX sockets, pipes and queued pieces once every process has ended.
  std::uint32_t objects_after_exit() {
    Context c = driver().context();
    for (const auto& [name, process] : processes_) end_process(c, process);
    const System& system = world_.system();
    return system.visible.locals.live() + system.local_cores.live() + system.local_pieces.live() +
           system.watched.live() + system.visible.descriptors.live();
  }

 private:
  world::WorldDriver driver() { return {world_, trace_}; }
  StringId intern(const std::string& text) { return trace_.mutable_tables().strings.intern(text); }
  ProcessId start(const std::string& name) {
    Context c = driver().context();
    return start_process(c, {0}, intern(name), intern("root"), 0, ++last_pid_);
  }
  static int number(const Words& words, std::size_t index, int otherwise = 0) {
    return index < words.size() ? std::stoi(words[index]) : otherwise;
  }
  static std::string list(std::vector<std::int32_t> numbers) {
    std::sort(numbers.begin(), numbers.end());
    std::string text = "ok";
    for (const std::int32_t fd : numbers) text += " " + std::to_string(fd);
    return text;
  }
  static std::string value(const Result& result) {
    if (result.error != Errno::ok) return std::string(name_of(result.error));
    return "ok " + std::to_string(result.value);
  }
  static std::string nothing(const Result& result) {
    return result.error == Errno::ok ? "ok" : std::string(name_of(result.error));
  }

  std::string act(ProcessId process, const std::string& verb, const Words& words);
  std::string act_on_sockets(ProcessId process, const std::string& verb, const Words& words);
  std::string listen_at_port(ProcessId process);
  std::string connect_to_port(ProcessId process);
  std::string read(ProcessId process, const Words& words);
  std::string pipe(ProcessId process);

  trace::Trace trace_{trace::Level::stages};
  world::World world_{one_host(), 1, trace_};
  std::map<std::string, ProcessId> processes_;
  std::uint32_t last_pid_ = 100;
};

std::string Processes::pipe(ProcessId process) {
  Context c = driver().context();
  const PipeEnds ends = sys_pipe(c, process);
  const std::string answer = value(ends.result);
  return ends.result.error == Errno::ok ? answer + " " + std::to_string(ends.write_fd) : answer;
}

std::string Processes::read(ProcessId process, const Words& words) {
  Context c = driver().context();
  Payload part;
  return value(sys_read(c, process, number(words, 0), static_cast<std::uint32_t>(number(words, 1, 100000)), part));
}

std::string Processes::listen_at_port(ProcessId process) {
  Context c = driver().context();
  const Result made = sys_socket(c, process, Protocol::tcp, Family::ipv4);
  sys_bind(c, process, made.value, loopback_v4, service);
  sys_listen(c, process, made.value, 8);
  return value(made);
}

std::string Processes::connect_to_port(ProcessId process) {
  Context c = driver().context();
  const Result made = sys_socket(c, process, Protocol::tcp, Family::ipv4);
  sys_connect(c, process, made.value, {loopback_v4, service});
  driver().settle();
  driver().pass_until(world_.now() + milliseconds(1));
  Context later = driver().context();
  const Errno error = sys_get_error(later, process, made.value).error;
  if (error == Errno::ok) return value(made);
  sys_close(later, process, made.value);
  return std::string(name_of(error));
}

std::string Processes::act_on_sockets(ProcessId process, const std::string& verb, const Words& words) {
  Context c = driver().context();
  const std::int32_t fd = number(words, 0);
  if (verb == "bind") return nothing(sys_unix_bind(c, process, fd, intern(words[1])));
  if (verb == "ulisten") return nothing(sys_listen(c, process, fd, static_cast<std::uint32_t>(number(words, 1))));
  if (verb == "connect") return nothing(sys_unix_connect(c, process, fd, intern(words[1])));
  if (verb == "accept") return value(sys_accept(c, process, fd));
  if (verb == "shutdown") return nothing(sys_shutdown(c, process, fd, Shut::write));
  if (verb == "waiting") {
    const SocketId socket = state::find_descriptor(c.system.visible, process, fd)->socket;
    return "ok " + std::to_string(c.socket(socket).receive_queue);
  }
  if (verb == "watch") return nothing(sys_epoll_add(c, process, fd, number(words, 1)));
  if (verb == "send") return value(sys_send(c, process, fd, {{0}, 0, 1}));
  if (verb == "ready") {
    std::vector<std::int32_t> ready;
    const Result result = sys_epoll_wait(c, process, fd, ready);
    return result.error == Errno::ok || result.error == Errno::eagain ? list(ready) : nothing(result);
  }
  ADD_FAILURE() << "unknown verb " << verb;
  return "";
}

std::string Processes::act(ProcessId process, const std::string& verb, const Words& words) {
  Context c = driver().context();
  if (verb == "fds") return list(open_descriptors(c, process));
  if (verb == "open") return value(sys_open(c, process, intern("/dev/zero")));
  if (verb == "socket") return value(sys_socket(c, process, Protocol::tcp, Family::ipv4));
  if (verb == "unix") return value(sys_unix_socket(c, process));
  if (verb == "epoll") return value(sys_epoll_create(c, process));
  if (verb == "exec") return nothing(sys_exec(c, process, intern("/bin/true")));
  if (verb == "listen") return listen_at_port(process);
  if (verb == "connect" && words.empty()) return connect_to_port(process);
  if (verb == "pipe") return pipe(process);
  if (verb == "unlink") return nothing(sys_unlink(c, process, intern(words[0])));
  if (verb == "fork") {
    processes_[words[0]] = fork_process(c, process, intern(words[0]), ++last_pid_);
    return "ok";
  }
  if (verb == "limit") {
    set_descriptor_limit(c, process, static_cast<std::uint32_t>(number(words, 0)));
    return "ok";
  }
  const std::int32_t fd = number(words, 0);
  if (verb == "dup") return value(sys_dup(c, process, fd));
  if (verb == "dup2") return value(sys_dup2(c, process, fd, number(words, 1)));
  if (verb == "close") return nothing(sys_close(c, process, fd));
  if (verb == "cloexec") return nothing(sys_close_on_exec(c, process, fd, true));
  if (verb == "flags") return state::find_descriptor(c.system.visible, process, fd)->close_on_exec ? "ok 1" : "ok 0";
  if (verb == "read") return read(process, words);
  if (verb == "write") return value(sys_write(c, process, fd, {{0}, 0, static_cast<std::uint32_t>(number(words, 1))}));
  return act_on_sockets(process, verb, words);
}

const Json& kernel_cases() {
  static const Json file = [] {
    std::ifstream in(std::string(FT_SOURCE_DIR) + "/tests/data/kernel/descriptors.json");
    return Json::parse(in);
  }();
  return file["cases"];
}

// epoll_wait tells the same descriptors, but Linux in the order in which they became ready.
std::string without_order(const std::string& step, const std::string& answer) {
  if (step.find(" ready ") == std::string::npos || !answer.starts_with("ok ")) return answer;
  std::istringstream in(answer.substr(3));
  std::vector<int> numbers;
  for (int fd = 0; in >> fd;) numbers.push_back(fd);
  std::sort(numbers.begin(), numbers.end());
  std::string text = "ok";
  for (const int fd : numbers) text += " " + std::to_string(fd);
  return text;
}

TEST(Descriptors, answers_every_call_as_linux_does) {
  ASSERT_GT(kernel_cases().size(), 30u);
  for (const Json& wanted : kernel_cases()) {
    SCOPED_TRACE(wanted["case"].get<std::string>());
    Processes processes;
    for (std::size_t i = 0; i < wanted["steps"].size(); ++i) {
      const std::string step = wanted["steps"][i], answer = wanted["answers"][i];
      EXPECT_EQ(processes.step(step), without_order(step, answer)) << "step " << i + 1 << ": " << step;
    }
    EXPECT_TRUE(processes.fold_agrees());
  }
}

TEST(Descriptors, the_dead_leave_nothing_behind) {
  for (const Json& wanted : kernel_cases()) {
    SCOPED_TRACE(wanted["case"].get<std::string>());
    Processes processes;
    for (const Json& step : wanted["steps"]) processes.step(step);
    EXPECT_EQ(processes.objects_after_exit(), 0u);
  }
}

}  // namespace
}  // namespace fourtuple::stack
