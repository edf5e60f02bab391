#include "tests/sim/support/random_history.h"

#include "sim/base/random.h"
#include "sim/state/apply.h"

namespace fourtuple::test {
namespace {

class History {
 public:
  History(TraceBuilder& builder, std::uint64_t seed, std::uint32_t hosts)
      : builder_(builder), random_(seed, "history"), hosts_(hosts) {
    state_.hosts.resize(hosts);
  }

  void one() {
    us_ += static_cast<std::int64_t>(random_.below(3) * random_.below(500));
    switch (random_.below(12)) {
      case 0:
        return start();
      case 1:
        return random_.chance({1, 4}) ? end() : void();
      case 2:
      case 3:
        return open();
      case 4:
        return close();
      case 5:
        return create();
      case 6:
        return random_.chance({1, 2}) ? destroy() : void();
      case 7:
      case 8:
        return change();
      default:
        return packet();
    }
  }

 private:
  template <class Event>
  void put(std::uint32_t host, const Event& event) {
    FT_CHECK(state::apply(state_, {host}, event));
    builder_.add(us_, host, event);
  }
  template <class T>
  std::uint32_t pick(const Pool<T>& pool) {
    if (pool.live() == 0) return none;
    std::uint32_t id = static_cast<std::uint32_t>(random_.below(pool.end()));
    while (!pool.alive(id)) id = (id + 1) % pool.end();
    return id;
  }
  template <class T>
  static std::uint32_t lowest_unused(const Pool<T>& pool) {
    std::uint32_t id = 0;
    while (pool.alive(id)) ++id;
    return id;
  }

  void start() {
    if (state_.processes.live() > 40) return;
    const auto host = static_cast<std::uint32_t>(random_.below(hosts_));
    put(host, trace::ProcessStarted{{lowest_unused(state_.processes)}, builder_.text("daemon"), {}, ++pid_, false});
  }
  void end() {
    const std::uint32_t id = pick(state_.processes);
    if (id != none) put(state_.processes[id].host.value, trace::ProcessEnded{{id}});
  }
  void open() {
    const std::uint32_t id = pick(state_.processes);
    if (id == none) return;
    const std::uint32_t socket = pick(state_.sockets);
    const auto kind = static_cast<std::uint8_t>(socket == none ? 1 : 2);
    put(state_.processes[id].host.value,
        trace::DescriptorOpened{{id}, state::lowest_free_fd(state_, {id}), kind, SocketId{socket}});
  }
  void close() {
    const std::uint32_t id = pick(state_.processes);
    if (id == none) return;
    const auto fd = static_cast<std::int32_t>(random_.below(8));
    if (state::find_descriptor(state_, {id}, fd) == nullptr) return;
    put(state_.processes[id].host.value, trace::DescriptorClosed{{id}, fd});
  }
  void create() {
    if (state_.sockets.live() > 3000) return;
    const auto host = static_cast<std::uint32_t>(random_.below(hosts_));
    put(host, trace::SocketCreated{{lowest_unused(state_.sockets)}, Protocol::tcp, Family::ipv4, 0, ++inode_, {}, {}});
  }
  void destroy() {
    const std::uint32_t id = pick(state_.sockets);
    if (id != none) put(state_.sockets[id].host.value, trace::SocketClosed{{id}});
  }
  void change() {
    const std::uint32_t id = pick(state_.sockets);
    if (id == none) return;
    const std::uint32_t host = state_.sockets[id].host.value;
    const auto draw = static_cast<std::uint32_t>(random_.next());
    switch (draw % 6) {
      case 0:
        return put(host, trace::SocketBound{{id}, builder_.address(host), static_cast<std::uint16_t>(draw >> 8), 8});
      case 1:
        return put(host, trace::SocketStateChanged{
                             {id}, state_.sockets[id].tcp_state, static_cast<TcpState>(1 + (draw >> 8) % 11), {}});
      case 2:
        return put(host, trace::SocketQueues{{id}, draw >> 8, draw >> 16});
      case 3:
        return put(host, trace::SocketError{{id}, 111, {}});
      case 4:
        return put(host, trace::SocketConnected{{id}, {builder_.address(host), builder_.address(0), 4000, 80}});
      default: {
        trace::TcpVariablesChanged event;
        event.socket = {id};
        for (std::uint8_t& byte : event.image) byte = static_cast<std::uint8_t>(random_.next());
        return put(host, event);
      }
    }
  }
  void packet() {
    const auto from = static_cast<std::uint32_t>(random_.below(hosts_)), to = (from + 1) % hosts_;
    const auto port = static_cast<std::uint16_t>(1024 + random_.below(200));
    const Packet packet =
        builder_.tcp(from, to, port, 80, static_cast<std::uint8_t>(random_.below(32)),
                     static_cast<std::uint32_t>(random_.below(5000)), static_cast<std::uint32_t>(random_.below(1000)));
    builder_.add(us_, from, trace::PacketCreated{packet});
    put(from, trace::PacketSent{packet.id, {from}, {to}, 64, microseconds(1000)});
    if (random_.chance({1, 2})) return;
    us_ += 1000;
    if (random_.chance({1, 3})) {
      put(to, trace::PacketDropped{packet.id, trace::DropReason::no_socket, trace::Stage::transport_lookup, {}, {}});
    } else {
      put(to, trace::PacketDelivered{packet.id, {}, trace::MatchQuality::none, 0, {}});
    }
  }

  static constexpr std::uint32_t none = 0xffffffffu;
  TraceBuilder& builder_;
  Random random_;
  std::uint32_t hosts_;
  state::State state_;
  std::int64_t us_ = 0;
  std::uint32_t pid_ = 100, inode_ = 5000;
};

}  // namespace

void add_random_history(TraceBuilder& builder, std::uint64_t seed, std::uint32_t events, std::uint32_t hosts) {
  History history(builder, seed, hosts);
  for (std::uint32_t i = 0; i < events; ++i) history.one();
}

}  // namespace fourtuple::test
