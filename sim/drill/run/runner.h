// A script on its way. Included by the files that make up the runner.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/drill/run/kernel.h"
#include "sim/drill/run/run.h"
#include "sim/drill/run/setup.h"

namespace fourtuple::drill {

// One connection, or one pair of UDP ports, between the script and the kernel, and how numbers of one become numbers
// of the other.
struct Connection {
  Protocol protocol = Protocol::tcp;
  std::uint16_t local_port = 0;  // of the kernel; 0 until its first packet shows it
  std::uint16_t remote_port = 0;
  std::uint32_t remote_isn = 0;        // in the script and on the wire
  std::uint32_t local_isn = 0;         // on the wire
  std::uint32_t script_local_isn = 0;  // what the script calls it
  bool local_known = false, remote_known = false;
  // Timestamps of the kernel: on the wire, by what the script calls them. The first one ties both clocks together.
  std::map<std::uint32_t, std::uint32_t> timestamps;
  std::uint32_t script_clock = 0, wire_clock = 0;
  Time clock_tied{0};
};

// How long beyond its time something of the kernel is waited for.
inline constexpr Duration patience = seconds(2);

class Runner {
 public:
  Runner(const Script& script, const Setup& setup, Kernel& kernel) : script_(script), setup_(setup), kernel_(kernel) {}

  Report run();

 private:
  // --- run.cc: one after the other, and their times ---
  bool event(const Event& event);
  bool start_at(const Event& event, Time at);
  Time base(const Event& event) const;
  Time scheduled(const EventTime& time, Duration point, Time base) const;
  bool on_time(const EventTime& time, Place where, Time actual, Time first, Time last, Time since,
               const std::string& what);
  bool fault(Place where, std::string message, std::string expectation = {});
  bool differs(Place where, bool forgiven, const std::string& message, const std::string& expectation);
  void note(Place where, std::string text);
  bool skip(Place where, const std::string& text);

  // --- run_packets.cc ---
  bool packet(const Event& event, const PacketSpec& spec);
  bool inbound(const PacketSpec& spec);
  bool inbound_tcp(const PacketSpec& spec, const TcpSpec& tcp);
  bool inbound_udp(const PacketSpec& spec, const UdpSpec& udp);
  bool inbound_icmp(const PacketSpec& spec, const IcmpSpec& icmp);
  bool translate_options(const PacketSpec& spec, Connection& connection, Segment& segment);
  bool give(const PacketSpec& spec, const Answer& answer);
  bool outbound(const Event& event, const PacketSpec& spec);
  std::optional<Sent> next_of(const Connection* wanted, Time limit, Connection*& owner);
  bool aggregate(const PacketSpec& spec, std::uint32_t length, Sent& sent, Connection& owner, Time limit);
  bool timestamps_fit(const PacketSpec& spec, const Segment& live, Connection& connection, Time at);
  Connection* owner_of(const Segment& segment);
  Connection& connection_for(const std::optional<Ports>& ports, bool inbound, Protocol protocol);
  static void learn(Connection& connection, const Segment& segment, const TcpSpec& spec);
  static Segment in_script_numbers(const Connection& connection, Segment segment);

  // --- run_calls.cc ---
  bool call(const Event& event, const CallSpec& spec);
  bool finish_call();
  bool call_returned(const CallSpec& spec, const CallOutcome& outcome);
  bool compare_call(const CallSpec& spec, const CallOutcome& outcome);
  bool skip_call(const CallSpec& spec, const std::string& why);

  // --- run_commands.cc ---
  bool command(const CommandSpec& spec);
  bool one_command(const CommandSpec& spec, const std::string& text);
  bool settings(const CommandSpec& spec, const std::vector<std::string>& words);
  bool set(const CommandSpec& spec, const std::string& name, const std::string& value);
  bool code(const CodeSpec& spec);

  struct UnderWay {
    const CallSpec* spec = nullptr;
    Time started{0};
    Time first{0}, last{0};  // when it must return
  };

  const Script& script_;
  const Setup& setup_;
  Kernel& kernel_;
  Report report_;

  Time previous_end_{0}, previous_scheduled_{0};
  bool previous_inbound_ = false;

  std::vector<Connection> connections_;
  std::size_t current_ = nothing;  // the socket under test, among connections_
  std::uint16_t next_remote_port_ = 53055;
  std::vector<Sent> waiting_;  // sent by connections nobody asked for yet

  std::map<std::int64_t, std::int32_t> descriptors_;  // the script's number of each open descriptor
  std::map<std::int64_t, bool> not_simulated_;        // descriptors that a skipped call would have made
  std::optional<UnderWay> under_way_;
  std::map<std::string, std::int64_t, std::less<>> names_;  // of code

  static constexpr std::size_t nothing = static_cast<std::size_t>(-1);
};

}  // namespace fourtuple::drill
