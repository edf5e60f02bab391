// A small trace for the panels' tests: alice and bob behind a router, a web server with caddy, node and sshd. Alice's
// connection transfers data with one loss, bob's SYN to port 3000 is refused, a datagram to 64738 is refused.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "viz/panel/context.h"

namespace fourtuple::viz::test {

struct StoryOptions {
  trace::Level level = trace::Level::expressions;
  trace::Source source = trace::Source::scenario;
  bool inferred = false;  // sockets and hosts as a capture's importer guesses them
};

struct Story {
  trace::Trace trace;
  HostId alice, bob, router, server;
  PacketId alice_syn, alice_data, lost_data, resent_data, bob_syn, datagram, reset, unreachable;
  SocketId connection;  // caddy's, fd 12
  SocketId client;      // alice's end of it
  ProcessId caddy;
};

std::unique_ptr<Story> make_story(const StoryOptions& options = {});

// Everything a panel is given, over one story.
struct Bench {
  explicit Bench(const StoryOptions& options = {});

  std::unique_ptr<Story> story;
  replay::Indexes indexes;
  replay::Cursor cursor;
  replay::Playback playback;
  Selection selection;
  FrameBytes frame_bytes;
  std::vector<Wish> wishes;

  PanelContext context() { return {story->trace, indexes, cursor, playback, selection, frame_bytes, true, wishes}; }
  // Right after the last record of that packet.
  void seek_end(PacketId packet) { cursor.seek_record(indexes.packets().end(packet)); }
};

}  // namespace fourtuple::viz::test
