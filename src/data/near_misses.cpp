#include "data/near_misses.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <system_error>
#include <vector>

#include "data/data_files.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kClasses =
    "these have more than ten classes, and only ten are supported: take EMNIST's digits, "
    "emnist-digits-train-images-idx3-ubyte and so on";
constexpr const char* kPacked = "unpack it";
constexpr const char* kNames = "give the four files the names that are expected";
constexpr const char* kForm =
    "only IDX files are read: convert these, or fetch MNIST with scripts/fetch_mnist.sh";

/// What helps with files whose names, in small letters, have one of these parts.
struct Hint {
  const char* remedy;
  std::vector<std::string_view> parts;
};

std::string small_letters(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

std::string list_of(std::vector<std::string> names) {
  constexpr std::size_t kMost = 3;
  std::sort(names.begin(), names.end());
  const std::size_t count = names.size();
  names.resize(std::min(count, kMost));
  const std::string more = count > kMost ? fmt::format(" and {} more", count - kMost) : "";
  return fmt::format(" (found {}{})", fmt::join(names, ", "), more);
}

/// What helps with the files that the first hint fits; those become the files. Null if none does.
const char* narrow_down(std::vector<std::string>& files) {
  const std::vector<Hint> hints{
      {kClasses, {"emnist-letters", "emnist-balanced", "emnist-by", "k49"}},
      {kPacked, {".zip", ".tar", ".tgz", ".7z", ".rar", ".xz"}},
      {kNames, {"idx", "ubyte", "t10k", "train-im", "train-la", "train_im", "train_la"}},
      {kForm,
       {".csv", ".arff", ".npz", ".npy", ".mat", ".parquet", ".png", ".jp", ".bmp", ".pt", ".h5",
        ".pkl", ".pickle", ".hdf5", ".arrow", ".tfrecord"}},
      {kPacked, {".gz"}}};
  for (const Hint& hint : hints) {
    const auto rest = std::partition(files.begin(), files.end(), [&](const std::string& file) {
      const std::string name = small_letters(file);
      return std::any_of(hint.parts.begin(), hint.parts.end(), [&](std::string_view part) {
        return name.find(part) != std::string::npos;
      });
    });
    if (rest == files.begin()) continue;
    files.erase(rest, files.end());
    return hint.remedy;
  }
  return nullptr;
}

}  // namespace

NearMisses find_near_misses(const fs::path& dir) {
  constexpr int kMostEntries = 1000;
  constexpr int kDeepest = 3;
  std::error_code ignored;
  if (!fs::exists(dir, ignored)) return {" (no such folder)", ""};
  std::vector<std::string> files;
  if (!fs::is_directory(dir, ignored)) {
    files.push_back(dir.filename().string());
    const bool is_other_form = narrow_down(files) == kForm;
    return {" (a file)", is_other_form ? kForm : "give the folder that the unpacked files are in"};
  }
  std::vector<std::string> sets;
  fs::recursive_directory_iterator at(dir, fs::directory_options::skip_permission_denied, ignored);
  for (int seen = 0; seen < kMostEntries && at != fs::recursive_directory_iterator(); ++seen) {
    const fs::path& path = at->path();
    if (!at->is_directory(ignored)) {
      files.push_back(path.lexically_relative(dir).string());
    } else if (holds_any_file(path)) {
      sets.push_back(path.string());
    }
    if (at.depth() == kDeepest) at.disable_recursion_pending();
    at.increment(ignored);
  }
  if (!sets.empty()) return {list_of(sets), "name the folder of the data with --data DIR"};
  const char* const remedy = narrow_down(files);
  if (remedy == nullptr) return {};
  return {list_of(files), remedy};
}

}  // namespace mnist
