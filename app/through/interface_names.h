// What a ruleset calls the two sides of its router.
#pragma once

#include <string>

#include "sim/netfilter/rules/model.h"

namespace fourtuple::app {

struct InterfaceNames {
  std::string inside, outside;
};

// The interface the rules translate towards is outside, another one inside; "lan" and "wan" where they name none.
// Names that are given stay.
InterfaceNames interface_names(const netfilter::Model& model, const std::string& inside = {},
                               const std::string& outside = {});

}  // namespace fourtuple::app
