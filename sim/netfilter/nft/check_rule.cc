#include "sim/netfilter/nft/check_rule.h"

#include <algorithm>
#include <array>

#include "sim/netfilter/nft/parse_selector.h"

namespace fourtuple::nft {
namespace {

constexpr std::uint64_t icmp = 1, tcp = 6, icmpv6 = 58;

struct Transport {
  Requires needs;
  std::uint64_t number;
  std::string_view name;
};
constexpr Transport transports[] = {
    {Requires::tcp, tcp, "tcp"},          {Requires::udp, 17, "udp"},   {Requires::udplite, 136, "udplite"},
    {Requires::sctp, 132, "sctp"},        {Requires::dccp, 33, "dccp"}, {Requires::icmp, icmp, "icmp"},
    {Requires::icmpv6, icmpv6, "icmpv6"}, {Requires::igmp, 2, "igmp"},  {Requires::ah, 51, "ah"},
    {Requires::esp, 50, "esp"},           {Requires::comp, 108, "comp"}};

std::string transport_name(std::uint64_t number) {
  for (const Transport& transport : transports)
    if (transport.number == number) return std::string(transport.name);
  return "protocol " + std::to_string(number);
}

std::string_view network_name(TableFamily family) {
  return family == TableFamily::ip ? "ip" : family == TableFamily::ip6 ? "ip6" : "arp";
}

bool conflict(Parser& p, const Expr& expr, std::string_view known, std::string_view asked) {
  return p.fail(expr.span, "no packet is both " + std::string(known) + " and " + std::string(asked),
                "protocols that go together");
}

bool need_network(Parser& p, RuleProtocols& protocols, const Expr& expr, TableFamily network) {
  if (p.family == TableFamily::inet && network == TableFamily::arp) return conflict(p, expr, "inet", "arp");
  if (!protocols.network) protocols.network = network;
  return *protocols.network == network || conflict(p, expr, network_name(*protocols.network), network_name(network));
}

bool is_ct_port(Field field) {
  return field == Field::ct_original_sport || field == Field::ct_original_dport || field == Field::ct_reply_sport ||
         field == Field::ct_reply_dport;
}

// A selector: the protocols it needs.
bool check_selector(Parser& p, RuleProtocols& protocols, const Expr& expr) {
  const Requires needs = info(expr.field).needs;
  if (expr.field == Field::arp_other) return need_network(p, protocols, expr, TableFamily::arp);
  if (is_ct_port(expr.field)) return check_port(p, protocols, expr);
  const bool ct_address = needs == Requires::conntrack && !expr.text.empty();
  if ((ct_address || expr.field == Field::rt) && (expr.text == "ip" || expr.text.starts_with("rt ip ")))
    return need_network(p, protocols, expr, TableFamily::ip);
  if ((ct_address || expr.field == Field::rt) && (expr.text == "ip6" || expr.text.starts_with("rt ip6 ")))
    return need_network(p, protocols, expr, TableFamily::ip6);
  if (needs == Requires::ipv4) return need_network(p, protocols, expr, TableFamily::ip);
  if (needs == Requires::ipv6) return need_network(p, protocols, expr, TableFamily::ip6);
  const auto* entry = std::find_if(std::begin(transports), std::end(transports),
                                   [&](const Transport& transport) { return transport.needs == needs; });
  if (entry == std::end(transports)) return true;
  if (protocols.transport && *protocols.transport != entry->number)
    return conflict(p, expr, transport_name(*protocols.transport), entry->name);
  if (protocols.some_transport)
    return p.fail(expr.span, "the packet may be of several protocols here",
                  "a match of " + std::string(entry->name) + " alone, or th for ports");
  protocols.transport = entry->number;
  if (!protocols.network && (entry->number == icmp || entry->number == icmpv6))
    protocols.network = entry->number == icmp ? TableFamily::ip : TableFamily::ip6;
  return true;
}

// `meta l4proto tcp` and the like tell the rest of the rule what the packet is.
void learn(RuleProtocols& protocols, const Statement& statement) {
  const Expr& left = statement.left[0];
  const bool equal = statement.comparison == Comparison::implicit || statement.comparison == Comparison::equal;
  if (left.kind != ExprKind::selector || !equal || statement.right.empty()) return;
  const Expr& right = statement.right[0];
  const bool one = right.kind == ExprKind::value;
  switch (left.field) {
    case Field::meta_l4proto:
    case Field::ip_protocol:
    case Field::ip6_nexthdr:
      if (one)
        protocols.transport = right.value.low;
      else
        protocols.some_transport = true;
      break;
    case Field::meta_nfproto:
    case Field::ct_l3proto:
      if (one) protocols.network = right.value.low == 2 ? TableFamily::ip : TableFamily::ip6;
      break;
    default:
      break;
  }
}

// Nothing after it runs.
bool ends_rule(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::verdict:
      return statement.verdict.kind != VerdictKind::continue_ && statement.text.empty();
    case StatementKind::reject:
    case StatementKind::nat:
    case StatementKind::queue:
    case StatementKind::fwd:
      return true;
    default:
      return false;
  }
}

bool is_known(const Expr& selector) {
  if (selector.field == Field::rt) return selector.text != "rt classid" && selector.text != "rt ipsec";
  if (selector.field == Field::tcp_option)
    return selector.text.find('@') == std::string::npos && !selector.text.ends_with(" length");
  if (selector.field == Field::raw_payload) return selector.length != 0;  // frames are not simulated
  return info(selector.field).simulated;
}

bool can_be_set(const Expr& target) {
  switch (target.field) {
    case Field::meta_mark:
    case Field::meta_priority:
    case Field::meta_nftrace:
    case Field::ct_mark:
    case Field::ip_ttl:
    case Field::ip_id:
    case Field::ip_dscp:
    case Field::ip_ecn:
    case Field::ip_saddr:
    case Field::ip_daddr:
    case Field::ip6_hoplimit:
    case Field::ip6_dscp:
    case Field::ip6_ecn:
    case Field::ip6_saddr:
    case Field::ip6_daddr:
    case Field::tcp_sport:
    case Field::tcp_dport:
    case Field::tcp_sequence:
    case Field::tcp_ackseq:
    case Field::tcp_flags:
    case Field::tcp_window:
    case Field::udp_sport:
    case Field::udp_dport:
    case Field::th_sport:
    case Field::th_dport:
    case Field::icmp_id:
    case Field::icmp_sequence:
    case Field::icmpv6_id:
    case Field::icmpv6_sequence:
      return true;
    case Field::tcp_option:
      return target.text == "tcp option maxseg size";
    default:
      return false;
  }
}

// The first part the evaluation does not know, as nft prints it; empty when it knows all.
std::string unknown_part(const Expr& expr) {
  if (expr.kind == ExprKind::selector && !is_known(expr))
    return expr.text.empty() || !info(expr.field).words.empty() ? std::string(info(expr.field).words) : expr.text;
  if (expr.kind == ExprKind::anonymous_set) return {};
  for (const Expr& part : expr.parts)
    if (std::string name = unknown_part(part); !name.empty()) return name;
  return {};
}

std::string unknown_statement(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::tproxy:
      return "tproxy";
    case StatementKind::queue:
      return "queue";
    case StatementKind::dup:
      return "dup";
    case StatementKind::fwd:
      return "fwd";
    case StatementKind::flow_offload:
      return "flow add";
    case StatementKind::object:
      return statement.what == "synproxy" && statement.left.empty() ? "" : statement.what;
    case StatementKind::verdict:
      return statement.text.empty() ? "" : "a chain in braces";
    case StatementKind::assign: {
      const Expr& target = statement.left[0];
      if (!statement.right.empty() && can_be_set(target)) return {};
      const std::string name = target.text.empty() ? std::string(info(target.field).words) : target.text;
      return statement.right.empty() ? "reset " + name : "setting " + name;
    }
    case StatementKind::counter:
    case StatementKind::quota:
    case StatementKind::limit:
      return statement.left.empty() ? "" : "an object chosen by a map";
    default:
      return {};
  }
}

}  // namespace

