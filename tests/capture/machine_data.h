// tests/data/machine: one machine's /proc, listings of the same sockets, and their packets.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <vector>

#include "capture/sockets/list_text.h"
#include "tests/support/temporary_folder.h"

namespace fourtuple::capture::test {

inline std::string machine_path(const std::string& name) {
  return FT_SOURCE_DIR "/tests/data/machine/" + name;
}

inline std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "tcp/4 LISTEN 0.0.0.0:80 0.0.0.0:0 web[9]/5 worker[10]/5", sorted.
inline std::vector<std::string> words_of(const SocketList& list) {
  std::vector<std::string> lines;
  for (const ListedSocket& socket : list.sockets) {
    std::string line =
        fmt::format("{}/{} {} {}:{} {}:{}", socket.protocol == Protocol::tcp ? "tcp" : "udp",
                    socket.family == Family::ipv4 ? 4 : 6, ss_name_of(socket.state), socket.local.to_string(),
                    socket.local_port, socket.remote.to_string(), socket.remote_port);
    for (const SocketHolder& holder : socket.holders)
      line += fmt::format(" {}[{}]/{}", holder.name, holder.pid, holder.fd);
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// A copy of the stored /proc that a test may change.
class ChangedProc {
 public:
  ChangedProc() {
    std::filesystem::copy(machine_path("proc"), root(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  }
  std::filesystem::path root() const { return folder_ / "proc"; }

 private:
  TemporaryFolder folder_;
};

}  // namespace fourtuple::capture::test
