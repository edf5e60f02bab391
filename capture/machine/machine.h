// The sockets of the machine this runs on and the processes that hold them: /proc/net joined to /proc/PID/fd. Only
// processes one may look at are seen; what could not be read is counted. Sockets of one network namespace are listed.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "capture/sockets/socket_list.h"
#include "sim/base/outcome.h"

namespace fourtuple::capture {

struct MachineProcess {
  std::string name;
  std::uint32_t pid = 0, uid = 0;
};

struct Machine {
  SocketList list;
  std::vector<MachineProcess> processes;  // those that hold sockets, by pid
  std::uint32_t processes_read = 0;
  std::uint32_t processes_hidden = 0;  // not ours to look at: their sockets stay without a name
  std::uint32_t sockets_unnamed = 0;   // with an inode, but in no process that could be read
  std::uint32_t other_namespaces = 0;  // processes of other network namespaces that could be told
  std::int64_t search_ns = 0;          // what searching all processes took of this look, 0 when it was not done

  // What is missing, as sentences; empty when nothing is.
  std::vector<std::string> notes() const;
};

// Looks again and again. For a socket that is new or has changed hands, the processes that already had sockets are
// searched at once, all others at most a tenth of the time.
class MachineWatch {
 public:
  // `root`: where /proc is; another folder for tests.
  explicit MachineWatch(std::string root = "/proc") : root_(std::move(root)) {}

  // The sockets there are now, with their holders. Fails when /proc/net cannot be read.
  Outcome<Machine> look();
  // The same, but holders are only searched for when some socket is new or has changed hands, and the last search was
  // long enough ago. Holders that are known are asked whether they still have the socket.
  Outcome<Machine> look_briefly();

 private:
  using Holders = std::unordered_map<std::uint32_t, std::vector<SocketHolder>>;  // by inode; never iterated into output

  Outcome<Machine> look(bool always_search);
  Outcome<void> read_tables(Machine& machine) const;
  void search_processes();
  // Only those that had sockets before.
  void search_known();
  enum class Found : std::uint8_t { sockets, nothing, hidden, over };  // hidden: not ours to look at
  // Adds the sockets of the process with process.pid, and sets its name if it has any.
  Found search_descriptors(MachineProcess& process, Holders& into) const;
  void check_holders(const Machine& machine);
  void name_sockets(Machine& machine);
  bool all_known(const Machine& machine) const;

  std::string root_;
  Machine found_;  // what the last search counted
  Holders holders_;
  std::vector<std::uint32_t> known_;                // pids that hold a listed socket: most processes only have others
  std::unordered_set<std::uint32_t> searched_for_;  // inodes no process was found to hold
  std::int64_t next_known_ns_ = 0;   // when the known processes may be searched again, of the steady clock
  std::int64_t next_search_ns_ = 0;  // when all may be
};

}  // namespace fourtuple::capture
