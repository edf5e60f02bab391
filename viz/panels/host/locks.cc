#include "viz/panels/host/locks.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

using state::Socket;
using trace::MatchQuality;

constexpr std::size_t rows_per_class = 6, classes = 4;

struct Tried {
  std::vector<SocketId> sockets;
};
using ByClass = std::array<std::vector<SocketId>, classes>;  // 1 to 3

struct Builder {
  const trace::Trace& trace;
  const state::State& state;
  HostId host;
  const Visit* visit;
  std::uint64_t passed;
  ByClass sockets{};       // the host's, of the key's protocol; maybe a million
  bool two_teeth = false;  // a UDP key without a connected socket in sight

  const trace::Tables& tables() const { return trace.tables(); }
  FourTuple tuple() const { return receiver_tuple(visit->header); }
  Protocol protocol() const { return visit->header.protocol; }
  // Dropped before any socket was asked.
  bool stopped() const { return visit != nullptr && visit->end < passed && stopped_before_lookup(*visit); }
};

bool listens(const Socket& socket) {
  if (socket.protocol == Protocol::udp) return !socket.has(state::SocketFlag::connected);
  return socket.tcp_state == TcpState::listen;
}

bool connects(const Socket& socket) {
  if (socket.protocol == Protocol::udp) return socket.has(state::SocketFlag::connected);
  return socket.tcp_state != TcpState::listen && socket.tuple.remote_port != 0;
}

int class_of(const Builder& b, const Socket& socket) {
  if (connects(socket)) return 1;
  if (!listens(socket) || socket.tuple.local_port == 0) return 0;
  return is_wildcard(b.tables(), socket.tuple.local) ? 3 : 2;
}

bool local_fits(const Builder& b, const Socket& socket, AddressId wanted) {
  if (socket.tuple.local == wanted) return true;
  if (!is_wildcard(b.tables(), socket.tuple.local)) return false;
  const Family own = b.tables().addresses[socket.tuple.local].family;
  if (wanted.value >= b.tables().addresses.size() || own == b.tables().addresses[wanted].family) return true;
  return own == Family::ipv6 && !socket.has(state::SocketFlag::v6_only);
}

// Protocol, local address and port, remote address and port: what a lock shows of each, and whether the key fits there.
constexpr std::size_t part_count = 5;
using Values = std::array<std::string, part_count>;
using Fits = std::array<bool, part_count>;

Values values_of(const Builder& b, const Socket& socket) {
  const bool remote = socket.tuple.remote_port != 0;
  return {std::string(trace::protocol_name(socket.protocol)), address_text(b.tables(), socket.tuple.local, true),
          std::to_string(socket.tuple.local_port), remote ? address_text(b.tables(), socket.tuple.remote, true) : "any",
          remote ? std::to_string(socket.tuple.remote_port) : "any"};
}

Fits fits_of(const Builder& b, const Socket& socket) {
  if (b.visit == nullptr) return {true, true, true, true, true};
  const FourTuple tuple = b.tuple();
  const bool remote = socket.tuple.remote_port != 0;
  return {socket.protocol == b.protocol(), local_fits(b, socket, tuple.local),
          socket.tuple.local_port == tuple.local_port, !remote || socket.tuple.remote == tuple.remote,
          !remote || socket.tuple.remote_port == tuple.remote_port};
}

bool all_fit(const Fits& parts) {
  return std::all_of(parts.begin(), parts.end(), [](bool fits) { return fits; });
}

std::string reason(const Builder& b, const Socket& socket, const Fits& parts) {
  const FourTuple tuple = b.tuple();
  switch (std::find(parts.begin(), parts.end(), false) - parts.begin()) {
    case 0:
      return "other protocol";
    case 1: {
      if (is_loopback(b.tables(), socket.tuple.local)) return "only from inside";
      const bool family = is_wildcard(b.tables(), socket.tuple.local);
      return family ? "other IP version" : "other address";
    }
    case 2:
      return fmt::format("{} is not {}", socket.tuple.local_port, tuple.local_port);
    case 3:
      return "other address";
    case 4:
      return "other port";
    default:
      return socket.protocol == Protocol::udp ? "takes any sender" : "takes new connections";
  }
}

