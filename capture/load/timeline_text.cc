#include "capture/load/timeline_text.h"

#include <fmt/format.h>
#include <iterator>

#include "capture/flow_owners.h"

namespace fourtuple::capture {
namespace {

constexpr std::int64_t start_ns = 10'000'000;             // processes are there from 0 on
constexpr std::uint64_t at_once_bytes = 2 * 1024 * 1024;  // what a socket certainly takes at once: half of tcp_wmem[2]

class Timeline {
 public:
  Timeline(const ImportedCapture& capture, const Load& load, const LoadNames& names)
      : capture_(&capture), load_(&load), names_(&names) {}

  std::string text();

 private:
  template <class... Values>
  void line(fmt::format_string<Values...> format, Values&&... values) {
    text_ += "  - { ";
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    text_ += " }\n";
  }
  const Flow& flow(const Exchange& exchange) const { return capture_->flows.flows()[exchange.flow]; }
  const IpAddress& address(const Exchange& exchange, std::size_t side) const;
  std::string end(const Exchange& exchange, std::size_t side) const;
  void comment(const Exchange& exchange);
  void doors();
  void tcp(const Exchange& exchange, std::size_t number);
  void udp(const Exchange& exchange, std::size_t number);
  std::pair<std::string, bool> udp_socket(const Exchange& exchange, std::size_t number);
  void steps(const Exchange& exchange, std::size_t side, const std::string& own, const std::string& other);
  std::string cause_of(const Exchange& exchange, std::size_t side, std::size_t index, const std::string& own,
                       const std::string& other) const;

