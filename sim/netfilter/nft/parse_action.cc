// log, reject, queue, synproxy, notrack, flow, reset.
#include <array>

#include "sim/netfilter/nft/parse_expression.h"
#include "sim/netfilter/nft/parse_option.h"
#include "sim/netfilter/nft/parse_statement.h"
#include "sim/netfilter/nft/resolve.h"

namespace fourtuple::nft {
namespace {

// --- log ---
struct LogFlag {
  static constexpr unsigned tcp_sequence = 1, tcp_options = 2, ip_options = 4, uid = 8, ether = 16, all = 31;
};

std::string log_flag_words(unsigned flags) {
  if (flags == LogFlag::all) return "all";
  std::string text;
  const auto add = [&](std::string_view word) { text += (text.empty() ? "" : " flags ") + std::string(word); };
  const unsigned tcp = flags & (LogFlag::tcp_sequence | LogFlag::tcp_options);
  if (tcp == LogFlag::tcp_sequence) add("tcp sequence");
  if (tcp == LogFlag::tcp_options) add("tcp options");
  if (tcp == (LogFlag::tcp_sequence | LogFlag::tcp_options)) add("tcp sequence,options");
  if ((flags & LogFlag::ip_options) != 0) add("ip options");
  if ((flags & LogFlag::uid) != 0) add("skuid");
  if ((flags & LogFlag::ether) != 0) add("ether");
  return text;
}

bool parse_log_flags(Parser& p, unsigned& flags) {
  constexpr std::string_view words[] = {"tcp", "ip", "skuid", "ether", "all"};
  if (p.take_word("skuid")) return flags |= LogFlag::uid, true;
  if (p.take_word("ether")) return flags |= LogFlag::ether, true;
  if (p.take_word("all")) return flags |= LogFlag::all, true;
  if (p.take_word("ip")) return flags |= LogFlag::ip_options, p.need_word("options");
  if (!p.take_word("tcp")) return p.unexpected("tcp sequence, tcp options, ip options, skuid, ether or all", words);
  do {
    if (p.take_word("sequence"))
      flags |= LogFlag::tcp_sequence;
    else if (p.take_word("options"))
      flags |= LogFlag::tcp_options;
    else
      return p.unexpected("sequence or options");
  } while (p.take_if(TokenKind::comma));
  return true;
}

// Text with $variables in it.
bool parse_prefix(Parser& p, std::string& prefix) {
  constexpr std::size_t longest = 127;
  const Token token = p.now();
  std::string text;
  if (!parse_string(p, text, "a prefix in quotes")) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      prefix += text[i++];
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) ++end;
    const Expr* value = p.variable_named(std::string_view(text).substr(i + 1, end - i - 1), {token.begin, token.end});
    if (value == nullptr) return false;
    prefix += value->text;
    i = end;
  }
  return prefix.size() <= longest ||
         p.fail({token.begin, token.end}, "the prefix is too long", "at most 127 characters");
}

