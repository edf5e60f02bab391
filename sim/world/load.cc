#include "sim/world/load.h"

namespace fourtuple::world {
namespace {

void connect(stack::Context& c, Applications& applications, LoadSender& sender) {
  const Family family = c.address(sender.peer.address).family;
  const stack::Result made = stack::sys_socket(c, sender.process, sender.protocol, family);
  sender.fd = made.value;
  stack::sys_connect(c, sender.process, sender.fd, sender.peer);
  if (sender.protocol != Protocol::tcp) return;
  Application app;
  app.process = sender.process;
  app.socket = made.socket;
  app.fd = sender.fd;
  app.role = Role::bulk;
  constexpr std::uint32_t endless = 1u << 30;
  if (!sender.idle) app.unsent = {ContentId{0}, 0, endless};
  if (!sender.idle) app.unsent_more = std::uint64_t{1} << 60;
  applications.attach(c, app);
}

}  // namespace

bool tick(stack::Context& c, Applications& applications, LoadSender& sender) {
  if (sender.fd < 0) connect(c, applications, sender);
  if (sender.protocol != Protocol::udp) return false;
  stack::sys_send(c, sender.process, sender.fd, {ContentId{0}, 0, sender.datagram_bytes});
  return true;
}

}  // namespace fourtuple::world
