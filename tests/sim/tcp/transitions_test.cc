#include "sim/tcp/transitions.h"

#include <gtest/gtest.h>

namespace fourtuple::tcp {
namespace {

TEST(TcpTransitions, every_row_is_legal_and_unique) {
  for (const Transition& a : transitions) {
    EXPECT_TRUE(is_legal(a.from, a.to));
    int same = 0;
    for (const Transition& b : transitions) same += a.from == b.from && a.cause == b.cause && a.to == b.to;
    EXPECT_EQ(same, 1) << name_of(a.from) << " " << name(a.cause);
  }
}

TEST(TcpTransitions, what_the_rfc_does_not_draw_is_illegal) {
  EXPECT_FALSE(is_legal(State::closed, State::established));
  EXPECT_FALSE(is_legal(State::established, State::time_wait));
  EXPECT_FALSE(is_legal(State::time_wait, State::established));
  EXPECT_FALSE(is_legal(State::close_wait, State::fin_wait_1));
  EXPECT_FALSE(is_legal(State::fin_wait_2, State::closing));
}

}  // namespace
}  // namespace fourtuple::tcp
