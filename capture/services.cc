#include "capture/services.h"

#include <algorithm>

namespace fourtuple::capture {
namespace {

constexpr unsigned on_tcp = 1, on_udp = 2, on_both = 3;

struct Service {
  std::uint16_t port;
  unsigned protocols;
  std::string_view name;
};

// Ascending by port.
constexpr Service services[] = {
    {7, on_both, "echo"},         {20, on_tcp, "ftp-data"},    {21, on_tcp, "ftp"},
    {22, on_tcp, "ssh"},          {23, on_tcp, "telnet"},      {25, on_tcp, "smtp"},
    {53, on_both, "domain"},      {67, on_udp, "dhcp-server"}, {68, on_udp, "dhcp-client"},
    {69, on_udp, "tftp"},         {80, on_tcp, "http"},        {110, on_tcp, "pop3"},
    {123, on_udp, "ntp"},         {137, on_udp, "netbios-ns"}, {143, on_tcp, "imap"},
    {161, on_udp, "snmp"},        {179, on_tcp, "bgp"},        {194, on_tcp, "irc"},
    {389, on_both, "ldap"},       {443, on_both, "https"},     {445, on_tcp, "microsoft-ds"},
    {465, on_tcp, "submissions"}, {514, on_udp, "syslog"},     {587, on_tcp, "submission"},
    {631, on_both, "ipp"},        {853, on_both, "domain-s"},  {993, on_tcp, "imaps"},
    {995, on_tcp, "pop3s"},       {1194, on_both, "openvpn"},  {1883, on_tcp, "mqtt"},
    {1900, on_udp, "ssdp"},       {3306, on_tcp, "mysql"},     {3389, on_tcp, "ms-wbt-server"},
    {5060, on_both, "sip"},       {5353, on_udp, "mdns"},      {5355, on_udp, "llmnr"},
    {5432, on_tcp, "postgresql"}, {6379, on_tcp, "redis"},     {8000, on_tcp, "http-dev"},
    {8080, on_tcp, "http-alt"},   {27017, on_tcp, "mongodb"},  {51820, on_udp, "wireguard"},
};

}  // namespace

std::string_view service_name(Protocol protocol, std::uint16_t port) {
  const auto* found = std::lower_bound(std::begin(services), std::end(services), port,
                                       [](const Service& service, std::uint16_t p) { return service.port < p; });
  if (found == std::end(services) || found->port != port) return {};
  const unsigned wanted = protocol == Protocol::tcp ? on_tcp : protocol == Protocol::udp ? on_udp : 0;
  return (found->protocols & wanted) != 0 ? found->name : std::string_view();
}

}  // namespace fourtuple::capture