RuleProtocols::RuleProtocols(TableFamily family) {
  if (family == TableFamily::ip || family == TableFamily::ip6 || family == TableFamily::arp) network = family;
}

bool check_selectors(Parser& p, RuleProtocols& protocols, const Expr& expr) {
  if (expr.kind == ExprKind::selector) return check_selector(p, protocols, expr);
  if (expr.kind == ExprKind::anonymous_set) return true;
  if (expr.kind == ExprKind::concatenation)
    for (const Expr& part : expr.parts)
      if (is_ct_port(part.field)) return p.fail(part.span, "this port cannot be part of a concatenation");
  return std::all_of(expr.parts.begin(), expr.parts.end(),
                     [&](const Expr& part) { return check_selectors(p, protocols, part); });
}

bool check_statement(Parser& p, RuleProtocols& protocols, const Statement& statement) {
  if (protocols.ended)
    return p.fail(statement.span, "this is never reached: the rule ends before it", "a rule of its own for it");
  const bool inet = p.family == TableFamily::inet || p.family == TableFamily::bridge || p.family == TableFamily::netdev;
  if (statement.kind == StatementKind::match && !inet && statement.left[0].field == Field::meta_nfproto)
    return p.fail(statement.left[0].span, "meta nfproto says nothing in a table of one family", "a table inet");
  for (const auto* expressions : {&statement.left, &statement.address, &statement.port, &statement.right})
    for (const Expr& expr : *expressions)
      if (!check_selectors(p, protocols, expr)) return false;
  if (statement.kind == StatementKind::match) learn(protocols, statement);
  if (ends_rule(statement)) protocols.ended = true;
  return true;
}

