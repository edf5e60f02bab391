#include "app/replay/leave.h"

#include <cstdio>
#include <fmt/format.h>

#include "app/output.h"
#include "app/text_table.h"
#include "capture/anonymize/anonymize.h"

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

}  // namespace

int write_anonymized(const std::string& capture, const LeaveOptions& options) {
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

}  // namespace fourtuple::app
