#include "capture/machine/machine.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <unistd.h>

#include "capture/machine/proc_net.h"
#include "capture/machine/steady_clock.h"
#include "capture/plural.h"
#include "capture/sockets/list_words.h"

namespace fourtuple::capture {
namespace {

struct Table {
  std::string_view name;
  Protocol protocol;
  Family family;
};
constexpr Table tables[] = {{"tcp", Protocol::tcp, Family::ipv4},
                            {"tcp6", Protocol::tcp, Family::ipv6},
                            {"udp", Protocol::udp, Family::ipv4},
                            {"udp6", Protocol::udp, Family::ipv6}};

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

// The numbers among the names in a folder, ascending. What vanishes meanwhile is left out.
std::vector<std::uint32_t> numbers_in(DIR* folder) {
  std::vector<std::uint32_t> numbers;
  while (const dirent* entry = readdir(folder))
    if (const auto number = number_of(entry->d_name)) numbers.push_back(*number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool forbidden() {
  return errno == EACCES || errno == EPERM;
}

// errno says why there is none.
std::optional<std::string> link_target(const std::string& path) {
  char target[64];
  const ssize_t length = readlink(path.c_str(), target, sizeof(target));
  if (length >= 0 && static_cast<std::size_t>(length) >= sizeof(target)) errno = ENAMETOOLONG;
  if (length < 0 || static_cast<std::size_t>(length) >= sizeof(target)) return std::nullopt;
  return std::string(target, static_cast<std::size_t>(length));
}

// "socket:[4711]"
std::optional<std::uint32_t> inode_of(std::string_view target) {
  constexpr std::string_view start = "socket:[";
  if (!target.starts_with(start) || !target.ends_with(']')) return std::nullopt;
  return number_of(target.substr(start.size(), target.size() - start.size() - 1));
}

// What a process calls itself; any bytes but NUL, or none at all. Nothing when it is over.
std::optional<std::string> comm_of(const std::string& folder) {
  std::ifstream in(folder + "/comm", std::ios::binary);
  if (!in) return std::nullopt;
  std::string name(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return std::nullopt;
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

// The effective user of a process, of its status file.
std::uint32_t uid_of(const std::string& path) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("Uid:")) continue;
    std::istringstream words(line.substr(4));
    std::uint32_t real = 0, effective = 0;
    words >> real >> effective;
    return effective;
  }
  return 0;
}

}  // namespace

std::vector<std::string> Machine::notes() const {
  std::vector<std::string> notes = list.notes;
  if (sockets_unnamed != 0)
    notes.push_back(fmt::format("{} without a process: {}", plural(sockets_unnamed, "socket"),
                                processes_hidden == 0
                                    ? std::string("held by the kernel, by another namespace, or just closed")
                                    : fmt::format("{} of other users cannot be looked into; root sees all "
                                                  "(CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH)",
                                                  plural(processes_hidden, "process", "es"))));
  if (other_namespaces != 0)
    notes.push_back(
        fmt::format("{} in other network namespaces: their sockets are not listed "
                    "(`nsenter -t PID -n fourtuple live` lists them)",
                    plural(other_namespaces, "process", "es")));
  return notes;
}

Outcome<void> MachineWatch::read_tables(Machine& machine) const {
  machine.list.source = root_;
  bool any = false;
  std::string problem;
  for (const Table& table : tables) {
    const std::string path = fmt::format("{}/net/{}", root_, table.name);
    std::ifstream in(path, std::ios::binary);
    if (!in) {  // a kernel without IPv6 has no tcp6
      if (problem.empty()) problem = fmt::format("{}: {}", path, std::strerror(errno));
      continue;
    }
    any = true;
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (auto parsed = parse_proc_net(text, path, table.protocol, table.family, machine.list.sockets); !parsed)
      return parsed;
  }
  if (!any) return fail({root_, 0, 0}, "the tables of sockets cannot be read: " + problem, "Linux with /proc mounted");
  return {};
}

Outcome<Machine> MachineWatch::look() {
  return look(true);
}
Outcome<Machine> MachineWatch::look_briefly() {
  return look(false);
}

Outcome<Machine> MachineWatch::look(bool always_search) {
  Machine machine;
  if (auto read = read_tables(machine); !read) return tl::unexpected<Error>(read.error());
  if (!always_search) check_holders(machine);
  const auto spend = [&](std::int64_t times, std::int64_t& next_ns, void (MachineWatch::*search)()) {
    const std::int64_t start = steady_ns();
    (this->*search)();
    const std::int64_t end = steady_ns();
    next_ns = end + times * (end - start);
    return end - start;
  };
  constexpr std::int64_t known_pause = 4, full_pause = 9;  // times what the search took
  if (!always_search && !all_known(machine) && steady_ns() >= next_known_ns_)
    spend(known_pause, next_known_ns_, &MachineWatch::search_known);
  if (always_search || (!all_known(machine) && steady_ns() >= next_search_ns_)) {
    machine.search_ns = spend(full_pause, next_search_ns_, &MachineWatch::search_processes);
    for (const ListedSocket& socket : machine.list.sockets)
      if (socket.inode != 0 && !holders_.contains(socket.inode)) searched_for_.insert(socket.inode);
  }
  machine.processes = found_.processes;
  machine.processes_read = found_.processes_read;
  machine.processes_hidden = found_.processes_hidden;
  machine.other_namespaces = found_.other_namespaces;
  name_sockets(machine);
  return machine;
}

bool MachineWatch::all_known(const Machine& machine) const {
  return std::all_of(machine.list.sockets.begin(), machine.list.sockets.end(), [&](const ListedSocket& socket) {
    return socket.inode == 0 || holders_.contains(socket.inode) || searched_for_.contains(socket.inode);
  });
}

void MachineWatch::search_processes() {
  holders_.clear();
  searched_for_.clear();
  found_ = {};
  const Folder folder(opendir(root_.c_str()));
  if (!folder) return;
  const auto own_namespace = link_target(root_ + "/self/ns/net");
  for (const std::uint32_t pid : numbers_in(folder.get())) {
    const std::string path = fmt::format("{}/{}", root_, pid);
    MachineProcess process{{}, pid, 0};
    const Found found = search_descriptors(process, holders_);
    found_.processes_hidden += found == Found::hidden;
    if (found == Found::hidden || found == Found::over) continue;
    ++found_.processes_read;
    if (own_namespace) {
      const auto other = link_target(path + "/ns/net");
      found_.other_namespaces += other && *other != *own_namespace;
    }
    if (found == Found::nothing) continue;
    process.uid = uid_of(path + "/status");
    found_.processes.push_back(std::move(process));
  }
}

void MachineWatch::search_known() {
  Holders found;
  for (const std::uint32_t pid : known_) {
    MachineProcess process{{}, pid, 0};
    search_descriptors(process, found);
  }
  // What a full search found stays: it may have found holders that are not among these.
  holders_.merge(found);
}

MachineWatch::Found MachineWatch::search_descriptors(MachineProcess& process, Holders& into) const {
  const std::string folder = fmt::format("{}/{}", root_, process.pid);
  const Folder descriptors(opendir((folder + "/fd").c_str()));
  if (!descriptors) return forbidden() ? Found::hidden : Found::over;
  Found found = Found::nothing;
  for (const std::uint32_t fd : numbers_in(descriptors.get())) {
    const auto target = link_target(fmt::format("{}/fd/{}", folder, fd));
    // The folder alone tells little: without CAP_SYS_PTRACE even root may only list it.
    if (!target && forbidden()) return Found::hidden;
    const auto inode = target ? inode_of(*target) : std::nullopt;
    if (!inode) continue;
    if (found == Found::nothing) {
      auto name = comm_of(folder);
      if (!name) return Found::over;
      process.name = std::move(*name);
      found = Found::sockets;
    }
    into[*inode].push_back({process.name, process.pid, static_cast<std::int32_t>(fd)});
  }
  return found;
}

// Sockets are handed over (a server that forks for each connection) and processes take other names (exec): what was
// found once is asked again, a link for each descriptor and a name for each process.
void MachineWatch::check_holders(const Machine& machine) {
  std::unordered_map<std::uint32_t, std::optional<std::string>> names;
  Holders checked;
  for (const ListedSocket& socket : machine.list.sockets) {
    const auto known = holders_.find(socket.inode);
    if (socket.inode == 0 || known == holders_.end()) continue;
    std::vector<SocketHolder>& holders = known->second;
    std::erase_if(holders, [&](SocketHolder& holder) {
      const std::string folder = fmt::format("{}/{}", root_, holder.pid);
      const auto target = link_target(fmt::format("{}/fd/{}", folder, holder.fd));
      if (!target || inode_of(*target) != socket.inode) return true;
      const auto [name, fresh] = names.try_emplace(holder.pid);
      if (fresh) name->second = comm_of(folder);
      if (name->second) holder.name = *name->second;
      return !name->second.has_value();
    });
    if (holders.empty()) {
      searched_for_.erase(socket.inode);  // to be searched again
    } else {
      checked.insert(holders_.extract(known));
    }
  }
  holders_ = std::move(checked);  // without those of sockets that are gone
}

void MachineWatch::name_sockets(Machine& machine) {
  known_.clear();
  for (ListedSocket& socket : machine.list.sockets) {
    if (socket.inode == 0) continue;
    const auto found = holders_.find(socket.inode);
    if (found == holders_.end()) {
      ++machine.sockets_unnamed;
      continue;
    }
    socket.holders = found->second;
    sort_holders(socket.holders);
    for (const SocketHolder& holder : socket.holders) known_.push_back(holder.pid);
  }
  std::sort(known_.begin(), known_.end());
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
}

}  // namespace fourtuple::capture
