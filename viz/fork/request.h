// "What if": what the window asks of the application, and what it gets. Plain data.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/base/time.h"

namespace fourtuple::viz {

struct Document;

// Changes to a run at an instant, in the words of `fourtuple compare --change` ("server: kill httpd").
struct ForkRequest {
  Time at{0};
  std::vector<std::string> changes;
};

// Shared with the thread that runs: it looks at `stop` and tells how far it has come.
struct ForkProgress {
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> reached_ns{0};
};

// Runs the document again with the changes, to its end. Called on a thread of its own; may take seconds.
using ForkRun = std::function<Outcome<std::shared_ptr<Document>>(const ForkRequest&, ForkProgress&)>;

}  // namespace fourtuple::viz
