// Names that DNS answers give addresses (RFC 1035). mDNS (RFC 6762) and LLMNR (RFC 4795) answers have the same form.
#pragma once

#include <string>
#include <vector>

#include "sim/wire/address.h"
#include "sim/wire/bytes.h"

namespace fourtuple::capture {

struct DnsAnswer {
  IpAddress address;
  std::string name;      // printable (escaped()), lower case, without the last dot
  bool pointer = false;  // a PTR record: the answer to the question what the address is called
};

// The A, AAAA and PTR records of a response without an error. At the end of a CNAME chain the name at its beginning,
// which is what was asked for. Addresses that many share (loopback, multicast, …) are left out. A message that is cut
// or damaged gives what precedes the fault.
std::vector<DnsAnswer> read_dns_answers(Bytes message);

}  // namespace fourtuple::capture