  const ImportedCapture* capture_;
  const Load* load_;
  const LoadNames* names_;
  std::map<std::string, std::string> udp_sockets_;  // by address and port of a client
  std::string text_;
};

const IpAddress& Timeline::address(const Exchange& exchange, std::size_t side) const {
  const Flow& f = flow(exchange);
  return capture_->trace.tables().addresses[(side == 0) == (exchange.client == 0) ? f.a : f.b];
}

// "10.0.0.1:80", "[2001:db8::1]:80"
std::string Timeline::end(const Exchange& exchange, std::size_t side) const {
  return "\"" + end_text(address(exchange, side), names_->port_of(exchange, side)) + "\"";
}

void Timeline::comment(const Exchange& exchange) {
  const Flow& f = flow(exchange);
  std::string text =
      fmt::format("  # conversation {}, frames {} to {}", exchange.flow + 1, f.first_frame, f.last_frame);
  if (exchange.answer == Exchange::Answer::refused) text += "; refused";
  if (exchange.answer == Exchange::Answer::none) text += "; no answer seen";
  if (exchange.gaps) text += "; some bytes were not captured, counted by their numbers";
  if (exchange.open) text += "; open when the capture ended";
  text_ += text + "\n";
}

void Timeline::doors() {
  for (const LoadNames::Door& door : names_->doors()) {
    if (!door.open || door.protocol != Protocol::udp) continue;
    line("at: 0 s, process: {}/{}, bind: \"udp {}:{}\", as: {}{}", names_->host(door.host), door.process,
         names_->bound_address(door), door.port, door.name, LoadNames::options(door));
  }
}

// What a step waits for, as the beginning of its entry.
std::string Timeline::cause_of(const Exchange& exchange, std::size_t side, std::size_t index, const std::string& own,
                               const std::string& other) const {
  const Step& step = exchange.steps[side][index];
  const std::string delay = step.delay_ns < 1000 ? "" : ", delay: " + time_text(step.delay_ns);
  const bool long_writing =
      index > 0 && step.cause == Step::Cause::previous && exchange.steps[side][index - 1].bytes > at_once_bytes;
  if (long_writing) {
    // The write lasts until the other end has nearly all of it.
    std::uint64_t written = 0;
    for (std::size_t i = 0; i < index; ++i) written += exchange.steps[side][i].bytes;
    return fmt::format("after: {{ socket: {}, received: {} }}", other, written);
  }
  switch (step.cause) {
    case Step::Cause::opened:
      return fmt::format("after: {{ socket: {}, state: ESTABLISHED{} }}", own, delay);
    case Step::Cause::received:
      return fmt::format("after: {{ socket: {}, received: {}{} }}", own, step.amount, delay);
    case Step::Cause::end_of_input:
      return fmt::format("after: {{ socket: {}, state: CLOSE-WAIT{} }}", own, delay);
    case Step::Cause::previous:
      return fmt::format("after: {}", time_text(step.delay_ns));
  }
  return {};
}

void Timeline::steps(const Exchange& exchange, std::size_t side, const std::string& own, const std::string& other) {
  for (std::size_t i = 0; i < exchange.steps[side].size(); ++i) {
    const Step& step = exchange.steps[side][i];
    const std::string cause = cause_of(exchange, side, i, own, other);
    switch (step.kind) {
      case Step::Kind::send:
        line("{}, on: {}, send: {{ bytes: {} }}", cause, own, step.bytes);
        break;
      case Step::Kind::finish:
        line("{}, close: {}", cause, own);
        break;
      case Step::Kind::half_finish:
        line("{}, shutdown: {}, how: write", cause, own);
        break;
      case Step::Kind::reset:
        line("{}, close: {}, linger: 0", cause, own);
        break;
    }
  }
}

void Timeline::tcp(const Exchange& exchange, std::size_t number) {
  const std::string client = fmt::format("c{}", number), server = fmt::format("s{}", number);
  const bool v6 = address(exchange, 1).family == Family::ipv6;
  line("at: {}, process: {}, connect: {}, from: {}{}{}, as: {}", time_text(start_ns + exchange.start_ns),
       names_->process_of(exchange, 0), end(exchange, 1), end(exchange, 0), v6 ? ", family: ipv6" : "",
       names_->reuses_ports(names_->host_of(exchange, 0)) ? ", reuse-address: true" : "", client);
  if (exchange.answer == Exchange::Answer::none) {
    // Whoever asked gave up, at the latest, when its last packet had no answer.
    line("at: {}, close: {}", time_text(start_ns + exchange.end_ns + 1'000'000), client);
    return;
  }
  if (exchange.answer == Exchange::Answer::refused) return;
  line("after: {{ packet: {{ from: {}, to: {}, flags: ACK, fate: delivered }} }}, accept: {}, as: {}", end(exchange, 0),
       end(exchange, 1), names_->door_of(exchange), server);
  steps(exchange, 0, client, server);
  steps(exchange, 1, server, client);
}

// The socket a client sends from, and whether it is to be made. One socket may send to several servers, or be a
// server's.
std::pair<std::string, bool> Timeline::udp_socket(const Exchange& exchange, std::size_t number) {
  const std::string key = end(exchange, 0);
  for (const LoadNames::Door& door : names_->doors())
    if (door.open && door.protocol == Protocol::udp && door.host == names_->host_of(exchange, 0) &&
        door.port == names_->port_of(exchange, 0) && door.family == address(exchange, 0).family)
      return {door.name, false};
  const auto [known, fresh] = udp_sockets_.emplace(key, fmt::format("c{}", number));
  return {known->second, fresh};
}

// A client's datagrams go to the server, a server's back to the sender of the one they answer.
void Timeline::udp(const Exchange& exchange, std::size_t number) {
  const auto [socket, fresh] = udp_socket(exchange, number);
  const std::string& client = socket;
  const auto arrived = [&](std::size_t side, const Step& step) {
    return fmt::format("after: {{ packet: {{ protocol: udp, from: {}, to: {}, nth: {}, fate: delivered }}{} }}",
                       end(exchange, 1 - side), end(exchange, side), step.amount,
                       step.delay_ns < 1000 ? "" : ", delay: " + time_text(step.delay_ns));
  };
  bool first = true;
  for (const Step& step : exchange.steps[0]) {
    const std::string cause = first                                 ? "at: " + time_text(start_ns + exchange.start_ns)
                              : step.cause == Step::Cause::received ? arrived(0, step)
                                                                    : "after: " + time_text(step.delay_ns);
    if (first && fresh)
      line("{}, process: {}, sendto: {{ to: {}, bytes: {} }}, from: {}, as: {}", cause, names_->process_of(exchange, 0),
           end(exchange, 1), step.bytes, end(exchange, 0), client);
    else
      line("{}, on: {}, sendto: {{ to: {}, bytes: {} }}", cause, client, end(exchange, 1), step.bytes);
    first = false;
  }
  for (const Step& step : exchange.steps[1])
    line("{}, on: {}, sendto: {{ bytes: {} }}", arrived(1, step), names_->door_of(exchange), step.bytes);
}

std::string Timeline::text() {
  if (load_->exchanges.empty()) return "  []\n";
  doors();
  std::size_t number = 0;
  for (const Exchange& exchange : load_->exchanges) {
    comment(exchange);
    if (flow(exchange).protocol == Protocol::tcp)
      tcp(exchange, ++number);
    else
      udp(exchange, ++number);
  }
  return std::move(text_);
}

}  // namespace

std::string time_text(std::int64_t ns) {
  const std::int64_t us = (ns + 500) / 1000;
  if (us == 0) return "0 s";
  std::string text = fmt::format("{}.{:03}", us / 1000, us % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " ms";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

std::string timeline_text(const ImportedCapture& capture, const Load& load, const LoadNames& names) {
  return Timeline(capture, load, names).text();
}

}  // namespace fourtuple::capture
