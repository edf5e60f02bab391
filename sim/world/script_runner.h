// Carries out the timeline: each verb is a few system calls of the process that does it, as a program would make them.
#pragma once

#include "sim/stack/syscalls.h"
#include "sim/world/world.h"

namespace fourtuple::world {

// Counts over all hosts, as WorldBuilder::schedule does.
std::uint32_t process_number(const Scenario& scenario, const ProcessRef& ref);
// Of a process whose scenario names none.
std::uint32_t default_pid(std::uint32_t process_number);

struct ScriptRunner {
  World& world;
  stack::Context c;

  // One entry of the timeline, and the scheduling of its repetitions and of the entries that wait for it.
  void run(std::uint32_t index);
  // Starts process number `number`, counted over all hosts: descriptors, files, listeners.
  void start_process(std::uint32_t number);
  // Looks for conditions that have become true since the last call, and schedules what waited for them.
  void check_conditions();
  // SIGKILL. REQUIRES: the process runs.
  void kill(const ProcessRef& process);

 private:
  struct Target {
    ProcessId process;
    SocketId socket;
    std::int32_t fd = -1;
    LocalId local{};  // in place of a socket
    bool valid() const { return process.valid(); }
  };

  // A descriptor before a call that may close it, and the application at its socket.
  struct Used {
    state::Descriptor descriptor;  // without process: there was none
    std::uint32_t app = stack::nil;
  };

  const Scenario& scenario() const { return *world.script_.scenario; }
  void act(const TimelineEntry& entry, std::uint32_t index);
  void do_connect(const TimelineEntry& entry, std::uint32_t index);
  void do_listen(const TimelineEntry& entry);
  // Without a completed connection the call blocks: it waits in Script::blocked.
  void do_accept(const TimelineEntry& entry, std::uint32_t index);
  bool accept_returns(const TimelineEntry& entry, const Blocked& call);
  void do_send(const TimelineEntry& entry, std::uint32_t index);
  void do_sendto(const TimelineEntry& entry, std::uint32_t index);
  void do_receive(const TimelineEntry& entry, std::uint64_t bytes);
  void do_close(const TimelineEntry& entry);
  bool drives(const Target& socket) const;
  bool is_closing(SocketId socket) const;
  void linger(const Target& socket, std::uint32_t wait_s);
  void end_lingering();
  void do_kill(const TimelineEntry& entry);
  void do_ping(const TimelineEntry& entry);
  void do_nft(const TimelineEntry& entry);
  void set_link(const TimelineEntry& entry, bool up);

  // script_descriptors.cc
  void do_descriptor_verb(const TimelineEntry& entry, std::uint32_t index);
  void made(const TimelineEntry& entry, const Target& target, state::Errno error);
  Used used(ProcessId process, std::int32_t fd) const;
  stack::Result dup_to(const Target& from, std::int32_t wanted);
  void do_exec(ProcessId process, StringId path);
  // The descriptor is gone: the application that worked with it, and the calls that slept on it, learn of it.
  void was_closed(const Used& closed);
  void do_fork(const TimelineEntry& entry);
  void do_epoll(const TimelineEntry& entry, std::uint32_t index);
  // bind, listen and connect of AF_UNIX, and send, receive and request without a network; false: it is not.
  bool do_unix(const TimelineEntry& entry, std::uint32_t index);
  bool do_local(const TimelineEntry& entry, std::uint32_t index);
  Target new_unix_socket(const TimelineEntry& entry);
  void unix_connect(const Target& socket, std::uint32_t index);
  // Makes the call; when it does not return it waits in Script::blocked and its process sleeps.
  void do_or_block(Blocked call);
  void retry_blocked();
  bool read_locals();
  bool retry_each();
  // Makes the call once more, or the rest of it; false: it still blocks.
  bool returns(Blocked& call);
  bool write_returns(Blocked& call);
  bool read_returns(Blocked& call);
  void forget_blocked(ProcessId process);

  void serve_from(const Target& listener, std::uint32_t server, Role role);
  ProcessId process_of(const TimelineEntry& entry) const;
  // The socket an entry works on: `on`, or a new one of its process.
  Target target(const TimelineEntry& entry);
  Target new_socket(const TimelineEntry& entry);
  void set_options(const Target& target, const SocketOptions& options);
  // Lets the timeline's socket be driven by an application, and remembers its name.
  void adopt(const TimelineEntry& entry, const Target& target, bool connecting);
  // Whether the descriptor is open and leads to the socket it led to when it got its name.
  bool leads_still(const Target& target) const;
  bool reads_all(const TimelineEntry& entry) const;
  void remember(SocketRef name, const Target& target);
  void refresh_name(SocketRef name);
  void listen_for(ProcessId process, std::uint32_t server, const ListenSpec& spec, Program program);
  AddressId address_of(const Endpoint& endpoint) const;
  stack::Peer peer_of(const TimelineEntry& entry) const;

  bool holds(const Trigger& trigger, std::uint32_t hits) const;
  Asker sender_of(const trace::Slot* record) const;
  bool packet_record_fits(const Trigger& trigger, const trace::Slot* record, std::uint32_t& hits) const;
  void look_at_record(const trace::Slot* record);
  void fire(std::uint32_t index);
  void fire_caption(std::uint32_t index);
};

}  // namespace fourtuple::world
