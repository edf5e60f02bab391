#include "viz/theme/fonts.h"

#include <algorithm>
#include <cmath>
#include <fcntl.h>
#include <imgui.h>
#include <iterator>
#include <map>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "viz/theme/font_files.h"

namespace fourtuple::viz {
namespace {

constexpr std::size_t max_wanted = 8000;

// Latin with accents, general punctuation, super- and subscripts, arrows, mathematics, boxes, shapes, check marks.
constexpr ImWchar fixed_ranges[] = {0x0020, 0x007E, 0x00A0, 0x017F, 0x0394, 0x0394, 0x03BC, 0x03BC, 0x2010,
                                    0x2027, 0x2030, 0x203A, 0x2070, 0x2089, 0x2190, 0x2199, 0x21B5, 0x21B5,
                                    0x2212, 0x2212, 0x221E, 0x221E, 0x2248, 0x2248, 0x2260, 0x2265, 0x2500,
                                    0x2503, 0x250C, 0x253C, 0x25A0, 0x25CF, 0x2713, 0x2717, 0,      0};

bool in_fixed_ranges(char32_t letter) {
  for (std::size_t i = 0; fixed_ranges[i] != 0; i += 2) {
    if (letter >= fixed_ranges[i] && letter <= fixed_ranges[i + 1]) return true;
  }
  return letter < 0x20;
}

// Decodes one letter and moves on; malformed bytes count as U+FFFD of one byte.
char32_t next_letter(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80         ? 1
                             : (first >> 5) == 6  ? 2
                             : (first >> 4) == 14 ? 3
                             : (first >> 3) == 30 ? 4
                                                  : 0;
  if (length == 0 || length > text.size()) {
    text.remove_prefix(1);
    return 0xFFFD;
  }
  char32_t letter = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) letter = (letter << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(length);
  return letter;
}

int weight_of(Face face) {
  switch (face) {
    case Face::regular:
    case Face::mono:
      return 400;
    case Face::medium:
      return 500;
    case Face::strong:
    case Face::mono_strong:
      return 600;
  }
  return 400;
}

bool is_mono(Face face) {
  return face == Face::mono || face == Face::mono_strong;
}

// A font file mapped into memory: the Japanese collection has 19 MB, of which little is read.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    struct stat info {};
    if (fstat(file, &info) == 0 && info.st_size > 0) {
      void* bytes = mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, file, 0);
      if (bytes != MAP_FAILED) {
        bytes_ = bytes;
        size_ = static_cast<std::size_t>(info.st_size);
      }
    }
    close(file);
  }
  ~MappedFile() {
    if (bytes_ != nullptr) munmap(bytes_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  void* bytes() const { return bytes_; }
  std::size_t size() const { return size_; }

 private:
  void* bytes_ = nullptr;
  std::size_t size_ = 0;
};

// Adds fonts to the atlas; the bytes stay here until the atlas is built.
class AtlasBuilder {
 public:
  AtlasBuilder(ImFontAtlas& atlas, float scale) : atlas_(atlas), scale_(scale) {}
  // Takes the mapped bytes back before ImGui could free them.
  ~AtlasBuilder() {
    for (ImFontConfig& config : atlas_.ConfigData) {
      config.FontData = nullptr;
      config.FontDataOwnedByAtlas = false;
    }
  }
  AtlasBuilder(const AtlasBuilder&) = delete;
  AtlasBuilder& operator=(const AtlasBuilder&) = delete;

  Outcome<ImFont*> add(Typeface typeface, int weight, float em, const ImWchar* ranges, bool merge) {
    const Outcome<FontFile> file = find(typeface, weight);
    if (!file) return tl::unexpected<Error>(file.error());
    const MappedFile& mapped = files_.try_emplace(file->path, file->path).first->second;
    if (mapped.bytes() == nullptr) return fail("cannot read the font " + file->path);
    ImFontConfig config;
    config.FontDataOwnedByAtlas = true;  // otherwise ImGui copies the file for every font
    config.FontNo = file->index;
    config.MergeMode = merge;
    config.OversampleH = 2;
    config.OversampleV = 1;
    config.GlyphRanges = ranges;
    const float size = em * scale_ * file->em_ratio;
    return atlas_.AddFontFromMemoryTTF(mapped.bytes(), static_cast<int>(mapped.size()), size, &config, ranges);
  }

 private:
  Outcome<FontFile> find(Typeface typeface, int weight) {
    const std::pair key(typeface, weight);
    auto known = found_.find(key);
    if (known == found_.end()) known = found_.emplace(key, find_font(typeface, weight)).first;
    return known->second;
  }

  ImFontAtlas& atlas_;
  float scale_;
  std::map<std::string, MappedFile> files_;
  std::map<std::pair<Typeface, int>, Outcome<FontFile>> found_;
};

}  // namespace

void Fonts::want(std::string_view text) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), plain)) return;
  while (!text.empty() && wanted_.size() < max_wanted) {
    const char32_t letter = next_letter(text);
    if (!in_fixed_ranges(letter) && letter < 0xFFFD) wanted_.insert(letter);
  }
}

Outcome<void> Fonts::load(float scale) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  atlas.Flags |= ImFontAtlasFlags_NoMouseCursors;
  atlas.TexDesiredWidth = wanted_.empty() && scale < 1.5F ? 1024 : 2048;
  std::vector<ImWchar> extra;
  for (const char32_t letter : wanted_) {
    extra.push_back(static_cast<ImWchar>(letter));
    extra.push_back(static_cast<ImWchar>(letter));
  }
  extra.push_back(0);

  AtlasBuilder builder(atlas, std::clamp(scale, 0.5F, 4.0F));
  for (std::size_t f = 0; f < face_count; ++f) {
    const Face face = static_cast<Face>(f);
    for (std::size_t s = 0; s < text_size_count; ++s) {
      const float em = em_of(static_cast<TextSize>(s));
      const Outcome<ImFont*> font =
          builder.add(is_mono(face) ? Typeface::mono : Typeface::words, weight_of(face), em, fixed_ranges, false);
      if (!font) return tl::unexpected<Error>(font.error());
      fonts_[f][s] = *font;
      // The Japanese family has no 500 and 600 on most systems: 400 stays regular, heavier becomes bold.
      if (!wanted_.empty()) {
        [[maybe_unused]] const auto merged =
            builder.add(Typeface::japanese, weight_of(face) >= 600 ? 700 : 400, em, extra.data(), true);
      }
    }
  }
  ImGui::GetIO().FontDefault = at(Face::regular, TextSize::normal);
  loaded_ = wanted_.size();
  if (!atlas.Build()) return fail("the fonts cannot be drawn into memory");
  return {};
}

}  // namespace fourtuple::viz
