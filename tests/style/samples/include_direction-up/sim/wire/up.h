// Includes upwards.
#pragma once

#include "sim/world/world.h"
