#include "sim/wire/services.h"

#include <gtest/gtest.h>

namespace fourtuple {
namespace {

constexpr std::string_view file =
    "# Network services, Internet style\n"
    "domain\t\t53/tcp\t\t\t\t# Domain Name Server\n"
    "domain\t\t53/udp\n"
    "http\t\t80/tcp\t\twww\t\t# WorldWideWeb HTTP\r\n"
    "http-alt\t8080/tcp\twebcache\n"
    "old-http\t80/tcp\n"
    "sctp-thing\t9899/sctp\n"
    "broken 99999/tcp\n"
    "nothing\n"
    "\n"
    "last 65535/udp";

std::vector<std::string> names(const std::vector<const Service*>& services) {
  std::vector<std::string> out;
  for (const Service* service : services) out.push_back(service->name + "/" + std::to_string(service->port));
  return out;
}

TEST(Services, name_a_port_for_each_protocol_apart) {
  const Services services = Services::parse(file);
  EXPECT_EQ(services.name_of(Protocol::tcp, 80), "http");
  EXPECT_EQ(services.name_of(Protocol::udp, 80), "");
  EXPECT_EQ(services.name_of(Protocol::udp, 53), "domain");
  EXPECT_EQ(services.name_of(Protocol::udp, 65535), "last");
  EXPECT_EQ(services.name_of(Protocol::tcp, 9899), "");
}

TEST(Services, find_ports_by_name_and_alias) {
  const Services services = Services::parse(file);
  EXPECT_EQ(services.port_of(Protocol::tcp, "http"), 80);
  EXPECT_EQ(services.port_of(Protocol::tcp, "www"), 80);
  EXPECT_EQ(services.port_of(Protocol::tcp, "old-http"), 80);  // getservbyname() finds it, getservbyport() does not
  EXPECT_EQ(services.port_of(Protocol::udp, "http"), std::nullopt);
  EXPECT_EQ(services.port_of(Protocol::tcp, "broken"), std::nullopt);
}

TEST(Services, search_by_part_of_a_name_or_by_number) {
  const Services services = Services::parse(file);
  EXPECT_EQ(names(services.search("HTTP")), (std::vector<std::string>{"http/80", "http-alt/8080"}));
  EXPECT_EQ(names(services.search("cache")), (std::vector<std::string>{"http-alt/8080"}));
  EXPECT_EQ(names(services.search("53")), (std::vector<std::string>{"domain/53", "domain/53"}));
  EXPECT_TRUE(services.search("").empty());
  EXPECT_TRUE(services.search("gopher").empty());
}

TEST(Services, know_the_ranges_of_iana) {
  EXPECT_EQ(port_range_name(1023), "system");
  EXPECT_EQ(port_range_name(1024), "user");
  EXPECT_EQ(port_range_name(49151), "user");
  EXPECT_EQ(port_range_name(49152), "dynamic");
}

}  // namespace
}  // namespace fourtuple
