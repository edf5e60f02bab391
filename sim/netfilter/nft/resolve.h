// Gives literals their values once it is known what they are compared with: the words, numbers and addresses of an
// expression become values of the wanted types, constant operations are carried out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/netfilter/nft/parser.h"

namespace fourtuple::nft {

// A value still without type: the token, kept in text, number and length.
Expr literal(const Token& token);
bool is_literal(const Expr& expr);

// What a part of an expression has to be.
struct Want {
  Type type = Type::invalid;
  std::uint16_t bits = 0;  // 0: the type's own
};
using Wants = std::vector<Want>;

// The types of a selector, a concatenation of selectors, or an operation on one. Empty when it has none.
Wants wants_of(const Expr& expr);
Wants wants_of(std::span<const Type> types);

// Where faults go.
class Faults {
 public:
  // False.
  virtual bool fault(Span where, std::string message, std::string expected, std::string suggestion) = 0;

 protected:
  ~Faults() = default;
};

// To the errors of the parse.
class ParserFaults final : public Faults {
 public:
  explicit ParserFaults(Parser& p) : p_(p) {}
  bool fault(Span where, std::string message, std::string expected, std::string suggestion) override {
    return p_.fail(where, std::move(message), std::move(expected), std::move(suggestion));
  }

 private:
  Parser& p_;
};

// Types every literal in the expression. Sets: `wants` is for keys, `data` for the data of maps (empty: not a map).
bool resolve(Faults& faults, Expr& expr, std::span<const Want> wants, std::span<const Want> data = {});
// One value. Sets type and value; of prefixes of names (eth*) also the kind.
bool resolve_value(Faults& faults, Expr& expr, Want want);

// The same with the parser as the place for faults.
bool resolve(Parser& p, Expr& expr, std::span<const Want> wants, std::span<const Want> data = {});

// The address of a nat statement: the elements of a map may give a port too.
bool resolve_address(Parser& p, Expr& expr, Type address);

// "ipv4_addr . inet_service".
std::string name_of(std::span<const Want> wants);
std::uint16_t bits_of(Want want);

}  // namespace fourtuple::nft
