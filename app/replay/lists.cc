#include "app/replay/lists.h"

#include <fmt/format.h>

#include "capture/sockets/list_text.h"

namespace fourtuple::app {

Outcome<SocketLists> read_lists(const std::vector<std::string>& files) {
  SocketLists lists;
  for (const std::string& file : files) {
    const auto list = capture::read_socket_list(file);
    if (!list) return tl::unexpected<Error>(list.error());
    for (const std::string& note : list->notes) lists.notes.push_back(fmt::format("{}: note: {}", file, note));
    std::size_t named = 0;
    for (const capture::ListedSocket& socket : list->sockets) named += !socket.holders.empty();
    if (list->sockets.empty()) lists.notes.push_back(fmt::format("{}: note: it lists no TCP or UDP socket", file));
    if (named == 0 && !list->sockets.empty())
      lists.notes.push_back(
          fmt::format("{}: note: it names no process (`ss -p` does, as root those of all users)", file));
    lists.owners.add(*list);
  }
  return lists;
}

}  // namespace fourtuple::app
