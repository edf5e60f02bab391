// Statements that are no comparisons.
#include <algorithm>

#include "sim/netfilter/rules/compiler.h"
#include "sim/netfilter/rules/objects.h"

namespace fourtuple::netfilter {

using nft::Expr;
using nft::ExprKind;
using nft::RejectKind;
using nft::Requires;
using nft::Statement;
using nft::StatementKind;
using nft::TableFamily;

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000, millisecond_ns = 1'000'000;
constexpr std::uint64_t default_packet_burst = 5;
constexpr std::uint32_t default_dynamic_size = 65535;

const nft::Object* object_named(const nft::Table& table, nft::ObjectKind kind, std::string_view name) {
  for (const nft::Object& object : table.objects)
    if (object.kind == kind && object.name == name) return &object;
  return nullptr;
}

// Of a statement with an object of its own.
std::optional<trace::NetfilterObjectKind> object_kind(StatementKind kind) {
  switch (kind) {
    case StatementKind::counter:
      return trace::NetfilterObjectKind::counter;
    case StatementKind::quota:
      return trace::NetfilterObjectKind::quota;
    case StatementKind::limit:
      return trace::NetfilterObjectKind::limit;
    case StatementKind::connection_limit:
      return trace::NetfilterObjectKind::connection_limit;
    default:
      return std::nullopt;
  }
}

std::uint8_t family_number(TableFamily family) {
  return family == TableFamily::ip ? 4 : family == TableFamily::ip6 ? 6 : 0;
}

}  // namespace

// nft_limit's bucket: what a packet or byte costs and how much the bucket holds, both in nanoseconds.
std::uint32_t Compiler::add_limit(const nft::Rate& rate) {
  LimitCode code;
  code.period_ns = std::max<std::uint64_t>(rate.period_s, 1) * second_ns;
  code.amount = std::max<std::uint64_t>(rate.amount, 1);
  code.bytes = rate.unit == nft::RateUnit::bytes;
  code.over = rate.over;
  std::uint64_t burst = rate.burst;
  if (!code.bytes && burst == 0) burst = default_packet_burst;
  code.most_tokens = code.period_ns / code.amount * burst;
  // Bytes: the period's own share comes on top, and what the division leaves over counts.
  if (code.bytes) code.most_tokens += code.period_ns + code.period_ns % code.amount * burst / code.amount;
  program_.limits.push_back(code);
  return static_cast<std::uint32_t>(program_.limits.size() - 1);
}

// The op of a counter, quota, limit or ct count, without its object.
Op Compiler::object_op(const Statement& statement) {
  Op op;
  switch (statement.kind) {
    case StatementKind::counter:
      op.kind = OpKind::counter;
      op.mask = statement.packets;
      op.value = statement.bytes;
      break;
    case StatementKind::quota:
      op.kind = OpKind::quota;
      op.value = statement.amount;
      op.mask = statement.bytes;
      op.negate = statement.over;
      break;
    case StatementKind::limit:
      op.kind = OpKind::limit;
      op.b = add_limit(statement.rate);
      break;
    case StatementKind::connection_limit:
      op.kind = OpKind::connection_limit;
      op.value = statement.amount;
      op.negate = statement.over;
      break;
    default:
      op = skipped(statement);
  }
  return op;
}

Op Compiler::object_statement(const Statement& statement, std::uint32_t number) {
  const auto kind = *object_kind(statement.kind);
  if (!statement.text.empty()) {
    constexpr nft::ObjectKind kinds[] = {nft::ObjectKind::counter, nft::ObjectKind::quota, nft::ObjectKind::limit};
    if (kind == trace::NetfilterObjectKind::connection_limit) return skipped(statement);
    const nft::Object* object = object_named(*table_, kinds[static_cast<std::size_t>(kind)], statement.text);
    if (object == nullptr) return skipped(statement);
    Op op = object_op(object->value);
    op.a = out_.named_objects.at(object);
    return op;
  }
  if (!statement.left.empty()) return skipped(statement);  // a map chooses the object
  Op op = object_op(statement);
  bool fresh = false;
  op.a = object_id({serial_, rule_handle_, number}, kind, {}, fresh);
  out_.statement_objects.emplace(&statement, op.a);
  if (fresh) out_.first_values.push_back(initial_value(program_, op, op.a, options_.now));
  return op;
}

