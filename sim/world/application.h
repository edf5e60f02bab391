// The programs processes run: small state machines, one per socket, called when the socket has something to do. They
// are plain data in a pool, so a World copy carries them along.
//
// What a server answers (pages, replies) is fixed when the World is built and shared, immutable, by all copies.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/calendar.h"
#include "sim/stack/context.h"
#include "sim/stack/descriptors.h"
#include "sim/stack/syscalls.h"
#include "sim/trace/tables.h"
#include "sim/world/scenario/scenario.h"
#include "sim/world/sleepers.h"

namespace fourtuple::world {

// Bytes a program asks of a socket in one call.
constexpr std::uint32_t read_at_once = 1u << 20;

// The handshake is not done yet.
inline bool opening(const stack::Context& c, SocketId socket) {
  const TcpState state = c.socket(socket).tcp_state;
  return state == TcpState::syn_sent || state == TcpState::syn_received;
}

// What a server process does, with its texts already laid down as contents.
struct Server {
  struct Page {
    std::string path;
    ContentId answer;
    std::uint32_t length = 0;
  };
  Program program = Program::none;
  std::vector<Page> pages;
  Page not_found;
  std::uint64_t request_bytes = 1;
  ContentId reply;
  std::uint64_t reply_length = 0;
  stack::Peer forward;  // proxy, gateway
  // gateway
  std::uint64_t answer_bytes = 1;
  std::uint32_t pool = 0;
  bool multiplex = false;
  std::vector<AddressId> sources;
};

enum class Role : std::uint8_t {
  listener,    // accepts and serves
  serving,     // one connection, or one UDP socket, of a server
  script,      // a socket the timeline drives
  bulk,        // writes the test pattern for ever
  relay,       // one side of a proxied connection
  downstream,  // a gateway's connection to the service it asks
};

// The request line of HTTP as far as it has been read.
struct HttpRequest {
  static constexpr std::uint32_t longest_path = 61;
  char path[longest_path + 1] = {};
  std::uint8_t path_length = 0;
  std::uint8_t newlines = 0;  // consecutive line ends seen: two end the header
  std::uint8_t word = 0;      // 0 method, 1 path, 2 the rest
};

struct Application {
  ProcessId process;
  SocketId socket;
  std::int32_t fd = -1;
  std::uint32_t server = nothing;   // index into Applications::servers
  std::uint32_t http = nothing;     // pool index of an HttpRequest
  std::uint32_t partner = nothing;  // relay: the application of the other side
  Role role = Role::serving;
  bool peer_finished = false;
  bool connecting = false;  // script: connect() has not returned
  bool reading = false;     // script: receive has not returned
  bool writing = false;     // script: send has not returned
  bool reads_all = false;   // script: the program takes whatever comes, as long as it comes

  stack::Payload unsent;          // rest of what is being written
  std::uint64_t unsent_more = 0;  // bytes to write beyond `unsent`, which is at most 1 GiB long
  std::uint64_t counted = 0;      // serving: bytes of the present request; script: bytes the process has read
  std::uint64_t wanted = 0;       // script: bytes receive waits for; 0: whatever comes
};

// What a process that runs `gateway` knows: its connections downstream, and whose requests are where.
struct Gateway {
  struct Asked {
    std::uint32_t line = nothing;    // application of the connection downstream
    std::uint32_t client = nothing;  // application of the client's connection; nothing: it has gone meanwhile
  };
  ProcessId process;
  std::uint32_t server = nothing;
  std::uint32_t opened = 0;                // connections so far, to take the sources in turn
  std::vector<std::uint32_t> connections;  // applications, in the order in which they were opened
  std::vector<Asked> asked;                // in the order of their requests
  std::vector<std::uint32_t> waiting;      // clients, in the order of their requests
  bool serving = false;                    // serve_waiting() is at work further up
};

class Applications {
 public:
  std::shared_ptr<const std::vector<Server>> servers = std::make_shared<std::vector<Server>>();
  std::shared_ptr<const std::vector<trace::Content>> contents = std::make_shared<std::vector<trace::Content>>();

