// Expectations about processes: what they called, what they read.
#include <algorithm>
#include <fmt/format.h>

#include "app/expect/expect.h"
#include "sim/state/apply.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

using state::Errno;
using world::Expectation;
using world::nothing;

// Process ids are used again; this follows who each one is while records are walked in order.
class ProcessNames {
 public:
  void pass(const trace::Slot* slots) {
    if (slots->kind != trace::Kind::process_started) return;
    const trace::ProcessStarted started = trace::unpack_process_started(slots);
    if (started.process.value >= state::max_processes) return;
    if (names_.size() <= started.process.value) names_.resize(started.process.value + 1);
    names_[started.process.value] = {slots->host_id(), started.name};
  }
  const ProcessName* find(ProcessId id) const {
    return id.value < names_.size() && names_[id.value].host.valid() ? &names_[id.value] : nullptr;
  }

 private:
  std::vector<ProcessName> names_;
};

struct CallFound {
  Time at;
  Errno error;
};

std::string result_text(Errno error) {
  if (error == Errno::ok) return "succeeded";
  return fmt::format("failed with {} ({})", state::name_of(error), state::description_of(error));
}

struct CallsFound {
  std::vector<CallFound> returned;  // in order
  bool waits = false;               // some did not return at once
};

// All calls of that kind by the process. A call that waits is told by a record of its own when it returns.
CallsFound find_calls(const Evidence& evidence, const Expectation& expectation) {
  CallsFound calls;
  ProcessNames processes;
  const trace::Trace& trace = evidence.trace();
  const std::uint64_t end = evidence.boundary(instant_of(evidence, expectation));
  for (std::uint64_t at = trace.first(); at < end; at = trace.next(at)) {
    const trace::Slot* slots = trace.at(at);
    processes.pass(slots);
    const bool data = slots->kind == trace::Kind::data_call;
    if (!data && slots->kind != trace::Kind::syscall) continue;
    const trace::Syscall call = data ? trace::unpack_data_call(slots).call : trace::unpack_syscall(slots);
    const ProcessName* process = processes.find(call.process);
    if (call.call != expectation.call || process == nullptr || !evidence.is_process(*process, expectation.process))
      continue;
    const auto error = static_cast<Errno>(call.error);
    const bool waits = error == Errno::einprogress || error == Errno::eagain;
    calls.waits = calls.waits || waits;
    if (waits && error != expectation.error) continue;
    calls.returned.push_back({slots->at, error});
  }
  return calls;
}

}  // namespace

std::string judge_call(Evidence& evidence, const Expectation& expectation) {
  const CallsFound found = find_calls(evidence, expectation);
  const std::vector<CallFound>& calls = found.returned;
  const std::string_view name = trace::name_of(expectation.call);
  if (calls.empty() && found.waits) return fmt::format("its {} had not returned", name);
  if (calls.empty()) return fmt::format("it never called {}", name);
  if (expectation.nth != 0) {
    if (expectation.nth > calls.size())
      return fmt::format("it called {} only {} time{}", name, calls.size(), calls.size() == 1 ? "" : "s");
    const CallFound& call = calls[expectation.nth - 1];
    if (call.error == expectation.error) return "";
    return fmt::format("that call, at {}, {}", trace::time_text(call.at), result_text(call.error));
  }
  if (std::any_of(calls.begin(), calls.end(), [&](const CallFound& c) { return c.error == expectation.error; }))
    return "";
  const std::string which =
      calls.size() == 1 ? "its only call" : fmt::format("the first of its {} calls", calls.size());
  return fmt::format("{}, at {}, {}", which, trace::time_text(calls.front().at), result_text(calls.front().error));
}

namespace {

// What is known of one socket's input.
struct Input {
  std::uint64_t read = 0;         // TCP: bytes read so far
  StreamId stream;                // TCP: the peer's bytes
  std::vector<Packet> datagrams;  // UDP: delivered, in order
  std::size_t next_datagram = 0;
};

// Collects what processes read, byte by byte when `wants_text`.
class Reads {
 public:
  Reads(const Evidence& evidence, const Expectation& expectation)
      : evidence_(evidence), expectation_(expectation), wants_text_(expectation.text.has_value()) {}

  void walk() {
    const trace::Trace& trace = evidence_.trace();
    const Time at = instant_of(evidence_, expectation_);
    const std::uint64_t end = evidence_.boundary(at);
    if (expectation_.socket != nothing) life_ = evidence_.life(expectation_.socket, at);
    for (position_ = trace.first(); position_ < end; position_ = trace.next(position_)) pass(trace.at(position_));
  }
  std::uint64_t bytes() const { return bytes_; }
  const std::string& text() const { return text_; }

