#include "app/live/interrupts.h"

#include <gtest/gtest.h>

namespace fourtuple::app {
namespace {

// Signals the process below saw itself.
volatile std::sig_atomic_t seen = 0;

// A handler of the program's own, for the time of a test.
class InterruptsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    seen = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { seen = seen + 1; };
    sigaction(SIGTERM, &action, &before_);
    sigaction(SIGHUP, nullptr, &hangup_);
  }
  void TearDown() override {
    sigaction(SIGTERM, &before_, nullptr);
    sigaction(SIGHUP, &hangup_, nullptr);
  }

 private:
  struct sigaction before_ {
  }, hangup_{};
};

TEST_F(InterruptsTest, a_signal_is_told_by_its_name_and_goes_nowhere_else) {
  const Interrupts interrupts;
  EXPECT_EQ(interrupts.came(), nullptr);
  std::raise(SIGTERM);
  EXPECT_STREQ(interrupts.came(), "SIGTERM");
  std::raise(SIGINT);
  EXPECT_STREQ(interrupts.came(), "Ctrl-C");
  EXPECT_EQ(seen, 0);
}

TEST_F(InterruptsTest, afterwards_signals_do_what_they_did_before) {
  { const Interrupts interrupts; }
  std::raise(SIGTERM);
  EXPECT_EQ(seen, 1);
}

TEST_F(InterruptsTest, the_next_ones_begin_without_a_signal) {
  {
    const Interrupts interrupts;
    std::raise(SIGTERM);
  }
  EXPECT_EQ(Interrupts().came(), nullptr);
}

TEST_F(InterruptsTest, a_hangup_that_nohup_has_ignored_stays_ignored) {
  std::signal(SIGHUP, SIG_IGN);
  const Interrupts interrupts;
  std::raise(SIGHUP);
  EXPECT_EQ(interrupts.came(), nullptr);
}

}  // namespace
}  // namespace fourtuple::app
