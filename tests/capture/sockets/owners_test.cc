#include "capture/sockets/owners.h"

#include <gtest/gtest.h>

#include "capture/sockets/list_text.h"

namespace fourtuple::capture {
namespace {

class SocketOwnersTest : public ::testing::Test {
 protected:
  void add(const std::string& text) {
    const auto list = parse_socket_list(text, "list.txt");
    ASSERT_TRUE(list.has_value()) << list.error().to_string();
    owners.add(*list);
  }
  Attribution find(const char* local, std::uint16_t local_port, const char* remote, std::uint16_t remote_port,
                   Protocol protocol = Protocol::tcp) const {
    return owners.find({protocol, *IpAddress::parse(local), *IpAddress::parse(remote), local_port, remote_port});
  }
  std::string name(const Attribution& owner) const { return owner.known() ? owners.process(owner.process).name : ""; }

  SocketOwners owners;
};

TEST_F(SocketOwnersTest, the_socket_with_both_ends_comes_before_the_one_with_the_port) {
  add("tcp LISTEN 0 5 10.0.0.2:80 0.0.0.0:* users:((\"web\",pid=9,fd=5))\n"
      "tcp ESTAB 0 0 10.0.0.2:80 10.0.0.1:5000 users:((\"worker\",pid=10,fd=6))\n");
  const Attribution exact = find("10.0.0.2", 80, "10.0.0.1", 5000), port = find("10.0.0.2", 80, "10.0.0.1", 5001);
  EXPECT_EQ(name(exact), "worker");
  EXPECT_EQ(exact.match, OwnerMatch::exact);
  EXPECT_EQ(exact.fd, 6);
  EXPECT_EQ(name(port), "web");
  EXPECT_EQ(port.match, OwnerMatch::listener);
  EXPECT_FALSE(find("10.0.0.1", 5000, "10.0.0.2", 80).known());
}

TEST_F(SocketOwnersTest, the_port_on_any_address_is_a_guess_until_the_address_is_known_to_be_the_machines) {
  add("tcp LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:((\"web\",pid=9,fd=5))\n");
  EXPECT_TRUE(find("10.0.0.2", 80, "10.0.0.1", 5000).guessed());
  EXPECT_EQ(find("127.0.0.1", 80, "127.0.0.1", 5000).match, OwnerMatch::listener);
}

TEST_F(SocketOwnersTest, an_address_with_a_socket_is_the_machines_and_that_of_a_peer_is_not) {
  add("tcp LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:((\"web\",pid=9,fd=5))\n"
      "tcp ESTAB 0 0 10.0.0.2:22 10.0.0.9:6000\n");
  EXPECT_EQ(find("10.0.0.2", 80, "10.0.0.1", 5000).match, OwnerMatch::listener);
  EXPECT_FALSE(find("10.0.0.9", 80, "10.0.0.7", 5000).known()) << "that one was listed as another machine";
  EXPECT_FALSE(find("10.0.0.8", 80, "10.0.0.2", 5000).known())
      << "the machine's own connection to another one's port 80";
}

TEST_F(SocketOwnersTest, with_the_addresses_known_no_other_is_taken) {
  add("tcp LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:((\"web\",pid=9,fd=5))\n");
  owners.set_own_addresses({*IpAddress::parse("10.0.0.2")});
  EXPECT_EQ(find("10.0.0.2", 80, "10.0.0.1", 5000).match, OwnerMatch::listener);
  EXPECT_FALSE(find("10.0.0.3", 80, "10.0.0.1", 5000).known());
}

TEST_F(SocketOwnersTest, a_socket_for_both_families_has_the_port_of_ipv4_unless_it_is_for_ipv6_only) {
  add("tcp LISTEN 0 5 *:8080 *:* users:((\"dual\",pid=1,fd=5))\ntcp LISTEN 0 5 [::]:8081 [::]:* "
      "users:((\"six\",pid=2,fd=5))\n");
  EXPECT_EQ(name(find("127.0.0.1", 8080, "127.0.0.1", 5000)), "dual");
  EXPECT_EQ(name(find("::1", 8080, "::1", 5000)), "dual");
  EXPECT_EQ(name(find("127.0.0.1", 8081, "127.0.0.1", 5000)), "");
  EXPECT_EQ(name(find("::1", 8081, "::1", 5000)), "six");
}

TEST_F(SocketOwnersTest, a_udp_socket_without_a_peer_is_that_of_all_of_them) {
  add("udp UNCONN 0 0 127.0.0.1:53 0.0.0.0:* users:((\"dns\",pid=1,fd=5))\n");
  EXPECT_EQ(find("127.0.0.1", 53, "127.0.0.1", 5000, Protocol::udp).match, OwnerMatch::exact);
  EXPECT_FALSE(find("127.0.0.1", 53, "127.0.0.1", 5000, Protocol::tcp).known());
}

TEST_F(SocketOwnersTest, lists_that_name_different_processes_contest_the_socket) {
  add("tcp ESTAB 0 0 10.0.0.2:80 10.0.0.1:5000 users:((\"worker\",pid=10,fd=6))\n");
  EXPECT_FALSE(find("10.0.0.2", 80, "10.0.0.1", 5000).contested);
  add("COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n"
      "wor 10 root 6u IPv4 9 0t0 TCP 10.0.0.2:80->10.0.0.1:5000 (ESTABLISHED)\n");
  EXPECT_FALSE(find("10.0.0.2", 80, "10.0.0.1", 5000).contested) << "lsof cuts names, the number is the same";
  add("tcp ESTAB 0 0 10.0.0.2:80 10.0.0.1:5000 users:((\"other\",pid=11,fd=6))\n");
  EXPECT_TRUE(find("10.0.0.2", 80, "10.0.0.1", 5000).contested);
}

constexpr const char* one_machine =
    "tcp ESTAB 0 0 10.0.0.1:40001 10.0.0.7:80 users:((\"curl\",pid=5,fd=3))\n"
    "tcp LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:((\"web\",pid=9,fd=3))\n"
    "udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:* users:((\"dns\",pid=8,fd=3))\n";

TEST_F(SocketOwnersTest, ports_on_any_address_of_one_machine_are_not_those_of_another_machines_addresses) {
  add(one_machine);
  add("tcp ESTAB 0 0 10.0.0.2:22 10.0.0.9:999 users:((\"sshd\",pid=5,fd=3))\n");
  EXPECT_FALSE(find("10.0.0.2", 53, "10.0.0.1", 40000, Protocol::udp).known());
  EXPECT_FALSE(find("10.0.0.2", 80, "10.0.0.1", 40002).known());
  EXPECT_FALSE(owners.lists_listener({Protocol::tcp, *IpAddress::parse("10.0.0.2"), {}, 80, 0}));
  EXPECT_EQ(find("10.0.0.1", 53, "10.0.0.2", 40000, Protocol::udp).match, OwnerMatch::exact);
  EXPECT_TRUE(find("10.0.0.3", 80, "10.0.0.4", 40002).guessed()) << "an address nobody shows";
}

TEST_F(SocketOwnersTest, two_machines_with_the_same_port_keep_their_own) {
  add(one_machine);
  add("tcp ESTAB 0 0 10.0.0.2:22 10.0.0.9:999\n"
      "udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:* users:((\"named\",pid=7,fd=3))\n");
  EXPECT_EQ(name(find("10.0.0.1", 53, "10.0.0.2", 40000, Protocol::udp)), "dns");
  EXPECT_EQ(name(find("10.0.0.2", 53, "10.0.0.1", 40000, Protocol::udp)), "named");
  EXPECT_TRUE(find("127.0.0.1", 53, "127.0.0.1", 40000, Protocol::udp).contested) << "whose loopback it is is unknown";
}

TEST_F(SocketOwnersTest, a_list_that_shows_no_address_may_be_of_the_machine_another_list_is_of) {
  add("udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:* users:((\"dns\",pid=8,fd=3))\n");
  add("tcp ESTAB 0 0 10.0.0.2:22 10.0.0.9:999 users:((\"sshd\",pid=5,fd=3))\n");
  EXPECT_TRUE(find("10.0.0.2", 53, "10.0.0.1", 40000, Protocol::udp).guessed());
}

TEST_F(SocketOwnersTest, a_udp_socket_whose_process_is_hidden_is_not_taken_for_another_one_with_its_port) {
  add("udp ESTAB 0 0 10.0.0.2:53 10.0.0.1:40000\n"
      "udp UNCONN 0 0 10.0.0.2:54 0.0.0.0:*\n"
      "udp UNCONN 0 0 10.0.0.2:53 0.0.0.0:* users:((\"other\",pid=8,fd=3))\n"
      "udp UNCONN 0 0 0.0.0.0:54 0.0.0.0:* users:((\"other\",pid=8,fd=4))\n");
  EXPECT_FALSE(find("10.0.0.2", 53, "10.0.0.1", 40000, Protocol::udp).known());
  EXPECT_FALSE(find("10.0.0.2", 54, "10.0.0.1", 40000, Protocol::udp).known());
  EXPECT_EQ(name(find("10.0.0.2", 53, "10.0.0.1", 40001, Protocol::udp)), "other");
}

TEST_F(SocketOwnersTest, several_holders_in_one_list_are_no_contradiction) {
  add("tcp LISTEN 0 5 10.0.0.2:80 0.0.0.0:* users:((\"worker\",pid=10,fd=5),(\"web\",pid=9,fd=5))\n");
  const Attribution owner = find("10.0.0.2", 80, "10.0.0.1", 5000);
  EXPECT_EQ(name(owner), "web") << "the first one started";
  EXPECT_EQ(owner.others, 1u);
  EXPECT_FALSE(owner.contested);
}

TEST_F(SocketOwnersTest, a_listed_socket_without_a_process_leaves_the_listener) {
  add("tcp TIME-WAIT 0 0 127.0.0.1:80 127.0.0.1:5000\ntcp LISTEN 0 5 127.0.0.1:80 0.0.0.0:* "
      "users:((\"web\",pid=9,fd=5))\n");
  EXPECT_EQ(find("127.0.0.1", 80, "127.0.0.1", 5000).match, OwnerMatch::listener);
  EXPECT_FALSE(find("127.0.0.1", 5000, "127.0.0.1", 80).known());
}

TEST_F(SocketOwnersTest, forgotten_sockets_are_not_found_but_processes_keep_their_numbers) {
  add("tcp LISTEN 0 5 127.0.0.1:80 0.0.0.0:* users:((\"web\",pid=9,fd=5))\n");
  const std::uint32_t web = find("127.0.0.1", 80, "127.0.0.1", 5000).process;
  owners.forget_sockets();
  EXPECT_FALSE(find("127.0.0.1", 80, "127.0.0.1", 5000).known());
  EXPECT_EQ(owners.intern("web", 9), web);
}

}  // namespace
}  // namespace fourtuple::capture
