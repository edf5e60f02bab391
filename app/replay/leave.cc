#include "app/replay/leave.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>

#include "app/output.h"
#include "app/text_table.h"
#include "capture/anonymize/anonymize.h"
#include "capture/load/scenario_text.h"

namespace fourtuple::app {
namespace {

std::string report_on(const capture::Anonymized& done, const LeaveOptions& options) {
  std::string text = fmt::format("{}: {}, {} replaced\n", options.file, plural(done.packets, "packet"),
                                 plural(done.addresses, "IP address", "es"));
  text += fmt::format("  payload: {} {}\n", bytes_text(done.payload_bytes),
                      options.payload == "cut" ? "cut off" : "became zeros");
  if (done.opaque_frames != 0)
    text += fmt::format("  neither IP nor ARP: {}, of which only the link header is left\n",
                        plural(done.opaque_frames, "frame"));
  text += "  left out: names, comments and processes the file held\n";
  text += options.key.empty() ? "  key: random and forgotten now; with --anonymize-key the same addresses map the same "
                                "way in every run\n"
                              : "  key: yours; who knows it can find the real addresses\n";
  return text;
}

Outcome<void> write_file(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return fail(SourcePosition{path, 0, 0}, std::strerror(errno));
  const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int problem = errno;
  if (std::fclose(file) == 0 && whole) return {};
  return fail(SourcePosition{path, 0, 0}, std::string("cannot be written: ") + std::strerror(whole ? errno : problem));
}

}  // namespace

int write_anonymized(const std::vector<std::string>& captures, const LeaveOptions& options) {
  if (captures.size() != 1)
    return refuse(Error{{captures[1], 0, 0},
                        "--anonymize copies one capture at a time",
                        "one file; with the same --anonymize-key the copies still fit each other",
                        {}});
  const std::string& capture = captures[0];
  const auto key = options.key.empty() ? capture::random_key() : capture::key_of(options.key);
  if (!key) return refuse(key.error());
  const auto done = capture::anonymize(capture, options.file, {*key, options.payload == "cut"});
  if (!done) return refuse(done.error());
  print(report_on(*done, options));
  if (done->end.clean()) return exit_ok;
  fmt::print(stderr, "{}: error: {} (at byte {}, after {}); what came before is in {}\n", capture, done->end.message,
             done->end.offset, plural(done->packets, "packet"), options.file);
  return exit_bad_input;
}

int write_scenario(const capture::ImportedCapture& capture, const LeaveOptions& options) {
  std::error_code error;
  if (!options.force && std::filesystem::is_regular_file(options.scenario, error))
    return refuse(Error{
        {options.scenario, 0, 0}, "the file exists, perhaps with changes of yours", "another name, or --force", {}});
  capture::LoadOptions limits;
  limits.max_flows = options.max_flows;
  const capture::Load load = capture::load_of(capture, limits);
  if (load.exchanges.empty())
    return refuse(Error{{capture.path, 0, 0}, "no conversation can be done again: " + words_of(load, "  "), {}, {}});
  if (const auto written = write_file(options.scenario, scenario_text(capture, load)); !written)
    return refuse(written.error());
  print(fmt::format("{}: {}\n", options.scenario, words_of(load, "")));
  return exit_ok;
}

}  // namespace fourtuple::app
