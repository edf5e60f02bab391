#include "sim/netfilter/nft/rule_printer.h"

#include <algorithm>
#include <fmt/core.h>

namespace fourtuple::nft {
namespace {

Layer above(Layer layer) {
  return static_cast<Layer>(static_cast<int>(layer) + 1);
}

bool is_icmp(Protocol protocol) {
  return protocol == Protocol::icmp || protocol == Protocol::icmpv6;
}

// The protocol a test of the link layer's key is about.
Protocol tested_network(const Statement& test) {
  ProtocolContext context(TableFamily::netdev);
  context.learn(test.left[0].field, compared_value(test).value_or(Value()));
  return context.at(Layer::network);
}

}  // namespace

RulePrinter::RulePrinter(TableFamily family, const Table* table, const ObjectPrinting& objects)
    : family_(family), table_(table), objects_(objects), context_(family) {}

std::vector<trace::ListingPiece> RulePrinter::print(const Rule& rule) {
  const LoadedRule loaded(rule, family_);
  for (const LoadedRule::Step& step : loaded.steps()) add(step);
  std::vector<trace::ListingPiece> pieces;
  const auto append = [&](trace::ListingPiece piece) {
    const bool text = piece.kind == trace::ListingPiece::Kind::text;
    if (text && !pieces.empty() && pieces.back().kind == trace::ListingPiece::Kind::text)
      pieces.back().text += piece.text;
    else
      pieces.push_back(std::move(piece));
  };
  bool first = true;
  for (Printed& printed : printed_) {
    if (printed.dropped) continue;
    if (!first) append({trace::ListingPiece::Kind::text, " ", 0});
    first = false;
    for (trace::ListingPiece& piece : printed.pieces) append(std::move(piece));
  }
  return pieces;
}

void RulePrinter::add_text(const Statement& statement, std::string text) {
  printed_.push_back({{{trace::ListingPiece::Kind::text, std::move(text), 0}}, &statement, false});
}

void RulePrinter::add(const LoadedRule::Step& step) {
  const Statement& statement = *step.parts[0];
  if (statement.kind == StatementKind::match) return add_match(step);
  if (statement.kind == StatementKind::verdict_map) {
    const Expr left = simplified_key(statement.left[0], statement.right[0]);
    use(left);
    add_text(statement, print_selector(left, &context_) + " vmap " + print_set(left, statement.right[0], &context_));
    previous_.reset();
    return;
  }
  if (statement.kind == StatementKind::reject) {
    add_reject(statement);
  } else if (statement.kind == StatementKind::counter || statement.kind == StatementKind::quota ||
             statement.kind == StatementKind::limit || statement.kind == StatementKind::connection_limit) {
    use_operands(statement);
    add_stateful(statement);
  } else {
    use_operands(statement);
    add_text(statement, print_action(statement, &context_, family_, table_));
  }
  // Whatever has an effect keeps the tests before it.
  dependencies_ = {};
  icmp_type_.reset();
  previous_.reset();
}

void RulePrinter::add_match(const LoadedRule::Step& step) {
  if (step.parts.size() > 1 && add_joined_raw(step)) return;
  for (const Statement* part : step.parts) {
    const Statement& statement = *part;
    settle(statement);
    if (merge_with_previous(statement)) continue;
    add_text(statement, print_match(statement, &context_));
    previous_ = printed_.size() - 1;
    const auto layer = statement.left[0].kind == ExprKind::selector ? key_layer(statement.left[0].field) : std::nullopt;
    const bool key = layer && is_equality(statement.comparison) && compared(statement).kind == ExprKind::value;
    if (!key) continue;
    const Field field = statement.left[0].field;
    if (*layer == Layer::transport) {
      const std::uint64_t type = compared(statement).value.low;
      const bool echo = field == Field::icmp_type ? type == icmp_echo_request || type == icmp_echo_reply
                                                  : type == icmpv6_echo_request || type == icmpv6_echo_reply;
      icmp_type_ = static_cast<std::uint8_t>(type);
      if (echo) continue;
    }
    dependency(above(*layer)) = Dependency{printed_.size() - 1, &statement};
  }
}

// Ports of an unknown transport, joined: nft shows them as one raw field.
bool RulePrinter::add_joined_raw(const LoadedRule::Step& step) {
  std::uint32_t bits = 0;
  Value value;
  for (const Statement* part : step.parts) {
    const Expr& left = part->left[0];
    const bool raw = left.field == Field::raw_payload || left.field == Field::th_sport || left.field == Field::th_dport;
    if (!raw || resolved_field(left, &context_)) return false;
    const std::uint32_t width = width_of(left);
    value = Value(value.low << width | compared_value(*part).value_or(Value()).low);
    bits += width;
  }
  const Expr& first = step.parts[0]->left[0];
  constexpr std::string_view bases[] = {"ll", "nh", "th", "ih"};
  const bool raw = first.field == Field::raw_payload;
  const std::string_view base = raw ? bases[first.length & 3] : "th";
  const std::uint64_t offset = raw ? first.number : first.field == Field::th_sport ? 0 : 16;
  const std::string_view sign = step.parts[0]->comparison == Comparison::not_equal ? "!= " : "";
  add_text(*step.parts[0], fmt::format("@{},{},{} {}0x{:x}", base, offset, bits, sign, value.low));
  previous_ = printed_.size() - 1;
  return true;
}

// `>= a` and then `<= b` on the same kind of selector is a range to nft, whatever the two fields are.
bool RulePrinter::merge_with_previous(const Statement& statement) {
  if (!previous_ || printed_[*previous_].dropped) return false;
  const Statement& before = *printed_[*previous_].statement;
  const bool inside = before.comparison == Comparison::greater_equal && statement.comparison == Comparison::less_equal;
  const bool outside = before.comparison == Comparison::less && statement.comparison == Comparison::greater;
  if (!inside && !outside) return false;
  const auto kind = [](const Expr& left) {
    if (left.kind != ExprKind::selector) return -1 - static_cast<int>(left.kind);
    if (left.field >= Field::meta_length && left.field <= Field::meta_ibrvproto) return 1;
    if (left.field >= Field::ct_state && left.field <= Field::ct_reply_dport) return 2;
    return header_field(left.field) || left.field == Field::raw_payload ? 3 : 1000 + static_cast<int>(left.field);
  };
  if (kind(before.left[0]) != kind(statement.left[0])) return false;
  const Expr left = simplified(statement.left[0]);
  const ElementPart part = parts_of(left, &context_)[0];
  std::string text = print_selector(left, &context_) + (outside ? " != " : " ") +
                     print_number(part.type, before.right[0].value, part.bits) + "-" +
                     print_number(part.type, statement.right[0].value, part.bits);
  printed_.resize(*previous_);
  add_text(statement, std::move(text));
  previous_.reset();
  return true;
}

void RulePrinter::add_stateful(const Statement& statement) {
  const bool anonymous = statement.text.empty() && statement.left.empty();
  const bool counter = statement.kind == StatementKind::counter;
  if (!anonymous || !objects_.id || (!counter && statement.kind != StatementKind::quota))
    return add_text(statement, print_stateful(statement, objects_.numbers));
  using Kind = trace::ListingPiece::Kind;
  Printed printed{{}, &statement, false};
  printed.pieces.push_back({Kind::text, print_stateful(statement, Numbers::none) + (counter ? " " : ""), 0});
  printed.pieces.push_back({counter ? Kind::counter : Kind::quota_used, {}, objects_.id(statement)});
  printed_.push_back(std::move(printed));
}

void RulePrinter::add_reject(const Statement& statement) {
  const Protocol network = context_.at(Layer::network);
  if (one_family()) {
    if (statement.reject == RejectKind::tcp_reset) release(Layer::transport);
  } else {
    const bool any = statement.reject == RejectKind::icmpx ||
                     (statement.reject == RejectKind::none && network != Protocol::ip && network != Protocol::ip6);
    if (!any) release(Layer::network);
  }
  add_text(statement, print_reject(statement, family_, network));
}

// --- superfluous tests ---
std::optional<RulePrinter::Dependency>* RulePrinter::found(Layer layer) {
  if (layer == Layer::none) return nullptr;
  if (dependency(layer)) return &dependency(layer);
  if (layer == Layer::transport && dependency(Layer::inner)) return &dependency(Layer::inner);
  return nullptr;
}

void RulePrinter::release(Layer layer) {
  std::optional<Dependency>* stored = found(layer);
  if (stored == nullptr) return;
  printed_[(*stored)->at].dropped = true;
  if (previous_ == (*stored)->at) previous_.reset();
  stored->reset();
}

// What the comparison settles, and which earlier tests it makes superfluous.
void RulePrinter::settle(const Statement& statement) {
  const Expr& left = statement.left[0];
  const Expr& right = compared(statement);
  const bool plain = left.kind == ExprKind::selector;
  const auto value = is_equality(statement.comparison) ? compared_value(statement) : std::nullopt;
  const bool key = plain && key_layer(left.field).has_value();
  const Layer layer = key ? key_layer(left.field).value_or(Layer::none) : Layer::none;
  const bool header = plain && header_field(left.field).has_value();
  if (value && key) context_.learn(left.field, *value);
  if (key && header && layer == Layer::transport && right.kind == ExprKind::anonymous_set && !right.parts.empty()) {
    const Expr& first = right.parts[0].kind == ExprKind::element ? right.parts[0].parts[0] : right.parts[0];
    if (!context_.icmp_type) context_.learn(left.field, first.value);
  }
  if (plain && !header && value && key) {
    const std::optional<Dependency>* stored = found(layer);
    if (stored != nullptr && implied_by_key(**stored, statement)) release(layer);
  } else if (plain && value && left.field == Field::ct_protocol) {
    release(Layer::network);
  } else {
    use(simplified(left));
  }
}

void RulePrinter::use_operands(const Statement& statement) {
  const bool option = statement.kind == StatementKind::assign && statement.left[0].field == Field::tcp_option;
  if (!option)
    for (const Expr& expr : statement.left) use(expr);
  for (const Expr& expr : statement.right)
    if (expr.kind != ExprKind::anonymous_set) use(expr);
  for (const Expr& expr : statement.address) use(expr);
  if (!statement.port.empty()) dependencies_ = {};
  for (const Expr& expr : statement.port) use(expr);
}

void RulePrinter::use(const Expr& expr) {
  if (expr.kind == ExprKind::map) return use(simplified_key(expr.parts[0], expr.parts[1]));
  if (expr.kind == ExprKind::hash) {
    const Expr hash = simplified(expr);
    for (const Expr& part : hash.parts) use(part);
    return;
  }
  if (expr.kind != ExprKind::selector) {
    for (const Expr& part : expr.parts) use(part);
    return;
  }
  if (expr.field == Field::tcp_option) return release(Layer::transport);
  if (expr.field == Field::exthdr || expr.field == Field::ip_option) return release(Layer::network);
  if (expr.field == Field::arp_other) return release(Layer::network);
  if (expr.field == Field::vlan_other) return release(Layer::link);
  const auto resolved = resolved_field(expr, &context_);
  if (const auto header = header_field(resolved.value_or(expr.field))) use_header(expr, *header);
}

void RulePrinter::use_header(const Expr& selector, const HeaderField& header) {
  std::optional<Dependency>* stored = found(header.layer);
  if (stored != nullptr && implied_by(**stored, selector, header)) release(header.layer);
}

bool RulePrinter::implied_by(const Dependency& test, const Expr& selector, const HeaderField& header) const {
  const auto tested = header_field(test.test->left[0].field);  // nothing for tests of meta
  const Field field = resolved_field(selector, &context_).value_or(selector.field);
  if (!one_family()) {
    // `ip protocol tcp` restricts the family too, so it stays.
    if (tested && tested->layer == Layer::network && header.layer == Layer::transport) return false;
    if (tested && tested->layer == header.layer) {
      if (key_layer(field)) return false;
      if (header.layer == Layer::link) return false;
    }
  }
  if (header.layer != Layer::transport) return true;
  if (!tested || tested->layer != Layer::transport) return true;
  if (!is_icmp(tested->protocol)) return true;
  const auto type = icmp_type_of(field);
  return type && tested->protocol == header.protocol && icmp_type_ == type;
}

// Whether a test of meta makes an earlier one of the layer below superfluous.
bool RulePrinter::implied_by_key(const Dependency& test, const Statement& key) const {
  const Field field = test.test->left[0].field;
  // nft does not ask which protocol `ct l3proto` named.
  if (field != Field::meta_nfproto && field != Field::meta_protocol && field != Field::ether_type) return true;
  const Protocol network = tested_network(*test.test);
  if (family_ == TableFamily::ip) return network == Protocol::ip;
  if (family_ == TableFamily::ip6) return network == Protocol::ip6;
  if (key.left[0].field != Field::meta_l4proto) return true;
  ProtocolContext context(family_);
  context.learn(Field::meta_l4proto, compared_value(key).value_or(Value()));
  const Protocol transport = context.at(Layer::transport);
  return (transport == Protocol::icmp && network != Protocol::ip6) ||
         (transport == Protocol::icmpv6 && network != Protocol::ip);
}

}  // namespace fourtuple::nft
