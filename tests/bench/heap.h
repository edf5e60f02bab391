// Bytes of the heap in use by this program, as the allocator rounds them: operator new is replaced in heap.cc.
#pragma once

#include <cstdint>

namespace fourtuple::bench {

std::int64_t heap_bytes();

}  // namespace fourtuple::bench
