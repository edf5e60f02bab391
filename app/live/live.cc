// `fourtuple live`: what this machine listens on, and with an interface its packets and whose they are.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/live/capture_loop.h"
#include "app/live/interrupts.h"
#include "app/live/screen.h"
#include "app/live/socket_table.h"
#include "app/output.h"
#include "capture/live/live_capture.h"
#include "sim/base/nearest.h"

namespace fourtuple::app {
namespace {

using Interfaces = std::vector<capture::LocalInterface>;

Json machine_json(const capture::Machine& machine, const LiveOptions& options, const Interfaces& interfaces) {
  Json names = Json::array();
  for (const capture::LocalInterface& interface : interfaces) names.push_back(interface.name);
  return {{"schema", 1},
          {"sockets", sockets_json(machine, options.all)},
          {"processes_hidden", machine.processes_hidden},
          {"sockets_unnamed", machine.sockets_unnamed},
          {"may_capture", capture::may_capture()},
          {"interfaces", names},
          {"notes", notes_of(machine)}};
}

void print_notes(const capture::Machine& machine) {
  for (const std::string& note : notes_of(machine)) fmt::print(stderr, "note: {}\n", note);
}

// The table again and again, until Ctrl-C.
Outcome<void> watch_sockets(capture::MachineWatch& watch, const LiveOptions& options, const Interfaces& interfaces) {
  constexpr int pause_ms = 1000;
  const Interrupts interrupts;
  while (interrupts.came() == nullptr && !output_failed()) {
    const auto machine = watch.look();
    if (!machine) return tl::unexpected<Error>(machine.error());
    std::string below;
    for (const std::string& note : notes_of(*machine)) below += "note: " + note + "\n";
    below += capture_advice(capture::may_capture(), interfaces) + "\n";
    // Long notes would take the place of what they are about.
    const ScreenSize size = terminal_size();
    const std::size_t room = std::max<std::size_t>(size.lines, 6) - 2;
    below = fitted(below, room / 2, size.columns);
    const std::size_t left = room - count_lines(below);
    print(screen_of(fitted(sockets_text(*machine, options.all), left, size.columns) + below + "Ctrl-C ends\n"));
    poll(nullptr, 0, pause_ms);
  }
  return {};
}

int show_sockets(capture::MachineWatch& watch, const LiveOptions& options, const Interfaces& interfaces) {
  const bool repeat = !options.once && !options.json && options.interface.empty() && isatty(STDOUT_FILENO) == 1;
  if (repeat) {
    const auto watched = watch_sockets(watch, options, interfaces);
    return watched ? exit_ok : refuse(watched.error());
  }
  const auto machine = watch.look();
  if (!machine) return refuse(machine.error());
  if (options.json) {
    print(machine_json(*machine, options, interfaces).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    return exit_ok;
  }
  print(sockets_text(*machine, options.all));
  print_notes(*machine);
  if (options.interface.empty()) fmt::print(stderr, "{}\n", capture_advice(capture::may_capture(), interfaces));
  return exit_ok;
}

Outcome<void> check_interface(const std::string& name, const Interfaces& interfaces) {
  std::vector<std::string_view> names;
  for (const capture::LocalInterface& interface : interfaces) {
    if (interface.name == name) return {};
    names.push_back(interface.name);
  }
  return fail({}, fmt::format("there is no interface '{}'", name), "one of " + capture::names_of(interfaces),
              nearest(name, names));
}

// A file of its own for the packets the window shows. It has no name: it is gone with this process however that ends.
class TemporaryCapture {
 public:
  TemporaryCapture() {
    std::string path = (std::filesystem::temp_directory_path() / "fourtuple-live-XXXXXX").string();
    file_ = mkstemp(path.data());
    if (file_ >= 0) unlink(path.c_str());
  }
  ~TemporaryCapture() {
    if (file_ >= 0) close(file_);
  }
  TemporaryCapture(const TemporaryCapture&) = delete;
  TemporaryCapture& operator=(const TemporaryCapture&) = delete;
  // "": none could be made.
  std::string path() const { return file_ < 0 ? "" : fmt::format("/proc/self/fd/{}", file_); }

 private:
  int file_ = -1;
};

int capture_and_view(LiveOptions options, const Interfaces& interfaces, capture::MachineWatch& watch) {
  std::optional<TemporaryCapture> temporary;
  options.temporary = options.view && options.file.empty();
  if (options.temporary) options.file = temporary.emplace().path();
  if (options.view && options.file.empty()) return refuse({{}, "no file can be made for the packets", "-w FILE", {}});
  if (auto done = capture_live(options, interfaces, watch); !done) return refuse(done.error());
  if (!options.view) return exit_ok;
  ViewOptions view_options;
  view_options.files = {options.file};
  if (options.temporary) view_options.title = options.interface + " just now";
  return view(view_options);
}

}  // namespace

int live(const LiveOptions& options) {
  capture::MachineWatch watch;
  const auto interfaces = capture::local_interfaces();
  if (options.interface.empty()) return show_sockets(watch, options, interfaces ? *interfaces : Interfaces{});
  if (!interfaces) return refuse(interfaces.error());
  if (auto known = check_interface(options.interface, *interfaces); !known) return refuse(known.error());
  if (capture::may_capture()) return capture_and_view(options, *interfaces, watch);
  show_sockets(watch, options, *interfaces);
  const Interfaces wanted{{options.interface, true, false, {IpAddress()}}};
  fmt::print(stderr, "error: {}\n", capture_advice(false, wanted));
  return exit_bad_input;
}

}  // namespace fourtuple::app