  Sleepers sleepers;

  // Puts an application in charge of a socket.
  std::uint32_t attach(stack::Context& c, const Application& application);
  void detach(stack::Context& c, SocketId socket);
  const Application* of(const stack::Context& c, SocketId socket) const;
  Application* mut_of(stack::Context& c, SocketId socket);

  // The socket has something to do: data, room, a connection to accept, an end, an error.
  void ready(stack::Context& c, SocketId socket);
  // The process is gone: its applications are, too.
  void end_process(stack::Context& c, ProcessId process);
  // Its descriptor `fd`, which application `index` worked with, was closed by another call than the application's own:
  // it goes on with another descriptor of the process for that socket, or ends.
  void lost_descriptor(stack::Context& c, std::uint32_t index, ProcessId process, std::int32_t fd);
  // execve(): no call of the process sleeps any more.
  void end_calls(stack::Context& c, ProcessId process);
  std::uint64_t bytes() const { return pool_.bytes() + http_.bytes(); }

  // --- for the timeline ---
  // Starts writing; what does not fit now is written when there is room. False and the errno when it cannot be.
  state::Errno start_writing(stack::Context& c, SocketId socket, ContentId content, std::uint64_t length);
  // Reads what has come, up to what `wanted` still lacks; sets reading while the call would block.
  void start_reading(stack::Context& c, SocketId socket, std::uint64_t wanted);

 private:
  void accept_all(stack::Context& c, std::uint32_t listener);
  void serve(stack::Context& c, std::uint32_t index);
  void serve_datagrams(stack::Context& c, std::uint32_t index);
  // One answered or forgotten piece of input; false when writing is blocked and reading must wait.
  bool handle_input(stack::Context& c, std::uint32_t index, const stack::Payload& part);
  void answer_http(Application& app, const stack::Payload& part);
  void answer_when_complete(Application& app, const Server& server, std::uint32_t length);
  // Writes what is unsent; true when nothing is left.
  bool flush(stack::Context& c, std::uint32_t index);
  void hang_up(stack::Context& c, std::uint32_t index);
  // What the timeline asked of a socket is over, done or not.
  static void give_up_calls(Application& app);
  // proxy.cc: the connection onward for one just taken; bytes both ways; the end of both sides.
  void start_relay(stack::Context& c, std::uint32_t taken);
  void continue_relay(stack::Context& c, std::uint32_t index);
  // Reads from one side and writes to the other as far as both go; false when both directions are done or broken.
  bool carry(stack::Context& c, std::uint32_t from, std::uint32_t to);
  void end_relay(stack::Context& c, std::uint32_t index);
  // gateway.cc
  Gateway& gateway_of(ProcessId process, std::uint32_t server);
  void take_requests(stack::Context& c, std::uint32_t client);
  void answer_client(stack::Context& c, std::uint32_t client);
  void serve_waiting(stack::Context& c, ProcessId process, std::uint32_t server);
  bool ask_next(stack::Context& c, ProcessId process, std::uint32_t server);
  static bool is_asking(const Gateway& gateway, std::uint32_t line);
  std::uint32_t open_downstream(stack::Context& c, ProcessId process, std::uint32_t server);
  void continue_downstream(stack::Context& c, std::uint32_t line);
  bool hand_on_answers(stack::Context& c, std::uint32_t line);
  bool awaits_answer(const Application& client, std::uint32_t index) const;
  void forget_client(std::uint32_t client);
  void close_downstream(stack::Context& c, std::uint32_t line);
  void lose_downstream(stack::Context& c, std::uint32_t line);
  void forget_downstream(stack::Context& c, std::uint32_t line);
  void forget_gateway(ProcessId process);
  void continue_script(stack::Context& c, std::uint32_t index);
  void connect_returned(stack::Context& c, const Application& app, state::Errno error);
  void leave(stack::Context& c, std::uint32_t index);
  void release(std::uint32_t index);

  Pool<Application> pool_;
  Pool<HttpRequest> http_;
  std::vector<Gateway> gateways_;
};

}  // namespace fourtuple::world
