// snat, dnat, masquerade, redirect; and tproxy, dup, fwd, which the simulator does not run.
#include "sim/netfilter/nft/parse_expression.h"
#include "sim/netfilter/nft/parse_statement.h"
#include "sim/netfilter/nft/resolve.h"

namespace fourtuple::nft {
namespace {

constexpr Want port_want[] = {{Type::inet_service, 0}};

Type address_type(TableFamily family) {
  return family == TableFamily::ip6 ? Type::ipv6_addr : Type::ipv4_addr;
}

bool parse_nat_flags(Parser& p, std::uint8_t& flags) {
  struct Flag {
    std::string_view word;
    std::uint8_t flag;
  };
  constexpr Flag known[] = {
      {"random", NatFlag::random}, {"fully-random", NatFlag::fully_random}, {"persistent", NatFlag::persistent}};
  constexpr std::string_view words[] = {"random", "fully-random", "persistent"};
  bool more = false;
  for (;;) {
    bool taken = false;
    for (const Flag& flag : known) {
      if (!p.take_word(flag.word)) continue;
      flags |= flag.flag;
      taken = true;
      break;
    }
    if (!taken) return !more || p.unexpected("random, fully-random or persistent", words);
    more = p.take_if(TokenKind::comma);
    if (!more) return true;
  }
}

bool parse_port(Parser& p, Statement& statement, RuleProtocols& protocols) {
  Expr& port = statement.port.emplace_back();
  return parse_statement_value(p, port) && check_selectors(p, protocols, port) && check_port(p, protocols, port) &&
         resolve(p, port, port_want);
}

// ip or ip6, as far as given: the word may also begin an address taken from the packet.
void parse_family_word(Parser& p, Statement& statement) {
  const std::string_view next = p.ahead(1).kind == TokenKind::word ? p.ahead(1).text : std::string_view();
  if (next != "to" && next != "addr" && next != "interval" && next != "prefix") return;
  if (p.take_word("ip"))
    statement.nat_family = TableFamily::ip;
  else if (p.take_word("ip6"))
    statement.nat_family = TableFamily::ip6;
}

bool has_port(const Expr& address) {
  if (address.kind != ExprKind::map) return false;
  const auto& elements = address.parts[1].parts;
  return !elements.empty() && elements[0].parts.size() == 2 && elements[0].parts[1].kind == ExprKind::concatenation;
}

bool parse_address(Parser& p, Statement& statement, RuleProtocols& protocols, Span head) {
  Expr& address = statement.address.emplace_back();
  TableFamily family = TableFamily::ip;
  if (!parse_statement_value(p, address)) return false;
  if (!find_nat_family(p, protocols, head, statement.nat_family, family)) return false;
  if (!check_selectors(p, protocols, address)) return false;
  if (!statement.nat_family && family != p.family) statement.nat_family = family;
  if (has_port(address) && !check_port(p, protocols, address)) return false;
  return resolve_address(p, address, address_type(family));
}

// dnat [ip|ip6] [addr . port|interval|prefix] [to] address[:port] | :port, then flags.
bool parse_translation(Parser& p, Statement& statement, RuleProtocols& protocols, Span head) {
  parse_family_word(p, statement);
  bool need_to = statement.nat_family.has_value();
  if (p.is_word("addr")) {
    p.take();
    if (!p.need(TokenKind::dot, "'. port'") || !p.need_word("port")) return false;
    need_to = true;
  } else if (p.take_word("interval")) {
    need_to = true;
  } else if (p.take_word("prefix")) {
    statement.nat_flags |= NatFlag::netmap_prefix;
    need_to = true;
  }
  if (!p.take_word("to") && need_to) return p.need_word("to");
  if ((need_to || !p.is(TokenKind::colon)) && !parse_address(p, statement, protocols, head)) return false;
  if (p.take_if(TokenKind::colon) && !parse_port(p, statement, protocols)) return false;
  // Of several groups of flags the last one counts, and `prefix` is one of them.
  for (std::uint8_t flags = 0; parse_nat_flags(p, flags); flags = 0) {
    if (flags == 0) return true;
    statement.nat_flags = flags;
  }
  return false;
}

// masquerade [to :ports] [flags], redirect [to [:]ports] [flags].
bool parse_own_address(Parser& p, Statement& statement, RuleProtocols& protocols) {
  if (p.take_word("to")) {
    const bool colon = p.take_if(TokenKind::colon);
    if (!colon && statement.nat == NatKind::masquerade) return p.unexpected("':' and a port");
    if (!parse_port(p, statement, protocols)) return false;
  }
  return parse_nat_flags(p, statement.nat_flags);
}

bool parse_tproxy(Parser& p, Statement& statement, RuleProtocols& protocols, Span head) {
  parse_family_word(p, statement);
  if (!p.need_word("to")) return false;
  TableFamily family = TableFamily::ip;
  if (statement.nat_family && !find_nat_family(p, protocols, head, statement.nat_family, family)) return false;
  if (!protocols.transport && !protocols.some_transport)
    return p.fail(head, "tproxy needs a transport protocol", "a match such as 'meta l4proto tcp' before it");
  if (!p.is(TokenKind::colon) && !parse_address(p, statement, protocols, head)) return false;
  return !p.take_if(TokenKind::colon) || parse_port(p, statement, protocols);
}

// dup to ADDRESS [device NAME]; in netdev tables dup to NAME. fwd to NAME, fwd ip to ADDRESS device NAME.
bool parse_copy(Parser& p, Statement& statement, Span head) {
  const bool netdev = p.family == TableFamily::netdev;
  if (statement.kind == StatementKind::fwd && !netdev) return p.fail(head, "fwd is for tables netdev only");
  if (!netdev && p.family != TableFamily::ip && p.family != TableFamily::ip6)
    return p.fail(head, "dup is for tables ip, ip6 and netdev only");
  parse_family_word(p, statement);
  if (!p.need_word("to")) return false;
  const Want device[] = {{Type::iface_index, 32}};
  const bool to_device = netdev && !statement.nat_family;
  const TableFamily family = statement.nat_family.value_or(p.family);
  Expr& target = statement.left.emplace_back();
  if (!parse_statement_value(p, target)) return false;
  const Want address[] = {{address_type(family), 0}};
  if (!resolve(p, target, to_device ? std::span<const Want>(device) : std::span<const Want>(address))) return false;
  if (!p.take_word("device")) return true;
  Expr& name = statement.right.emplace_back();
  return parse_statement_value(p, name) && resolve(p, name, device);
}

}  // namespace

bool begins_nat(const Parser& p) {
  for (const std::string_view word : {"snat", "dnat", "masquerade", "redirect", "tproxy", "dup", "fwd"})
    if (p.is_word(word)) return true;
  return false;
}

bool parse_nat(Parser& p, Statement& statement, RuleProtocols& protocols) {
  const Token head = p.take();
  const Span at{head.begin, head.end};
  if (head.text == "tproxy") {
    statement.kind = StatementKind::tproxy;
    return parse_tproxy(p, statement, protocols, at);
  }
  if (head.text == "dup" || head.text == "fwd") {
    statement.kind = head.text == "dup" ? StatementKind::dup : StatementKind::fwd;
    return parse_copy(p, statement, at);
  }
  statement.kind = StatementKind::nat;
  if (head.text == "masquerade" || head.text == "redirect") {
    statement.nat = head.text == "redirect" ? NatKind::redirect : NatKind::masquerade;
    return parse_own_address(p, statement, protocols);
  }
  statement.nat = head.text == "snat" ? NatKind::snat : NatKind::dnat;
  return parse_translation(p, statement, protocols, at);
}

}  // namespace fourtuple::nft
