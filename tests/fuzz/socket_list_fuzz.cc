// Any text as what ss or lsof printed and as a table of /proc/net: it is read or refused with its place, and what was
// read can be joined.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "capture/machine/proc_net.h"
#include "capture/sockets/list_text.h"
#include "capture/sockets/owners.h"
#include "sim/base/check.h"

using namespace fourtuple;

namespace {

// Whoever a list names for a socket is found again.
void check_joins(const capture::SocketList& list) {
  capture::SocketOwners owners;
  owners.add(list);
  for (const capture::ListedSocket& socket : list.sockets) {
    const capture::ConversationEnd end{socket.protocol, socket.local, socket.remote, socket.local_port,
                                       socket.remote_port};
    const capture::Attribution owner = owners.find(end);
    FT_CHECK(!owner.known() || owner.process < owners.process_count());
    if (socket.connected() && !socket.holders.empty()) FT_CHECK(owner.match == capture::OwnerMatch::exact);
  }
}

void check_place(const Error& error, std::string_view text) {
  FT_CHECK(!error.message.empty() && error.where.line >= 0 && error.where.column >= 0);
  FT_CHECK(static_cast<std::size_t>(error.where.column) <= text.size() + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto list = capture::parse_socket_list(text, "list")) {
    check_joins(*list);
  } else {
    check_place(list.error(), text);
  }
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    capture::SocketList list;
    const auto parsed = capture::parse_proc_net(text, "tcp", Protocol::tcp, family, list.sockets);
    if (!parsed) check_place(parsed.error(), text);
    check_joins(list);
  }
  return 0;
}
