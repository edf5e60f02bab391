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
#include "app/live/socket_table.h"
#include "capture/live/live_capture.h"
#include "sim/base/nearest.h"

namespace fourtuple::app {
namespace {

using Interfaces = std::vector<capture::LocalInterface>;

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", error.to_string());
  return exit_bad_input;
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

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
  catch_interrupts();
  while (!interrupted()) {
    const auto machine = watch.look();
    if (!machine) return tl::unexpected<Error>(machine.error());
    std::string text = "\x1b[H\x1b[J" + sockets_text(*machine, options.all);
    for (const std::string& note : notes_of(*machine)) text += "note: " + note + "\n";
    print(text + capture_advice(capture::may_capture(), interfaces) + "\nCtrl-C ends\n");
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

// A file of its own for the packets the window shows, gone afterwards.
class TemporaryCapture {
 public:
  TemporaryCapture() {
    path_ = (std::filesystem::temp_directory_path() / "fourtuple-live-XXXXXX.pcapng").string();
    constexpr int ending = 7;
    const int file = mkstemps(path_.data(), ending);
    if (file < 0) path_.clear();
    if (file >= 0) close(file);
  }
  ~TemporaryCapture() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  TemporaryCapture(const TemporaryCapture&) = delete;
  TemporaryCapture& operator=(const TemporaryCapture&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int capture_and_view(LiveOptions options, const Interfaces& interfaces, capture::MachineWatch& watch) {
  std::optional<TemporaryCapture> temporary;
  if (options.view && options.file.empty()) options.file = temporary.emplace().path();
  if (options.view && options.file.empty()) return refuse({{}, "no file can be made for the packets", "-w FILE", {}});
  catch_interrupts();
  if (auto done = capture_live(options, interfaces, watch); !done) return refuse(done.error());
  if (!options.view) return exit_ok;
  ViewOptions view_options;
  view_options.files = {options.file};
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
