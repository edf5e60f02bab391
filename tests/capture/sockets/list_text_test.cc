#include "capture/sockets/list_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capture/machine_data.h"
#include "tests/support/temporary_folder.h"

namespace fourtuple::capture {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSubsetOf;

SocketList parsed(const std::string& text) {
  auto list = parse_socket_list(text, "list.txt");
  EXPECT_TRUE(list.has_value()) << list.error().to_string();
  return list ? *list : SocketList{};
}

std::string refusal(const std::string& text) {
  const auto list = parse_socket_list(text, "list.txt");
  EXPECT_FALSE(list.has_value());
  return list ? "" : list.error().to_string();
}

SocketList stored(const std::string& name) {
  auto list = read_socket_list(machine_path(name));
  EXPECT_TRUE(list.has_value()) << list.error().to_string();
  return list ? *list : SocketList{};
}

constexpr const char* head = "State  Recv-Q Send-Q  Local Address:Port  Peer Address:PortProcess\n";

TEST(SocketListText, ss_and_lsof_say_the_same_of_one_machine) {
  std::vector<std::string> ss = words_of(stored("ss_tuanpe.txt"));
  EXPECT_EQ(ss.size(), 17u);
  // lsof goes by descriptors: it has no TIME-WAIT, which belongs to no process.
  std::erase_if(ss, [](const std::string& line) { return line.find("TIME-WAIT") != std::string::npos; });
  EXPECT_EQ(words_of(stored("lsof.txt")), ss);
}

TEST(SocketListText, every_choice_of_options_of_ss_gives_a_part_of_the_whole) {
  const std::vector<std::string> all = words_of(stored("ss_tuanpe.txt"));
  for (const auto& [name, count] :
       {std::pair{"ss_tanp.txt", 13u}, {"ss_tulnp.txt", 7u}, {"ss_uanp.txt", 4u}, {"ss_wide.txt", 8u}}) {
    const std::vector<std::string> part = words_of(stored(name));
    EXPECT_EQ(part.size(), count) << name;
    EXPECT_THAT(part, IsSubsetOf(all)) << name;
  }
}

TEST(SocketListText, the_extras_of_ss_e_are_read) {
  for (const ListedSocket& socket : stored("ss_tuanpe.txt").sockets) {
    EXPECT_EQ(socket.inode == 0, socket.state == TcpState::time_wait) << socket.local_port;
    if (socket.local_port == 8080 && socket.listens()) {
      EXPECT_FALSE(socket.v6_only);
    }
    if (socket.local_port == 8081) {
      EXPECT_TRUE(socket.v6_only);
    }
    if (socket.local_port == 7000) {
      EXPECT_EQ(socket.uid, 65534u);
    }
  }
}

TEST(SocketListText, a_shared_socket_of_lsof_has_all_its_holders) {
  const SocketList list = stored("lsof.txt");
  const auto shared = std::find_if(list.sockets.begin(), list.sockets.end(),
                                   [](const ListedSocket& s) { return s.local_port == 80 && s.listens(); });
  ASSERT_NE(shared, list.sockets.end());
  EXPECT_THAT(shared->holders, ElementsAre(SocketHolder{"web", 9, 5}, SocketHolder{"worker", 10, 5}));
}

TEST(SocketListText, lists_without_a_head_are_understood) {
  EXPECT_THAT(words_of(parsed("tcp LISTEN 0 5 127.0.0.1:7000 0.0.0.0:*\n")),
              ElementsAre("tcp/4 LISTEN 127.0.0.1:7000 0.0.0.0:0"));
  EXPECT_THAT(words_of(parsed("ESTAB 0 0 10.0.0.1:5000 10.0.0.2:80 users:((\"a\",pid=1,fd=3))\n")),
              ElementsAre("tcp/4 ESTAB 10.0.0.1:5000 10.0.0.2:80 a[1]/3"));
}

TEST(SocketListText, unconn_tells_that_sockets_without_netid_are_udp) {
  EXPECT_THAT(words_of(parsed("UNCONN 0 0 *:53 *:*\nESTAB 0 0 10.0.0.1:9 10.0.0.2:53\n")),
              ElementsAre("udp/4 ESTAB 10.0.0.1:9 10.0.0.2:53", "udp/6 UNCONN :::53 :::0"));
}

TEST(SocketListText, a_state_only_tcp_has_tells_that_sockets_without_netid_are_tcp) {
  const SocketList list = parsed(std::string(head) +
                                 "LISTEN 0 5 10.0.0.2:80 0.0.0.0:*\nUNCONN 0 0 127.0.0.1:999 0.0.0.0:*\n"
                                 "ESTAB 0 0 10.0.0.1:40001 10.0.0.2:80\n");
  EXPECT_THAT(words_of(list),
              ElementsAre("tcp/4 ESTAB 10.0.0.1:40001 10.0.0.2:80", "tcp/4 LISTEN 10.0.0.2:80 0.0.0.0:0",
                          "tcp/4 UNCONN 127.0.0.1:999 0.0.0.0:0"));
  EXPECT_THAT(list.notes, ElementsAre(HasSubstr("line 3 has a state of UDP, line 2 one of TCP: all taken as TCP")));
}

TEST(SocketListText, when_the_protocol_is_not_told_it_is_said) {
  EXPECT_THAT(parsed("ESTAB 0 0 10.0.0.1:9 10.0.0.2:53\n").notes, ElementsAre(HasSubstr("taken as TCP")));
}

TEST(SocketListText, lines_that_a_terminal_wrapped_and_those_of_i_belong_to_the_socket_above) {
  const SocketList list = parsed(std::string(head) +
                                 "ESTAB 0 0 10.0.0.1:5000 10.0.0.2:80\n"
                                 "     users:((\"my prog\",pid=7,fd=3))\n"
                                 "\t cubic wscale:7,7 rto:204 rtt:0.05/0.02\n");
  EXPECT_THAT(words_of(list), ElementsAre("tcp/4 ESTAB 10.0.0.1:5000 10.0.0.2:80 my prog[7]/3"));
}

TEST(SocketListText, what_stands_below_a_socket_that_is_left_out_belongs_to_no_other) {
  const SocketList list = parsed(
      "tcp LISTEN 0 5 10.0.0.2:80 0.0.0.0:*\nv_str LISTEN 0 0 *:1234 *:*\n\t users:((\"vsockd\",pid=77,fd=3))\n");
  EXPECT_THAT(words_of(list), ElementsAre("tcp/4 LISTEN 10.0.0.2:80 0.0.0.0:0"));
}

TEST(SocketListText, odd_names_of_processes_are_kept) {
  EXPECT_THAT(words_of(parsed("ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 users:((\"a),(\"b\",pid=7,fd=3),(\"c\",pid=8))\n")),
              ElementsAre("tcp/4 ESTAB 10.0.0.1:1 10.0.0.2:2 a),(\"b[7]/3 c[8]/-1"));
  EXPECT_THAT(words_of(parsed("COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n"
                              "my\\x20prog 7 root 3u IPv4 99 0t0 TCP *:80 (LISTEN)\n")),
              ElementsAre("tcp/4 LISTEN 0.0.0.0:80 0.0.0.0:0 my prog[7]/3"));
}

TEST(SocketListText, other_sockets_and_files_are_left_out) {
  const SocketList ss =
      parsed("u_str ESTAB 0 0 /run/x 123 * 124\nnl UNCONN 0 0 rtnl:kernel *\ntcp LISTEN 0 5 *:80 *:*\n");
  EXPECT_EQ(ss.sockets.size(), 1u);
  EXPECT_THAT(ss.notes, ElementsAre(HasSubstr("2 sockets")));
  EXPECT_TRUE(parsed("COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n"
                     "cat 7 root cwd DIR 8,1 4096 2 /\n"
                     "cat 7 root 5u sock 0,8 0t0 12 protocol: TCP\n")
                  .sockets.empty());
}

TEST(SocketListText, warnings_before_the_list_are_passed_over) {
  EXPECT_EQ(parsed("lsof: WARNING: can't stat() fuse file system\n      Output information may be incomplete.\n"
                   "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n"
                   "x 7 root 3u IPv6 99 0t0 UDP [::1]:53->[::1]:9\n")
                .sockets.size(),
            1u);
}

TEST(SocketListText, a_head_alone_is_a_list_without_sockets) {
  EXPECT_TRUE(parsed(head).sockets.empty());
}

TEST(SocketListText, mistakes_are_told_with_line_column_and_what_was_expected) {
  EXPECT_THAT(refusal(std::string(head) + "ESTAB 0 0 10.0.0.1:5000 10.0.0.2:http\n"),
              HasSubstr("list.txt:2:34: error: 'http' is not a port number; expected a number up to 65535"));
  EXPECT_THAT(refusal(std::string(head) + "ESTAB 0 x 10.0.0.1:5000 10.0.0.2:80\n"), HasSubstr("list.txt:2:9: error:"));
  EXPECT_THAT(refusal(std::string(head) + "ESTAB 0 0 10.0.0.1:5000\n"),
              HasSubstr("list.txt:2:24: error: the line ends"));
  EXPECT_THAT(refusal(std::string(head) + "hello world\n"), HasSubstr("list.txt:2:1: error:"));
  EXPECT_THAT(refusal(std::string(head) + "ESTAB 0 0 10.0.0.300:5000 10.0.0.2:80\n"), HasSubstr("'10.0.0.300' is not"));
  EXPECT_THAT(refusal(std::string(head) + "ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 users:((\"a\",pid=x,fd=3))\n"),
              HasSubstr("list.txt:2:49: error: the list of processes"));
  EXPECT_THAT(refusal("COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\nx 7 root 3u IPv4 99 0t0 TCP localhost:80\n"),
              HasSubstr("list.txt:2:29: error: 'localhost' is not an IP address"));
  EXPECT_THAT(refusal("COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\nx y root 3u IPv4 99 0t0 TCP *:80\n"),
              HasSubstr("list.txt:2:3: error: this is not a process id"));
}

TEST(SocketListText, other_texts_are_refused_by_what_they_are) {
  EXPECT_THAT(refusal(""), HasSubstr("the file is empty"));
  EXPECT_THAT(refusal("\n  \n"), HasSubstr("the file is empty"));
  EXPECT_THAT(refusal("some words\n"), HasSubstr("list.txt:1:1: error: this is no list of sockets"));
  EXPECT_THAT(refusal("Proto Recv-Q Send-Q Local Address           Foreign Address         State\n"),
              HasSubstr("netstat"));
  EXPECT_THAT(refusal(std::string("a\0b", 3)), HasSubstr("no text"));
}

TEST(SocketListText, a_folder_an_absent_and_an_endless_file_are_refused_by_name) {
  const TemporaryFolder folder;
  const auto refused = [](const std::string& path) {
    const auto list = read_socket_list(path);
    return list ? "" : list.error().to_string();
  };
  EXPECT_THAT(refused(folder.string()), HasSubstr("this is a folder"));
  EXPECT_THAT(refused(folder.file("absent")), HasSubstr("absent: error: cannot be opened"));
  EXPECT_THAT(refused("/dev/zero"), HasSubstr("/dev/zero: error: the file is too long for a list of sockets"));
  EXPECT_THAT(refused(folder.write("empty", "")), HasSubstr("empty: error: the file is empty"));
}

}  // namespace
}  // namespace fourtuple::capture
