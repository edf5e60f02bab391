#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "tests/app/support/files.h"
#include "tests/app/support/sample.h"

namespace fourtuple::app {
namespace {

using testing::HasSubstr;

class ShowCommand : public testing::Test {
 protected:
  Printed show_view(const std::string& view, const std::string& at, const std::string& host, bool json = false) {
    const ShowOptions options{folder_.write("sample.yaml", sample_scenario), at, view, host, json};
    return printed_by([&] { return show(options); });
  }
  std::string shown(const std::string& view, const std::string& at, const std::string& host) {
    const Printed printed = show_view(view, at, host);
    EXPECT_EQ(printed.code, exit_ok);
    EXPECT_EQ(printed.err, "");
    return printed.out;
  }
  TemporaryFolder folder_;
};

TEST_F(ShowCommand, lists_sockets_as_ss_does) {
  EXPECT_EQ(shown("ss", "150 ms", "server"),
            "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
            "udp   UNCONN 0      0            0.0.0.0:7         0.0.0.0:*     users:((\"echod\",pid=70,fd=3))\n"
            "tcp   LISTEN 0      128          0.0.0.0:80        0.0.0.0:*     users:((\"httpd\",pid=80,fd=3))\n"
            "tcp   LISTEN 0      128        127.0.0.1:9000      0.0.0.0:*     users:((\"local\",pid=90,fd=3))\n"
            "tcp   ESTAB  0      0          192.0.2.2:80      192.0.2.1:50432 users:((\"httpd\",pid=80,fd=4))\n");
  EXPECT_EQ(shown("ss", "103 ms", "client"),
            "Netid State    Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\n"
            "tcp   SYN-SENT 0      1          192.0.2.1:50432    192.0.2.2:80   users:((\"browser\",pid=50,fd=3))\n");
}

TEST_F(ShowCommand, shows_bytes_under_way_in_the_send_queue) {
  EXPECT_THAT(shown("ss", "202 ms", "client"), HasSubstr("ESTAB 0      18"));
}

TEST_F(ShowCommand, lists_sockets_as_lsof_does) {
  EXPECT_EQ(shown("lsof", "150 ms", "client"),
            "COMMAND PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\n"
            "browser  50 anna    3u  IPv4  21424      0t0  TCP 192.0.2.1:50432->192.0.2.2:80 (ESTABLISHED)\n");
}

TEST_F(ShowCommand, lists_sockets_as_netstat_does) {
  EXPECT_THAT(shown("netstat", "", "client"),
              testing::StartsWith("Active Internet connections (servers and established)\n"
                                  "Proto Recv-Q Send-Q Local Address           Foreign Address         State\n"
                                  "tcp        0      0 192.0.2.1:50432         192.0.2.2:80            TIME_WAIT\n"
                                  "udp        0      0 0.0.0.0:40000           0.0.0.0:*\n"));
}

TEST_F(ShowCommand, lists_descriptors_ports_and_routes) {
  EXPECT_THAT(shown("fds", "150 ms", "server"),
              HasSubstr("httpd (pid 80, user root): 5 of 1024 descriptors, sleeps in epoll_wait()\n"
                        "  FD KIND     WHAT\n"
                        "   0 terminal standard input\n"
                        "   1 terminal standard output\n"
                        "   2 terminal standard error\n"
                        "   3 socket   TCP *:80 (LISTEN)\n"
                        "   4 socket   TCP 192.0.2.2:80->192.0.2.1:50432 "
                        "(ESTABLISHED)\n"));
  EXPECT_EQ(shown("ports", "150 ms", "server"),
            "PROTO  PORT SERVICE RANGE  ADDRESS   USE          PROCESS\n"
            "tcp      80 http    system 0.0.0.0   listening    httpd (pid 80)\n"
            "tcp      80 http    system 192.0.2.2 1 connection httpd (pid 80)\n"
            "tcp    9000         user   127.0.0.1 listening    local (pid 90)\n"
            "udp       7 echo    system 0.0.0.0   open         echod (pid 70)\n"
            "\n"
            "RANGE     PORTS        TCP IN USE  UDP IN USE  ONLY TIME_WAIT\n"
            "system    0-1023                1           1               0\n"
            "user      1024-49151            1           0               0\n"
            "dynamic   49152-65535           0           0               0\n"
            "ephemeral 32768-60999           0           0               0\n");
  EXPECT_THAT(shown("ports", "", "client"), HasSubstr("1 connection (1 in TIME_WAIT)\n"));
  EXPECT_EQ(shown("routes", "", "client"),
            "default via 192.0.2.2 dev eth0\n"
            "192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.1\n"
            "2001:db8::/64 dev eth0 proto kernel metric 256 pref medium\n");
}

TEST_F(ShowCommand, takes_the_options_of_the_tool) {
  EXPECT_EQ(shown("ss -tln", "150 ms", "server"),
            "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
            "LISTEN 0      128          0.0.0.0:80        0.0.0.0:*\n"
            "LISTEN 0      128        127.0.0.1:9000      0.0.0.0:*\n");
  EXPECT_EQ(shown("lsof -i :http -a -c httpd", "50 ms", "server"),
            "COMMAND PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\n"
            "httpd    80 root    3u  IPv4  29395      0t0  TCP *:http (LISTEN)\n");
  EXPECT_THAT(
      shown("cat /proc/net/tcp", "50 ms", "server"),
      HasSubstr("   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 29395 "
                "1 0000000000000000 100 0 0 10 0\n"));
}

// The timer of a TIME-WAIT runs down, and back up when time goes back.
TEST_F(ShowCommand, shows_timers_of_any_instant) {
  EXPECT_THAT(shown("ss -tano", "1500 ms", "client"), HasSubstr("timer:(timewait,59sec,0)"));
  EXPECT_THAT(shown("ss -tano", "103 ms", "client"), HasSubstr("timer:(on,1.017ms,0)"));
  EXPECT_THAT(shown("netstat -tno", "103 ms", "client"), HasSubstr("SYN_SENT    on (1.01/0/0)"));
}

TEST_F(ShowCommand, explains_columns_without_a_file) {
  ShowOptions options{"ss", "", "", "", false};
  options.explain = true;
  const Printed printed = printed_by([&] { return show(options); });
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_THAT(printed.out, HasSubstr("Recv-Q\n    LISTEN: connections that wait for accept()."));
}

TEST_F(ShowCommand, heads_each_host_when_there_are_several) {
  const std::string all = shown("routes", "", "");
  EXPECT_THAT(all, testing::StartsWith("client:\ndefault"));
  EXPECT_THAT(all, HasSubstr("\n\nserver:\n"));
}

TEST_F(ShowCommand, reports_as_json) {
  const Printed printed = show_view("ss", "150 ms", "client", true);
  const auto json = nlohmann::json::parse(printed.out);
  EXPECT_EQ(json.at("view"), "ss");
  EXPECT_EQ(json.at("at_ns"), 150'000'000);
  const auto& row = json.at("hosts").at(0).at("rows").at(0);
  EXPECT_EQ(row.at("state"), "ESTAB");
  EXPECT_EQ(row.at("peer").at("port"), 80);
  EXPECT_EQ(row.at("process").at("pid"), 50);
  for (const char* view : {"lsof", "netstat", "fds", "ports", "routes"})
    EXPECT_FALSE(nlohmann::json::parse(show_view(view, "150 ms", "server", true).out).at("hosts").empty()) << view;
}

TEST_F(ShowCommand, opens_a_saved_trace_and_a_capture) {
  RunOptions run_options;
  run_options.file = folder_.write("sample.yaml", sample_scenario);
  run_options.trace_file = folder_.file("sample.trace");
  run_options.pcap_dir = folder_.file("captures");
  run_options.level = "stages";
  printed_by([&] { return run(run_options); });
  ShowOptions options{run_options.trace_file, "150 ms", "ss", "server", false};
  EXPECT_EQ(printed_by([&] { return show(options); }).out, shown("ss", "150 ms", "server"));
  options = {folder_.file("captures/client-eth0.pcapng"), "", "ss", "", false};
  EXPECT_THAT(printed_by([&] { return show(options); }).out, HasSubstr("192.0.2.1:50432"));
}

TEST_F(ShowCommand, names_the_nearest_word_for_a_wrong_one) {
  const Printed view = show_view("netsat", "", "");
  EXPECT_EQ(view.code, exit_bad_input);
  EXPECT_THAT(view.err, HasSubstr("there is no view 'netsat'; expected ss, lsof, netstat, fds, gauges, ports, routes, "
                                  "conntrack, nft or a path in /proc; did you mean 'netstat'?"));
  const Printed host = show_view("ss", "", "sever");
  EXPECT_EQ(host.code, exit_bad_input);
  EXPECT_THAT(host.err, HasSubstr("there is no host 'sever'; expected one of client, server; did you mean 'server'?"));
  const Printed at = show_view("ss", "later", "");
  EXPECT_EQ(at.code, exit_bad_input);
  EXPECT_THAT(at.err, HasSubstr("--at: error: 'later' is not a time"));
}

TEST_F(ShowCommand, says_so_when_asked_about_a_time_after_the_end) {
  const Printed printed = show_view("ss", "1 min", "server");
  EXPECT_EQ(printed.code, exit_ok);
  EXPECT_THAT(printed.out, HasSubstr("LISTEN"));
  EXPECT_EQ(printed.err, "note: nothing is recorded after 2.000 000 s; this is how it was then\n");
}

}  // namespace
}  // namespace fourtuple::app
