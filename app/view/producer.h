// A scenario that runs on a thread of its own while it is watched. The World writes a trace that only its thread
// touches; what it has published is copied, a bounded piece a frame, into the trace that the window shows, together
// with what the run added to the side tables. So the window's trace has one thread, and the two meet in one small
// hand-over under a lock.
//
// Threads: all public members belong to the window's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "app/session.h"
#include "viz/viewer/document.h"

namespace fourtuple::app {

class Producer {
 public:
  // Begins to run. When the trace at `level` would take more than `budget` bytes, the run ends there: overflowed().
  Producer(const world::Scenario& scenario, trace::Level level, std::uint64_t budget);
  ~Producer();  // stops and waits for the thread: at most one slice of some milliseconds
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // What the window shows; grows with take().
  const trace::Trace& trace() const { return shown_; }
  // The run as built, before the first instant.
  const std::vector<replay::EphemeralRange>& ephemeral() const { return ephemeral_; }

  // Takes over what was produced since the last call, at most about `max_slots` slots of it.
  viz::Growth take(std::uint64_t max_slots);
  // Waits until all is produced and taken over.
  void finish();
  // Ends the run here; what was produced stays.
  void stop() { stop_ = true; }
  // The budget ended the run and nobody stopped it, and everything before that has been taken over.
  bool overflowed() const { return done_ && full_ && !stop_; }

 private:
  // What the side tables gained, in order.
  struct News {
    std::vector<std::string> strings;
    std::vector<IpAddress> addresses;
    std::vector<trace::Caption> captions;
    std::vector<std::pair<std::size_t, trace::RulesetInfo>> rulesets;
  };
  struct Offer {
    std::uint64_t published = 0;
    Time reached{0};
    bool over = false, full = false;
    News news;
  };

  void work();
  void hand_over(bool full);
  void note_news(News& news);
  void learn(News news);

  std::unique_ptr<ScenarioRun> run_;  // the thread's, but for records below what it offered
  trace::Trace shown_;
  std::vector<replay::EphemeralRange> ephemeral_;
  std::uint64_t budget_;
  Time end_;
  std::uint64_t taken_ = 0;                              // position in the run's trace
  std::uint32_t told_strings_ = 0, told_addresses_ = 0;  // the thread's: what news has told
  std::size_t told_captions_ = 0;
  std::vector<bool> told_rulesets_;
  bool done_ = false, full_ = false;

  std::mutex mutex_;
  Offer offer_;  // guarded by mutex_
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace fourtuple::app
