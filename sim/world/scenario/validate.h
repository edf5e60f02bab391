// The first half of parsing: does the tree have the shape the key table says? Reports every fault; says nothing of
// names and what they refer to, which is the second half (loader.h).
#pragma once

#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/yaml_tree.h"

namespace fourtuple::world {

void validate(const Node& root, Reporter& reporter);

// The choosing key of a mapping (the first in the file), or null.
const Member* chosen_member(const Node& node, const Object& object);

}  // namespace fourtuple::world
