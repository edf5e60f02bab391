#include "tests/sim/stack/one_host.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "sim/base/check.h"
#include "sim/stack/descriptors.h"
#include "sim/stack/options.h"
#include "sim/world/builder.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::test {
namespace {

using state::SocketFlag;

constexpr std::uint32_t user_id = 12345;

world::Scenario scenario_of(const world::HostSpec& like) {
  world::Scenario scenario;
  scenario.networks.emplace_back().name = "lan";
  world::HostSpec host = like;
  host.name = "host";
  world::InterfaceSpec& lan = host.interfaces.emplace_back();
  lan.name = "eth0";
  lan.network = 0;
  lan.addresses = {*Prefix::parse("10.9.9.9/24")};
  scenario.hosts.push_back(host);
  return scenario;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::uint16_t number(const std::string& text) {
  return static_cast<std::uint16_t>(std::stoul(text));
}

}  // namespace

OneHost::OneHost(const world::HostSpec& like) : world_(scenario_of(like), 1, trace_) {
  stack::Context c = context();
  auto& strings = trace_.mutable_tables().strings;
  root_ = stack::start_process(c, {0}, strings.intern("service"), strings.intern("root"), 0, 2);
  user_ = stack::start_process(c, {0}, strings.intern("program"), strings.intern("user"), user_id, 3);
  for (const ProcessId process : {root_, user_}) stack::set_descriptor_limit(c, process, stack::most_nofile);
}

void OneHost::pass(Duration time) {
  driver().settle();
  driver().pass_until(world_.now() + time);
}

AddressId OneHost::address(const std::string& text) {
  return context().system.addresses.intern(*IpAddress::parse(text));
}

std::string OneHost::answer(const stack::Result& result, const std::string& name) {
  if (result.error != state::Errno::ok) return std::string(state::name_of(result.error));
  return "ok " + std::to_string(socket(name).tuple.local_port);
}

void OneHost::set_sysctl(const std::string& name, const Words& words) {
  using world::Sysctl;
  const std::map<std::string, Sysctl> names{{"range", Sysctl::ip_local_port_range},
                                            {"reserved", Sysctl::ip_local_reserved_ports},
                                            {"tw_reuse", Sysctl::tcp_tw_reuse},
                                            {"unprivileged", Sysctl::ip_unprivileged_port_start},
                                            {"nonlocal", Sysctl::ip_nonlocal_bind}};
  world::SysctlSetting setting;
  setting.sysctl = names.at(name);
  if (setting.sysctl == Sysctl::ip_local_reserved_ports) {
    setting.ports = *world::parse_port_list(words[1]);
  } else {
    setting.value = number(words[1]);
    if (words.size() > 2) setting.high = number(words[2]);
  }
  world::apply_sysctl(host(), context().system.netfilter.hosts[0], setting);
}

std::string OneHost::make_socket(const Words& words) {
  const auto has = [&](const char* option) { return std::find(words.begin(), words.end(), option) != words.end(); };
  const std::string& kind = words[2];
  const Family family = kind.back() == '6' ? Family::ipv6 : Family::ipv4;
  const Protocol protocol = kind.substr(0, 3) == "tcp" ? Protocol::tcp : Protocol::udp;
  stack::Context c = context();
  const ProcessId process = has("user") ? user_ : root_;
  const stack::Result made = stack::sys_socket(c, process, protocol, family);
  if (has("v6only")) stack::sys_set_flags(c, process, made.value, SocketFlag::v6_only, true);
  if (has("reuseaddr")) stack::sys_set_flags(c, process, made.value, SocketFlag::reuse_address, true);
  if (has("reuseport")) stack::sys_set_flags(c, process, made.value, SocketFlag::reuse_port, true);
  if (has("freebind")) stack::sys_set_option(c, process, made.value, stack::SocketOption::free_bind, 1);
  if (has("no-port")) stack::sys_set_option(c, process, made.value, stack::SocketOption::bind_address_no_port, 1);
  sockets_[words[1]] = {process, made.value, made.socket};
  return "ok";
}

std::string OneHost::connect(const Words& words) {
  stack::Context c = context();
  const Named& named = sockets_.at(words[1]);
  const stack::Result result = stack::sys_connect(c, named.process, named.fd, {address(words[2]), number(words[3])});
  if (result.error != state::Errno::einprogress) return answer(result, words[1]);
  pass(milliseconds(1));
  return answer({context().socket(named.id).error, 0, named.id}, words[1]);
}

std::string OneHost::who() {
  pass(milliseconds(5));
  std::vector<std::string> found;
  stack::Context c = context();
  for (const auto& [name, named] : sockets_) {
    const bool listener = c.core(named.id).kind == stack::CoreKind::listener;
    if (!listener && c.socket(named.id).protocol == Protocol::tcp) continue;
    stack::Payload part;
    stack::Peer peer;
    for (;;) {
      const stack::Result result = listener ? stack::sys_accept(c, named.process, named.fd)
                                            : stack::sys_receive(c, named.process, named.fd, 100, part, peer);
      if (result.error != state::Errno::ok) break;
      if (listener) accepted_.push_back({named.process, result.value, result.socket});
      found.push_back(name);
    }
  }
  std::sort(found.begin(), found.end());
  std::string text = "ok";
  for (const std::string& name : found) text += " " + name;
  return text;
}

std::string OneHost::hang_up() {
  stack::Context c = context();
  for (const Named& named : accepted_) stack::sys_close(c, named.process, named.fd);
  accepted_.clear();
  pass(milliseconds(20));
  return "ok";
}

std::string OneHost::step(const std::string& text) {
  const Words words = words_of(text);
  const std::string& verb = words[0];
  if (verb == "socket") return make_socket(words);
  if (verb == "connect") return connect(words);
  if (verb == "who") return who();
  if (verb == "hangup") return hang_up();
  if (verb == "wait") return pass(milliseconds(number(words[1]))), "ok";
  if (verb == "range" || verb == "reserved" || verb == "tw_reuse" || verb == "unprivileged" || verb == "nonlocal")
    return set_sysctl(verb, words), "ok";
  stack::Context c = context();
  const Named& named = sockets_.at(words[1]);
  if (verb == "bind")
    return answer(stack::sys_bind(c, named.process, named.fd, address(words[2]), number(words[3])), words[1]);
  if (verb == "device")
    return std::string(state::name_of(stack::bind_to_device(c, named.id, words.size() > 2 ? words[2] : "")));
  if (verb == "listen") return answer(stack::sys_listen(c, named.process, named.fd, 4000), words[1]);
  stack::Payload letter{{0}, 0, 1};
  if (verb == "sendto") {
    const stack::Result sent =
        stack::sys_sendto(c, named.process, named.fd, letter, {address(words[2]), number(words[3])});
    return answer(sent, words[1]);
  }
  stack::Result result;
  stack::Peer peer;
  if (verb == "send") result = stack::sys_send(c, named.process, named.fd, letter);
  if (verb == "receive") result = stack::sys_receive(c, named.process, named.fd, 100, letter, peer);
  if (verb == "close") result = stack::sys_close(c, named.process, named.fd);
  FT_CHECK(verb == "send" || verb == "receive" || verb == "close");
  if (verb == "close") sockets_.erase(words[1]);
  pass(milliseconds(10));
  return std::string(result.error == state::Errno::ok ? "ok" : state::name_of(result.error));
}

std::vector<std::vector<std::string>> csv_rows(const std::string& file) {
  std::ifstream in(std::string(FT_SOURCE_DIR) + "/tests/data/" + file);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (const char letter : line) {
      if (letter == '"') {
        quoted = !quoted;
      } else if (letter == ',' && !quoted) {
        fields.emplace_back();
      } else {
        fields.back() += letter;
      }
    }
    rows.push_back(fields);
  }
  return rows;
}

}  // namespace fourtuple::test
