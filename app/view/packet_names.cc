#include "app/view/packet_names.h"

#include <utility>

namespace fourtuple::app {
namespace {

std::vector<viz::NameLine> names_of(const capture::ImportedCapture& capture, PacketId packet) {
  std::vector<viz::NameLine> lines;
  if (packet.value >= capture.frames.size()) return lines;
  const capture::FrameInfo& frame = capture.frames[packet.value];
  if (frame.flow >= capture.flows.flows().size()) return lines;
  const capture::Flow& flow = capture.flows.flows()[frame.flow];
  const auto label = capture.names.label_of(frame.flow);
  if (label) lines.push_back({"about", std::string(label->text), place_words(*label)});
  const AddressId ends[2] = {frame.direction == 0 ? flow.a : flow.b, frame.direction == 0 ? flow.b : flow.a};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto name = capture.names.best(capture.trace.tables().addresses[ends[i]]);
    // An end that is supposed to be called as the conversation's label says needs no line of its own.
    if (!name || (label && name->inferred() && label->text == name->text)) continue;
    lines.push_back(
        {i == 0 ? "sender" : "receiver", std::string(name->text) + (name->inferred() ? "?" : ""), place_words(*name)});
  }
  return lines;
}

}  // namespace

viz::PacketNames packet_names(std::shared_ptr<const LoadedFile> file) {
  return [file = std::move(file)](PacketId packet) { return names_of(*file->imported, packet); };
}

}  // namespace fourtuple::app