bool parse_level(Parser& p, std::string& level) {
  constexpr std::string_view levels[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit"};
  for (const std::string_view word : levels) {
    if (!(p.is_word(word) || (p.is(TokenKind::quoted) && p.now().text == word))) continue;
    level = p.take().text;
    return true;
  }
  return p.unexpected("a level: emerg alert crit err warn notice info debug audit", levels);
}

bool parse_small_number(Parser& p, std::optional<std::uint32_t>& target, std::uint64_t largest) {
  std::uint64_t number = 0;
  if (!parse_number(p, number, largest, "a number")) return false;
  target = static_cast<std::uint32_t>(number);
  return true;
}

bool parse_log(Parser& p, Statement& statement, Span head) {
  statement.kind = StatementKind::log;
  LogOptions& log = statement.log;
  unsigned flags = 0;
  for (bool more = true; more;) {
    bool ok = true;
    if (p.take_word("prefix")) {
      log.prefix.clear();
      ok = parse_prefix(p, log.prefix);
    } else if (p.take_word("level"))
      ok = parse_level(p, log.level);
    else if (p.take_word("group"))
      ok = parse_small_number(p, log.group, 0xffff);
    else if (p.take_word("snaplen"))
      ok = parse_small_number(p, log.snaplen, 0xffffffff);
    else if (p.take_word("queue-threshold"))
      ok = parse_small_number(p, log.queue_threshold, 0xffff);
    else if (p.take_word("flags"))
      ok = parse_log_flags(p, flags);
    else
      more = false;
    if (!ok) return false;
  }
  log.flags = log_flag_words(flags);
  const bool to_group = log.group || log.snaplen || log.queue_threshold;
  if (to_group && (!log.level.empty() || flags != 0))
    return p.fail(head, "a group takes no level and no flags", "either group or level");
  return log.level != "audit" || (log.prefix.empty() && flags == 0) ||
         p.fail(head, "level audit takes no other option");
}

// --- reject ---
bool parse_reject_code(Parser& p, Statement& statement, Type type) {
  p.take_word("type");
  Expr code;
  if (p.is(TokenKind::number) || p.is(TokenKind::word) || p.is(TokenKind::literal))
    code = literal(p.take());
  else
    return p.unexpected("a code such as port-unreachable");
  const Want want[] = {{type, 0}};
  if (!resolve(p, code, want)) return false;
  statement.reject_code = static_cast<std::uint8_t>(code.value.low);
  return true;
}

bool parse_reject(Parser& p, Statement& statement) {
  statement.kind = StatementKind::reject;
  if (!p.take_word("with")) return true;
  if (p.take_word("tcp")) {
    statement.reject = RejectKind::tcp_reset;
    return p.need_word("reset");
  }
  struct Way {
    std::string_view word;
    RejectKind kind;
    Type type;
  };
  constexpr Way ways[] = {{"icmp", RejectKind::icmp, Type::icmp_code},
                          {"icmpv6", RejectKind::icmpv6, Type::icmpv6_code},
                          {"icmpx", RejectKind::icmpx, Type::icmpx_code}};
  for (const Way& way : ways) {
    if (!p.take_word(way.word)) continue;
    statement.reject = way.kind;
    return parse_reject_code(p, statement, way.type);
  }
  constexpr std::string_view words[] = {"icmp", "icmpv6", "icmpx", "tcp"};
  return p.unexpected("icmp, icmpv6, icmpx or tcp reset", words);
}

// --- queue ---
bool parse_queue_number(Parser& p, std::string& text) {
  const std::uint32_t begin = p.now().begin;
  if (p.is(TokenKind::word)) {
    Expr expr;
    if (!parse_statement_value(p, expr)) return false;
    if (expr.kind != ExprKind::map && expr.kind != ExprKind::number_generator && expr.kind != ExprKind::hash)
      return p.fail(expr.span, "this is no number of a queue", "a number, numgen, jhash, symhash or a map");
    text = p.text({begin, p.taken_end()});
    return true;
  }
  Expr number;
  const Want want[] = {{Type::integer, 16}};
  if (!parse_concat(p, number, Side::right) || !resolve(p, number, want)) return false;
  text = std::to_string(number.value.low);
  if (number.kind == ExprKind::range) text += "-" + std::to_string(number.value2.low);
  return true;
}

bool parse_queue_flags(Parser& p, std::string& flags) {
  bool bypass = flags.find("bypass") != std::string::npos, fanout = flags.find("fanout") != std::string::npos;
  do {
    if (p.take_word("bypass"))
      bypass = true;
    else if (p.take_word("fanout"))
      fanout = true;
    else
      return p.unexpected("bypass or fanout");
  } while (p.take_if(TokenKind::comma));
  flags = bypass ? (fanout ? "bypass,fanout" : "bypass") : "fanout";
  return true;
}

bool parse_queue(Parser& p, Statement& statement) {
  statement.kind = StatementKind::queue;
  std::string number, flags;
  if (p.take_word("to")) {
    if (!parse_queue_number(p, number)) return false;
  } else if (p.take_word("flags")) {
    if (!parse_queue_flags(p, flags)) return false;
    if (!p.take_word("num") && !p.need_word("to")) return false;
    if (!parse_queue_number(p, number)) return false;
  } else {
    for (;;) {
      if (p.take_word("num")) {
        if (!parse_queue_number(p, number)) return false;
      } else if (p.is_word("bypass") || p.is_word("fanout")) {
        if (!parse_queue_flags(p, flags)) return false;
      } else {
        break;
      }
    }
  }
  if (!flags.empty()) statement.what = "flags " + flags + " ";
  statement.what += "to " + (number.empty() ? "0" : number);
  return true;
}

// --- flow, reset, set of an object ---
bool parse_flow(Parser& p, Statement& statement) {
  statement.kind = StatementKind::flow_offload;
  if (!p.take_word("add") && !p.take_word("offload")) return p.unexpected("add");
  return p.need(TokenKind::at, "'@' and the name of a flowtable") &&
         parse_string(p, statement.text, "the name of a flowtable");
}

bool parse_reset(Parser& p, Statement& statement) {
  statement.kind = StatementKind::assign;
  Expr& option = statement.left.emplace_back();
  option.kind = ExprKind::selector;
  option.field = Field::tcp_option;
  option.span.begin = p.now().begin;
  std::string kind;
  if (!p.need_word("tcp") || !p.need_word("option") || !parse_tcp_option_kind(p, kind)) return false;
  option.text = "tcp option " + kind;
  option.span.end = p.taken_end();
  return true;
}

bool parse_mss(Parser& p, SynproxyOptions& options) {
  std::uint64_t number = 0;
  if (!parse_number(p, number, 0xffff, "a number")) return false;
  options.mss = static_cast<std::uint16_t>(number);
  return true;
}

bool parse_window_scale(Parser& p, SynproxyOptions& options) {
  std::uint64_t number = 0;
  if (!parse_number(p, number, 0xff, "a number")) return false;
  options.window_scale = static_cast<std::uint8_t>(number);
  return true;
}

bool parse_synproxy(Parser& p, Statement& statement) {
  if (p.take_word("name")) {
    statement.kind = StatementKind::object;
    statement.what = "synproxy";
    return parse_object_choice(p, statement);
  }
  statement.kind = StatementKind::synproxy;
  return parse_synproxy_numbers(p, statement.synproxy, statement.what);
}

}  // namespace

