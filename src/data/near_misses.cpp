#include "data/near_misses.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
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

/// A part of the name of a file, in small letters, and what helps with such a file.
struct Hint {
  std::string_view part;
  const char* remedy;
};

// The first that fits any file counts.
constexpr std::array kHints{
    Hint{"emnist-letters", kClasses}, Hint{"emnist-balanced", kClasses},
    Hint{"emnist-by", kClasses},      Hint{"k49", kClasses},
    Hint{".zip", kPacked},            Hint{".tar", kPacked},
    Hint{".tgz", kPacked},            Hint{".7z", kPacked},
    Hint{".rar", kPacked},            Hint{".xz", kPacked},
    Hint{"idx1", kNames},             Hint{"idx3", kNames},
    Hint{"ubyte", kNames},            Hint{"t10k", kNames},
    Hint{".csv", kForm},              Hint{".arff", kForm},
    Hint{".npz", kForm},              Hint{".npy", kForm},
    Hint{".mat", kForm},              Hint{".parquet", kForm},
    Hint{".png", kForm},              Hint{".jp", kForm},
    Hint{".bmp", kForm},              Hint{".pt", kForm},
    Hint{".pkl", kForm},              Hint{".pickle", kForm},
    Hint{".h5", kForm},               Hint{".hdf5", kForm},
    Hint{".arrow", kForm},            Hint{".tfrecord", kForm},
    Hint{".gz", kPacked},
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

}  // namespace

NearMisses find_near_misses(const fs::path& dir) {
  constexpr int kMostEntries = 1000;
  constexpr int kDeepest = 3;
  std::error_code ignored;
  if (!fs::exists(dir, ignored)) return {" (no such folder)", ""};
  if (!fs::is_directory(dir, ignored)) {
    return {" (a file)", "give the folder that the unpacked files are in"};
  }
  std::vector<std::string> sets;
  std::vector<std::string> files;
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
  for (const Hint& hint : kHints) {
    std::vector<std::string> fitting;
    std::copy_if(files.begin(), files.end(), std::back_inserter(fitting),
                 [&](const std::string& file) {
                   return small_letters(file).find(hint.part) != std::string::npos;
                 });
    if (!fitting.empty()) return {list_of(fitting), hint.remedy};
  }
  return {};
}

}  // namespace mnist
