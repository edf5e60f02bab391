#include "sim/netfilter/nft/parser.h"

#include <algorithm>
#include <numeric>

#include "sim/base/nearest.h"

namespace fourtuple::nft {
namespace {

std::size_t nodes_in(const Expr& expr) {
  std::size_t nodes = 1;
  for (const Expr& part : expr.parts) nodes += nodes_in(part);
  return nodes;
}

}  // namespace

Parser::Parser(std::string_view text, const ParseOptions& options) : options_(options), scopes_(1) {
  script.source_name = options.source_name;
  open(options.source_name, std::string(text.substr(0, longest_text)), options.first_line, options.first_column);
  if (text.size() > longest_text) fail({0, 0}, "the text is larger than a gigabyte");
}

void Parser::open(std::string name, std::string text, int first_line, int first_column) {
  auto source = std::make_unique<Source>();
  source->name = std::move(name);
  source->text = std::move(text);
  source->first_line = first_line;
  source->first_column = first_column;
  if (!sources_.empty()) {
    const Source& before = *sources_.back();
    source->base = before.base + static_cast<std::uint32_t>(before.text.size()) + 1;
  }
  source->line_starts.push_back(0);
  for (std::size_t i = 0; i < source->text.size(); ++i)
    if (source->text[i] == '\n') source->line_starts.push_back(static_cast<std::uint32_t>(i) + 1);
  frames_.push_back({tokenize(source->text, source->base), 0, brace_depth_});
  sources_.push_back(std::move(source));
}

bool Parser::include(const Token& path, Span where) {
  if (!options_.include) return fail(where, "include is not possible here", "the rules themselves");
  if (frames_.size() >= deepest) return fail(where, "files include each other more than 16 deep");
  std::optional<std::string> text = options_.include(path.text);
  if (!text) return fail({path.begin, path.end}, "cannot read \"" + shortened(path.text) + "\"", "a readable file");
  const Source& last = *sources_.back();
  if (last.base + last.text.size() + text->size() + 2 > longest_text)
    return fail(where, "the included files are larger than a gigabyte together");
  open(std::string(path.text), std::move(*text), 1, 1);
  frames_.back().tokens.back().kind = TokenKind::newline;  // the file ends, the text that includes it does not
  return true;
}

const Token& Parser::ahead(std::size_t n) const {
  const Frame& frame = frames_.back();
  return frame.tokens[std::min(frame.at + n, frame.tokens.size() - 1)];
}

Token Parser::take() {
  Frame& frame = frames_.back();
  const Token token = frame.tokens[frame.at];
  if (token.kind == TokenKind::end) return token;
  taken_end_ = token.end;
  if (token.kind == TokenKind::brace_open) ++brace_depth_;
  if (token.kind == TokenKind::brace_close) --brace_depth_;
  if (++frame.at < frame.tokens.size()) return token;
  if (frame.brace_depth != brace_depth_)  // spans lie in one file
    fail({token.begin, token.end}, "the braces of an included file do not match",
         "blocks that begin and end in one file");
  frames_.pop_back();
  return token;
}

bool Parser::take_if(TokenKind kind) {
  if (!is(kind)) return false;
  take();
  return true;
}

bool Parser::take_word(std::string_view word) {
  if (!is_word(word)) return false;
  take();
  return true;
}

bool Parser::need(TokenKind kind, std::string_view expected) {
  return take_if(kind) || unexpected(expected);
}

bool Parser::need_word(std::string_view word) {
  if (take_word(word)) return true;
  const std::string_view only[] = {word};
  return unexpected("'" + std::string(word) + "'", only);
}

bool Parser::need_separator() {
  if (!at_separator()) return unexpected("a newline or ';'");
  take();
  return true;
}

bool Parser::fail(Span where, std::string message, std::string expected, std::string suggestion) {
  if (stopped()) return false;
  // One fault for a place: an unclosed block ends every block around it too.
  if (std::find(error_places_.begin(), error_places_.end(), where.begin) != error_places_.end()) return false;
  errors_.push_back({position(where.begin), std::move(message), std::move(expected), std::move(suggestion)});
  error_places_.push_back(where.begin);
  if (stopped())  // nothing is left to read
    for (Frame& frame : frames_) frame.at = frame.tokens.size() - 1;
  return false;
}

bool Parser::unexpected(std::string_view expected, std::span<const std::string_view> candidates) {
  const Token& token = now();
  std::string message = "unexpected " + name_of(token);
  if (token.kind == TokenKind::junk && token.text == "#")
    return fail({token.begin, token.end}, "a comment on the last line needs a newline after it");
  if (token.kind == TokenKind::junk && token.text == "\"")
    return fail({token.begin, token.end}, "the quote is never closed", "'\"'");
  if (token.kind == TokenKind::junk && token.text == "\r")
    return fail({token.begin, token.end}, "unexpected carriage return", "lines that end with a newline only");
  std::string suggestion;
  if (token.kind == TokenKind::word) suggestion = nearest(token.text, candidates);
  return fail({token.begin, token.end}, std::move(message), std::string(expected), std::move(suggestion));
}

void Parser::warn(Span where, std::string message) {
  if (!quiet) script.warnings.push_back({position(where.begin), std::move(message)});
}

void Parser::recover(int depth) {
  TokenKind last = TokenKind::comma;  // a line break right after the fault may still be inside a list
  int block = 0;                      // depth of a brace skipped here that begins lines of its own
  while (!is(TokenKind::end)) {
    if (brace_depth_ <= depth && (at_separator() || is(TokenKind::brace_close))) break;
    const bool inside_block = block != 0 && brace_depth_ >= block;
    if (is(TokenKind::newline) && last == TokenKind::brace_open && !inside_block) block = brace_depth_;
    // A list goes on in the next line only after a comma; otherwise its brace was never closed.
    if (is(TokenKind::newline) && !inside_block && last != TokenKind::comma && last != TokenKind::brace_open) break;
    last = take().kind;
  }
  brace_depth_ = depth;
}

bool Parser::define(const Token& name, Expr value, bool again) {
  auto& scope = scopes_.back();
  const std::string key(name.text);
  if (!again && scope.contains(key))
    return fail({name.begin, name.end}, "the variable '" + shortened(key) + "' is already defined here",
                "another name, or redefine");
  const std::size_t nodes = nodes_in(value);
  scope.insert_or_assign(key, Variable{std::move(value), nodes});
  return true;
}

bool Parser::undefine(const Token& name) {
  if (scopes_.back().erase(std::string(name.text)) > 0) return true;
  return fail({name.begin, name.end}, "the variable '" + shortened(name.text) + "' is not defined here");
}

const Expr* Parser::variable() {
  const Token name = now();
  if (name.kind != TokenKind::word && name.kind != TokenKind::literal) {
    unexpected("the name of a variable after '$'");
    return nullptr;
  }
  take();
  return variable_named(name.text, {name.begin, name.end});
}

const Expr* Parser::variable_named(std::string_view name, Span where) {
  std::vector<std::string_view> known;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->find(name); found != scope->end())
      return expanded(found->second.nodes, where) ? &found->second.value : nullptr;
    for (const auto& [word, value] : *scope) known.push_back(word);
  }
  fail(where, "unknown variable '$" + shortened(name) + "'", "a variable given by define", nearest(name, known));
  return nullptr;
}

