// "What if" in the window: the dialog, the run under way on its thread, and the two runs on show. Part of Viewer.
#pragma once

#include <chrono>
#include <future>

#include "viz/fork/compare_view.h"
#include "viz/fork/editor.h"
#include "viz/viewer/shown.h"

namespace fourtuple::viz {

struct Viewer::Forked {
  struct Job {
    ForkRequest request;
    ForkProgress progress;
    std::future<Outcome<std::shared_ptr<Document>>> result;

    ~Job() { progress.stop = true; }  // the future waits for its thread
  };

  // B beside A, which stays in Viewer::shown_. The run with the later end leads: the time cursor is its cursor.
  struct Pair {
    Pair(const Shown& a, Document document, ForkRequest made);

    ForkRequest request;
    std::unique_ptr<Shown> b;
    bool b_leads = false;
    Time now{0};  // of both
    PanelKind opened_over = PanelKind::map;
    std::uint32_t flows[2] = {0xffffffffu, 0xffffffffu};  // chosen in A and in B when last looked at
    std::optional<trace::Difference> first;
    std::uint64_t same = 0;
    replay::RunFacts facts;
    ChangeStory story;
    RunCompareView view;
  };

  ForkEditor editor;
  std::unique_ptr<Job> job;
  std::unique_ptr<Pair> pair;   // on show
  std::unique_ptr<Pair> aside;  // while a panel shows A alone
};

}  // namespace fourtuple::viz
