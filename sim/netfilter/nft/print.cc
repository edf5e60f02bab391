#include "sim/netfilter/nft/print.h"

#include <algorithm>
#include <fmt/core.h>

#include "sim/netfilter/nft/print_elements.h"
#include "sim/netfilter/nft/print_expression.h"
#include "sim/netfilter/nft/rule_printer.h"

namespace fourtuple::nft {
namespace {

using trace::ListingPiece;

struct NamedPriority {
  std::string_view name;
  std::int32_t value;
  std::optional<HookPoint> only;
};

// "filter + 5": nft takes the nearest name at most this far away.
constexpr std::int32_t farthest_offset = 10;

std::span<const NamedPriority> priorities(TableFamily family) {
  static constexpr NamedPriority of_ip[] = {
      {"raw", -300, {}}, {"mangle", -150, {}}, {"dstnat", -100, HookPoint::prerouting},
      {"filter", 0, {}}, {"security", 50, {}}, {"srcnat", 100, HookPoint::postrouting}};
  static constexpr NamedPriority of_bridge[] = {{"dstnat", -300, HookPoint::prerouting},
                                                {"filter", -200, {}},
                                                {"out", 100, HookPoint::output},
                                                {"srcnat", 300, HookPoint::postrouting}};
  static constexpr NamedPriority of_others[] = {{"filter", 0, {}}};
  if (family == TableFamily::bridge) return of_bridge;
  if (family == TableFamily::arp || family == TableFamily::netdev) return of_others;
  return of_ip;
}

// Collects pieces; neighbouring texts become one.
class Listing {
 public:
  Listing(const ListingIds* ids) : ids_(ids) {}

  void text(std::string_view text) {
    if (pieces_.empty() || pieces_.back().kind != ListingPiece::Kind::text) pieces_.push_back({});
    pieces_.back().text += text;
  }
  void line(std::string_view content) {
    text(content);
    text("\n");
  }
  void table(const Table& table);
  std::vector<ListingPiece> take() { return std::move(pieces_); }

 private:
  // One thing inside a table: a blank line stands between two of them.
  template <class Body>
  void item(std::string_view head, std::string_view name, Body&& body) {
    if (items_++ > 0) text("\n");
    line(fmt::format("\t{} {} {{", head, name));
    body();
    text("\t}\n");
  }
  void comment(const std::string& comment) {
    if (!comment.empty()) line(fmt::format("\t\tcomment \"{}\"", comment));
  }
  void object(const Table& table, const Object& object);
  void set(const Table& table, const Set& set);
  void set_attributes(const Set& set);
  void elements(const Table& table, const Set& set);
  void flowtable(const Flowtable& flowtable);
  void chain(const Table& table, const Chain& chain);
  void piece(ListingPiece::Kind kind, std::uint32_t id) { pieces_.push_back({kind, {}, id}); }

