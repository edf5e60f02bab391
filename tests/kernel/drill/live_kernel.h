// The kernel this program runs on as the kernel under test: a TUN interface in a network namespace of its own carries
// the script's packets. Needs root. Times are real, so scripts need their tolerances.
#pragma once

#include <deque>
#include <future>
#include <optional>
#include <string>

#include "sim/drill/run/kernel.h"
#include "sim/drill/run/setup.h"

namespace fourtuple::drill {

class LiveKernel final : public Kernel {
 public:
  // Leaves the program in a new network namespace. `ready()` says whether that worked.
  explicit LiveKernel(const Setup& setup);
  ~LiveKernel() override;

  bool ready() const { return tun_ >= 0; }

  Time now() const override;
  void pass_until(Time instant) override;
  std::optional<Sent> next_sent(Time limit) override;
  Answer inject(const Segment& segment) override;
  Answer inject(const IcmpMessage& message) override;
  Answer knows(const KernelCall&) override { return {}; }
  void begin(const KernelCall& call) override;
  std::optional<CallOutcome> outcome() override;
  Answer set_sysctl(std::string_view name, std::string_view value) override;
  std::optional<std::int64_t> tcp_info(std::uint16_t local_port, std::uint16_t remote_port,
                                       std::string_view field) override;

 private:
  // Reads one packet of the interface, waiting until `limit`; false when there was none.
  bool read_one(Time limit);
  CallOutcome carry_out(const KernelCall& call) const;
  void write_ipv4(std::uint8_t protocol, const std::string& payload, const Segment& segment) const;

  Setup setup_;
  int tun_ = -1;
  std::int64_t start_ns_ = 0;
  std::deque<Sent> sent_;
  std::future<CallOutcome> under_way_;
  std::optional<CallOutcome> last_;  // of the call that returned last
};

}  // namespace fourtuple::drill
