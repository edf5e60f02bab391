#include "sim/netfilter/nft/symbols.h"

namespace fourtuple::nft {
namespace {

constexpr Symbol nf_proto[] = {{"ipv4", 2}, {"ipv6", 10}};
constexpr Symbol ether_type[] = {{"ip", 0x0800},    {"arp", 0x0806},    {"ip6", 0x86dd},
                                 {"8021q", 0x8100}, {"8021ad", 0x88a8}, {"vlan", 0x8100}};
constexpr Symbol icmp_type[] = {
    {"echo-reply", 0},         {"destination-unreachable", 3}, {"source-quench", 4},        {"redirect", 5},
    {"echo-request", 8},       {"router-advertisement", 9},    {"router-solicitation", 10}, {"time-exceeded", 11},
    {"parameter-problem", 12}, {"timestamp-request", 13},      {"timestamp-reply", 14},     {"info-request", 15},
    {"info-reply", 16},        {"address-mask-request", 17},   {"address-mask-reply", 18}};
constexpr Symbol icmpv6_type[] = {
    {"destination-unreachable", 1},  {"packet-too-big", 2},         {"time-exceeded", 3},
    {"parameter-problem", 4},        {"echo-request", 128},         {"echo-reply", 129},
    {"mld-listener-query", 130},     {"mld-listener-report", 131},  {"mld-listener-done", 132},
    {"mld-listener-reduction", 132}, {"nd-router-solicit", 133},    {"nd-router-advert", 134},
    {"nd-neighbor-solicit", 135},    {"nd-neighbor-advert", 136},   {"nd-redirect", 137},
    {"router-renumbering", 138},     {"ind-neighbor-solicit", 141}, {"ind-neighbor-advert", 142},
    {"mld2-listener-report", 143}};
constexpr Symbol icmp_code[] = {{"net-unreachable", 0},  {"host-unreachable", 1}, {"prot-unreachable", 2},
                                {"port-unreachable", 3}, {"frag-needed", 4},      {"net-prohibited", 9},
                                {"host-prohibited", 10}, {"admin-prohibited", 13}};
constexpr Symbol icmpv6_code[] = {{"no-route", 0},         {"admin-prohibited", 1}, {"addr-unreachable", 3},
                                  {"port-unreachable", 4}, {"policy-fail", 5},      {"reject-route", 6}};
constexpr Symbol icmpx_code[] = {
    {"port-unreachable", 1}, {"admin-prohibited", 3}, {"no-route", 0}, {"host-unreachable", 2}};
constexpr Symbol tcp_flag[] = {{"fin", 0x01}, {"syn", 0x02}, {"rst", 0x04}, {"psh", 0x08},
                               {"ack", 0x10}, {"urg", 0x20}, {"ecn", 0x40}, {"cwr", 0x80}};
constexpr Symbol iface_type[] = {{"ether", 1},      {"ppp", 512}, {"ipip", 768}, {"ipip6", 769},
                                 {"loopback", 772}, {"sit", 776}, {"ipgre", 778}};
constexpr Symbol ct_state[] = {
    {"invalid", 0x01}, {"established", 0x02}, {"related", 0x04}, {"new", 0x08}, {"untracked", 0x40}};
constexpr Symbol ct_dir[] = {{"original", 0}, {"reply", 1}};
constexpr Symbol ct_status[] = {{"expected", 0x01}, {"seen-reply", 0x02}, {"assured", 0x04}, {"confirmed", 0x08},
                                {"snat", 0x10},     {"dnat", 0x20},       {"dying", 0x200}};
constexpr Symbol ct_event[] = {{"new", 0x01},     {"related", 0x02},   {"destroy", 0x04}, {"reply", 0x08},
                               {"assured", 0x10}, {"protoinfo", 0x20}, {"helper", 0x40},  {"mark", 0x80},
                               {"seqadj", 0x100}, {"secmark", 0x200},  {"label", 0x400}};
constexpr Symbol dscp[] = {{"cs0", 0x00},   {"cs1", 0x08},  {"cs2", 0x10},  {"cs3", 0x18},  {"cs4", 0x20},
                           {"cs5", 0x28},   {"cs6", 0x30},  {"cs7", 0x38},  {"df", 0x00},   {"be", 0x00},
                           {"lephb", 0x01}, {"af11", 0x0a}, {"af12", 0x0c}, {"af13", 0x0e}, {"af21", 0x12},
                           {"af22", 0x14},  {"af23", 0x16}, {"af31", 0x1a}, {"af32", 0x1c}, {"af33", 0x1e},
                           {"af41", 0x22},  {"af42", 0x24}, {"af43", 0x26}, {"va", 0x2c},   {"ef", 0x2e}};
constexpr Symbol ecn[] = {{"not-ect", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}};
constexpr Symbol fib_addrtype[] = {{"unspec", 0},    {"unicast", 1},     {"local", 2},
                                   {"broadcast", 3}, {"anycast", 4},     {"multicast", 5},
                                   {"blackhole", 6}, {"unreachable", 7}, {"prohibit", 8}};
constexpr Symbol boolean[] = {{"exists", 1}, {"missing", 0}};
constexpr Symbol packet_type[] = {{"host", 0}, {"unicast", 0}, {"broadcast", 1}, {"multicast", 2}, {"other", 3}};
constexpr Symbol day[] = {{"Sunday", 0},   {"Monday", 1}, {"Tuesday", 2}, {"Wednesday", 3},
                          {"Thursday", 4}, {"Friday", 5}, {"Saturday", 6}};
constexpr Symbol arp_op[] = {{"request", 1},   {"reply", 2},   {"rrequest", 3}, {"rreply", 4},
                             {"inrequest", 8}, {"inreply", 9}, {"nak", 10}};
constexpr Symbol devgroup[] = {{"default", 0}};
constexpr Symbol realm[] = {{"cosmos", 0}};
constexpr Symbol classid[] = {{"none", 0}, {"root", 0xffffffff}};
constexpr Symbol dccp_pkttype[] = {{"request", 0},  {"response", 1}, {"data", 2},  {"ack", 3},  {"dataack", 4},
                                   {"closereq", 5}, {"close", 6},    {"reset", 7}, {"sync", 8}, {"syncack", 9}};
constexpr Symbol igmp_type[] = {{"membership-query", 17},
                                {"membership-report-v1", 18},
                                {"membership-report-v2", 22},
                                {"membership-report-v3", 34},
                                {"leave-group", 23}};
constexpr Symbol mh_type[] = {{"binding-refresh-request", 0},
                              {"home-test-init", 1},
                              {"careof-test-init", 2},
                              {"home-test", 3},
                              {"careof-test", 4},
                              {"binding-update", 5},
                              {"binding-acknowledgement", 6},
                              {"binding-error", 7},
                              {"fast-binding-update", 8},
                              {"fast-binding-acknowledgement", 9},
                              {"fast-binding-advertisement", 10},
                              {"experimental-mobility-header", 11},
                              {"home-agent-switch-message", 12}};
// Assigned protocol numbers with the names a Debian gives them; the words of nft for them (comp, icmpv6) come last.
constexpr Symbol inet_proto[] = {{"ip", 0},
                                 {"icmp", 1},
                                 {"igmp", 2},
                                 {"ggp", 3},
                                 {"ipencap", 4},
                                 {"st", 5},
                                 {"tcp", 6},
                                 {"egp", 8},
                                 {"igp", 9},
                                 {"pup", 12},
                                 {"udp", 17},
                                 {"hmp", 20},
                                 {"xns-idp", 22},
                                 {"rdp", 27},
                                 {"iso-tp4", 29},
                                 {"dccp", 33},
                                 {"xtp", 36},
                                 {"ddp", 37},
                                 {"idpr-cmtp", 38},
                                 {"ipv6", 41},
                                 {"ipv6-route", 43},
                                 {"ipv6-frag", 44},
                                 {"idrp", 45},
                                 {"rsvp", 46},
                                 {"gre", 47},
                                 {"esp", 50},
                                 {"ah", 51},
                                 {"skip", 57},
                                 {"ipv6-icmp", 58},
                                 {"ipv6-nonxt", 59},
                                 {"ipv6-opts", 60},
                                 {"rspf", 73},
                                 {"vmtp", 81},
                                 {"eigrp", 88},
                                 {"ospf", 89},
                                 {"ax.25", 93},
                                 {"ipip", 94},
                                 {"etherip", 97},
                                 {"encap", 98},
                                 {"pim", 103},
                                 {"ipcomp", 108},
                                 {"vrrp", 112},
                                 {"l2tp", 115},
                                 {"isis", 124},
                                 {"sctp", 132},
                                 {"fc", 133},
                                 {"mobility-header", 135},
                                 {"udplite", 136},
                                 {"mpls-in-ip", 137},
                                 {"manet", 138},
                                 {"hip", 139},
                                 {"shim6", 140},
                                 {"wesp", 141},
                                 {"rohc", 142},
                                 {"ethernet", 143},
                                 {"icmpv6", 58},
                                 {"comp", 108},
                                 {"ipv6-crypt", 50},
                                 {"ipv6-auth", 51}};

}  // namespace

std::span<const Symbol> symbols(Type type) {
  switch (type) {
    case Type::nf_proto:
      return nf_proto;
    case Type::ether_type:
      return ether_type;
    case Type::inet_proto:
      return inet_proto;
    case Type::icmp_type:
      return icmp_type;
    case Type::icmpv6_type:
      return icmpv6_type;
    case Type::icmp_code:
      return icmp_code;
    case Type::icmpv6_code:
      return icmpv6_code;
    case Type::icmpx_code:
      return icmpx_code;
    case Type::tcp_flag:
      return tcp_flag;
    case Type::iface_type:
      return iface_type;
    case Type::ct_state:
      return ct_state;
    case Type::ct_dir:
      return ct_dir;
    case Type::ct_status:
      return ct_status;
    case Type::ct_event:
      return ct_event;
    case Type::dscp:
      return dscp;
    case Type::ecn:
      return ecn;
    case Type::fib_addrtype:
      return fib_addrtype;
    case Type::boolean:
      return boolean;
    case Type::packet_type:
      return packet_type;
    case Type::day:
      return day;
    case Type::arp_op:
      return arp_op;
    case Type::devgroup:
      return devgroup;
    case Type::realm:
      return realm;
    case Type::classid:
      return classid;
    case Type::dccp_pkttype:
      return dccp_pkttype;
    case Type::igmp_type:
      return igmp_type;
    case Type::mh_type:
      return mh_type;
    default:
      return {};
  }
}

}  // namespace fourtuple::nft
