#include "capture/machine/machine.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/machine/machine_trace.h"
#include "sim/state/apply.h"
#include "tests/capture/machine_data.h"

namespace fourtuple::capture {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

Machine look(const std::string& root) {
  auto machine = MachineWatch(root).look();
  EXPECT_TRUE(machine.has_value()) << machine.error().to_string();
  return machine ? *machine : Machine{};
}

TEST(MachineTest, proc_says_what_ss_says) {
  const auto ss = read_socket_list(machine_path("ss_tuanpe.txt"));
  ASSERT_TRUE(ss.has_value());
  EXPECT_EQ(words_of(look(machine_path("proc")).list), words_of(*ss));
}

TEST(MachineTest, users_queues_and_inodes_are_those_of_ss) {
  const auto ss = read_socket_list(machine_path("ss_tuanpe.txt"));
  const Machine machine = look(machine_path("proc"));
  const auto numbers = [](const std::vector<ListedSocket>& sockets) {
    std::vector<std::string> lines;
    for (const ListedSocket& s : sockets)
      lines.push_back(fmt::format("{} {} uid {} inode {} queues {} {}", s.local_port, s.remote_port, s.uid, s.inode,
                                  s.receive_queue, s.listens() ? 0 : s.send_queue));
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  EXPECT_EQ(numbers(machine.list.sockets), numbers(ss->sockets));
}

TEST(MachineTest, the_processes_that_hold_sockets_are_listed_with_their_users) {
  std::vector<std::string> lines;
  for (const MachineProcess& process : look(machine_path("proc")).processes)
    lines.push_back(fmt::format("{} {} {}", process.pid, process.name, process.uid));
  EXPECT_THAT(lines,
              ElementsAre("9 web 0", "10 worker 0", "11 client 65534", "12 dual 0", "13 udp 0", "14 closer 65534"));
}

TEST(MachineTest, nothing_is_missing_when_all_could_be_read) {
  EXPECT_THAT(look(machine_path("proc")).notes(), IsEmpty());
}

TEST(MachineTest, a_process_that_is_gone_leaves_its_sockets_without_a_name) {
  const ChangedProc proc;
  fs::remove_all(proc.root() / "14");
  const Machine machine = look(proc.root());
  EXPECT_EQ(machine.sockets_unnamed, 3u);
  EXPECT_THAT(machine.notes(), ElementsAre(HasSubstr("3 sockets without a process")));
}

TEST(MachineTest, a_process_whose_name_is_gone_already_is_passed_over) {
  const ChangedProc proc;
  fs::remove(proc.root() / "14" / "comm");
  EXPECT_EQ(look(proc.root()).sockets_unnamed, 3u);
}

TEST(MachineTest, what_is_no_socket_among_the_descriptors_is_passed_over) {
  const ChangedProc proc;
  fs::create_symlink("/dev/null", proc.root() / "9" / "fd" / "0");
  fs::create_symlink("socket:[x]", proc.root() / "9" / "fd" / "1");
  fs::create_symlink("pipe:[4711]", proc.root() / "9" / "fd" / "2");
  EXPECT_EQ(words_of(look(proc.root()).list), words_of(look(machine_path("proc")).list));
}

TEST(MachineTest, a_kernel_without_ipv6_has_two_tables) {
  const ChangedProc proc;
  fs::remove(proc.root() / "net" / "tcp6");
  fs::remove(proc.root() / "net" / "udp6");
  EXPECT_EQ(look(proc.root()).list.sockets.size(), 10u);
}

TEST(MachineTest, without_any_table_it_says_so) {
  const TemporaryFolder folder;
  const auto machine = MachineWatch(folder.string()).look();
  ASSERT_FALSE(machine.has_value());
  EXPECT_THAT(machine.error().to_string(), HasSubstr("the tables of sockets cannot be read"));
}

TEST(MachineTest, a_damaged_table_is_told_with_its_place) {
  const ChangedProc proc;
  std::ofstream(proc.root() / "net" / "udp") << "  sl  local_address\n 10: 0100007F:00 00000000:0000 07\n";
  const auto machine = MachineWatch(proc.root()).look();
  ASSERT_FALSE(machine.has_value());
  EXPECT_THAT(machine.error().to_string(), HasSubstr("net/udp:2:6: error: this is not an address and a port"));
}

TEST(MachineTest, a_socket_that_is_new_is_found_at_a_brief_look) {
  const ChangedProc proc;
  MachineWatch watch(proc.root());
  ASSERT_TRUE(watch.look().has_value());
  std::ofstream(proc.root() / "net" / "udp", std::ios::app)
      << " 1: 0100007F:1000 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 77 2 0 0\n";
  fs::create_symlink("socket:[77]", proc.root() / "13" / "fd" / "20");
  const auto machine = watch.look_briefly();
  ASSERT_TRUE(machine.has_value());
  EXPECT_THAT(words_of(machine->list), Contains("udp/4 UNCONN 127.0.0.1:4096 0.0.0.0:0 udp[13]/20"));
}

// What holds the connection of worker[10] at its descriptor 6, as words_of() shows it.
std::string holder_of_the_connection(const Machine& machine) {
  for (const std::string& line : words_of(machine.list))
    if (line.starts_with("tcp/4 ESTAB 127.0.0.1:80 ")) return line.substr(line.rfind(' ') + 1);
  return "";
}

TEST(MachineTest, a_socket_that_was_handed_over_is_the_new_holders_at_a_brief_look) {
  const ChangedProc proc;
  MachineWatch watch(proc.root());
  const auto before = watch.look();
  ASSERT_TRUE(before.has_value());
  ASSERT_EQ(holder_of_the_connection(*before), "worker[10]/6");
  const fs::path descriptor = proc.root() / "10" / "fd" / "6";
  fs::copy_symlink(descriptor, proc.root() / "13" / "fd" / "20");
  fs::remove(descriptor);
  const auto after = watch.look_briefly();
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(holder_of_the_connection(*after), "udp[13]/20");
}

TEST(MachineTest, a_process_that_took_another_name_has_it_at_a_brief_look) {
  const ChangedProc proc;
  MachineWatch watch(proc.root());
  ASSERT_TRUE(watch.look().has_value());
  std::ofstream(proc.root() / "10" / "comm") << "other\n";
  const auto after = watch.look_briefly();
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(holder_of_the_connection(*after), "other[10]/6");
}

TEST(MachineTest, a_name_may_be_empty_and_have_several_lines) {
  const ChangedProc proc;
  std::ofstream(proc.root() / "10" / "comm") << "\n";
  EXPECT_EQ(holder_of_the_connection(look(proc.root())), "[10]/6");
  std::ofstream(proc.root() / "10" / "comm") << "a\nb\n";
  EXPECT_EQ(holder_of_the_connection(look(proc.root())), "a\nb[10]/6");
}

TEST(MachineTraceTest, the_trace_holds_the_sockets_with_owners_and_descriptors) {
  const Machine machine = look(machine_path("proc"));
  const trace::Trace trace = trace_of(machine, "here", [](std::uint32_t uid) { return uid == 0 ? "root" : "other"; });
  state::State state;
  state.hosts.resize(1);
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at))
    EXPECT_TRUE(state::apply_record(state, trace.at(at))) << at;
  EXPECT_EQ(state.sockets.live(), machine.list.sockets.size());
  EXPECT_EQ(state.processes.live(), 6u);
  EXPECT_EQ(state.descriptors.live(), 17u);
  for (std::uint32_t i = 0; i < state.sockets.end(); ++i) {
    const state::Socket& socket = state.sockets[i];
    EXPECT_EQ(socket.tcp_state, machine.list.sockets[i].state);
    EXPECT_EQ(socket.owner.valid(), socket.tcp_state != TcpState::time_wait);
  }
}

}  // namespace
}  // namespace fourtuple::capture