Op Compiler::assign(const Statement& statement) {
  if (statement.left.empty() || statement.right.empty()) return skipped(statement);
  auto term = selector_term(statement.left[0]);
  // Without TCP there is no option to set: the rule ends.
  if (term && term->kind == TermKind::tcp_option) term->needs = Requires::tcp;
  if (!term || (term->kind != TermKind::field && term->kind != TermKind::tcp_option)) return skipped(statement);
  const auto value = add_term(statement.right[0]);
  if (!value) return skipped(statement);
  Op op;
  op.kind = OpKind::assign;
  op.field = term->field;
  op.needs = term->needs;
  op.words = words_of_bits(term->bits);
  op.b = *value;
  return op;
}

Op Compiler::reject(const Statement& statement) const {
  constexpr std::uint8_t icmp_port_unreachable = 3, icmpv6_port_unreachable = 4, icmpx_port_unreachable = 1;
  Op op;
  op.kind = OpKind::reject;
  RejectKind kind = statement.reject;
  std::uint8_t code = statement.reject_code;
  if (kind == RejectKind::none) {
    kind = RejectKind::icmpx;
    code = icmpx_port_unreachable;
    if (table_->family == TableFamily::ip) {
      kind = RejectKind::icmp;
      code = icmp_port_unreachable;
    } else if (table_->family == TableFamily::ip6) {
      kind = RejectKind::icmpv6;
      code = icmpv6_port_unreachable;
    }
  }
  op.a = static_cast<std::uint32_t>(kind);
  op.b = code;
  return op;
}

bool Compiler::nat_address(const Expr& expression, NatCode& code) {
  if (expression.type == nft::Type::ipv4_addr) code.only_family = 4;
  if (expression.type == nft::Type::ipv6_addr) code.only_family = 6;
  code.address = true;
  if (expression.kind == ExprKind::map && expression.parts.size() == 2) {
    const auto set = set_of(expression.parts[1], expression.parts[0], &expression);
    if (!set || program_.sets[*set].verdicts || program_.sets[*set].data_words == 0) return false;
    const auto key = add_key(expression.parts[0], program_.sets[*set].shape);
    if (!key) return false;
    code.map_set = *set;
    code.map_key = *key;
    return true;
  }
  const fourtuple::Family family = code.only_family == 6 ? fourtuple::Family::ipv6 : fourtuple::Family::ipv4;
  if (const auto ends = value_range(expression, family == fourtuple::Family::ipv4 ? 32 : 128)) {
    code.first_address = nft::address_of(ends->low, family);
    code.last_address = nft::address_of(ends->high, family);
    if (expression.kind == ExprKind::prefix) code.flags |= nft::NatFlag::netmap_prefix;
    return true;
  }
  const auto term = add_term(expression);
  if (term) code.address_term = *term;
  return term.has_value();
}

bool Compiler::nat_port(const Expr& expression, NatCode& code) {
  code.port = true;
  if (const auto ends = value_range(expression, 16)) {
    code.first_port = static_cast<std::uint16_t>(ends->low.low);
    code.last_port = static_cast<std::uint16_t>(ends->high.low);
    return true;
  }
  const auto term = add_term(expression);
  if (term) code.port_term = *term;
  return term.has_value();
}

Op Compiler::nat(const Statement& statement) {
  NatCode code;
  code.kind = statement.nat;
  code.flags = statement.nat_flags;
  if (statement.nat_family) code.only_family = family_number(*statement.nat_family);
  if (code.only_family == 0) code.only_family = family_number(table_->family);
  if (!statement.address.empty() && !nat_address(statement.address[0], code)) return skipped(statement);
  if (!statement.port.empty() && !nat_port(statement.port[0], code)) return skipped(statement);
  Op op;
  op.kind = OpKind::nat;
  op.a = static_cast<std::uint32_t>(program_.nats.size());
  program_.nats.push_back(code);
  return op;
}

