// Labels for numbers a kernel chose, as nftoracle/runner.py gives them: "I1+20" for sequence numbers (the first
// initial number is 1), "P1" for ports and ICMP identifiers that the case does not mention, in order of appearance.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/kernel/names.h"

namespace fourtuple::kernel_case {

class Labels {
 public:
  // Every number of the case's text is a literal, except the ends of ranges: a kernel picks inside those.
  explicit Labels(const std::string& case_text);

  void sent(std::uint32_t seq) { sent_.insert(seq); }
  // An initial sequence number a kernel chose; known ones and the case's own are not taken.
  void learn_initial(std::uint32_t seq);

  Json seq(std::uint32_t value) const;
  Json port(std::uint32_t value);
  // A whole packet of show_packet().
  Json packet(const Json& shown);

  // A number of a case's packet: itself, or what "I1+20" or "P1" stands for.
  std::int64_t resolve(const Json& value) const;

 private:
  std::set<std::uint32_t> literals_, sent_{0};
  std::vector<std::uint32_t> initials_;
  std::map<std::uint32_t, std::uint32_t> ports_;  // port → number of its label
};

}  // namespace fourtuple::kernel_case
