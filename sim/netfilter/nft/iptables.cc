#include "sim/netfilter/nft/iptables.h"

#include <algorithm>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/iptables_rule.h"

namespace fourtuple::nft {
namespace {

constexpr std::size_t most_errors = 20;

struct BuiltIn {
  std::string_view table, chain;
  ChainType type;
  HookPoint point;
  std::int32_t priority;
};
constexpr BuiltIn built_in[] = {{"filter", "INPUT", ChainType::filter, HookPoint::input, 0},
                                {"filter", "FORWARD", ChainType::filter, HookPoint::forward, 0},
                                {"filter", "OUTPUT", ChainType::filter, HookPoint::output, 0},
                                {"nat", "PREROUTING", ChainType::nat, HookPoint::prerouting, -100},
                                {"nat", "INPUT", ChainType::nat, HookPoint::input, 100},
                                {"nat", "OUTPUT", ChainType::nat, HookPoint::output, -100},
                                {"nat", "POSTROUTING", ChainType::nat, HookPoint::postrouting, 100},
                                {"mangle", "PREROUTING", ChainType::filter, HookPoint::prerouting, -150},
                                {"mangle", "INPUT", ChainType::filter, HookPoint::input, -150},
                                {"mangle", "FORWARD", ChainType::filter, HookPoint::forward, -150},
                                {"mangle", "OUTPUT", ChainType::route, HookPoint::output, -150},
                                {"mangle", "POSTROUTING", ChainType::filter, HookPoint::postrouting, -150},
                                {"raw", "PREROUTING", ChainType::filter, HookPoint::prerouting, -300},
                                {"raw", "OUTPUT", ChainType::filter, HookPoint::output, -300},
                                {"security", "INPUT", ChainType::filter, HookPoint::input, 50},
                                {"security", "FORWARD", ChainType::filter, HookPoint::forward, 50},
                                {"security", "OUTPUT", ChainType::filter, HookPoint::output, 50}};

void set_spans(Expr& expr, Span span) {
  expr.span = span;
  for (Expr& part : expr.parts) set_spans(part, span);
}

void set_spans(Statement& statement, Span span) {
  statement.span = span;
  for (auto* parts : {&statement.left, &statement.right, &statement.address, &statement.port})
    for (Expr& part : *parts) set_spans(part, span);
  for (Statement& inner : statement.inner) set_spans(inner, span);
}

class Reader {
 public:
  Reader(std::string_view text, const ParseOptions& options, TableFamily family) : family_(family) {
    Script& script = result_.script;
    script.source_name = options.source_name;
    script.text = text;
    script.sources.push_back({options.source_name, 0, options.first_line, options.first_column});
  }

  ParseResult run() && {
    const std::string_view text = result_.script.text;
    for (std::size_t at = 0; at < text.size() && result_.errors.size() < most_errors;) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      read_line(text.substr(at, end - at), static_cast<std::uint32_t>(at));
      at = end + 1;
      ++line_;
      line_begin_ = static_cast<std::uint32_t>(at);
    }
    if (in_table_ && result_.errors.empty()) fail({line_begin_, line_begin_}, "the table is never finished", "COMMIT");
    return std::move(result_);
  }

 private:
  SourcePosition where(std::uint32_t offset) const {
    const ScriptSource& source = result_.script.sources[0];
    const auto column = static_cast<int>(offset - line_begin_) + 1;
    return {source.name, source.first_line + line_, line_ == 0 ? source.first_column + column - 1 : column};
  }

  void fail(Span span, std::string message, std::string expected = {}, std::string suggestion = {}) {
    if (result_.errors.size() < most_errors)
      result_.errors.push_back({where(span.begin), std::move(message), std::move(expected), std::move(suggestion)});
  }

  void read_line(std::string_view line, std::uint32_t begin) {
    last_ = begin;
    if (line.starts_with('#')) {
      if (line.find("ip6tables-save") != std::string_view::npos) family_ = TableFamily::ip6;
      return;
    }
    std::vector<IptablesWord> words;
    if (!split_line(line, begin, words)) return fail(words.back().span, "the quote is never closed", "'\"'");
    if (words.empty()) return;
    const std::string& first = words[0].text;
    if (first.starts_with('*')) return begin_table(words);
    if (!in_table_) return fail(words[0].span, "a line outside a table", "*filter or another table before it");
    if (first == "COMMIT") return commit();
    if (first.starts_with(':')) return declare_chain(words);
    read_rule(words);
  }

