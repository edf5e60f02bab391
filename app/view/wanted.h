// What the options of `view` ask for, understood: shared by the window and by pictures (app/view.cc, app/render.cc).
#pragma once

#include <optional>
#include <tl/expected.hpp>
#include <vector>

#include "app/commands.h"
#include "app/view/stage.h"
#include "app/view/user_memory.h"
#include "capture/sockets/owners.h"

namespace fourtuple::app {

struct Wanted {
  StageOptions stage;
  std::optional<Time> at;
  std::optional<viz::PanelKind> panel;
  std::vector<viz::ScriptStep> keys;
};

// Fails with the option that cannot be understood.
// `memory`: what its user chose earlier; null: nobody's.
Outcome<Wanted> understand(const ViewOptions& options, const UserMemory* memory = nullptr);
// What the options say about the first picture. `still`: without an instant a lively one is looked for. Fails when the
// host is unknown.
Outcome<void> set_the_scene(viz::Viewer& viewer, const ViewOptions& options, const Wanted& wanted, bool still);
// The one file of the options. REQUIRES: there is one.
tl::expected<viz::Document, std::vector<Error>> open_wanted(const ViewOptions& options, capture::SocketOwners lists);

}  // namespace fourtuple::app