bool check_port(Parser& p, const RuleProtocols& protocols, const Expr& port) {
  return protocols.transport || protocols.some_transport ||
         p.fail(port.span, "a port needs a transport protocol",
                "a match such as 'meta l4proto tcp' or 'tcp dport' before it");
}

bool find_nat_family(Parser& p, const RuleProtocols& protocols, Span where, std::optional<TableFamily> given,
                     TableFamily& family) {
  const std::optional<TableFamily> known = given ? given : protocols.network;
  if (!known) return p.fail(where, "the address family is not known here", "ip or ip6 before 'to'");
  family = *known;
  const bool one_family = p.family == TableFamily::ip || p.family == TableFamily::ip6;
  if (family != TableFamily::arp && (!one_family || family == p.family)) return true;
  return p.fail(where, "a table " + std::string(network_name(p.family)) + " has no packets of " +
                           std::string(network_name(family)));
}

bool check_reject(Parser& p, const RuleProtocols& protocols, const Statement& statement) {
  const bool one_family = p.family == TableFamily::ip || p.family == TableFamily::ip6;
  const auto network_conflict = [&](TableFamily asked) {
    if (!protocols.network || *protocols.network == asked) return true;
    return p.fail(statement.span,
                  "no packet is both " + std::string(network_name(*protocols.network)) + " and " +
                      std::string(network_name(asked)),
                  asked == TableFamily::ip ? "reject with icmpv6" : "reject with icmp");
  };
  switch (statement.reject) {
    case RejectKind::icmp:
      return network_conflict(TableFamily::ip);
    case RejectKind::icmpv6:
      return network_conflict(TableFamily::ip6);
    case RejectKind::icmpx:
      return !one_family || p.fail(statement.span, "icmpx is for tables that see both IP versions",
                                   p.family == TableFamily::ip ? "reject with icmp" : "reject with icmpv6");
    case RejectKind::tcp_reset:
      if (protocols.some_transport) return p.fail(statement.span, "tcp reset answers TCP only", "a match of tcp alone");
      return !protocols.transport || *protocols.transport == tcp ||
             p.fail(statement.span, "tcp reset answers TCP only, and this is " + transport_name(*protocols.transport));
    case RejectKind::none:
      break;
  }
  return true;
}

void note_not_simulated(Parser& p, Statement& statement) {
  std::string what = unknown_statement(statement);
  for (const auto* expressions : {&statement.left, &statement.right, &statement.address, &statement.port})
    for (const Expr& expr : *expressions)
      if (what.empty()) what = unknown_part(expr);
  if (what.empty()) return;
  statement.not_simulated = what + " is not simulated";
  p.warn(statement.span, statement.not_simulated + ": this part of the rule has no effect");
}

}  // namespace fourtuple::nft