  void begin_table(const std::vector<IptablesWord>& words) {
    const std::string name = words[0].text.substr(1);
    std::vector<std::string_view> known;
    for (const BuiltIn& entry : built_in) known.push_back(entry.table);
    if (in_table_) return fail(words[0].span, "the table before is not finished", "COMMIT");
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(words[0].span, "there is no table '" + name + "'", "filter, nat, mangle, raw or security",
                  nearest(name, known));
    in_table_ = true;
    command_ = Command();
    command_.span = command_.table.span = words[0].span;
    command_.table.family = family_;
    command_.table.name = name;
    chain_names_.clear();
    // As iptables-restore: what was in the table is gone.
    Command remove;
    remove.kind = CommandKind::delete_table;
    remove.if_exists = true;
    remove.span = words[0].span;
    remove.table.family = family_;
    remove.table.name = name;
    result_.script.commands.push_back(std::move(remove));
  }

  void commit() {
    in_table_ = false;
    command_.span.end = command_.table.span.end = last_ + 6;
    result_.script.commands.push_back(std::move(command_));
  }

  const BuiltIn* find_built_in(std::string_view chain) const {
    const auto* found = std::find_if(std::begin(built_in), std::end(built_in), [&](const BuiltIn& entry) {
      return entry.table == command_.table.name && entry.chain == chain;
    });
    return found == std::end(built_in) ? nullptr : found;
  }

  Chain& add_chain(const std::string& name, Span span) {
    Chain& chain = command_.table.chains.emplace_back();
    chain.name = name;
    chain.span = span;
    chain_names_.push_back(name);
    if (const BuiltIn* entry = find_built_in(name)) {
      chain.hook.emplace();
      chain.hook->type = entry->type;
      chain.hook->point = entry->point;
      chain.hook->priority = entry->priority;
      chain.hook->policy_given = true;
    }
    return chain;
  }

  // :INPUT DROP [0:0]
  void declare_chain(const std::vector<IptablesWord>& words) {
    const std::string name = words[0].text.substr(1);
    const std::string policy = words.size() > 1 ? words[1].text : "";
    if (name.empty()) return fail(words[0].span, "a chain without a name");
    const bool base = find_built_in(name) != nullptr;
    if (base ? policy != "ACCEPT" && policy != "DROP" : policy != "-")
      return fail(words.size() > 1 ? words[1].span : words[0].span, "a policy is missing or wrong",
                  base ? "ACCEPT or DROP" : "- for a chain without a hook");
    if (std::find(chain_names_.begin(), chain_names_.end(), name) != chain_names_.end())
      return fail(words[0].span, "the chain '" + name + "' is there already");
    Chain& chain = add_chain(name, {words[0].span.begin, words.back().span.end});
    if (base) chain.hook->accept = policy == "ACCEPT";
  }

  Chain* find_chain(const IptablesWord& word) {
    auto& chains = command_.table.chains;
    const auto found =
        std::find_if(chains.begin(), chains.end(), [&](const Chain& chain) { return chain.name == word.text; });
    if (found != chains.end()) return &*found;
    if (find_built_in(word.text) != nullptr) return &add_chain(word.text, word.span);
    std::vector<std::string_view> known(chain_names_.begin(), chain_names_.end());
    for (const BuiltIn& entry : built_in)
      if (entry.table == command_.table.name) known.push_back(entry.chain);
    fail(word.span, "there is no chain '" + word.text + "'", "a line ':" + word.text + " - [0:0]' before it",
         nearest(word.text, known));
    return nullptr;
  }

