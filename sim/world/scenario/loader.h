// The second half of parsing: from a tree of the right shape to a Scenario with every name resolved. A value of the
// wrong form has already been reported and is passed over in silence here; what is reported here are names nobody
// defined, addresses nobody can reach, and entries that make no sense together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netfilter/rules/model.h"
#include "sim/world/scenario/scenario.h"
#include "sim/world/scenario/yaml_tree.h"

namespace fourtuple::world {

// Names of one kind of thing, for looking up and for suggestions.
class NameTable {
 public:
  explicit NameTable(std::string_view kind, std::string_view where = {}) : kind_(kind), where_(where) {}
  void add(const std::string& name, std::uint32_t index) { index_.emplace(name, index); }
  // The index, or `nothing`; an unknown name is reported with its nearest neighbour.
  std::uint32_t find(std::string_view name, Mark mark, Reporter& reporter) const;
  std::uint32_t find_quietly(std::string_view name) const;

 private:
  std::string kind_;
  std::string where_;  // " on anna" for the things of a host
  std::map<std::string, std::uint32_t, std::less<>> index_;
};

class Loader {
 public:
  Loader(Scenario& scenario, Reporter& reporter) : scenario_(scenario), reporter_(reporter) {}
  void load(const Node& root);

 private:
  // load_host.cc
  void load_networks(const Node& root);
  void load_hosts(const Node& root);
  void load_interfaces(const Node& node, HostSpec& host);
  void load_routes(const Node& node, HostSpec& host);
  void add_route(const std::string& destination, const Node& to, Mark mark, HostSpec& host);
  void load_processes(const Node& node, HostSpec& host, std::uint32_t host_index);
  void load_process(const Node& node, ProcessSpec& process, ProcessRef self);
  void load_gateway(const Node& node, ProcessSpec& process);
  void load_listeners(const Node& node, ProcessSpec& process, ProcessRef self);
  void check_program(const Node& node, const ProcessSpec& process, const ProcessRef& self);
  std::uint32_t uid_of(const std::string& user);
  // load_topology.cc
  void check_addresses();
  void check_networks();
  void check_host_prefixes(const HostSpec& host);
  bool is_usable_prefix(const Prefix& prefix, Mark where);  // for `local`; reported when not
  void check_local_prefixes();

  // load_timeline.cc
  void collect_later_names(const Node& timeline);
  void load_timeline(const Node& root);
  void load_entry(const Node& node, TimelineEntry& entry);
  void load_socket_verb(const Node& node, const Member& verb, TimelineEntry& entry);
  void load_other_verb(const Node& node, const Member& verb, TimelineEntry& entry);
  void load_new_or_on(const Node& node, const Member& verb, TimelineEntry& entry);
  void load_listener_text(const Node& value, const Node& entry_node, TimelineEntry& entry);
  void load_from(const Node& node, TimelineEntry& entry);
  void check_from_prefix(const Node& from, const TimelineEntry& entry);
  void load_repeat(const Node& node, TimelineEntry& entry);
  void take_process(const Node& node, const Member& verb, TimelineEntry& entry);
  void take_answer(const Member& verb, TimelineEntry& entry);
  void check_connected_protocol(const Node& node, const Member& verb, const TimelineEntry& entry);
  void define_socket(const Node& node, TimelineEntry& entry);
  void check_until(const Node& root);

  SocketRef define_name(const Node& as, const TimelineEntry& entry, bool local);  // nothing: reported

  // load_descriptors.cc
  bool load_unix_address(const Node& node, const Member& verb, TimelineEntry& entry);
  void load_descriptor_verb(const Node& node, const Member& verb, TimelineEntry& entry);
  void refuse_network_keys(const Node& node);
  void load_fork(const Member& verb, TimelineEntry& entry);
  bool is_copy_of(const ProcessRef& copy, const ProcessRef& of) const;
  void check_not_a_running_copy(const Node& value, const ProcessRef& process);
  void check_watched(const Node& value, const TimelineEntry& entry);
  void check_programs_serve();
  bool is_on_a_network(SocketRef socket, Mark mark);

