// Ports the kernel chooses and sockets it finds: the sequences of tests/data/kernel/ports/choice.csv, done again.
#include "sim/stack/port_choice.h"

#include <cmath>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "tests/sim/stack/one_host.h"

namespace fourtuple {
namespace {

using test::csv_rows;
using test::OneHost;

using Row = std::vector<std::string>;  // case, compare, step, answer

std::string first_word(const std::string& text) {
  return text.substr(0, text.find(' '));
}

// The port of an answer such as "ok 40000"; none when it has none.
std::vector<int> port_of(const std::string& answer) {
  const std::size_t space = answer.find(' ');
  const bool has_port = space != std::string::npos && answer.find_first_not_of("0123456789", space + 1) == answer.npos;
  return has_port ? std::vector<int>{std::stoi(answer.substr(space + 1))} : std::vector<int>{};
}

bool same_answer(const std::string& compare, const std::string& kernel, const std::string& here) {
  if (compare == "exact") return kernel == here;
  if (first_word(kernel) != first_word(here)) return false;
  const std::vector<int> theirs = port_of(kernel), ours = port_of(here);
  if (theirs.empty()) return kernel == here;
  if (ours.empty()) return false;
  const auto chosen = [](int port) { return port >= 32768 && port <= 60999; };
  if (!chosen(theirs[0]) || !chosen(ours[0])) return theirs == ours;
  return compare != "parity" || theirs[0] % 2 == ours[0] % 2;
}

// Does the steps of one case and says where the answers differ.
void repeat_case(const std::vector<Row>& rows) {
  OneHost host;
  std::multiset<int> theirs, ours;
  for (const Row& row : rows) {
    const std::string here = host.step(row[2]);
    EXPECT_TRUE(same_answer(row[1], row[3], here))
        << row[0] << ": " << row[2] << "\n  kernel " << row[3] << "\n  here   " << here;
    for (const int port : port_of(row[3])) theirs.insert(port);
    for (const int port : port_of(here)) ours.insert(port);
  }
  const std::string& compare = rows[0][1];
  if (compare == "parity" || compare == "set") {
    EXPECT_EQ(theirs, ours) << rows[0][0] << ": all ports together";
  }
}

TEST(PortChoice, does_what_the_kernel_did_in_every_case) {
  std::vector<Row> rows;
  std::size_t cases = 0;
  for (const Row& row : csv_rows("kernel/ports/choice.csv")) {
    if (row[1] == "spread") continue;
    if (!rows.empty() && rows[0][0] != row[0]) {
      repeat_case(rows);
      rows.clear();
      ++cases;
    }
    rows.push_back(row);
  }
  repeat_case(rows);
  EXPECT_GE(cases, 90u);
}

// The flows each of `sockets` sockets with SO_REUSEPORT got of 400, one from each source port; two datagrams each.
std::vector<int> spread(std::size_t sockets) {
  OneHost host;
  for (std::size_t i = 0; i < sockets; ++i) {
    const std::string name = "r" + std::to_string(i);
    host.step("socket " + name + " udp reuseport");
    host.step("bind " + name + " 0.0.0.0 5000");
  }
  std::vector<int> seen(sockets);
  for (int flow = 0; flow < 400; ++flow) {
    host.step("socket from udp");
    host.step("bind from 127.0.0.1 " + std::to_string(20000 + flow));
    host.step("sendto from 127.0.0.1 5000");
    const std::string first = host.step("who");
    host.step("sendto from 127.0.0.1 5000");
    EXPECT_EQ(host.step("who"), first) << "a flow stays with its socket";
    ++seen[std::stoul(first.substr(first.find('r') + 1))];
    host.step("close from");
  }
  return seen;
}

TEST(ReusePort, spreads_flows_as_evenly_as_the_kernel) {
  std::size_t cases = 0;
  for (const Row& row : csv_rows("kernel/ports/choice.csv")) {
    if (row[1] != "spread") continue;
    ++cases;
    std::istringstream in(row[3]);
    std::vector<int> kernel;
    for (int count = 0; in >> count;) kernel.push_back(count);
    // Four standard deviations of a fair draw.
    const double share = 400.0 / static_cast<double>(kernel.size());
    const double tolerance = 4 * std::sqrt(share * (1 - share / 400));
    const std::vector<int> here = spread(kernel.size());
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      EXPECT_NEAR(kernel[i], share, tolerance) << row[0];
      EXPECT_NEAR(here[i], share, tolerance) << row[0] << ", socket " << i;
    }
  }
  EXPECT_EQ(cases, 4u);
}

std::string connect_next(OneHost& host, int number, const char* to) {
  const std::string name = "c" + std::to_string(number);
  host.step("socket " + name + " tcp");
  return host.step("connect " + name + " " + to);
}

TEST(PortChoice, rises_in_even_steps_of_2_to_16_toward_one_destination) {
  OneHost host;
  host.step("socket s tcp");
  host.step("bind s 0.0.0.0 80");
  host.step("listen s");
  std::set<int> steps;
  int last = 0;
  for (int i = 0; i < 300; ++i) {
    const int port = port_of(connect_next(host, i, "127.0.0.1 80"))[0];
    EXPECT_EQ(port % 2, 0);
    if (i > 0 && port > last) steps.insert(port - last);
    last = port;
  }
  EXPECT_EQ(steps, (std::set<int>{2, 4, 6, 8, 10, 12, 14, 16}));
}

// connect() calls of one process, whose SYNs never leave: what the search for ports costs and finds.
struct Caller {
  OneHost host;
  ProcessId process{0};

