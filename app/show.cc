// `fourtuple show`: a host's tables at an instant of a scenario, capture or saved trace.
#include <cstdio>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/session.h"
#include "app/views/views.h"
#include "sim/replay/cursor.h"
#include "sim/trace/describe.h"
#include "sim/world/scenario/words.h"

namespace fourtuple::app {
namespace {

Error unknown_view(const std::string& name) {
  std::vector<std::string_view> names;
  std::string all;
  for (const View& view : views()) {
    names.push_back(view.name);
    all += fmt::format("{}{}", all.empty() ? "" : ", ", view.name);
  }
  return {{}, fmt::format("there is no view '{}'", name), all, world::nearest(name, names)};
}

// The hosts asked for: one, or all of them.
Outcome<std::vector<HostId>> hosts_of(const trace::Tables& tables, const std::string& name) {
  std::vector<HostId> hosts;
  std::vector<std::string_view> names;
  std::string all;
  for (std::uint32_t i = 0; i < tables.topology.hosts.size(); ++i) {
    names.push_back(trace::host_name(tables, {i}));
    if (name.empty() || names.back() == name) hosts.push_back({i});
    if (i < 12) all += fmt::format("{}{}", all.empty() ? "" : ", ", names.back());
  }
  if (names.size() > 12) all += " and others";
  if (!hosts.empty() || name.empty()) return hosts;
  return fail({}, fmt::format("there is no host '{}'", name), "one of " + all, world::nearest(name, names));
}

std::string text_of(const View& view, const ViewInput& input, const std::vector<HostId>& hosts) {
  std::string text;
  for (const HostId host : hosts) {
    if (hosts.size() > 1)
      text += fmt::format("{}{}:\n", text.empty() ? "" : "\n", trace::host_name(input.tables, host));
    text += view.text(input, host);
  }
  return text;
}

std::string json_of(const View& view, const ViewInput& input, const std::vector<HostId>& hosts, Time at) {
  Json json{{"view", view.name}, {"at_ns", at.ns}, {"hosts", Json::array()}};
  for (const HostId host : hosts)
    json["hosts"].push_back({{"host", trace::host_name(input.tables, host)}, {"rows", view.json(input, host)}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int refuse(Error error) {
  print_errors({std::move(error)});
  return exit_bad_input;
}

}  // namespace

int show(const ShowOptions& options) {
  const View* view = find_view(options.view);
  if (view == nullptr) return refuse(unknown_view(options.view));
  LoadOptions load;
  if (!options.at.empty()) {
    const auto at = parse_instant(options.at, "--at");
    if (!at) return refuse(at.error());
    load.until = *at;
  }
  load.level = trace::Level::stages;  // queues are not facts
  const auto file = load_file(options.file, load);
  if (!file) {
    print_errors(file.error());
    return exit_bad_input;
  }
  print_warnings(file->warnings);
  const trace::Trace& trace = file->trace();
  const auto hosts = hosts_of(trace.tables(), options.host);
  if (!hosts) return refuse(hosts.error());

  replay::Cursor cursor(trace, 0);
  const Time at = load.until.value_or(cursor.end_time());
  cursor.seek(at);
  const ViewInput input{trace.tables(), cursor.state(), at};
  const std::string text = options.json ? json_of(*view, input, *hosts, at) : text_of(*view, input, *hosts);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  if (at > cursor.end_time())
    fmt::print(stderr, "note: nothing is recorded after {}; this is how it was then\n",
               trace::time_text(cursor.end_time()));
  return exit_ok;
}

}  // namespace fourtuple::app
