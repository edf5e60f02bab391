// What the timeline does with descriptors: calls that sleep on them, and applications that work with them.
#include <gmock/gmock.h>

#include "tests/sim/world/timeline_run.h"

namespace fourtuple::world {
namespace {

using state::Errno;
using trace::Call;

std::string two_hosts(const std::string& timeline, const std::string& more_of_b = "") {
  return "fourtuple: 1\n"
         "until: 2 s\n"
         "networks: { lan: { delay: 3 ms } }\n"
         "hosts:\n"
         "  a:\n"
         "    interfaces: { eth0: { network: lan, address: 192.168.1.10/24 } }\n"
         "    processes:\n"
         "      p: { pid: 10 }\n"
         "      q: { pid: 11 }\n"
         "      f: { pid: 12, start: later }\n"
         "      few: { pid: 13, limits: { nofile: 4 } }\n"
         "  b:\n"
         "    interfaces: { eth0: { network: lan, address: 192.168.1.80/24 } }\n"
         "    processes:\n"
         "      e: { pid: 21, user: root, listen: \"tcp 0.0.0.0:81\", program: echo }\n"
         "      d: { pid: 22, listen: { on: \"udp 0.0.0.0:7000\", as: door }, program: echo, files: /etc/x }\n" +
         more_of_b + "timeline:\n" + timeline;
}

class ScriptDescriptors : public TimelineRun {
 protected:
  Errno last_error(Call call) const {
    const std::vector<Answer> all = answers(call);
    return all.empty() ? Errno::ok : all.back().error;
  }
  std::size_t failures(Call call) const {
    std::size_t count = 0;
    for (const Answer& answer : answers(call)) count += answer.error == Errno::ok ? 0 : 1;
    return count;
  }
};

TEST_F(ScriptDescriptors, without_a_free_number_for_the_epoll_instance_nobody_waits) {
  run(
      two_hosts("  - { at: 1 ms, process: a/few, socket: udp, as: u }\n"
                "  - { at: 2 ms, process: a/few, epoll: [u] }\n"));
  EXPECT_EQ(last_error(Call::epoll_create), Errno::emfile);
  EXPECT_THAT(answers(Call::epoll_wait), testing::IsEmpty());
  EXPECT_FALSE(sleeps(13));
}

TEST_F(ScriptDescriptors, nobody_waits_for_what_epoll_ctl_refused) {
  run(
      two_hosts("  - { at: 1 ms, process: a/p, open: /etc/x, as: file }\n"
                "  - { at: 2 ms, process: a/p, epoll: [file] }\n"));
  EXPECT_EQ(last_error(Call::epoll_ctl), Errno::eperm);
  EXPECT_FALSE(sleeps(10));
}

TEST_F(ScriptDescriptors, exec_takes_a_number_away_and_the_reader_goes_on_with_its_copy) {
  run(
      two_hosts("  - { at: 10 ms, process: a/p, bind: \"udp 0.0.0.0:6005\", as: u, close-on-exec: true }\n"
                "  - { at: 20 ms, dup: u, as: u2, to: 5 }\n"
                "  - { at: 30 ms, process: a/p, exec: /bin/x }\n"
                "  - { at: 50 ms, receive: u2, bytes: 100 }\n"
                "  - { at: 60 ms, process: a/q, sendto: { to: \"a:6005\", bytes: 100 } }\n"));
  EXPECT_EQ(moved(10, Call::receive, 5), 100);
  EXPECT_EQ(failures(Call::receive), 0u);
  EXPECT_FALSE(sleeps(10));
}

TEST_F(ScriptDescriptors, a_server_whose_number_dup2_took_serves_under_its_copy) {
  run(
      two_hosts("  - { at: 10 ms, process: b/d, open: /etc/y, as: file }\n"
                "  - { at: 20 ms, dup: door, to: 7, as: copy }\n"
                "  - { at: 30 ms, dup: file, to: 4 }\n"
                "  - { at: 50 ms, process: a/p, sendto: { to: \"b:7000\", text: x } }\n"));
  EXPECT_EQ(moved(22, Call::receive, 7), 1);
  EXPECT_EQ(failures(Call::receive), 0u);
}

TEST_F(ScriptDescriptors, killing_who_lost_a_socket_to_exec_leaves_the_next_owner_of_its_id_alone) {
  run(
      two_hosts("  - { at: 10 ms, process: a/p, socket: udp, as: u, close-on-exec: true }\n"
                "  - { at: 20 ms, receive: u }\n"
                "  - { at: 100 ms, process: a/p, exec: /bin/x }\n"
                "  - { at: 200 ms, process: a/q, connect: \"b:81\", as: z }\n"
                "  - { at: 250 ms, send: hello, on: z }\n"
                "  - { at: 300 ms, kill: a/p }\n"
                "  - { at: 400 ms, send: world, on: z }\n"));
  EXPECT_EQ(streamed(11), 10u);
}

TEST_F(ScriptDescriptors, dup2_onto_a_connection_ends_it_and_the_application_that_read_from_it) {
  run(
      two_hosts("  - { at: 10 ms, process: a/p, connect: \"b:81\", as: x }\n"
                "  - { at: 20 ms, process: a/p, connect: \"b:81\", as: y }\n"
                "  - { at: 100 ms, dup: y, to: 3 }\n"
                "  - { at: 200 ms, process: a/q, connect: \"b:81\", as: z }\n"
                "  - { at: 300 ms, kill: a/p }\n"
                "  - { at: 400 ms, send: world, on: z }\n"));
  EXPECT_EQ(streamed(11), 5u);
}

TEST_F(ScriptDescriptors, exec_ends_the_calls_that_other_threads_sleep_in) {
  run(
      two_hosts("  - { at: 10 ms, process: a/p, bind: \"udp 0.0.0.0:6005\", as: u }\n"
                "  - { at: 20 ms, receive: u }\n"
                "  - { at: 30 ms, process: a/p, listen: \"tcp 0.0.0.0:6006\", as: l }\n"
                "  - { at: 40 ms, accept: l, as: taken }\n"
                "  - { at: 50 ms, process: a/p, exec: /bin/x }\n"
                "  - { at: 60 ms, process: a/q, connect: \"a:6006\" }\n"));
  EXPECT_FALSE(sleeps(10));
  EXPECT_THAT(answers(Call::accept), testing::IsEmpty());
}

TEST_F(ScriptDescriptors, nobody_sleeps_on_a_number_that_was_closed) {
  run(
      two_hosts("  - { at: 1 ms, process: a/p, bind: \"udp 0.0.0.0:6005\", as: u }\n"
                "  - { at: 2 ms, receive: u }\n"
                "  - { at: 3 ms, close: u }\n"));
  EXPECT_FALSE(sleeps(10));
}

TEST_F(ScriptDescriptors, both_ends_of_a_pipe_go_on_until_all_has_passed) {
  run(
      two_hosts("  - { at: 10 ms, process: a/p, pipe: { read: r, write: w } }\n"
                "  - { at: 20 ms, process: a/p, fork: a/f }\n"
                "  - { at: 30 ms, process: a/p, on: w, send: { bytes: 300 KB } }\n"
                "  - { at: 40 ms, process: a/f, receive: r, bytes: 300 KB }\n"));
  EXPECT_EQ(moved(10, Call::write, 4), 300'000);
  EXPECT_EQ(moved(12, Call::read, 3), 300'000);
  EXPECT_FALSE(sleeps(10));
  EXPECT_FALSE(sleeps(12));
}

TEST_F(ScriptDescriptors, the_end_of_a_stream_is_read_once) {
  run(
      two_hosts("  - { at: 10 ms, process: a/p, listen: \"unix:/run/x\", as: l }\n"
                "  - { at: 20 ms, process: a/q, connect: \"unix:/run/x\", as: c }\n"
                "  - { at: 30 ms, accept: l, as: t }\n"
                "  - { at: 40 ms, send: hi, on: c }\n"
                "  - { at: 50 ms, close: c }\n"
                "  - { at: 60 ms, process: a/q, connect: \"b:81\", as: x }\n"
                "  - { at: 70 ms, send: { bytes: 20000 }, on: x }\n"));
  std::vector<std::int32_t> reads;
  for (const Answer& answer : answers(Call::read))
    if (answer.pid == 10) reads.push_back(answer.value);
  EXPECT_THAT(reads, testing::ElementsAre(2, 0));
}

TEST_F(ScriptDescriptors, epoll_lets_go_of_a_file_with_its_last_descriptor) {
  run(
      two_hosts("  - { at: 11 ms, process: a/p, bind: \"udp 0.0.0.0:5001\", as: u1 }\n"
                "  - { at: 12 ms, process: a/p, epoll: [u1] }\n"
                "  - { at: 20 ms, process: a/q, sendto: { to: \"a:5001\", text: x } }\n"
                "  - { at: 30 ms, receive: u1 }\n"
                "  - { at: 40 ms, close: u1 }\n"
                "  - { at: 50 ms, process: a/p, bind: \"udp 0.0.0.0:5002\", as: u2 }\n"
                "  - { at: 60 ms, process: a/p, epoll: [u2] }\n"
                "  - { at: 70 ms, process: a/q, sendto: { to: \"a:5002\", text: x } }\n"
                "  - { at: 80 ms, receive: u2 }\n"));
  EXPECT_THAT(answers(Call::epoll_ctl), testing::SizeIs(2)) << "the same number leads to another file";
  EXPECT_THAT(answers(Call::epoll_wait), testing::SizeIs(2));
  EXPECT_EQ(world_->system().watched.live(), 1u);
}

TEST_F(ScriptDescriptors, receive_on_a_closed_number_is_ebadf_whoever_has_the_sockets_id_by_now) {
  run(
      two_hosts("  - { at: 1 ms, process: a/q, socket: udp, as: u }\n"
                "  - { at: 2 ms, close: u }\n"
                "  - { at: 3 ms, process: a/p, bind: \"udp 0.0.0.0:7000\", as: v }\n"
                "  - { at: 4 ms, receive: u }\n"
                "  - { at: 5 ms, receive: v }\n"));
  EXPECT_EQ(last_error(Call::receive), Errno::ebadf);
  EXPECT_EQ(answers(Call::receive).back().pid, 11u);
  EXPECT_FALSE(sleeps(11));
  EXPECT_TRUE(sleeps(10));
}

TEST_F(ScriptDescriptors, accept_on_an_af_unix_listener_shut_for_reading_is_einval) {
  run(
      two_hosts("  - { at: 1 ms, process: a/p, listen: \"unix:/r\", as: l }\n"
                "  - { at: 2 ms, accept: l, as: t }\n"
                "  - { at: 3 ms, shutdown: l, how: read }\n"));
  EXPECT_EQ(last_error(Call::accept), Errno::einval);
  EXPECT_FALSE(sleeps(10));
}

TEST_F(ScriptDescriptors, the_program_of_a_copy_serves_the_listeners_it_inherited) {
  run(
      two_hosts("  - { at: 10 ms, process: b/s, fork: b/w }\n"
                "  - { at: 20 ms, process: a/p, connect: \"b:8081\", as: x }\n"
                "  - { at: 60 ms, send: hello, on: x }\n",
                "      s: { pid: 23, listen: \"tcp 0.0.0.0:8081\" }\n"
                "      w: { pid: 24, start: later, program: echo }\n"));
  EXPECT_EQ(streamed(24), 5u);
  EXPECT_EQ(streamed(10), 5u);
}

TEST_F(ScriptDescriptors, a_child_outlives_its_parent_without_one) {
  run(
      two_hosts("  - { at: 1 ms, process: a/p, fork: a/f }\n"
                "  - { at: 2 ms, kill: a/p }\n"
                "  - { at: 3 ms, start: a/p }\n"));
  std::size_t children = 0;
  for (std::uint32_t i = 0; i < seen().processes.end(); ++i) {
    if (!seen().processes.alive(i) || seen().processes[i].pid != 12) continue;
    ++children;
    EXPECT_FALSE(seen().processes[i].parent.valid());
  }
  EXPECT_EQ(children, 1u);
}

}  // namespace
}  // namespace fourtuple::world
