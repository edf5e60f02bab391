// The digest of every scenario's trace against tests/data/golden/digests.txt. FOURTUPLE_UPDATE_GOLDEN=1 writes the file
// anew; a commit that changes it says why.
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include "sim/trace/digest.h"
#include "tests/laws/scenarios.h"

namespace fourtuple::app {
namespace {

const std::string golden_path = FT_SOURCE_DIR "/tests/data/golden/digests.txt";

std::map<std::string, std::string> golden_digests() {
  std::map<std::string, std::string> digests;
  std::ifstream in(golden_path);
  std::string name, digest;
  while (in >> name >> digest) digests[name] = digest;
  return digests;
}

TEST(GoldenDigests, of_all_scenarios_are_unchanged) {
  std::map<std::string, std::string> now;
  for (const std::string& file : scenario_files()) {
    const world::Scenario scenario = scenario_of(file);
    if (scenario.hosts.empty()) continue;
    now[scenario_name(file)] = trace::digest_text(trace::digest_of(run_of(scenario, trace::Level::facts).trace()));
  }
  const char* update = std::getenv("FOURTUPLE_UPDATE_GOLDEN");
  if (update != nullptr && *update != '\0') {
    std::filesystem::create_directories(std::filesystem::path(golden_path).parent_path());
    std::ofstream out(golden_path);
    for (const auto& [name, digest] : now) out << name << ' ' << digest << '\n';
    return;
  }
  const auto golden = golden_digests();
  const std::string how = "; FOURTUPLE_UPDATE_GOLDEN=1 writes the digests anew";
  for (const auto& [name, digest] : now) {
    const auto known = golden.find(name);
    if (known == golden.end())
      ADD_FAILURE() << name << " has no golden digest" << how;
    else
      EXPECT_EQ(known->second, digest) << name << " runs differently now" << how;
  }
  for (const auto& [name, digest] : golden)
    EXPECT_TRUE(now.contains(name)) << name << " has a golden digest but no scenario" << how;
}

}  // namespace
}  // namespace fourtuple::app
