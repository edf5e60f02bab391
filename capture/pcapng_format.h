// Block types and option codes of pcapng (draft-ietf-opsawg-pcapng).
#pragma once

#include <cstdint>

namespace fourtuple::capture {

constexpr std::uint32_t block_section = 0x0a0d0d0a, block_interface = 1, block_packet = 2, block_simple = 3,
                        block_names = 4, block_statistics = 5, block_enhanced = 6, block_process = 0x80000001;
constexpr std::uint16_t option_end = 0, option_comment = 1, option_application = 4, option_name = 2,
                        option_resolution = 9, option_offset = 14, option_packet_flags = 2, option_packet_drops = 4,
                        option_packet_process = 0x8001, option_received = 4, option_dropped = 5,
                        option_system_dropped = 7;
// Records of a block with names.
constexpr std::uint16_t name_record_end = 0, name_record_v4 = 1, name_record_v6 = 2;

}  // namespace fourtuple::capture