Op Compiler::synproxy(const nft::SynproxyOptions& options) {
  SynproxyCode code;
  code.mss = options.mss.value_or(0);
  code.window_scale = options.window_scale.value_or(0);
  code.options = static_cast<std::uint8_t>(
      (options.mss ? TcpOption::mss : 0) | (options.window_scale ? TcpOption::window_scale : 0) |
      (options.timestamp ? TcpOption::timestamps : 0) | (options.sack_permitted ? TcpOption::sack_permitted : 0));
  Op op;
  op.kind = OpKind::synproxy;
  op.needs = Requires::tcp;
  op.a = static_cast<std::uint32_t>(program_.synproxies.size());
  program_.synproxies.push_back(code);
  return op;
}

// `add @set { … }`, and meters: sets that only this statement has.
Op Compiler::set_update(const Statement& statement, std::uint32_t number) {
  if (statement.left.empty()) return skipped(statement);
  const Expr& key = key_of(statement.left[0]);
  UpdateCode code;
  code.operation = statement.operation;
  code.timeout_ns = statement.timeout_ms.value_or(0) * millisecond_ns;
  if (statement.kind == StatementKind::meter) {
    nft::Set set;
    set.name = statement.text;
    set.flags = nft::SetFlag::dynamic;
    set.size = statement.size != 0 ? statement.size : default_dynamic_size;
    for (const Expr& part : key.kind == ExprKind::concatenation ? key.parts : std::vector<Expr>{key}) {
      set.key.push_back(part.type);
      set.key_typeof.push_back(part);
    }
    code.set = add_set(set, {serial_, rule_handle_, number});
    add_inner(code.set, statement.inner);
    out_.meter_codes.emplace(&statement, code.set);
    if (code.timeout_ns != 0) code.operation = nft::SetOperation::update;
  } else {
    const auto named = sets_.find(statement.text);
    if (named == sets_.end() || !program_.sets[named->second].in_state) return skipped(statement);
    code.set = named->second;
    if (program_.sets[code.set].inner_count == 0) add_inner(code.set, statement.inner);
  }
  const auto code_key = add_key(key, program_.sets[code.set].shape);
  if (!code_key) return skipped(statement);
  code.key = *code_key;
  if (!statement.right.empty()) {
    const auto data = add_term(statement.right[0]);
    if (!data) return skipped(statement);
    code.data_term = *data;
  }
  Op op;
  op.kind = OpKind::set_update;
  op.a = static_cast<std::uint32_t>(program_.updates.size());
  program_.updates.push_back(code);
  return op;
}

Op Compiler::compile_statement(const Statement& statement, std::uint32_t number) {
  Op op;
  switch (statement.kind) {
    case StatementKind::match:
      return match(statement);
    case StatementKind::verdict_map:
      return verdict_map(statement);
    case StatementKind::verdict:
      op.kind = OpKind::verdict;
      op.a = static_cast<std::uint32_t>(program_.verdicts.size());
      program_.verdicts.push_back(verdict_code(statement.verdict));
      return op;
    case StatementKind::counter:
    case StatementKind::quota:
    case StatementKind::limit:
    case StatementKind::connection_limit:
      return object_statement(statement, number);
    case StatementKind::log:
      op.kind = OpKind::log;
      return op;
    case StatementKind::notrack:
      op.kind = OpKind::notrack;
      return op;
    case StatementKind::assign:
      return assign(statement);
    case StatementKind::reject:
      op = reject(statement);
      // In an inet table the family of the answer is asked for before the rule's first statement.
      switch (static_cast<RejectKind>(op.a)) {
        case RejectKind::tcp_reset:
          guard_ = Requires::tcp;
          break;
        case RejectKind::icmp:
          guard_ = Requires::ipv4;
          break;
        case RejectKind::icmpv6:
          guard_ = Requires::ipv6;
          break;
        default:
          break;
      }
      return op;
    case StatementKind::nat:
      return nat(statement);
    case StatementKind::set_update:
    case StatementKind::meter:
      return set_update(statement, number);
    case StatementKind::synproxy:
      return synproxy(statement.synproxy);
    case StatementKind::object: {
      const bool named = statement.what == "synproxy" && statement.left.empty();
      const nft::Object* object = named ? object_named(*table_, nft::ObjectKind::synproxy, statement.text) : nullptr;
      return object == nullptr ? skipped(statement) : synproxy(object->value.synproxy);
    }
    default:
      return skipped(statement);
  }
}

}  // namespace fourtuple::netfilter
