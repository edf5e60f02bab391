#include "sim/netfilter/nft/fields.h"

#include <iterator>
#include <string>

namespace fourtuple::nft {
namespace {

constexpr bool yes = true, no = false;
using R = Requires;

// In the order of Field, so that a field is its index.
constexpr FieldInfo table[] = {
    {Field::none, "", Type::invalid, 0, R::nothing, no},
    {Field::meta_length, "meta length", Type::integer, 32, R::nothing, yes},
    {Field::meta_protocol, "meta protocol", Type::ether_type, 16, R::nothing, yes},
    {Field::meta_nfproto, "meta nfproto", Type::nf_proto, 8, R::nothing, yes},
    {Field::meta_l4proto, "meta l4proto", Type::inet_proto, 8, R::nothing, yes},
    {Field::meta_mark, "meta mark", Type::mark, 32, R::nothing, yes},
    {Field::meta_priority, "meta priority", Type::classid, 32, R::nothing, yes},
    {Field::meta_iif, "iif", Type::iface_index, 32, R::nothing, yes},
    {Field::meta_iifname, "iifname", Type::ifname, 128, R::nothing, yes},
    {Field::meta_iiftype, "meta iiftype", Type::iface_type, 16, R::nothing, yes},
    {Field::meta_oif, "oif", Type::iface_index, 32, R::nothing, yes},
    {Field::meta_oifname, "oifname", Type::ifname, 128, R::nothing, yes},
    {Field::meta_oiftype, "meta oiftype", Type::iface_type, 16, R::nothing, yes},
    {Field::meta_skuid, "meta skuid", Type::uid, 32, R::nothing, yes},
    {Field::meta_skgid, "meta skgid", Type::gid, 32, R::nothing, yes},
    {Field::meta_pkttype, "meta pkttype", Type::packet_type, 8, R::nothing, yes},
    {Field::meta_cpu, "meta cpu", Type::integer, 32, R::nothing, no},
    {Field::meta_iifgroup, "iifgroup", Type::devgroup, 32, R::nothing, no},
    {Field::meta_oifgroup, "oifgroup", Type::devgroup, 32, R::nothing, no},
    {Field::meta_cgroup, "meta cgroup", Type::integer, 32, R::nothing, no},
    {Field::meta_random, "meta random", Type::integer, 32, R::nothing, no},
    {Field::meta_nftrace, "meta nftrace", Type::integer, 1, R::nothing, yes},
    {Field::meta_rtclassid, "meta rtclassid", Type::realm, 32, R::nothing, no},
    {Field::meta_time, "meta time", Type::time, 64, R::nothing, no},
    {Field::meta_day, "meta day", Type::day, 8, R::nothing, no},
    {Field::meta_hour, "meta hour", Type::hour, 32, R::nothing, no},
    {Field::meta_ibrname, "meta ibrname", Type::ifname, 128, R::nothing, no},
    {Field::meta_obrname, "meta obrname", Type::ifname, 128, R::nothing, no},
    {Field::meta_secpath, "meta ipsec", Type::boolean, 8, R::nothing, no},
    {Field::meta_secmark, "meta secmark", Type::integer, 32, R::nothing, no},
    {Field::meta_sdif, "meta sdif", Type::iface_index, 32, R::nothing, no},
    {Field::meta_sdifname, "meta sdifname", Type::ifname, 128, R::nothing, no},
    {Field::meta_iifkind, "meta iifkind", Type::ifname, 128, R::nothing, no},
    {Field::meta_oifkind, "meta oifkind", Type::ifname, 128, R::nothing, no},
    {Field::meta_ibrpvid, "meta ibrpvid", Type::integer, 16, R::nothing, no},
    {Field::meta_ibrvproto, "meta ibrvproto", Type::ether_type, 16, R::nothing, no},

    {Field::ct_state, "ct state", Type::ct_state, 32, R::conntrack, yes},
    {Field::ct_direction, "ct direction", Type::ct_dir, 8, R::conntrack, yes},
    {Field::ct_status, "ct status", Type::ct_status, 32, R::conntrack, yes},
    {Field::ct_mark, "ct mark", Type::mark, 32, R::conntrack, yes},
    {Field::ct_expiration, "ct expiration", Type::time, 32, R::conntrack, yes},
    {Field::ct_helper, "ct helper", Type::string, 128, R::conntrack, no},
    {Field::ct_label, "ct label", Type::ct_label, 128, R::conntrack, no},
    {Field::ct_l3proto, "ct l3proto", Type::nf_proto, 8, R::conntrack, yes},
    {Field::ct_protocol, "ct protocol", Type::inet_proto, 8, R::conntrack, yes},
    {Field::ct_zone, "ct zone", Type::integer, 16, R::conntrack, yes},
    {Field::ct_count, "ct count", Type::integer, 32, R::conntrack, yes},
    {Field::ct_packets, "ct packets", Type::integer, 64, R::conntrack, yes},
    {Field::ct_bytes, "ct bytes", Type::integer, 64, R::conntrack, yes},
    {Field::ct_avgpkt, "ct avgpkt", Type::integer, 64, R::conntrack, yes},
    {Field::ct_id, "ct id", Type::integer, 32, R::conntrack, no},
    {Field::ct_event, "ct event", Type::ct_event, 32, R::conntrack, no},
    {Field::ct_secmark, "ct secmark", Type::integer, 32, R::conntrack, no},
    {Field::ct_original_saddr, "ct original saddr", Type::invalid, 0, R::conntrack, yes},
    {Field::ct_original_daddr, "ct original daddr", Type::invalid, 0, R::conntrack, yes},
    {Field::ct_original_sport, "ct original proto-src", Type::inet_service, 16, R::conntrack, yes},
    {Field::ct_original_dport, "ct original proto-dst", Type::inet_service, 16, R::conntrack, yes},
    {Field::ct_reply_saddr, "ct reply saddr", Type::invalid, 0, R::conntrack, yes},
    {Field::ct_reply_daddr, "ct reply daddr", Type::invalid, 0, R::conntrack, yes},
    {Field::ct_reply_sport, "ct reply proto-src", Type::inet_service, 16, R::conntrack, yes},
    {Field::ct_reply_dport, "ct reply proto-dst", Type::inet_service, 16, R::conntrack, yes},

    {Field::ip_version, "ip version", Type::integer, 4, R::ipv4, yes},
    {Field::ip_hdrlength, "ip hdrlength", Type::integer, 4, R::ipv4, yes},
    {Field::ip_dscp, "ip dscp", Type::dscp, 6, R::ipv4, yes},
    {Field::ip_ecn, "ip ecn", Type::ecn, 2, R::ipv4, yes},
    {Field::ip_length, "ip length", Type::integer, 16, R::ipv4, yes},
    {Field::ip_id, "ip id", Type::integer, 16, R::ipv4, yes},
    {Field::ip_frag_off, "ip frag-off", Type::integer, 16, R::ipv4, yes},
    {Field::ip_ttl, "ip ttl", Type::integer, 8, R::ipv4, yes},
    {Field::ip_protocol, "ip protocol", Type::inet_proto, 8, R::ipv4, yes},
    {Field::ip_checksum, "ip checksum", Type::integer, 16, R::ipv4, no},
    {Field::ip_saddr, "ip saddr", Type::ipv4_addr, 32, R::ipv4, yes},
    {Field::ip_daddr, "ip daddr", Type::ipv4_addr, 32, R::ipv4, yes},

    {Field::ip6_version, "ip6 version", Type::integer, 4, R::ipv6, yes},
    {Field::ip6_dscp, "ip6 dscp", Type::dscp, 6, R::ipv6, yes},
    {Field::ip6_ecn, "ip6 ecn", Type::ecn, 2, R::ipv6, yes},
    {Field::ip6_flowlabel, "ip6 flowlabel", Type::integer, 20, R::ipv6, yes},
    {Field::ip6_length, "ip6 length", Type::integer, 16, R::ipv6, yes},
    {Field::ip6_nexthdr, "ip6 nexthdr", Type::inet_proto, 8, R::ipv6, yes},
    {Field::ip6_hoplimit, "ip6 hoplimit", Type::integer, 8, R::ipv6, yes},
    {Field::ip6_saddr, "ip6 saddr", Type::ipv6_addr, 128, R::ipv6, yes},
    {Field::ip6_daddr, "ip6 daddr", Type::ipv6_addr, 128, R::ipv6, yes},

    {Field::tcp_sport, "tcp sport", Type::inet_service, 16, R::tcp, yes},
    {Field::tcp_dport, "tcp dport", Type::inet_service, 16, R::tcp, yes},
    {Field::tcp_sequence, "tcp sequence", Type::integer, 32, R::tcp, yes},
    {Field::tcp_ackseq, "tcp ackseq", Type::integer, 32, R::tcp, yes},
    {Field::tcp_doff, "tcp doff", Type::integer, 4, R::tcp, yes},
    {Field::tcp_reserved, "tcp reserved", Type::integer, 4, R::tcp, yes},
    {Field::tcp_flags, "tcp flags", Type::tcp_flag, 8, R::tcp, yes},
    {Field::tcp_window, "tcp window", Type::integer, 16, R::tcp, yes},
    {Field::tcp_checksum, "tcp checksum", Type::integer, 16, R::tcp, no},
    {Field::tcp_urgptr, "tcp urgptr", Type::integer, 16, R::tcp, yes},
    {Field::udp_sport, "udp sport", Type::inet_service, 16, R::udp, yes},
    {Field::udp_dport, "udp dport", Type::inet_service, 16, R::udp, yes},
    {Field::udp_length, "udp length", Type::integer, 16, R::udp, yes},
    {Field::udp_checksum, "udp checksum", Type::integer, 16, R::udp, no},
    {Field::udplite_sport, "udplite sport", Type::inet_service, 16, R::udplite, no},
    {Field::udplite_dport, "udplite dport", Type::inet_service, 16, R::udplite, no},
    {Field::udplite_csumcov, "udplite csumcov", Type::integer, 16, R::udplite, no},
    {Field::udplite_checksum, "udplite checksum", Type::integer, 16, R::udplite, no},
    {Field::sctp_sport, "sctp sport", Type::inet_service, 16, R::sctp, no},
    {Field::sctp_dport, "sctp dport", Type::inet_service, 16, R::sctp, no},
    {Field::sctp_vtag, "sctp vtag", Type::integer, 32, R::sctp, no},
    {Field::sctp_checksum, "sctp checksum", Type::integer, 32, R::sctp, no},
    {Field::dccp_sport, "dccp sport", Type::inet_service, 16, R::dccp, no},
    {Field::dccp_dport, "dccp dport", Type::inet_service, 16, R::dccp, no},
    {Field::dccp_type, "dccp type", Type::dccp_pkttype, 4, R::dccp, no},
    {Field::th_sport, "th sport", Type::inet_service, 16, R::transport, yes},
    {Field::th_dport, "th dport", Type::inet_service, 16, R::transport, yes},

    {Field::icmp_type, "icmp type", Type::icmp_type, 8, R::icmp, yes},
    {Field::icmp_code, "icmp code", Type::icmp_code, 8, R::icmp, yes},
    {Field::icmp_checksum, "icmp checksum", Type::integer, 16, R::icmp, no},
    {Field::icmp_id, "icmp id", Type::integer, 16, R::icmp, yes},
    {Field::icmp_sequence, "icmp sequence", Type::integer, 16, R::icmp, yes},
    {Field::icmp_gateway, "icmp gateway", Type::integer, 32, R::icmp, yes},
    {Field::icmp_mtu, "icmp mtu", Type::integer, 16, R::icmp, yes},
    {Field::icmpv6_type, "icmpv6 type", Type::icmpv6_type, 8, R::icmpv6, yes},
    {Field::icmpv6_code, "icmpv6 code", Type::icmpv6_code, 8, R::icmpv6, yes},
    {Field::icmpv6_checksum, "icmpv6 checksum", Type::integer, 16, R::icmpv6, no},
    {Field::icmpv6_parameter_problem, "icmpv6 parameter-problem", Type::integer, 32, R::icmpv6, yes},
    {Field::icmpv6_mtu, "icmpv6 mtu", Type::integer, 32, R::icmpv6, yes},
    {Field::icmpv6_id, "icmpv6 id", Type::integer, 16, R::icmpv6, yes},
    {Field::icmpv6_sequence, "icmpv6 sequence", Type::integer, 16, R::icmpv6, yes},
    {Field::icmpv6_max_delay, "icmpv6 max-delay", Type::integer, 16, R::icmpv6, yes},

    {Field::igmp_type, "igmp type", Type::igmp_type, 8, R::igmp, no},
    {Field::igmp_checksum, "igmp checksum", Type::integer, 16, R::igmp, no},
    {Field::igmp_mrt, "igmp mrt", Type::integer, 8, R::igmp, no},
    {Field::igmp_group, "igmp group", Type::integer, 32, R::igmp, no},
    {Field::ah_nexthdr, "ah nexthdr", Type::inet_proto, 8, R::ah, no},
    {Field::ah_hdrlength, "ah hdrlength", Type::integer, 8, R::ah, no},
    {Field::ah_reserved, "ah reserved", Type::integer, 16, R::ah, no},
    {Field::ah_spi, "ah spi", Type::integer, 32, R::ah, no},
    {Field::ah_sequence, "ah sequence", Type::integer, 32, R::ah, no},
    {Field::esp_spi, "esp spi", Type::integer, 32, R::esp, no},
    {Field::esp_sequence, "esp sequence", Type::integer, 32, R::esp, no},
    {Field::comp_nexthdr, "comp nexthdr", Type::inet_proto, 8, R::comp, no},
    {Field::comp_flags, "comp flags", Type::bitmask, 8, R::comp, no},
    {Field::comp_cpi, "comp cpi", Type::integer, 16, R::comp, no},

    {Field::fib, "", Type::invalid, 0, R::nothing, yes},
    {Field::socket, "", Type::invalid, 0, R::nothing, no},
    {Field::tcp_option, "", Type::invalid, 0, R::nothing, no},  // the kernel looks itself whether it is TCP
    {Field::exthdr, "", Type::invalid, 0, R::ipv6, no},
    {Field::ip_option, "", Type::invalid, 0, R::ipv4, no},
    {Field::raw_payload, "", Type::invalid, 0, R::nothing, no},
    {Field::rt, "", Type::invalid, 0, R::nothing, no},
    {Field::ether_saddr, "ether saddr", Type::ether_addr, 48, R::nothing, no},
    {Field::ether_daddr, "ether daddr", Type::ether_addr, 48, R::nothing, no},
    {Field::ether_type, "ether type", Type::ether_type, 16, R::nothing, no},
    {Field::arp_other, "", Type::invalid, 0, R::nothing, no},
    {Field::vlan_other, "", Type::invalid, 0, R::nothing, no},
    {Field::osf, "", Type::string, 128, R::nothing, no},
    {Field::ipsec, "", Type::invalid, 0, R::nothing, no},
    {Field::sctp_chunk, "", Type::invalid, 0, R::sctp, no},
};
static_assert(std::size(table) == static_cast<std::size_t>(Field::sctp_chunk) + 1);
static_assert([] {
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (static_cast<std::size_t>(table[i].field) != i) return false;
  return true;
}());

// Other words for a field than the ones nft prints.
struct Synonym {
  std::string_view words;
  Field field;
};
constexpr Synonym synonyms[] = {
    {"meta iif", Field::meta_iif},
    {"meta iifname", Field::meta_iifname},
    {"meta oif", Field::meta_oif},
    {"meta oifname", Field::meta_oifname},
    {"meta iifgroup", Field::meta_iifgroup},
    {"meta oifgroup", Field::meta_oifgroup},
    {"meta secpath", Field::meta_secpath},
    {"meta ibriport", Field::meta_ibrname},
    {"meta obriport", Field::meta_obrname},
    {"mark", Field::meta_mark},
    {"iiftype", Field::meta_iiftype},
    {"oiftype", Field::meta_oiftype},
    {"skuid", Field::meta_skuid},
    {"skgid", Field::meta_skgid},
    {"nftrace", Field::meta_nftrace},
    {"rtclassid", Field::meta_rtclassid},
    {"ibrname", Field::meta_ibrname},
    {"obrname", Field::meta_obrname},
    {"ibriport", Field::meta_ibrname},
    {"obriport", Field::meta_obrname},
    {"pkttype", Field::meta_pkttype},
    {"cpu", Field::meta_cpu},
    {"cgroup", Field::meta_cgroup},
    {"icmpv6 param-problem", Field::icmpv6_parameter_problem},
    {"ct proto", Field::ct_protocol},
};
// Keys of ct that nft takes only with a direction, and what it makes of the ones it takes with and without.
constexpr std::string_view directed_keys[] = {"packets", "bytes", "avgpkt", "zone", "l3proto", "protocol"};

bool same_words(std::string_view words, std::string_view first, std::string_view second) {
  if (second.empty()) return words == first;
  return words.size() == first.size() + 1 + second.size() && words.starts_with(first) && words[first.size()] == ' ' &&
         words.ends_with(second);
}

}  // namespace

const FieldInfo& info(Field field) {
  return table[static_cast<std::size_t>(field)];
}

std::optional<Field> field_named(std::string_view first, std::string_view second, std::string_view direction) {
  if (!direction.empty()) {
    if (first != "ct" || (direction != "original" && direction != "reply")) return std::nullopt;
    const std::string with_direction = std::string("ct ") + std::string(direction);
    if (const auto field = field_named(with_direction, second)) return field;
    for (const std::string_view key : directed_keys)
      if (key == second) return field_named(first, second);
    return std::nullopt;
  }
  if (first.empty()) return std::nullopt;
  for (const FieldInfo& entry : table)
    if (same_words(entry.words, first, second)) return entry.field;
  for (const Synonym& synonym : synonyms)
    if (same_words(synonym.words, first, second)) return synonym.field;
  return std::nullopt;
}

bool is_header(std::string_view word) {
  if (word == "meta") return true;
  for (const FieldInfo& entry : table)
    if (entry.words.size() > word.size() && entry.words.starts_with(word) && entry.words[word.size()] == ' ')
      return true;
  return false;
}

std::vector<std::string_view> keys_of(std::string_view header) {
  std::vector<std::string_view> keys;
  for (const FieldInfo& entry : table) {
    const std::string_view words = entry.words;
    if (words.size() > header.size() && words.starts_with(header) && words[header.size()] == ' ')
      keys.push_back(words.substr(header.size() + 1));
    else if (header == "meta" && !words.empty() && words.find(' ') == std::string_view::npos)
      keys.push_back(words);
  }
  return keys;
}

}  // namespace fourtuple::nft
