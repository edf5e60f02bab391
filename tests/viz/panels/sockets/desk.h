// A host with the tools of a real one: the story's, with a table of its sockets as `ss` lays it out, and names of
// ports.
#pragma once

#include <string>

#include "tests/viz/panels/story.h"
#include "viz/panels/sockets/port_counts.h"
#include "viz/panels/sockets/sockets_model.h"

namespace fourtuple::viz::test {

// State, both ends with their ports apart, and receive queue of every socket of the host.
inline replay::ToolTable small_table(const replay::ToolQuestion& question) {
  replay::ToolTable table{"ss", {{"State"}, {"Recv-Q"}, {"Local Address:", true}, {"Port", false, ""}}, {}, 0};
  for (std::uint32_t i = 0; i < question.state.sockets.end(); ++i) {
    if (!question.state.sockets.alive(i) || question.state.sockets[i].host != question.host) continue;
    const state::Socket& socket = question.state.sockets[i];
    if (question.port && socket.tuple.local_port != *question.port) continue;
    table.rows.push_back(
        {{std::string(ss_name_of(socket.tcp_state)), std::to_string(socket.receive_queue),
          question.tables.addresses[socket.tuple.local].to_string() + ":", std::to_string(socket.tuple.local_port)},
         {i}});
  }
  return table;
}

struct Desk : Bench {
  Desk() {
    tools.services = Services::parse(
        "ssh 22/tcp\nhttp 80/tcp www\nhttps 443/tcp\nhttps 443/udp\nhttp-alt 8080/tcp\n"
        "postgresql 5432/tcp postgres\n");
    tools.services_from_file = true;
    tools.table = small_table;
  }
  state::State before() {
    const PanelContext now = context();
    return cursor.state_at(boundary_of_last_step(now)).state;
  }
  // To the instant at which alice's SYN has arrived and the server has made a socket for it.
  void seek_accepted() { cursor.seek(story->trace.at(indexes.packets().end(story->alice_syn))->at); }
};

}  // namespace fourtuple::viz::test
