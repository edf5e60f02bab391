// The nft language as a tree: what the parser makes of a ruleset text and what the printer, the ruleset model and the
// compiler read. Names are resolved as far as the text allows: variables are replaced, symbolic constants are values
// with their type, every selector is a Field. Spans are byte positions in the source text, for messages and the window.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/netfilter/nft/fields.h"
#include "sim/netfilter/nft/types.h"
#include "sim/netfilter/nft/value.h"

namespace fourtuple::nft {

struct Span {
  std::uint32_t begin = 0, end = 0;
};

enum class TableFamily : std::uint8_t { ip, ip6, inet, arp, bridge, netdev };
enum class ChainType : std::uint8_t { filter, nat, route };
enum class HookPoint : std::uint8_t { prerouting, input, forward, output, postrouting, ingress, egress };

// As nft writes them.
constexpr std::string_view name_of(TableFamily family) {
  constexpr std::string_view names[] = {"ip", "ip6", "inet", "arp", "bridge", "netdev"};
  return names[static_cast<std::size_t>(family)];
}
constexpr std::string_view name_of(ChainType type) {
  constexpr std::string_view names[] = {"filter", "nat", "route"};
  return names[static_cast<std::size_t>(type)];
}
constexpr std::string_view name_of(HookPoint point) {
  constexpr std::string_view names[] = {"prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"};
  return names[static_cast<std::size_t>(point)];
}

// --- expressions ---
enum class ExprKind : std::uint8_t {
  value,          // a constant: `value` of `type`; quoted text also in `text`
  selector,       // `field` of `type`, with its arguments as said at Expr
  prefix,         // 10.0.0.0/8 or "eth*": value and `length` bits
  range,          // value-value2
  wildcard,       // `*` as an element
  anonymous_set,  // { … }: parts; a part may be an `element`
  element,        // one element: parts[0] the key, then (for maps) parts[1] the data; `attributes`
  named,          // @name: text
  concatenation,  // a . b: parts
  list,           // a,b on the right of an implicit comparison of flags: parts, and all of them in value
  bit_and,
  bit_or,
  bit_xor,
  shift_left,
  shift_right,       // parts[0] op parts[1]
  map,               // parts[0] map parts[1]; parts[1] anonymous_set or named
  verdict,           // as data of a verdict map: `verdict`
  number_generator,  // numgen inc|random mod n [offset m]: text = "inc" or "random", number = n, number2 = m
  hash,  // jhash / symhash: parts[0] the key if any, text = kind, number = mod, number2 = offset; a seed, where given
         // (length 1), in value
};

enum class VerdictKind : std::uint8_t { accept, drop, jump, goto_, return_, continue_, queue };
struct Verdict {
  VerdictKind kind = VerdictKind::accept;
  std::string chain;  // jump and goto
};

struct Statement;

// What an element of a set may carry beside its key.
struct ElementAttributes {
  std::optional<std::uint64_t> timeout_ms, expires_ms;
  std::string comment;
  std::vector<Statement> statements;  // counter, limit, quota, ct count attached to the element
};

// Expr::number and Expr::number2 of a `fib` selector.
struct FibKey {
  static constexpr std::uint64_t saddr = 1, daddr = 2, mark = 4, iif = 8, oif = 16;
};
struct FibResult {
  static constexpr std::uint64_t oif = 0, oifname = 1, type = 2;
};

// Selectors with arguments:
// - ct with a direction: text "original" or "reply"; the addresses of ct: "ip" or "ip6" where written
// - fields without words in FieldInfo: text as nft prints the whole selector, length the bits of its value
// - fib: besides, number the keys and number2 the result
// - raw payload: length the base (0 ll, 1 nh, 2 th, 3 ih), number the first bit, number2 the number of bits
// Values:
// - names (ifname, string): also in text
// - an interface by name (iface_index): text the name, value its letters until the ruleset is loaded; by number: no
// text
// - a literal without type yet (type invalid, see type_elements): text the word
struct Expr {
  ExprKind kind = ExprKind::value;
  Type type = Type::invalid;
  Field field = Field::none;
  Value value, value2;
  std::uint32_t length = 0;  // prefix: bits
  std::uint64_t number = 0, number2 = 0;
  std::string text;
  Verdict verdict;
  std::vector<Expr> parts;
  ElementAttributes attributes;  // kind element
  Span span;
};

// --- statements ---
enum class StatementKind : std::uint8_t {
  match,  // left `comparison` right. `flags a / b` is bit_and(flags, b) == a, `flags ! a` is bit_and(flags, a) == 0,
          // bit_and(flags, a) != 0 is `flags a`, a set of one element is the element
  verdict_map,       // left vmap right
  verdict,           // jump { … }: the braces as written in `text`, not simulated
  counter,           // anonymous: packets, bytes; or text = name of a counter object
  quota,             // amount, over, used; or text = name
  limit,             // rate; or text = name
  connection_limit,  // ct count [over] n
  log,               // log: prefix, level, group …
  notrack,
  assign,  // left (a selector: meta mark, ct mark, ip dscp, tcp option maxseg size …) set right; without right:
           // reset tcp option …
  reject,
  nat,         // dnat, snat, masquerade, redirect
  set_update,  // add/update/delete @text { left [timeout …] [statements] } [: right]
  meter,       // meter text { left statements }: an anonymous dynamic set
  object,      // ct helper set "x", ct timeout set, ct expectation set, synproxy name, …: what = kind in `what`
  tproxy,
  synproxy,
  queue,
  dup,  // to left, by the device right
  fwd,
  flow_offload,
};

enum class Comparison : std::uint8_t {
  implicit,  // == for a plain value, membership for a set or prefix, "any of these flags" for flag types
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
};

enum class RateUnit : std::uint8_t { packets, bytes };
struct Rate {
  std::uint64_t amount = 0;    // packets or bytes ...
  std::uint64_t period_s = 1;  // ... per this many seconds: 1, 60, 3600, 86400 or 604800
  std::uint64_t burst = 0;     // 0 with burst_given false: 5 packets, or for bytes none
  bool burst_given = false;
  bool over = false;
  RateUnit unit = RateUnit::packets;
};

struct LogOptions {
  std::string prefix, level, flags;
  std::optional<std::uint32_t> group, snaplen, queue_threshold;
};

enum class RejectKind : std::uint8_t { none, icmp, icmpv6, icmpx, tcp_reset };  // none: plain `reject`
enum class NatKind : std::uint8_t { dnat, snat, masquerade, redirect };
struct NatFlag {
  static constexpr std::uint8_t random = 1, fully_random = 2, persistent = 4, netmap_prefix = 8;
};
enum class SetOperation : std::uint8_t { add, update, remove };

// What the SYN and ACK of synproxy may have; nothing: that option is left out.
struct SynproxyOptions {
  std::optional<std::uint16_t> mss;
  std::optional<std::uint8_t> window_scale;
  bool timestamp = false, sack_permitted = false;
};

struct Statement {
  StatementKind kind = StatementKind::match;
  Span span;
  // match, verdict_map, assign, set_update, meter; counter, quota, limit, object chosen by a map: left
  Comparison comparison = Comparison::implicit;
  std::vector<Expr> left, right;  // none or one each
  Verdict verdict;
  // counter, quota: initial or listed values
  std::uint64_t packets = 0, bytes = 0;  // of a quota: bytes is what is used
  std::uint64_t amount = 0;              // quota: bytes; connection_limit: count
  std::string unit;                      // quota as written: "bytes", "kbytes", "mbytes"
  bool over = false;
  Rate rate;
  LogOptions log;
  RejectKind reject = RejectKind::none;
  std::uint8_t reject_code = 0;
  // nat
  NatKind nat = NatKind::dnat;
  std::optional<TableFamily> nat_family;  // `dnat ip to …`
  std::vector<Expr> address, port;        // none or one each: value, range, map, or (address) a map to address . port
  std::uint8_t nat_flags = 0;
  SetOperation operation = SetOperation::add;
  std::string text;  // name of a set, map, meter or object
  std::string what;  // object: "ct helper", "ct timeout", "ct expectation", "synproxy", "secmark"; queue, synproxy: the
                     // arguments as nft prints them
  std::optional<std::uint64_t> timeout_ms;
  SynproxyOptions synproxy;
  std::uint32_t size = 0;        // meter
  std::vector<Statement> inner;  // set_update, meter: statements per element
  std::string not_simulated;     // why this statement is listed but has no effect; empty: it is evaluated
};

// --- rules, chains, sets, tables ---
struct Rule {
  std::vector<Statement> statements;
  std::string comment;
  Span span;
  std::uint64_t handle = 0;  // given by the model
};

struct ChainHook {
  ChainType type = ChainType::filter;
  HookPoint point = HookPoint::prerouting;
  std::int32_t priority = 0;
  std::vector<std::string> devices;
  bool accept = true;  // policy
  bool policy_given = false;
};

struct Chain {
  std::string name, comment;
  std::optional<ChainHook> hook;
  std::optional<bool> policy;  // given without a hook, accept or not: changes that of the base chain that is there
  std::vector<Rule> rules;
  Span span;
};

struct SetFlag {
  static constexpr std::uint8_t constant = 1, interval = 2, timeout = 4, dynamic = 8;
};

struct Set {
  std::string name, comment;
  std::vector<Type> key;         // parts of a concatenation
  std::vector<Expr> key_typeof;  // as written with `typeof`, else empty
  bool is_map = false;
  std::vector<Type> data;         // maps: parts; Type::verdict for verdict maps
  std::vector<Expr> data_typeof;  // as key_typeof; a verdict has none
  bool data_interval = false;     // `: interval ipv4_addr`
  std::string data_object;        // maps to objects: "counter", "quota", "limit"
  std::uint8_t flags = 0;
  bool auto_merge = false;
  std::optional<std::uint64_t> timeout_ms, gc_interval_ms;
  std::uint32_t size = 0;
  std::string policy;                 // "performance", "memory" or ""
  std::vector<Statement> statements;  // counter and such for every element
  std::vector<Expr> elements;         // kind element
  Span span;
};

enum class ObjectKind : std::uint8_t {
  counter,
  quota,
  limit,
  ct_helper,
  ct_timeout,
  ct_expectation,
  secmark,
  synproxy
};
struct Object {
  ObjectKind kind = ObjectKind::counter;
  std::string name, comment;
  Statement value;   // counter, quota, limit, synproxy with their numbers
  std::string body;  // others: their lines as nft prints them
  Span span;
};

struct Flowtable {
  std::string name;
  std::int32_t priority = 0;  // on ingress
  std::vector<std::string> devices;
  bool counter = false, offload = false;
  Span span;
};

struct Table {
  TableFamily family = TableFamily::ip;
  std::string name, comment;
  std::vector<std::string> flags;  // "dormant", "owner"
  std::vector<Chain> chains;
  std::vector<Set> sets;  // and maps
  std::vector<Object> objects;
  std::vector<Flowtable> flowtables;
  Span span;
};

// --- commands of `nft -f` ---
enum class CommandKind : std::uint8_t {
  table,  // table … { … } or `add table`: merged into what is there
  chain,  // add chain
  rule,   // add / insert / replace rule
  set,
  object,  // add counter …; add flowtable
  element,
  delete_table,
  delete_chain,
  delete_rule,
  delete_set,
  delete_object,
  delete_element,
  flush_ruleset,
  flush_table,
  flush_chain,
  flush_set,
  reset,         // table.objects[0] says what; without its name all of table.name, only_family or everything
  list,          // no effect on the ruleset
  rename_chain,  // table.chains[0] to the name of table.chains[1]
};

struct Command {
  CommandKind kind = CommandKind::table;
  Span span;
  bool create = false;    // `create`: an error when it exists
  bool at_front = false;  // insert rule
  bool replace = false;
  bool if_exists = false;                 // destroy
  std::optional<std::uint64_t> position;  // handle or index given
  bool position_is_index = false;
  std::optional<TableFamily> only_family;  // flush ruleset ip
  Table table;  // the table named, and what the command adds in its one chain, set, object, element
};

struct Warning {
  SourcePosition where;
  std::string message;  // "tproxy is not simulated: …"
};

// Where a file begins in Script::text, and where that place is for people.
struct ScriptSource {
  std::string name;
  std::uint32_t begin = 0;
  int first_line = 1, first_column = 1;
};

struct Script {
  std::string source_name, text;      // the text, then those of included files in order of reading, a newline between
  std::vector<ScriptSource> sources;  // in order of their begin; the first is the text itself
  std::vector<Command> commands;
  std::vector<Warning> warnings;
};

}  // namespace fourtuple::nft
