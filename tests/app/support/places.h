// Files of the source tree that tests of the application open.
#pragma once

#include <string>

namespace fourtuple::app {

inline const std::string source_dir = FT_SOURCE_DIR;
inline const std::string scenarios = source_dir + "/scenarios/";
inline const std::string first_run = scenarios + "first_run.yaml";

}  // namespace fourtuple::app
