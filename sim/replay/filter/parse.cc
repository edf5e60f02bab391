#include "sim/replay/filter/parse.h"

#include <algorithm>

#include "sim/base/nearest.h"
#include "sim/replay/filter/tokens.h"
#include "sim/replay/filter/values.h"

namespace fourtuple::replay {
namespace {

constexpr int deepest = 60;  // parentheses; FilterExpression::holds needs one more place than that

using TokenKind = FilterTokenKind;

bool joins(const FilterToken& token) {
  return token.kind == TokenKind::and_ || token.kind == TokenKind::or_;
}

// Numbers, addresses, ranges and masks: nothing a name service is asked about.
bool is_number(std::string_view word) {
  if (word.find(':') != std::string_view::npos || word.starts_with("0x") || word.starts_with("0X")) return true;
  // 00-11-22-33-44-55
  const auto hex_or_minus = [](char c) {
    return is_digit(c) || c == '-' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  if (word.size() == 17 && word[2] == '-' && std::all_of(word.begin(), word.end(), hex_or_minus)) return true;
  return std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.' || c == '-'; });
}

}  // namespace

class FilterParser {
 public:
  FilterParser(std::string_view text, std::vector<FilterToken> tokens, const FilterNames& names, const BpfCompiler& bpf)
      : tokens_(std::move(tokens)), names_(names), bpf_(bpf) {
    result_.text_ = std::string(text);
  }

  Outcome<FilterExpression> run() {
    if (tokens_.empty()) return fail_at(0, "the filter is empty", "words such as 'port 443' or 'dropped'");
    if (auto done = sequence(0); !done) return tl::unexpected<Error>(done.error());
    if (at_ < tokens_.size()) return fail_at(here(), "this ) closes nothing", "and, or, or the end");
    return std::move(result_);
  }

 private:
  const std::string& text() const { return result_.text_; }
  bool at_end() const { return at_ >= tokens_.size(); }
  const FilterToken& token() const { return tokens_[at_]; }
  std::size_t here() const { return at_end() ? text().size() : token().begin; }
  std::string words(const FilterToken& token) const { return text().substr(token.begin, token.end - token.begin); }

  // Whether what begins at `at` holds a word of ours: then its parentheses and `not` are ours too.
  bool is_own(std::size_t at) const {
    while (at < tokens_.size() && tokens_[at].kind == TokenKind::not_) ++at;
    if (at >= tokens_.size()) return false;
    if (tokens_[at].kind != TokenKind::open) return tokens_[at].kind == TokenKind::own;
    int depth = 0;
    for (; at < tokens_.size(); ++at) {
      if (tokens_[at].kind == TokenKind::own) return true;
      if (tokens_[at].kind == TokenKind::open) ++depth;
      if (tokens_[at].kind == TokenKind::close && --depth == 0) return false;
    }
    return false;
  }

  // operand { (and | or) operand }, up to a closing parenthesis or the end.
  Outcome<void> sequence(int depth) {
    bool leading = true;
    std::uint8_t join = 0;
    for (;;) {
      if (auto done = operand(depth, leading); !done) return done;
      if (!leading) result_.program_.push_back(join);
      leading = false;
      if (at_end() || token().kind == TokenKind::close) return {};
      if (!joins(token()))
        return fail_at(here(), "'" + words(token()) + "' stands behind a complete filter", "and or or between them");
      join = token().kind == TokenKind::and_ ? FilterExpression::op_and : FilterExpression::op_or;
      ++at_;
    }
  }

  Outcome<void> operand(int depth, bool leading) {
    if (at_end() || token().kind == TokenKind::close || joins(token()))
      return fail_at(here(), at_end() ? "something is missing at the end" : "something is missing here",
                     "a word such as port 443, host:NAME or dropped");
    if (!is_own(at_)) return bpf_operand(leading);
    bool inverted = false;
    for (; token().kind == TokenKind::not_; ++at_) inverted = !inverted;
    if (token().kind == TokenKind::open) {
      if (depth >= deepest) return fail_at(here(), "too many parentheses", std::to_string(deepest) + " at most");
      const std::size_t opened = here();
      ++at_;
      if (auto done = sequence(depth + 1); !done) return done;
      if (at_end()) return fail_at(opened, "this ( is not closed", ")");
      ++at_;
    } else {
      auto atom = make_atom(token(), names_);
      if (!atom) return tl::unexpected<Error>(atom.error());
      const std::size_t begin = here();
      ++at_;
      if (auto done = add(std::move(*atom), begin); !done) return done;
    }
    if (inverted) result_.program_.push_back(FilterExpression::op_not);
    return {};
  }

  Outcome<void> add(FilterAtom atom, std::size_t begin) {
    if (result_.atoms_.size() == FilterExpression::most_atoms)
      return fail_at(begin, "the filter has too many parts", std::to_string(FilterExpression::most_atoms) + " at most");
    result_.program_.push_back(static_cast<std::uint8_t>(result_.atoms_.size()));
    result_.atoms_.push_back(std::move(atom));
    return {};
  }

