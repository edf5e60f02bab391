#include "../sim/wire/packet.h"
