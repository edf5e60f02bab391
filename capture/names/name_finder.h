// Reads names from the content of packets as they pass: DNS answers, the first bytes of TCP connections, QUIC headers.
// Looks at UDP packets of few ports and at a connection only until its name is found or cannot come any more, so that
// most packets cost one look into a table.
#pragma once

#include <cstdint>
#include <vector>

#include "capture/flow_table.h"
#include "capture/names/seen_names.h"
#include "capture/names/stream_start.h"
#include "sim/base/index_map.h"
#include "sim/wire/decode.h"

namespace fourtuple::capture {

class NameFinder {
 public:
  // Takes in a packet of the conversation at `place`, whose index in the flow table it is. `payload`: as much of its
  // transport payload as was captured.
  void observe(const DecodedPacket& decoded, const FlowPlace& place, const Flow& flow, Bytes payload,
               std::uint32_t frame);

  SeenNames& names() { return names_; }
  const SeenNames& names() const { return names_; }

 private:
  // What is still looked for in a conversation.
  struct Search {
    static constexpr std::uint8_t done = 1;  // in the direction; << 1 for the other
    std::uint8_t over = 0, tries = 0;
    bool is_over(std::uint8_t direction) const { return (over & (done << direction)) != 0; }
    void end(std::uint8_t direction) { over = static_cast<std::uint8_t>(over | (done << direction)); }
  };
  // One direction of a conversation.
  struct StreamKey {
    std::uint32_t flow = 0;
    std::uint8_t direction = 0;
    friend bool operator==(const StreamKey&, const StreamKey&) = default;
  };
  friend std::uint64_t hash_of(const StreamKey& key);
  struct Stream {
    StreamKey key;
    StreamStart start{SeqNumber{}};
  };
  static constexpr std::size_t most_streams = 1024;

  void observe_udp(const Packet& packet, std::uint32_t flow, Search& search, Bytes payload, std::uint32_t frame);
  void observe_tcp(const DecodedPacket& decoded, const FlowPlace& place, const Flow& flow, Bytes payload,
                   std::uint32_t frame);
  // True: nothing more is looked for in what this side sends.
  bool read_request(const DecodedPacket& decoded, std::uint32_t flow, Bytes stream, std::uint32_t frame);
  bool read_dns_stream(StreamStart& start, std::uint32_t frame);
  void read_dns(Bytes message, std::uint32_t frame);
  // The stream kept under the key, else a new one, which may take the place of the one that was kept longest.
  Stream& stream(const StreamKey& key, SeqNumber first);
  void forget(const StreamKey& key);

  SeenNames names_;
  std::vector<Search> searches_;  // by flow
  std::vector<Stream> streams_;
  std::vector<std::uint32_t> free_streams_;
  IndexMap<StreamKey> stream_index_;
  std::size_t oldest_stream_ = 0;
};

}  // namespace fourtuple::capture