  // load_expect.cc
  void load_faults(const Node& root);
  void load_expectations(const Node& root);
  void load_expectation(const Node& node, Expectation& expect);
  void load_socket_claims(const Node& node, Expectation& expect);
  void load_packet_claims(const Node& node, Expectation& expect);
  void load_process_claims(const Node& node, Expectation& expect);
  void load_table_claims(const Node& node, std::string_view claim, Expectation& expect);
  void load_listening(const Node& value, Expectation& expect);
  void load_received(const Node& node, Expectation& expect);
  void load_count(const Node& node, Expectation& expect);
  void load_captions(const Node& root);

  // load_containers.cc
  struct Published {
    std::string address;
    std::uint16_t port = 0;
  };
  void load_containers(const Node& node, std::uint32_t index);
  void load_container(const Member& member, std::uint32_t network, std::uint32_t number);
  void add_docker_proxy(std::uint32_t index, Mark where, const Published& outside, const Published& inside);
  void put_rules_before(const std::string& text, Mark where, std::uint32_t index);
  void load_forwards(const Node& root);
  void check_sources(const Node& sources, const HostSpec& host, const ProcessSpec& process);

  // load_clients.cc: after the timeline
  void load_clients(const Node& root);
  void load_crowd(const Node& node, Mark where, std::uint32_t host);
  std::optional<Prefix> crowd_addresses(const Node& node, HostSpec& host);
  void check_crowd_ports(const TimelineEntry& entry, const HostSpec& host);

  // load_middlebox.cc
  void load_middlebox(const Node& node, HostSpec& host);

  // load_firewall.cc
  void load_ruleset(const Node& node, HostSpec& host, std::uint32_t index);
  void load_nft_entry(const Node& node, const Member& verb, TimelineEntry& entry);
  void load_tracked(const Node& node, const Node& which, Expectation& expect);
  void load_rule_count(const Node& node, const Node& which, Expectation& expect);
  std::shared_ptr<const RulesetSpec> ruleset(const Node& value);  // null: reported
  void check_ruleset(const RulesetSpec& spec, std::uint32_t host);
  SourcePosition ruleset_position(const RulesetSpec& spec, const SourcePosition& in_text) const;

  // load_values.cc: shared pieces
  Text text(const Node* node) const;
  Payload payload(const Node& node) const;
  Selector selector(const Node& node);
  std::optional<EndpointPattern> endpoint_pattern(const Node* node);
  Trigger condition(const Node& node);
  Trigger trigger(const Node& node);
  std::vector<SysctlSetting> sysctls(const Node* node) const;
  SocketOptions options(const Node& node) const;
  void load_patience(const Node& node, SocketOptions& options) const;
  // A duration as a whole number of units; anything else, or out of range, is reported.
  struct UnitRange {
    std::int64_t least, most;
  };
  std::optional<std::int64_t> in_units(const Node& node, std::string_view key, Duration unit, UnitRange range,
                                       std::string_view expected) const;
  ProcessRef process_ref(const Node& node);  // "host/process" or, where the form allows, "host"
  SocketRef socket_ref(const Node& node);
  // A host's name or an address, and a port.
  Endpoint endpoint(const Node& node, std::uint32_t from_host, std::optional<Family> family);
  std::optional<IpAddress> address_of(std::string_view name, Mark mark, std::uint32_t from_host,
                                      std::optional<Family> family);
  std::optional<Family> family(const Node& node) const;

  template <class T>
  std::optional<T> read(const Node& node, std::string_view key, std::optional<T> (*parse)(std::string_view)) const {
    const Node* value = node.find(key);
    return value != nullptr && value->is_scalar() ? parse(value->text) : std::nullopt;
  }
  std::optional<Time> time(const Node& node, std::string_view key) const;
  // The text of a scalar member, "" when absent.
  std::string_view scalar(const Node& node, std::string_view key) const;

  Scenario& scenario_;
  Reporter& reporter_;
  NameTable networks_{"network"}, hosts_{"host"}, sockets_{"socket"};
  std::vector<NameTable> processes_;      // by host
  std::vector<netfilter::Model> models_;  // by host: its rules as far as the file has been read
  std::map<std::string, std::uint32_t> users_;
  struct WithoutListener {
    ProcessRef process;
    Mark program;
  };
  std::vector<WithoutListener> without_listener_;           // processes with a program, which may yet inherit some
  std::map<std::string, Mark, std::less<>> later_sockets_;  // defined further down the timeline
};

}  // namespace fourtuple::world