 private:
  static constexpr std::uint64_t longest_text = 1u << 20;

  Input& input(SocketId socket) {
    if (inputs_.size() <= socket.value) inputs_.resize(socket.value + 1);
    return inputs_[socket.value];
  }

  bool counts(ProcessId process, SocketId socket) const {
    if (expectation_.socket != nothing)
      return life_ != nullptr && socket == life_->socket && position_ > life_->born && position_ <= life_->ended;
    const ProcessName* name = processes_.find(process);
    return name != nullptr && evidence_.is_process(*name, expectation_.process);
  }

  void pass(const trace::Slot* slots) {
    processes_.pass(slots);
    switch (slots->kind) {
      case trace::Kind::socket_created:
        if (slots->subject < state::max_sockets) input({slots->subject}) = Input{};
        return;
      case trace::Kind::packet_delivered:
        return delivered(trace::unpack_packet_delivered(slots));
      case trace::Kind::stream_read:
        return read_stream(trace::unpack_stream_read(slots));
      case trace::Kind::local_read:
        return read_local(trace::unpack_local_read(slots));
      case trace::Kind::data_call:
        return read_datagram(trace::unpack_data_call(slots).call);
      default:
        return;
    }
  }

  void delivered(const trace::PacketDelivered& event) {
    if (event.socket.value >= inputs_.size()) return;
    const auto packet = evidence_.indexes().packets().packet(event.packet);
    if (!packet) return;
    Input& at = input(event.socket);
    if (packet->protocol == Protocol::udp) at.datagrams.push_back(*packet);
    if (packet->protocol == Protocol::tcp && packet->payload_kind == PayloadKind::stream)
      at.stream = {packet->payload_source};
  }

  void read_stream(const trace::StreamRead& event) {
    if (event.socket.value >= inputs_.size()) return;
    Input& from = input(event.socket);
    if (counts(event.process, event.socket)) {
      bytes_ += event.length;
      std::string piece(wants_text_ && text_.size() < longest_text ? event.length : 0, '?');
      evidence_.indexes().streams().read(evidence_.trace(), from.stream, from.read,
                                         static_cast<std::uint32_t>(piece.size()), piece.data());
      text_ += piece;
    }
    from.read += event.length;
  }

  void read_local(const trace::LocalRead& event) {
    const ProcessName* name = processes_.find(event.process);
    if (expectation_.socket != nothing || name == nullptr || !evidence_.is_process(*name, expectation_.process)) return;
    bytes_ += event.length;
    if (!wants_text_ || text_.size() >= longest_text) return;
    const auto& contents = evidence_.tables().contents;
    const std::string_view all =
        event.content.value < contents.size() ? contents[event.content.value].text : std::string_view();
    std::string piece(event.content.value == 0 || event.content_offset >= all.size()
                          ? std::string_view()
                          : all.substr(event.content_offset, event.length));
    piece.resize(event.length, '?');
    text_ += piece;
  }

  void read_datagram(const trace::Syscall& call) {
    if (call.call != trace::Call::receive && call.call != trace::Call::recvfrom) return;
    if (call.result < 0 || call.socket.value >= inputs_.size()) return;
    Input& from = input(call.socket);
    if (from.next_datagram >= from.datagrams.size()) return;  // the end of a stream
    const Packet& packet = from.datagrams[from.next_datagram++];
    if (!counts(call.process, call.socket)) return;
    bytes_ += static_cast<std::uint64_t>(call.result);
    if (!wants_text_ || text_.size() >= longest_text) return;
    std::string piece;
    trace::payload_bytes(evidence_.trace(), evidence_.indexes().streams(), packet, piece);
    piece.resize(static_cast<std::size_t>(call.result), '?');
    text_ += piece;
  }

  const Evidence& evidence_;
  const Expectation& expectation_;
  const SocketLife* life_ = nullptr;
  ProcessNames processes_;
  std::vector<Input> inputs_;  // by socket
  std::uint64_t position_ = 0;
  std::uint64_t bytes_ = 0;
  std::string text_;
  bool wants_text_;
};

}  // namespace

std::string judge_received(Evidence& evidence, const Expectation& expectation) {
  Reads reads(evidence, expectation);
  reads.walk();
  if (expectation.bytes && *expectation.bytes != reads.bytes())
    return fmt::format("it had read {} byte{}", reads.bytes(), reads.bytes() == 1 ? "" : "s");
  if (expectation.text && *expectation.text != reads.text()) {
    if (reads.bytes() == 0) return "it had read nothing";
    return fmt::format("it had read {}", in_quotes(reads.text()));
  }
  return "";
}

}  // namespace fourtuple::app