  std::string connect(const char* to, std::uint16_t port) {
    stack::Context c = host.context();
    const AddressId address = c.system.addresses.intern(*IpAddress::parse(to));
    const stack::Result made = stack::sys_socket(c, process, Protocol::tcp, Family::ipv4);
    const stack::Result result = stack::sys_connect(c, process, made.value, {address, port});
    c.system.outbox = {};
    return std::string(state::name_of(result.error));
  }
  // How many succeed in a row.
  int connects(const char* to, std::uint16_t port, int most) {
    for (int i = 0; i < most; ++i)
      if (connect(to, port) != "EINPROGRESS") return i;
    return most;
  }
};

TEST(PortChoice, one_client_makes_28232_connections_to_one_server_port_and_as_many_to_the_next) {
  Caller caller;
  EXPECT_EQ(caller.connects("10.9.9.1", 80, 30'000), 28'232);
  EXPECT_EQ(caller.connect("10.9.9.1", 80), "EADDRNOTAVAIL");
  EXPECT_EQ(caller.connects("10.9.9.1", 81, 30'000), 28'232);
  EXPECT_EQ(caller.connects("10.9.9.2", 80, 100), 100);
}

TEST(PortChoice, costs_as_much_for_the_last_port_as_for_the_first) {
  Caller caller;
  const auto cost_of = [&](int connects) {
    const std::clock_t before = std::clock();
    EXPECT_EQ(caller.connects("10.9.9.1", 80, connects), connects);
    return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC / connects;
  };
  const double even = cost_of(14'116), odd = cost_of(14'116);
  RecordProperty("even_ns", static_cast<int>(even * 1e9));
  RecordProperty("odd_ns", static_cast<int>(odd * 1e9));
  // Looking at all even ports again for each odd one would cost hundreds of times as much.
  EXPECT_LT(odd, 20 * even);
}

TEST(PortChoice, finds_a_port_that_was_released_after_the_range_was_found_full) {
  OneHost host;
  host.step("range 40000 40009");
  for (int i = 0; i < 10; ++i) connect_next(host, i, "10.9.9.1 80");
  EXPECT_EQ(connect_next(host, 10, "10.9.9.1 80"), "EADDRNOTAVAIL");
  const std::uint16_t released = host.socket("c3").tuple.local_port;
  host.step("close c3");
  connect_next(host, 11, "10.9.9.1 80");
  EXPECT_EQ(host.socket("c11").tuple.local_port, released);
  host.step("range 40000 40011");
  connect_next(host, 12, "10.9.9.1 80");
  EXPECT_EQ(host.socket("c12").tuple.local_port, 40010);
}

world::HostSpec like(world::OperatingSystem os) {
  world::HostSpec host;
  host.os = os;
  return host;
}

// The ports of four connects to one server and one to another.
std::vector<int> five_ports(OneHost& host) {
  std::vector<int> ports;
  for (int i = 0; i < 5; ++i) {
    connect_next(host, i, i < 4 ? "10.9.9.1 80" : "10.9.9.2 80");
    ports.push_back(host.socket("c" + std::to_string(i)).tuple.local_port);
  }
  return ports;
}

TEST(OtherSystems, windows_counts_up_for_all_destinations_together) {
  OneHost host(like(world::OperatingSystem::windows));
  EXPECT_EQ(five_ports(host), (std::vector<int>{49152, 49153, 49154, 49155, 49156}));
  host.step("socket u udp user");
  EXPECT_EQ(host.step("bind u 0.0.0.0 80"), "ok 80");
}

TEST(OtherSystems, macos_takes_random_ports_from_49152_and_guards_low_ports_on_one_address_only) {
  OneHost host(like(world::OperatingSystem::macos));
  const std::vector<int> ports = five_ports(host);
  for (const int port : ports) EXPECT_GE(port, 49152);
  EXPECT_EQ(std::set<int>(ports.begin(), ports.end()).size(), 5u);
  host.step("socket a tcp user");
  EXPECT_EQ(host.step("bind a 127.0.0.1 80"), "EACCES");
  EXPECT_EQ(host.step("bind a 0.0.0.0 80"), "ok 80");
}

TEST(OtherSystems, one_port_serves_one_destination_on_macos_and_many_on_freebsd) {
  for (const bool freebsd : {false, true}) {
    OneHost host(like(freebsd ? world::OperatingSystem::freebsd : world::OperatingSystem::macos));
    host.step("range 50000 50000");
    connect_next(host, 0, "10.9.9.1 80");
    EXPECT_EQ(host.socket("c0").tuple.local_port, 50000);
    connect_next(host, 1, "10.9.9.2 80");
    EXPECT_EQ(host.socket("c1").tuple.local_port, freebsd ? 50000 : 0);
  }
}

TEST(OtherSystems, freebsd_takes_random_ports_from_10000) {
  OneHost host(like(world::OperatingSystem::freebsd));
  std::set<int> ports;
  for (int i = 0; i < 200; ++i) {
    connect_next(host, i, "10.9.9.1 80");
    ports.insert(host.socket("c" + std::to_string(i)).tuple.local_port);
  }
  EXPECT_GE(*ports.begin(), 10'000);
  EXPECT_LT(*ports.begin(), 20'000);
  EXPECT_GT(*ports.rbegin(), 55'000);
}

}  // namespace
}  // namespace fourtuple
