// Carries out the timeline: each verb is a few system calls of the process that does it, as a program would make them.
#pragma once

#include "sim/stack/syscalls.h"
#include "sim/world/world.h"

namespace fourtuple::world {

struct ScriptRunner {
  World& world;
  stack::Context c;

  // One entry of the timeline, and the scheduling of its repetitions and of the entries that wait for it.
  void run(std::uint32_t index);
  // Starts process number `number`, counted over all hosts: descriptors, files, listeners.
  void start_process(std::uint32_t number);
  // Looks for conditions that have become true since the last call, and schedules what waited for them.
  void check_conditions();

 private:
  struct Target {
    ProcessId process;
    SocketId socket;
    std::int32_t fd = -1;
    bool valid() const { return process.valid(); }
  };

  const Scenario& scenario() const { return *world.script_.scenario; }
  void act(const TimelineEntry& entry, std::uint32_t index);
  void do_connect(const TimelineEntry& entry, std::uint32_t index);
  void do_listen(const TimelineEntry& entry);
  // Without a completed connection the call blocks: it waits in Script::accepting.
  void do_accept(const TimelineEntry& entry, std::uint32_t index);
  void retry_accepts();
  void do_send(const TimelineEntry& entry, std::uint32_t index);
  void do_sendto(const TimelineEntry& entry, std::uint32_t index);
  void do_receive(const TimelineEntry& entry, std::uint64_t bytes);
  void do_close(const TimelineEntry& entry);
  bool is_closing(SocketId socket) const;
  void linger(const Target& socket, std::uint32_t wait_s);
  void end_lingering();
  void do_kill(const TimelineEntry& entry);
  void do_ping(const TimelineEntry& entry);
  void do_nft(const TimelineEntry& entry);
  void set_link(const TimelineEntry& entry, bool up);

  ProcessId process_of(const TimelineEntry& entry) const;
  // The socket an entry works on: `on`, or a new one of its process.
  Target target(const TimelineEntry& entry);
  Target new_socket(const TimelineEntry& entry);
  void set_options(const Target& target, const SocketOptions& options);
  // Lets the timeline's socket be driven by an application, and remembers its name.
  void adopt(const TimelineEntry& entry, const Target& target, bool connecting);
  bool reads_all(const TimelineEntry& entry) const;
  void remember(SocketRef name, const Target& target);
  void refresh_name(SocketRef name);
  void listen_for(ProcessId process, std::uint32_t server, const ListenSpec& spec, Program program);
  AddressId address_of(const Endpoint& endpoint) const;
  stack::Peer peer_of(const TimelineEntry& entry) const;

  bool holds(const Trigger& trigger, std::uint32_t hits) const;
  bool packet_record_fits(const Trigger& trigger, const trace::Slot* record, std::uint32_t& hits) const;
  void look_at_record(const trace::Slot* record);
  void fire(std::uint32_t index);
  void fire_caption(std::uint32_t index);
};

}  // namespace fourtuple::world
