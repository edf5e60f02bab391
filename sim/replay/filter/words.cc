#include "sim/replay/filter/words.h"

#include <algorithm>
#include <iterator>

namespace fourtuple::replay {
namespace {

constexpr FilterWordInfo words[] = {
    {FilterWord::host, "host", true, "passed this host", "host:server"},
    {FilterWord::process, "process", true, "of a conversation of this program or pid", "process:firefox"},
    {FilterWord::state, "state", true, "while one end was in this TCP state", "state:SYN-SENT"},
    {FilterWord::verdict, "verdict", true, "a rule or policy decided so", "verdict:drop"},
    {FilterWord::rule, "rule", true, "this rule of a chain decided", "rule:input/3"},
    {FilterWord::reason, "reason", true, "dropped for this reason", "reason:no-socket"},
    {FilterWord::flow, "flow", true, "of the conversation with this number", "flow:3"},
    {FilterWord::dropped, "dropped", false, "was dropped", "dropped"},
    {FilterWord::delivered, "delivered", false, "reached a socket", "delivered"},
    {FilterWord::reset, "reset", false, "a TCP segment with RST", "reset"},
    {FilterWord::again, "again", false, "sent again", "again"},
    {FilterWord::nat, "nat", false, "had its addresses or ports rewritten", "nat"},
};

// Sorted by name.
constexpr BpfWord bpf_words[] = {
    {"aarp", {}, true},
    {"ah", {}, true},
    {"and"},
    {"arp", {}, true},
    {"atalk", {}, true},
    {"broadcast", {}, true},
    {"carp", {}, true},
    {"clnp", {}, true},
    {"decnet", {}, true},
    {"dst", {}, true},
    {"esis", {}, true},
    {"esp", {}, true},
    {"ether", {}, true},
    {"gateway", {}, true},
    {"geneve", {}, true},
    {"greater", {}, true},
    {"host", {}, true},
    {"icmp", {}, true},
    {"icmp-echo"},
    {"icmp-echoreply"},
    {"icmp-ireq"},
    {"icmp-ireqreply"},
    {"icmp-maskreply"},
    {"icmp-maskreq"},
    {"icmp-paramprob"},
    {"icmp-redirect"},
    {"icmp-routeradvert"},
    {"icmp-routersolicit"},
    {"icmp-sourcequench"},
    {"icmp-timxceed"},
    {"icmp-tstamp"},
    {"icmp-tstampreply"},
    {"icmp-unreach"},
    {"icmp6", {}, true},
    {"icmp6-destinationrunreach"},
    {"icmp6-echo"},
    {"icmp6-echoreply"},
    {"icmp6-homeagentdiscoveryreply"},
    {"icmp6-homeagentdiscoveryrequest"},
    {"icmp6-inverseneighboradvert"},
    {"icmp6-inverseneighborsolicit"},
    {"icmp6-mobileprefixadvert"},
    {"icmp6-mobileprefixsolicit"},
    {"icmp6-multicastlistenerdone"},
    {"icmp6-multicastlistenerquery"},
    {"icmp6-multicastlistenerreportv1"},
    {"icmp6-multicastlistenerreportv2"},
    {"icmp6-neighboradvert"},
    {"icmp6-neighborsolicit"},
    {"icmp6-nodeinformationquery"},
    {"icmp6-nodeinformationresponse"},
    {"icmp6-packettoobig"},
    {"icmp6-parameterproblem"},
    {"icmp6-redirect"},
    {"icmp6-routeradvert"},
    {"icmp6-routerrenum"},
    {"icmp6-routersolicit"},
    {"icmp6-timeexceeded"},
    {"icmp6code"},
    {"icmp6type"},
    {"icmpcode"},
    {"icmptype"},
    {"igmp", {}, true},
    {"igrp", {}, true},
    {"inbound", {}, true},
    {"ip", {}, true},
    {"ip6", {}, true},
    {"ipx", {}, true},
    {"isis", {}, true},
    {"iso", {}, true},
    {"lat", {}, true},
    {"len", {}, true},
    {"less", {}, true},
    {"link", {}, true},
    {"mask"},
    {"mopdl", {}, true},
    {"moprc", {}, true},
    {"mpls", {}, true},
    {"multicast", {}, true},
    {"net", {}, true},
    {"netbeui", {}, true},
    {"not", {}, true},
    {"or"},
    {"outbound", {}, true},
    {"pim", {}, true},
    {"port", BpfNames::service, true},
    {"portrange", BpfNames::service, true},
    {"ppp", {}, true},
    {"pppoed", {}, true},
    {"pppoes", {}, true},
    {"proto", BpfNames::protocol, true},
    {"protochain", BpfNames::protocol, true},
    {"rarp", {}, true},
    {"sctp", {}, true},
    {"slip", {}, true},
    {"src", {}, true},
    {"stp", {}, true},
    {"tcp", {}, true},
    {"tcp-ack"},
    {"tcp-cwr"},
    {"tcp-ece"},
    {"tcp-fin"},
    {"tcp-push"},
    {"tcp-rst"},
    {"tcp-syn"},
    {"tcp-urg"},
    {"tcpflags"},
    {"udp", {}, true},
    {"vlan", {}, true},
    {"vrrp", {}, true},
    {"vxlan", {}, true},
};
static_assert(std::is_sorted(std::begin(bpf_words), std::end(bpf_words),
                             [](const BpfWord& a, const BpfWord& b) { return a.name < b.name; }));

}  // namespace

std::span<const FilterWordInfo> filter_words() {
  return words;
}

const FilterWordInfo* find_filter_word(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(words), std::end(words), [&](const FilterWordInfo& info) { return info.name == name; });
  return found == std::end(words) ? nullptr : found;
}

const BpfWord* find_bpf_word(std::string_view name) {
  const auto* found = std::lower_bound(std::begin(bpf_words), std::end(bpf_words), name,
                                       [](const BpfWord& word, std::string_view wanted) { return word.name < wanted; });
  return found == std::end(bpf_words) || found->name != name ? nullptr : found;
}

}  // namespace fourtuple::replay
