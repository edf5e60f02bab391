// Two TCP endpoints joined by a path with a fixed delay and scripted faults, driven in simulated time. Everything sent
// is logged. For tests only; deterministic.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/tcp/endpoint.h"

namespace fourtuple::tcp::test {

enum class Side : std::uint8_t { client = 0, server = 1 };
constexpr Side other(Side side) {
  return side == Side::client ? Side::server : Side::client;
}

struct Sent {
  Time at;
  Side from;
  Packet packet;
  bool lost = false;
};

// What became of one arriving segment.
struct Judged {
  Time at;
  Side at_side;
  SegmentResult result;
};

inline std::string flags_of(const Packet& p) {
  std::string text;
  for (auto [bit, letter] : {std::pair{TcpFlag::syn, 'S'},
                             {TcpFlag::fin, 'F'},
                             {TcpFlag::rst, 'R'},
                             {TcpFlag::psh, 'P'},
                             {TcpFlag::ack, 'A'}})
    if (p.has(bit)) text += letter;
  return text;
}

class Harness {
 public:
  explicit Harness(Duration delay = milliseconds(10)) : delay_(delay) {}

  Config config[2];
  SeqNumber iss[2] = {{1000}, {5000}};
  bool server_listens = true;
  bool auto_read = true;  // applications read at once
  // Fate of the n-th packet (from 0) a side sends: true loses it.
  std::function<bool(Side, int, const Packet&)> lose = [](Side, int, const Packet&) { return false; };
  // Extra delay of a packet, for reordering.
  std::function<Duration(Side, int, const Packet&)> hold = [](Side, int, const Packet&) { return Duration{}; };

  Connection& at(Side side) { return ends_[static_cast<int>(side)]; }
  Connection& client() { return at(Side::client); }
  Connection& server() { return at(Side::server); }
  Time now() const { return now_; }
  const std::vector<Sent>& log() const { return log_; }
  const std::vector<Judged>& judged() const { return judged_; }
  std::uint64_t bytes_read(Side side) const { return bytes_read_[static_cast<int>(side)]; }
  std::uint16_t events(Side side) const { return events_[static_cast<int>(side)]; }
  Failure failure(Side side) { return at(side).failure; }

  void connect() {
    open_active(client(), config[0], iss[0], now_);
    pump(Side::client);
  }
  void connect_both() {  // simultaneous open
    open_active(client(), config[0], iss[0], now_);
    open_active(server(), config[1], iss[1], now_);
    pump(Side::client);
    pump(Side::server);
  }
  // connect() and run until both are established.
  void establish() {
    connect();
    run_for(delay_ * 4);
  }
  void write(Side side, std::uint64_t bytes) {
    tcp::write(at(side), bytes, now_);
    pump(side);
  }
  void read(Side side, std::uint64_t bytes) {
    bytes_read_[static_cast<int>(side)] += tcp::read(at(side), bytes, now_);
    pump(side);
  }
  void shutdown(Side side) {
    tcp::shutdown_write(at(side), now_);
    pump(side);
  }
  void close(Side side) {
    tcp::close(at(side), now_);
    pump(side);
  }
  void abort(Side side) {
    tcp::abort(at(side), now_);
    pump(side);
  }
  // Puts a forged packet at the door of `side` and returns the verdict.
  SegmentResult inject(Side side, const Packet& packet) {
    const SegmentResult result = arrive(side, packet);
    pump(side);
    return result;
  }
  // A segment the peer of `side` could have sent next: in order, acknowledging everything.
  Packet plausible(Side side, std::uint8_t flags) {
    Packet p;
    p.protocol = Protocol::tcp;
    p.flags = flags;
    p.seq = at(side).rcv_nxt;
    p.ack = (flags & TcpFlag::ack) != 0 ? at(side).snd_nxt : SeqNumber{};
    p.window = 1000;
    return p;
  }

  void run_until(Time end) {
    while (true) {
      Time next = std::min(next_deadline(client()), next_deadline(server()));
      for (const Flying& f : flying_) next = std::min(next, f.arrival);
      if (next > end) break;
      now_ = std::max(now_, next);
      step();
    }
    now_ = std::max(now_, end);
  }
  void run_for(Duration d) { run_until(now_ + d); }

  // Instants at which packets satisfying `wanted` were sent.
  std::vector<Time> times(const std::function<bool(const Sent&)>& wanted) const {
    std::vector<Time> result;
    for (const Sent& s : log_)
      if (wanted(s)) result.push_back(s.at);
    return result;
  }
  // "CS SSA CA": who sent what, in order.
  std::string transcript(std::size_t from = 0) const {
    std::string text;
    for (std::size_t i = from; i < log_.size(); ++i) {
      if (!text.empty()) text += ' ';
      text += (log_[i].from == Side::client ? "c:" : "s:") + flags_of(log_[i].packet);
      if (log_[i].packet.payload_length != 0) text += std::to_string(log_[i].packet.payload_length);
    }
    return text;
  }

 private:
  struct Flying {
    Time arrival;
    Side to;
    Packet packet;
  };

  void step() {
    for (Side side : {Side::client, Side::server}) {
      if (next_deadline(at(side)) <= now_) {
        const DeadlineResult r = on_deadline(at(side), now_);
        events_[static_cast<int>(side)] |= r.events;
        pump(side);
      }
    }
    for (std::size_t i = 0; i < flying_.size();) {
      if (flying_[i].arrival <= now_) {
        const Flying f = flying_[i];
        flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(i));
        arrive(f.to, f.packet);
        pump(f.to);
        i = 0;
      } else {
        ++i;
      }
    }
  }

  SegmentResult arrive(Side side, const Packet& packet) {
    Connection& c = at(side);
    if (c.state == State::closed) {
      if (side == Side::server && server_listens && flags_of(packet) == "S") {
        open_passive(c, config[1], packet, iss[1], now_);
      } else {
        Packet reply;
        if (reset_reply(packet, reply)) launch(side, reply);
      }
      return {};
    }
    const SegmentResult result = on_segment(c, packet, now_);
    judged_.push_back({now_, side, result});
    events_[static_cast<int>(side)] |= result.events;
    if (auto_read && result.has(Event::data_available)) read(side, ~std::uint64_t{0});
    return result;
  }

  void pump(Side side) {
    Packet packet;
    while (next_segment(at(side), now_, packet)) launch(side, packet);
  }

  void launch(Side side, const Packet& packet) {
    const int index = sent_[static_cast<int>(side)]++;
    const bool lost = lose(side, index, packet);
    log_.push_back({now_, side, packet, lost});
    if (!lost) flying_.push_back({now_ + delay_ + hold(side, index, packet), other(side), packet});
  }

  Duration delay_;
  Time now_;
  Connection ends_[2];
  std::deque<Flying> flying_;
  std::vector<Sent> log_;
  std::vector<Judged> judged_;
  int sent_[2] = {0, 0};
  std::uint64_t bytes_read_[2] = {0, 0};
  std::uint16_t events_[2] = {0, 0};
};

}  // namespace fourtuple::tcp::test
