// Who may bind and listen where somebody else is already: every answer of the kernel in tests/data/kernel/ports.
#include <gtest/gtest.h>

#include "tests/sim/stack/one_host.h"

namespace fourtuple {
namespace {

using test::csv_rows;
using test::OneHost;

// "both" is reuseaddr and reuseport.
std::string option_words(const std::string& options, const std::string& v6_only = "-") {
  std::string words = options == "both" ? " reuseaddr reuseport" : options == "none" ? "" : " " + options;
  return v6_only == "1" ? words + " v6only" : words;
}

std::string kind_of(const std::string& protocol, const std::string& address) {
  return protocol + (address.find(':') == std::string::npos ? "" : "6");
}

std::string without_port(const std::string& answer) {
  return answer.substr(0, answer.find(' '));
}

// What bind() and listen() of `name` answer, "ok,ok" or "EADDRINUSE,".
std::string bind_and_listen(OneHost& host, const std::string& name, const std::string& address, std::uint32_t port,
                            bool tcp) {
  const std::string bound = without_port(host.step("bind " + name + " " + address + " " + std::to_string(port)));
  return bound + "," + (bound == "ok" && tcp ? without_port(host.step("listen " + name)) : "");
}

TEST(BindConflicts, are_those_of_the_kernel_for_every_pair_of_addresses_and_options) {
  OneHost host;
  std::size_t wrong = 0;
  const auto rows = csv_rows("kernel/ports/bind_matrix.csv");
  ASSERT_EQ(rows.size(), 3888u);
  for (const auto& row : rows) {
    host.step("socket a " + kind_of(row[0], row[1]) + option_words(row[3], row[2]));
    host.step("socket b " + kind_of(row[0], row[5]) + option_words(row[7], row[6]));
    EXPECT_EQ(host.step("bind a " + row[1] + " 5000"), "ok 5000");
    if (row[4] == "listen") {
      EXPECT_EQ(host.step("listen a"), "ok 5000");
    }
    const std::string answer = bind_and_listen(host, "b", row[5], 5000, row[0] == "tcp");
    if (answer != row[8] + "," + row[9] && ++wrong <= 20) {
      std::string text;
      for (const std::string& field : row) text += field + " ";
      ADD_FAILURE() << text << "but here " << answer;
    }
    host.step("close a");
    host.step("close b");
  }
  EXPECT_EQ(wrong, 0u) << "rows that differ";
}

// The holder of the port: a listener's connection whose listener is gone, the same in TIME-WAIT, or a client's end.
void take_port(OneHost& host, const std::string& state, const std::string& options) {
  if (state == "connected-client") {
    host.step("socket s tcp");
    host.step("bind s 127.0.0.1 80");
    host.step("listen s");
    host.step("socket a tcp" + option_words(options));
    host.step("bind a 127.0.0.1 5000");
    EXPECT_EQ(host.step("connect a 127.0.0.1 80"), "ok 5000");
    return;
  }
  host.step("socket l tcp" + option_words(options));
  host.step("bind l 127.0.0.1 5000");
  host.step("listen l");
  host.step("socket c tcp");
  EXPECT_EQ(without_port(host.step("connect c 127.0.0.1 5000")), "ok");
  EXPECT_EQ(host.step("who"), "ok l");
  host.step("close l");
  if (state == "established-child") return;
  host.step("hangup");
  host.step("close c");
}

// "listen bindtodevice A=lo B=None": what becomes of B's bind(), or of its SO_BINDTODEVICE.
std::string bind_on_devices(OneHost& host, const std::vector<std::string>& row) {
  const std::size_t first = row[0].find("A=") + 2, second = row[0].find("B=") + 2;
  const std::string a = row[0].substr(first, row[0].find(' ', first) - first), b = row[0].substr(second);
  host.step("socket a tcp" + option_words(row[1]));
  if (a != "None") {
    EXPECT_EQ(host.step("device a " + a), "OK");
  }
  host.step("bind a 0.0.0.0 5000");
  host.step("listen a");
  host.step("socket b tcp" + option_words(row[3]));
  const std::string set = b == "None" ? "OK" : host.step("device b " + b);
  return set == "OK" ? bind_and_listen(host, "b", row[2], 5000, true) : "setup:" + set + ",";
}

TEST(BindConflicts, are_none_between_devices) {
  OneHost host;
  host.step("socket a tcp");
  EXPECT_EQ(host.step("device a lo"), "OK");
  EXPECT_EQ(host.step("bind a 0.0.0.0 5000"), "ok 5000");
  host.step("socket b tcp");
  EXPECT_EQ(host.step("device b eth0"), "OK");
  EXPECT_EQ(host.step("bind b 0.0.0.0 5000"), "ok 5000");
  host.step("socket c tcp");
  EXPECT_EQ(host.step("bind c 0.0.0.0 5000"), "EADDRINUSE");
}

TEST(BindConflicts, with_connections_and_TIME_WAIT_are_those_of_the_kernel) {
  const auto rows = csv_rows("kernel/ports/bind_states.csv");
  ASSERT_EQ(rows.size(), 149u);
  for (const auto& row : rows) {
    OneHost host;
    if (row[0].starts_with("listen bindtodevice")) {
      EXPECT_EQ(bind_on_devices(host, row), row[4] + "," + row[5]) << row[0];
      continue;
    }
    const bool two_users = row[0] == "listen uid0 + bind uid12345";
    if (two_users) {
      host.step("socket a tcp" + option_words(row[1]));
      host.step("bind a 0.0.0.0 5000");
      host.step("listen a");
    } else {
      take_port(host, row[0], row[1]);
    }
    host.step("socket b tcp" + option_words(row[3]) + (two_users ? " user" : ""));
    EXPECT_EQ(bind_and_listen(host, "b", row[2], 5000, true), row[4] + "," + row[5])
        << row[0] << " " << row[1] << " then " << row[2] << " " << row[3];
  }
}

}  // namespace
}  // namespace fourtuple
