// Names and the timeline of a scenario made from a Load.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/load/load.h"

namespace fourtuple::capture {

std::string time_text(std::int64_t ns);       // "12.345 ms", to the microsecond
std::string quoted(const std::string& text);  // as a YAML scalar

// What hosts, processes and sockets of the scenario are called, and which ports are served.
class LoadNames {
 public:
  static constexpr std::string_view router = "middle";

  LoadNames(const ImportedCapture& capture, const Load& load);

  const std::string& host(std::size_t index) const { return hosts_[index]; }
  // "name: { … }" for each.
  std::vector<std::string> processes(std::size_t host) const;
  // Rules that drop what went unanswered.
  std::vector<std::string> silent_rules(std::size_t host) const;
  bool reuses_ports(std::size_t host) const { return reusing_.contains(host); }
  const std::string& some_server() const;

  // Of an exchange: side 0 is its client.
  std::size_t host_of(const Exchange& exchange, std::size_t side) const;
  std::uint16_t port_of(const Exchange& exchange, std::size_t side) const;
  std::string process_of(const Exchange& exchange, std::size_t side) const;  // host/process
  // Of the socket that listens, or takes datagrams, at the exchange's server.
  std::string door_of(const Exchange& exchange) const;

  struct Door {
    Protocol protocol = Protocol::tcp;
    Family family = Family::ipv4;
    std::size_t host = 0;
    std::uint16_t port = 0;
    std::string name, process;
    AddressId address;
    bool open = false;  // somebody answered; else it is refused or silent
    bool silent = false;
  };
  const std::vector<Door>& doors() const { return doors_; }
  static std::string_view any_address(const Door& door) { return door.family == Family::ipv4 ? "0.0.0.0" : "[::]"; }
  // A UDP server answers from the address it was asked at.
  std::string bound_address(const Door& door) const;
  // Options of its socket: beside an IPv4 one it takes IPv6 alone.
  static std::string_view options(const Door& door) { return door.family == Family::ipv4 ? "" : ", v6only: true"; }

 private:
  Family family_of(const Exchange& exchange) const;
  const Door* find_door(const Exchange& exchange) const;
  void add_door(const Exchange& exchange);
  std::string client_process(std::size_t host, const Exchange& exchange);

  const ImportedCapture* capture_;
  std::map<AddressId, std::size_t> by_address_;
  std::vector<std::string> hosts_;
  std::vector<Door> doors_;
  std::map<std::uint32_t, std::string> clients_;                                         // process name by flow
  std::vector<std::map<std::string, std::pair<bool, std::uint32_t>>> client_processes_;  // by host: root, sockets
  std::set<std::size_t> reusing_;
};

// The entries of `timeline:`, two blanks in front.
std::string timeline_text(const ImportedCapture& capture, const Load& load, const LoadNames& names);

}  // namespace fourtuple::capture
