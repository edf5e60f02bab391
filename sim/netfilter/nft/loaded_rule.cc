#include "sim/netfilter/nft/loaded_rule.h"

#include <algorithm>

namespace fourtuple::nft {
namespace {

constexpr std::uint64_t ether_type_ip = 0x0800, ether_type_arp = 0x0806, ether_type_ip6 = 0x86dd;
constexpr std::uint64_t nfproto_ipv4 = 2, nfproto_ipv6 = 10;
constexpr std::uint32_t most_joined_bits = 32;

const Expr& key_of(const Expr& element) {
  return element.kind == ExprKind::element ? element.parts[0] : element;
}

// Where a comparison that may be joined with its neighbours reads.
std::optional<HeaderField> joinable(const Statement& statement) {
  if (statement.kind != StatementKind::match || statement.left.size() != 1) return std::nullopt;
  if (!is_equality(statement.comparison) && statement.comparison != Comparison::not_equal) return std::nullopt;
  const Expr& left = statement.left[0];
  if (left.kind != ExprKind::selector || !compared_value(statement)) return std::nullopt;
  std::optional<HeaderField> header = header_field(left.field);
  if (left.field == Field::raw_payload) {
    constexpr Layer bases[] = {Layer::link, Layer::network, Layer::transport, Layer::inner};
    header = {bases[left.length & 3], Protocol::none, static_cast<std::uint16_t>(left.number),
              static_cast<std::uint16_t>(left.number2)};
  }
  if (!header || header->offset % 8 != 0 || header->bits % 8 != 0) return std::nullopt;
  return header;
}

}  // namespace

bool is_equality(Comparison comparison) {
  return comparison == Comparison::implicit || comparison == Comparison::equal;
}

const Expr& compared(const Statement& statement) {
  const Expr& right = statement.right[0];
  if (right.kind != ExprKind::anonymous_set || right.parts.size() != 1) return right;
  const Expr& key = key_of(right.parts[0]);
  const bool plain = key.kind != ExprKind::concatenation && key.kind != ExprKind::wildcard;
  return plain ? key : right;
}

std::optional<Value> compared_value(const Statement& statement) {
  if (statement.right.size() != 1) return std::nullopt;
  const Expr& right = compared(statement);
  if (right.kind == ExprKind::value) return right.value;
  if (right.kind != ExprKind::list) return std::nullopt;
  Value sum;
  for (const Expr& part : right.parts) sum = sum | part.value;
  return sum;
}

std::uint8_t protocol_number(Protocol protocol) {
  switch (protocol) {
    case Protocol::icmp:
      return 1;
    case Protocol::igmp:
      return 2;
    case Protocol::tcp:
      return 6;
    case Protocol::udp:
      return 17;
    case Protocol::dccp:
      return 33;
    case Protocol::esp:
      return 50;
    case Protocol::ah:
      return 51;
    case Protocol::icmpv6:
      return 58;
    case Protocol::comp:
      return 108;
    case Protocol::sctp:
      return 132;
    case Protocol::udplite:
      return 136;
    default:
      return 0;
  }
}

LoadedRule::LoadedRule(const Rule& rule, TableFamily family) : family_(family), context_(family) {
  for (const Statement& statement : rule.statements) {
    need(statement);
    steps_.push_back({{&statement}, false});
    learn(statement);
  }
  steps_.insert(steps_.begin(), std::make_move_iterator(head_.begin()), std::make_move_iterator(head_.end()));
  head_.clear();
  join_neighbours();
}

const Statement* LoadedRule::test(Field field, std::uint64_t value) {
  Statement& statement = made_.emplace_back();
  statement.kind = StatementKind::match;
  Expr& left = statement.left.emplace_back();
  left.kind = ExprKind::selector;
  left.field = field;
  left.type = info(field).type;
  Expr& right = statement.right.emplace_back();
  right.type = left.type;
  right.value = value;
  context_.learn(field, value);
  return &statement;
}

void LoadedRule::need(const Statement& statement) {
  if (statement.kind == StatementKind::reject) return need_for_reject(statement);
  const bool target_only =
      statement.kind == StatementKind::assign && !statement.left.empty() && !header_field(statement.left[0].field);
  if (!target_only)
    for (const Expr& expr : statement.left) need(expr);
  for (const Expr& expr : statement.right)
    if (expr.kind != ExprKind::anonymous_set) need(expr);
  for (const Expr& expr : statement.address) need(expr);
  for (const Expr& expr : statement.port) need(expr);
}

void LoadedRule::need(const Expr& expr) {
  if (expr.kind == ExprKind::map) return need(expr.parts[0]);
  if (expr.kind != ExprKind::selector) {
    for (const Expr& part : expr.parts) need(part);
    return;
  }
  if (const auto header = header_field(expr.field)) {
    need_header(*header);
    if (const auto type = icmp_type_of(expr.field); type && !context_.icmp_type) need_icmp_type(expr.field, *type);
  } else if (expr.field == Field::exthdr || expr.field == Field::ip_option) {
    need_for_extension(expr.field == Field::exthdr ? Protocol::ip6 : Protocol::ip);
  } else if (expr.field == Field::arp_other) {
    need_network(Protocol::arp);
  }
}

void LoadedRule::need_header(const HeaderField& header) {
  if (header.layer == Layer::network) return need_network(header.protocol);
  if (header.layer == Layer::transport) return need_transport(header.protocol);
  if (context_.at(Layer::link) == Protocol::ether) return;
  imply(test(Field::meta_iiftype, 1));
}

void LoadedRule::need_network(Protocol protocol) {
  if (context_.at(Layer::network) != Protocol::none) return;
  if (family_ == TableFamily::inet && context_.at(Layer::link) == Protocol::inet) {
    if (protocol != Protocol::arp)
      imply(test(Field::meta_nfproto, protocol == Protocol::ip ? nfproto_ipv4 : nfproto_ipv6));
    return;
  }
  const std::uint64_t type = protocol == Protocol::ip    ? ether_type_ip
                             : protocol == Protocol::ip6 ? ether_type_ip6
                                                         : ether_type_arp;
  const bool by_frame = family_ != TableFamily::bridge && context_.at(Layer::link) == Protocol::ether;
  imply(test(by_frame ? Field::ether_type : Field::meta_protocol, type));
}

// Extension headers and options put their test first in the rule. (tcp option needs none: the kernel looks itself.)
void LoadedRule::need_for_extension(Protocol protocol) {
  if (context_.at(Layer::network) != Protocol::none) return;
  const bool v4 = protocol == Protocol::ip;
  const Field field = family_ == TableFamily::inet     ? Field::meta_nfproto
                      : family_ == TableFamily::bridge ? Field::ether_type
                                                       : Field::meta_protocol;
  const std::uint64_t value =
      field == Field::meta_nfproto ? (v4 ? nfproto_ipv4 : nfproto_ipv6) : (v4 ? ether_type_ip : ether_type_ip6);
  head_.insert(head_.begin(), {{test(field, value)}, true});
}

void LoadedRule::need_transport(Protocol protocol) {
  if (protocol == Protocol::transport || context_.at(Layer::transport) != Protocol::none) return;
  if (protocol == Protocol::icmp || protocol == Protocol::igmp) need_network(Protocol::ip);
  if (protocol == Protocol::icmpv6) need_network(Protocol::ip6);
  imply(test(Field::meta_l4proto, protocol_number(protocol)));
}

void LoadedRule::need_icmp_type(Field field, std::uint8_t type) {
  const bool v6 = header_field(field)->protocol == Protocol::icmpv6;
  const Statement* made = test(v6 ? Field::icmpv6_type : Field::icmp_type, type);
  imply(made);
  const std::uint8_t reply = v6 ? icmpv6_echo_reply : icmp_echo_reply;
  if (type != (v6 ? icmpv6_echo_request : icmp_echo_request)) return;
  Expr& right = made_.back().right[0];  // request or reply
  Expr request = right, other = right;
  other.value = reply;
  right.kind = ExprKind::anonymous_set;
  right.parts = {std::move(request), std::move(other)};
}

void LoadedRule::need_for_reject(const Statement& statement) {
  const bool v4 = statement.reject == RejectKind::icmp;
  if (statement.reject == RejectKind::tcp_reset) {
    if (context_.at(Layer::transport) == Protocol::none)
      head_.insert(head_.begin(), {{test(Field::meta_l4proto, protocol_number(Protocol::tcp))}, true});
  } else if (v4 || statement.reject == RejectKind::icmpv6) {
    if (context_.at(Layer::network) != Protocol::none) return;
    const Statement* made = family_ == TableFamily::inet
                                ? test(Field::meta_nfproto, v4 ? nfproto_ipv4 : nfproto_ipv6)
                                : test(Field::meta_protocol, v4 ? ether_type_ip : ether_type_ip6);
    head_.insert(head_.begin(), {{made}, true});
  }
}

void LoadedRule::learn(const Statement& statement) {
  if (statement.kind != StatementKind::match || !is_equality(statement.comparison)) return;
  const Expr& left = statement.left[0];
  if (left.kind != ExprKind::selector || !key_layer(left.field)) return;
  const Expr& right = statement.right[0];
  if (right.kind == ExprKind::value) context_.learn(left.field, right.value);
  if (right.kind != ExprKind::anonymous_set) return;
  for (const Expr& part : right.parts)
    if (key_of(part).kind == ExprKind::value) context_.learn(left.field, key_of(part).value);
}

// In a joined comparison "any of these flags" becomes "exactly these".
const Statement* LoadedRule::as_number(const Statement& statement) {
  if (!info(statement.left[0].type).flags || statement.comparison != Comparison::implicit) return &statement;
  Statement& changed = made_.emplace_back(statement);
  changed.comparison = Comparison::equal;
  return &changed;
}

void LoadedRule::join_neighbours() {
  // In tables of one family a test of that family is left out, unless it ends the rule.
  const std::uint64_t own = family_ == TableFamily::ip    ? ether_type_ip
                            : family_ == TableFamily::ip6 ? ether_type_ip6
                                                          : 0;
  for (std::size_t i = 0; own != 0 && i + 1 < steps_.size(); ++i) {
    const Statement& statement = *steps_[i].parts[0];
    if (statement.kind != StatementKind::match || statement.left[0].field != Field::meta_protocol) continue;
    if (statement.left[0].kind != ExprKind::selector || !is_equality(statement.comparison)) continue;
    if (compared_value(statement) == Value(own)) steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(i--));
  }

