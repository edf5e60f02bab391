// The words of the filter language: those of our own, and those of libpcap, which must be known so that a misspelt one
// is not taken for the name of a host and looked up in the network. Plain tables.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace fourtuple::replay {

enum class FilterWord : std::uint8_t {
  host,
  process,
  state,
  verdict,
  rule,
  reason,
  flow,
  dropped,
  delivered,
  reset,
  again,
  nat,
  bpf,  // text for libpcap: not a word of its own
};

struct FilterWordInfo {
  FilterWord word = FilterWord::bpf;
  std::string_view name;
  bool has_value = false;    // written name:value
  std::string_view meaning;  // one line, for lists
  std::string_view example;
};

// All but bpf, in the order people are shown them.
std::span<const FilterWordInfo> filter_words();
// The word with that name, or null.
const FilterWordInfo* find_filter_word(std::string_view name);

// What may follow a name that libpcap would otherwise look up.
enum class BpfNames : std::uint8_t { none, service, protocol };

struct BpfWord {
  std::string_view name;
  BpfNames next = BpfNames::none;  // names it gives a meaning to: "port https"
  bool starts = false;             // may begin an expression: "tcp", not "syn"
};
// A keyword of pcap-filter(7), or null. Link types that are not read here (802.11, ATM, SS7, pf) are left out.
const BpfWord* find_bpf_word(std::string_view name);

}  // namespace fourtuple::replay
