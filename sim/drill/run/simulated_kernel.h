// The simulator's stack as the kernel under test: one host with one process, and a second host without a kernel, whose
// packets the script makes. The wire between them takes no time, as in a script.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/drill/run/kernel.h"
#include "sim/drill/run/setup.h"
#include "sim/trace/trace.h"
#include "sim/world/driver.h"

namespace fourtuple::drill {

class SimulatedKernel final : public Kernel {
 public:
  // `trace` is filled from its beginning and must outlive the kernel.
  SimulatedKernel(const Script& script, const Setup& setup, trace::Trace& trace);

  Time now() const override { return world_->now(); }
  void pass_until(Time instant) override;
  std::optional<Sent> next_sent(Time limit) override;
  Answer inject(const Segment& segment) override;
  Answer inject(const IcmpMessage& message) override;
  Answer knows(const KernelCall& call) override;
  void begin(const KernelCall& call) override;
  std::optional<CallOutcome> outcome() override { return outcome_; }
  Answer set_sysctl(std::string_view name, std::string_view value) override;
  std::optional<std::int64_t> tcp_info(std::uint16_t local_port, std::uint16_t remote_port,
                                       std::string_view field) override;

 private:
  // A direction of bytes from the script: which stream they are, and where it begins.
  struct Flow {
    std::uint16_t local_port = 0, remote_port = 0;
    StreamId stream;
    SeqNumber first;
  };

  world::WorldDriver driver() { return {*world_, trace_}; }
  // One event of the World at or before `limit`; then what blocks is tried again.
  bool step(Time limit);
  void collect();
  void retry();
  void finish(const CallOutcome& outcome);
  bool blocks(const KernelCall& call) const;
  SocketId socket_of(std::int32_t fd) const;
  Packet packet_of(const Segment& segment, std::string& left_out) const;
  void give_stream(Packet& packet);
  void put_on_wire(const Packet& packet);

  // --- simulated_calls.cc: none while the call would block ---
  std::optional<CallOutcome> attempt(const KernelCall& call);
  std::optional<CallOutcome> attempt_socket(const KernelCall& call);
  std::optional<CallOutcome> attempt_accept(const KernelCall& call);
  std::optional<CallOutcome> attempt_connect(const KernelCall& call);
  std::optional<CallOutcome> attempt_read(const KernelCall& call);
  std::optional<CallOutcome> attempt_write(const KernelCall& call);
  std::optional<CallOutcome> attempt_poll(const KernelCall& call);
  CallOutcome set_option(const KernelCall& call);
  CallOutcome get_option(const KernelCall& call);
  std::int32_t ready(const Polled& polled) const;
  const tcp::Connection* connection_of(SocketId socket) const;

  trace::Trace& trace_;
  Setup setup_;
  std::unique_ptr<world::World> world_;
  ProcessId process_;
  AddressId local_, remote_;
  std::vector<Flow> flows_;
  std::vector<Sent> sent_;  // not yet taken
  std::size_t taken_ = 0;   // of sent_
  std::vector<std::int32_t> nonblocking_;

  std::optional<KernelCall> pending_;
  std::optional<CallOutcome> outcome_;
  bool connecting_ = false;    // the pending connect() has sent its SYN
  std::uint32_t written_ = 0;  // of the pending write()
  Time poll_ends_ = Time::never();
};

}  // namespace fourtuple::drill
