// Any bytes as a capture file: it is imported or refused, the records fold, and the counts agree with each other. Its
// anonymized copy shows the same frames in the same conversations.
#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/anonymize/anonymize.h"
#include "capture/capture_bytes.h"
#include "capture/flow_json.h"
#include "capture/importer.h"
#include "sim/base/check.h"
#include "sim/state/apply.h"

using namespace fourtuple;

namespace {

void check_folds(const trace::Trace& trace) {
  state::State state;
  state.hosts.resize(trace.tables().topology.hosts.size());
  Time last{0};
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    FT_CHECK(trace.at(at)->at >= last);
    last = trace.at(at)->at;
    state::apply_record(state, trace.at(at));
  }
}

// No mark is on more segments than there are.
void check_analysis(const capture::Flow& flow, const capture::TcpConversation& conversation) {
  for (std::size_t way = 0; way < 2; ++way) {
    const capture::TcpSent& sent = conversation.sent()[way];
    for (const std::uint32_t count : sent.marks) FT_CHECK(count <= flow.packets[way]);
    FT_CHECK(sent.data_segments <= flow.packets[way] && sent.repeated_segments <= sent.data_segments);
    FT_CHECK(sent.repeated_payload <= flow.payload[way]);
  }
}

void check_counts(const capture::ImportedCapture& capture) {
  std::uint64_t by_kind = 0, in_flows = 0;
  for (const std::uint64_t count : capture.report.by_kind) by_kind += count;
  FT_CHECK(by_kind == capture.report.packets && capture.frames.size() == capture.report.packets);
  for (const capture::Flow& flow : capture.flows.flows()) {
    if (flow.depth == 1) in_flows += flow.packets[0] + flow.packets[1];
    if (flow.protocol == Protocol::tcp) check_analysis(flow, capture.analysis.of(flow));
  }
  FT_CHECK(in_flows <= capture.report.packets);
}

// The same frames in the same conversations, judged the same.
void check_anonymized(const std::string& path, const capture::ImportedCapture& capture, bool cut) {
  const int file = memfd_create("anonymized", 0);
  FT_CHECK(file >= 0);
  const std::string out = "/proc/self/fd/" + std::to_string(file);
  const auto done = capture::anonymize(path, out, {capture::key_of("fuzz"), cut});
  FT_CHECK(done && done->packets == capture.report.packets);
  capture::ImportOptions index_only;
  index_only.records = false;
  const auto copy = capture::import_capture(out, {}, index_only);
  FT_CHECK(copy && copy->report.packets == capture.report.packets);
  FT_CHECK(copy->flows.flows().size() == capture.flows.flows().size());
  for (std::size_t i = 0; i < capture.frames.size(); ++i) {
    const capture::FrameInfo &was = capture.frames[i], &is = copy->frames[i];
    FT_CHECK(is.kind == was.kind && is.flow == was.flow && is.direction == was.direction && is.marks == was.marks);
  }
  close(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("capture", 0);
  FT_CHECK(file >= 0 && write(file, data, size) == static_cast<ssize_t>(size));
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (const auto capture = capture::import_capture(path)) {
    check_folds(capture->trace);
    check_counts(*capture);
    capture::write_json(*capture, [](std::string_view) {});
    capture::CaptureBytes bytes(*capture);
    for (std::uint32_t i = 0; i < capture->frames.size() && i < 4; ++i)
      FT_CHECK(bytes.frame({i}).size() == capture->frames[i].captured);
    capture::ImportOptions index_only;
    index_only.records = false;
    const auto index = capture::import_capture(path, {}, index_only);
    FT_CHECK(index && index->report.packets == capture->report.packets &&
             index->flows.flows().size() == capture->flows.flows().size());
    check_anonymized(path, *capture, (size & 1) != 0);
  }
  close(file);
  return 0;
}