Lock make_lock(const Builder& b, SocketId id, LockState state) {
  const Socket& socket = b.state.sockets[id.value];
  Lock lock;
  lock.socket = id;
  lock.owner = socket.owner;
  lock.inferred = socket.has(state::SocketFlag::inferred);
  lock.row.owner = process_name(b.trace, b.state, socket.owner);
  lock.row.detail = socket.fd >= 0 ? fmt::format("fd {}", socket.fd) : "";
  lock.row.state = state;
  const Fits parts = fits_of(b, socket);
  Values values = values_of(b, socket);
  bool missed = false;
  for (std::size_t i = 0; i < part_count; ++i) {
    if (b.two_teeth && i > 2) break;
    CellState cell = CellState::untried;
    if (state != LockState::not_tried) {
      cell = missed ? CellState::skipped : parts[i] ? CellState::match : CellState::mismatch;
      missed = missed || !parts[i];
    }
    lock.row.cells.push_back({std::move(values[i]), cell});
  }
  if (b.visit == nullptr) {
    lock.row.result = connects(socket) ? std::string(ss_name_of(socket.tcp_state)) : "waits for a packet";
  } else if (state == LockState::open) {
    lock.row.result =
        fmt::format("opens: {}{}", lock.row.owner, socket.fd >= 0 ? fmt::format(", fd {}", socket.fd) : "");
  } else {
    const bool shut = state == LockState::shut;
    lock.row.result = all_fit(parts) && (shut || connects(socket)) ? (shut ? "fits, but another won" : "not tried yet")
                                                                   : reason(b, socket, parts);
  }
  return lock;
}

ByClass sockets_by_class(const Builder& b) {
  ByClass found;
  for (std::uint32_t at = 0; at < b.state.sockets.end(); ++at) {
    if (!b.state.sockets.alive(at)) continue;
    const Socket& socket = b.state.sockets[at];
    if (socket.host != b.host || (b.visit != nullptr && socket.protocol != b.protocol())) continue;
    if (const int number = class_of(b, socket); number != 0) found[static_cast<std::size_t>(number)].push_back({at});
  }
  return found;
}

int class_of(MatchQuality quality) {
  switch (quality) {
    case MatchQuality::none:
      return 0;
    case MatchQuality::established:
      return 1;
    case MatchQuality::listener_address:
      return 2;
    default:
      return 3;
  }
}

// The locks tried, class by class, from lookup records that have happened.
void take_records(const Builder& b, LockModel& model, Tried (&tried)[classes]) {
  for (const LookupMark& mark : b.visit->lookups) {
    const int number = class_of(mark.tried.quality);
    if (mark.record >= b.passed || number == 0) continue;
    if (find_socket(b.state, mark.tried.socket) == nullptr) continue;
    tried[number].sockets.push_back(mark.tried.socket);
    if (mark.tried.mismatch == trace::Mismatch::none) model.winner = mark.tried.socket;
  }
}

// Without records: the same order, the first that fits (or the one the trace says got the packet) wins.
void work_out(const Builder& b, LockModel& model, Tried (&tried)[classes]) {
  model.exact = false;
  const bool ended = b.visit->end != trace::Index::none && b.visit->end < b.passed;
  if (!ended || stopped_before_lookup(*b.visit)) return;
  const SocketId known = b.visit->delivered ? b.visit->delivered->socket : SocketId::none();
  for (std::size_t number = 1; number < classes && !model.winner.valid(); ++number) {
    SocketId first;
    for (const SocketId id : b.sockets[number]) {
      const Socket& socket = b.state.sockets[id.value];
      const bool near = number > 1 || socket.tuple.local_port == b.tuple().local_port;
      if (id == known) {
        model.winner = id;
      } else if (!known.valid() && !b.visit->missed && !first.valid() && all_fit(fits_of(b, socket))) {
        first = id;
      } else if (near && tried[number].sockets.size() < rows_per_class) {
        tried[number].sockets.push_back(id);
      }
    }
    if (!model.winner.valid()) model.winner = first;
    if (model.winner.valid()) tried[number].sockets.push_back(model.winner);
  }
}

std::string class_title(int number, Protocol protocol) {
  switch (number) {
    case 1:
      return protocol == Protocol::udp ? "Connected sockets" : "Connections";
    case 2:
      return protocol == Protocol::udp ? "Sockets on this address" : "Listeners on this address";
    case 3:
      return protocol == Protocol::udp ? "Sockets on any address" : "Listeners on any address";
    default:
      return "No socket";
  }
}

std::string class_remark(const LockClass& entry, int won_in, bool reached, bool none_here, bool stopped) {
  if (none_here) return entry.number == 1 ? "none on this port" : "none";
  if (won_in != 0 && entry.number > won_in) {
    return won_in == 1 ? "not tried: a connection already matched" : "not tried: a lock already opened";
  }
  if (!reached) return stopped ? "never tried: the packet was dropped before" : "not tried yet";
  constexpr std::string_view rules[] = {"", "all four values must match", "address and port must match",
                                        "only the port must match"};
  return std::string(rules[entry.number]);
}

