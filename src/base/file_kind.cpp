#include "base/file_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>

#include "base/text.h"

namespace mnist {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kUnpack = "unpack it first";
constexpr std::string_view kFetch = "download it again, from the address of the file itself";
constexpr std::string_view kSaveStateDict =
    "in Python, save its state_dict with safetensors.torch.save_file";

constexpr FileKind picture(std::string_view name) { return {name, {}, true}; }

struct Signature {
  std::size_t at;
  std::string_view bytes;
  FileKind kind;
};

// Of those that begin alike the longer one is first.
constexpr std::array kSignatures{
    Signature{0,
              "version https://git-lfs"sv,
              {"a Git LFS pointer, which only stands for the file",
               "fetch the file itself with: git lfs pull"}},
    Signature{0, "\x1f\x8b"sv, {"gzip data", "unpack it with gunzip"}},
    Signature{0, "\xfd\067zXZ"sv, {"xz data", kUnpack}},
    Signature{0, "BZh"sv, {"bzip2 data", kUnpack}},
    Signature{0, "\x28\xb5\x2f\xfd"sv, {"zstd data", kUnpack}},
    Signature{0, "7z\xbc\xaf"sv, {"a 7z archive", kUnpack}},
    Signature{0, "Rar!"sv, {"a RAR archive", kUnpack}},
    Signature{257, "ustar"sv, {"a tar archive", kUnpack}},
    Signature{0, "\0\5\x16\7"sv, {"macOS's notes about a file (AppleDouble)", kFetch}},
    Signature{0, "\x93NUMPY"sv, {"a NumPy array (.npy)"}},
    Signature{0, "\x89HDF\r\n"sv, {"an HDF5 file, such as Keras writes"}},
    Signature{0, "GGUF"sv, {"a GGUF file"}},
    Signature{4, "TFL3"sv, {"a TensorFlow Lite model"}},
    Signature{0, "MATLAB "sv, {"a MATLAB file"}},
    Signature{0, "PAR1"sv, {"a Parquet file"}},
    Signature{0, "ARROW1"sv, {"an Arrow file"}},
    Signature{0, "\x89PNG"sv, picture("a PNG image")},
    Signature{0, "\xff\xd8\xff"sv, picture("a JPEG image")},
    Signature{0, "GIF8"sv, picture("a GIF image")},
    Signature{8, "WEBP"sv, picture("a WebP image")},
    Signature{4, "ftypavi"sv, picture("an AVIF image")},
    Signature{4, "ftyphe"sv, picture("a HEIC image")},
    Signature{4, "ftypmif1"sv, picture("a HEIF image")},
    Signature{4, "ftypmsf1"sv, picture("a HEIF image")},
    Signature{4, "ftyp"sv, picture("a video")},
    Signature{0, "II*\0"sv, picture("a TIFF image")},
    Signature{0, "MM\0*"sv, picture("a TIFF image")},
    Signature{0, "II+\0"sv, picture("a TIFF image")},
    Signature{0, "MM\0+"sv, picture("a TIFF image")},
    Signature{4, "jP  "sv, picture("a JPEG 2000 image")},
    Signature{0, "\xff\x4f\xff\x51"sv, picture("a JPEG 2000 image")},
    Signature{4, "JXL "sv, picture("a JPEG XL image")},
    Signature{0, "\xff\x0a"sv, picture("a JPEG XL image")},
    Signature{0, "\0\0\1\0"sv, picture("an icon (ICO)")},
    Signature{0, "\0\0\2\0"sv, picture("a cursor (CUR)")},
    Signature{0, "8BPS"sv, picture("a Photoshop document")},
    Signature{0, "qoif"sv, picture("a QOI image")},
    Signature{0, "gimp xcf"sv, picture("a GIMP document")},
    Signature{0, "%PDF"sv, picture("a PDF document")},
    Signature{0, "%!PS"sv, picture("a PostScript document")},
};

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// IDX begins with two zero bytes and the type of its numbers, safetensors with the size of a
/// header of less than 16 MiB, which is JSON.
bool is_ours(std::string_view head) {
  const bool is_idx = head.size() > 2 && head.substr(0, 2) == "\0\0"sv && head[2] >= 8;
  return is_idx || (head.size() > 8 && head.substr(3, 5) == "\0\0\0\0\0"sv && head[8] == '{');
}

FileKind kind_of_zip(std::string_view head) {
  if (holds(head, "/data.pkl") ||
      holds(head.substr(0, 256), "/data/0")) {  // TorchScript's begins so
    return {"a PyTorch file (torch.save)", kSaveStateDict};
  }
  if (holds(head, ".npy")) return {"a NumPy archive (.npz)"};
  if (holds(head, "metadata.json")) return {"a Keras file"};
  return {"a ZIP archive", kUnpack};
}

FileKind kind_of_pickle(std::string_view head) {
  // The number with which torch.save has begun its files before version 1.6.
  if (holds(head.substr(0, 64), "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv)) {
    return {"a PyTorch file (torch.save, its old form)", kSaveStateDict};
  }
  return {"a Python pickle"};
}

/// A message of Protocol Buffers whose first field is a small version, and the next a text or a
/// message.
bool is_protobuf(std::string_view head) {
  return head.size() > 2 && head[0] == '\x08' && head[1] > 0 && head[1] < '\x20' &&
         holds("\x12\x22\x3a\x42"sv, head.substr(2, 1));
}

/// "P1" to "P7" and a space or a line feed.
bool is_netpbm(std::string_view head) {
  return head.size() > 2 && head[0] == 'P' && holds("1234567"sv, head.substr(1, 1)) &&
         holds(" \n"sv, head.substr(2, 1));
}

std::optional<FileKind> kind_of_text(std::string_view head) {
  const auto is_odd = [&](char c) { return is_control(c) && !holds("\t\n\f\r"sv, {&c, 1}); };
  if (std::any_of(head.begin(), head.end(), is_odd)) return std::nullopt;
  const std::size_t begin = head.find_first_not_of("\xef\xbb\xbf \t\r\n"sv);
  if (begin == std::string_view::npos) return std::nullopt;
  const char first = head[begin];
  if (first == '<' && holds(head, "<svg")) return picture("an SVG image");
  if (first == '<') return FileKind{"a web page", kFetch};
  if (first == '{' && holds(head, "\"weight_map\"")) {
    return FileKind{"an index of weights that are in other files",
                    "give the .safetensors file that it names; several have to be joined into one "
                    "in Python"};
  }
  if (first == '{' || first == '[') return FileKind{"a JSON file"};
  const std::string_view line = head.substr(begin, head.find('\n', begin) - begin);
  constexpr int kFewCommas = 3;
  if (std::count(line.begin(), line.end(), ',') > kFewCommas) return FileKind{"a CSV file"};
  return FileKind{holds(head, "@relation") || holds(head, "@RELATION") ? "an ARFF file"
                                                                       : "a text file"};
}

}  // namespace

std::string file_head(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return "";  // a pipe might never end
  std::string head(kHeadBytes, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), kHeadBytes);
  head.resize(static_cast<std::size_t>(stream.gcount()));
  return head;
}

std::optional<FileKind> recognize(std::string_view head) {
  if (head.empty() || is_ours(head)) return std::nullopt;
  for (const Signature& known : kSignatures) {
    if (head.size() > known.at && head.substr(known.at, known.bytes.size()) == known.bytes) {
      return known.kind;
    }
  }
  if (head.substr(0, 4) == "PK\x03\x04"sv) return kind_of_zip(head);
  if (head.size() > 1 && head[0] == '\x80' && head[1] > '\x01' && head[1] < '\x06') {
    return kind_of_pickle(head);
  }
  if (is_protobuf(head)) return FileKind{"a protobuf, such as ONNX or TensorFlow write"};
  if (is_netpbm(head)) return picture("a PBM, PGM or PPM image");
  return kind_of_text(head);
}

}  // namespace mnist
