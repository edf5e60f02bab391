#include "sim/trace/vocabulary.h"

#include "sim/trace/describe.h"

namespace fourtuple::trace {
namespace {

template <class E>
struct Word {
  E value;
  std::string_view name;
  std::string_view words;
};

constexpr Word<Stage> stages[] = {
    {Stage::interface_in, "interface-in", "received"},
    {Stage::defragment, "defragment", "reassembled"},
    {Stage::prerouting, "prerouting", "prerouting, before the routing decision"},
    {Stage::routing, "routing", "routing decision"},
    {Stage::input, "input", "input, for this host"},
    {Stage::forward, "forward", "forward, passed on"},
    {Stage::transport_lookup, "transport-lookup", "which socket is it for?"},
    {Stage::socket_queue, "socket-queue", "receive buffer"},
    {Stage::process_wakeup, "process-wakeup", "the process wakes"},
    {Stage::process_write, "process-write", "written by the process"},
    {Stage::transport_output, "transport-output", "made into a packet"},
    {Stage::routing_output, "routing-output", "routing decision"},
    {Stage::output, "output", "output, from this host"},
    {Stage::postrouting, "postrouting", "postrouting, behind the routing decision"},
    {Stage::interface_out, "interface-out", "sent"},
};

constexpr Word<DropReason> drop_reasons[] = {
    {DropReason::none, "none", "not dropped"},
    {DropReason::link_loss, "link-loss", "lost on the link"},
    {DropReason::link_fault, "link-fault", "dropped by a fault of the scenario"},
    {DropReason::queue_full, "queue-full", "the interface's queue was full"},
    {DropReason::no_route, "no-route", "no route to the destination"},
    {DropReason::ttl_expired, "ttl-expired", "the time to live ran out"},
    {DropReason::too_big, "too-big", "larger than the next link allows"},
    {DropReason::no_socket, "no-socket", "nothing listens on that port"},
    {DropReason::not_for_this_host, "not-for-this-host", "another host's address, and forwarding is off"},
    {DropReason::no_neighbour, "no-neighbour", "nobody on the network has that address"},
    {DropReason::receive_queue_full, "receive-queue-full", "the socket's receive buffer was full"},
    {DropReason::accept_queue_full, "accept-queue-full", "the listener's accept queue was full"},
    {DropReason::tcp_unacceptable, "tcp-unacceptable", "TCP did not accept it"},
    {DropReason::reassembly_failed, "reassembly-failed", "a fragment was missing"},
    {DropReason::rule, "rule", "dropped by a rule"},
    {DropReason::interface_down, "interface-down", "the interface is down"},
    {DropReason::martian, "martian", "a loopback address from outside"},
    {DropReason::link_failed, "link-failed", "the network is down"},
    {DropReason::no_process, "no-process", "no process takes this protocol"},
    {DropReason::nat_filtered, "nat-filtered", "the translator lets nobody in whom the inside has not sent to"},
    {DropReason::nat_exhausted, "nat-exhausted", "the translator has no port left"},
    {DropReason::syn_queue_full, "syn-queue-full", "the listener has too many half-open connections"},
    {DropReason::bad_checksum, "bad-checksum", "its checksum is wrong"},
    {DropReason::bad_cookie, "bad-cookie", "synproxy found no valid cookie in it"},
};

constexpr Word<MatchQuality> qualities[] = {
    {MatchQuality::none, "none", "no socket"},
    {MatchQuality::established, "established", "a connection with exactly these four values"},
    {MatchQuality::listener_address, "address-listener", "a listener on this address"},
    {MatchQuality::listener_wildcard, "wildcard-listener", "a listener on any address"},
    {MatchQuality::listener_dual, "dual-stack-listener", "an IPv6 listener on any address that also takes IPv4"},
    {MatchQuality::chance, "by-chance", "without ports any program may get it"},
    {MatchQuality::synproxy, "synproxy", "synproxy shakes hands in the server's place"},
};

constexpr Word<Mismatch> mismatches[] = {
    {Mismatch::none, "fits", ""},
    {Mismatch::protocol, "protocol", ""},
    {Mismatch::local_address, "to-address", ""},
    {Mismatch::local_port, "to-port", ""},
    {Mismatch::remote_address, "from-address", ""},
    {Mismatch::remote_port, "from-port", ""},
    {Mismatch::family, "family", ""},
    {Mismatch::better_match, "better-match", ""},
};

constexpr Word<Call> calls[] = {
    {Call::socket, "socket", ""},
    {Call::bind, "bind", ""},
    {Call::listen, "listen", ""},
    {Call::accept, "accept", ""},
    {Call::connect, "connect", ""},
    {Call::send, "send", ""},
    {Call::receive, "recv", ""},
    {Call::shutdown, "shutdown", ""},
    {Call::close, "close", ""},
    {Call::exit, "exit", ""},
    {Call::setsockopt, "setsockopt", ""},
    {Call::open, "open", ""},
    {Call::read, "read", ""},
    {Call::write, "write", ""},
    {Call::sendto, "sendto", ""},
    {Call::recvfrom, "recvfrom", ""},
    {Call::kill, "kill", ""},
    {Call::lseek, "lseek", ""},
    {Call::getsockopt, "getsockopt", ""},
    {Call::dup, "dup", ""},
    {Call::dup2, "dup2", ""},
    {Call::pipe, "pipe", ""},
    {Call::fork, "fork", ""},
    {Call::execve, "execve", ""},
    {Call::fcntl, "fcntl", ""},
    {Call::epoll_create, "epoll_create", ""},
    {Call::epoll_ctl, "epoll_ctl", ""},
    {Call::epoll_wait, "epoll_wait", ""},
    {Call::unlink, "unlink", ""},
};

constexpr Word<RuleVerdict> rule_verdicts[] = {
    {RuleVerdict::accept, "accept", ""}, {RuleVerdict::drop, "drop", ""},      {RuleVerdict::jump, "jump", ""},
    {RuleVerdict::goto_, "goto", ""},    {RuleVerdict::return_, "return", ""}, {RuleVerdict::continue_, "continue", ""},
    {RuleVerdict::stolen, "stolen", ""}, {RuleVerdict::queue, "queue", ""},
};

constexpr Word<CtInfo> ct_infos[] = {
    {CtInfo::none, "", ""},
    {CtInfo::fresh, "new", ""},
    {CtInfo::established, "established", ""},
    {CtInfo::related, "related", ""},
    {CtInfo::established_reply, "established", ""},
    {CtInfo::related_reply, "related", ""},
    {CtInfo::untracked, "untracked", ""},
    {CtInfo::invalid, "invalid", ""},
};

constexpr Word<ExpressionResult> expression_results[] = {
    {ExpressionResult::matched, "matched", ""}, {ExpressionResult::failed, "failed", ""},
    {ExpressionResult::absent, "absent", ""},   {ExpressionResult::done, "done", ""},
    {ExpressionResult::skipped, "skipped", ""},
};

template <class E, std::size_t n>
const Word<E>* entry(const Word<E> (&table)[n], E value) {
  for (const Word<E>& word : table)
    if (word.value == value) return &word;
  return nullptr;
}

template <class E, std::size_t n>
std::string_view name_in(const Word<E> (&table)[n], E value) {
  const Word<E>* word = entry(table, value);
  return word == nullptr ? "?" : word->name;
}

template <class E, std::size_t n>
bool find_name(const Word<E> (&table)[n], std::string_view name, E& value) {
  for (const Word<E>& word : table) {
    if (word.name != name) continue;
    value = word.value;
    return true;
  }
  return false;
}

}  // namespace

std::string_view name_of(Stage stage) {
  return name_in(stages, stage);
}
std::string_view name_of(DropReason reason) {
  return name_in(drop_reasons, reason);
}
std::string_view name_of(MatchQuality quality) {
  return name_in(qualities, quality);
}
std::string_view name_of(Mismatch mismatch) {
  return name_in(mismatches, mismatch);
}
std::string_view name_of(Call call) {
  return name_in(calls, call);
}
std::string_view name_of(RuleVerdict verdict) {
  return name_in(rule_verdicts, verdict);
}
std::string_view name_of(CtInfo info) {
  return name_in(ct_infos, info);
}
std::string_view name_of(ExpressionResult result) {
  return name_in(expression_results, result);
}

std::string_view words_of(Stage stage) {
  const auto* word = entry(stages, stage);
  return word == nullptr ? "?" : word->words;
}

std::string_view words_of(DropReason reason) {
  const auto* word = entry(drop_reasons, reason);
  return word == nullptr ? "dropped" : word->words;
}

std::string_view words_of(MatchQuality quality) {
  const auto* word = entry(qualities, quality);
  return word == nullptr ? "no socket" : word->words;
}

bool from_name(std::string_view name, Stage& stage) {
  return find_name(stages, name, stage);
}
bool from_name(std::string_view name, DropReason& reason) {
  return find_name(drop_reasons, name, reason);
}
bool from_name(std::string_view name, MatchQuality& quality) {
  return find_name(qualities, name, quality);
}

}  // namespace fourtuple::trace
