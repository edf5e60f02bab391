#include "viz/theme/font_files.h"

#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <initializer_list>
#include <memory>
#include <optional>

namespace fourtuple::viz {
namespace {

struct PatternDeleter {
  void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};
using Pattern = std::unique_ptr<FcPattern, PatternDeleter>;

const FcChar8* as_fc(const char* text) {
  return reinterpret_cast<const FcChar8*>(text);
}

std::optional<FontFile> match(const char* family, int weight, bool exact_family) {
  const Pattern wanted(FcPatternCreate());
  FcPatternAddString(wanted.get(), FC_FAMILY, as_fc(family));
  FcPatternAddInteger(wanted.get(), FC_WEIGHT, FcWeightFromOpenType(weight));
  FcPatternAddInteger(wanted.get(), FC_SLANT, FC_SLANT_ROMAN);
  FcPatternAddBool(wanted.get(), FC_SCALABLE, FcTrue);
  FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
  FcDefaultSubstitute(wanted.get());
  FcResult result = FcResultNoMatch;
  const Pattern found(FcFontMatch(nullptr, wanted.get(), &result));
  if (!found) return std::nullopt;
  FcChar8* text = nullptr;
  if (exact_family && (FcPatternGetString(found.get(), FC_FAMILY, 0, &text) != FcResultMatch ||
                       FcStrCmpIgnoreCase(text, as_fc(family)) != 0)) {
    return std::nullopt;
  }
  FontFile file;
  if (FcPatternGetString(found.get(), FC_FILE, 0, &text) != FcResultMatch) return std::nullopt;
  file.path = reinterpret_cast<const char*>(text);
  FcPatternGetInteger(found.get(), FC_INDEX, 0, &file.index);
  file.index &= 0xFFFF;  // the high half names a variation instance, which ImGui cannot use
  return file;
}

bool measure(FontFile& file) {
  FT_Library library = nullptr;
  if (FT_Init_FreeType(&library) != 0) return false;
  FT_Face face = nullptr;
  const bool opened = FT_New_Face(library, file.path.c_str(), file.index, &face) == 0;
  const bool usable = opened && face->units_per_EM > 0 && face->ascender > face->descender;
  if (usable) {
    file.em_ratio = static_cast<float>(face->ascender - face->descender) / static_cast<float>(face->units_per_EM);
  }
  if (opened) FT_Done_Face(face);
  FT_Done_FreeType(library);
  return usable;
}

std::initializer_list<const char*> families(Typeface typeface) {
  static constexpr std::initializer_list<const char*> words = {"Inter", "DejaVu Sans"};
  static constexpr std::initializer_list<const char*> mono = {"JetBrains Mono", "DejaVu Sans Mono"};
  static constexpr std::initializer_list<const char*> japanese = {"Noto Sans CJK JP", "IPAexGothic", "VL Gothic",
                                                                  "TakaoPGothic"};
  switch (typeface) {
    case Typeface::words:
      return words;
    case Typeface::mono:
      return mono;
    case Typeface::japanese:
      return japanese;
  }
  return words;
}

}  // namespace

Outcome<FontFile> find_font(Typeface typeface, int weight) {
  if (FcInit() == FcFalse) return fail("fontconfig cannot start, so no font can be found");
  for (const char* family : families(typeface)) {
    std::optional<FontFile> file = match(family, weight, true);
    if (file && measure(*file)) return *file;
  }
  if (typeface == Typeface::japanese) {
    return fail({}, "no font with Japanese letters is installed", "the package fonts-noto-cjk");
  }
  std::optional<FontFile> any = match(typeface == Typeface::mono ? "monospace" : "sans-serif", weight, false);
  if (any && measure(*any)) return *any;
  return fail({}, "no usable font is installed", "the packages fonts-inter, fonts-jetbrains-mono or fonts-dejavu-core");
}

}  // namespace fourtuple::viz
