#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"
#include "sim/world/scenario/validate.h"

namespace fourtuple::world {
namespace {

// Calls found in both vocabularies of errors and states have been checked by then; absent ones give nothing.
std::optional<state::Errno> errno_from(std::string_view name) {
  state::Errno error;
  if (!is_word(Words::errnos, name) || !state::errno_from_name(name, error)) return std::nullopt;
  return error;
}

}  // namespace

void Loader::load_faults(const Node& root) {
  const Node* networks = root.find("networks");
  if (networks == nullptr) return;
  for (const Member& member : networks->members) {
    const std::uint32_t index = networks_.find_quietly(member.key);
    const Node* faults = member.value.find("faults");
    if (faults == nullptr || index == nothing) continue;
    for (const Node& node : faults->items) {
      Fault fault;
      fault.where = node.mark;
      fault.name = scalar(node, "name");
      const Node* drop = node.find("drop");
      const Node* delay = node.find("delay");
      if (const Node* packet = drop != nullptr ? drop : delay; packet != nullptr && packet->is_mapping())
        fault.packet = selector(*packet);
      if (drop == nullptr && delay != nullptr) {
        fault.action = Fault::Action::delay;
        fault.delay = read(node, "by", parse_duration).value_or(Duration{});
        if (fault.delay.ns == 0) reporter_.error(node.mark, "the fault does not say how late", "by: 50 ms");
      }
      if (fault.packet.fate != Fate::any)
        reporter_.error(fault.packet.where, "a fault decides the fate of a packet", "no 'fate' and no 'dropped'");
      scenario_.networks[index].faults.push_back(std::move(fault));
    }
  }
}

void Loader::load_expectations(const Node& root) {
  const Node* expects = root.find("expect");
  if (expects == nullptr || !expects->is_sequence()) return;
  if (expects->items.size() > 100'000) {
    reporter_.error(expects->mark, "there are more than 100,000 expectations");
    return;
  }
  for (const Node& node : expects->items) {
    Expectation expect;
    expect.where = node.mark;
    if (node.is_mapping()) load_expectation(node, expect);
    scenario_.expects.push_back(std::move(expect));
  }
}

void Loader::load_expectation(const Node& node, Expectation& expect) {
  using Kind = Expectation::Kind;
  const Member* chosen = chosen_member(node, *root_object().find("expect")->object);
  if (chosen == nullptr) return;
  expect.at = time(node, "at");
  expect.protocol = protocol_from(scalar(node, "protocol")).value_or(Protocol::tcp);
  const std::string& kind = chosen->key;
  if (kind == "socket") {
    expect.kind = Kind::socket;
    load_socket_claims(node, expect);
  } else if (kind == "packet") {
    expect.kind = Kind::packet;
    load_packet_claims(node, expect);
  } else if (kind == "packets") {
    expect.kind = Kind::packet_count;
    if (chosen->value.is_mapping()) expect.packet = selector(chosen->value);
    load_count(node, expect);
  } else if (kind == "process") {
    load_process_claims(node, expect);
  } else if (kind == "sockets") {
    expect.kind = Kind::socket_count;
    const Node& which = chosen->value;
    if (const Node* host = which.find("host"); host != nullptr && host->is_scalar())
      expect.host = hosts_.find(host->text, host->mark, reporter_);
    if (const Node* process = which.find("process")) expect.process = process_ref(*process);
    expect.protocol = protocol_from(scalar(which, "protocol")).value_or(Protocol::none);
    expect.state = tcp_state_from(scalar(which, "state"));
    expect.local_port = read(which, "port", parse_port_range);
    load_count(node, expect);
  } else if (kind == "conntrack") {
    load_tracked(node, chosen->value, expect);
  } else if (kind == "rule") {
    load_rule_count(node, chosen->value, expect);
  } else if (kind == "listening" || kind == "not-listening") {
    expect.is = kind == "listening";
    load_listening(chosen->value, expect);
  } else {
    expect.kind = Kind::process;
    expect.is = kind == "running";
    expect.process = process_ref(chosen->value);
  }
}

void Loader::load_socket_claims(const Node& node, Expectation& expect) {
  const Node& which = *node.find("socket");
  expect.socket = socket_ref(which);
  if (!is_on_a_network(expect.socket, which.mark)) return;
  expect.state = tcp_state_from(scalar(node, "state"));
  expect.open = read(node, "open", parse_boolean);
  expect.local = endpoint_pattern(node.find("local"));
  expect.remote = endpoint_pattern(node.find("remote"));
  expect.peer_sees = endpoint_pattern(node.find("peer-sees"));
  if (const auto fd = read(node, "fd", parse_integer)) expect.fd = static_cast<std::int32_t>(*fd);
  expect.socket_error = errno_from(scalar(node, "error"));
  load_received(node, expect);
  constexpr std::string_view claims[] = {"state", "open", "local", "remote", "peer-sees", "fd", "error", "received"};
  for (const std::string_view claim : claims)
    if (node.find(claim) != nullptr) return;
  reporter_.error(node.mark, "nothing is said of the socket",
                  "one of state, open, local, remote, peer-sees, fd, error, received");
}

void Loader::load_packet_claims(const Node& node, Expectation& expect) {
  if (const Node* packet = node.find("packet"); packet->is_mapping()) expect.packet = selector(*packet);
  const Node* delivered = node.find("delivered-to");
  if (delivered != nullptr) expect.delivered_to = process_ref(*delivered);
  if (trace::MatchQuality quality; trace::from_name(scalar(node, "matched"), quality)) expect.matched = quality;
  if (const Node* dropped = node.find("dropped-by")) {
    Expectation::Dropped by;
    trace::DropReason reason;
    if (trace::from_name(dropped->is_scalar() ? std::string_view(dropped->text) : scalar(*dropped, "reason"), reason))
      by.reason = reason;
    if (const Node* host = dropped->find("host"); host != nullptr && host->is_scalar())
      by.host = hosts_.find(host->text, host->mark, reporter_);
    by.chain = scalar(*dropped, "chain");
    by.rule = scalar(*dropped, "rule");
    if (const Node* network = dropped->find("network"); network != nullptr && network->is_scalar())
      by.network = networks_.find(network->text, network->mark, reporter_);
    expect.dropped_by = by;
    if (delivered != nullptr)
      reporter_.error(dropped->mark, "a packet is delivered or dropped, not both", "two expectations");
  }
  expect.answered_with = answer_from(scalar(node, "answered-with")).value_or(Expectation::Answer::none);
}

void Loader::load_process_claims(const Node& node, Expectation& expect) {
  expect.process = process_ref(*node.find("process"));
  constexpr std::string_view claims[] = {"call", "received", "descriptor", "descriptors", "asleep-in"};
  std::string_view claim;
  for (const std::string_view key : claims) {
    if (node.find(key) == nullptr) continue;
    if (!claim.empty()) {
      reporter_.error(node.mark, "two things are said of the process", "an expectation for each");
      return;
    }
    claim = key;
  }
  if (claim.empty()) {
    reporter_.error(node.mark, "nothing is said of the process",
                    "one of call: with error:, received, descriptor, descriptors, asleep-in");
    return;
  }
  const auto goes_with = [&](std::string_view key, std::string_view with) {
    if (const Node* value = node.find(key); value != nullptr && claim != with)
      reporter_.error(value->mark, "'" + std::string(key) + "' goes with '" + std::string(with) + "'",
                      std::string(with) + ": beside it");
  };
  goes_with("error", "call");
  goes_with("nth", "call");
  goes_with("leads-to", "descriptor");
  if (claim == "received") {
    expect.kind = Expectation::Kind::received;
    return load_received(node, expect);
  }
  if (claim != "call") return load_table_claims(node, claim, expect);
  expect.kind = Expectation::Kind::call;
  expect.call = call_from(scalar(node, "call")).value_or(trace::Call::socket);
  expect.error = errno_from(scalar(node, "error")).value_or(state::Errno::ok);
  expect.nth = static_cast<std::uint32_t>(read(node, "nth", parse_integer).value_or(0));
}

// What a process has at an instant, and where it sleeps.
void Loader::load_table_claims(const Node& node, std::string_view claim, Expectation& expect) {
  if (claim == "asleep-in") {
    expect.kind = Expectation::Kind::asleep;
    const auto call = call_from(scalar(node, "asleep-in"));
    expect.is = call.has_value();
    expect.call = call.value_or(trace::Call::socket);
    return;
  }
  if (claim == "descriptors") {
    expect.kind = Expectation::Kind::descriptors;
    expect.count.least = expect.count.most = read(node, "descriptors", parse_integer).value_or(0);
    return;
  }
  expect.kind = Expectation::Kind::descriptor;
  expect.descriptor = static_cast<std::int32_t>(read(node, "descriptor", parse_integer).value_or(0));
  expect.text = scalar(node, "leads-to");
  if (expect.text->empty())
    reporter_.error(node.find("descriptor")->mark, "it is not said what the descriptor leads to",
                    "leads-to: what `show fds` says of it, or nothing");
}

void Loader::load_received(const Node& node, Expectation& expect) {
  const Node* received = node.find("received");
  if (received == nullptr) return;
  if (received->is_scalar()) {
    expect.text = received->text;
  } else if (received->find("text") != nullptr) {
    expect.text = scalar(*received, "text");
  } else {
    expect.bytes = read(*received, "bytes", parse_size);
  }
}

void Loader::load_count(const Node& node, Expectation& expect) {
  const auto exactly = read(node, "count", parse_integer);
  const auto least = read(node, "at-least", parse_integer), most = read(node, "at-most", parse_integer);
  const bool bounded = node.find("at-least") != nullptr || node.find("at-most") != nullptr;
  if ((node.find("count") != nullptr) == bounded) {
    reporter_.error(node.mark, bounded ? "'count' already says how many" : "it is not said how many are expected",
                    "count: 7, or at-least: and at-most:");
    return;
  }
  expect.count.least = exactly ? *exactly : least.value_or(0);
  expect.count.most = exactly ? *exactly : most.value_or(UINT64_MAX);
  if (expect.count.least > expect.count.most)
    reporter_.error(node.find("at-most")->mark, "'at-most' is less than 'at-least'", "a larger number");
}

void Loader::load_listening(const Node& value, Expectation& expect) {
  expect.kind = Expectation::Kind::listening;
  if (!value.is_scalar()) return;
  const auto at = parse_protocol_host_port(value.text);
  if (!at) return;
  if (at->protocol != Protocol::none) expect.protocol = at->protocol;
  if (at->at.port) expect.endpoint.port = *at->at.port;
  if (const auto address = IpAddress::parse(at->at.host)) {
    expect.endpoint.address = Prefix{*address, static_cast<std::uint8_t>(address->family == Family::ipv4 ? 32 : 128)};
    return;
  }
  expect.endpoint.host = hosts_.find(at->at.host, value.mark, reporter_);
}

void Loader::load_captions(const Node& root) {
  const Node* captions = root.find("captions");
  if (captions == nullptr || !captions->is_sequence()) return;
  for (const Node& node : captions->items) {
    CaptionSpec caption;
    caption.where = node.mark;
    caption.when.where = node.mark;
    if (const Node* when = node.find("when"); when != nullptr && when->is_mapping())
      caption.when = condition(*when);
    else
      caption.when.at = time(node, "at").value_or(Time{});
    caption.title = text(node.find("title"));
    caption.say = text(node.find("say"));
    if (node.is_mapping() && caption.title.empty() && caption.say.empty())
      reporter_.error(node.mark, "the caption says nothing", "title: or say:");
    scenario_.captions.push_back(std::move(caption));
  }
}

}  // namespace fourtuple::world
