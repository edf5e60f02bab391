// What a command line of ss asks for (ss(8) of iproute2 6.1): the options that concern TCP and UDP sockets.
#pragma once

#include <cstdint>

#include "app/views/views.h"

namespace fourtuple::app {

struct SsOptions {
  bool tcp = true, udp = true;
  bool ipv4 = true, ipv6 = true;
  bool numeric = false, processes = false, timers = false, extended = false, header = true, summary = false,
       unix_sockets = false;  // -x, alone
  std::uint32_t states = 0;   // bit n: TcpState n is listed

  bool lists(TcpState state) const { return (states >> static_cast<unsigned>(state) & 1) != 0; }
};

Outcome<SsOptions> read_ss_options(Words words);

}  // namespace fourtuple::app
