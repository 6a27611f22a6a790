#include "data/near_misses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include "base/text.h"
#include "data/data_files.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConvert =
    "only IDX files are read: convert these, or fetch MNIST with scripts/fetch_mnist.sh";

/// What a file may be, by its name. Of those in a folder the first kind of all is told.
enum class Kind { kMoreClasses, kArchive, kOtherName, kOtherForm, kPacked };

const char* remedy_for(Kind kind) {
  switch (kind) {
    case Kind::kMoreClasses:
      return "these have more than ten classes, and only ten are supported: take EMNIST's digits, "
             "emnist-digits-train-images-idx3-ubyte and so on";
    case Kind::kOtherName:
      return "give the four files the names that are expected";
    case Kind::kOtherForm:
      return kConvert;
    default:
      return "unpack it";
  }
}

std::string small_letters(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

template <std::size_t kCount>
bool has_part(const std::string& name, const std::array<std::string_view, kCount>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

template <std::size_t kCount>
bool ends_in(const std::string& name, const std::array<std::string_view, kCount>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

/// What the file may be whose path below the folder this is.
std::optional<Kind> kind_of(const fs::path& file) {
  constexpr std::array<std::string_view, 4> kMoreClasses{"emnist-letters", "emnist-balanced",
                                                         "emnist-by", "k49"};
  constexpr std::array<std::string_view, 6> kArchives{".zip", ".tar", ".tgz", ".7z", ".rar", ".xz"};
  constexpr std::array<std::string_view, 17> kOtherForms{
      ".csv", ".arff", ".npz", ".npy", ".mat",    ".parquet", ".png",   ".jpg",     ".jpeg",
      ".bmp", ".pt",   ".h5",  ".pkl", ".pickle", ".hdf5",    ".arrow", ".tfrecord"};
  constexpr std::array<std::string_view, 7> kNames{"idx",      "ubyte",    "t10k",    "train-im",
                                                   "train-la", "train_im", "train_la"};
  // What is large has many files of these forms that have to do with something else.
  constexpr std::array<std::string_view, 8> kData{"mnist", "digit", "train", "test",
                                                  "t10k",  "image", "label", "archive"};
  const std::string path = small_letters(file.string());
  const std::string name = small_letters(file.filename().string());
  const bool is_near = !file.has_parent_path();
  if (has_part(name, kMoreClasses)) return Kind::kMoreClasses;
  if (has_part(name, kArchives) && has_part(path, kData)) return Kind::kArchive;
  const std::string folder = file.parent_path().filename().string();
  const bool is_of_class = folder.size() == 1 && '0' <= folder.front() && folder.front() <= '9';
  if (ends_in(name, kOtherForms)) {
    if (is_near || is_of_class || has_part(path, kData)) return Kind::kOtherForm;
    return std::nullopt;
  }
  if (has_part(name, kNames)) return Kind::kOtherName;
  if (name.ends_with(".gz") && has_part(path, kData)) return Kind::kPacked;
  return std::nullopt;
}

std::string list_of(std::vector<std::string> names) {
  constexpr std::size_t kMost = 3;
  std::sort(names.begin(), names.end());
  return fmt::format(" (found {})", first_of(names, kMost));
}

/// Files of the system and of file managers, such as macOS's ._train-images-idx3-ubyte.
bool is_hidden(const fs::path& path) { return path.filename().string().starts_with("."); }

/// "a link to /x, which is not there"; empty if it is no such link.
std::string broken_link(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type != fs::file_type::not_found || !fs::is_symlink(path, error)) return "";
  return "a link to " + fs::read_symlink(path, error).string() + ", which is not there";
}

/// Why there is something that cannot be reached, and what helps; nothing if it can, or if nothing
/// is there.
NearMisses find_obstacle(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    const fs::directory_iterator contents(path, error);  // listing it is not all:
    if (!error) std::ignore = fs::status(path / ".", error);
  } else if (const std::string link = broken_link(path); !link.empty()) {
    return {fmt::format(" ({})", link), "mend the link"};
  }
  if (!error || error == std::errc::no_such_file_or_directory) return {};
  return {fmt::format(" ({})", error.message()),
          error == std::errc::permission_denied
              ? "give yourself the permission to read it and its folders"
              : "mend that, or name another folder with --data DIR"};
}

}  // namespace

NearMisses find_near_misses(const fs::path& dir) {
  constexpr int kMostEntries = 1000;
  constexpr int kDeepest = 3;
  if (NearMisses obstacle = find_obstacle(dir); !obstacle.found.empty()) return obstacle;
  std::error_code ignored;
  if (!fs::exists(dir, ignored)) return {" (no such folder)", ""};
  if (!fs::is_directory(dir, ignored)) {
    const bool is_other_form = kind_of(dir.filename()) == Kind::kOtherForm;
    return {" (a file)",
            is_other_form ? kConvert : "give the folder that the unpacked files are in"};
  }
  std::vector<std::string> sets;
  std::map<Kind, std::vector<std::string>> files;
  fs::recursive_directory_iterator at(dir, fs::directory_options::skip_permission_denied, ignored);
  for (int seen = 0; seen < kMostEntries && at != fs::recursive_directory_iterator(); ++seen) {
    const fs::path& path = at->path();
    const fs::path below = path.lexically_relative(dir);
    if (is_hidden(path)) {
      at.disable_recursion_pending();
    } else if (at->is_directory(ignored)) {
      if (holds_any_file(path)) sets.push_back(path.string());
    } else if (const auto kind = kind_of(below)) {
      const NearMisses obstacle = find_obstacle(path);
      if (kind == Kind::kOtherName && !obstacle.found.empty()) {
        return {fmt::format(" (found {}{})", below.string(), obstacle.found), obstacle.remedy};
      }
      files[*kind].push_back(below.string());
    }
    if (at.depth() == kDeepest) at.disable_recursion_pending();
    at.increment(ignored);
  }
  if (!sets.empty()) return {list_of(sets), "name the folder of the data with --data DIR"};
  if (files.empty()) return {};
  const auto& [kind, names] = *files.begin();
  return {list_of(names), remedy_for(kind)};
}

NearMisses find_near_misses(const fs::path& dir, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (NearMisses obstacle = find_obstacle(dir / name); !obstacle.found.empty()) return obstacle;
    std::error_code ignored;
    if (fs::is_directory(dir / name, ignored)) {
      return {fmt::format(" (a folder {} without the file)", name), "put the file in its place"};
    }
    const auto holds = [](const fs::path& file, std::string_view part) {
      return small_letters(file.filename().string()).find(part) != std::string::npos;
    };
    const std::string_view content = holds(name, "image") ? "image" : "label";
    const bool is_of_training = holds(name, "train");
    for (const fs::directory_entry& entry : fs::directory_iterator(dir, ignored)) {
      const fs::path& file = entry.path();
      if (is_hidden(file) || kind_of(file.filename()) != Kind::kOtherName) continue;
      if (holds(file, content) && holds(file, "train") == is_of_training &&
          !entry.is_directory(ignored)) {
        found.push_back(file.filename().string());
      }
    }
  }
  if (found.empty()) return {};
  return {list_of(found), found.size() == 1 ? "give it the name that is expected"
                                            : "give them the names that are expected"};
}

}  // namespace mnist
