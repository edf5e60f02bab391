// The selectors of the nft language (`tcp dport`, `ct state`, `meta iifname`): one table for the parser, the printer
// and the evaluation.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/netfilter/nft/types.h"

namespace fourtuple::nft {

enum class Field : std::uint8_t {
  none,
  // meta
  meta_length,
  meta_protocol,
  meta_nfproto,
  meta_l4proto,
  meta_mark,
  meta_priority,
  meta_iif,
  meta_iifname,
  meta_iiftype,
  meta_oif,
  meta_oifname,
  meta_oiftype,
  meta_skuid,
  meta_skgid,
  meta_pkttype,
  meta_cpu,
  meta_iifgroup,
  meta_oifgroup,
  meta_cgroup,
  meta_random,
  meta_nftrace,
  meta_rtclassid,
  meta_time,
  meta_day,
  meta_hour,
  meta_ibrname,
  meta_obrname,
  meta_secpath,  // printed `meta ipsec`
  meta_secmark,
  meta_sdif,
  meta_sdifname,
  meta_iifkind,
  meta_oifkind,
  meta_ibrpvid,
  meta_ibrvproto,
  // ct
  ct_state,
  ct_direction,
  ct_status,
  ct_mark,
  ct_expiration,
  ct_helper,
  ct_label,
  ct_l3proto,
  ct_protocol,
  ct_zone,
  ct_count,
  ct_packets,
  ct_bytes,
  ct_avgpkt,
  ct_id,
  ct_event,
  ct_secmark,
  ct_original_saddr,
  ct_original_daddr,
  ct_original_sport,
  ct_original_dport,
  ct_reply_saddr,
  ct_reply_daddr,
  ct_reply_sport,
  ct_reply_dport,
  // ip
  ip_version,
  ip_hdrlength,
  ip_dscp,
  ip_ecn,
  ip_length,
  ip_id,
  ip_frag_off,
  ip_ttl,
  ip_protocol,
  ip_checksum,
  ip_saddr,
  ip_daddr,
  // ip6
  ip6_version,
  ip6_dscp,
  ip6_ecn,
  ip6_flowlabel,
  ip6_length,
  ip6_nexthdr,
  ip6_hoplimit,
  ip6_saddr,
  ip6_daddr,
  // tcp, udp, th
  tcp_sport,
  tcp_dport,
  tcp_sequence,
  tcp_ackseq,
  tcp_doff,
  tcp_reserved,
  tcp_flags,
  tcp_window,
  tcp_checksum,
  tcp_urgptr,
  udp_sport,
  udp_dport,
  udp_length,
  udp_checksum,
  udplite_sport,
  udplite_dport,
  udplite_csumcov,
  udplite_checksum,
  sctp_sport,
  sctp_dport,
  sctp_vtag,
  sctp_checksum,
  dccp_sport,
  dccp_dport,
  dccp_type,
  th_sport,
  th_dport,
  // icmp, icmpv6
  icmp_type,
  icmp_code,
  icmp_checksum,
  icmp_id,
  icmp_sequence,
  icmp_gateway,
  icmp_mtu,
  icmpv6_type,
  icmpv6_code,
  icmpv6_checksum,
  icmpv6_parameter_problem,
  icmpv6_mtu,
  icmpv6_id,
  icmpv6_sequence,
  icmpv6_max_delay,
  igmp_type,
  igmp_checksum,
  igmp_mrt,
  igmp_group,
  ah_nexthdr,
  ah_hdrlength,
  ah_reserved,
  ah_spi,
  ah_sequence,
  esp_spi,
  esp_sequence,
  comp_nexthdr,
  comp_flags,
  comp_cpi,
  // with arguments: Expr::text as nft prints the whole selector ("fib daddr . iif type", "tcp option maxseg size")
  fib,
  socket,
  tcp_option,
  exthdr,
  ip_option,
  raw_payload,
  rt,
  ether_saddr,
  ether_daddr,
  ether_type,
  arp_other,
  vlan_other,
  osf,
  ipsec,
  sctp_chunk,
};

// What must hold for a packet to have the field at all; nft adds the test silently.
enum class Requires : std::uint8_t {
  nothing,
  ipv4,
  ipv6,
  tcp,
  udp,
  udplite,
  sctp,
  dccp,
  icmp,
  icmpv6,
  transport,
  conntrack,
  igmp,
  ah,
  esp,
  comp
};

struct FieldInfo {
  Field field;
  // As nft prints it: "ip saddr", "ct original proto-src"; meta keys that nft prints without `meta` keep only the key.
  // Empty for fields with arguments, whose text is Expr::text.
  std::string_view words;
  // invalid for the addresses and ports of ct (`ct original saddr`): their type comes from the words `ip` or `ip6` or
  // from the table's family; Expr::type holds it. Also for fields with arguments.
  Type type;
  std::uint16_t bits;
  Requires needs;
  bool simulated;  // the evaluation knows it; otherwise the parser warns
};

const FieldInfo& info(Field field);

// The field of a selector's words: ("ip", "saddr"), ("tcp", "dport"), ("ct", "state"), ("meta", "iif"), ("icmpv6",
// "param-problem"). A meta key stands alone where nft allows it: ("iifname"), ("mark"). After `original` or `reply`,
// which comes third ("ct", "saddr", "original"): the tuple's fields; for counts ("ct", "packets", "original") and keys
// that nft accepts with a direction, the plain field, whose Expr::text is then "original" or "reply".
std::optional<Field> field_named(std::string_view first, std::string_view second = {}, std::string_view direction = {});

// Whether `text` is a word that begins a selector with a second word: "meta", "ct", "ip", "tcp", "icmpv6" …
bool is_header(std::string_view word);
// The keys that may follow a header, for messages: "saddr", "daddr" … in the order of Field.
std::vector<std::string_view> keys_of(std::string_view header);

}  // namespace fourtuple::nft
