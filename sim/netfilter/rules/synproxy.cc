// The statement `synproxy` (nft_synproxy.c): answers for a server it does not ask yet. What is sent is the host's work;
// what happens after the cookie came back is in conntrack/synproxy.cc.
#include "sim/netfilter/rules/evaluate.h"
#include "sim/tcp/syn_cookie.h"

namespace fourtuple::netfilter {

Evaluation::Result Evaluation::synproxy(const Op& op) {
  const Packet& packet = walk_.packet;
  if (!view_.has(op.needs)) return Result::absent;
  if ((packet.fragment_flags & FragmentFlag::bad_checksum) != 0) {
    reach({nft::VerdictKind::drop, no_index});
    return Result::done;
  }
  if (packet.has(TcpFlag::syn)) {
    reach({nft::VerdictKind::accept, no_index});
    result_ = {HookVerdict::stolen, nft::RejectKind::none, 0, SynproxyAct::answer_client, op.a};
    return Result::done;
  }
  if (!packet.has(TcpFlag::ack)) return Result::done;
  const std::uint16_t mss = tcp::read_cookie({c_.environment.cookie_secret(c_.host), view_.family(), c_.now}, packet);
  if (wants_expressions_) remember({0, mss}, 1);
  reach({mss == 0 ? nft::VerdictKind::drop : nft::VerdictKind::accept, no_index});
  if (mss != 0) result_ = {HookVerdict::stolen, nft::RejectKind::none, 0, SynproxyAct::ask_server, mss};
  return Result::done;
}

}  // namespace fourtuple::netfilter