bool parse_synproxy_numbers(Parser& p, SynproxyOptions& options, std::string& text) {
  for (;;) {
    if (p.take_word("mss") || p.take_word("maxseg")) {
      if (!parse_mss(p, options)) return false;
    } else if (p.take_word("wscale")) {
      if (!parse_window_scale(p, options)) return false;
    } else if (p.take_word("timestamp")) {
      options.timestamp = true;
    } else if (p.take_word("sack-perm") || p.take_word("sack-permitted")) {
      options.sack_permitted = true;
    } else {
      break;
    }
  }
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  if (options.mss || options.window_scale)
    add("mss " + std::to_string(options.mss.value_or(0)) + " wscale " +
        std::to_string(options.window_scale.value_or(0)));
  if (options.timestamp) add("timestamp");
  if (options.sack_permitted) add("sack-perm");
  return true;
}

bool parse_synproxy_object(Parser& p, SynproxyOptions& options, std::string& text) {
  if (!p.take_word("maxseg") && !p.need_word("mss")) return false;
  if (!parse_mss(p, options)) return false;
  const bool on_lines = p.at_separator();
  if (on_lines) p.take();
  if (!p.need_word("wscale") || !parse_window_scale(p, options) || (on_lines && !p.need_separator())) return false;
  text = "mss " + std::to_string(*options.mss) + "\nwscale " + std::to_string(*options.window_scale);
  options.timestamp = p.take_word("timestamp");
  if (options.timestamp) text += "\ntimestamp";
  options.sack_permitted = p.take_word("sack-perm") || p.take_word("sack-permitted");
  if (options.sack_permitted) text += options.timestamp ? " sack-perm" : "\nsack-perm";
  return true;
}

bool begins_action(const Parser& p) {
  for (const std::string_view word : {"log", "reject", "queue", "synproxy", "notrack", "flow", "reset"})
    if (p.is_word(word)) return true;
  return false;
}

bool parse_action(Parser& p, Statement& statement, RuleProtocols& protocols) {
  const Token head = p.take();
  if (head.text == "log") return parse_log(p, statement, {head.begin, head.end});
  if (head.text == "queue") return parse_queue(p, statement);
  if (head.text == "synproxy") return parse_synproxy(p, statement);
  if (head.text == "flow") return parse_flow(p, statement);
  if (head.text == "reset") return parse_reset(p, statement);
  if (head.text == "notrack") {
    statement.kind = StatementKind::notrack;
    return true;
  }
  if (!parse_reject(p, statement)) return false;
  statement.span.end = p.taken_end();
  return check_reject(p, protocols, statement);
}

}  // namespace fourtuple::nft
