// Selectors that the simulator does not evaluate and that are kept as text: options of TCP, IP and SCTP, extension
// headers of IPv6, link headers, sockets, routes, IPsec and operating system fingerprints.
#pragma once

#include "sim/netfilter/nft/parser.h"

namespace fourtuple::nft {

bool begins_option(const Parser& p);
// REQUIRES: begins_option(). Expr::length is the width of the value.
bool parse_option(Parser& p, Expr& expr);
// The kind of a TCP option, by name or number, as nft prints it.
bool parse_tcp_option_kind(Parser& p, std::string& kind);

}  // namespace fourtuple::nft
