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
template <class AnyStory>
struct BenchOf {
  explicit BenchOf(std::unique_ptr<AnyStory> made)
      : story(std::move(made)), indexes(story->trace), cursor(story->trace) {
    indexes.refresh();
    cursor.refresh();
  }

  std::unique_ptr<AnyStory> story;
  replay::Indexes indexes;
  replay::Cursor cursor;
  replay::Playback playback;
  Selection selection;
  FrameBytes frame_bytes;
  std::vector<Wish> wishes;
  replay::ValueText value_text = replay::hex_value;
  replay::HostTools tools;

  PanelContext context() {
    return {story->trace, indexes, cursor, playback, selection, frame_bytes, true, wishes, value_text, tools};
  }
  // Right after the last record of that packet.
  void seek_end(PacketId packet) { cursor.seek_record(indexes.packets().end(packet)); }
};

struct Bench : BenchOf<Story> {
  explicit Bench(const StoryOptions& options = {}) : BenchOf(make_story(options)) {}
};

}  // namespace fourtuple::viz::test
