// What the nft language says about values and elements, for the parts of replay that show rules.
#pragma once

#include "sim/replay/listing.h"
#include "sim/replay/value_text.h"
#include "sim/trace/tables.h"

namespace fourtuple::app {

// "10.0.0.1 . 443" as nft prints it; the indexes of interfaces with their names.
replay::ValueText rule_values(const trace::Tables& tables);
// Elements as `nft list ruleset` of nftables 1.0.6 lists them.
replay::ListingStyle nft_listing(const trace::Tables& tables);

}  // namespace fourtuple::app