bool Parser::expanded(std::size_t nodes, Span where) {
  expanded_ += nodes;
  return expanded_ <= most_expanded || fail(where, "the variables expand to more than a million values");
}

SourcePosition Parser::position(std::uint32_t offset) const {
  const auto after = std::upper_bound(sources_.begin(), sources_.end(), offset,
                                      [](std::uint32_t at, const auto& source) { return at < source->base; });
  const Source& source = **std::prev(after);
  const std::uint32_t at = offset - source.base;
  const auto next_line = std::upper_bound(source.line_starts.begin(), source.line_starts.end(), at);
  const auto line = static_cast<int>(next_line - source.line_starts.begin());
  const auto column = static_cast<int>(at - *std::prev(next_line)) + 1;
  return {source.name, source.first_line + line - 1, line == 1 ? source.first_column + column - 1 : column};
}

std::string_view Parser::text(Span span) const {
  for (const auto& source : sources_)
    if (span.begin >= source->base && span.end <= source->base + source->text.size())
      return std::string_view(source->text).substr(span.begin - source->base, span.end - span.begin);
  return {};
}

ParseResult Parser::finish() && {
  std::vector<std::size_t> order(errors_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return error_places_[a] < error_places_[b]; });
  ParseResult result;
  for (const std::size_t i : order) result.errors.push_back(std::move(errors_[i]));
  for (const auto& source : sources_) {
    if (source->base > 0) script.text += '\n';
    script.sources.push_back({source->name, source->base, source->first_line, source->first_column});
    script.text += source->text;
  }
  result.script = std::move(script);
  return result;
}

Parser::Nest::Nest(Parser& parser) : parser_(parser), ok_(++parser.nesting_ <= deepest) {
  if (!ok_) parser.fail({parser.now().begin, parser.now().end}, "nested more than 16 deep");
}

std::string shortened(std::string_view text) {
  constexpr std::size_t longest = 60;
  return text.size() <= longest ? std::string(text) : std::string(text.substr(0, longest)) + "…";
}