  const ListingIds* ids_;  // null: everything as it stands in the tables
  std::vector<ListingPiece> pieces_;
  int items_ = 0;
};

void Listing::table(const Table& table) {
  items_ = 0;
  line(fmt::format("table {} {} {{", name_of(table.family), table.name));
  std::string flags;
  for (const std::string& flag : table.flags) flags += (flags.empty() ? "" : ",") + flag;
  if (!flags.empty()) line("\tflags " + flags);
  if (!table.comment.empty()) line(fmt::format("\tcomment \"{}\"", table.comment));
  items_ = flags.empty() && table.comment.empty() ? 0 : 1;
  for (const Object& each : table.objects) object(table, each);
  for (const Set& each : table.sets) set(table, each);
  for (const Flowtable& each : table.flowtables) flowtable(each);
  for (const Chain& each : table.chains) chain(table, each);
  line("}");
}

void Listing::object(const Table& table, const Object& object) {
  constexpr std::string_view kinds[] = {"counter",    "quota",          "limit",   "ct helper",
                                        "ct timeout", "ct expectation", "secmark", "synproxy"};
  item(kinds[static_cast<int>(object.kind)], object.name, [&] {
    comment(object.comment);
    const Statement& value = object.value;
    if (object.kind == ObjectKind::limit) return line("\t\t" + print_rate(value.rate));
    if (object.kind == ObjectKind::counter) {
      text("\t\t");
      if (ids_ != nullptr)
        piece(ListingPiece::Kind::counter, ids_->object_of_object(table, object));
      else
        text(fmt::format("packets {} bytes {}", value.packets, value.bytes));
      return text("\n");
    }
    if (object.kind == ObjectKind::quota) {
      text(fmt::format("\t\t{}{}", value.over ? "over " : "", print_bytes(value.amount)));
      if (ids_ != nullptr)
        piece(ListingPiece::Kind::quota_used, ids_->object_of_object(table, object));
      else if (value.bytes != 0)
        text(" used " + print_bytes(value.bytes));
      return text("\n");
    }
    for (std::size_t at = 0; at < object.body.size();) {
      const std::size_t end = std::min(object.body.find('\n', at), object.body.size());
      line("\t\t" + object.body.substr(at, end - at));
      at = end + 1;
    }
  });
}

std::string types_text(const std::vector<Type>& types, const std::vector<Expr>& exprs) {
  std::string text;
  if (exprs.empty())
    for (const Type type : types) text += (text.empty() ? "" : " . ") + std::string(info(type).name);
  for (const Expr& expr : exprs) text += (text.empty() ? "" : " . ") + print_selector(expr);
  return text;
}

void Listing::set_attributes(const Set& set) {
  std::string type = (set.key_typeof.empty() ? "type " : "typeof ") + types_text(set.key, set.key_typeof);
  if (set.is_map && !set.data_object.empty())
    type += " : " + set.data_object;
  else if (set.is_map)
    type += std::string(" : ") + (set.data_interval ? "interval " : "") + types_text(set.data, set.data_typeof);
  line("\t\t" + type);
  if (set.policy == "memory") line("\t\tpolicy memory");
  if (set.size != 0 && (set.flags & SetFlag::constant) == 0) line(fmt::format("\t\tsize {}", set.size));
  std::string flags;
  const auto add = [&](std::uint8_t flag, std::string_view word) {
    if ((set.flags & flag) != 0) flags += (flags.empty() ? "" : ",") + std::string(word);
  };
  add(SetFlag::constant, "constant");
  add(SetFlag::dynamic, "dynamic");
  add(SetFlag::interval, "interval");
  add(SetFlag::timeout, "timeout");
  // A timeout of the whole set says it already.
  const bool said = set.flags == SetFlag::timeout && set.timeout_ms.value_or(0) != 0;
  if (!flags.empty() && !said) line("\t\tflags " + flags);
  std::string statements;
  for (const Statement& statement : set.statements)
    statements += (statements.empty() ? "" : " ") + print_stateful(statement, Numbers::none);
  if (!statements.empty()) line("\t\t" + statements);
  if (set.auto_merge) line("\t\tauto-merge");
  if (set.timeout_ms.value_or(0) != 0) line("\t\ttimeout " + print_duration(*set.timeout_ms));
  if (set.gc_interval_ms.value_or(0) != 0) line("\t\tgc-interval " + print_duration(*set.gc_interval_ms));
  comment(set.comment);
}

void Listing::elements(const Table& table, const Set& set) {
  if (ids_ != nullptr) return piece(ListingPiece::Kind::elements, ids_->set(table, set));
  std::vector<std::uint8_t> types;
  for (const ElementPart& part : view_of(set).key) types.push_back(static_cast<std::uint8_t>(part.type));
  std::vector<std::string> texts;
  for (ElementText& element : listed(view_of(set), set.elements)) texts.push_back(std::move(element.text));
  text(elements_line(types, texts));
}

void Listing::set(const Table& table, const Set& set) {
  item(set.is_map ? "map" : "set", set.name, [&] {
    set_attributes(set);
    elements(table, set);
  });
}

std::string devices_text(const std::vector<std::string>& devices) {
  std::string text;
  for (const std::string& device : devices) text += (text.empty() ? "{ " : ", ") + device;
  return text + " }";
}

void Listing::flowtable(const Flowtable& flowtable) {
  item("flowtable", flowtable.name, [&] {
    ChainHook hook;
    hook.point = HookPoint::ingress;
    hook.priority = flowtable.priority;
    line("\t\thook ingress priority " + print_priority(hook, TableFamily::netdev));
    if (!flowtable.devices.empty()) line("\t\tdevices = " + devices_text(flowtable.devices));
    if (flowtable.offload) line("\t\tflags offload");
    if (flowtable.counter) line("\t\tcounter");
  });
}

void Listing::chain(const Table& table, const Chain& chain) {
  item("chain", chain.name, [&] {
    comment(chain.comment);
    if (chain.hook) {
      const ChainHook& hook = *chain.hook;
      std::string device;
      if (hook.devices.size() == 1) device = fmt::format(" device \"{}\"", hook.devices[0]);
      if (hook.devices.size() > 1) device = " devices = " + devices_text(hook.devices);
      line(fmt::format("\t\ttype {} hook {}{} priority {}; policy {};", name_of(hook.type), name_of(hook.point), device,
                       print_priority(hook, table.family), hook.accept ? "accept" : "drop"));
    }
    ObjectPrinting objects{Numbers::as_written, {}};
    if (ids_ != nullptr) objects.id = ids_->object_of_statement;
    for (const Rule& rule : chain.rules) {
      text("\t\t");
      for (ListingPiece& each : RulePrinter(table.family, &table, objects).print(rule)) {
        if (each.kind == ListingPiece::Kind::text)
          text(each.text);
        else
          pieces_.push_back(std::move(each));
      }
      line(rule.comment.empty() ? "" : fmt::format(" comment \"{}\"", rule.comment));
    }
  });
}

std::string joined(const std::vector<ListingPiece>& pieces) {
  std::string text;
  for (const ListingPiece& piece : pieces) text += piece.text;
  return text;
}

}  // namespace

std::vector<ListingPiece> print_ruleset(const std::vector<Table>& tables, const ListingIds& ids) {
  Listing listing(&ids);
  for (const Table& table : tables) listing.table(table);
  return listing.take();
}

std::string print_listing(const std::vector<Table>& tables) {
  Listing listing(nullptr);
  for (const Table& table : tables) listing.table(table);
  return joined(listing.take());
}

std::vector<trace::ListedElement> listed_elements(const std::vector<Table>& tables, const ListingIds& ids) {
  std::vector<trace::ListedElement> elements;
  for (const Table& table : tables) {
    for (const Set& set : table.sets) {
      for (ElementText& element : listed(view_of(set), set.elements)) {
        trace::ListedElement& made = elements.emplace_back();
        made.set = ids.set(table, set);
        std::copy_n(element.words.begin(), std::min(element.words.size(), made.words.size()), made.words.begin());
        made.text = std::move(element.text);
      }
    }
  }
  return elements;
}

std::string print_rule(const Rule& rule, TableFamily family, const Table* table) {
  return joined(RulePrinter(family, table, {}).print(rule));
}

std::string print_statement(const Statement& statement, TableFamily family, const Table* table) {
  ProtocolContext context(family);
  switch (statement.kind) {
    case StatementKind::match:
      return print_match(statement, &context);
    case StatementKind::verdict_map: {
      const Expr left = simplified_key(statement.left[0], statement.right[0]);
      return print_selector(left, &context) + " vmap " + print_set(left, statement.right[0], &context);
    }
    case StatementKind::reject:
      return print_reject(statement, family, context.at(Layer::network));
    default:
      return print_action(statement, &context, family, table);
  }
}

std::string print_expression(const Expr& expression, TableFamily family) {
  const ProtocolContext context(family);
  return print_selector(simplified(expression), &context);
}

std::string print_priority(const ChainHook& hook, TableFamily family) {
  for (const NamedPriority& named : priorities(family)) {
    if (named.only && *named.only != hook.point) continue;
    const std::int64_t offset = std::int64_t{hook.priority} - named.value;
    if (offset == 0) return std::string(named.name);
    if (offset >= -farthest_offset && offset <= farthest_offset)
      return fmt::format("{} {} {}", named.name, offset < 0 ? '-' : '+', offset < 0 ? -offset : offset);
  }
  return std::to_string(hook.priority);
}

}  // namespace fourtuple::nft