  // Text for libpcap: at the beginning of a sequence as far as it goes, for there its own joining is ours; else one
  // operand.
  Outcome<void> bpf_operand(bool leading) {
    const std::size_t first = at_;
    std::vector<std::size_t> opened;
    for (; !at_end(); ++at_) {
      const FilterToken& now = token();
      if (now.kind == TokenKind::open) opened.push_back(now.begin);
      if (now.kind == TokenKind::close) {
        if (opened.empty()) break;
        opened.pop_back();
      }
      if (now.kind == TokenKind::own) {
        const bool follows = opened.empty() && at_ > first && tokens_[at_ - 1].kind != TokenKind::not_;
        return fail_at(now.begin,
                       follows ? "'" + words(now) + "' stands behind a complete filter"
                               : "'" + words(now) + "' cannot stand inside libpcap's text",
                       "and or or between them");
      }
      if (joins(now) && opened.empty() && (!leading || at_ + 1 == tokens_.size() || is_own(at_ + 1))) break;
    }
    if (!opened.empty()) return fail_at(opened.back(), "this ( is not closed", ")");
    if (auto done = check_words(first, at_, leading); !done) return done;
    return compile(tokens_[first].begin, tokens_[at_ - 1].end);
  }

  Outcome<void> compile(std::size_t begin, std::size_t end) {
    if (!bpf_) return fail_at(begin, "this needs libpcap, which is not here", "words such as host:NAME or dropped");
    FilterAtom atom;
    auto program = bpf_(text().substr(begin, end - begin));
    if (!program) {
      Error error = program.error();
      error.where.line = 1;
      error.where.column = static_cast<int>(begin) + std::max(error.where.column, 1);
      return tl::unexpected<Error>(std::move(error));
    }
    atom.program = std::move(*program);
    return add(std::move(atom), begin);
  }

  // libpcap looks words it does not know up in the network, which takes seconds: they are refused here.
  Outcome<void> check_words(std::size_t first, std::size_t last, bool leading) const {
    if (!leading && last == first + 1 && tokens_[first].kind == TokenKind::word && !known_start(tokens_[first]))
      return bare(tokens_[first]);
    BpfNames names = BpfNames::none;
    for (std::size_t i = first; i < last; ++i) {
      if (tokens_[i].kind != TokenKind::word) continue;
      const std::string word = words(tokens_[i]);
      const BpfWord* known = find_bpf_word(word);
      if (known != nullptr && known->starts) names = known->next;
      if (known != nullptr || is_number(word) || names != BpfNames::none || word.starts_with('\\')) continue;
      return unknown(tokens_[i], word, i > first && words(tokens_[i - 1]) == "host");
    }
    return {};
  }

  bool known_start(const FilterToken& token) const {
    const BpfWord* word = find_bpf_word(words(token));
    return word != nullptr && word->starts;
  }

  // "dropped and port 80 or 443": libpcap would take 443 for another port, but it does not see what stands before.
  tl::unexpected<Error> bare(const FilterToken& token) const {
    const std::string word = words(token);
    if (!is_number(word)) return unknown(token, word, false);
    return fail_at(token.begin, "'" + word + "' does not say what it is",
                   "its own word behind a word such as host:NAME: port " + word + ", host " + word);
  }

  tl::unexpected<Error> unknown(const FilterToken& token, const std::string& word, bool behind_host) const {
    std::string suggestion = own_word_for(word);
    std::string message = behind_host ? "names of hosts are not looked up: '" + word + "'"
                                      : "'" + word + "' is neither a word of the filter nor one of libpcap";
    return fail_at(token.begin, std::move(message),
                   behind_host ? "an address, or host:NAME" : "such as port 443, host:NAME or dropped",
                   std::move(suggestion));
  }

  std::string own_word_for(const std::string& word) const {
    for (const FilterWord kind : {FilterWord::host, FilterWord::process, FilterWord::state, FilterWord::reason}) {
      for (const std::string& value : values_of(kind, names_)) {
        if (!same_name(value, word)) continue;
        for (const FilterWordInfo& info : filter_words())
          if (info.word == kind) return std::string(info.name) + ":" + value;
      }
    }
    std::vector<std::string_view> candidates;
    for (const FilterWordInfo& info : filter_words()) candidates.push_back(info.name);
    for (const std::string_view common : {"port", "host", "tcp", "udp", "icmp", "net", "portrange", "src", "dst"})
      candidates.push_back(common);
    return nearest(word, candidates);
  }

  FilterExpression result_;
  std::vector<FilterToken> tokens_;
  std::size_t at_ = 0;
  const FilterNames& names_;
  const BpfCompiler& bpf_;
};

Outcome<FilterExpression> parse_filter(std::string_view text, const FilterNames& names, const BpfCompiler& bpf) {
  auto tokens = tokenize_filter(text);
  if (!tokens) return tl::unexpected<Error>(tokens.error());
  return FilterParser(text, std::move(*tokens), names, bpf).run();
}

}  // namespace fourtuple::replay