  // Before a statement with an effect nft joins what it has collected if there are two or more; a single comparison
  // stays collected, and may be joined with one behind that statement.
  std::vector<Candidate> collected;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Statement& statement = *steps_[i].parts[0];
    if (const auto header = joinable(statement)) collected.push_back({i, *header});
    if (statement.kind == StatementKind::match || collected.size() < 2) continue;
    join(collected);
    collected.clear();
  }
  join(collected);
  std::erase_if(steps_, [](const Step& step) { return step.parts.empty(); });
}

void LoadedRule::join(std::vector<Candidate>& candidates) {
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.header.layer != b.header.layer ? a.header.layer < b.header.layer : a.header.offset < b.header.offset;
  });
  std::size_t last = 0;  // candidate that the following ones are joined to
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    Candidate& a = candidates[last];
    const Candidate& b = candidates[i];
    Step& first = steps_[a.step];
    Step& second = steps_[b.step];
    const bool adjacent = a.header.layer == b.header.layer && a.header.offset + a.header.bits == b.header.offset;
    const bool same =
        (first.parts[0]->comparison == Comparison::not_equal) == (second.parts[0]->comparison == Comparison::not_equal);
    if (!adjacent || !same || a.header.bits + b.header.bits > most_joined_bits) {
      last = i;
      continue;
    }
    std::vector<const Statement*> parts = std::move(first.parts);
    parts.push_back(second.parts[0]);
    for (const Statement*& part : parts) part = as_number(*part);
    a.header.bits = static_cast<std::uint16_t>(a.header.bits + b.header.bits);
    // The comparison that settles a protocol keeps its place; otherwise the one of the lower offset does.
    const bool second_stays = key_layer(second.parts[0]->left[0].field).has_value();
    (second_stays ? first : second).parts.clear();
    (second_stays ? second : first).parts = std::move(parts);
    if (second_stays) a.step = b.step;
  }
}

}  // namespace fourtuple::nft
