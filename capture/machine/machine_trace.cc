#include "capture/machine/machine_trace.h"

#include "sim/state/state.h"

namespace fourtuple::capture {
namespace {

using state::SocketFlag;

constexpr HostId only_host{0};
constexpr Time now{0};

void add_host(trace::Tables& tables, const std::string& name) {
  trace::HostInfo host;
  host.name = tables.strings.intern(name);
  host.interfaces.push_back({0});
  trace::InterfaceInfo interface;
  interface.host = only_host;
  interface.name = tables.strings.intern("lo");
  interface.network = NetworkId::none();
  interface.loopback = true;
  tables.topology.hosts.push_back(host);
  tables.topology.interfaces.push_back(interface);
  tables.source = trace::Source::capture;
  tables.title = name;
}

class Writer {
 public:
  Writer(trace::Trace& trace, const Machine& machine) : trace_(&trace), machine_(&machine) {}

  void add_processes(const UserName& user_name);
  void add_socket(const ListedSocket& socket);

 private:
  ProcessId process_of(std::uint32_t pid) const;

  trace::Trace* trace_;
  const Machine* machine_;
  std::uint32_t next_socket_ = 0;
};

void Writer::add_processes(const UserName& user_name) {
  trace::Strings& strings = trace_->mutable_tables().strings;
  std::uint32_t next = 0;
  for (const MachineProcess& process : machine_->processes) {
    const StringId name = strings.intern(process.name), user = strings.intern(user_name(process.uid));
    constexpr std::uint32_t most = 0x7fffffff;
    trace_->append(now, only_host,
                   trace::ProcessStarted{{next++}, name, user, process.pid, false, std::min(process.uid, most)});
  }
}

ProcessId Writer::process_of(std::uint32_t pid) const {
  const auto& all = machine_->processes;
  const auto found = std::lower_bound(all.begin(), all.end(), pid,
                                      [](const MachineProcess& process, std::uint32_t p) { return process.pid < p; });
  if (found == all.end() || found->pid != pid) return ProcessId::none();
  return {static_cast<std::uint32_t>(found - all.begin())};
}

void Writer::add_socket(const ListedSocket& socket) {
  AddressTable& addresses = trace_->mutable_tables().addresses;
  const SocketId id{next_socket_++};
  const ProcessId owner = socket.holders.empty() ? ProcessId::none() : process_of(socket.holders.front().pid);
  std::uint8_t flags = SocketFlag::bound;
  if (socket.v6_only) flags |= SocketFlag::v6_only;
  trace_->append(now, only_host,
                 trace::SocketCreated{id, socket.protocol, socket.family, flags, socket.inode, {}, owner});
  const AddressId local = addresses.intern(socket.local);
  trace_->append(now, only_host, trace::SocketBound{id, local, socket.local_port, flags});
  if (socket.connected()) {
    const FourTuple tuple{local, addresses.intern(socket.remote), socket.local_port, socket.remote_port};
    trace_->append(now, only_host, trace::SocketConnected{id, tuple});
  }
  if (socket.protocol == Protocol::tcp)
    trace_->append(now, only_host, trace::SocketStateChanged{id, TcpState::closed, socket.state, PacketId::none()});
  if (socket.receive_queue != 0 || socket.send_queue != 0)
    trace_->append(now, only_host, trace::SocketQueues{id, socket.receive_queue, socket.send_queue});
  if (owner.valid()) trace_->append(now, only_host, trace::SocketOwner{id, owner, socket.holders.front().fd});
  constexpr auto kind = static_cast<std::uint8_t>(state::DescriptorKind::socket);
  for (const SocketHolder& holder : socket.holders)
    if (const ProcessId process = process_of(holder.pid); process.valid())
      trace_->append(now, only_host, trace::DescriptorOpened{process, holder.fd, kind, id});
}

}  // namespace

trace::Trace trace_of(const Machine& machine, const std::string& host, const UserName& user_name) {
  trace::Trace trace(trace::Level::stages);
  add_host(trace.mutable_tables(), host);
  Writer writer(trace, machine);
  writer.add_processes(user_name);
  for (const ListedSocket& socket : machine.list.sockets) writer.add_socket(socket);
  trace.publish();
  return trace;
}

}  // namespace fourtuple::capture
