// What the views say of descriptors that several processes have, of AF_UNIX, of limits and of sleep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/commands.h"
#include "tests/app/support/files.h"

namespace fourtuple::app {
namespace {

using ::testing::HasSubstr;

std::string shown(const std::string& scenario, const std::string& view, const std::string& at) {
  const std::string file = std::string(FT_SOURCE_DIR) + "/scenarios/" + scenario;
  const Printed printed = printed_by([&] { return show({file, at, view, "server"}); });
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_EQ(printed.err, "");
  return printed.out;
}

TEST(DescriptorViews, name_every_process_that_holds_a_socket) {
  const std::string ss = shown("os/fork_and_descriptors.yaml", "ss -tanp", "700 ms");
  EXPECT_THAT(ss, HasSubstr("users:((\"fingerd\",pid=702,fd=4),(\"inetd\",pid=640,fd=4))"));
  const std::string lsof = shown("os/fork_and_descriptors.yaml", "lsof -i -nP", "700 ms");
  EXPECT_THAT(lsof, HasSubstr("inetd   640 root    5u  IPv4"));
  EXPECT_THAT(lsof, HasSubstr("fingerd 702 root    5u  IPv4"));
}

TEST(DescriptorViews, show_pipes_with_their_direction) {
  const std::string ls = shown("os/fork_and_descriptors.yaml", "ls -l /proc/702/fd", "700 ms");
  EXPECT_THAT(ls, HasSubstr("lr-x------ 1 root root 64 Jan  1 00:00 6 -> pipe:["));
  EXPECT_THAT(ls, HasSubstr("l-wx------ 1 root root 64 Jan  1 00:00 7 -> pipe:["));
}

TEST(DescriptorViews, list_unix_sockets_as_ss_and_lsof_do) {
  const std::string ss = shown("os/port_or_socket.yaml", "ss -xap", "2 s");
  EXPECT_THAT(ss, HasSubstr("u_str LISTEN 0      128    /run/postgresql/.s.PGSQL.5432 "));
  EXPECT_THAT(ss, HasSubstr("users:((\"database\",pid=512,fd=3))"));
  const std::string lsof = shown("os/port_or_socket.yaml", "lsof -U", "2 s");
  EXPECT_THAT(lsof, HasSubstr("/run/postgresql/.s.PGSQL.5432 type=STREAM (LISTEN)"));
  EXPECT_THAT(lsof, HasSubstr(" type=STREAM (CONNECTED)"));
}

TEST(DescriptorViews, tell_limits_memory_and_sleep) {
  const std::string gauges = shown("limits/too_many_open_files.yaml", "gauges", "1 s");
  EXPECT_THAT(gauges, HasSubstr("3 held by processes, 1 held by the kernel alone"));
  EXPECT_THAT(gauges, HasSubstr("echod   640           6     6 100%"));
  const std::string fds = shown("os/blocking_and_epoll.yaml", "fds", "400 ms");
  EXPECT_THAT(fds, HasSubstr("blocking (pid 501, user root): 5 of 1024 descriptors, sleeps in recv(3)"));
  EXPECT_THAT(fds, HasSubstr("polling (pid 502, user root): 6 of 1024 descriptors, sleeps in epoll_wait(5)"));
}

TEST(DescriptorViews, say_which_process_a_packet_woke) {
  const std::string file = std::string(FT_SOURCE_DIR) + "/scenarios/os/blocking_and_epoll.yaml";
  const Printed printed = printed_by([&] { return why({file, 2}); });
  EXPECT_THAT(printed.out, HasSubstr("wakes blocking (pid 501) from recv(3)"));
}

}  // namespace
}  // namespace fourtuple::app
