// scenarios/COVERED lists the lessons the project shows. Each has a scenario that names it in `covers:` and whose
// expectations, of which there are some, are met.
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include "sim/world/scenario/words.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

// Lesson ids, one or more in a line; '#' begins a comment.
std::vector<std::string> covered_lessons() {
  std::vector<std::string> ids;
  std::ifstream in(scenario_root() / "COVERED");
  EXPECT_TRUE(in.good()) << "scenarios/COVERED is missing";
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    for (std::string id; words >> id;) ids.push_back(id);
  }
  return ids;
}

TEST(CoveredLessons, each_have_a_scenario_that_passes) {
  std::map<std::string, std::vector<const world::Scenario*>> by_lesson;
  std::vector<world::Scenario> scenarios;
  for (const std::string& file : scenario_files()) scenarios.push_back(scenario_of(file));
  for (const world::Scenario& scenario : scenarios)
    for (const std::string& id : scenario.covers) by_lesson[id].push_back(&scenario);

  std::map<const world::Scenario*, bool> passes;
  for (const std::string& id : covered_lessons()) {
    EXPECT_TRUE(world::is_word(world::Words::lessons, id)) << id << " is not a lesson";
    bool shown = false;
    for (const world::Scenario* scenario : by_lesson[id]) {
      if (!passes.contains(scenario))
        passes[scenario] = !scenario->expects.empty() && unmet_expectations(*scenario).empty();
      shown = shown || passes[scenario];
    }
    EXPECT_TRUE(shown) << id << " is listed in scenarios/COVERED, but no passing scenario covers it";
  }
}

}  // namespace
}  // namespace fourtuple::app
