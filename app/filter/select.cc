#include "app/filter/select.h"

#include "app/filter/bpf.h"
#include "sim/replay/filter/parse.h"
#include "sim/replay/step.h"

namespace fourtuple::app {
namespace {

tl::unexpected<Error> of_option(Error error) {
  error.where.file = "--filter";
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace

Outcome<std::unique_ptr<SelectedPackets>> SelectedPackets::select(const trace::Trace& trace,
                                                                  const replay::BpfCompiler& bpf,
                                                                  const std::string& text) {
  replay::FilterNames names(trace);
  names.refresh();
  auto parsed = replay::parse_filter(text, names, bpf);
  if (!parsed) return of_option(parsed.error());
  std::unique_ptr<SelectedPackets> selected(new SelectedPackets(trace));
  selected->indexes_.refresh();
  selected->result_.emplace(selected->indexes_, std::move(*parsed));
  selected->result_->advance();
  return selected;
}

bool SelectedPackets::concerns(const trace::Slot& record) const {
  const PacketId packet = replay::packet_of(record);
  return packet.valid() && matches(packet);
}

replay::BpfCompiler bpf_for(const LoadedFile& file) {
  if (!file.imported) return bpf_for_run(file.trace());
  return bpf_for_capture({std::shared_ptr<const void>(), file.imported.get()});
}

Outcome<void> check_filter(const trace::Trace& trace, const std::string& text) {
  replay::FilterNames names(trace);
  names.expect_more();
  auto parsed = replay::parse_filter(text, names, bpf_for_run(trace));
  if (!parsed) return of_option(parsed.error());
  return {};
}

}  // namespace fourtuple::app
