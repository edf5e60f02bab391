// Files as documents for the window, and the scenarios its gallery offers.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "app/commands.h"
#include "app/view/producer.h"
#include "capture/importer.h"
#include "capture/nat/sides.h"
#include "capture/sockets/owners.h"
#include "sim/base/outcome.h"
#include "viz/viewer/document.h"

namespace fourtuple::app {

// Runs a scenario to its end with as much detail as `trace_budget` allows, imports a capture, or loads a saved trace.
constexpr std::uint64_t trace_budget = 256u << 20;
// `lists`: what is known of the sockets in a capture (app/replay/lists.h). `title`: instead of the file name.
// `japanese`: the scenario's texts, where it has them. `watch`: of reading a capture, which ends anyway when it has
// more packets than the window can keep.
constexpr std::uint64_t most_packets_shown = 5'000'000;
tl::expected<viz::Document, std::vector<Error>> open_document(const std::string& path, capture::SocketOwners lists = {},
                                                              const std::string& title = {}, bool japanese = false,
                                                              const capture::ImportWatch& watch = {});
// Several captures as one. Those that cannot be read are told of in its notes.
tl::expected<viz::Document, std::vector<Error>> open_together(const std::vector<std::string>& paths,
                                                              capture::SocketOwners lists,
                                                              const capture::ClockChoice& clocks,
                                                              const std::string& title = {});
// A scenario that is shown while it runs, and who runs it.
struct RunningDocument {
  viz::Document document;
  std::shared_ptr<Producer> producer;
};
tl::expected<RunningDocument, std::vector<Error>> open_running(const std::string& path, trace::Level level,
                                                               bool japanese = false);

// The packets of one or more captures, read as one, on their way through a router. `guess_inside`: where all addresses
// lie on one side, those near the first sender are inside. REQUIRES: options.ruleset is not empty.
tl::expected<viz::Document, std::vector<Error>> open_through(const std::vector<std::string>& paths,
                                                             const ThroughOptions& options, bool guess_inside = false,
                                                             const capture::ClockChoice& clocks = {});

}  // namespace fourtuple::app
