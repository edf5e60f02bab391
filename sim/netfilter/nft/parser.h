// What all parts of the nft parser share: the tokens of the text and of included files, variables, faults with their
// places, and limits. Functions that parse return false after they have reported a fault; what they were to fill is
// then unspecified and the caller returns false too, up to the loop over statements, which recovers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netfilter/nft/lexer.h"
#include "sim/netfilter/nft/parse.h"

namespace fourtuple::nft {

class Parser {
 public:
  static constexpr std::size_t most_errors = 20;
  static constexpr int deepest = 16;
  // Nodes that variables may expand to in one script: definitions that use each other grow exponentially.
  static constexpr std::size_t most_expanded = 1'000'000;
  static constexpr std::size_t longest_text = std::size_t{1} << 30;  // of all files together; spans are 32 bits

  Parser(std::string_view text, const ParseOptions& options);
  ParseResult finish() &&;

  // --- tokens ---
  const Token& now() const { return frames_.back().tokens[frames_.back().at]; }
  const Token& ahead(std::size_t n) const;  // ahead(0) is now(); stops at the end of the file
  Token take();
  bool is(TokenKind kind) const { return now().kind == kind; }
  bool is_word(std::string_view word) const { return is(TokenKind::word) && now().text == word; }
  bool take_if(TokenKind kind);
  bool take_word(std::string_view word);
  // True when taken; otherwise reports what was expected.
  bool need(TokenKind kind, std::string_view expected);
  bool need_word(std::string_view word);
  // A newline or ';', which the language wants after nearly everything.
  bool at_separator() const { return is(TokenKind::newline) || is(TokenKind::semicolon); }
  bool need_separator();
  // At most one newline, where the language allows a line break inside braces.
  void line_break() { take_if(TokenKind::newline); }
  // End of the last token taken, for spans.
  std::uint32_t taken_end() const { return taken_end_; }
  // Continues with the tokens of an included file.
  bool include(const Token& path, Span where);

  // --- faults ---
  // Always false. Faults past most_errors end the parse.
  bool fail(Span where, std::string message, std::string expected = {}, std::string suggestion = {});
  // "unexpected 'foo'", at the current token; the suggestion is the nearest of `candidates`.
  bool unexpected(std::string_view expected, std::span<const std::string_view> candidates = {});
  void warn(Span where, std::string message);
  bool stopped() const { return errors_.size() >= most_errors; }
  std::size_t error_count() const { return errors_.size(); }
  // After a fault: to the separator (not taken) that ends the statement, or to the '}' that ends its block. `depth` is
  // the brace depth outside the statement.
  void recover(int depth);
  int brace_depth() const { return brace_depth_; }

  // --- variables, by scopes: the file, a table, a chain ---
  void open_scope() { scopes_.emplace_back(); }
  void close_scope() { scopes_.pop_back(); }
  bool define(const Token& name, Expr value, bool again);
  bool undefine(const Token& name);
  // The value of the variable whose name is the current token, or null after a fault. Taken.
  const Expr* variable();
  const Expr* variable_named(std::string_view name, Span where);
  // False, with a fault, when variables have expanded to more than most_expanded nodes.
  bool expanded(std::size_t nodes, Span where);

  SourcePosition position(std::uint32_t offset) const;
  std::string_view text(Span span) const;

  // Depth of nesting of whatever recurses.
  class Nest {
   public:
    explicit Nest(Parser& parser);
    ~Nest() { --parser_.nesting_; }
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    bool ok() const { return ok_; }

   private:
    Parser& parser_;
    bool ok_;
  };

  Script script;
  // Of the table being read.
  TableFamily family = TableFamily::ip;
  // The IP version the rule being read has established so far.
  std::optional<TableFamily> network;
  // In a table that has no effect as a whole: its parts are not worth a warning each.
  bool quiet = false;

 private:
  struct Source {
    std::string name, text;
    std::uint32_t base = 0;
    int first_line = 1, first_column = 1;
    std::vector<std::uint32_t> line_starts;  // from the beginning of the text
  };
  struct Frame {
    std::vector<Token> tokens;
    std::size_t at = 0;
    int brace_depth = 0;  // where the file began
  };
  struct Variable {
    Expr value;
    std::size_t nodes = 0;
  };

  void open(std::string name, std::string text, int first_line, int first_column);
  void note(const Error& error) { errors_.push_back(error); }

  const ParseOptions& options_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<Frame> frames_;
  std::vector<std::map<std::string, Variable, std::less<>>> scopes_;
  std::vector<Error> errors_;
  std::vector<std::uint32_t> error_places_;
  std::uint32_t taken_end_ = 0;
  std::size_t expanded_ = 0;
  int nesting_ = 0, brace_depth_ = 0;
};

// At most 60 characters of it, for messages.
std::string shortened(std::string_view text);
// How a message names a token: "'foo'", "end of line".
std::string name_of(const Token& token);
// A word the language keeps for itself wherever it stands; no name can be one.
bool is_reserved(std::string_view word);
// A name of a table, chain, set, …: a word that is not reserved.
bool parse_name(Parser& p, std::string& name, std::string_view expected);
// A name, or text in quotes.
bool parse_string(Parser& p, std::string& text, std::string_view expected);
bool parse_number(Parser& p, std::uint64_t& number, std::uint64_t largest, std::string_view expected);
// "1h30m" in milliseconds.
bool parse_duration(Parser& p, std::uint64_t& milliseconds);
// `comment "…"` with the current token after the word.
bool parse_comment(Parser& p, std::string& comment);

}  // namespace fourtuple::nft
