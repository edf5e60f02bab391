#include "capture/merge/merged_reader.h"

#include <fmt/format.h>
#include <optional>

namespace fourtuple::capture {
namespace {

constexpr std::uint32_t unknown = 0xffffffffu;

class Merger final : public MergedReader {
 public:
  Merger(std::vector<CaptureFile> files, std::vector<std::unique_ptr<Reader>> readers) {
    files_ = std::move(files);
    for (std::uint32_t i = 0; i < readers.size(); ++i)
      if (readers[i]) sources_.push_back({std::move(readers[i]), i, {}, {}, {}, true});
    for (const Source& source : sources_) {
      if (format_.empty()) format_ = source.reader->format();
      if (format_ != source.reader->format()) format_ = "pcap and pcapng";
    }
    note_end();
  }

  bool next(Frame& frame) override {
    Source* first = nullptr;
    for (Source& source : sources_) {
      if (source.wanted) advance(source);
      const bool earlier = source.reader && (first == nullptr || source.held.time_ns < first->held.time_ns);
      if (earlier) first = &source;
    }
    if (first == nullptr) return false;
    first->wanted = true;
    frame = first->held;
    return true;
  }

 private:
  struct Source {
    std::unique_ptr<Reader> reader;  // null once it is read
    std::uint32_t file;
    Frame held;                            // the next frame; its bytes live until the reader goes on
    std::vector<std::uint32_t> interface;  // here, by the reader's number
    std::vector<std::uint32_t> process;
    bool wanted;  // `held` was handed out
  };

  void advance(Source& source) {
    source.wanted = false;
    if (!source.reader) return;
    Frame& frame = source.held;
    if (!source.reader->next(frame)) {
      files_[source.file].end = source.reader->end();
      take_rest(source);
      source.reader.reset();
      note_end();
      return;
    }
    ++files_[source.file].packets;
    frame.file = source.file;
    frame.time_ns += files_[source.file].clock_offset_ns;
    frame.interface = interface_of(source, frame.interface);
    if (frame.process != Frame::no_process) frame.process = process_of(source, frame.process);
  }

  // Interfaces are numbered as their first frames come.
  std::uint32_t interface_of(Source& source, std::uint32_t number) {
    if (source.interface.size() <= number) source.interface.resize(number + 1, unknown);
    std::uint32_t& here = source.interface[number];
    if (here == unknown) {
      here = static_cast<std::uint32_t>(interfaces_.size());
      interfaces_.push_back(source.reader->interfaces()[number]);
      interfaces_.back().file = source.file;
      interfaces_.back().number = number;
    }
    return here;
  }

  std::uint32_t process_of(Source& source, std::uint32_t number) {
    if (source.process.size() <= number) source.process.resize(number + 1, unknown);
    std::uint32_t& here = source.process[number];
    if (here == unknown) {
      here = static_cast<std::uint32_t>(processes_.size());
      processes_.push_back(source.reader->processes()[number]);
    }
    return here;
  }

  // What a file says by its end: names, and what the capturing machine counted on its interfaces.
  void take_rest(const Source& source) {
    const auto& names = source.reader->names();
    names_.insert(names_.end(), names.begin(), names.end());
    for (std::size_t number = 0; number < source.interface.size(); ++number) {
      if (source.interface[number] == unknown) continue;
      CaptureInterface& here = interfaces_[source.interface[number]];
      here = source.reader->interfaces()[number];
      here.file = source.file;
      here.number = static_cast<std::uint32_t>(number);
    }
  }

  // How reading ended is told of the first file that is not whole.
  void note_end() {
    for (const CaptureFile& file : files_) {
      if (file.end.clean()) continue;
      end_ = file.end;
      if (files_.size() > 1) end_.message = fmt::format("{}: {}", file.name(), file.end.message);
      return;
    }
  }

  std::vector<Source> sources_;
};

}  // namespace

Outcome<std::unique_ptr<MergedReader>> open_captures(const std::vector<std::string>& paths,
                                                     const std::vector<std::int64_t>& offsets_ns) {
  if (paths.size() > MergedReader::most_files)
    return fail(fmt::format("{} files, at most {} are read as one", paths.size(), MergedReader::most_files));
  std::vector<CaptureFile> files;
  std::vector<std::unique_ptr<Reader>> readers;
  std::optional<Error> first_error;
  bool any = false;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    CaptureFile file;
    file.path = paths[i];
    if (i < offsets_ns.size()) file.clock_offset_ns = offsets_ns[i];
    auto reader = open_capture(paths[i]);
    if (reader) {
      any = true;
      file.format = (*reader)->format();
    } else {
      file.end.message = reader.error().message;
      if (!first_error) first_error = reader.error();
    }
    files.push_back(std::move(file));
    readers.push_back(reader ? std::move(*reader) : nullptr);
  }
  if (!any) return first_error ? tl::unexpected<Error>(*first_error) : fail("no capture file");
  return std::make_unique<Merger>(std::move(files), std::move(readers));
}

}  // namespace fourtuple::capture
