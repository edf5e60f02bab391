// Traces as files (docs/trace-format.md): tables, then records, then a checksum, all little-endian. A loaded trace is
// safe to walk: every kind, length and id that a reader uses as an index has been checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/outcome.h"
#include "sim/trace/trace.h"

namespace fourtuple::trace {

// First bytes of a trace file.
constexpr std::string_view file_magic = "4TUPLE\r\n";
constexpr std::uint32_t file_version = 4, oldest_file_version = 3;

// True when `bytes` begins like a trace file.
bool looks_like_trace(std::string_view bytes);

// Writes everything published. An error names the file and what the system said.
Outcome<void> save(const Trace& trace, const std::string& path);
std::string save_to_string(const Trace& trace);

// Reads a trace; all of it is published. Damage is refused with a message that says where and how much was sound.
Outcome<Trace> load(const std::string& path);
// `name` stands for the file in messages.
Outcome<Trace> load_from_memory(std::string_view bytes, const std::string& name);

// The checksum that ends a file whose other bytes are `body`; for tests that damage files on purpose.
std::uint64_t file_checksum(std::string_view body);

}  // namespace fourtuple::trace