std::string name_of(const Token& token) {
  switch (token.kind) {
    case TokenKind::end:
      return "end of the text";
    case TokenKind::newline:
      return "end of line";
    case TokenKind::quoted:
      return "\"" + shortened(token.text) + "\"";
    case TokenKind::junk: {
      const auto byte = static_cast<unsigned char>(token.text.empty() ? 0 : token.text[0]);
      if (byte > 0x20 && byte < 0x7f) return "'" + std::string(token.text) + "'";
      constexpr char digits[] = "0123456789abcdef";
      return std::string("character 0x") + digits[byte >> 4] + digits[byte & 15];
    }
    default:
      return "'" + shortened(token.text) + "'";
  }
}

bool is_reserved(std::string_view word) {
  static constexpr std::string_view words[] = {
      "accept",      "add",      "ah",       "all",      "arp",       "auto-merge", "bridge",   "cgroup",   "chain",
      "comment",     "comp",     "constant", "continue", "counter",   "cpu",        "create",   "ct",       "day",
      "dccp",        "define",   "delete",   "describe", "device",    "devices",    "dnat",     "drop",     "dst",
      "dup",         "dynamic",  "ecn",      "element",  "elements",  "esp",        "ether",    "exists",   "expires",
      "export",      "exthdr",   "fib",      "flags",    "flow",      "flowtable",  "flush",    "frag",     "fwd",
      "gc-interval", "get",      "goto",     "handle",   "hbh",       "hook",       "hour",     "ibriport", "ibrname",
      "icmp",        "icmpv6",   "igmp",     "iif",      "iifgroup",  "iifname",    "iiftype",  "import",   "include",
      "index",       "inet",     "insert",   "interval", "ip",        "ip6",        "ipsec",    "jhash",    "jump",
      "limit",       "list",     "log",      "map",      "mark",      "masquerade", "meta",     "meter",    "mh",
      "missing",     "monitor",  "netdev",   "nftrace",  "notrack",   "numgen",     "obriport", "obrname",  "offload",
      "oif",         "oifgroup", "oifname",  "oiftype",  "osf",       "pkttype",    "policy",   "position", "priority",
      "queue",       "quota",    "random",   "redefine", "redirect",  "reject",     "rename",   "replace",  "reset",
      "return",      "rt",       "rt0",      "rt2",      "rtclassid", "rule",       "ruleset",  "sctp",     "secmark",
      "set",         "size",     "skgid",    "skuid",    "snat",      "socket",     "srh",      "symhash",  "synproxy",
      "table",       "tcp",      "th",       "time",     "timeout",   "tproxy",     "type",     "typeof",   "udp",
      "udplite",     "undefine", "update",   "vlan",     "vmap",      "xt"};
  static_assert(std::is_sorted(std::begin(words), std::end(words)));
  return std::binary_search(std::begin(words), std::end(words), word);
}

bool parse_name(Parser& p, std::string& name, std::string_view expected) {
  const Token& token = p.now();
  if (token.kind == TokenKind::word && is_reserved(token.text))
    return p.fail({token.begin, token.end}, "'" + std::string(token.text) + "' is a keyword", std::string(expected));
  if (token.kind != TokenKind::word && token.kind != TokenKind::literal) return p.unexpected(expected);
  name = p.take().text;
  return true;
}

bool parse_string(Parser& p, std::string& text, std::string_view expected) {
  if (!p.is(TokenKind::quoted) && !p.is(TokenKind::wildcard)) return parse_name(p, text, expected);
  text = p.take().text;
  return true;
}

bool parse_number(Parser& p, std::uint64_t& number, std::uint64_t largest, std::string_view expected) {
  if (!p.is(TokenKind::number)) return p.unexpected(expected);
  const Token token = p.take();
  number = token.number;
  return number <= largest || p.fail({token.begin, token.end}, shortened(token.text) + " is too large",
                                     "at most " + std::to_string(largest));
}

bool parse_duration(Parser& p, std::uint64_t& milliseconds) {
  const Token token = p.now();
  if (token.kind != TokenKind::literal || !duration_ms(token.text, milliseconds))
    return p.unexpected("a duration such as 1h30m or 10s");
  p.take();
  return true;
}

bool parse_comment(Parser& p, std::string& comment) {
  constexpr std::size_t longest = 128;  // nftables: NFTNL_UDATA_COMMENT_MAXLEN
  const Token token = p.now();
  if (!comment.empty()) return p.fail({token.begin, token.end}, "there is a comment already");
  if (!parse_string(p, comment, "a comment in quotes")) return false;
  return comment.size() <= longest ||
         p.fail({token.begin, token.end}, "the comment is too long", "at most 128 characters");
}

}  // namespace fourtuple::nft
