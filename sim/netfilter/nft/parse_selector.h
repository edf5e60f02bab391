// Selectors: what a rule reads from a packet, from conntrack or from the system (`tcp dport`, `ct state`, `fib …`).
#pragma once

#include "sim/netfilter/nft/parser.h"

namespace fourtuple::nft {

enum class Found : std::uint8_t { no, yes, fault };

// Reads a selector if one begins here, with its type and for those with arguments the text as nft prints it.
Found parse_selector(Parser& p, Expr& expr);
// Width of the selector's values.
std::uint16_t selector_bits(const Expr& expr);
// Words that can begin a statement with a selector, for suggestions.
std::span<const std::string_view> selector_words();

}  // namespace fourtuple::nft
