// From packets to steps: follows one conversation packet by packet.
#pragma once

#include <utility>
#include <vector>

#include "capture/load/load.h"

namespace fourtuple::capture {

// How long a packet needs from the place of capture to an end and back.
using Distances = std::array<std::int64_t, 2>;

// Sides are 0 for the client and 1 for the server, as in Exchange. Times are since the start of the capture.
class StepRecorder {
 public:
  StepRecorder(Distances distances, std::int64_t opened_client_ns, std::int64_t opened_server_ns)
      : distances_(distances), opened_ns_{opened_client_ns, opened_server_ns} {}

  // A TCP segment of side `side`.
  void segment(std::size_t side, const Packet& packet, std::int64_t now_ns);
  // A datagram of `bytes`.
  void datagram(std::size_t side, std::uint64_t bytes, std::int64_t now_ns);
  // More bytes of the last datagram of `side`: a later fragment.
  void more_of_datagram(std::size_t side, std::uint64_t bytes);

  std::size_t steps() const { return ways_[0].steps.size() + ways_[1].steps.size(); }
  // Moves steps and byte counts into the exchange.
  void finish(Exchange& exchange);

 private:
  struct Way {
    std::vector<Step> steps;
    std::vector<std::pair<std::int64_t, std::uint64_t>> passed;  // when the amount reached this much
    std::size_t known = 0;                                       // of `passed`, what the other end has
    std::uint64_t amount = 0;                                    // bytes, or datagrams
    std::uint64_t bytes = 0;
    SeqNumber next, acked;  // of the stream; what the other side acknowledged
    bool started = false, finished = false, reset = false, gaps = false;
    std::int64_t finished_ns = 0;
    std::int64_t last_data_ns = 0, last_any_ns = 0;
    std::int64_t step_ns = 0;        // start of the last step
    std::uint64_t step_amount = 0;   // what it had from the other side then
    bool step_after_end = false;     // it knew that the other side had finished
    std::uint64_t other_at_end = 0;  // what had passed of the other side when it finished
  };

  void data(std::size_t side, std::uint64_t bytes, std::int64_t now_ns);
  // Whether a step of `side` may begin now, or the last one goes on.
  bool begins_step(std::size_t side, std::int64_t now_ns);
  void begin_step(std::size_t side, Step::Kind kind, std::uint64_t bytes, std::int64_t now_ns);
  bool knows_end(std::size_t side, std::int64_t now_ns) const;
  std::uint64_t known_amount(std::size_t side, std::int64_t now_ns);

  Distances distances_;
  std::array<std::int64_t, 2> opened_ns_;
  std::array<Way, 2> ways_;
};

}  // namespace fourtuple::capture
