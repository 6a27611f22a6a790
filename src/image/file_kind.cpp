#include "image/file_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace mnist {
namespace {

using std::literals::operator""sv;

constexpr std::string_view kSave = "save it as PNG";
constexpr std::string_view kFetch = "fetch the image itself";

struct Mark {
  std::size_t offset;
  std::string_view bytes;
  FileKind kind;
};

// Sources: the registrations of the media types at IANA, and the database of file(1).
constexpr std::array kMarks{
    Mark{0, "GIF8", {"a GIF image", kSave}},
    Mark{8, "WEBP", {"a WebP image", kSave}},
    Mark{4, "ftypavi", {"an AVIF image", kSave}},
    Mark{4, "ftyphe", {"a HEIC image", kSave}},
    Mark{4, "ftypmif1", {"a HEIF image", kSave}},
    Mark{4, "ftypmsf1", {"a HEIF image", kSave}},
    Mark{4, "ftyp", {"a video", "save a picture of it as PNG"}},
    Mark{0, "II*\0"sv, {"a TIFF image", kSave}},
    Mark{0, "MM\0*"sv, {"a TIFF image", kSave}},
    Mark{0, "II+\0"sv, {"a TIFF image", kSave}},
    Mark{0, "MM\0+"sv, {"a TIFF image", kSave}},
    Mark{4, "jP  ", {"a JPEG 2000 image", kSave}},
    Mark{0, "\xff\x4f\xff\x51", {"a JPEG 2000 image", kSave}},
    Mark{4, "JXL ", {"a JPEG XL image", kSave}},
    Mark{0, "\xff\x0a", {"a JPEG XL image", kSave}},
    Mark{0, "\0\0\1\0"sv, {"an icon (ICO)", kSave}},
    Mark{0, "\0\0\2\0"sv, {"a cursor (CUR)", kSave}},
    Mark{0, "8BPS", {"a Photoshop document", kSave}},
    Mark{0, "qoif", {"a QOI image", kSave}},
    Mark{0, "gimp xcf", {"a GIMP document", kSave}},
    Mark{0, "%PDF", {"a PDF document", kSave}},
    Mark{0, "%!PS", {"a PostScript document", kSave}},
    Mark{0, "version https://git-lfs", {"a Git LFS pointer", "run git lfs pull"}},
    Mark{0, "PK\3\4", {"a zip archive", "unpack it"}},
    Mark{0, "\x1f\x8b", {"a gzip archive", "unpack it"}},
    Mark{0, "7z\xbc\xaf", {"a 7z archive", "unpack it"}},
    Mark{0, "Rar!", {"a RAR archive", "unpack it"}},
    Mark{0, "\0\5\x16\7"sv, {"macOS's notes about a file (AppleDouble)", kFetch}},
    Mark{0, "\0\0\x08"sv, {"an IDX data set", "give it to eval or show by --data"}},
    Mark{0, "\x93NUMPY", {"a NumPy array", kSave}},
};

bool begins_with(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  for (std::size_t i = 0; i < lower_case.size(); ++i) {
    const char letter =
        text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (letter != lower_case[i]) return false;
  }
  return true;
}

}  // namespace

FileKind file_kind(std::string_view bytes) {
  if (bytes.empty()) return {"an empty file", kFetch};
  for (const Mark& mark : kMarks) {
    if (bytes.size() > mark.offset && bytes.substr(mark.offset).starts_with(mark.bytes)) {
      return mark.kind;
    }
  }
  const auto is_pnm = [](std::string_view b) {
    return b.size() > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '7' &&
           (b[2] == '\n' || b[2] == ' ');
  };
  if (is_pnm(bytes)) return {"a PBM, PGM or PPM image", kSave};
  std::string_view text = bytes;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (begins_with(text, "<!doctype html") || begins_with(text, "<html")) {
    return {"an HTML page", kFetch};
  }
  if (begins_with(text, "<svg") || begins_with(text, "<!doctype svg"))
    return {"an SVG image", kSave};
  if (begins_with(text, "<?xml")) {
    constexpr std::size_t kNear = 4096;
    if (text.substr(0, kNear).find("<svg") != text.npos) return {"an SVG image", kSave};
    return {"an XML document", kFetch};
  }
  return {"another kind of file", "give a whole image of one of these kinds"};
}

}  // namespace mnist