int winner_class(const Builder& b, const LockModel& model) {
  return model.winner.valid() ? class_of(b, b.state.sockets[model.winner.value]) : 0;
}

void fill_class(const Builder& b, LockModel& model, const Tried& tried, int looked, LockClass& entry) {
  const int won_in = winner_class(b, model);
  for (const SocketId id : tried.sockets) {
    entry.locks.push_back(make_lock(b, id, id == model.winner ? LockState::open : LockState::shut));
    ++model.tried;
  }
  const std::vector<SocketId>& all = b.sockets[static_cast<std::size_t>(entry.number)];
  model.sockets += all.size();
  for (const SocketId id : all) {
    if (std::find(tried.sockets.begin(), tried.sockets.end(), id) != tried.sockets.end()) continue;
    // Connections live in a hash: those in other buckets are never looked at.
    const bool other_bucket =
        b.visit != nullptr && entry.number == 1 && b.state.sockets[id.value].tuple.local_port != b.tuple().local_port;
    if (other_bucket || entry.locks.size() >= rows_per_class) {
      ++entry.hidden;
    } else {
      entry.locks.push_back(make_lock(b, id, LockState::not_tried));
    }
  }
  const bool reached = entry.number <= looked && (won_in == 0 || entry.number <= won_in);
  entry.state = reached ? StepState::reached : StepState::not_reached;
  if (b.visit == nullptr) {
    entry.remark = entry.locks.empty() ? "none" : "";
  } else {
    entry.remark = class_remark(entry, won_in, reached, entry.locks.empty(), b.stopped());
  }
  if (entry.hidden > 0) {
    entry.remark += fmt::format("{}{} more {}", entry.remark.empty() ? "" : "; ", entry.hidden,
                                entry.number == 1 && b.visit != nullptr ? "in other buckets" : "not shown");
  }
}

LockClass last_class(const Builder& b, const LockModel& model, bool looked) {
  LockClass entry;
  entry.number = 4;
  entry.title = class_title(4, b.protocol());
  const bool udp = b.protocol() == Protocol::udp;
  const bool missed = looked && b.visit->missed;
  entry.state = missed ? StepState::miss : StepState::not_reached;
  if (missed) {
    entry.remark = b.visit->answer.valid() ? "so the kernel answers itself" : "so the packet is thrown away";
  } else {
    entry.remark = fmt::format("would answer with {}{}", udp ? "ICMP port unreachable" : "a RST",
                               model.winner.valid() ? ". Not reached." : "");
  }
  return entry;
}

std::vector<KeyValue> key_of(const Builder& b) {
  const FourTuple tuple = b.tuple();
  std::vector<KeyValue> key = {{"protocol", std::string(trace::protocol_name(b.protocol()))},
                               {"to address", address_text(b.tables(), tuple.local)},
                               {"to port", std::to_string(tuple.local_port)}};
  if (b.two_teeth) return key;
  key.push_back({"from address", address_text(b.tables(), tuple.remote)});
  key.push_back({"from port", std::to_string(tuple.remote_port)});
  return key;
}

}  // namespace

LockModel build_locks(const trace::Trace& trace, const state::State& state, HostId host, const Visit* visit,
                      std::uint64_t passed) {
  LockModel model;
  Builder b{trace, state, host, visit, passed};
  b.sockets = sockets_by_class(b);
  if (visit != nullptr && visit->header.protocol == Protocol::udp) b.two_teeth = b.sockets[1].empty();
  Tried tried[classes];
  if (visit != nullptr) {
    if (visit->lookups.empty()) {
      work_out(b, model, tried);
    } else {
      take_records(b, model, tried);
    }
    model.key = key_of(b);
  }
  const bool ended = visit != nullptr && visit->end < passed;
  int looked = ended && !b.stopped() ? 4 : 0;  // the last class the lookup has come to
  for (int number = 1; number <= 3; ++number) {
    if (!tried[number].sockets.empty()) looked = std::max(looked, number);
  }
  for (int number = 1; number <= 3; ++number) {
    LockClass entry;
    entry.number = number;
    entry.title = class_title(number, visit != nullptr ? visit->header.protocol : Protocol::tcp);
    if (visit == nullptr)
      entry.title = number == 1 ? "Connections" : number == 2 ? "Bound to one address" : "Bound to any address";
    fill_class(b, model, tried[number], looked, entry);
    model.classes.push_back(std::move(entry));
  }
  if (visit != nullptr) model.classes.push_back(last_class(b, model, ended));
  return model;
}

}  // namespace fourtuple::viz
