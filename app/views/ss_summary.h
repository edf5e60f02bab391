// `ss -s`: how many sockets there are.
#pragma once

#include "app/views/views.h"

namespace fourtuple::app {

std::string ss_summary_text(const ViewInput& input, HostId host);
// Its lines, tabs as blanks.
replay::ToolTable ss_summary_table(const ViewInput& input, HostId host);
// One row.
Json ss_summary_json(const ViewInput& input, HostId host);

}  // namespace fourtuple::app
