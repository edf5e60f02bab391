// The program `gateway` when clients and connections downstream come to an end while it waits for answers.
#include "tests/sim/world/timeline_run.h"

namespace fourtuple::world {
namespace {

using trace::Call;

std::string through_a_gateway(const std::string& pool, const std::string& timeline) {
  return "fourtuple: 1\n"
         "until: 3 s\n"
         "networks: { lan: { delay: 3 ms, rate: 100 Mbit/s } }\n"
         "hosts:\n"
         "  a:\n"
         "    interfaces: { eth0: { network: lan, address: 192.168.1.10/24 } }\n"
         "    processes: { p: { pid: 10 } }\n"
         "  g:\n"
         "    interfaces: { eth0: { network: lan, address: 192.168.1.50/24 } }\n"
         "    processes: { gw: { pid: 15, listen: \"tcp 0.0.0.0:8000\", program: gateway, forward: \"b:8080\",\n"
         "                       request: 4, answer: 20000, reply: { bytes: 10 }" +
         pool +
         " } }\n"
         "  b:\n"
         "    interfaces: { eth0: { network: lan, address: 192.168.1.80/24 } }\n"
         "    processes: { e: { pid: 21, listen: { on: \"tcp 0.0.0.0:8080\", as: door } } }\n"
         "timeline:\n" +
         timeline;
}

class GatewayRun : public TimelineRun {};

TEST_F(GatewayRun, the_last_answer_of_a_connection_that_ends_with_it_counts) {
  run(through_a_gateway(", pool: 1",
                        "  - { at: 11 ms, process: a/p, connect: \"g:8000\", as: y }\n"
                        "  - { at: 12 ms, process: a/p, connect: \"g:8000\", as: z }\n"
                        "  - { at: 13 ms, accept: door, as: t }\n"
                        "  - { at: 20 ms, send: abcd, on: y }\n"
                        "  - { at: 30 ms, send: abcd, on: z }\n"
                        "  - { at: 35 ms, send: abcd, on: y }\n"
                        "  - { at: 100 ms, send: { bytes: 20000 }, on: t }\n"
                        "  - { at: 100 ms, shutdown: t, how: write }\n"
                        "  - { at: 110 ms, accept: door, as: t2 }\n"
                        "  - { at: 1000 ms, send: { bytes: 20000 }, on: t2 }\n"));
  EXPECT_EQ(streamed(10), 20u) << "each connection downstream answered one of the three requests";
}

TEST_F(GatewayRun, a_client_that_has_finished_writing_is_answered_and_then_hung_up_on) {
  run(through_a_gateway(", pool: 1",
                        "  - { at: 11 ms, process: a/p, connect: \"g:8000\", as: y }\n"
                        "  - { at: 13 ms, accept: door, as: t }\n"
                        "  - { at: 20 ms, send: abcd, on: y }\n"
                        "  - { at: 21 ms, shutdown: y, how: write }\n"
                        "  - { at: 100 ms, send: { bytes: 20000 }, on: t }\n"));
  EXPECT_EQ(streamed(10), 10u);
  for (const Answer& answer : answers(Call::close)) EXPECT_EQ(answer.pid, 15u);
  EXPECT_EQ(answers(Call::close).size(), 1u);
}

TEST_F(GatewayRun, nothing_is_asked_for_a_client_that_has_gone) {
  run(through_a_gateway(", pool: 1",
                        "  - { at: 11 ms, process: a/p, connect: \"g:8000\", as: y }\n"
                        "  - { at: 12 ms, process: a/p, connect: \"g:8000\", as: z }\n"
                        "  - { at: 13 ms, accept: door, as: t }\n"
                        "  - { at: 20 ms, send: abcd, on: y }\n"
                        "  - { at: 30 ms, send: abcd, on: z }\n"
                        "  - { at: 50 ms, close: z, linger: 0 }\n"
                        "  - { at: 100 ms, send: { bytes: 20000 }, on: t }\n"));
  EXPECT_EQ(streamed(21), 4u) << "only the request of the client that is still there";
  EXPECT_EQ(streamed(10), 10u);
}

}  // namespace
}  // namespace fourtuple::world
