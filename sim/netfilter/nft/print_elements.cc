#include "sim/netfilter/nft/print_elements.h"

#include <algorithm>
#include <fmt/core.h>

#include "sim/netfilter/nft/print_expression.h"

namespace fourtuple::nft {
namespace {

Value all_ones(std::uint32_t bits) {
  return prefix_mask(bits, bits);
}

Value next(Value value) {
  return value.low == ~std::uint64_t{0} ? Value(value.high + 1, 0) : Value(value.high, value.low + 1);
}

const Expr& key_of(const Expr& element) {
  return element.kind == ExprKind::element ? element.parts[0] : element;
}

bool has_extent(const Expr& key) {
  if (key.kind == ExprKind::concatenation) return std::any_of(key.parts.begin(), key.parts.end(), has_extent);
  return key.kind == ExprKind::prefix || key.kind == ExprKind::range;
}

// First and last value of a key that is no concatenation.
std::pair<Value, Value> extent(const Expr& key, std::uint32_t bits) {
  if (key.kind == ExprKind::range) return {key.value, key.value2};
  if (key.kind == ExprKind::wildcard) return {all_ones(128), all_ones(128)};
  if (is_by_name(key) && key.value.zero() && key.text == "lo") return {Value(1), Value(1)};
  if (key.kind != ExprKind::prefix) return {key.value, key.value};
  const Value mask = prefix_mask(key.length, bits);
  return {key.value & mask, (key.value & mask) | (~mask & all_ones(bits))};
}

// nft loses the names of wildcards that are joined, or touch the next element of a map in a rule.
std::string lost_name(std::uint32_t prefix) {
  return "\"\"/" + std::to_string(prefix);
}

std::string print_interval(const ElementPart& part, Value first, Value last) {
  if (first == last) return print_element_value(part, first);
  const auto prefix = prefix_length(first, last, part.bits);
  if (prefix && part.type == Type::ifname)
    return *prefix % 8 == 0 ? print_name_prefix(first, *prefix) : lost_name(*prefix);
  if (prefix && has_prefixes(part.type))
    return print_number(part.type, first, part.bits) + "/" + std::to_string(*prefix);
  return print_number(part.type, first, part.bits) + "-" + print_number(part.type, last, part.bits);
}

std::string print_part(const ElementPart& part, const Expr& key) {
  if (key.kind == ExprKind::verdict) return print_verdict(key.verdict);
  if (key.kind == ExprKind::wildcard) return "*";
  if (key.kind == ExprKind::prefix || key.kind == ExprKind::range) {
    const auto [first, last] = extent(key, part.bits);
    return print_interval(part, first, last);
  }
  if (key.kind == ExprKind::value) return is_by_name(key) ? '"' + key.text + '"' : print_element_value(part, key.value);
  return print_right(part, key);
}

// --- order ---
void append_bytes(std::vector<std::uint8_t>& bytes, Value value, std::uint32_t bits) {
  for (std::uint32_t at = (bits + 7) / 8; at > 0; --at) {
    const std::uint32_t shift = 8 * (at - 1);
    bytes.push_back(static_cast<std::uint8_t>(shift >= 64 ? value.high >> (shift - 64) : value.low >> shift));
  }
}

struct Entry {
  const Expr* element = nullptr;
  Value first, last;                 // single keys
  std::vector<std::uint8_t> sorted;  // sort key, most significant byte first
  bool wildcard = false;
};

// nft reads a concatenation's bytes as one number of the host's byte order: the last byte counts most. A single name
// is such a number too; other single values sort by what they are.
std::vector<std::uint8_t> sort_key(const ElementView& view, const Expr& key) {
  std::vector<std::uint8_t> bytes;
  if (key.kind != ExprKind::concatenation) {
    const ElementPart& part = view.key[0];
    Value value = extent(key, part.bits).first;
    if (info(part.type).flags && !value.zero()) {  // several flags sort by the lowest
      const bool low = value.low != 0;
      const std::uint64_t half = low ? value.low : value.high;
      value = low ? Value(half & (~half + 1)) : Value(half & (~half + 1), 0);
    }
    append_bytes(bytes, value, part.bits);
    if (part.type == Type::ifname || part.type == Type::string) std::reverse(bytes.begin(), bytes.end());
    return bytes;
  }
  for (std::size_t i = 0; i < key.parts.size() && i < view.key.size(); ++i) {
    const ElementPart& part = view.key[i];
    std::vector<std::uint8_t> one;
    append_bytes(one, extent(key.parts[i], part.bits).first, part.bits);
    if (part.host_order && part.type != Type::ifname && part.type != Type::string) std::reverse(one.begin(), one.end());
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

bool less(const Entry& a, const Entry& b) {
  return a.wildcard != b.wildcard ? b.wildcard : a.sorted < b.sorted;
}

// nft's merge sort: of equal elements those of the later half come first.
void sort_as_nft(std::vector<Entry>& entries) {
  if (entries.size() < 2) return;
  const auto middle = entries.begin() + static_cast<std::ptrdiff_t>((entries.size() + 1) / 2);
  std::vector<Entry> front(std::make_move_iterator(entries.begin()), std::make_move_iterator(middle));
  std::vector<Entry> back(std::make_move_iterator(middle), std::make_move_iterator(entries.end()));
  sort_as_nft(front);
  sort_as_nft(back);
  entries.clear();
  std::size_t f = 0, b = 0;
  while (f < front.size() || b < back.size()) {
    const bool from_front = b == back.size() || (f < front.size() && less(front[f], back[b]));
    entries.push_back(std::move(from_front ? front[f++] : back[b++]));
  }
}

void drop_repeated(std::vector<Entry>& entries) {
  std::vector<Entry> kept;
  for (Entry& entry : entries) {
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const Entry& other) {
      return !other.wildcard && !entry.wildcard && other.first == entry.first && other.last == entry.last &&
             other.sorted == entry.sorted && key_of(*other.element).text == key_of(*entry.element).text;
    });
    if (!known) kept.push_back(std::move(entry));
  }
  entries = std::move(kept);
}

// Attributes of the first of joined intervals stay.
void join_intervals(std::vector<Entry>& entries) {
  std::vector<Entry> joined;
  for (Entry& entry : entries) {
    const bool touches = !joined.empty() && !joined.back().wildcard && !entry.wildcard &&
                         (entry.first <= joined.back().last || entry.first == next(joined.back().last));
    if (!touches)
      joined.push_back(std::move(entry));
    else
      joined.back().last = std::max(joined.back().last, entry.last);
  }
  entries = std::move(joined);
}

std::vector<std::uint32_t> words_of(const ElementView& view, const Expr& key, Value first) {
  std::vector<std::uint32_t> words;
  const auto add = [&](Value value, std::uint32_t bits) {
    for (std::uint32_t at = (bits + 31) / 32; at > 0; --at) {
      const std::uint32_t shift = 32 * (at - 1);
      words.push_back(static_cast<std::uint32_t>(shift >= 64 ? value.high >> (shift - 64) : value.low >> shift));
    }
  };
  if (key.kind == ExprKind::concatenation)
    for (std::size_t i = 0; i < key.parts.size() && i < view.key.size(); ++i)
      add(extent(key.parts[i], view.key[i].bits).first, view.key[i].bits);
  else if (!view.key.empty())
    add(first, view.key[0].bits);
  return words;
}

std::string print_entry(const ElementView& view, const Entry& entry, bool lost) {
  const Expr& element = *entry.element;
  const Expr& key = key_of(element);
  const bool single = key.kind != ExprKind::concatenation && key.kind != ExprKind::wildcard;
  const bool extended = single && view.interval && !is_by_name(key);
  std::string text = extended ? print_interval(view.key[0], entry.first, entry.last) : print_key(view.key, key);
  if (lost) text = lost_name(prefix_length(entry.first, entry.last, view.key[0].bits).value_or(0));
  if (element.kind != ExprKind::element) return text;
  const ElementAttributes& attributes = element.attributes;
  if (attributes.statements.empty())
    for (const Statement& statement : view.statements) text += " " + print_stateful(statement, Numbers::as_written);
  for (const Statement& statement : attributes.statements) text += " " + print_stateful(statement, Numbers::as_written);
  if (attributes.timeout_ms && *attributes.timeout_ms != 0)
    text += " timeout " + print_duration(*attributes.timeout_ms);
  if (!attributes.comment.empty()) text += " comment \"" + attributes.comment + "\"";
  if (element.parts.size() > 1) text += " : " + print_key(view.data, element.parts[1]);
  return text;
}

}  // namespace

bool has_prefixes(Type type) {
  return type == Type::ipv4_addr || type == Type::ipv6_addr || type == Type::mark || type == Type::realm ||
         type == Type::devgroup;
}

bool is_host_order(Type type) {
  switch (type) {
    case Type::mark:
    case Type::iface_index:
    case Type::iface_type:
    case Type::ifname:
    case Type::string:
    case Type::uid:
    case Type::gid:
    case Type::ct_state:
    case Type::ct_status:
    case Type::ct_label:
    case Type::ct_event:
    case Type::devgroup:
    case Type::fib_addrtype:
    case Type::time:
    case Type::hour:
    case Type::realm:
    case Type::classid:
    case Type::cgroupsv2:
      return true;
    default:
      return false;
  }
}

std::optional<std::uint32_t> prefix_length(Value first, Value last, std::uint32_t bits) {
  for (std::uint32_t length = 0; length <= bits; ++length) {
    const Value mask = prefix_mask(length, bits);
    if ((first & mask) == first && (first | (~mask & all_ones(bits))) == last) return length;
  }
  return std::nullopt;
}

std::vector<ElementPart> parts_of(const Expr& selector, const ProtocolContext* known) {
  if (selector.kind == ExprKind::concatenation) {
    std::vector<ElementPart> parts;
    for (const Expr& part : selector.parts) {
      const auto inner = parts_of(part, known);
      parts.insert(parts.end(), inner.begin(), inner.end());
    }
    return parts;
  }
  ElementPart part{selector.type, width_of(selector), is_host_order(selector.type)};
  if (selector.kind == ExprKind::selector) {
    const Field field = selector.field;
    if (field >= Field::meta_length && field <= Field::ct_secmark) part.host_order = true;
    part.untyped = is_tuple_port(field);
    if (const auto found = resolved_field(selector, known))
      part = {info(*found).type, info(*found).bits, is_host_order(info(*found).type)};
    else
      part.hexadecimal = field == Field::raw_payload;
  } else if (selector.kind == ExprKind::hash || selector.kind == ExprKind::number_generator) {
    part = {Type::integer, 32, true};
  } else if (!selector.parts.empty()) {
    part = parts_of(selector.parts[0], known)[0];
  }
  return {part};
}

ElementView view_of(const Set& set) {
  ElementView view;
  const auto fill = [](std::vector<ElementPart>& parts, const std::vector<Type>& types,
                       const std::vector<Expr>& exprs) {
    for (const Expr& expr : exprs) parts.push_back(parts_of(expr)[0]);
    if (!exprs.empty()) return;
    for (const Type type : types) parts.push_back({type, info(type).bits, is_host_order(type)});
  };
  fill(view.key, set.key, set.key_typeof);
  fill(view.data, set.data, set.data_typeof);
  if (!set.data_object.empty()) view.data = {{Type::string, 128, true}};
  view.interval = (set.flags & SetFlag::interval) != 0;
  view.join = set.auto_merge;
  view.is_map = set.is_map;
  view.statements = set.statements;
  return view;
}

ElementView view_of_anonymous(const Expr& left, const Expr& set, const ProtocolContext* known) {
  ElementView view;
  view.key = parts_of(left, known);
  view.interval =
      std::any_of(set.parts.begin(), set.parts.end(), [](const Expr& part) { return has_extent(key_of(part)); });
  view.anonymous = true;
  view.is_map = !set.parts.empty() && set.parts[0].parts.size() == 2 && set.parts[0].kind == ExprKind::element;
  view.join = !view.is_map;
  if (!view.is_map) return view;
  const Expr& data = set.parts[0].parts[1];
  if (data.kind != ExprKind::concatenation)
    view.data = {{data.type, width_of(data), is_host_order(data.type)}};
  else
    for (const Expr& part : data.parts) view.data.push_back({part.type, width_of(part), is_host_order(part.type)});
  return view;
}

std::string print_key(std::span<const ElementPart> parts, const Expr& key) {
  if (key.kind != ExprKind::concatenation) return print_part(parts.empty() ? ElementPart{} : parts[0], key);
  std::string text;
  for (std::size_t i = 0; i < key.parts.size(); ++i)
    text += (i == 0 ? "" : " . ") + print_part(i < parts.size() ? parts[i] : ElementPart{}, key.parts[i]);
  return text;
}

std::string print_verdict(const Verdict& verdict) {
  switch (verdict.kind) {
    case VerdictKind::accept:
      return "accept";
    case VerdictKind::drop:
      return "drop";
    case VerdictKind::jump:
      return "jump " + verdict.chain;
    case VerdictKind::goto_:
      return "goto " + verdict.chain;
    case VerdictKind::return_:
      return "return";
    case VerdictKind::continue_:
      return "continue";
    case VerdictKind::queue:
      return "queue";
  }
  return {};
}

std::vector<ElementText> listed(const ElementView& view, std::span<const Expr> elements) {
  std::vector<Entry> entries;
  const bool concatenated = view.key.size() > 1;
  for (const Expr& element : elements) {
    const Expr& key = key_of(element);
    Entry entry{&element, {}, {}, {}, key.kind == ExprKind::wildcard};
    if (!concatenated && !view.key.empty()) std::tie(entry.first, entry.last) = extent(key, view.key[0].bits);
    if (!entry.wildcard) entry.sorted = sort_key(view, key);
    entries.push_back(std::move(entry));
  }
  if (!concatenated || !view.interval) drop_repeated(entries);
  if (!view.interval) {
    sort_as_nft(entries);
  } else if (!concatenated) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return a.wildcard != b.wildcard ? b.wildcard : a.first < b.first;
    });
    if (view.join) join_intervals(entries);
  }
  std::vector<ElementText> texts;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const bool touching =
        i + 1 < entries.size() && !entries[i + 1].wildcard && entries[i + 1].first == next(entry.last);
    const bool lost = touching && view.interval && view.is_map && view.anonymous && !concatenated &&
                      view.key[0].type == Type::ifname && entry.first != entry.last;
    texts.push_back({words_of(view, key_of(*entry.element), entry.first), print_entry(view, entry, lost)});
  }
  return texts;
}

}  // namespace fourtuple::nft