  // [5:600] -A CHAIN …
  void read_rule(const std::vector<IptablesWord>& words) {
    std::size_t at = 0;
    Statement counter;
    counter.kind = StatementKind::counter;
    if (words[0].text.starts_with('[')) {
      const std::string& text = words[0].text;
      const std::size_t colon = text.find(':');
      if (colon == std::string::npos || !text.ends_with(']') ||
          !whole_number(text.substr(1, colon - 1), counter.packets) ||
          !whole_number(text.substr(colon + 1, text.size() - colon - 2), counter.bytes))
        return fail(words[0].span, "these are no counters", "[packets:bytes]");
      ++at;
    }
    constexpr std::string_view kinds[] = {"-A", "--append", "-I", "--insert"};
    if (at >= words.size() || std::find(std::begin(kinds), std::end(kinds), words[at].text) == std::end(kinds))
      return fail(words[std::min(at, words.size() - 1)].span, "a line that iptables-save does not print",
                  "-A and a chain, or COMMIT");
    const bool at_front = words[at].text.starts_with("-I") || words[at].text == "--insert";
    if (at + 1 >= words.size()) return fail(words[at].span, "the name of a chain is missing");
    Chain* chain = find_chain(words[at + 1]);
    if (chain == nullptr) return;
    counter.span = {words[0].span.begin, words[at + 1].span.end};
    IptablesRule rule(std::span<const IptablesWord>(words).subspan(at + 2), family_, chain_names_, next_number_++);
    if (!rule.read()) return fail(rule.fault.where, rule.fault.message, rule.fault.expected, rule.fault.suggestion);
    Rule built;
    if (!build(rule, counter, built)) return;
    built.span = {words[0].span.begin, words.back().span.end};
    chain->rules.insert(at_front ? chain->rules.begin() : chain->rules.end(), std::move(built));
  }

  // Reads the nft of all pieces as one rule and puts the places of the options into it.
  bool build(IptablesRule& rule, const Statement& counter, Rule& built) {
    std::string text = family_ == TableFamily::ip6 ? "table ip6 t {\nchain c {\n" : "table ip t {\nchain c {\n";
    const std::size_t head = text.size();
    for (const IptablesPiece& piece : rule.pieces) text += piece.nft + " ";
    if (!rule.pieces.empty()) {
      text += "\n}\n}\n";
      ParseResult parsed = parse(text);
      const auto piece_at = [&](int column) -> const IptablesPiece& {
        std::size_t end = 0, i = 0;
        for (; i + 1 < rule.pieces.size(); ++i) {
          end += rule.pieces[i].nft.size() + 1;
          if (static_cast<std::size_t>(column) <= end) break;
        }
        return rule.pieces[i];
      };
      for (const Error& error : parsed.errors)
        fail(piece_at(error.where.line == 3 ? error.where.column : static_cast<int>(text.size() - head)).span,
             error.message, error.expected, error.suggestion);
      if (!parsed.errors.empty()) return false;
      for (Warning& warning : parsed.script.warnings)
        result_.script.warnings.push_back(
            {where(piece_at(warning.where.column).span.begin), std::move(warning.message)});
      built = std::move(parsed.script.commands[0].table.chains[0].rules[0]);
      for (std::size_t i = 0; i < built.statements.size() && i < rule.pieces.size(); ++i) {
        set_spans(built.statements[i], rule.pieces[i].span);
        if (!rule.pieces[i].chain.empty()) built.statements[i].verdict.chain = rule.pieces[i].chain;
        if (built.statements[i].kind == StatementKind::log) built.statements[i].log.prefix = rule.pieces[i].log_prefix;
      }
    }
    const std::size_t place = std::min(rule.match_count, built.statements.size());
    built.statements.insert(built.statements.begin() + static_cast<std::ptrdiff_t>(place), counter);
    built.comment = rule.comment;
    return true;
  }

  ParseResult result_;
  TableFamily family_;
  Command command_;
  std::vector<std::string> chain_names_;
  bool in_table_ = false;
  unsigned next_number_ = 0;
  int line_ = 0;
  std::uint32_t line_begin_ = 0, last_ = 0;
};

}  // namespace

ParseResult parse_iptables_save(std::string_view text, const ParseOptions& options, TableFamily family) {
  return Reader(text, options, family).run();
}

bool is_iptables_save(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!line.empty() && line[0] == '*') return true;
    if (!line.empty() && line[0] != '#') return false;
    at = end + 1;
  }
  return false;
}

}  // namespace fourtuple::nft
