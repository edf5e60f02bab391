// `fourtuple view`: the window, or one picture of it.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "app/commands.h"
#include "app/output.h"
#include "app/replay/clocks.h"
#include "app/replay/lists.h"
#include "app/session.h"
#include "app/view/documents.h"
#include "app/view/gallery_list.h"
#include "app/view/stage.h"
#include "app/view/wanted.h"

namespace fourtuple::app {
namespace {

constexpr int smallest = 320, largest = 8192;

Outcome<void> read_size(const std::string& text, StageOptions& stage) {
  const std::size_t x = text.find('x');
  const auto number = [&](std::size_t from, std::size_t to, int& value) {
    const auto done = std::from_chars(text.data() + from, text.data() + to, value);
    return done.ec == std::errc() && done.ptr == text.data() + to && value >= smallest && value <= largest;
  };
  if (x == std::string::npos || !number(0, x, stage.width) || !number(x + 1, text.size(), stage.height)) {
    return fail({"--size", 0, 0}, "'" + text + "' is not a size",
                fmt::format("width and height between {} and {}, such as 1280x800", smallest, largest));
  }
  return {};
}

Outcome<void> read_scale(const std::string& text, StageOptions& stage) {
  char* end = nullptr;
  stage.scale = std::strtof(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(stage.scale >= 0.5F && stage.scale <= 4)) {
    return fail({"--scale", 0, 0}, "'" + text + "' is not a scale", "a number from 0.5 to 4");
  }
  return {};
}

// A file of input, or the input itself: then `;` ends a line.
Outcome<void> read_keys(const std::string& option, std::vector<viz::ScriptStep>& steps) {
  std::ifstream in(option, std::ios::binary);
  std::string text = option, name = "--keys";
  if (in) {
    std::ostringstream read;
    read << in.rdbuf();
    if (!in) return fail({option, 0, 0}, "cannot be read");
    text = read.str();
    name = option;
  } else {
    std::replace(text.begin(), text.end(), ';', '\n');
  }
  auto parsed = viz::parse_input_script(text, name);
  if (!parsed) return tl::unexpected<Error>(parsed.error());
  steps = std::move(*parsed);
  return {};
}

// What the options say goes before what the user chose earlier.
Outcome<void> read_appearance(const ViewOptions& options, StageOptions& stage) {
  if (!options.size.empty()) {
    if (auto done = read_size(options.size, stage); !done) return done;
  }
  if (!options.scale.empty()) {
    stage.look.scale = 1;
    if (auto done = read_scale(options.scale, stage); !done) return done;
  }
  if (options.theme.empty()) return {};
  const auto look = viz::look_named(options.theme);
  if (!look) return fail({"--theme", 0, 0}, "'" + options.theme + "' is not a theme", "dark, light or high-contrast");
  stage.look.look = *look;
  return {};
}

}  // namespace

Outcome<Wanted> understand(const ViewOptions& options, const UserMemory* memory) {
  Wanted wanted;
  if (memory != nullptr) {
    wanted.stage.width = memory->window().width;
    wanted.stage.height = memory->window().height;
    wanted.stage.look = memory->settings().look;
  }
  if (auto done = read_appearance(options, wanted.stage); !done) return tl::unexpected<Error>(done.error());
  if (!options.at.empty()) {
    const auto at = parse_instant(options.at, "--at");
    if (!at) return tl::unexpected<Error>(at.error());
    wanted.at = *at;
  }
  if (!options.panel.empty()) {
    wanted.panel = viz::panel_named(options.panel);
    if (!wanted.panel) {
      return fail({"--panel", 0, 0}, "'" + options.panel + "' is not a panel",
                  "map, host, ladder, rules, conntrack, sockets, tcp, packet or why");
    }
  }
  if (!options.keys.empty()) {
    if (auto done = read_keys(options.keys, wanted.keys); !done) return tl::unexpected<Error>(done.error());
  }
  return wanted;
}

// What the options say about the first picture. Fails when a host is unknown.
Outcome<void> set_the_scene(viz::Viewer& viewer, const ViewOptions& options, const Wanted& wanted, bool still) {
  if (wanted.panel) viewer.open_panel(*wanted.panel);
  if (wanted.at) {
    viewer.seek(*wanted.at);
  } else if (still) {
    viewer.seek_interesting();
  }
  if (auto done = viewer.set_filter(options.filter); !done) {
    Error error = done.error();
    error.where.file = "--filter";
    return tl::unexpected<Error>(std::move(error));
  }
  if (!options.host.empty() && !viewer.select_host_named(options.host)) {
    return fail({"--host", 0, 0}, "there is no host '" + options.host + "'", "one of " + viewer.host_names());
  }
  return {};
}

tl::expected<viz::Document, std::vector<Error>> open_wanted(const ViewOptions& options, capture::SocketOwners lists) {
  const std::string& file = options.files.front();
  const auto clocks = read_clocks(options.clock_offsets, options.files.size());
  if (!clocks) return tl::make_unexpected(std::vector<Error>{clocks.error()});
  if (!options.through.ruleset.empty()) return open_through(options.files, options.through, false, *clocks);
  if (options.files.size() > 1) return open_together(options.files, std::move(lists), *clocks, options.title);
  return open_document(file, std::move(lists), options.title);
}

namespace {

void fill_gallery(viz::Viewer& viewer, bool with_preview, bool japanese) {
  const std::string folder = scenario_folder();
  if (folder.empty()) return;
  std::vector<viz::GalleryEntry> entries = list_scenarios(folder, japanese);
  if (with_preview && !entries.empty()) {
    if (auto preview = open_document(entries.front().path, {}, {}, japanese)) viewer.set_preview(std::move(*preview));
  }
  viewer.set_gallery(std::move(entries));
}

// Whether nothing asked for needs the whole trace before the first picture.
bool may_start_at_once(const ViewOptions& options, const Wanted& wanted) {
  return options.screenshot.empty() && wanted.keys.empty() && !wanted.at && options.host.empty() &&
         options.files.size() == 1 && options.title.empty() && options.sockets.empty() &&
         options.through.ruleset.empty();
}

Outcome<std::unique_ptr<viz::Surface>> make_surface(const ViewOptions& options, const Wanted& wanted) {
  if (!options.screenshot.empty()) return viz::make_offscreen_surface(wanted.stage.width, wanted.stage.height);
  auto window = viz::make_window_surface("Fourtuple", wanted.stage.width, wanted.stage.height);
  if (!window) {
    window.error().suggestion.clear();
    window.error().expected.clear();
    window.error().message += "; without a display, `fourtuple view FILE --screenshot picture.png` draws a picture";
  }
  return window;
}

}  // namespace

int view(const ViewOptions& options) {
  // A picture, or a script, is the same on every machine: it knows nothing of its user.
  const bool personal = options.screenshot.empty() && options.keys.empty();
  std::optional<UserMemory> memory;
  if (personal) memory.emplace();
  auto wanted = understand(options, memory ? &*memory : nullptr);
  if (!wanted) return refuse(wanted.error());
  if (options.files.empty() && !options.through.ruleset.empty())
    return refuse({{}, "--nft needs a capture whose packets the rules are to see", {}, {}});
  if (options.files.empty() && !options.filter.empty())
    return refuse({{}, "--filter needs a file whose packets it is about", {}, {}});
  if (options.files.empty() && !options.sockets.empty())
    return refuse({{}, "--sockets needs a capture whose packets are joined to the processes", {}, {}});
  const auto lists = read_lists(options.sockets);
  if (!lists) return refuse(lists.error());
  for (const std::string& note : lists->notes) fmt::print(stderr, "{}\n", note);
  const bool still = !options.screenshot.empty();
  wanted->stage.remember = !still;
  auto surface = make_surface(options, *wanted);
  if (!surface) return refuse(surface.error());
  if (!still) wanted->stage.scale *= (*surface)->content_scale();
  auto made = Stage::make(std::move(*surface), wanted->stage);
  if (!made) return refuse(made.error());
  Stage& stage = **made;
  if (memory) stage.keep_in(*memory);
  stage.set_gallery_lister([&stage](bool japanese) { fill_gallery(stage.viewer(), true, japanese); });
  bool good = true;
  if (options.files.empty()) {
    fill_gallery(stage.viewer(), true, stage.viewer().look().japanese);
    if (still) stage.viewer().seek_interesting();
  } else {
    const std::string& file = options.files.front();
    if (may_start_at_once(options, *wanted)) {
      fill_gallery(stage.viewer(), false, stage.viewer().look().japanese);
      good = stage.open_soon(file);
      if (wanted->panel) stage.viewer().open_panel(*wanted->panel);
      stage.run();
      return exit_ok;
    }
    auto document = open_wanted(options, lists->owners);
    if (!document) print_errors(document.error());
    good = stage.show(file, std::move(document));
    if (good) stage.shown_beside({options.files.begin() + 1, options.files.end()});
    fill_gallery(stage.viewer(), !good, stage.viewer().look().japanese);
    if (good) {
      if (auto done = set_the_scene(stage.viewer(), options, *wanted, still); !done) {
        return refuse(done.error());
      }
    }
  }
  if (!still && good && wanted->keys.empty() && options.at.empty()) stage.viewer().start_playing();
  stage.settle();
  if (!wanted->keys.empty()) {
    if (auto done = stage.play(std::move(wanted->keys)); !done) return refuse(done.error());
  }
  if (!still) {
    if (options.keys.empty()) stage.run();
    return exit_ok;
  }
  stage.settle();
  if (auto saved = viz::save_png(stage.surface().read_pixels(), options.screenshot); !saved) {
    return refuse(saved.error());
  }
  return good || !options.keys.empty() ? exit_ok : exit_bad_input;
}

}  // namespace fourtuple::app
